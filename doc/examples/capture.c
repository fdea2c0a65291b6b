// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <xdpdrop/xdpdrop.h>

static void print(void *data, enum xdpdrop_log_level level, const char *message)
{
	(void)data;
	(void)level;
	fprintf(stderr, "%s\n", message);
}

static int capture(struct xdpdrop *session, time_t seconds)
{
	struct xdpdrop_output output = {
		.size = sizeof(output),
		.fd = STDOUT_FILENO,
	};
	time_t end = time(NULL) + seconds;
	int err;

	xdpdrop_set_log(session, print, NULL, XDPDROP_LOG_WARN);
	err = xdpdrop_set_output(session, &output);
	if (!err)
		err = xdpdrop_activate(session, "eth0", NULL);
	while (err >= 0 && time(NULL) < end)
		err = xdpdrop_poll(session, 100);
	if (err < 0)
		return err;
	return xdpdrop_stop(session);
}

int main(void)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };
	struct xdpdrop *session = NULL;
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = xdpdrop_new(&session);
	if (!err)
		err = capture(session, 10);
	if (!err)
		err = xdpdrop_get_stats(session, &stats);
	if (!err)
		fprintf(stderr, "%llu captured, %llu lost\n", stats.captured, stats.lost);
	xdpdrop_free(session);
	return err ? 1 : 0;
}
