// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares a capture with the reference that send wrote: the same frames, the same bytes, in the
 * order they were sent. Reads both through libpcap, and looks at marked frames only.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <getopt.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "helper.h"

struct frame {
	struct frame_id id;
	struct timeval time; /* tv_usec holds nanoseconds */
	uint32_t len;
	uint32_t caplen;
	uint8_t *bytes;
};

struct file {
	const char *path;
	struct frame *frames;
	size_t count;
	size_t unmarked;
};

static struct list only = { { 0, 1, 2, 3, 4, 5 }, FRAME_VERDICTS };
static uint32_t snaplen = UINT32_MAX;
static bool any_order, ordered, subset, prefix, torn;

static bool wanted(const struct frame_id *id)
{
	for (int i = 0; i < only.count; i++)
		if (only.value[i] == id->verdict)
			return true;
	return false;
}

static void append(struct file *file, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
	struct frame frame = { .time = header->ts, .len = header->len, .caplen = header->caplen };

	if (frame.caplen < FRAME_HEADER || !frame_read(bytes, &frame.id)) {
		file->unmarked++;
		return;
	}
	if (file->count % 1024 == 0)
		file->frames = realloc(file->frames, (file->count + 1024) * sizeof(frame));
	frame.bytes = malloc(frame.caplen);
	if (!file->frames || !frame.bytes)
		die("out of memory");
	memcpy(frame.bytes, bytes, frame.caplen);
	file->frames[file->count++] = frame;
}

static void load(struct file *file)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	pcap_t *pcap;
	int status;

	pcap = pcap_open_offline_with_tstamp_precision(file->path, PCAP_TSTAMP_PRECISION_NANO,
						       error);
	if (!pcap)
		die("%s: %s", file->path, error);
	if (pcap_datalink(pcap) != DLT_EN10MB)
		die("%s: link type %d, not Ethernet", file->path, pcap_datalink(pcap));
	while ((status = pcap_next_ex(pcap, &header, &bytes)) == 1)
		append(file, header, bytes);
	if (status == PCAP_ERROR && !torn)
		die("%s: %s", file->path, pcap_geterr(pcap));
	pcap_close(pcap);
}

static bool same_id(const struct frame *a, const struct frame *b)
{
	return a->id.number == b->id.number && a->id.sender == b->id.sender;
}

static void compare_bytes(const struct frame *sent, const struct frame *got, size_t at)
{
	uint32_t caplen = sent->len < snaplen ? sent->len : snaplen;

	if (got->len != sent->len || got->caplen != caplen)
		die("frame %zu, number %u of sender %u: length %u, captured %u; not %u, %u", at + 1,
		    got->id.number, got->id.sender, got->len, got->caplen, sent->len, caplen);
	for (uint32_t i = 0; i < caplen; i++)
		if (got->bytes[i] != sent->bytes[i])
			die("frame %zu, number %u of sender %u: byte %u is %02x, not %02x", at + 1,
			    got->id.number, got->id.sender, i, got->bytes[i], sent->bytes[i]);
}

static void check_time(const struct file *capture, size_t at)
{
	const struct frame *now = &capture->frames[at], *before = now - 1;

	if (at && ordered && timercmp(&now->time, &before->time, <))
		die("frame %zu: its time is before that of the frame in front of it", at + 1);
}

/* The next frame from *cursor on that should be in the capture and is of @sender's sequence. */
static const struct frame *next(const struct file *reference, size_t *cursor, unsigned int sender)
{
	while (*cursor < reference->count) {
		const struct frame *frame = &reference->frames[(*cursor)++];

		if (wanted(&frame->id) && (!any_order || frame->id.sender == sender))
			return frame;
	}
	return NULL;
}

static size_t compare(const struct file *reference, const struct file *capture)
{
	size_t cursor[FRAME_SENDERS] = { 0 }, missing = 0;

	for (size_t at = 0; at < capture->count; at++) {
		const struct frame *got = &capture->frames[at], *sent;
		unsigned int sender = any_order ? got->id.sender : 0;

		check_time(capture, at);
		while ((sent = next(reference, &cursor[sender], sender)) && !same_id(sent, got)) {
			if (!subset)
				die("frame %zu: number %u of sender %u (%s), expected number %u of "
				    "sender %u",
				    at + 1, got->id.number, got->id.sender,
				    verdict_names[got->id.verdict % FRAME_VERDICTS],
				    sent->id.number, sent->id.sender);
			missing++;
		}
		if (!sent)
			die("frame %zu: number %u of sender %u (%s) is not expected here", at + 1,
			    got->id.number, got->id.sender,
			    verdict_names[got->id.verdict % FRAME_VERDICTS]);
		compare_bytes(sent, got, at);
	}
	for (unsigned int sender = 0; sender < (any_order ? FRAME_SENDERS : 1); sender++)
		while (next(reference, &cursor[sender], sender))
			missing++;
	return missing;
}

static void help(void)
{
	puts("Usage: pcapcmp [options] REFERENCE CAPTURE\n\n"
	     "  -o, --only LIST    verdicts of the frames that should be captured [all]\n"
	     "  -s, --snaplen N    frames were cut at N bytes\n"
	     "  -a, --any-order    compare each sender's frames apart from the others'\n"
	     "  -t, --ordered      times must not decrease\n"
	     "  -u, --subset       frames may be missing\n"
	     "  -p, --prefix       frames may be missing at the end\n"
	     "  -x, --torn         the capture may end inside a record");
}

static const struct option long_options[] = {
	{ "only", 1, NULL, 'o' },    { "snaplen", 1, NULL, 's' }, { "any-order", 0, NULL, 'a' },
	{ "ordered", 0, NULL, 't' }, { "subset", 0, NULL, 'u' },  { "prefix", 0, NULL, 'p' },
	{ "torn", 0, NULL, 'x' },    { "help", 0, NULL, 'h' },	  { 0 },
};

static void set_option(int option, char *value)
{
	switch (option) {
	case 'o':
		read_list(&only, value, verdict_names, FRAME_VERDICTS);
		break;
	case 's':
		snaplen = number(value, FRAME_HEADER, INT32_MAX);
		break;
	case 'a':
		any_order = true;
		break;
	case 't':
		ordered = true;
		break;
	case 'u':
		subset = true;
		break;
	case 'p':
		prefix = true;
		break;
	case 'x':
		torn = true;
		break;
	case 'h':
		help();
		exit(0);
	default:
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct file reference = { 0 }, capture = { 0 };
	size_t missing;
	int option;

	while ((option = getopt_long(argc, argv, "o:s:atupxh", long_options, NULL)) != -1)
		set_option(option, optarg);
	if (argc - optind != 2)
		die("needs two files; see --help");
	reference.path = argv[optind];
	capture.path = argv[optind + 1];
	load(&reference);
	load(&capture);
	missing = compare(&reference, &capture);
	if (missing && !subset && !prefix)
		die("%zu frames are missing after %zu equal ones", missing, capture.count);
	printf("%zu frames equal, %zu missing, %zu unmarked\n", capture.count, missing,
	       capture.unmarked);
	return 0;
}
