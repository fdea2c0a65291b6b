// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends numbered frames through an AF_PACKET socket or into a tap device, and writes the very
 * bytes that it sent to a pcap file, so that a test can compare what was captured with what was
 * sent.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"
#include "reference.h"

enum kind { UDP4, UDP6, VLAN, ARP, GARBAGE, TCP4, KINDS };
static const char *const kind_names[KINDS] = { "udp4", "udp6", "vlan", "arp", "garbage", "tcp4" };

/* Sizes, kinds and verdicts are counted through like the digits of a number. */
static struct list sizes = { { 64 }, 1 }, kinds = { { UDP4 }, 1 }, verdicts = { { 1 }, 1 };
static long count = 1, first, sender, gap_us, pause_us = 500, burst = 64, cpu = -1, port = 9000,
	    seed = 1;
static bool tap;
static uint8_t destination[6] = { 0x02, 0, 0, 0, 0, 0x01 };

static void put(uint8_t **at, const void *bytes, size_t size)
{
	memcpy(*at, bytes, size);
	*at += size;
}

static void put16(uint8_t **at, uint16_t value)
{
	*(*at)++ = value >> 8;
	*(*at)++ = value;
}

static uint16_t ip_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += header[i] << 8 | header[i + 1];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static void put_udp(uint8_t **at, int size)
{
	put16(at, port);
	put16(at, 9);
	put16(at, size < 8 ? 8 : size);
	put16(at, 0);
}

/* A reset, which nobody answers. */
static void put_tcp(uint8_t **at)
{
	put16(at, port);
	put16(at, 9);
	put(at, "\0\0\0\1\0\0\0\0\x50\x04\0\0\0\0\0\0", 16);
}

/* @size: bytes from the IP header on. Addresses are those reserved for documentation. */
static void put_ip4(uint8_t **at, int size, uint8_t protocol)
{
	uint8_t *header = *at;
	int least = protocol == IPPROTO_TCP ? 40 : 28;

	put16(at, 0x4500);
	put16(at, size < least ? least : size);
	put16(at, 0);
	put16(at, 0);
	put(at, "\x40\0\0\0\xc6\x33\x64\x02\xc6\x33\x64\x01", 12);
	header[9] = protocol;
	header[10] = ip_checksum(header) >> 8;
	header[11] = ip_checksum(header);
	if (protocol == IPPROTO_TCP)
		put_tcp(at);
	else
		put_udp(at, size - 20);
}

static void put_ip6(uint8_t **at, int size)
{
	put(at, "\x60\0\0\0", 4);
	put16(at, size < 48 ? 8 : size - 40);
	put(at, "\x11\x40", 2);
	put(at, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	put(at, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	put_udp(at, size - 40);
}

static void put_arp(uint8_t **at)
{
	put(at, "\0\1\x08\0\x06\x04\0\1", 8);
	put(at, "\x5a\x78\0\0\0\0\xc6\x33\x64\x02", 10);
	put(at, "\0\0\0\0\0\0\xc6\x33\x64\x01", 10);
}

static uint64_t scramble(uint64_t state)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^ state << 17;
}

/* Build frame @n in @frame, which has room for headers beyond @size; the rest is noise. */
static void build(uint8_t *frame, int size, long n, enum kind kind, int verdict)
{
	struct frame_id id = { .number = first + n, .sender = sender, .verdict = verdict };
	uint64_t noise = 0x9e3779b97f4a7c15 * (seed + 1) + (sender << 32) + first + n;
	uint8_t *at = frame + 12;

	for (int i = 0; i < size; i += 8) {
		noise = scramble(noise);
		memcpy(frame + i, &noise, 8);
	}
	memcpy(frame, destination, sizeof(destination));
	frame_mark(frame, &id);
	switch (kind) {
	case VLAN:
		put16(&at, ETH_P_8021Q);
		put16(&at, 5);
		put16(&at, ETH_P_IP);
		put_ip4(&at, size - 18, IPPROTO_UDP);
		break;
	case UDP4:
		put16(&at, ETH_P_IP);
		put_ip4(&at, size - 14, IPPROTO_UDP);
		break;
	case TCP4:
		put16(&at, ETH_P_IP);
		put_ip4(&at, size - 14, IPPROTO_TCP);
		break;
	case UDP6:
		put16(&at, ETH_P_IPV6);
		put_ip6(&at, size - 14);
		break;
	case ARP:
		put16(&at, ETH_P_ARP);
		put_arp(&at);
		break;
	case GARBAGE:
	case KINDS:
		break;
	}
}

static int open_socket(const char *ifname)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	address.sll_ifindex = if_nametoindex(ifname);
	if (!address.sll_ifindex)
		die("no interface '%s'", ifname);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("packet socket on %s: %s", ifname, strerror(errno));
	return fd;
}

/* A tap device that is there takes frames from who has it open, not from packet sockets. */
static int open_tap(const char *ifname)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		die("tap device %s: %s", ifname, strerror(errno));
	return fd;
}

static void send_frame(int fd, long n)
{
	static uint8_t frame[MAX_FRAME_SIZE + 64];
	int size = sizes.value[n % sizes.count];
	enum kind kind = kinds.value[n / sizes.count % kinds.count];
	int verdict = verdicts.value[n / sizes.count / kinds.count % verdicts.count];

	build(frame, size, n, kind, verdict);
	while (write(fd, frame, size) != size) {
		/* The other end has not taken frames off its queue: this one was not sent. */
		if (errno != ENOBUFS)
			die("frame %ld of %d bytes: %s", n, size, strerror(errno));
		usleep(500);
	}
	reference_write(frame, size);
}

/*
 * Until the other end has taken all frames off its queue: a busy CPU puts them off, and a machine
 * that is slow takes its time. They count as the socket's (sk_wmem_alloc, packet(7)) until the
 * receiver frees or copies them. The programs there run right after that, on this CPU.
 */
static void settle(int fd, long us)
{
	int queued;

	do {
		sched_yield();
		usleep(us);
	} while (!tap && !ioctl(fd, SIOCOUTQ, &queued) && queued > 0);
}

static void send_all(int fd)
{
	for (long n = 0; n < count; n++) {
		send_frame(fd, n);
		if (gap_us)
			usleep(gap_us);
		else if (burst && n % burst == burst - 1)
			settle(fd, pause_us);
	}
	settle(fd, 2000);
}

static void use_cpu(int wanted)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(wanted, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("CPU %d: %s", wanted, strerror(errno));
}

/*
 * On a slow machine the queue between the two ends, of 256 frames, runs full while ksoftirqd waits
 * for this process, and veth drops the rest.
 */
static void yield(void)
{
	if (setpriority(PRIO_PROCESS, 0, 19))
		die("setpriority: %s", strerror(errno));
	pause_us = 2000;
}

static void read_mac(const char *text)
{
	char rest;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &destination[0], &destination[1],
		   &destination[2], &destination[3], &destination[4], &destination[5], &rest) != 6)
		die("'%s' is not a MAC address", text);
}

static void help(void)
{
	puts("Usage: send [options] IFNAME\n\n"
	     "  -n, --count N        frames to send [1]\n"
	     "  -s, --sizes LIST     bytes of a frame, 14 to 65000 [64]\n"
	     "  -k, --kinds LIST     udp4 udp6 vlan arp garbage tcp4 [udp4]\n"
	     "  -V, --verdicts LIST  aborted drop pass tx redirect invalid [drop]\n"
	     "  -i, --sender N       number of this sender, 0 to 15 [0]\n"
	     "  -f, --first N        number of the first frame [0]\n"
	     "  -c, --cpu N          send from this CPU [the one it is on]\n"
	     "  -g, --gap US         microseconds between frames [0]\n"
	     "  -b, --burst N        frames between two pauses, 0 for none [64]\n"
	     "  -y, --yield          leave the CPU to the kernel's threads, which take the frames\n"
	     "  -p, --port N         UDP source port [9000]\n"
	     "  -d, --destination MAC  [02:00:00:00:00:01]\n"
	     "  -e, --seed N         of the noise that fills frames [1]\n"
	     "  -r, --reference FILE write what was sent to a pcap file\n"
	     "  -T, --tap            IFNAME is a tap device, which receives the frames");
}

static const struct option long_options[] = {
	{ "count", 1, NULL, 'n' },
	{ "sizes", 1, NULL, 's' },
	{ "kinds", 1, NULL, 'k' },
	{ "verdicts", 1, NULL, 'V' },
	{ "sender", 1, NULL, 'i' },
	{ "first", 1, NULL, 'f' },
	{ "cpu", 1, NULL, 'c' },
	{ "gap", 1, NULL, 'g' },
	{ "burst", 1, NULL, 'b' },
	{ "port", 1, NULL, 'p' },
	{ "seed", 1, NULL, 'e' },
	{ "help", 0, NULL, 'h' },
	{ "destination", 1, NULL, 'd' },
	{ "reference", 1, NULL, 'r' },
	{ "tap", 0, NULL, 'T' },
	{ "yield", 0, NULL, 'y' },
	{ 0 },
};

static void set_option(int option, char *value)
{
	switch (option) {
	case 'n':
		count = number(value, 0, FRAME_NUMBERS);
		break;
	case 's':
		read_list(&sizes, value, NULL, MAX_FRAME_SIZE);
		break;
	case 'k':
		read_list(&kinds, value, kind_names, KINDS);
		break;
	case 'V':
		read_list(&verdicts, value, verdict_names, FRAME_VERDICTS);
		break;
	case 'i':
		sender = number(value, 0, FRAME_SENDERS - 1);
		break;
	case 'f':
		first = number(value, 0, FRAME_NUMBERS - 1);
		break;
	case 'c':
		cpu = number(value, 0, CPU_SETSIZE - 1);
		break;
	case 'g':
		gap_us = number(value, 0, 10000000);
		break;
	case 'b':
		burst = number(value, 0, FRAME_NUMBERS);
		break;
	case 'p':
		port = number(value, 0, 65535);
		break;
	case 'd':
		read_mac(value);
		break;
	case 'e':
		seed = number(value, 0, 1000000);
		break;
	case 'r':
		reference_open(value);
		break;
	case 'y':
		yield();
		break;
	case 'T':
		tap = true;
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
	const char *short_options = "n:s:k:V:i:f:c:g:b:p:d:e:r:Tyh";
	int option;

	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
		set_option(option, optarg);
	if (argc - optind != 1)
		die("needs one interface; see --help");
	for (int i = 0; i < sizes.count; i++)
		if (sizes.value[i] < FRAME_HEADER)
			die("frames have at least %d bytes", FRAME_HEADER);
	use_cpu(cpu >= 0 ? cpu : sched_getcpu());
	send_all(tap ? open_tap(argv[optind]) : open_socket(argv[optind]));
	reference_close();
	printf("%ld frames sent\n", count);
	return 0;
}
