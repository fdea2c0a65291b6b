// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The samples: flow_sample (0,1), counters_sample (0,2) and discarded_packet (0,5), with their
 * records. sFlow version 5, and "sFlow Dropped Packet Notification Structures".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "output/sflow_datagram.h"

#define NAME_SIZE 128 /* most bytes of a name */
#define FCS 4	      /* a captured frame has none, but the length of a frame counts it */

enum { FLOW_SAMPLE = 1, COUNTERS_SAMPLE = 2, DISCARDED_PACKET = 5 };
enum { SAMPLED_HEADER = 1, EXTENDED_ACL = 1037, EXTENDED_FUNCTION = 1038 };
enum { LAST_FORMAT = 4 }; /* of records with low numbers */
enum { GENERIC_COUNTERS = 1 };
enum { HEADER_ETHERNET = 1, HEADER_IP4 = 11, HEADER_IP6 = 12, HEADER_80211 = 15 };
enum { LINK_ETHERNET = 1, LINK_RAW = 101, LINK_80211 = 105 };
enum { SOURCE_IFINDEX = 0, INGRESS = 1 };

#define PACKET_DISCARDED 0x40000000 /* format 1 of an interface */

/* The protocol of a sampled header. 0: it has no number. */
static __u32 sflow_header_protocol(const struct xdpdrop_sflow_drop *drop)
{
	const struct xdpdrop_record *record = drop->record;

	switch (drop->link_type) {
	case LINK_ETHERNET:
		return HEADER_ETHERNET;
	case LINK_80211:
		return HEADER_80211;
	case LINK_RAW:
		break;
	default:
		return 0;
	}
	switch (record->caplen ? record->data[0] >> 4 : 0) {
	case 4:
		return HEADER_IP4;
	case 6:
		return HEADER_IP6;
	default:
		return 0;
	}
}

static void sflow_put_header(struct sflow_datagram *datagram, const struct xdpdrop_sflow_drop *drop,
			     __u32 protocol)
{
	const struct xdpdrop_record *record = drop->record;
	__u32 fcs = protocol == HEADER_ETHERNET ? FCS : 0;
	size_t begin = sflow_begin(datagram, SAMPLED_HEADER);

	sflow_put_u32(datagram, protocol);
	sflow_put_u32(datagram, record->len + fcs);
	sflow_put_u32(datagram, fcs);
	sflow_put_opaque(datagram, record->data,
			 record->caplen < XDPDROP_SFLOW_HEADER ? record->caplen :
								 XDPDROP_SFLOW_HEADER);
	sflow_end(datagram, begin);
}

static void sflow_put_string(struct sflow_datagram *datagram, const char *text)
{
	sflow_put_opaque(datagram, text, strnlen(text, NAME_SIZE));
}

/* "PROGRAM:REASON", "PROGRAM:7", "PROGRAM" */
static void sflow_put_name(struct sflow_datagram *datagram, const struct xdpdrop_sflow_drop *drop)
{
	const char *program = drop->program ? drop->program : "";
	char name[NAME_SIZE + 1];

	if (drop->reason)
		snprintf(name, sizeof(name), "%s:%s", program, drop->reason);
	else if (drop->record->reason)
		snprintf(name, sizeof(name), "%s:%u", program, drop->record->reason);
	else
		snprintf(name, sizeof(name), "%s", program);
	sflow_put_string(datagram, name);
}

static void sflow_put_acl(struct sflow_datagram *datagram, const struct xdpdrop_sflow_drop *drop)
{
	const struct xdpdrop_record *record = drop->record;
	size_t begin = sflow_begin(datagram, EXTENDED_ACL);

	/* a rule that 32 bits cannot express is left out, not shortened to another one */
	sflow_put_u32(datagram,
		      record->rule && record->rule <= 0xffffffff ? record->rule : record->reason);
	sflow_put_name(datagram, drop);
	sflow_put_u32(datagram, INGRESS);
	sflow_end(datagram, begin);
}

static void sflow_put_function(struct sflow_datagram *datagram,
			       const struct xdpdrop_sflow_drop *drop)
{
	size_t begin = sflow_begin(datagram, EXTENDED_FUNCTION);

	sflow_put_string(datagram, drop->program);
	sflow_end(datagram, begin);
}

/*
 * Wireshark 4.0 does not skip a record that it does not know: it takes the words behind the length
 * for the next record's format. Therefore the access list is last, and the function, whose first
 * word is the length of its name, is left out where that is the number of a format.
 */
static void sflow_put_records(struct sflow_datagram *datagram,
			      const struct xdpdrop_sflow_drop *drop)
{
	__u32 protocol = sflow_header_protocol(drop);
	bool function = drop->program && strlen(drop->program) > LAST_FORMAT;

	sflow_put_u32(datagram, (protocol ? 1 : 0) + (function ? 1 : 0) + 1);
	if (protocol)
		sflow_put_header(datagram, drop, protocol);
	if (function)
		sflow_put_function(datagram, drop);
	sflow_put_acl(datagram, drop);
}

int sflow_add_flow(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent,
		   struct sflow_source *source, const struct xdpdrop_sflow_drop *drop)
{
	const struct xdpdrop_record *record = drop->record;
	size_t used, begin;
	int err;

	sflow_datagram_open(datagram, agent);
	used = datagram->used;
	begin = sflow_begin(datagram, FLOW_SAMPLE);
	sflow_put_u32(datagram, source->flows + 1);
	sflow_put_u32(datagram, source->ifindex);
	sflow_put_u32(datagram, record->sample ? record->sample : 1);
	sflow_put_u32(datagram, drop->pool);
	sflow_put_u32(datagram, drop->drops);
	sflow_put_u32(datagram, source->ifindex);
	sflow_put_u32(datagram, PACKET_DISCARDED | drop->code);
	sflow_put_records(datagram, drop);
	sflow_end(datagram, begin);
	err = sflow_datagram_commit(datagram, used);
	if (!err)
		source->flows++;
	return err;
}

int sflow_add_discard(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent,
		      struct sflow_source *source, const struct xdpdrop_sflow_drop *drop)
{
	size_t used, begin;
	int err;

	sflow_datagram_open(datagram, agent);
	used = datagram->used;
	begin = sflow_begin(datagram, DISCARDED_PACKET);
	sflow_put_u32(datagram, source->discards + 1);
	sflow_put_u32(datagram, SOURCE_IFINDEX);
	sflow_put_u32(datagram, source->ifindex);
	sflow_put_u32(datagram, drop->drops);
	sflow_put_u32(datagram, source->ifindex);
	sflow_put_u32(datagram, 0); /* output: there was none */
	sflow_put_u32(datagram, drop->code);
	sflow_put_records(datagram, drop);
	sflow_end(datagram, begin);
	err = sflow_datagram_commit(datagram, used);
	if (!err)
		source->discards++;
	return err;
}

static void sflow_put_counters(struct sflow_datagram *datagram,
			       const struct xdpdrop_sflow_interface *interface)
{
	size_t begin = sflow_begin(datagram, GENERIC_COUNTERS);

	sflow_put_u32(datagram, interface->ifindex);
	sflow_put_u32(datagram, interface->type);
	sflow_put_u64(datagram, interface->speed);
	sflow_put_u32(datagram, interface->direction);
	sflow_put_u32(datagram, (interface->admin_up ? 1 : 0) | (interface->oper_up ? 2 : 0));
	sflow_put_u64(datagram, interface->in_octets);
	sflow_put_u32(datagram, interface->in_unicast);
	sflow_put_u32(datagram, interface->in_multicast);
	sflow_put_u32(datagram, interface->in_broadcast);
	sflow_put_u32(datagram, interface->in_discards);
	sflow_put_u32(datagram, interface->in_errors);
	sflow_put_u32(datagram, interface->in_unknown);
	sflow_put_u64(datagram, interface->out_octets);
	sflow_put_u32(datagram, interface->out_unicast);
	sflow_put_u32(datagram, interface->out_multicast);
	sflow_put_u32(datagram, interface->out_broadcast);
	sflow_put_u32(datagram, interface->out_discards);
	sflow_put_u32(datagram, interface->out_errors);
	sflow_put_u32(datagram, interface->promiscuous);
	sflow_end(datagram, begin);
}

int sflow_add_counters(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent,
		       struct sflow_source *source, const struct xdpdrop_sflow_interface *interface)
{
	size_t used, begin;
	int err;

	sflow_datagram_open(datagram, agent);
	used = datagram->used;
	begin = sflow_begin(datagram, COUNTERS_SAMPLE);
	sflow_put_u32(datagram, source->counters + 1);
	sflow_put_u32(datagram, source->ifindex);
	sflow_put_u32(datagram, 1); /* records */
	sflow_put_counters(datagram, interface);
	sflow_end(datagram, begin);
	err = sflow_datagram_commit(datagram, used);
	if (!err)
		source->counters++;
	return err;
}
