// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two threads, each with one capture after another of its own, while a third one breaks them; built
 * with ThreadSanitizer. The application's print functions of libbpf and libxdp are called for what
 * the application does, and not for what the captures do.
 */
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>
#include <xdp/libxdp.h>
#include <xdpdrop/xdpdrop.h>

#include "../xdp/helper.h"

static int printed; /* atomic; by the application's functions */

struct capturer {
	const char *ifname, *tap;
	long captures;
	__u64 messages; /* from libbpf and libxdp, among others */
};

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return __atomic_add_fetch(&printed, 1, __ATOMIC_RELAXED);
}

static int print_libxdp(enum libxdp_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return __atomic_add_fetch(&printed, 1, __ATOMIC_RELAXED);
}

static void take_message(void *data, enum xdpdrop_log_level level, const char *message)
{
	struct capturer *capturer = data;

	capturer->messages++;
	if (level == XDPDROP_LOG_ERROR)
		fprintf(stderr, "threads: %s: %s\n", capturer->ifname, message);
}

static void *break_capture(void *session)
{
	usleep(100000);
	xdpdrop_break(session);
	return NULL;
}

static void capture(struct capturer *capturer, int fd)
{
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = fd };
	const struct xdpdrop_opts opts = { .size = sizeof(opts),
					   .tap = capturer->tap,
					   .buffer_kib = 256 };
	struct xdpdrop *session;
	pthread_t breaker;
	int err = xdpdrop_new(&session);

	if (err)
		die("xdpdrop_new: %s", strerror(-err));
	xdpdrop_set_log(session, take_message, capturer, XDPDROP_LOG_DEBUG);
	err = xdpdrop_set_output(session, &output);
	if (!err)
		err = xdpdrop_activate(session, capturer->ifname, &opts);
	if (err)
		die("capture on %s: %s", capturer->ifname, strerror(-err));
	if (pthread_create(&breaker, NULL, break_capture, session))
		die("pthread_create");
	while (err >= 0)
		err = xdpdrop_poll(session, -1);
	pthread_join(breaker, NULL);
	if (err != -EINTR || xdpdrop_stop(session))
		die("capture on %s: %s", capturer->ifname, strerror(-err));
	xdpdrop_free(session);
}

static void *run(void *data)
{
	struct capturer *capturer = data;
	int fd = open("/dev/null", O_WRONLY);

	for (long n = 0; n < capturer->captures; n++)
		capture(capturer, fd);
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	struct capturer capturers[2];
	pthread_t threads[2];

	if (argc != 5)
		die("needs two interfaces, a tap, and how often");
	libbpf_set_print(print_libbpf);
	libxdp_set_print(print_libxdp);
	for (int i = 0; i < 2; i++) {
		capturers[i] = (struct capturer){ .ifname = argv[1 + i],
						  .tap = argv[3],
						  .captures = number(argv[4], 1, 1000000) };
		if (pthread_create(&threads[i], NULL, run, &capturers[i]))
			die("pthread_create");
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		if (!capturers[i].messages)
			die("libbpf printed nothing for the capture on %s", capturers[i].ifname);
	}
	if (printed)
		die("%d messages of captures went to the application", printed);
	bpf_object__close(bpf_object__open("/nonexistent"));
	if (!printed)
		die("the application's print function is lost");
	return 0;
}
