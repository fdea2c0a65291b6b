// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts and stops captures in one process, through the library: what the first ones have, in
 * descriptors and memory, is all that the last ones have. This thread stays in its namespace,
 * also if the captures are of another one.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <xdpdrop/xdpdrop.h>

#include "../xdp/helper.h"

#define WARM_UP 20     /* captures, or half of a few */
#define GROWTH_KIB 512 /* what the allocator may still take */

static void complain(void *data, enum xdpdrop_log_level level, const char *message)
{
	(void)data;
	(void)level;
	fprintf(stderr, "cycle: %s\n", message);
}

static ino_t network(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) ? 0 : st.st_ino;
}

/* @err of @function, which must leave the thread where it is. */
static int check(const char *function, int err)
{
	static ino_t home;

	home = home ? home : network();
	if (network() != home)
		die("%s: the thread is in another network namespace", function);
	if (err < 0)
		die("%s: %s", function, strerror(-err));
	return err;
}

/* Returns how many frames were captured. */
static __u64 one(const char *ifname, const char *tap, const char *netns, int fd)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = fd };
	const struct xdpdrop_opts opts = { .size = sizeof(opts), .tap = tap, .buffer_kib = 256 };
	struct xdpdrop *session;

	check("xdpdrop_new", xdpdrop_new(&session));
	xdpdrop_set_log(session, complain, NULL, XDPDROP_LOG_WARN);
	check("xdpdrop_set_output", xdpdrop_set_output(session, &output));
	check("xdpdrop_set_netns", xdpdrop_set_netns(session, netns));
	check("xdpdrop_activate", xdpdrop_activate(session, ifname, &opts));
	check("xdpdrop_poll", xdpdrop_poll(session, 0));
	check("xdpdrop_stop", xdpdrop_stop(session));
	xdpdrop_get_stats(session, &stats);
	xdpdrop_free(session);
	return stats.written;
}

static long descriptors(void)
{
	DIR *fds = opendir("/proc/self/fd");
	long count = 0;

	while (fds && readdir(fds))
		count++;
	if (fds)
		closedir(fds);
	return count;
}

static long resident_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[128];
	long kib = -1;

	while (status && kib < 0 && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmRSS: %ld", &kib) != 1)
			kib = -1;
	if (status)
		fclose(status);
	return kib;
}

/* Its allocator keeps what was freed; what is lost it finds itself. */
extern void __asan_init(void) __attribute__((weak));

int main(int argc, char **argv)
{
	long count, warm_up, fds = 0, kib = 0, grown;
	__u64 frames = 0;
	int fd = open("/dev/null", O_WRONLY);

	if (argc != 4 && argc != 5)
		die("needs an interface, a tap, how often, and perhaps a network namespace");
	count = number(argv[3], 2, 1000000);
	warm_up = count / 2 < WARM_UP ? count / 2 : WARM_UP;
	for (long n = 0; n < count; n++) {
		if (n == warm_up) {
			fds = descriptors();
			kib = resident_kib();
		}
		frames += one(argv[1], argv[2], argv[4], fd);
	}
	grown = resident_kib() - kib;
	printf("%ld captures of %llu frames, %ld descriptors more, %ld KiB more\n", count, frames,
	       descriptors() - fds, grown);
	if (descriptors() != fds)
		die("descriptors are left open");
	if (!__asan_init && grown > GROWTH_KIB)
		die("memory grows");
	return 0;
}
