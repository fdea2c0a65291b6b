/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The journal: a list of records of what is armed, and its messages on a socket. Both ends of the
 * socket are of the same build.
 */
#ifndef XDPDROP_PROCESS_JOURNAL_H
#define XDPDROP_PROCESS_JOURNAL_H

#include <sys/types.h>

#include "xdp/hook_slots.h"
#include "xdp/member.h"
#include "xdp/wrapper.h"

enum journal_kind {
	JOURNAL_WITHDRAWN, /* removes the record with this number */
	JOURNAL_LEASE,	   /* the lease to extend, and to end after the capture's death */
	JOURNAL_CONTROL,   /* the control process, which writes the journal */
	JOURNAL_HOOK,	   /* from here on: changes to undo */
	JOURNAL_WRAPPER,
	JOURNAL_MEMBER,
};

/* Descriptors are valid in the process that has the record. */
struct journal_record {
	enum journal_kind kind;
	union {
		struct {
			int lease_fd, control_fd;
			pid_t pid; /* the process that created them */
		} lease;
		struct {
			int socket; /* the control process's end of its socket to the reader */
			pid_t pid;
		} control;
		struct hook_slots hook;
		struct wrapper wrapper;
		struct member member;
	};
};

struct journal_entry {
	__u32 number; /* never 0 */
	struct journal_record record;
};

/* Records are in the order in which they were written, and are undone in reverse order. */
struct journal {
	unsigned int count;
	struct journal_entry *entry;
};

/* Add @record, or replace the one with this number. 0 or -ENOMEM. */
int journal_put(struct journal *journal, __u32 number, const struct journal_record *record);

/* The record with this number, or NULL. */
struct journal_record *journal_find(const struct journal *journal, __u32 number);

void journal_remove(struct journal *journal, __u32 number);
void journal_free(struct journal *journal);

/* Close the descriptors of @record. */
void journal_close(struct journal_record *record);

/* Send one message without waiting. Errors: -EAGAIN: there is no room; sendmsg()'s. */
int journal_send(int socket, __u32 number, const struct journal_record *record);

/*
 * Receive one message without waiting. Its descriptors are owned by the caller. Errors: -EAGAIN:
 * there is none; -ENODATA: the other end is closed; -EBADMSG: it is incomplete; recvmsg()'s.
 */
int journal_receive(int socket, __u32 *number, struct journal_record *record);

#endif
