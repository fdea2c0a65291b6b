// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FIFO is open for writing here, too: so it does not end when its last writer closes it.
 */
#include "capture/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/text.h"

#define SNAPSHOT "snapshot"
#define DEFAULT_NAME "control"

int commands_open(struct commands *commands, const char *path, const char **why)
{
	struct stat st;

	*commands = (struct commands){ .fd = -1 };
	if (!path)
		return 0;
	commands->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (commands->fd < 0) {
		*why = strerror(errno);
		return -errno;
	}
	if (!fstat(commands->fd, &st) && S_ISFIFO(st.st_mode))
		return 0;
	commands_close(commands);
	*why = "it is no FIFO; make one with mkfifo";
	return -EINVAL;
}

/* A signal may have asked for one in this tick: then this one is of the next tick. */
static void commands_ask(struct commands *commands, struct xdpdrop *session, const char *name)
{
	if (name != commands->name)
		snprintf(commands->name, sizeof(commands->name), "%s", name);
	commands->named = true;
	commands->waiting = xdpdrop_snapshot(session, commands->name) == -EBUSY;
}

static void commands_carry_out(struct commands *commands, struct xdpdrop *session,
			       struct progress *progress, __u64 now_ms)
{
	const char *line = commands->line, *name = line + strlen(SNAPSHOT " ");

	if (!strcmp(line, "ping")) {
		progress_answer(progress, "ping", now_ms);
	} else if (!strcmp(line, SNAPSHOT)) {
		commands_ask(commands, session, DEFAULT_NAME);
	} else if (!strncmp(line, SNAPSHOT " ", strlen(SNAPSHOT " ")) && *name) {
		commands_ask(commands, session, name);
	} else {
		text_clean(commands->line);
		report_message(progress->report, XDPDROP_LOG_WARN,
			       "'%.64s' is no command of --control, only snapshot [NAME], ping",
			       line);
	}
}

/* A line that is too long is none. */
static void commands_take(struct commands *commands, char byte, struct xdpdrop *session,
			  struct progress *progress, __u64 now_ms)
{
	if (byte != '\n') {
		commands->skip |= commands->length == COMMANDS_LINE - 1;
		if (!commands->skip)
			commands->line[commands->length++] = byte;
		return;
	}
	commands->line[commands->length] = '\0';
	if (commands->skip)
		report_message(progress->report, XDPDROP_LOG_WARN,
			       "a command of more than %d characters is ignored",
			       COMMANDS_LINE - 1);
	else if (commands->length)
		commands_carry_out(commands, session, progress, now_ms);
	commands->length = 0;
	commands->skip = false;
}

static void commands_read(struct commands *commands)
{
	ssize_t length = read(commands->fd, commands->bytes, sizeof(commands->bytes));

	commands->used = 0;
	commands->count = length > 0 ? length : 0;
}

/*
 * One buffer a tick: a flood of commands does not hold up the capture. And one snapshot, because
 * the library takes one in each poll.
 */
void commands_tick(struct commands *commands, struct xdpdrop *session, struct progress *progress,
		   __u64 now_ms)
{
	if (commands->fd >= 0 && commands->used == commands->count)
		commands_read(commands);
	commands->named = false;
	if (commands->waiting)
		commands_ask(commands, session, commands->name);
	while (commands->used < commands->count && !commands->named)
		commands_take(commands, commands->bytes[commands->used++], session, progress,
			      now_ms);
}

void commands_close(struct commands *commands)
{
	if (commands->fd >= 0)
		close(commands->fd);
	commands->fd = -1;
}
