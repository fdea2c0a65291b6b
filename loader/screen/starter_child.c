// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it reads decides nothing but which of its interfaces, which program by name, which reason by
 * number, and some letters of a file's name. All else of the command is fixed from the start.
 */
#include "screen/starter_child.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_ARGUMENTS 64
#define MOST_NAMES 100	     /* of files within a second */
#define MOST_DESCRIPTORS 256 /* of a process that has not begun */
#define TOOL "xdpdrop-capture"

struct started {
	__u32 id; /* 0: none */
	pid_t pid;
	int messages; /* its standard error */
	char file[128];
	char line[200]; /* the present one */
	size_t used;
	char error[200];   /* its last message */
	char written[100]; /* "N frames written" */
};

struct starter_child {
	const struct starter_config *config;
	int fd, signals;
	int terminal;	     /* a copy of standard output, -1: it is not to be restored */
	bool ends;	     /* all captures, and then this process */
	char tool[PATH_MAX]; /* path of xdpdrop-capture */
	struct started started[STARTER_CAPTURES];
};

static void starter_tell(const struct starter_child *child, __u32 id, bool ended, bool failed,
			 const char *text, const char *more)
{
	struct starter_event event = { .id = id, .ended = ended, .failed = failed };

	snprintf(event.text, sizeof(event.text), "%s%s%s", text, *more ? ": " : "", more);
	/* the parent may have gone */
	if (write(child->fd, &event, sizeof(event)) < 0)
		errno = 0;
}

/* Beside this program, so that one version goes with the other. */
static void starter_find_tool(struct starter_child *child)
{
	ssize_t length = readlink("/proc/self/exe", child->tool, sizeof(child->tool) - 1);
	char *slash;

	child->tool[length < 0 ? 0 : length] = '\0';
	slash = strrchr(child->tool, '/');
	if (slash && slash + 1 + sizeof(TOOL) <= child->tool + sizeof(child->tool))
		strcpy(slash + 1, TOOL);
	else
		child->tool[0] = '\0';
}

/* Is @name one of @list, which has commas between names? */
static bool starter_is_listed(const char *name, const char *list)
{
	size_t length = strlen(name);

	if (!strcmp(name, list))
		return true;
	for (const char *at = list; length && (at = strstr(at, name)); at++)
		if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

/* The kernel allows no other bytes in a program's name, and C in a function's. */
static bool starter_is_program(const char *name)
{
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_' && *name != '.')
			return false;
	return true;
}

/* Whatever the request has, its strings end, and name what may be captured. */
static bool starter_is_valid(const struct starter_child *child, struct starter_request *request)
{
	return memchr(request->ifname, '\0', sizeof(request->ifname)) &&
	       memchr(request->program, '\0', sizeof(request->program)) &&
	       memchr(request->reason, '\0', sizeof(request->reason)) &&
	       starter_is_listed(request->ifname, child->config->ifname) &&
	       !strchr(request->ifname, '/') && starter_is_program(request->program);
}

/* Letters that are safe in every shell; others become '_'. */
static void starter_make_safe(char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-')
			*text = '_';
}

/* A name that no file has. Returns false if there is none. */
static bool starter_name_file(struct started *started, const struct starter_request *request)
{
	struct starter_request safe = *request;
	char when[32];
	struct tm tm;
	time_t now = time(NULL);
	struct stat st;

	starter_make_safe(safe.ifname);
	starter_make_safe(safe.reason);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
	for (int n = 1; n <= MOST_NAMES; n++) {
		char more[16] = "";

		if (n > 1)
			snprintf(more, sizeof(more), "-%d", n);
		snprintf(started->file, sizeof(started->file), "xdpdrop-%s-%.40s-%s%s.pcapng",
			 safe.ifname, safe.reason, when, more);
		if (lstat(started->file, &st) && errno == ENOENT)
			return true;
	}
	return false;
}

struct command {
	const char *argument[MOST_ARGUMENTS + 1];
	int count;
	char number[16];
};

static void starter_add(struct command *command, const char *argument)
{
	if (command->count < MOST_ARGUMENTS)
		command->argument[command->count++] = argument;
}

static void starter_make_command(struct command *command, const struct starter_child *child,
				 const struct starter_request *request, const char *file)
{
	*command = (struct command){ .count = 0 };
	starter_add(command, TOOL);
	for (int i = 0; child->config->options && child->config->options[i]; i++)
		starter_add(command, child->config->options[i]);
	if (request->program[0]) {
		starter_add(command, "--program");
		starter_add(command, request->program);
	}
	/* the last list of actions is the one that counts */
	if (request->exceptions) {
		starter_add(command, "--actions");
		starter_add(command, "exception");
	}
	if (!request->any_reason) {
		snprintf(command->number, sizeof(command->number), "%u", request->number);
		starter_add(command, "--reason");
		starter_add(command, command->number);
	}
	starter_add(command, "--");
	starter_add(command, request->ifname);
	starter_add(command, file);
	if (child->config->filter)
		starter_add(command, child->config->filter);
}

/* In the process that becomes the capture. It ends with @parent, which may be dead already. */
static void starter_execute(const struct starter_child *child, const struct command *command,
			    int messages, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGINT);
	if (getppid() == parent && dup2(messages, STDERR_FILENO) == STDERR_FILENO &&
	    !sigprocmask(SIG_SETMASK, &none, NULL))
		execv(child->tool, (char *const *)command->argument);
	dprintf(messages, TOOL ": cannot start %s: %s\n", child->tool, strerror(errno));
	_exit(1);
}

static struct started *starter_child_find(struct starter_child *child, __u32 id)
{
	for (int i = 0; i < STARTER_CAPTURES; i++)
		if (child->started[i].id == id)
			return &child->started[i];
	return NULL;
}

static int starter_fork(struct starter_child *child, struct started *started,
			const struct command *command)
{
	const pid_t parent = getpid();
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC))
		return -errno;
	started->pid = fork();
	if (!started->pid)
		starter_execute(child, command, pipe_fds[1], parent);
	close(pipe_fds[1]);
	if (started->pid < 0) {
		close(pipe_fds[0]);
		return -errno;
	}
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	started->messages = pipe_fds[0];
	return 0;
}

static void starter_begin(struct starter_child *child, struct starter_order *order)
{
	struct started *started = starter_child_find(child, 0);
	struct command command;
	int err;

	if (!order->id || !started || !starter_is_valid(child, &order->request)) {
		starter_tell(child, order->id, true, true, "no capture can be started of this row",
			     "");
		return;
	}
	*started = (struct started){ .messages = -1 };
	if (!starter_name_file(started, &order->request)) {
		starter_tell(child, order->id, true, true, "there is no name for the file",
			     strerror(errno));
		return;
	}
	starter_make_command(&command, child, &order->request, started->file);
	err = starter_fork(child, started, &command);
	if (err)
		starter_tell(child, order->id, true, true, "cannot start a capture",
			     strerror(-err));
	else
		started->id = order->id;
}

static void starter_interrupt(const struct starter_child *child, __u32 id)
{
	for (int i = 0; i < STARTER_CAPTURES; i++)
		if (child->started[i].id && (!id || child->started[i].id == id))
			kill(child->started[i].pid, SIGINT);
}

static void starter_take_line(struct starter_child *child, struct started *started)
{
	const char *line = started->line;
	size_t length = strlen(line);

	if (!strncmp(line, "listening on ", 13))
		starter_tell(child, started->id, false, false, "capturing into", started->file);
	else if (!strncmp(line, TOOL ": ", sizeof(TOOL ": ") - 1))
		snprintf(started->error, sizeof(started->error), "%s",
			 line + sizeof(TOOL ": ") - 1);
	else if (length > 8 && !strcmp(line + length - 8, " written"))
		snprintf(started->written, sizeof(started->written), "%.99s", line);
}

static void starter_read_messages(struct starter_child *child, struct started *started)
{
	char text[512];
	ssize_t size;

	while ((size = read(started->messages, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < size; i++) {
			if (text[i] != '\n' && started->used < sizeof(started->line) - 1)
				started->line[started->used++] = text[i];
			if (text[i] != '\n')
				continue;
			started->line[started->used] = '\0';
			started->used = 0;
			starter_take_line(child, started);
		}
	}
}

static void starter_close_messages(struct started *started)
{
	if (started->messages >= 0)
		close(started->messages);
	started->messages = -1;
}

static void starter_reap(struct starter_child *child)
{
	int status;

	for (int i = 0; i < STARTER_CAPTURES; i++) {
		struct started *started = &child->started[i];
		bool failed;

		if (!started->id || waitpid(started->pid, &status, WNOHANG) <= 0)
			continue;
		starter_read_messages(child, started);
		failed = !WIFEXITED(status) || WEXITSTATUS(status);
		starter_tell(child, started->id, true, failed,
			     failed ? "no capture" : started->file,
			     !failed	       ? started->written :
			     started->error[0] ? started->error :
						 "it was killed");
		starter_close_messages(started);
		started->id = 0;
	}
}

static bool starter_is_idle(const struct starter_child *child)
{
	for (int i = 0; i < STARTER_CAPTURES; i++)
		if (child->started[i].id)
			return false;
	return true;
}

/* The parent was killed while its screen was on. */
static void starter_restore_terminal(struct starter_child *child)
{
	const char *restore = child->config->restore;

	if (child->terminal >= 0 && write(child->terminal, restore, strlen(restore)) < 0)
		errno = 0;
}

static void starter_end_all(struct starter_child *child)
{
	if (!child->ends)
		starter_interrupt(child, 0);
	child->ends = true;
}

static void starter_take_order(struct starter_child *child)
{
	struct starter_order order;
	ssize_t size = read(child->fd, &order, sizeof(order));

	if (size < 0 && errno == EINTR)
		return;
	if (size <= 0)
		starter_restore_terminal(child);
	if (size != sizeof(order) || order.command == STARTER_END_ALL)
		starter_end_all(child);
	else if (order.command == STARTER_BEGIN)
		starter_begin(child, &order);
	else if (order.command == STARTER_END && order.id)
		starter_interrupt(child, order.id);
}

static void starter_wait(struct starter_child *child)
{
	struct pollfd fd[2 + STARTER_CAPTURES] = {
		{ .fd = child->ends ? -1 : child->fd, .events = POLLIN },
		{ .fd = child->signals, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	for (int i = 0; i < STARTER_CAPTURES; i++)
		fd[2 + i] = (struct pollfd){
			.fd = child->started[i].id ? child->started[i].messages : -1,
			.events = POLLIN,
		};
	if (poll(fd, 2 + STARTER_CAPTURES, -1) < 0)
		return;
	for (int i = 0; i < STARTER_CAPTURES; i++) {
		if (fd[2 + i].revents & POLLIN)
			starter_read_messages(child, &child->started[i]);
		else if (fd[2 + i].revents)
			starter_close_messages(&child->started[i]);
	}
	if (fd[1].revents && read(child->signals, &info, sizeof(info)) > 0)
		starter_reap(child);
	if (fd[0].revents)
		starter_take_order(child);
}

/* The terminal is the parent's: neither its signals nor its descriptors are wanted here. */
static void starter_detach(struct starter_child *child)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t set;

	setsid();
	prctl(PR_SET_NAME, "xdpdrop-starter");
	child->terminal = *child->config->restore ?
				  fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) :
				  -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	/* sockets and files that the parent has opened so far */
	for (int fd = STDERR_FILENO + 1; fd < MOST_DESCRIPTORS; fd++)
		if (fd != child->fd && fd != child->terminal)
			close(fd);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* if it was ignored, no child would be reaped here */
	signal(SIGCHLD, SIG_DFL);
	child->signals = signalfd(-1, &set, SFD_CLOEXEC);
}

void starter_child_run(int fd, const struct starter_config *config)
{
	struct starter_child child = { .config = config, .fd = fd };

	starter_find_tool(&child);
	starter_detach(&child);
	while (child.signals >= 0 && !(child.ends && starter_is_idle(&child)))
		starter_wait(&child);
	_exit(0);
}
