// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-forward: events from standard input to Kafka. Owns the order of steps, and how long each
 * may take.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/steady.h"
#include "confine/privilege.h"
#include "forward/forward_config.h"
#include "forward/forward_lines.h"
#include "forward/forward_producer.h"

#define TICK_MS 100
/* After a signal, for a writer that ends by the same one: a pipeline, or a service. */
#define LAST_READ_MS 1000

/* Also in xdpdrop-forward(8). */
enum status { STATUS_OK, STATUS_FAILED, STATUS_MISUSE, STATUS_MISMATCH };

struct forward {
	struct forward_options options;
	struct forward_count count;
	struct forward_producer producer;
	struct forward_lines lines;
	bool broken;	    /* standard input cannot be read */
	__u64 signalled_ms; /* when the first signal was seen, 0: none was */
};

static volatile sig_atomic_t signals, wants_count;

static void forward_on_signal(int signal)
{
	if (signal == SIGUSR1)
		wants_count = 1;
	else
		signals++;
}

static void forward_install_signals(void)
{
	struct sigaction action = { .sa_handler = forward_on_signal }, hangup;

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGQUIT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	/* nohup */
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Is more than @bound_ms over since the first signal, or was there a second one? */
static bool forward_is_over(struct forward *forward, __u64 bound_ms)
{
	if (!signals)
		return false;
	if (!forward->signalled_ms)
		forward->signalled_ms = steady_ms();
	return signals > 1 || steady_ms() - forward->signalled_ms >= bound_ms;
}

static void forward_answer(struct forward *forward)
{
	if (!wants_count)
		return;
	wants_count = 0;
	forward_say_count(&forward->count, false);
}

/* While the queue is full nothing is read: what writes the events counts those that it loses. */
static void forward_send(struct forward *forward, const struct forward_event *event,
			 const char *line, size_t length)
{
	struct forward_producer *producer = &forward->producer;

	while (!forward_producer_send(producer, event, line, length)) {
		if (producer->fatal ||
		    forward_is_over(forward, LAST_READ_MS + forward->options.flush_ms)) {
			forward_producer_give_up(producer);
			return;
		}
		forward_producer_poll(producer, TICK_MS);
		forward_answer(forward);
	}
}

static void forward_refuse_line(struct forward *forward)
{
	if (!forward->count.bad++)
		forward_say("line %llu of the input is no JSON object; such lines are left out, "
			    "and counted as bad",
			    (unsigned long long)forward->count.read);
}

static void forward_take_lines(struct forward *forward)
{
	struct forward_event event;
	enum forward_line kind;
	size_t length;
	char *line;

	while ((kind = forward_lines_next(&forward->lines, &line, &length)) != FORWARD_NO_LINE) {
		forward->count.read++;
		if (kind == FORWARD_BAD_LINE || !forward_event_read(&event, line))
			forward_refuse_line(forward);
		else
			forward_send(forward, &event, line, length);
	}
}

static void forward_read(struct forward *forward)
{
	struct pollfd input = { .fd = forward->lines.fd, .events = POLLIN };
	int err;

	if (poll(&input, 1, TICK_MS) <= 0)
		return;
	err = forward_lines_fill(&forward->lines);
	if (err) {
		forward_say("cannot read standard input: %s", strerror(-err));
		forward->broken = true;
		return;
	}
	forward_take_lines(forward);
}

static void forward_read_all(struct forward *forward)
{
	while (!forward->lines.ended && !forward->broken && !forward->producer.fatal &&
	       !forward_is_over(forward, LAST_READ_MS)) {
		forward_read(forward);
		forward_producer_poll(&forward->producer, 0);
		forward_answer(forward);
	}
}

/* The second signal ends the waiting; the first one does if the input has ended by itself. */
static void forward_flush(struct forward *forward)
{
	__u64 start_ms = steady_ms();
	int enough = signals ? 2 : 1;

	while (rd_kafka_outq_len(forward->producer.handle) && !forward->producer.fatal &&
	       signals < enough && steady_ms() - start_ms < forward->options.flush_ms) {
		rd_kafka_flush(forward->producer.handle, TICK_MS);
		forward_answer(forward);
	}
	if (forward_producer_waits(&forward->producer))
		forward_producer_purge(&forward->producer);
}

static int forward_judge(const struct forward *forward)
{
	if (forward_producer_waits(&forward->producer)) {
		forward_say("the counts do not add up, which is an error of this program");
		return STATUS_MISMATCH;
	}
	return forward->count.failed || forward->broken || forward->producer.fatal ? STATUS_FAILED :
										     STATUS_OK;
}

static int forward_run(struct forward *forward)
{
	int status;

	forward_lines_open(&forward->lines, STDIN_FILENO);
	forward_read_all(forward);
	forward_flush(forward);
	forward_producer_explain(&forward->producer);
	if (!forward->options.quiet)
		forward_say_count(&forward->count, true);
	status = forward_judge(forward);
	forward_producer_close(&forward->producer);
	return status;
}

static int forward_drop_privileges(const struct forward_options *options)
{
	struct privilege_user user;
	int err = privilege_find(&user, options->user);

	if (!err && !user.keep)
		err = privilege_drop(&user);
	if (!err)
		return STATUS_OK;
	if (err == -ENOENT)
		forward_say("option -Z: there is no user '%.64s'",
			    options->user ? options->user : "nobody");
	else
		forward_say("cannot become user '%.64s': %s; see option -Z",
			    options->user ? options->user : "nobody", strerror(-err));
	return err == -ENOENT ? STATUS_MISUSE : STATUS_FAILED;
}

static int forward_start(struct forward *forward)
{
	struct cmdline_error error;
	rd_kafka_conf_t *conf;
	int status;

	conf = forward_config_make(&forward->options, &error);
	if (!conf) {
		forward_say("%s", error.text);
		return STATUS_MISUSE;
	}
	status = forward_drop_privileges(&forward->options);
	if (status != STATUS_OK) {
		rd_kafka_conf_destroy(conf);
		return status;
	}
	if (forward_producer_open(&forward->producer, conf, forward->options.topic, &forward->count,
				  forward->options.verbose))
		return STATUS_MISUSE;
	return forward_run(forward);
}

static int forward_print(const struct forward_options *options)
{
	if (options->help)
		forward_options_help(stdout);
	else
		printf("xdpdrop-forward %s, librdkafka %s\n", XDPDROP_VERSION,
		       rd_kafka_version_str());
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	forward_say("cannot write to standard output: %s", strerror(errno));
	return STATUS_FAILED;
}

int main(int argc, char **argv)
{
	static struct forward forward;
	struct cmdline_error error;
	bool readable = forward_open_standard();
	int status;

	if (forward_options_parse(argc, argv, &forward.options, &error)) {
		forward_say("%s", error.text);
		return STATUS_MISUSE;
	}
	if (forward.options.help || forward.options.version)
		return forward_print(&forward.options);
	if (!readable) {
		forward_say("standard input is closed: pipe events into it");
		return STATUS_FAILED;
	}
	forward_install_signals();
	status = forward_start(&forward);
	fflush(stderr);
	/* a thread that is left must not meet what exit() destroys */
	_exit(status);
}
