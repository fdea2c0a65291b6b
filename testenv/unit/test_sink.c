// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of records: limit, losses, reasons, handler, and that all of them are accounted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "output/sink.h"

#define BYTES 60

/* A session's far end without the session: capture points, a file in memory. */
struct bench {
	struct points points;
	struct sink sink;
	int fd;
	char file[65536];
	size_t size;
};

static void add_point(struct bench *bench, __u32 id)
{
	struct xdpdrop_point info = { .tap = "hook",
				      .ifname = "eth7",
				      .ifindex = 7,
				      .program_id = id,
				      .hook_id = 5,
				      .program = "fw",
				      .hook = "h" };
	struct reasons reasons = { 0 };

	assert_int_equal(reasons_add(&reasons, 3, "BLOCKLIST"), 0);
	assert_int_equal(reasons_add(&reasons, 4, "a\nb\xff?"), 0);
	assert_true(points_add(&bench->points, &info, &reasons) >= 0);
}

static int describe(void *data, struct sink *sink, unsigned int index,
		    const struct xdpdrop_point *info)
{
	char description[32];
	const struct writer_interface interface = { .name = "eth7:fw:h",
						    .description = description,
						    .snaplen = 65535 };

	(void)data, (void)index;
	snprintf(description, sizeof(description), "program %u", info->program_id);
	return sink_put_interface(sink, &interface);
}

static void set_up(struct bench *bench, bool output)
{
	memset(bench, 0, sizeof(*bench));
	bench->fd = memfd_create("delivery", MFD_CLOEXEC);
	add_point(bench, 1);
	if (output) {
		struct xdpdrop_output to = { .size = sizeof(to), .fd = bench->fd };

		assert_int_equal(sink_set_output(&bench->sink, &to), 0);
	}
	bench->sink.describe = describe;
	bench->sink.describe_data = bench;
	assert_int_equal(sink_begin(&bench->sink, &bench->points, 65535, ""), 0);
	assert_int_equal(sink_announce_new(&bench->sink), 0);
}

static int pass_record(struct bench *bench, const struct xdpdrop_record *fields)
{
	static struct {
		struct xdpdrop_record record;
		char bytes[BYTES];
	} frame;

	frame.record = *fields;
	frame.record.timestamp = 1000;
	frame.record.len = frame.record.caplen = BYTES;
	frame.record.ifindex = 7;
	frame.record.action = 1;
	frame.record.version = XDPDROP_RECORD_VERSION;
	return sink_record(&bench->sink, &frame.record);
}

static int pass(struct bench *bench, __u8 point, __u32 reason)
{
	return pass_record(bench, &(struct xdpdrop_record){ .point = point, .reason = reason });
}

static int pass_sample(struct bench *bench, __u16 sample)
{
	return pass_record(bench, &(struct xdpdrop_record){ .sample = sample });
}

static int pass_lost(struct bench *bench, __u8 point, __u16 lost)
{
	return pass_record(bench, &(struct xdpdrop_record){ .point = point, .lost = lost });
}

static void finish(struct bench *bench, struct xdpdrop_stats *stats)
{
	assert_int_equal(sink_finish(&bench->sink), 0);
	bench->size = pread(bench->fd, bench->file, sizeof(bench->file), 0);
	*stats = (struct xdpdrop_stats){ 0 };
	sink_count(&bench->sink, stats);
	sink_free(&bench->sink);
	points_free(&bench->points);
	close(bench->fd);
}

/* Option @code of the @number-th packet: its bytes, or NULL. */
static const char *packet_option(const struct bench *bench, unsigned int number, __u16 code)
{
	__u32 block[2];

	for (size_t at = 0; at < bench->size; at += block[1]) {
		memcpy(block, bench->file + at, sizeof(block));
		if (block[0] != 6 || number--)
			continue;
		for (size_t option = at + 28 + BYTES;;) {
			__u16 head[2];

			memcpy(head, bench->file + option, sizeof(head));
			if (head[0] == code || !head[0])
				return head[0] ? bench->file + option + 4 : NULL;
			option += 4 + (head[1] + 3) / 4 * 4;
		}
	}
	return NULL;
}

static __u64 dropcount(const struct bench *bench, unsigned int number)
{
	const char *value = packet_option(bench, number, 4);
	__u64 count = 0;

	if (value)
		memcpy(&count, value, sizeof(count));
	return count;
}

static void records_beyond_the_limit_are_counted(void **state)
{
	struct bench bench;
	struct xdpdrop_stats stats;

	(void)state;
	set_up(&bench, true);
	bench.sink.limit = 2;
	assert_int_equal(pass(&bench, 0, 0), 0);
	assert_int_equal(pass(&bench, 0, 0), -ENODATA);
	assert_int_equal(pass(&bench, 0, 0), 0);
	assert_int_equal(pass(&bench, 0, 0), 0);
	finish(&bench, &stats);
	assert_int_equal(stats.written, 2);
	assert_int_equal(stats.over_limit, 2);
	assert_int_equal(stats.write_failed, 0);
}

static void losses_stand_at_the_record_that_tells_of_them(void **state)
{
	static const __u16 lost[] = { 0, 5, 0, XDPDROP_MAX_LOST, 3, 0 };
	const unsigned int records = sizeof(lost) / sizeof(lost[0]);
	struct bench bench;
	struct xdpdrop_stats stats;

	(void)state;
	set_up(&bench, true);
	add_point(&bench, 2);
	assert_int_equal(sink_announce_new(&bench.sink), 0);
	for (unsigned int i = 0; i < records; i++) {
		pass_lost(&bench, 0, lost[i]);
		pass_lost(&bench, 1, i);
	}
	finish(&bench, &stats);
	for (unsigned int i = 0; i < records; i++) {
		assert_int_equal(dropcount(&bench, 2 * i), lost[i]);
		assert_int_equal(dropcount(&bench, 2 * i + 1), i);
	}
	assert_int_equal(stats.written, 2 * records);
}

static int refuse(struct buffer *out, const struct writer_file *file,
		  const struct xdpdrop_record *record, const struct writer_packet *packet)
{
	(void)out, (void)file, (void)record, (void)packet;
	return -EIO;
}

/*
 * Surplus, or its write failed: the capture point's next record that is written tells of its
 * losses, too.
 */
static void losses_wait_for_a_record_that_is_written(void **state)
{
	struct writer_ops refusing = writer_pcapng;
	struct bench bench;
	struct xdpdrop_stats stats;

	(void)state;
	refusing.packet = refuse;
	set_up(&bench, true);
	add_point(&bench, 2);
	bench.sink.limit = 1;
	assert_int_equal(pass_lost(&bench, 0, 1), -ENODATA);
	assert_int_equal(pass_lost(&bench, 0, 20), 0);
	bench.sink.limit = 0;
	bench.sink.writer = &refusing;
	assert_int_equal(pass_lost(&bench, 0, 300), -EIO);
	bench.sink.writer = &writer_pcapng;
	assert_int_equal(pass_lost(&bench, 1, 6), 0);
	assert_int_equal(pass_lost(&bench, 0, 4000), 0);
	assert_int_equal(pass_lost(&bench, 0, 5), 0);
	finish(&bench, &stats);
	assert_int_equal(dropcount(&bench, 0), 1);
	assert_int_equal(dropcount(&bench, 1), 6);
	assert_int_equal(dropcount(&bench, 2), 4320);
	assert_int_equal(dropcount(&bench, 3), 5);
}

static void records_tell_how_they_were_sampled(void **state)
{
	struct bench bench;
	struct xdpdrop_stats stats;

	(void)state;
	set_up(&bench, true);
	pass_sample(&bench, 7);
	pass_sample(&bench, 65535);
	pass_sample(&bench, 1);
	pass_sample(&bench, 0);
	pass_sample(&bench, 7);
	finish(&bench, &stats);
	assert_memory_equal(packet_option(&bench, 0, 1), "sample 1 in 7", 14);
	assert_memory_equal(packet_option(&bench, 1, 1), "sample 1 in 65535", 18);
	assert_null(packet_option(&bench, 2, 1));
	assert_null(packet_option(&bench, 3, 1));
	assert_memory_equal(packet_option(&bench, 4, 1), "sample 1 in 7", 14);
}

static void reasons_have_names_or_numbers(void **state)
{
	struct bench bench;
	struct xdpdrop_stats stats;

	(void)state;
	set_up(&bench, true);
	pass(&bench, 0, 3);
	pass(&bench, 0, 99);
	pass(&bench, 0, 0);
	pass(&bench, 0, 4);
	pass(&bench, 0, 4);
	finish(&bench, &stats);
	assert_memory_equal(packet_option(&bench, 0, 1), "BLOCKLIST", 9);
	assert_memory_equal(packet_option(&bench, 1, 1), "reason 99", 9);
	assert_null(packet_option(&bench, 2, 1));
	assert_memory_equal(packet_option(&bench, 3, 1), "a?b??\0\0", 8);
	assert_memory_equal(packet_option(&bench, 4, 1), "a?b??\0\0", 8);
}

static int take_one(void *data, const struct xdpdrop_point *point,
		    const struct xdpdrop_record *record, __u64 realtime)
{
	int *left = data;

	assert_string_equal(point->program, "fw");
	assert_int_equal(record->caplen, BYTES);
	assert_true(realtime > 1600000000000000000ULL);
	return (*left)-- > 0 ? 0 : -EIO;
}

static void a_handler_accepts_or_refuses(void **state)
{
	struct bench bench;
	struct xdpdrop_stats stats;
	int left = 1;

	(void)state;
	set_up(&bench, false);
	bench.sink.handler = take_one;
	bench.sink.handler_data = &left;
	clock_update(&bench.sink.clock);
	assert_int_equal(pass(&bench, 0, 0), 0);
	assert_int_equal(pass(&bench, 0, 0), -EIO);
	finish(&bench, &stats);
	assert_int_equal(stats.written, 1);
	assert_int_equal(stats.write_failed, 1);
}

static void a_record_of_no_point_is_not_written(void **state)
{
	struct bench bench;
	struct xdpdrop_stats stats;

	(void)state;
	set_up(&bench, true);
	assert_int_equal(pass(&bench, 1, 0), 0);
	assert_int_equal(pass(&bench, 255, 0), 0);
	finish(&bench, &stats);
	assert_int_equal(stats.written + stats.write_failed + stats.over_limit, 0);
}

static void a_full_disk_fails_every_record(void **state)
{
	struct bench bench;
	struct xdpdrop_stats stats = { 0 };
	struct xdpdrop_output to = { .size = sizeof(to) };
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	set_up(&bench, false);
	to.fd = fileno(full);
	assert_int_equal(sink_set_output(&bench.sink, &to), 0);
	assert_int_equal(sink_begin(&bench.sink, &bench.points, 65535, ""), 0);
	pass(&bench, 0, 0);
	pass(&bench, 0, 0);
	assert_int_equal(sink_flush(&bench.sink, false), -ENOSPC);
	assert_int_equal(pass(&bench, 0, 0), -ENOSPC);
	assert_int_equal(sink_finish(&bench.sink), -ENOSPC);
	sink_count(&bench.sink, &stats);
	assert_int_equal(stats.written, 0);
	assert_int_equal(stats.write_failed, 3);
	sink_free(&bench.sink);
	points_free(&bench.points);
	close(bench.fd);
	fclose(full);
}

/* A socket that listens, and one that is connected to it. */
static void connect_client(int *server, int *client)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address);

	*server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*server, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(*server, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(listen(*server, 1), 0);
	assert_int_equal(connect(*client, (struct sockaddr *)&address, size), 0);
}

/* The block of type @type with number @number, or NULL. */
static const char *find_block(const struct bench *bench, __u32 type, unsigned int number)
{
	__u32 block[2];

	for (size_t at = 0; at < bench->size; at += block[1]) {
		memcpy(block, bench->file + at, sizeof(block));
		if (block[0] == type && !number--)
			return bench->file + at;
	}
	return NULL;
}

/* What has come before it connected is not sent, and its totals are its own. */
static void a_client_gets_totals_of_its_own(void **state)
{
	static const char note[] = "this client: 2 frames sent, 0 lost because it was slow, 3 "
				   "before it connected";
	struct writer_counts counts = { .received = 9, .dropped = 1, .delivered = 5 };
	struct xdpdrop_output to = { .size = sizeof(to), .fd = -1, .listen_count = 1 };
	struct xdpdrop_stats stats = { 0 };
	int server, client;
	struct bench bench;
	__u64 delivered;
	const char *block;

	(void)state;
	set_up(&bench, false);
	connect_client(&server, &client);
	to.listen_fds = &server;
	assert_int_equal(sink_set_output(&bench.sink, &to), 0);
	assert_int_equal(sink_begin(&bench.sink, &bench.points, 65535, ""), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pass_lost(&bench, 0, 7), 0);
	assert_int_equal(sink_flush(&bench.sink, false), 0);
	assert_int_equal(pass(&bench, 0, 3), 0);
	assert_int_equal(pass_lost(&bench, 0, 2), 0);
	assert_int_equal(sink_drain(&bench.sink), 0);
	assert_int_equal(sink_put_counts(&bench.sink, 0, &counts), 0);
	assert_int_equal(sink_finish(&bench.sink), 0);
	sink_count(&bench.sink, &stats);
	assert_int_equal(stats.written, 2);
	assert_int_equal(stats.unsent, 3);
	assert_int_equal(stats.clients, 1);
	assert_int_equal(stats.client_lost, 0);
	bench.size = recv(client, bench.file, sizeof(bench.file), MSG_WAITALL);
	assert_memory_equal(packet_option(&bench, 0, 1), "BLOCKLIST", 9);
	assert_int_equal(dropcount(&bench, 1), 2);
	assert_null(find_block(&bench, 6, 2));
	block = find_block(&bench, 5, 0);
	assert_non_null(block);
	memcpy(&delivered, block + 84, sizeof(delivered));
	assert_int_equal(delivered, 2);
	assert_memory_equal(block + 96, note, sizeof(note) - 1);
	sink_free(&bench.sink);
	points_free(&bench.points);
	close(bench.fd);
	close(server);
	close(client);
}

static void a_file_and_clients_exclude_each_other(void **state)
{
	struct xdpdrop_output both = { .size = sizeof(both), .fd = 1, .listen_count = 1 };
	struct xdpdrop_output none = { .size = sizeof(none), .fd = -1 };
	struct sink sink = { 0 };

	(void)state;
	both.listen_fds = &both.fd;
	assert_int_equal(sink_set_output(&sink, &both), -EINVAL);
	assert_int_equal(sink_set_output(&sink, &none), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_beyond_the_limit_are_counted),
		cmocka_unit_test(losses_stand_at_the_record_that_tells_of_them),
		cmocka_unit_test(losses_wait_for_a_record_that_is_written),
		cmocka_unit_test(records_tell_how_they_were_sampled),
		cmocka_unit_test(reasons_have_names_or_numbers),
		cmocka_unit_test(a_handler_accepts_or_refuses),
		cmocka_unit_test(a_record_of_no_point_is_not_written),
		cmocka_unit_test(a_full_disk_fails_every_record),
		cmocka_unit_test(a_client_gets_totals_of_its_own),
		cmocka_unit_test(a_file_and_clients_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
