// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file of rules has lines "FILTER => VERDICT [REASON]", "default => VERDICT [REASON]", blank
 * lines, and comments from "#" on.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "replay/replay_decode.h"
#include "replay/replay_expect.h"

#define ARROW "=>"
#define DEFAULT_RULE "default"

static char *replay_expect_trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r\n");
	for (length = strlen(text); length && isspace((unsigned char)text[length - 1]);)
		text[--length] = '\0';
	return text;
}

/* "drop", "drop BLOCKLIST" */
static int replay_expect_take_outcome(struct replay_rule *rule, char *outcome,
				      const struct xdpdrop_replay *replay, const char *path,
				      struct report *report)
{
	size_t length = strcspn(outcome, " \t");
	char *reason = outcome + length + strspn(outcome + length, " \t");
	__u32 bits = verdict_bits(outcome, length);

	if (!bits || bits == ALL_VERDICTS) {
		report_error(report,
			     "%s:%u: '%.*s' is no verdict; use aborted, drop, pass, tx or redirect",
			     path, rule->line, (int)(length < 64 ? length : 64), outcome);
		return -EINVAL;
	}
	rule->verdict = __builtin_ctz(bits);
	if (!*reason)
		return 0;
	rule->has_reason = true;
	if (xdpdrop_replay_find_reason(replay, reason, &rule->reason))
		return 0;
	report_error(report, "%s:%u: the program has no reason '%.64s'", path, rule->line, reason);
	return -EINVAL;
}

static int replay_expect_take_filter(struct replay_rule *rule, const char *expression,
				     struct xdpdrop *session, const char *path,
				     struct report *report)
{
	int err;

	if (!strcmp(expression, DEFAULT_RULE))
		return 0;
	err = *expression ? xdpdrop_filter_new(session, expression, &rule->filter) : -EINVAL;
	if (err)
		report_error(report, "%s:%u: no filter in front of " ARROW, path, rule->line);
	return err;
}

static int replay_expect_take_rule(struct replay_expect *expect, char *line,
				   struct xdpdrop *session, const struct xdpdrop_replay *replay,
				   struct report *report)
{
	struct replay_rule *rule = &expect->rule[expect->rules];
	char *arrow = strstr(line, ARROW);
	int err;

	if (!arrow) {
		report_error(report, "%s:%u: no " ARROW "; a rule is: FILTER " ARROW " VERDICT",
			     expect->path, rule->line);
		return -EINVAL;
	}
	rule->text = strdup(line);
	if (!rule->text)
		return -ENOMEM;
	text_clean(rule->text);
	expect->rules++;
	*arrow = '\0';
	err = replay_expect_take_filter(rule, replay_expect_trim(line), session, expect->path,
					report);
	return err ? err :
		     replay_expect_take_outcome(rule, replay_expect_trim(arrow + strlen(ARROW)),
						replay, expect->path, report);
}

static int replay_expect_grow(struct replay_expect *expect)
{
	struct replay_rule *grown;

	if (expect->rules & (expect->rules - 1))
		return 0;
	grown = realloc(expect->rule, (expect->rules ? 2UL * expect->rules : 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	expect->rule = grown;
	return 0;
}

static int replay_expect_read_lines(struct replay_expect *expect, FILE *stream,
				    struct xdpdrop *session, const struct xdpdrop_replay *replay,
				    struct report *report)
{
	unsigned int number = 0;
	size_t size = 0;
	char *line = NULL;
	int err = 0;

	while (!err && getline(&line, &size, stream) >= 0) {
		char *comment = strchr(line, '#'), *rule;

		number++;
		if (comment)
			*comment = '\0';
		rule = replay_expect_trim(line);
		if (!*rule)
			continue;
		err = replay_expect_grow(expect);
		if (err)
			break;
		expect->rule[expect->rules] = (struct replay_rule){ .line = number };
		err = replay_expect_take_rule(expect, rule, session, replay, report);
	}
	free(line);
	return err ? err : ferror(stream) ? -EIO : 0;
}

int replay_expect_read(struct replay_expect *expect, const char *path, struct xdpdrop *session,
		       const struct xdpdrop_replay *replay, struct report *report)
{
	FILE *stream = fopen(path, "re");
	int err;

	*expect = (struct replay_expect){ .path = path };
	if (!stream) {
		err = -errno;
		report_error(report, "cannot read rules from %s: %s", path, strerror(-err));
		return err;
	}
	err = replay_expect_read_lines(expect, stream, session, replay, report);
	if (!err && !expect->rules) {
		report_error(report, "%s has no rules", path);
		err = -EINVAL;
	}
	if (err && !report->errors)
		report_error(report, "cannot read rules from %s: %s", path, strerror(-err));
	fclose(stream);
	return err;
}

static bool replay_expect_is_met(const struct replay_rule *rule,
				 const struct xdpdrop_replay_result *result)
{
	return result && replay_verdict(result->action) == rule->verdict &&
	       (!rule->has_reason || result->reason == rule->reason);
}

static void replay_expect_note_failure(struct replay_expect *expect, struct replay_rule *rule,
				       const struct replay_packet *packet,
				       const struct xdpdrop_replay_result *result,
				       enum replay_skip skip, struct report *report)
{
	const struct xdpdrop_replay_frame *frame = &packet->frame;
	char line[160], text[sizeof(rule->first)];

	rule->failed++;
	expect->failures++;
	if (rule->failed > 1 && expect->failures > REPLAY_FAILURES)
		return;
	replay_decode(frame->data, frame->caplen, frame->len, line, sizeof(line));
	if (result)
		snprintf(text, sizeof(text), "frame %" PRIu64 " (%s): %s", (uint64_t)packet->number,
			 line, replay_verdict_words(result).text);
	else
		snprintf(text, sizeof(text), "frame %" PRIu64 " (%s) was not run: %s",
			 (uint64_t)packet->number, line, replay_skip_text(skip));
	text_clean(text);
	if (rule->failed == 1)
		memcpy(rule->first, text, sizeof(rule->first));
	if (expect->failures <= REPLAY_FAILURES)
		report_info(report, "%s:%u: %s: %s", expect->path, rule->line, rule->text, text);
}

void replay_expect_test(struct replay_expect *expect, const struct replay_packet *packet,
			const struct xdpdrop_replay_result *result, enum replay_skip skip,
			struct report *report)
{
	const struct xdpdrop_replay_frame *frame = &packet->frame;

	for (unsigned int i = 0; i < expect->rules; i++) {
		struct replay_rule *rule = &expect->rule[i];

		if (rule->filter &&
		    !xdpdrop_filter_match(rule->filter, frame->data, frame->caplen, frame->len))
			continue;
		rule->frames++;
		if (!replay_expect_is_met(rule, result))
			replay_expect_note_failure(expect, rule, packet, result, skip, report);
		return;
	}
	expect->unmatched++;
}

static bool replay_expect_rule_holds(const struct replay_rule *rule, bool strict)
{
	return !rule->failed && (rule->frames || !strict);
}

/* To standard output, a backslash before each byte of @special, and "?" for control characters. */
static void replay_expect_put_escaped(const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		putchar(iscntrl((unsigned char)*text) ? '?' : *text);
	}
}

/* In a description "#" would begin a directive. */
static void replay_expect_print_tap(const struct replay_expect *expect, bool strict)
{
	printf("TAP version 13\n1..%u\n", expect->rules);
	for (unsigned int i = 0; i < expect->rules; i++) {
		const struct replay_rule *rule = &expect->rule[i];

		printf("%sok %u - ", replay_expect_rule_holds(rule, strict) ? "" : "not ", i + 1);
		replay_expect_put_escaped(expect->path, "#\\");
		printf(":%u: ", rule->line);
		replay_expect_put_escaped(rule->text, "#\\");
		puts(rule->frames || strict ? "" : " # SKIP no frame met it");
		if (rule->failed) {
			printf("  ---\n  message: \"%" PRIu64 " of %" PRIu64 " frames\"\n"
			       "  first: \"",
			       (uint64_t)rule->failed, (uint64_t)rule->frames);
			replay_expect_put_escaped(rule->first, "\"\\");
			puts("\"\n  ...");
		} else if (!rule->frames && strict)
			printf("  ---\n  message: \"no frame met it\"\n  ...\n");
	}
}

bool replay_expect_finish(const struct replay_expect *expect, bool strict, bool tap,
			  struct report *report)
{
	bool all = true;

	for (unsigned int i = 0; i < expect->rules; i++) {
		const struct replay_rule *rule = &expect->rule[i];

		all = all && replay_expect_rule_holds(rule, strict);
		if (!rule->frames)
			report_message(report, strict ? XDPDROP_LOG_INFO : XDPDROP_LOG_WARN,
				       "%s:%u: %s: no frame met this rule", expect->path,
				       rule->line, rule->text);
	}
	if (expect->failures > REPLAY_FAILURES)
		report_info(report, "%" PRIu64 " more frames failed",
			    (uint64_t)(expect->failures - REPLAY_FAILURES));
	if (expect->unmatched)
		report_message(report, XDPDROP_LOG_WARN,
			       "%" PRIu64 " frames met no rule; \"default " ARROW
			       " VERDICT\" would test them",
			       (uint64_t)expect->unmatched);
	if (tap)
		replay_expect_print_tap(expect, strict);
	return all;
}

void replay_expect_free(struct replay_expect *expect)
{
	for (unsigned int i = 0; i < expect->rules; i++) {
		free(expect->rule[i].text);
		xdpdrop_filter_free(expect->rule[i].filter);
	}
	free(expect->rule);
	*expect = (struct replay_expect){ 0 };
}
