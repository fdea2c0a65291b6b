// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked into what is built with sanitizers: the library's children end by _exit(), where nobody
 * looks for leaks. With --wrap=_exit they do.
 */
#include <sanitizer/lsan_interface.h>
#include <unistd.h>

void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
	__lsan_do_recoverable_leak_check();
	__real__exit(status);
}
