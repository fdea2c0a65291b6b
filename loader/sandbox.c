// SPDX-License-Identifier: GPL-2.0-only
/*
 * A seccomp filter, written as the kernel takes it: what it allows is a list of numbers, which
 * needs no library. Calls that the C library makes by the way, and can do without, get EPERM.
 */
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static const unsigned int allowed[] = {
	/* files, sockets and rings, all of them open */
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_lseek,
	SYS_fsync,
	SYS_fdatasync,
	SYS_ftruncate,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat,
	SYS_fcntl,
	SYS_recvmsg,
	SYS_sendmsg,
	SYS_sendto,
	SYS_epoll_ctl,
	SYS_epoll_pwait,
	SYS_ppoll,
#ifdef SYS_poll
	SYS_poll,
	SYS_epoll_wait,
#endif
	/* memory: see below for what may not be executed */
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	/* time and signals */
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_gettimeofday,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	/* processes: its own children's end, and its own */
	SYS_wait4,
	SYS_waitid,
	SYS_exit,
	SYS_exit_group,
	SYS_futex,
	SYS_getpid,
	SYS_gettid,
	SYS_tgkill,
	SYS_getrandom,
};

/* That a file is empty and may go; that a child is to continue; what a terminal is like. */
static const unsigned int refused[] = {
	SYS_kill,
	SYS_unlinkat,
	SYS_ioctl,
#ifdef SYS_unlink
	SYS_unlink,
#endif
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LOAD(field)                                                                                \
	((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                    \
				      offsetof(struct seccomp_data, field)))
#define RETURN(value) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value))
/* Unless the comparison with @value holds, skip the next instruction. */
#define IF(comparison, value)                                                                      \
	((struct sock_filter)BPF_JUMP(BPF_JMP | (comparison) | BPF_K, value, 0, 1))
/* Unless it is call @number, skip so many. */
#define IF_CALL(number, skipped)                                                                   \
	((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, skipped))

struct program {
	unsigned short count;
	struct sock_filter code[256];
};

static void sandbox_add(struct program *program, struct sock_filter instruction)
{
	program->code[program->count++] = instruction;
}

/* Which @call may use memory with these protections: none that executes. */
static void sandbox_no_execution(struct program *program, unsigned int call)
{
	sandbox_add(program, IF_CALL(call, 4));
	sandbox_add(program, LOAD(args[2]));
	sandbox_add(program, IF(BPF_JSET, PROT_EXEC));
	sandbox_add(program, RETURN(SECCOMP_RET_KILL_PROCESS));
	sandbox_add(program, RETURN(SECCOMP_RET_ALLOW));
}

static void sandbox_write(struct program *program)
{
	sandbox_add(program, LOAD(nr));
	for (size_t i = 0; i < COUNT(allowed); i++) {
		sandbox_add(program, IF(BPF_JEQ, allowed[i]));
		sandbox_add(program, RETURN(SECCOMP_RET_ALLOW));
	}
	for (size_t i = 0; i < COUNT(refused); i++) {
		sandbox_add(program, IF(BPF_JEQ, refused[i]));
		sandbox_add(program, RETURN(SECCOMP_RET_ERRNO | EPERM));
	}
	sandbox_no_execution(program, SYS_mmap);
	sandbox_no_execution(program, SYS_mprotect);
	sandbox_add(program, RETURN(SECCOMP_RET_KILL_PROCESS));
}

#if !defined(ARCHITECTURE) || defined(__SANITIZE_ADDRESS__)

/* The sanitizers open files and start processes of their own. */
int sandbox_enter(void)
{
	(void)sandbox_write;
	return 0;
}

#else

int sandbox_enter(void)
{
	struct program program = { 0 };
	struct sock_fprog filter = { .filter = program.code };

	/* numbers mean something else to another architecture's entry */
	sandbox_add(&program, LOAD(arch));
	sandbox_add(&program,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
	sandbox_add(&program, RETURN(SECCOMP_RET_KILL_PROCESS));
	sandbox_write(&program);
	filter.len = program.count;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) ? -errno : 0;
}

#endif
