// SPDX-License-Identifier: LGPL-2.1-only
/*
 * xdpdrop-watchdog: holds the journal of a capture; see watchdog.h. It is started only by the
 * library. If it cannot continue it exits, and the capture starts another one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "bpf/lease.h"
#include "bpf/rcu_wait.h"
#include "process/child.h"
#include "process/lock.h"
#include "process/privilege.h"
#include "process/watchdog.h"
#include "xdp/stale_pins.h"

#define SECOND_NS 1000000000ULL
#define SECOND_MS 1000
/* Interval for continuing a control process that is to end but may be stopped. */
#define ASK_MS 100
/* Interval of attempts to remove a wrapper that an interface above blocks. */
#define RETRY_S 1

struct guard {
	struct journal journal;
	struct xdpdrop_control *page; /* mapped control page; NULL: no lease yet */
	int lease_fd;
	pid_t ending;			      /* pid of the capture */
	const struct journal_record *control; /* NULL: no control process */
	__u64 next_lease;
};

/* The page stays mapped after the record is removed. */
static int guard_take_lease(struct guard *guard, const struct journal_record *record)
{
	void *page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
			  record->lease.control_fd, 0);

	if (page == MAP_FAILED)
		return -1;
	guard->page = page;
	guard->lease_fd = record->lease.lease_fd;
	guard->ending = record->lease.pid;
	return 0;
}

static int guard_put(struct guard *guard, __u32 number, const struct journal_record *record)
{
	struct journal_record *old = journal_find(&guard->journal, number);

	/* the last process that has the wrapper open removes its pin */
	if (old && old->kind == JOURNAL_WRAPPER && record->kind == JOURNAL_WITHDRAWN)
		wrapper_abandon(&old->wrapper);
	if (old)
		journal_close(old);
	if (record->kind == JOURNAL_WITHDRAWN)
		journal_remove(&guard->journal, number);
	else if (journal_put(&guard->journal, number, record))
		return -1;
	if (record->kind == JOURNAL_LEASE && guard_take_lease(guard, record))
		return -1;
	guard->control = NULL;
	for (unsigned int i = 0; i < guard->journal.count; i++)
		if (guard->journal.entry[i].record.kind == JOURNAL_CONTROL)
			guard->control = &guard->journal.entry[i].record;
	return 0;
}

/* 1: continue; 0: the capture has ended or died; -1: error, exit. */
static int guard_read(struct guard *guard)
{
	for (;;) {
		struct journal_record record;
		__u32 number;
		int err = journal_receive(WATCHDOG_FD, &number, &record);

		if (err == -EAGAIN)
			return 1;
		if (err)
			return err == -ENODATA ? 0 : -1;
		if (guard_put(guard, number, &record))
			return -1;
	}
}

static void guard_extend_lease(struct guard *guard)
{
	__u64 now = clock_monotonic();

	if (!guard->page || now < guard->next_lease)
		return;
	/* an error is followed by another attempt */
	if (!lease_extend(guard->lease_fd))
		guard->next_lease = now + SECOND_NS;
}

/*
 * Data or EOF on its socket asks the control process to end. If it is stopped then, continue it, or
 * the capture would never end. Its pid is valid while the journal's socket is open.
 */
static bool guard_continue_control(const struct guard *guard)
{
	struct pollfd asked = { .events = POLLIN };

	if (!guard->control)
		return false;
	asked.fd = guard->control->control.socket;
	if (poll(&asked, 1, 0) <= 0)
		return false;
	child_continue(guard->control->control.pid);
	return true;
}

static int guard_watch(struct guard *guard)
{
	int go_on = 1;

	while (go_on > 0) {
		struct pollfd fds[] = { { .fd = WATCHDOG_FD, .events = POLLIN },
					{ .fd = -1, .events = POLLIN } };
		bool asked = guard_continue_control(guard);

		guard_extend_lease(guard);
		if (guard->control && !asked)
			fds[1].fd = guard->control->control.socket;
		if (poll(fds, 2, asked ? ASK_MS : SECOND_MS) > 0 && fds[0].revents)
			go_on = guard_read(guard);
	}
	return go_on;
}

/* The capture may have been killed while libxdp replaced the dispatcher. */
static void guard_undo_member(const struct guard *guard, const struct member *member)
{
	static struct pipeline pipeline;

	member_undo(member, NULL);
	if (!pipeline_read(&pipeline, NULL, member->ifindex, NULL))
		stale_pins_remove(&pipeline, guard->ending);
	pipeline_close(&pipeline);
}

/* False: it cannot be undone yet, or must not be. */
static bool guard_undo(const struct guard *guard, struct journal_record *record)
{
	switch (record->kind) {
	case JOURNAL_HOOK:
		hook_slots_undo(&record->hook);
		break;
	case JOURNAL_WRAPPER:
		return wrapper_undo(&record->wrapper, NULL) != -EEXIST;
	case JOURNAL_MEMBER:
		guard_undo_member(guard, &record->member);
		break;
	case JOURNAL_CONTROL:
		return false;
	case JOURNAL_WITHDRAWN:
	case JOURNAL_LEASE:
		break;
	}
	return true;
}

/* Many hooks at once. What this leaves, or cannot do without memory, the next function does. */
static void guard_undo_hooks(const struct guard *guard)
{
	CLEANUP_FREE struct hook_slots *slots = calloc(guard->journal.count, sizeof(*slots));
	CLEANUP_FREE int *errors = calloc(guard->journal.count, sizeof(*errors));
	unsigned int count = 0;

	for (unsigned int i = 0; slots && errors && i < guard->journal.count; i++)
		if (guard->journal.entry[i].record.kind == JOURNAL_HOOK)
			slots[count++] = guard->journal.entry[i].record.hook;
	if (count)
		hook_slots_undo_all(slots, errors, count);
}

/* Undo records, the last first. A record that cannot be undone now stays in the journal. */
static void guard_undo_records(struct guard *guard)
{
	int lock = lock_take(NULL);

	guard_undo_hooks(guard);
	for (unsigned int i = guard->journal.count; i-- > 0;) {
		struct journal_record *record = &guard->journal.entry[i].record;

		if (!guard_undo(guard, record))
			continue;
		journal_close(record);
		journal_remove(&guard->journal, guard->journal.entry[i].number);
	}
	if (lock >= 0)
		close(lock);
}

static bool guard_has_armed(const struct guard *guard)
{
	for (unsigned int i = 0; i < guard->journal.count; i++)
		if (guard->journal.entry[i].record.kind >= JOURNAL_HOOK)
			return true;
	return false;
}

/* The programs turn inert; without the lease's program others see that the capture is dead. */
static void guard_end_lease(struct guard *guard)
{
	if (guard->page)
		lease_end(guard->page);
	for (unsigned int i = 0; i < guard->journal.count; i++)
		if (guard->journal.entry[i].record.kind == JOURNAL_LEASE)
			journal_close(&guard->journal.entry[i].record);
}

/* The reader sees the end of its control process once no capture program runs any more. */
static void guard_release_reader(struct guard *guard)
{
	for (unsigned int i = guard->journal.count; i-- > 0;) {
		struct journal_record *record = &guard->journal.entry[i].record;

		if (record->kind != JOURNAL_CONTROL)
			continue;
		journal_close(record);
		journal_remove(&guard->journal, guard->journal.entry[i].number);
	}
	guard->control = NULL;
}

/*
 * The capture is dead. Its lease ends before the lock is taken, which may take long. The reader may
 * be alive: it reads the rings to the end once the last program has ended.
 */
static void guard_undo_all(struct guard *guard)
{
	if (!guard->journal.count)
		return;
	guard_end_lease(guard);
	if (!guard_has_armed(guard))
		return;
	guard_undo_records(guard);
	rcu_wait();
	guard_release_reader(guard);
	/* the reader does not wait for the rest, which may take long */
	if (guard->journal.count)
		close(WATCHDOG_FD);
	while (guard->journal.count) {
		sleep(RETRY_S);
		guard_undo_records(guard);
	}
}

static void guard_raise_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	struct guard guard = { .lease_fd = -1 };
	struct fd_list keep = { 0 };
	int left;

	fd_list_add(&keep, WATCHDOG_FD);
	if (argc != 2 || strcmp(argv[1], XDPDROP_VERSION) || fd_list_close_others(&keep))
		return 2;
	fd_list_free(&keep);
	guard_raise_limit();
	child_settle("xdpdrop-watchdog", privilege_to_capture());
	if (send(WATCHDOG_FD, "", 1, MSG_NOSIGNAL) < 0)
		return 1;
	left = guard_watch(&guard);
	if (!left)
		guard_undo_all(&guard);
	for (unsigned int i = 0; i < guard.journal.count; i++)
		journal_close(&guard.journal.entry[i].record);
	journal_free(&guard.journal);
	return left < 0;
}
