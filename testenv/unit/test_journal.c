/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the journal: records from one end of a socket to the other, and what the watchdog does
 * with them when the other end is closed. Nothing of the kernel's BPF is used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int watchdog_main(int argc, char **argv);

#define main watchdog_main
#include "process/watchdog_main.c"
#undef main

static char undone[256]; /* what was, in order */

static void note(const char *what, __u32 number)
{
	size_t used = strlen(undone);

	snprintf(undone + used, sizeof(undone) - used, " %s %u", what, number);
}

/* In place of those that change the kernel. */

int hook_slots_undo(const struct hook_slots *slots)
{
	note("hook", slots->id[1]);
	return 0;
}

void hook_slots_undo_all(const struct hook_slots *slots, int *errors, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		note("together", slots[i].id[1]);
		errors[i] = -EAGAIN;
	}
}

int wrapper_undo(struct wrapper *wrap, const struct log *log)
{
	(void)log;
	note("wrapper", wrap->wrapper_id);
	return 0;
}

void wrapper_abandon(struct wrapper *wrap)
{
	note("abandoned", wrap->wrapper_id);
}

void member_undo(const struct member *member, const struct log *log)
{
	(void)log;
	note("member", member->owner_id);
}

int stale_pins_remove(const struct pipeline *pipeline, __u32 ending)
{
	(void)pipeline;
	note("pins", ending);
	return 0;
}

int pipeline_read(struct pipeline *pipeline, const char *ifname, __u32 ifindex,
		  const struct log *log)
{
	(void)pipeline;
	(void)ifname;
	(void)ifindex;
	(void)log;
	return 0;
}

void pipeline_close(struct pipeline *pipeline)
{
	(void)pipeline;
}

int lock_take(const struct log *log)
{
	(void)log;
	note("lock", 0);
	return -1;
}

void lease_end(struct xdpdrop_control *control)
{
	control->deadline = 0;
	note("lease", 0);
}

int lease_extend(int fd)
{
	(void)fd;
	note("more", 0);
	return 0;
}

void rcu_wait(void)
{
	note("wait", 0);
}

/* The writer's end; the other one is where the watchdog has it. */
static int writer = -1;

static int setup(void **state)
{
	int ends[2];

	(void)state;
	undone[0] = '\0';
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
		return -1;
	writer = fcntl(ends[0], F_DUPFD, 10);
	dup2(ends[1], WATCHDOG_FD);
	for (int i = 0; i < 2; i++)
		if (ends[i] != WATCHDOG_FD)
			close(ends[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(WATCHDOG_FD);
	return 0;
}

static void write_hook(__u32 number, __u32 id, int map_fd, int ifaces_fd)
{
	const struct journal_record record = { .kind = JOURNAL_HOOK,
					       .hook = { .map_fd = map_fd,
							 .ifaces_fd = ifaces_fd,
							 .id = { 0, id },
							 .chain = { .next_fd = -1 } } };

	assert_int_equal(journal_send(writer, number, &record), 0);
}

static void withdraw(__u32 number)
{
	const struct journal_record record = { .kind = JOURNAL_WITHDRAWN };

	assert_int_equal(journal_send(writer, number, &record), 0);
}

static ino_t inode(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static unsigned int open_descriptors(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The watchdog reads all, to the end, and undoes what stands there. */
static void hang_up(struct guard *guard)
{
	close(writer);
	assert_int_equal(guard_read(guard), 0);
	guard_undo_all(guard);
	for (unsigned int i = 0; i < guard->journal.count; i++)
		journal_close(&guard->journal.entry[i].record);
	journal_free(&guard->journal);
}

static void descriptors_arrive(void **state)
{
	int pipe_fds[2];
	struct journal_record got;
	__u32 number;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	write_hook(7, 42, pipe_fds[1], -1);
	assert_int_equal(journal_receive(WATCHDOG_FD, &number, &got), 0);
	assert_int_equal(number, 7);
	assert_int_equal(got.kind, JOURNAL_HOOK);
	assert_int_equal(got.hook.id[1], 42);
	assert_int_equal(got.hook.ifaces_fd, -1);
	assert_int_not_equal(got.hook.map_fd, pipe_fds[1]);
	assert_int_equal(inode(got.hook.map_fd), inode(pipe_fds[1]));
	assert_int_equal(fcntl(got.hook.map_fd, F_GETFD), FD_CLOEXEC);
	journal_close(&got);
	assert_int_equal(got.hook.map_fd, -1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_int_equal(journal_receive(WATCHDOG_FD, &number, &got), -EAGAIN);
	close(writer);
	assert_int_equal(journal_receive(WATCHDOG_FD, &number, &got), -ENODATA);
}

/* A hook's record has a map of each capture that was there before. */
static void chains_are_received(void **state)
{
	struct journal_record record = { .kind = JOURNAL_HOOK,
					 .hook = { .map_fd = -1, .ifaces_fd = -1 } };
	struct hook_chain *chain = &record.hook.chain;
	unsigned int before;
	struct journal_record got;
	int pipe_fds[2];
	__u32 number;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	before = open_descriptors();
	chain->next_fd = pipe_fds[0];
	while (chain->count < HOOK_CAPTURES - 1)
		chain->before[chain->count++] =
			(struct hook_before){ .next_fd = pipe_fds[1], .id = { 5 } };
	assert_int_equal(journal_send(writer, 8, &record), 0);
	assert_int_equal(journal_receive(WATCHDOG_FD, &number, &got), 0);
	assert_int_equal(open_descriptors(), before + HOOK_CAPTURES);
	assert_int_equal(got.hook.chain.count, HOOK_CAPTURES - 1);
	assert_int_equal(inode(got.hook.chain.before[HOOK_CAPTURES - 2].next_fd),
			 inode(pipe_fds[1]));
	journal_close(&got);
	assert_int_equal(open_descriptors(), before);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void strange_messages_are_refused(void **state)
{
	unsigned int before = open_descriptors();
	struct journal_record got;
	__u32 number;

	(void)state;
	assert_int_equal(send(writer, "short", 5, 0), 5);
	assert_int_equal(journal_receive(WATCHDOG_FD, &number, &got), -EBADMSG);
	assert_int_equal(open_descriptors(), before);
	close(writer);
}

static void undone_last_first(void **state)
{
	const struct journal_record wrapped = {
		.kind = JOURNAL_WRAPPER,
		.wrapper = { .wrapper_fd = -1, .target_fd = -1, .map_fd = -1, .wrapper_id = 5 }
	};
	const struct journal_record placed = { .kind = JOURNAL_MEMBER,
					       .member = { .owner_id = 6 } };
	struct guard guard = { .lease_fd = -1, .ending = 9 };

	(void)state;
	write_hook(1, 11, -1, -1);
	assert_int_equal(journal_send(writer, 2, &wrapped), 0);
	assert_int_equal(journal_send(writer, 3, &placed), 0);
	write_hook(4, 14, -1, -1);
	hang_up(&guard);
	assert_string_equal(undone, " lock 0 together 11 together 14 hook 14 member 6 pins 9 "
				    "wrapper 5 hook 11 wait 0");
}

/* A record that is written again stays where it was. */
static void withdrawn_and_replaced(void **state)
{
	unsigned int before = open_descriptors();
	struct guard guard = { .lease_fd = -1 };

	(void)state;
	write_hook(1, 11, STDIN_FILENO, STDIN_FILENO);
	write_hook(2, 12, STDIN_FILENO, STDIN_FILENO);
	write_hook(3, 13, STDIN_FILENO, STDIN_FILENO);
	withdraw(2);
	withdraw(99);
	write_hook(1, 21, STDIN_FILENO, -1);
	hang_up(&guard);
	assert_string_equal(undone, " lock 0 together 21 together 13 hook 13 hook 21 wait 0");
	assert_int_equal(open_descriptors(), before - 1); /* the writer's end */
}

/* Others have taken it off, and this process may be the last one that has it open. */
static void withdrawn_wrapper(void **state)
{
	const struct journal_record wrapped = {
		.kind = JOURNAL_WRAPPER,
		.wrapper = { .wrapper_fd = -1, .target_fd = -1, .map_fd = -1, .wrapper_id = 5 }
	};
	struct guard guard = { .lease_fd = -1 };

	(void)state;
	assert_int_equal(journal_send(writer, 1, &wrapped), 0);
	withdraw(1);
	hang_up(&guard);
	assert_string_equal(undone, " abandoned 5");
}

static void nothing_left_to_undo(void **state)
{
	struct guard guard = { .lease_fd = -1 };

	(void)state;
	write_hook(1, 11, -1, -1);
	withdraw(1);
	hang_up(&guard);
	assert_string_equal(undone, "");
}

/* One that was killed before it had armed anything leaves no lock to wait for. */
static void nothing_was_armed(void **state)
{
	const struct journal_record control = { .kind = JOURNAL_CONTROL,
						.control = { .socket = -1, .pid = 1 } };
	struct guard guard = { .lease_fd = -1 };

	(void)state;
	assert_int_equal(journal_send(writer, 1, &control), 0);
	hang_up(&guard);
	assert_string_equal(undone, "");
}

/* The programs turn inert before there is a lock to wait for. */
static void lease_ends_first(void **state)
{
	int page = memfd_create("page", 0);
	const struct journal_record lease = {
		.kind = JOURNAL_LEASE, .lease = { .lease_fd = -1, .control_fd = page, .pid = 77 }
	};
	struct guard guard = { .lease_fd = -1 };

	(void)state;
	assert_int_equal(ftruncate(page, sysconf(_SC_PAGESIZE)), 0);
	assert_int_equal(journal_send(writer, 1, &lease), 0);
	write_hook(2, 12, -1, -1);
	assert_int_equal(guard_read(&guard), 1);
	assert_int_equal(guard.ending, 77);
	guard_extend_lease(&guard);
	guard.page->deadline = 1;
	hang_up(&guard);
	assert_int_equal(guard.page->deadline, 0);
	assert_string_equal(undone, " more 0 lease 0 lock 0 together 12 hook 12 wait 0");
	munmap(guard.page, sysconf(_SC_PAGESIZE));
	close(page);
}

/* One that is killed between writing a record and changing the kernel has written it. */
static void writer_dies_at_once(void **state)
{
	struct guard guard = { .lease_fd = -1 };

	(void)state;
	for (__u32 i = 1; i <= 20; i++)
		write_hook(i, i, -1, -1);
	for (__u32 i = 1; i < 20; i++)
		withdraw(i);
	hang_up(&guard);
	assert_string_equal(undone, " lock 0 together 20 hook 20 wait 0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(descriptors_arrive),
		TEST(chains_are_received),
		TEST(strange_messages_are_refused),
		TEST(undone_last_first),
		TEST(withdrawn_and_replaced),
		TEST(withdrawn_wrapper),
		TEST(nothing_left_to_undo),
		TEST(nothing_was_armed),
		TEST(lease_ends_first),
		TEST(writer_dies_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
