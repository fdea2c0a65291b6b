// SPDX-License-Identifier: LGPL-2.1-only
/*
 * From libpcap through the translator into a program, and what can go wrong on the way in words.
 * The one file that knows libpcap, which has other structures of the names that libbpf uses.
 */
#define bpf_program pcap_program
#define bpf_insn pcap_insn
#include <pcap/pcap.h>
#undef bpf_program
#undef bpf_insn

#include "filter/filter.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "filter/ebpf.h"
#include "filter/ebpf_print.h"
#include "filter/ellipsis.h"
#include "filter/syntax_error.h"
#include "filter/inject.h"

/* What inbound, outbound, ifindex and the like become loads from negative offsets for. */
#define UNKNOWN_TO_XDP                                                                             \
	"XDP does not know a frame's direction, interface, or what else is not in its bytes: "

#define LINKTYPE_RAW 101

#define SNAPLEN 262144 /* libpcap's maximum; frames are filtered whole */

#define REFUSED_NET "255.254.253.252/1" /* has bits beyond its mask */

_Static_assert(sizeof(struct pcap_insn) == sizeof(struct sock_filter), "same instructions");
_Static_assert(offsetof(struct pcap_insn, jt) == offsetof(struct sock_filter, jt), "jt");
_Static_assert(offsetof(struct pcap_insn, k) == offsetof(struct sock_filter, k), "k");

/*
 * Only libpcap's parser is asked, as the code of hundreds of terms takes it seconds: behind an
 * expression without an error it meets a term that it refuses, and quotes, before there is code.
 */
static bool filter_compiles(void *data, const char *expression)
{
	CLEANUP_FREE char *text = NULL;
	struct pcap_program program;

	if (asprintf(&text, "%s and net " REFUSED_NET, expression) < 0) {
		text = NULL;
		return false;
	}
	if (pcap_compile(data, &program, text, false, PCAP_NETMASK_UNKNOWN))
		return strstr(pcap_geterr(data), REFUSED_NET);
	pcap_freecode(&program);
	return false;
}

static int filter_explain(pcap_t *pcap, const char *expression, const struct log *log)
{
	char message[PCAP_ERRBUF_SIZE], quoted[ELLIPSIS_SIZE];
	const char *where = NULL, *place;

	snprintf(message, sizeof(message), "%s", pcap_geterr(pcap));
	if (strstr(message, "syntax error"))
		where = filter_where(expression, filter_compiles, pcap);
	place = ellipsis_take(quoted, expression, where);
	if (!where)
		return log_error(log, -EINVAL, "filter '%s': %s", quoted, message);
	return log_error(log, -EINVAL, "filter '%s': %s, %s%s%s", quoted, message,
			 *where ? "at '" : "something is missing at the end", place,
			 *where ? "'" : "");
}

static int filter_run_libpcap(struct filter *filter, pcap_t *pcap, const char *expression,
			      bool optimize, const struct log *log)
{
	struct pcap_program program;

	if (pcap_compile(pcap, &program, expression, optimize, PCAP_NETMASK_UNKNOWN))
		return filter_explain(pcap, expression, log);
	filter->count = program.bf_len;
	filter->program = calloc(program.bf_len, sizeof(*filter->program));
	if (filter->program)
		memcpy(filter->program, program.bf_insns,
		       program.bf_len * sizeof(*filter->program));
	pcap_freecode(&program);
	return filter->program ? 0 : log_error(log, -ENOMEM, "filter: out of memory");
}

/* libpcap's functions count differently from its files, which are the same everywhere. */
static int filter_data_link(__u16 link_type)
{
	return link_type == LINKTYPE_RAW ? DLT_RAW : link_type;
}

static int filter_compile_expression(struct filter *filter, const char *expression, bool optimize,
				     __u16 link_type, const struct log *log)
{
	pcap_t *pcap = pcap_open_dead(filter_data_link(link_type), SNAPLEN);
	int err;

	if (!pcap)
		return log_error(log, -ENOMEM, "filter: out of memory");
	err = filter_run_libpcap(filter, pcap, expression, optimize, log);
	pcap_close(pcap);
	return err;
}

static int filter_translate(struct filter *filter, const char *expression, enum cbpf_loads loads,
			    const struct log *log)
{
	char quoted[ELLIPSIS_SIZE];
	struct cbpf_error error;
	int err = cbpf_translate(filter->program, filter->count, loads, &filter->code, &error);

	if (err == -E2BIG)
		return log_error(
			log, err,
			"filter '%.40s...' is too big: its %zu instructions of classic BPF "
			"need a jump over %zu of eBPF, the limit is %zu; use fewer terms%s",
			expression, filter->count, error.size, error.limit,
			filter->optimized ? "" : ", or libpcap's optimizer");
	if (!err)
		return 0;
	ellipsis_take(quoted, expression, NULL);
	return log_error(log, err, "filter '%s': %sinstruction %zu: %s", quoted,
			 err == -EOPNOTSUPP ? UNKNOWN_TO_XDP : "", error.at, error.why);
}

int filter_compile(struct filter *filter, const char *expression, bool optimize, __u16 link_type,
		   enum cbpf_loads loads, const struct log *log)
{
	struct filter compiled = { .optimized = optimize };
	int err = filter_compile_expression(&compiled, expression, optimize, link_type, log);

	if (!err)
		err = filter_translate(&compiled, expression, loads, log);
	if (err)
		filter_free(&compiled);
	else
		*filter = compiled;
	return err;
}

int filter_convert(const struct filter *filter, enum cbpf_loads loads, struct filter *converted,
		   const struct log *log)
{
	size_t bytes = filter->count * sizeof(*filter->program);
	struct filter copy = { .program = malloc(bytes),
			       .count = filter->count,
			       .optimized = filter->optimized };
	int err;

	if (!copy.program)
		return log_error(log, -ENOMEM, "filter: out of memory");
	memcpy(copy.program, filter->program, bytes);
	err = filter_translate(&copy, "", loads, log);
	if (err)
		filter_free(&copy);
	else
		*converted = copy;
	return err;
}

void filter_free(struct filter *filter)
{
	free(filter->program);
	filter->program = NULL;
	cbpf_free(&filter->code);
}

int filter_attach(const struct filter *filter, struct bpf_program *program, const struct log *log)
{
	const char *name = bpf_program__name(program);
	int err = inject(program, &filter->code);

	if (err == -E2BIG)
		return log_error(log, err,
				 "filter of %zu instructions does not fit into program %s: a jump "
				 "reaches over %d; use fewer terms",
				 filter->code.count, name, EBPF_MAX_JUMP);
	if (err)
		return log_error(log, err, "cannot put the filter into program %s: %s", name,
				 strerror(-err));
	return 0;
}

int filter_refused(const struct filter *filter, int error, const struct log *log)
{
	if (error != -E2BIG && error != -EFAULT)
		return error;
	return log_error(log, error,
			 "filter of %zu instructions (%zu of eBPF) is too big for this kernel's "
			 "verifier, which follows 1,000,000 instructions and 8,192 branches at a "
			 "time; use fewer terms%s",
			 filter->count, filter->code.count,
			 filter->optimized ? "" : ", or libpcap's optimizer");
}

static void filter_dump_title(const char *name, size_t count, xdpdrop_line_fn fn, void *data)
{
	char line[80];

	snprintf(line, sizeof(line), "; %s, %zu instructions", name, count);
	fn(data, line);
}

void filter_dump(const struct filter *filter, xdpdrop_line_fn fn, void *data)
{
	const struct pcap_insn *program = (const void *)filter->program;
	char line[EBPF_PRINT_SIZE];

	filter_dump_title("classic BPF", filter->count, fn, data);
	for (size_t i = 0; i < filter->count; i++)
		fn(data, bpf_image(&program[i], i));
	filter_dump_title("eBPF", filter->code.count, fn, data);
	for (size_t i = 0; i < filter->code.count; i++) {
		ebpf_print(line, &filter->code.insns[i], i);
		fn(data, line);
	}
}
