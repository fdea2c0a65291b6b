/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules that say what a program has to do with frames: the first rule whose filter matches a frame
 * must hold for it.
 */
#ifndef XDPDROP_REPLAY_EXPECT_H
#define XDPDROP_REPLAY_EXPECT_H

#include "common/report.h"
#include "replay/replay_count.h"
#include "replay/replay_reader.h"

/* Failures that are printed. */
#define REPLAY_FAILURES 20

struct replay_rule {
	unsigned int line;
	char *text;		       /* "udp port 53 => drop DNS_REPLY" */
	struct xdpdrop_filter *filter; /* NULL: default */
	__u32 verdict;
	bool has_reason;
	__u32 reason;
	__u64 frames, failed;
	char first[384]; /* the first failure */
};

struct replay_expect {
	const char *path;
	struct replay_rule *rule;
	unsigned int rules;
	__u64 unmatched; /* frames without a rule */
	__u64 failures;
};

/* Read the rules for @replay from @path. 0, or -errno; reported. To be freed in any case. */
int replay_expect_read(struct replay_expect *expect, const char *path, struct xdpdrop *session,
		       const struct xdpdrop_replay *replay, struct report *report);

/* Test a frame. @result: what was done with it; NULL: it was not run, for @skip. */
void replay_expect_test(struct replay_expect *expect, const struct replay_packet *packet,
			const struct xdpdrop_replay_result *result, enum replay_skip skip,
			struct report *report);

/*
 * Print the result, with @tap as TAP 13 on standard output. @strict: rules that no frame met have
 * failed. Returns true if all hold.
 */
bool replay_expect_finish(const struct replay_expect *expect, bool strict, bool tap,
			  struct report *report);

void replay_expect_free(struct replay_expect *expect);

#endif
