/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The per-CPU BPF ring buffers, read as one stream in the order of their timestamps.
 * Owns the mappings of the rings; maps and their creation belong to the session.
 */
#ifndef XDPDROP_RECORD_RING_H
#define XDPDROP_RECORD_RING_H

#include <linux/types.h>
#include <stddef.h>

#include <xdpdrop/record.h>

/* 0 if @size bytes at @data are one valid record, else -EPROTO; never reads beyond @size. */
int record_check(const void *data, size_t size);

struct ring {
	volatile unsigned long *consumer_pos;	    /* its own page, ours to write */
	const volatile unsigned long *producer_pos; /* its own page, the kernel's */
	const char *data;			    /* size bytes, mapped twice in a row */
	size_t size;				    /* power of two */
	unsigned long position;			    /* ours, ahead of *consumer_pos in a round */
	unsigned long end;			    /* producer position of this round */
	const struct xdpdrop_record *head;	    /* next record, NULL: none in this round */
};

/* A ring that has a head, and the head's timestamp. */
struct ring_entry {
	__u64 timestamp;
	struct ring *ring;
};

struct rings {
	struct ring *ring;
	struct ring_entry *heap; /* room for count entries, used within rings_drain() only */
	unsigned int count;
	__u64 invalid; /* records that failed validation, skipped */
};

/* A record in time order; borrowed ring memory. Negative: stop, and return it from the drain. */
typedef int (*ring_record_fn)(void *data, const struct xdpdrop_record *record);

/*
 * Map the BPF ring buffer @map_fd of @size bytes and append it to @rings.
 * Errors: -ENOMEM, mmap()'s.
 */
int rings_add(struct rings *rings, int map_fd, size_t size);

/* Unmap and free all. */
void rings_free(struct rings *rings);

/*
 * Pass on, merged by timestamp over all rings, every record that is complete and not younger
 * than @until (ns CLOCK_MONOTONIC, taken before the call), at most @budget of them.
 * Exact order: the kernel stamps a record after reserving it, so a ring whose positions were
 * read after @until can get no older record later; at a reserved but unfinished record the
 * merge stops until it is finished.
 * Returns the number passed on, or what the callback returned.
 */
int rings_drain(struct rings *rings, __u64 until, int budget, ring_record_fn fn, void *data);

#endif
