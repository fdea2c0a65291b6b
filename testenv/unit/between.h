/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers within limits: cmocka 2.0 has deprecated its own assertion, and 1.1 lacks those that it
 * has instead. Include after <cmocka.h>.
 */
#ifndef XDPDROP_BETWEEN_H
#define XDPDROP_BETWEEN_H

#define assert_between(value, least, most)                                                         \
	do {                                                                                       \
		unsigned long long is = (value), from = (least), to = (most);                      \
                                                                                                   \
		if (is < from || is > to)                                                          \
			fail_msg("%s: %llu is not in %llu to %llu", #value, is, from, to);         \
	} while (0)

#endif
