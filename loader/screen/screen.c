// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the terminal, from begin() to end(). It is in raw mode, so that Ctrl-C and Ctrl-Z are keys:
 * as signals they would also reach the processes that keep the session armed.
 */
#include "screen/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "screen/screen_draw.h"
#include "screen/screen_log.h"
#include "screen/screen_paint.h"

#define ESCAPE_MS 25	  /* in which a sequence of a key arrives as a whole */
#define MOST_KEYS 200	  /* between two looks at the session */
#define MESSAGE_UPDATES 8 /* for which a message is shown */

struct screen {
	struct screen_config config;
	struct screen_model model;
	struct screen_style style;
	struct screen_log log;
	SCREEN *terminal; /* NULL: it is not ours */
	char message[256];
	unsigned int message_age; /* in updates */
};

static volatile sig_atomic_t screen_stops, screen_continued;

static void screen_on_stop(int signal)
{
	(void)signal;
	screen_stops = 1;
}

static void screen_on_continue(int signal)
{
	(void)signal;
	screen_continued = 1;
}

static void screen_handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* A new message, and how long it is shown. */
static void screen_take_message(struct screen *screen)
{
	if (screen->log.last[0]) {
		memcpy(screen->message, screen->log.last, sizeof(screen->message));
		screen->log.last[0] = '\0';
		screen->message_age = 0;
	}
	if (screen->message_age > MESSAGE_UPDATES)
		screen->message[0] = '\0';
}

static void screen_show(struct screen *screen)
{
	if (screen->config.starter)
		starter_tick(screen->config.starter, screen->config.report);
	screen_take_message(screen);
	screen->style.status = screen->message;
	screen_draw(&screen->model, &screen->style);
}

static int screen_begin(void *data, const struct monitor_table *table)
{
	struct screen *screen = data;
	const char *no_color = getenv("NO_COLOR");
	int err;

	err = screen_log_open(&screen->log, screen->config.report);
	if (err)
		return err;
	screen->terminal = newterm(NULL, stdout, stdin);
	if (!screen->terminal)
		return -ENOTTY;
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	screen->style.colors = has_colors() && !(no_color && *no_color);
	screen_paint_open(screen->style.colors);
	screen_handle(SIGTSTP, screen_on_stop);
	screen_handle(SIGCONT, screen_on_continue);
	err = screen_model_update(&screen->model, table);
	if (!err)
		screen_show(screen);
	return err;
}

/* The size may have changed while the process was stopped. */
static void screen_resume(void)
{
	struct winsize size;

	screen_continued = 0;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

/* Stop this process alone: the shell takes the terminal back. */
static void screen_stop(void)
{
	screen_stops = 0;
	endwin();
	screen_handle(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	screen_handle(SIGTSTP, screen_on_stop);
	screen_resume();
}

static unsigned int screen_translate(int key)
{
	switch (key) {
	case KEY_UP:
		return SCREEN_KEY_UP;
	case KEY_DOWN:
		return SCREEN_KEY_DOWN;
	case KEY_PPAGE:
		return SCREEN_KEY_PAGE_UP;
	case KEY_NPAGE:
		return SCREEN_KEY_PAGE_DOWN;
	case KEY_HOME:
		return SCREEN_KEY_HOME;
	case KEY_END:
		return SCREEN_KEY_END;
	case KEY_ENTER:
	case '\r':
	case '\n':
		return SCREEN_KEY_ENTER;
	case '\033':
		return SCREEN_KEY_ESCAPE;
	case KEY_BACKSPACE:
	case '\b':
	case 0x7f:
		return SCREEN_KEY_BACKSPACE;
	default:
		return key;
	}
}

static int screen_update(void *data, const struct monitor_table *table)
{
	struct screen *screen = data;
	int err = screen_model_update(&screen->model, table);

	screen->message_age++;
	if (!err)
		screen_show(screen);
	return err;
}

/* Has the terminal gone? */
static bool screen_is_gone(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, 0) > 0 && fd.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* Do programs share this row's interface? */
static bool screen_has_programs(const struct screen *screen, const struct monitor_row *row)
{
	for (unsigned int i = 0; i < screen->model.count; i++) {
		const struct monitor_row *other = &screen->model.row[i];

		if (!strcmp(other->interface, row->interface) &&
		    strcmp(other->program, row->program) != 0)
			return true;
	}
	return false;
}

/* Only hooks and tags have reasons. */
static struct starter_request screen_request(const struct screen *screen,
					     const struct monitor_row *row)
{
	struct starter_request request = {
		.number = row->number,
		.any_reason = strcmp(row->tap, "hook") != 0 && strcmp(row->tap, "tag") != 0,
		.exceptions = !strcmp(row->tap, "exception"),
	};

	snprintf(request.ifname, sizeof(request.ifname), "%s", row->interface);
	snprintf(request.reason, sizeof(request.reason), "%s",
		 request.exceptions	       ? "exceptions" :
		 strcmp(row->reason, "-") != 0 ? row->reason :
		 request.any_reason	       ? "all" :
						 "none");
	if (strcmp(row->program, "-") != 0 && screen_has_programs(screen, row))
		snprintf(request.program, sizeof(request.program), "%s", row->program);
	return request;
}

static bool screen_is_captured(const void *data, const struct monitor_row *row)
{
	const struct screen *screen = data;
	const struct starter_request request = screen_request(screen, row);

	return screen->config.starter && starter_is_running(screen->config.starter, &request);
}

/* Key c. */
static void screen_capture(struct screen *screen)
{
	const struct monitor_row *row = screen_model_selected(&screen->model);
	struct starter_request request;
	int err;

	if (!screen->config.starter) {
		report_info(screen->config.report, "no captures can be started here");
		return;
	}
	if (row->others) {
		report_info(screen->config.report,
			    "row \"other\" sums up reasons, and a capture is of one: select "
			    "another row");
		return;
	}
	if (!strcmp(row->tap, "wrap")) {
		report_info(screen->config.report,
			    "tap wrap serves one tool at a time: end this monitor, then capture");
		return;
	}
	request = screen_request(screen, row);
	err = starter_toggle(screen->config.starter, &request);
	if (err == -EBUSY)
		report_info(screen->config.report, "%u captures run: end one of them before",
			    STARTER_CAPTURES);
	else if (err)
		report_error(screen->config.report, "cannot start a capture: %s", strerror(-err));
	else
		report_info(screen->config.report, "%s the capture of %s",
			    starter_is_running(screen->config.starter, &request) ? "starting" :
										   "ending",
			    request.reason);
}

static int screen_take_key(struct screen *screen, int key)
{
	switch (screen_model_key(&screen->model, screen_translate(key))) {
	case SCREEN_QUIT:
		return -EINTR;
	case SCREEN_STOP:
		screen_stop();
		break;
	case SCREEN_CAPTURE:
		screen_capture(screen);
		break;
	case SCREEN_REDRAW:
		clearok(curscr, TRUE);
		break;
	default:
		break;
	}
	return 0;
}

static int screen_input(void *data, const struct monitor_table *table)
{
	struct screen *screen = data;
	int key, err = 0;

	if (screen_is_gone())
		return -EINTR;
	if (screen_stops)
		screen_stop();
	if (screen_continued)
		screen_resume();
	for (int i = 0; !err && i < MOST_KEYS && (key = getch()) != ERR; i++)
		err = screen_take_key(screen, key);
	if (err)
		return err;
	screen_show(screen);
	(void)table;
	return 0;
}

static int screen_end(void *data, const struct monitor_table *table)
{
	struct screen *screen = data;

	(void)table;
	if (screen->terminal) {
		endwin();
		delscreen(screen->terminal);
		screen->terminal = NULL;
		screen_handle(SIGTSTP, SIG_DFL);
		screen_handle(SIGCONT, SIG_DFL);
	}
	screen_log_close(&screen->log);
	if (screen->config.starter)
		starter_close(screen->config.starter, screen->config.report);
	return 0;
}

int screen_new(struct screen **screen, const struct screen_config *config,
	       struct monitor_view *view)
{
	struct screen *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	/* numbers stay as they are */
	setlocale(LC_CTYPE, "");
	new->config = *config;
	new->model.talkers = config->talkers;
	new->style.ifname = config->ifname;
	new->style.captures = config->starter;
	new->style.is_captured = screen_is_captured;
	new->style.data = new;
	new->style.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	*view = (struct monitor_view){ .data = new,
				       .fd = STDIN_FILENO,
				       .begin = screen_begin,
				       .update = screen_update,
				       .input = screen_input,
				       .end = screen_end };
	*screen = new;
	return 0;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	screen_end(screen, NULL);
	screen_model_free(&screen->model);
	free(screen);
}
