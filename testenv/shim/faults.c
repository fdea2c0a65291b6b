// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into a tool under test, or linked into it, makes calls fail or die that hardly ever do.
 * Environment:
 *
 *   FAULT         CALL:WHEN:WHAT,... with
 *                 CALL  bpf, ringbuf, load, btf, types (of what is loaded), map (opened by
 *                       its id), tracing, attach (bpf() of that kind; the latter of a program
 *                       that tracing loads),
 *                       write, fsync, ftruncate, close (of what is written), fork (of a process
 *                       or a program), socketpair, send, sendmsg, unlink, clock, answer (of the
 *                       kernel to an attach by netlink)
 *                 WHEN  N: the Nth call, N+: from the Nth on
 *                 WHAT  the name of an errno, short (half is written), kill, abort, interrupt
 *                       (the call works, and SIGINT comes to its process), leak (memory
 *                       is lost), forbid (a socket is opened), refuse (for load: a program that
 *                       was compiled is one that the verifier refuses), or for the clock by how
 *                       many seconds the time of day is off
 *   FAULT_WHEN    path of a file: calls count from the moment in which it is there
 *   FAULT_IN      only in processes that the tool starts and that have this name; else only in
 *                 the tool itself
 *   FAULT_COUNTS  path of a file that gets a line "CALL COUNT" for each call of the tool at
 *                 its end
 *   FAULT_STRUCK  path of a file that is made when a call fails
 *   FAULT_IDS     path of a file that gets a line "prog ID NAME" or "map ID NAME" for
 *                 each one created
 *
 * Nothing is counted, and nothing fails, in the other processes. FAULT_TOOL, which this sets, is
 * the tool's pid.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum call {
	BPF,
	RINGBUF,
	LOAD,
	BTF,
	TYPES,
	MAP,
	TRACING,
	ATTACH,
	WRITE,
	FSYNC,
	FTRUNCATE,
	CLOSE,
	FORK,
	PAIR,
	SEND,
	SENDMSG,
	UNLINK,
	CLOCK,
	ANSWER,
	CALLS
};
static const char *const names[CALLS] = { "bpf",       "ringbuf", "load",   "btf",	  "types",
					  "map",       "tracing", "attach", "write",	  "fsync",
					  "ftruncate", "close",	  "fork",   "socketpair", "send",
					  "sendmsg",   "unlink",  "clock",  "answer" };

enum what { FAIL, SHORT, KILL, ABORT, LEAK, REFUSE, SHIFT, FORBID, INTERRUPT };

static struct {
	unsigned long first, last; /* 0: never */
	enum what what;
	long number; /* errno or seconds */
	unsigned long count;
} faults[CALLS];

static pid_t tool;
static const char *child; /* name, NULL: the tool itself */
static const char *when;  /* path, NULL: from the beginning */
static int counts = -1;

#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

static const struct {
	const char *name;
	int number;
} errnos[] = { { "ENOMEM", ENOMEM },
	       { "EPERM", EPERM },
	       { "ENOENT", ENOENT },
	       { "EIO", EIO },
	       { "ENOSPC", ENOSPC },
	       { "EINTR", EINTR },
	       { "EAGAIN", EAGAIN },
	       { "EINVAL", EINVAL },
	       { "E2BIG", E2BIG },
	       { "EMFILE", EMFILE },
	       { "EBUSY", EBUSY },
	       { "EDQUOT", EDQUOT },
	       { "EFBIG", EFBIG },
	       { "ENOBUFS", ENOBUFS },
	       { "ENODEV", ENODEV },
	       { "ENOSYS", ENOSYS },
	       /* the kernel's own, which no header of libc has */
	       { "ENOTSUPP", 524 } };

static void give_up(const char *text)
{
	fprintf(stderr, "faults.so: do not understand '%s'\n", text);
	_exit(99);
}

static void read_what(int call, const char *what)
{
	char *end;

	if (!strcmp(what, "short"))
		faults[call].what = SHORT;
	else if (!strcmp(what, "kill"))
		faults[call].what = KILL;
	else if (!strcmp(what, "abort"))
		faults[call].what = ABORT;
	else if (!strcmp(what, "forbid"))
		faults[call].what = FORBID;
	else if (!strcmp(what, "interrupt"))
		faults[call].what = INTERRUPT;
	else if (!strcmp(what, "leak"))
		faults[call].what = LEAK;
	else if (!strcmp(what, "refuse") && call == LOAD)
		faults[call].what = REFUSE;
	else if (call == CLOCK) {
		faults[call].what = SHIFT;
		faults[call].number = strtol(what, &end, 10);
		if (*end)
			give_up(what);
	} else {
		for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
			if (!strcmp(what, errnos[i].name))
				faults[call].number = errnos[i].number;
		if (!faults[call].number)
			give_up(what);
	}
}

static void read_fault(char *text)
{
	char *name = strsep(&text, ":"), *when = strsep(&text, ":"), *end;

	for (int call = 0; call < CALLS; call++) {
		if (strcmp(name, names[call]) != 0 || !when || !text)
			continue;
		faults[call].first = strtoul(when, &end, 10);
		faults[call].last = *end == '+' ? ULONG_MAX : faults[call].first;
		read_what(call, text);
		return;
	}
	give_up(name);
}

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAULT"), *path = getenv("FAULT_COUNTS");
	char *copy = strdup(text ? text : ""), *rest = copy, pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("FAULT_TOOL", pid, 0);
	tool = atoi(getenv("FAULT_TOOL"));
	child = getenv("FAULT_IN");
	when = getenv("FAULT_WHEN");
	if (path && getpid() == tool)
		counts = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while (rest && *rest)
		read_fault(strsep(&rest, ","));
	free(copy);
}

__attribute__((destructor)) static void end(void)
{
	for (int call = 0; counts >= 0 && getpid() == tool && call < CALLS; call++)
		dprintf(counts, "%s %lu\n", names[call], faults[call].count);
}

static bool is_chosen(void)
{
	char name[16];

	if (!child)
		return getpid() == tool;
	return getpid() != tool && !prctl(PR_GET_NAME, name) && !strcmp(name, child);
}

static void note_strike(void)
{
	const char *path = getenv("FAULT_STRUCK");

	if (path)
		NEXT(close)(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* More than one block: of the last, an address may still be on the stack. */
static void leak(void)
{
	for (int i = 0; i < 10; i++) {
		char *volatile block = malloc(100);

		*block = 0;
	}
}

/* Count a call; true: it is to fail. Does not return where the process is to die. */
static bool strikes(enum call call)
{
	unsigned long count;

	if (!is_chosen() || (when && stat(when, &(struct stat){ 0 })))
		return false;
	count = __atomic_add_fetch(&faults[call].count, 1, __ATOMIC_RELAXED);
	if (!faults[call].first || count < faults[call].first || count > faults[call].last)
		return false;
	note_strike();
	if (faults[call].what == KILL)
		kill(getpid(), SIGKILL);
	if (faults[call].what == ABORT)
		abort();
	if (faults[call].what == INTERRUPT)
		kill(getpid(), SIGINT);
	if (faults[call].what == LEAK)
		leak();
	if (faults[call].what == FORBID)
		NEXT(close)(socket(AF_INET, SOCK_DGRAM, 0));
	if (faults[call].what == FAIL)
		errno = faults[call].number;
	return faults[call].what != LEAK && faults[call].what != FORBID &&
	       faults[call].what != INTERRUPT;
}

/* Appended at once: the process may not live to tell. */
static void note_id(int command, int fd)
{
	const char *path = getenv("FAULT_IDS");
	struct bpf_map_info map = { 0 };
	struct bpf_prog_info prog = { 0 };
	bool is_map = command == BPF_MAP_CREATE;
	union bpf_attr attr;
	int log;

	/* an initializer need not clear what its member does not cover, and gcc 15 does not */
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = is_map ? sizeof(map) : sizeof(prog);
	attr.info.info = (uintptr_t)(is_map ? (void *)&map : &prog);
	if (!path || fd < 0 || (command != BPF_MAP_CREATE && command != BPF_PROG_LOAD) ||
	    NEXT(syscall)(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)))
		return;
	log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	dprintf(log, "%s %u %s\n", is_map ? "map" : "prog", is_map ? map.id : prog.id,
		is_map ? map.name : prog.name);
	NEXT(close)(log);
}

/* Extensions have no attach type: 0. */
static bool is_tracing_attach(int command, const union bpf_attr *attr)
{
	if (command == BPF_RAW_TRACEPOINT_OPEN)
		return !attr->raw_tracepoint.name;
	return command == BPF_LINK_CREATE &&
	       (attr->link_create.attach_type == BPF_TRACE_FEXIT || !attr->link_create.attach_type);
}

static bool bpf_strikes(int command, const union bpf_attr *attr)
{
	bool struck = strikes(BPF);

	if (command == BPF_MAP_CREATE && attr->map_type == BPF_MAP_TYPE_RINGBUF)
		struck = strikes(RINGBUF) || struck;
	if (command == BPF_BTF_LOAD)
		struck = strikes(BTF) || struck;
	if (command == BPF_BTF_GET_FD_BY_ID)
		struck = strikes(TYPES) || struck;
	if (command == BPF_MAP_GET_FD_BY_ID)
		struck = strikes(MAP) || struck;
	if (command == BPF_PROG_LOAD)
		struck = strikes(LOAD) || struck;
	if (command == BPF_PROG_LOAD &&
	    (attr->prog_type == BPF_PROG_TYPE_TRACING || attr->prog_type == BPF_PROG_TYPE_EXT))
		struck = strikes(TRACING) || struck;
	if (is_tracing_attach(command, attr))
		struck = strikes(ATTACH) || struck;
	return struck;
}

/*
 * What the tool wants to load, but its instructions return a register that was not set. Compiled
 * programs have function infos, what it makes itself has not.
 */
static long load_refused(const union bpf_attr *asked, size_t size)
{
	const struct bpf_insn exit = { .code = BPF_JMP | BPF_EXIT };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memcpy(&attr, asked, size < sizeof(attr) ? size : sizeof(attr));
	if (attr.func_info_cnt) {
		attr.insns = (uintptr_t)&exit;
		attr.insn_cnt = 1;
	}
	attr.func_info_cnt = attr.line_info_cnt = attr.core_relo_cnt = 0;
	return NEXT(syscall)(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

long syscall(long number, ...)
{
	long a[6], result;
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_bpf && bpf_strikes(a[0], (const union bpf_attr *)a[1]))
		return a[0] == BPF_PROG_LOAD && faults[LOAD].what == REFUSE ?
			       load_refused((const union bpf_attr *)a[1], a[2]) :
			       -1;
	result = NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (number == SYS_bpf)
		note_id(a[0], result);
	return result;
}

/* The captured frames' file or pipe, and no other. */
static bool is_output(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	return flags >= 0 && (flags & O_ACCMODE) == O_WRONLY && !fstat(fd, &st) &&
	       (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)) && fd != STDERR_FILENO;
}

ssize_t write(int fd, const void *data, size_t size)
{
	if (!is_output(fd) || !strikes(WRITE))
		return NEXT(write)(fd, data, size);
	if (faults[WRITE].what == SHORT)
		return NEXT(write)(fd, data, (size + 1) / 2);
	return -1;
}

int fsync(int fd)
{
	return strikes(FSYNC) ? -1 : NEXT(fsync)(fd);
}

int ftruncate(int fd, off_t length)
{
	return strikes(FTRUNCATE) ? -1 : NEXT(ftruncate)(fd, length);
}

/* A close() that fails has closed all the same. */
int close(int fd)
{
	bool struck = is_output(fd) && strikes(CLOSE);
	int number = errno, result = NEXT(close)(fd);

	if (!struck)
		return result;
	errno = number;
	return -1;
}

pid_t fork(void)
{
	return strikes(FORK) ? -1 : NEXT(fork)();
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
	if (strikes(FORK))
		return errno;
	return NEXT(posix_spawn)(pid, path, actions, attributes, argv, environment);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
	return strikes(PAIR) ? -1 : NEXT(socketpair)(domain, type, protocol, ends);
}

static int attaching = -1; /* the socket of which an answer is awaited */

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	const struct nlmsghdr *message = data;

	if (size >= sizeof(*message) && message->nlmsg_len == size &&
	    message->nlmsg_type == RTM_SETLINK)
		attaching = fd;
	return strikes(SEND) ? -1 : NEXT(send)(fd, data, size, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return strikes(SENDMSG) ? -1 : NEXT(sendmsg)(fd, message, flags);
}

/* An answer that fails has come, and is lost. */
ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t received = NEXT(recvmsg)(fd, message, flags);
	int number = errno;

	if (fd == attaching && received > 0) {
		attaching = -1;
		if (strikes(ANSWER))
			return -1;
	}
	errno = number;
	return received;
}

int unlink(const char *path)
{
	return strikes(UNLINK) ? -1 : NEXT(unlink)(path);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int result = NEXT(clock_gettime)(id, now);

	if (id == CLOCK_REALTIME && strikes(CLOCK))
		now->tv_sec += faults[CLOCK].number;
	return result;
}
