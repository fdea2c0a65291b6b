// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes on lines as control messages: 'T', the length of the rest in 3 bytes, the number of the
 * control, a command, and the text.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/text.h"
#include "extcap/extcap_log.h"

#define LINE_SIZE 2048
#define COMMAND_ADD 2
#define HEADER_SIZE 6
/* A message is written at once or not at all. */
_Static_assert(HEADER_SIZE + LINE_SIZE < PIPE_BUF, "control message");

struct extcap_log {
	int toolbar;
	int messages; /* end of a pipe */
	pid_t pid;
	int pidfd;
	char line[LINE_SIZE]; /* not complete yet */
	size_t used;
	FILE *errors; /* in memory: what the program has reported as an error */
	char *error_text;
	size_t error_size;
};

static volatile pid_t signalled;

static void extcap_log_on_signal(int signal)
{
	kill(signalled, signal);
}

static void extcap_log_pass_signals(pid_t pid)
{
	struct sigaction action = { .sa_handler = extcap_log_on_signal, .sa_flags = SA_RESTART };

	signalled = pid;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* A toolbar that does not read loses messages; the capture does not wait for it. */
static void extcap_log_put_message(const struct extcap_log *log, const char *text)
{
	char message[HEADER_SIZE + LINE_SIZE] = "T";
	size_t length = strlen(text);

	message[2] = (length + 2) >> 8;
	message[3] = length + 2;
	message[5] = COMMAND_ADD;
	memcpy(message + HEADER_SIZE, text, length);
	if (write(log->toolbar, message, HEADER_SIZE + length) < 0)
		return;
}

/* "xdpdrop-capture: message" is an error, unless "warning:" follows; counters have no prefix. */
static bool extcap_log_is_error(const char *line, const char *program)
{
	size_t length = strlen(program);

	return !strncmp(line, program, length) && !strncmp(line + length, ": ", 2) &&
	       strncmp(line + length + 2, "warning: ", strlen("warning: "));
}

static void extcap_log_put_line(struct extcap_log *log, const char *program)
{
	log->line[log->used++] = '\n';
	log->line[log->used] = '\0';
	extcap_log_put_message(log, log->line);
	if (extcap_log_is_error(log->line, program) && ftell(log->errors) < LINE_SIZE)
		fputs(log->line, log->errors);
	log->used = 0;
}

/* Returns false at the end of the messages, or if there are none now. */
static bool extcap_log_read_messages(struct extcap_log *log, const char *program)
{
	char data[LINE_SIZE];
	ssize_t length = read(log->messages, data, sizeof(data));

	for (ssize_t i = 0; i < length; i++) {
		if (data[i] == '\n' || log->used == sizeof(log->line) - 2)
			extcap_log_put_line(log, program);
		if (data[i] != '\n' && data[i])
			log->line[log->used++] = data[i];
	}
	return length > 0;
}

/* Until the program ends: its watchdog may keep the pipe open for longer. */
static int extcap_log_follow(struct extcap_log *log, const char *program)
{
	struct pollfd polled[] = { { .fd = log->messages, .events = POLLIN },
				   { .fd = log->pidfd, .events = POLLIN } };
	int status;

	while (!polled[1].revents) {
		if (poll(polled, 2, -1) < 0)
			continue;
		if (polled[0].revents && !extcap_log_read_messages(log, program))
			polled[0].fd = -1;
	}
	while (extcap_log_read_messages(log, program))
		;
	while (waitpid(log->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static void extcap_log_start_in_child(const char *path, char *const *argv, int messages)
{
	dup2(messages, STDERR_FILENO);
	execv(path, argv);
	dprintf(STDERR_FILENO, "%s: cannot start %s: %s\n", argv[0], path, strerror(errno));
	_exit(EXIT_FAILURE);
}

static int extcap_log_start(struct extcap_log *log, const char *path, char *const *argv)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	log->messages = ends[0];
	fcntl(log->messages, F_SETFL, O_NONBLOCK);
	log->pid = fork();
	if (log->pid < 0)
		return -errno;
	if (!log->pid)
		extcap_log_start_in_child(path, argv, ends[1]);
	close(ends[1]);
	extcap_log_pass_signals(log->pid);
	log->pidfd = syscall(SYS_pidfd_open, log->pid, 0);
	return log->pidfd < 0 ? -errno : 0;
}

static int extcap_log_run_capture(struct extcap_log *log, const char *path, char *const *argv,
				  struct report *report)
{
	int err = extcap_log_start(log, path, argv), status;

	if (err) {
		report_error(report, "cannot start %s: %s", path, strerror(-err));
		return EXIT_FAILURE;
	}
	status = extcap_log_follow(log, argv[0]);
	fflush(log->errors);
	if (status)
		fputs(log->error_text, report->stream);
	return status;
}

/* Neither waits for the other end. Wireshark waits until the FIFO of its messages is open. */
int extcap_log_run(const char *path, char *const *argv, const char *in, const char *out,
		   struct report *report)
{
	struct extcap_log log = { .toolbar = open(out, O_RDWR | O_NONBLOCK | O_CLOEXEC) };
	int ignored = in ? open(in, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1, status;

	if (log.toolbar < 0 || (in && ignored < 0)) {
		report_error(report, "cannot open '%s': %s", log.toolbar < 0 ? out : in,
			     strerror(errno));
		return EXIT_FAILURE;
	}
	log.errors = open_memstream(&log.error_text, &log.error_size);
	if (!log.errors) {
		report_error(report, "out of memory");
		return EXIT_FAILURE;
	}
	status = extcap_log_run_capture(&log, path, argv, report);
	fclose(log.errors);
	free(log.error_text);
	return status;
}
