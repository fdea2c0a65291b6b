/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the warnings about drops that a driver counted and a session did not see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "api/driver_count.h"
#include "xdp/driver_drops.h"

static struct xdpdrop_opts opts;
static struct capture_maps maps;
static struct points points;
static struct tap_context context;
static struct driver_count count;
static __u64 driver; /* what it has counted */
static bool is_mute; /* it has no counter */
static char message[512];

/* In place of driver_drops.c's. */
int driver_drops(const char *ifname, __u64 *drops)
{
	assert_string_equal(ifname, "eth0");
	*drops = driver;
	return is_mute ? -EOPNOTSUPP : 0;
}

static void keep_message(void *data, enum xdpdrop_log_level level, const char *text)
{
	(void)data;
	assert_int_equal(level, XDPDROP_LOG_WARN);
	snprintf(message, sizeof(message), "%s", text);
}

static int begin(void **state)
{
	static const struct log log = { .fn = keep_message, .level = XDPDROP_LOG_WARN };
	static struct xdpdrop_state states[2];

	(void)state;
	memset(states, 0, sizeof(states));
	memset(&points, 0, sizeof(points));
	opts = (struct xdpdrop_opts){ .actions = 1U << XDP_ABORTED | 1U << XDP_DROP };
	maps = (struct capture_maps){ .states = states, .cpus = 2 };
	context = (struct tap_context){
		.log = &log, .opts = &opts, .maps = &maps, .points = &points
	};
	context.pipeline.ifindex = 7;
	context.pipeline.mode = XDP_ATTACHED_DRV;
	strcpy(context.pipeline.ifname, "eth0");
	for (points.count = 0; points.count < 3; points.count++)
		points.point[points.count].info =
			(struct xdpdrop_point){ .tap = "hook", .ifindex = 7 };
	points.point[1].info.ifindex = 8;
	points.point[2].info.tap = "exception";
	driver = 1000;
	is_mute = false;
	return 0;
}

/* @early frames are dropped before the batch at the start is through, and @late ones after it. */
static void dropped(__u64 early, __u64 late)
{
	message[0] = '\0';
	driver_count_begin(&count, &context);
	count.settles = 0; /* long ago */
	driver += early;
	driver_count_follow(&count, &context, &tap_hook);
	driver += late;
	driver_count_follow(&count, &context, &tap_hook);
}

/* On the first of two CPUs; those of the other interface, and exceptions, are others. */
static void seen(__u64 frames)
{
	maps.states[0].counters[0].seen = frames;
	maps.states[1].counters[1].seen = 1000000;
	maps.states[1].counters[2].seen = 1000000;
}

static void warns(const struct tap *tap, const char *start)
{
	driver_count_report(&count, &context, tap);
	assert_int_equal(!*start, !*message);
	assert_memory_equal(message, start, strlen(start));
}

static void none_seen(void **state)
{
	(void)state;
	seen(0);
	dropped(5, 0);
	warns(&tap_hook,
	      "eth0: its driver counted 5 frames as dropped by XDP, and the session saw "
	      "0: a program drops frames without its hook, which taps exit and wrap show,");
	dropped(0, 1);
	warns(&tap_wrap, "eth0: its driver counted 1 frame as dropped by XDP, and the session saw "
			 "0: a program was not followed for a time,");
	dropped(0, 0);
	warns(&tap_hook, "");
}

/* Of frames that came in while the taps were armed, the driver may count more. */
static void some_seen(void **state)
{
	(void)state;
	seen(3);
	dropped(50, 3);
	warns(&tap_hook, "");
	dropped(0, 4);
	warns(&tap_hook, "eth0: its driver counted 4 frames as dropped by XDP, and the session saw "
			 "3: ");
	points.point[0].missed = 1;
	dropped(0, 4);
	warns(&tap_exit, "");
	points.point[0].missed = 0;
	/* it ended too early */
	dropped(4, 0);
	count.is_settled = false;
	warns(&tap_hook, "");
}

/* Of other programs or verdicts the driver counts more. */
static void not_comparable(void **state)
{
	(void)state;
	seen(1);
	opts.program = "firewall";
	dropped(0, 4);
	warns(&tap_hook, "");
	opts.program = NULL;
	opts.actions = 1U << XDP_DROP;
	dropped(0, 4);
	warns(&tap_hook, "");
}

static void unknown(void **state)
{
	static const char hint[] = "eth0: no frame came to a hook; drops without a hook are not "
				   "seen, and taps exit and wrap need none";

	(void)state;
	is_mute = true;
	seen(0);
	dropped(0, 0);
	warns(&tap_hook, hint);
	warns(&tap_tag, hint);
	dropped(0, 0);
	warns(&tap_wrap, "");
	warns(&tap_exit, "");
	warns(&tap_combined, "");
	warns(&tap_exception, "");
	seen(1);
	warns(&tap_hook, "");
	/* it counts nothing of what programs do behind it */
	is_mute = false;
	seen(0);
	context.pipeline.mode = XDP_ATTACHED_SKB;
	dropped(0, 4);
	warns(&tap_hook, hint);
	/* what one program drops is not known, but whether any did */
	context.pipeline.mode = XDP_ATTACHED_DRV;
	opts.program = "firewall";
	dropped(0, 4);
	warns(&tap_hook, hint);
	dropped(0, 0);
	warns(&tap_hook, "");
	opts.actions = 1U << XDP_TX;
	dropped(0, 4);
	warns(&tap_hook, "");
}

/* Once: the numbers of a session that goes on change all the time. */
static void meanwhile(void **state)
{
	(void)state;
	seen(3);
	dropped(0, 3);
	count.look = 0;
	driver_count_follow(&count, &context, &tap_hook);
	assert_string_equal(message, "");
	driver++;
	driver_count_follow(&count, &context, &tap_hook);
	assert_string_equal(message, ""); /* not yet */
	count.look = 0;
	driver_count_follow(&count, &context, &tap_hook);
	assert_non_null(strstr(message, "counted 4 frames"));
	message[0] = '\0';
	driver++;
	count.look = 0;
	driver_count_follow(&count, &context, &tap_hook);
	assert_string_equal(message, "");
	warns(&tap_hook, "eth0: its driver counted 5 frames");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(none_seen, begin),
		cmocka_unit_test_setup(some_seen, begin),
		cmocka_unit_test_setup(not_comparable, begin),
		cmocka_unit_test_setup(unknown, begin),
		cmocka_unit_test_setup(meanwhile, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
