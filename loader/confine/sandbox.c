// SPDX-License-Identifier: GPL-2.0-only
/*
 * A seccomp filter, created by libseccomp. Calls that the C library makes but can do without fail
 * with EPERM. Any call not listed here kills the process.
 */
#include "confine/sandbox.h"

#include <asm/termbits.h>
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/*
 * libseccomp skips calls that the architecture does not have. Calls with a number in their name
 * exist on 32-bit architectures.
 */
static const int allowed[] = {
	/* open files, sockets and rings */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(_llseek),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(ftruncate64),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fstatfs64),
	SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	/* memory: see below for executable mappings */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* time and signals */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_getres_time64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn),
	SCMP_SYS(restart_syscall),
	/* processes: waiting for children, and exit */
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(getrandom),
};

/* The same of listening sockets. A client's socket is written by sendto(). */
static const int allowed_to_listeners[] = {
	SCMP_SYS(accept4),
	SCMP_SYS(recvfrom),
};

/* Of sockets that libmicrohttpd has accepted. */
static const int allowed_to_http[] = {
	SCMP_SYS(shutdown),    SCMP_SYS(setsockopt),  SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername),
};

/* Of a thread that begins, which shares everything with this process; see below. */
static const int allowed_to_threads[] = {
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
};

/* The argument of clone() with its flags. */
#ifdef __s390x__
#define SANDBOX_CLONE_FLAGS 1
#else
#define SANDBOX_CLONE_FLAGS 0
#endif

/* Used to remove an empty file, and to continue a child. */
static const int refused[] = {
	SCMP_SYS(kill),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
};

/*
 * Requests of ioctl() to a terminal: its modes, and its size. Since 2.42, glibc uses those with a 2
 * in their name.
 */
static const uint32_t terminal[] = {
	TCGETS,	 TCSETS,  TCSETSW,  TCSETSF,  TIOCGWINSZ,
#ifdef TCGETS2
	TCGETS2, TCSETS2, TCSETSW2, TCSETSF2,
#endif
};

/* Allowed if the third argument, the protection, does not include PROT_EXEC. */
static const int memory[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect) };

static int sandbox_add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = seccomp_rule_add(filter, action, calls[i], 0);
	return err;
}

/* Without a terminal of one's own, ioctl() is used to find that a file is none. */
static int sandbox_add_ioctl(scmp_filter_ctx filter, bool draws)
{
	int err = 0;

	if (!draws)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 0);
	for (size_t i = 0; !err && i < sizeof(terminal) / sizeof(*terminal); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, terminal[i]));
	return err;
}

/*
 * clone() may make threads, but no processes. The flags of clone3() are in memory, where a filter
 * does not see them: the C library uses clone() where it does not exist. With an arena for each
 * thread, malloc() would read files.
 */
static int sandbox_add_threads(scmp_filter_ctx filter)
{
	int err = sandbox_add_all(filter, SCMP_ACT_ALLOW, allowed_to_threads,
				  sizeof(allowed_to_threads) / sizeof(*allowed_to_threads));

	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 1);
#endif
	return err   ?:
		       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					SCMP_CMP(SANDBOX_CLONE_FLAGS, SCMP_CMP_MASKED_EQ,
						 CLONE_THREAD, CLONE_THREAD));
}

static int sandbox_fill(scmp_filter_ctx filter, unsigned int uses)
{
	int err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	err = err   ?:
		      sandbox_add_all(filter, SCMP_ACT_ALLOW, allowed,
				      sizeof(allowed) / sizeof(*allowed));
	err = err   ?:
		      sandbox_add_all(filter, SCMP_ACT_ERRNO(EPERM), refused,
				      sizeof(refused) / sizeof(*refused));
	if (uses & (SANDBOX_LISTENS | SANDBOX_HTTP))
		err = err   ?:
			      sandbox_add_all(filter, SCMP_ACT_ALLOW, allowed_to_listeners,
					      sizeof(allowed_to_listeners) /
						      sizeof(*allowed_to_listeners));
	err = err ?: sandbox_add_ioctl(filter, uses & SANDBOX_DRAWS);
	if (uses & SANDBOX_HTTP)
		err = err   ?:
			      sandbox_add_all(filter, SCMP_ACT_ALLOW, allowed_to_http,
					      sizeof(allowed_to_http) / sizeof(*allowed_to_http));
	if (uses & SANDBOX_THREADS)
		err = err ?: sandbox_add_threads(filter);
	for (size_t i = 0; !err && i < sizeof(memory) / sizeof(*memory); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, memory[i], 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return err;
}

static int sandbox_load(unsigned int uses)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? sandbox_fill(filter, uses) : -ENOMEM;

#ifndef __SANITIZE_ADDRESS__
	/* the sanitizers open files and start processes */
	err = err ?: seccomp_load(filter);
#endif
	seccomp_release(filter);
	return err;
}

/* A kernel, or a container, may be without. */
int sandbox_enter(unsigned int uses, struct report *report)
{
	int err = sandbox_load(uses);

	if (!err)
		return 0;
	if (err != -ENOSYS && err != -EINVAL) {
		report_error(report, "cannot limit the system calls: %s", strerror(-err));
		return err;
	}
	report_message(report, XDPDROP_LOG_WARN,
		       "this kernel has no seccomp: the system calls of the process that handles "
		       "frames are not limited");
	return 0;
}
