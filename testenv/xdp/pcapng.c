// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a pcapng file of one section in this machine's byte order, for tests on emulated machines,
 * where tshark takes seconds to start: the fields that tests ask tshark for, as it prints them, the
 * frames of some interfaces as a pcap file, and how many frames were dropped.
 */
#include <fnmatch.h>
#include <stdbool.h>
#include <stdint.h>

#include "reference.h"

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET 6
#define SECOND 1000000000ULL
#define MAX_INTERFACES 65536

/* Fields that tests ask for. */
enum {
	NUMBER,
	LEN,
	CAPLEN,
	TIME,
	INTERFACE,
	INTERFACE_NAME,
	SOURCE,
	COMMENT,
	DROPCOUNT,
	QUEUE,
	VERDICT,
	FIELDS,
};

static const char *const field_names[FIELDS] = {
	[NUMBER] = "frame.number",
	[LEN] = "frame.len",
	[CAPLEN] = "frame.cap_len",
	[TIME] = "frame.time_epoch",
	[INTERFACE] = "frame.interface_id",
	[INTERFACE_NAME] = "frame.interface_name",
	[SOURCE] = "eth.src",
	[COMMENT] = "frame.comment",
	[DROPCOUNT] = "frame.drop_count",
	[QUEUE] = "frame.interface_queue",
	[VERDICT] = "frame.verdict.ebpf_xdp",
};

enum {
	OPT_COMMENT = 1,
	IF_NAME = 2,
	EPB_DROPCOUNT = 4,
	EPB_QUEUE = 6,
	EPB_VERDICT = 7,
	ISB_IFDROP = 5
};

static const uint16_t field_options[FIELDS] = {
	[COMMENT] = OPT_COMMENT,
	[DROPCOUNT] = EPB_DROPCOUNT,
	[QUEUE] = EPB_QUEUE,
	[VERDICT] = EPB_VERDICT,
};

/* A view of the file; strings and numbers in it are not aligned. */
struct bytes {
	const uint8_t *at;
	uint32_t size;
};

struct packet {
	unsigned long number;
	uint32_t interface;
	uint64_t time;
	uint32_t caplen, len;
	const uint8_t *frame;
	struct bytes options;
};

static struct bytes interfaces[MAX_INTERFACES];
static uint32_t interface_count;
static uint64_t dropped; /* over all interfaces */

static uint32_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t load64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static struct bytes read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	struct bytes all = { 0 };
	uint8_t *memory;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		die("%s: %s", path, strerror(errno));
	rewind(file);
	memory = malloc(size + 1);
	if (!memory || fread(memory, 1, size, file) != (size_t)size)
		die("%s: cannot be read", path);
	fclose(file);
	all.at = memory;
	all.size = size;
	return all;
}

/* Take the first @size bytes off @from. */
static struct bytes take(struct bytes *from, uint32_t size)
{
	struct bytes taken = { from->at, size };

	if (size > from->size)
		die("a block ends too early");
	from->at += size;
	from->size -= size;
	return taken;
}

/* The next option off @options; false: there is none. */
static bool next_option(struct bytes *options, uint16_t *code, struct bytes *value)
{
	uint32_t head;

	if (options->size < sizeof(head))
		return false;
	head = load32(take(options, sizeof(head)).at);
	*code = head & 0xffff;
	*value = take(options, head >> 16);
	take(options, -(head >> 16) & 3);
	return *code;
}

static void read_interface(struct bytes body)
{
	struct bytes value;
	uint16_t code;

	if (interface_count == MAX_INTERFACES)
		die("more than %d interfaces", MAX_INTERFACES);
	take(&body, 8);
	while (next_option(&body, &code, &value))
		if (code == IF_NAME)
			interfaces[interface_count] = value;
	interface_count++;
}

static struct packet read_packet(struct bytes body)
{
	const uint8_t *head = take(&body, 20).at;
	struct packet packet = {
		.interface = load32(head),
		.time = (uint64_t)load32(head + 4) << 32 | load32(head + 8),
		.caplen = load32(head + 12),
		.len = load32(head + 16),
	};

	packet.frame = take(&body, packet.caplen).at;
	take(&body, -packet.caplen & 3);
	packet.options = body;
	if (packet.interface >= interface_count)
		die("a packet of an interface that is not there");
	return packet;
}

/* A file has one block for each interface. */
static void read_statistics(struct bytes body)
{
	struct bytes value;
	uint16_t code;

	take(&body, 12);
	while (next_option(&body, &code, &value))
		if (code == ISB_IFDROP && value.size == sizeof(dropped))
			dropped += load64(value.at);
}

typedef void (*packet_fn)(const struct packet *packet, const void *data);

static void walk(const char *path, packet_fn fn, const void *data)
{
	struct bytes rest = read_file(path);
	unsigned long number = 0;

	if (rest.size < 4 || load32(rest.at) != BLOCK_SECTION)
		die("%s is no pcapng file of this byte order", path);
	while (rest.size) {
		struct bytes head = take(&rest, 8);
		uint32_t type = load32(head.at), size = load32(head.at + 4);
		struct bytes body;

		if (size < 12 || size % 4)
			die("%s: a block of %u bytes", path, size);
		body = take(&rest, size - 12);
		if (load32(take(&rest, 4).at) != size)
			die("%s: a block whose lengths differ", path);
		if (type == BLOCK_INTERFACE) {
			read_interface(body);
		} else if (type == BLOCK_STATISTICS) {
			read_statistics(body);
		} else if (type == BLOCK_PACKET) {
			struct packet packet = read_packet(body);

			packet.number = ++number;
			fn(&packet, data);
		}
	}
}

static void print_number(struct bytes value)
{
	if (value.size != 4 && value.size != 8)
		die("a number of %u bytes", value.size);
	printf("%llu", value.size == 8 ? (unsigned long long)load64(value.at) : load32(value.at));
}

/* All options with this code, as tshark joins them. */
static void print_options(struct bytes options, uint16_t wanted)
{
	const char *comma = "";
	struct bytes value;
	uint16_t code;

	while (next_option(&options, &code, &value)) {
		if (code != wanted)
			continue;
		fputs(comma, stdout);
		if (code == OPT_COMMENT)
			printf("%.*s", (int)value.size, value.at);
		else if (code == EPB_VERDICT)
			print_number((struct bytes){ value.at + 1, value.size - 1 });
		else
			print_number(value);
		comma = ",";
	}
}

static void print_source(const struct packet *packet)
{
	const uint8_t *at = packet->frame + 6;

	if (packet->caplen < 12)
		die("a frame without a source address");
	printf("%02x:%02x:%02x:%02x:%02x:%02x", at[0], at[1], at[2], at[3], at[4], at[5]);
}

static void print_field(const struct packet *packet, int field)
{
	const struct bytes *interface = &interfaces[packet->interface];

	switch (field) {
	case NUMBER:
		printf("%lu", packet->number);
		break;
	case LEN:
		printf("%u", packet->len);
		break;
	case CAPLEN:
		printf("%u", packet->caplen);
		break;
	case TIME:
		printf("%llu.%09llu", (unsigned long long)(packet->time / SECOND),
		       (unsigned long long)(packet->time % SECOND));
		break;
	case INTERFACE:
		printf("%u", packet->interface);
		break;
	case INTERFACE_NAME:
		printf("%.*s", (int)interface->size, interface->at);
		break;
	case SOURCE:
		print_source(packet);
		break;
	default:
		print_options(packet->options, field_options[field]);
	}
}

static void print_fields(const struct packet *packet, const void *data)
{
	const struct list *fields = data;

	for (int i = 0; i < fields->count; i++) {
		if (i)
			putchar('\t');
		print_field(packet, fields->value[i]);
	}
	putchar('\n');
}

static void fields(const char *path, int count, char **names)
{
	struct list list = { .count = count };

	if (count > MAX_LIST)
		die("more than %d fields", MAX_LIST);
	for (int i = 0; i < count; i++)
		list.value[i] = word(names[i], field_names, FIELDS);
	walk(path, print_fields, &list);
}

static void count_nothing(const struct packet *packet, const void *data)
{
	(void)packet;
	(void)data;
}

/* With times in microseconds, which no test compares. */
static void write_part(const struct packet *packet, const void *pattern)
{
	const struct bytes *interface = &interfaces[packet->interface];
	char name[256];
	uint32_t times[] = { packet->time / SECOND, packet->time % SECOND / 1000 };

	snprintf(name, sizeof(name), "%.*s", (int)interface->size, interface->at);
	if (fnmatch(pattern, name, 0))
		return;
	reference_put(times, sizeof(times));
	reference_put(&packet->caplen, sizeof(packet->caplen));
	reference_put(&packet->len, sizeof(packet->len));
	reference_put(packet->frame, packet->caplen);
}

static void help(void)
{
	puts("Usage: pcapng fields FILE NAME ...    as tshark -T fields -e NAME ...\n"
	     "       pcapng part FILE PATTERN OUT   the frames of interfaces whose names match\n"
	     "       pcapng dropped FILE            frames counted as dropped");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--help")) {
		help();
	} else if (argc > 3 && !strcmp(argv[1], "fields")) {
		fields(argv[2], argc - 3, argv + 3);
	} else if (argc == 5 && !strcmp(argv[1], "part")) {
		reference_open(argv[4]);
		walk(argv[2], write_part, argv[3]);
		reference_close();
	} else if (argc == 3 && !strcmp(argv[1], "dropped")) {
		walk(argv[2], count_nothing, NULL);
		printf("%llu\n", (unsigned long long)dropped);
	} else {
		die("needs a command; see --help");
	}
	return 0;
}
