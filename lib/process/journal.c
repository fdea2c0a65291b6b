// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A message has a number and a record. Its descriptors are passed by SCM_RIGHTS, in the order of
 * the fields that are not negative.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process/journal.h"
#include "process/seqpacket.h"

#define MAX_DESCRIPTORS (3 + HOOK_CAPTURES - 1)

struct journal_message {
	__u32 number;
	struct journal_record record;
};

union journal_rights {
	struct cmsghdr header; /* for its alignment */
	char space[CMSG_SPACE(MAX_DESCRIPTORS * sizeof(int))];
};

int journal_put(struct journal *journal, __u32 number, const struct journal_record *record)
{
	struct journal_record *old = journal_find(journal, number);
	struct journal_entry *grown;

	if (old) {
		*old = *record;
		return 0;
	}
	grown = realloc(journal->entry, (journal->count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	journal->entry = grown;
	grown[journal->count++] = (struct journal_entry){ number, *record };
	return 0;
}

struct journal_record *journal_find(const struct journal *journal, __u32 number)
{
	for (unsigned int i = 0; i < journal->count; i++)
		if (journal->entry[i].number == number)
			return &journal->entry[i].record;
	return NULL;
}

void journal_remove(struct journal *journal, __u32 number)
{
	for (unsigned int i = 0; i < journal->count; i++) {
		struct journal_entry *entry = &journal->entry[i];

		if (entry->number != number)
			continue;
		memmove(entry, entry + 1, (--journal->count - i) * sizeof(*entry));
		return;
	}
}

void journal_free(struct journal *journal)
{
	free(journal->entry);
	*journal = (struct journal){ 0 };
}

/* Find the descriptor fields of @record. Returns their number. */
static unsigned int journal_descriptors(struct journal_record *record, int *fields[])
{
	unsigned int count = 0;

	switch (record->kind) {
	case JOURNAL_LEASE:
		fields[count++] = &record->lease.lease_fd;
		fields[count++] = &record->lease.control_fd;
		break;
	case JOURNAL_CONTROL:
		fields[count++] = &record->control.socket;
		break;
	case JOURNAL_HOOK:
		fields[count++] = &record->hook.map_fd;
		fields[count++] = &record->hook.ifaces_fd;
		fields[count++] = &record->hook.chain.next_fd;
		for (__u32 i = 0; i < record->hook.chain.count && count < MAX_DESCRIPTORS; i++)
			fields[count++] = &record->hook.chain.before[i].next_fd;
		break;
	case JOURNAL_WRAPPER:
		fields[count++] = &record->wrapper.wrapper_fd;
		fields[count++] = &record->wrapper.target_fd;
		fields[count++] = &record->wrapper.map_fd;
		break;
	case JOURNAL_WITHDRAWN:
	case JOURNAL_MEMBER:
		break;
	}
	return count;
}

void journal_close(struct journal_record *record)
{
	int *fields[MAX_DESCRIPTORS];
	unsigned int count = journal_descriptors(record, fields);

	for (unsigned int i = 0; i < count; i++) {
		if (*fields[i] >= 0)
			close(*fields[i]);
		*fields[i] = -1;
	}
}

int journal_send(int socket, __u32 number, const struct journal_record *record)
{
	struct journal_message message;
	struct iovec data = { .iov_base = &message, .iov_len = sizeof(message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	int *fields[MAX_DESCRIPTORS], fds[MAX_DESCRIPTORS];
	union journal_rights rights;
	unsigned int count, sent = 0;

	/* all of it: an initializer need not clear more than a union's first member */
	memset(&message, 0, sizeof(message));
	memset(&rights, 0, sizeof(rights));
	message.number = number;
	message.record = *record;
	count = journal_descriptors(&message.record, fields);
	for (unsigned int i = 0; i < count; i++)
		if (*fields[i] >= 0)
			fds[sent++] = *fields[i];
	if (sent) {
		header.msg_control = &rights;
		header.msg_controllen = CMSG_SPACE(sent * sizeof(int));
		rights.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(sent * sizeof(int)) };
		memcpy(CMSG_DATA(&rights.header), fds, sent * sizeof(int));
	}
	while (sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Copy the received descriptors to @fds. Returns their number. */
static unsigned int journal_take_rights(struct msghdr *header, int *fds)
{
	struct cmsghdr *rights = CMSG_FIRSTHDR(header);
	size_t size;

	if (!rights || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
		return 0;
	size = rights->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(rights), size);
	return size / sizeof(int);
}

/* Set the descriptor fields of @record to the received descriptors. */
static int journal_adopt(struct journal_record *record, const int *fds, unsigned int received)
{
	int *fields[MAX_DESCRIPTORS];
	unsigned int count = journal_descriptors(record, fields), used = 0;

	for (unsigned int i = 0; i < count; i++)
		if (*fields[i] >= 0)
			*fields[i] = used < received ? fds[used++] : -1;
	return used == received ? 0 : -EBADMSG;
}

int journal_receive(int socket, __u32 *number, struct journal_record *record)
{
	struct journal_message message;
	struct iovec data = { .iov_base = &message, .iov_len = sizeof(message) };
	union journal_rights rights;
	struct msghdr header = { .msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = &rights,
				 .msg_controllen = sizeof(rights) };
	int fds[MAX_DESCRIPTORS], err;
	unsigned int received;
	ssize_t size;

	size = seqpacket_receive(socket, &header);
	if (size < 0)
		return size;
	received = journal_take_rights(&header, fds);
	err = size == sizeof(message) && !(header.msg_flags & MSG_CTRUNC) ? 0 : -EBADMSG;
	err = err ?: journal_adopt(&message.record, fds, received);
	if (err) {
		while (received)
			close(fds[--received]);
		return err;
	}
	*number = message.number;
	*record = message.record;
	return 0;
}
