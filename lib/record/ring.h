/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Reads the per-CPU BPF ring buffers as one stream, ordered by timestamp.
 *
 * Owns the mappings of the rings. The maps belong to the session.
 */
#ifndef XDPDROP_RECORD_RING_H
#define XDPDROP_RECORD_RING_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <xdpdrop/record.h>

/*
 * 0 if the @size bytes at @data are a valid record, otherwise -EPROTO. Never reads beyond @size.
 * Code after this check trusts the fields of the record.
 */
int record_check(const void *data, size_t size);

struct ring {
	volatile unsigned long *consumer_pos;	    /* a page of its own, written by this process */
	const volatile unsigned long *producer_pos; /* a page of its own, written by the kernel */
	const char *data;			    /* size bytes, mapped twice in a row */
	size_t size;				    /* power of two */
	unsigned long position; /* read position, ahead of *consumer_pos during a round */
	unsigned long end;	/* producer position of this round */
	const struct xdpdrop_record *head; /* next record, NULL: none in this round */
};

/* A ring with a head, and the timestamp of the head. */
struct ring_entry {
	__u64 timestamp;
	struct ring *ring;
};

struct rings {
	struct ring *ring;
	struct ring_entry *heap; /* room for count entries; used only within rings_drain() */
	unsigned int count;
	__u64 invalid;	 /* number of invalid records, which were skipped */
	bool unfinished; /* the last drain has left a record that was unfinished */
};

/*
 * Called for each record in time order. The record is borrowed ring memory. A negative return value
 * ends the drain, which returns it.
 */
typedef int (*ring_record_fn)(void *data, const struct xdpdrop_record *record);

/*
 * Map the BPF ring buffer @map_fd of @size bytes and append it to @rings. Errors: -ENOMEM,
 * mmap()'s.
 */
int rings_add(struct rings *rings, int map_fd, size_t size);

/* Unmap and free all. */
void rings_free(struct rings *rings);

/*
 * Call @fn for each complete record that is not younger than @until, merged by timestamp over all
 * rings, for at most @budget records. @until: ns CLOCK_MONOTONIC, read before the call.
 *
 * The order is exact: the kernel sets the timestamp of a record after reserving it, so a ring whose
 * positions were read after @until gets no older record later. At a reserved record that is not
 * finished within microseconds, the merge stops until it is: then records up to @until may be left.
 *
 * Returns the number of records, or the callback's error.
 */
int rings_drain(struct rings *rings, __u64 until, int budget, ring_record_fn fn, void *data);

/* Is nothing left to drain, not even a reserved but unfinished record? */
bool rings_are_empty(const struct rings *rings);

#endif
