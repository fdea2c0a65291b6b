// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Joins records with what the session knows of their site: names, losses, wall-clock time.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "bounds.h"
#include "cleanup.h"
#include "delivery.h"
#include "exception.h"
#include "speed.h"
#include "summary.h"

#define BUFFER_BYTES (1024 * 1024)
#define MS_NS 1000000

int delivery_set_output(struct delivery *delivery, const struct xdpdrop_output *output)
{
	const struct writer_ops *writer;
	int err;

	if (output->fd < 0 || output->format > XDPDROP_PCAP)
		return -EINVAL;
	writer = output->format == XDPDROP_PCAP ? &writer_pcap : &writer_pcapng;
	outbuf_free(&delivery->out);
	err = outbuf_init(&delivery->out, output->fd, BUFFER_BYTES, writer->unit);
	if (err)
		return err;
	delivery->writer = writer;
	delivery->unbuffered = output->unbuffered;
	delivery->file = (struct writer_file){ .application = output->application,
					       .nanoseconds = output->nanoseconds };
	return 0;
}

int delivery_begin(struct delivery *delivery, struct sites *sites, const struct xdpdrop_opts *opts,
		   const volatile int *stop)
{
	struct utsname system;
	char limits[256];
	char os[sizeof(system.sysname) + sizeof(system.release) + 1];

	delivery->sites = sites;
	clock_update(&delivery->clock);
	delivery->start = clock_realtime(&delivery->clock, clock_monotonic());
	if (!delivery->writer)
		return 0;
	delivery->out.stop = stop;
	delivery->file.snaplen = opts->snaplen;
	bounds_describe(opts, limits, sizeof(limits));
	delivery->file.comment = limits;
	uname(&system);
	snprintf(os, sizeof(os), "%s %s", system.sysname, system.release);
	delivery->file.hardware = system.machine;
	delivery->file.os = os;
	return delivery->writer->begin(&delivery->out, &delivery->file);
}

/* "eth0:program" or "eth0:program:hook", and the same in words. */
static int announce(struct delivery *delivery, const struct site *site)
{
	const struct xdpdrop_site *info = &site->info;
	char name[128], description[256];
	const struct writer_interface interface = {
		.name = name,
		.description = description,
		.snaplen = delivery->file.snaplen,
		.speed = interface_speed(info->ifname),
	};

	if (info->hook_id) {
		snprintf(name, sizeof(name), "%s:%s:%s", info->ifname, info->program, info->hook);
		snprintf(description, sizeof(description),
			 "XDP program %s (id %u) on %s, tap %s %s (map id %u)", info->program,
			 info->program_id, info->ifname, info->tap, info->hook, info->hook_id);
	} else if (!info->program_id) {
		snprintf(name, sizeof(name), "%s:%s", info->ifname, info->program);
		snprintf(description, sizeof(description), "%s of XDP on %s", info->program,
			 info->ifname);
	} else {
		snprintf(name, sizeof(name), "%s:%s", info->ifname, info->program);
		snprintf(description, sizeof(description), "XDP program %s (id %u) on %s, tap %s",
			 info->program, info->program_id, info->ifname, info->tap);
	}
	return delivery->writer->interface(&delivery->out, &interface);
}

static int announce_new(struct delivery *delivery)
{
	int err = 0;

	if (!delivery->writer || !delivery->writer->interface)
		return 0;
	while (!err && delivery->announced < delivery->sites->count)
		err = announce(delivery, &delivery->sites->site[delivery->announced++]);
	return err;
}

int delivery_round(struct delivery *delivery)
{
	__s64 step = clock_update(&delivery->clock);

	if (step < 0)
		delivery->set_back -= step;
	return announce_new(delivery);
}

/* A record whose comment is not a text that is there already. */
static int write_described(struct delivery *delivery, const struct xdpdrop_record *record,
			   const struct writer_packet *packet)
{
	struct writer_packet described = *packet;
	char text[256];

	if (record->flags & XDPDROP_F_EXCEPTION)
		exception_describe(record, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "reason %u", record->reason);
	described.reason = text;
	return delivery->writer->packet(&delivery->out, &delivery->file, record, &described);
}

/* Most records have the one of the record before. */
static const char *describe_sample(struct delivery *delivery, __u32 sample)
{
	if (sample <= 1)
		return NULL;
	if (sample != delivery->sample)
		snprintf(delivery->sample_text, sizeof(delivery->sample_text), "sample 1 in %u",
			 sample);
	delivery->sample = sample;
	return delivery->sample_text;
}

void delivery_tell(struct delivery *delivery, const struct log *log)
{
	__u64 ms = delivery->set_back / MS_NS;

	if (!ms)
		return;
	log_warn(log,
		 "the clock was set back by %llu.%03llu s: the times in the file go back, too; its "
		 "frames stay in the order in which they came",
		 ms / 1000, ms % 1000);
	delivery->set_back = 0;
}

static int write_record(struct delivery *delivery, struct site *site,
			const struct xdpdrop_record *record, __u64 realtime)
{
	const struct writer_packet packet = {
		.realtime = realtime,
		.dropcount = site->lost - site->lost_told,
		.id = delivery->passed,
		.reason = record->reason ? reasons_name(&site->reasons, record->reason) : NULL,
		.sample = describe_sample(delivery, record->sample),
	};
	int err;

	if (record->flags & XDPDROP_F_EXCEPTION || (record->reason && !packet.reason))
		err = write_described(delivery, record, &packet);
	else
		err = delivery->writer->packet(&delivery->out, &delivery->file, record, &packet);
	if (!err)
		site->lost_told = site->lost;
	if (!err && delivery->unbuffered)
		err = outbuf_flush(&delivery->out);
	return err;
}

int delivery_record(void *data, const struct xdpdrop_record *record)
{
	struct delivery *delivery = data;
	struct site *site;
	__u64 realtime;
	int err = 0;

	/* Not from one of our programs; the sums will show it. */
	if (record->site >= delivery->sites->count)
		return 0;
	site = &delivery->sites->site[record->site];
	site->read++;
	site->lost += record->lost;
	totals_add(&delivery->captured, record);
	if (delivery->limit && delivery->passed == delivery->limit) {
		delivery->surplus++;
		return 0;
	}
	delivery->passed++;
	site->delivered++;
	realtime = clock_realtime(&delivery->clock, record->timestamp);
	if (delivery->writer)
		err = write_record(delivery, site, record, realtime);
	if (!err && delivery->handler) {
		err = delivery->handler(delivery->handler_data, &site->info, record, realtime);
		delivery->handled += err >= 0;
	}
	if (!err && delivery->limit && delivery->passed == delivery->limit)
		err = -ENODATA;
	return err;
}

int delivery_flush(struct delivery *delivery)
{
	return delivery->writer ? outbuf_flush(&delivery->out) : 0;
}

static int write_counts(struct delivery *delivery, const struct kernel *kernel, __u64 end)
{
	CLEANUP_FREE struct summary *summary = malloc(sizeof(*summary));
	int err = summary ? 0 : -ENOMEM;

	for (unsigned int i = 0; !err && i < delivery->announced; i++) {
		struct xdpdrop_counters sum;
		struct writer_counts counts = { .start = delivery->start,
						.end = end,
						.comments = summary->lines };

		kernel_count(kernel, i, &sum);
		summary_write(summary, i, kernel, delivery->sites, &delivery->captured);
		counts.received = sum.seen;
		counts.dropped = sum.lost;
		counts.accepted = sum.seen - sum.filtered;
		counts.delivered = delivery->sites->site[i].delivered;
		err = delivery->writer->counts(&delivery->out, i, &counts);
	}
	return err;
}

int delivery_finish(struct delivery *delivery, const struct kernel *kernel)
{
	__u64 end = clock_realtime(&delivery->clock, clock_monotonic());
	int err;

	if (!delivery->writer)
		return 0;
	err = announce_new(delivery);
	if (!err && delivery->writer->counts)
		err = write_counts(delivery, kernel, end);
	return err ?: outbuf_finish(&delivery->out);
}

void delivery_count(const struct delivery *delivery, struct xdpdrop_stats *stats)
{
	const struct outbuf *out = &delivery->out;

	stats->written = delivery->writer ? out->written : delivery->handled;
	stats->write_failed = delivery->writer ? out->failed : delivery->passed - delivery->handled;
	stats->surplus = delivery->surplus;
}

void delivery_free(struct delivery *delivery)
{
	outbuf_free(&delivery->out);
}
