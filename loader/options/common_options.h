/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows of the tables of options that tools have in common, in the order of --help. Each tool fills
 * a structure of its own: where a row is used, FIELD(name) gives the offset of a member of that
 * structure. @does is what the tool does with frames: "capture".
 */
#ifndef XDPDROP_COMMON_OPTIONS_H
#define XDPDROP_COMMON_OPTIONS_H

#include <xdpdrop/xdpdrop.h>

#include "options/cmdline.h"
#include "options/verdict.h"

/* clang-format off */

/* Where frames are met. */
#define COMMON_TAP_OPTIONS(does)                                                                   \
	{ 't', "tap", "auto|hook|tag|exit|wrap", "where to " does " (default auto)",               \
	  cmdline_string, FIELD(session.tap) },                                                    \
	{ 0, "hook", "PIN",                                                                        \
	  "use the hook (a PROG_ARRAY) pinned at this path,\n"                                     \
	  "xdpcap's too",                                                                          \
	  cmdline_string, FIELD(session.hook_pin) },                                               \
	{ 0, "unsafe-hook", NULL,                                                                  \
	  "use that pin though nothing marks it as a hook; if it\n"                                \
	  "is another tail-call table, verdicts change",                                           \
	  cmdline_flag, FIELD(session.unsafe_hook) },                                              \
	{ 0, "untagged", NULL,                                                                     \
	  "frames without a tag, too; for tap tag, which is the\n"                                 \
	  "default then",                                                                          \
	  cmdline_flag, FIELD(session.untagged) },                                                 \
	{ 0, "unsafe-bpffs", NULL,                                                                 \
	  "tap wrap even if a kill of this container leaves the\n"                                 \
	  "interface without its program",                                                         \
	  cmdline_flag, FIELD(session.unsafe_bpffs) }

/* Whose frames, and which. */
#define COMMON_PROGRAM_OPTIONS(does)                                                               \
	{ 'p', "program", "NAME|ID", does " what this program drops, no other's", cmdline_string,  \
	  FIELD(session.program) },                                                                \
	{ 'a', "actions", "LIST",                                                                  \
	  "verdicts to " does " (default aborted,drop):\n"                                         \
	  "aborted, drop, pass, tx, redirect; or all;\n"                                           \
	  "exception: losses that the kernel's tracepoints report",                                \
	  verdict_list, FIELD(session.actions), .max = XDPDROP_EXCEPTIONS }

#define COMMON_FILTER_FILE_OPTION                                                                  \
	{ 'f', "filter-file", "FILE", "read the filter from a file", cmdline_string,               \
	  FIELD(filter_file) }

#define COMMON_NO_OPTIMIZE_OPTION                                                                  \
	{ 'O', "no-optimize", NULL, "do not run libpcap's optimizer on the filter", cmdline_flag,  \
	  FIELD(session.no_optimize) }

#define COMMON_REASON_OPTIONS(does)                                                                \
	{ 0, "reason", "LIST", does " only these reasons: names or numbers", cmdline_string,       \
	  FIELD(session.only_reasons) },                                                           \
	{ 0, "not-reason", "LIST", does " all reasons but these", cmdline_string,                  \
	  FIELD(session.not_reasons) },                                                            \
	{ 0, "rule", "LIST", does " only these rules: names or numbers", cmdline_string,           \
	  FIELD(session.only_rules) }

#define COMMON_REASONS_OPTION(field_)                                                              \
	{ 0, "reasons", "FILE",                                                                    \
	  "names for reasons, lines of \"NUMBER NAME\", and for\n"                                 \
	  "rules, behind a line \"[rules]\"",                                                      \
	  cmdline_string, FIELD(field_) }

#define COMMON_MESSAGE_OPTIONS                                                                     \
	{ 'q', "quiet", NULL, "only warnings and errors on standard error", cmdline_flag,          \
	  FIELD(quiet) },                                                                          \
	{ 'v', "verbose", NULL, "print more; -vv also what libbpf and libxdp print", cmdline_count,\
	  FIELD(verbose) }

/* The last rows of each table. */
#define COMMON_END_OPTIONS                                                                         \
	{ 'V', "version", NULL, "print the version", cmdline_flag, FIELD(version), .last = true }, \
	{ 'h', "help", NULL, "print this", cmdline_flag, FIELD(help), .last = true }

/* clang-format on */

#endif
