// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Compiles with libpcap, calls the translator, and words the errors. Only this file includes
 * libpcap's headers, whose structures have the same names as libbpf's.
 */
#define bpf_program pcap_program
#define bpf_insn pcap_insn
#include <pcap/pcap.h>
#undef bpf_program
#undef bpf_insn

#include "filter/filter.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "bpf/probe.h"
#include "filter/ebpf.h"
#include "filter/inject.h"

/* libpcap compiles inbound, outbound, ifindex and similar terms to loads from negative offsets. */
#define UNKNOWN_TO_XDP                                                                             \
	"XDP provides no direction, interface or other metadata of a frame, only its bytes: "

#define LINKTYPE_RAW 101

#define SNAPLEN 262144 /* libpcap's maximum, so that whole frames are filtered */

_Static_assert(sizeof(struct pcap_insn) == sizeof(struct sock_filter), "same instructions");
_Static_assert(offsetof(struct pcap_insn, jt) == offsetof(struct sock_filter, jt), "jt");
_Static_assert(offsetof(struct pcap_insn, k) == offsetof(struct sock_filter, k), "k");

#define QUOTE_BYTES 72 /* of an expression that is quoted in a message */

struct filter_quote {
	char text[QUOTE_BYTES + sizeof("...")];
};

static struct filter_quote filter_quote(const char *expression)
{
	size_t length = utf8_length(expression, QUOTE_BYTES);
	struct filter_quote quote;

	snprintf(quote.text, sizeof(quote.text), "%.*s%s", (int)length, expression,
		 expression[length] ? "..." : "");
	return quote;
}

static int filter_run_libpcap(struct filter *filter, pcap_t *pcap, const char *expression,
			      bool optimize, const struct log *log)
{
	struct pcap_program program;

	if (pcap_compile(pcap, &program, expression, optimize, PCAP_NETMASK_UNKNOWN))
		return log_error(log, -EINVAL, "filter '%s': %s", filter_quote(expression).text,
				 pcap_geterr(pcap));
	filter->count = program.bf_len;
	filter->program = calloc(program.bf_len, sizeof(*filter->program));
	if (filter->program)
		memcpy(filter->program, program.bf_insns,
		       program.bf_len * sizeof(*filter->program));
	pcap_freecode(&program);
	return filter->program ? 0 : log_error(log, -ENOMEM, "filter: out of memory");
}

/* libpcap's functions use DLT_ numbers, which differ from the LINKTYPE_ numbers in files. */
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
	struct cbpf_error error;
	int err = cbpf_translate(filter->program, filter->count, loads, &filter->code, &error);

	if (err == -E2BIG)
		return log_error(
			log, err,
			"filter '%s' is too big: its %zu instructions of classic BPF "
			"need a jump over %zu of eBPF, the limit is %zu; use fewer terms%s",
			filter_quote(expression).text, filter->count, error.size, error.limit,
			filter->optimized ? "" : ", or libpcap's optimizer");
	if (!err)
		return 0;
	return log_error(log, -EINVAL, "filter '%s': %sinstruction %zu: %s",
			 filter_quote(expression).text, err == -EOPNOTSUPP ? UNKNOWN_TO_XDP : "",
			 error.at, error.why);
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

bool filter_match(const struct filter *filter, const void *data, __u32 caplen, __u32 len)
{
	const struct pcap_program program = { filter->count, (struct pcap_insn *)filter->program };
	const struct pcap_pkthdr header = { .caplen = caplen, .len = len };

	return pcap_offline_filter(&program, &header, data);
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

void filter_dump(const struct filter *filter, xdpdrop_line_fn fn, void *data)
{
	const struct pcap_insn *program = (const void *)filter->program;

	for (size_t i = 0; i < filter->count; i++)
		fn(data, bpf_image(&program[i], i));
}

void filter_set_free(struct filter_set *filters)
{
	if (filters->used) {
		filter_free(&filters->xdp);
		filter_free(&filters->tracing);
	}
	filters->used = false;
}

int filter_set_compile(struct filter_set *filters, const char *expression, bool optimize,
		       __u16 link_type, const struct log *log)
{
	enum cbpf_loads xdp = probe(FEATURE_FRAGS) ? CBPF_LOADS_FRAGS : CBPF_LOADS_LINEAR;
	int err;

	filter_set_free(filters);
	if (!expression)
		return 0;
	filters->link_type = link_type;
	err = filter_compile(&filters->xdp, expression, optimize, link_type, xdp, log);
	if (err)
		return err;
	err = filter_convert(&filters->xdp, CBPF_LOADS_COPY, &filters->tracing, log);
	if (err)
		filter_free(&filters->xdp);
	filters->used = !err;
	return err;
}
