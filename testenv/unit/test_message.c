/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what a session's deputy says, from one end of a socket to the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/message.h"

static int ends[2];

/* The next receive answers as one that looked for a message before it came. */
static bool looks_too_early;

ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	if (!looks_too_early)
		return __real_recvmsg(fd, message, flags);
	looks_too_early = false;
	message->msg_controllen = 0;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
}

static int teardown(void **state)
{
	(void)state;
	close(ends[1]);
	return 0;
}

static void hang_up(void)
{
	close(ends[0]);
}

static void all_fields_arrive(void **state)
{
	struct message sent = { .kind = MESSAGE_POINT, .index = 7 }, got;
	int fd = 99;

	(void)state;
	memset(&sent.point, 'x', sizeof(sent.point));
	assert_int_equal(message_send(ends[0], &sent, -1), 0);
	assert_int_equal(message_receive(ends[1], &got, &fd), 0);
	assert_int_equal(fd, -1);
	assert_memory_equal(&got, &sent, offsetof(struct message, point) + sizeof(sent.point));
	hang_up();
}

static void text_is_cut_and_ends(void **state)
{
	struct message sent = { .kind = MESSAGE_LOG, .index = 1 }, got;
	int fd;

	(void)state;
	memset(sent.text, 'x', sizeof(sent.text));
	assert_int_equal(message_send(ends[0], &sent, -1), 0);
	assert_int_equal(message_receive(ends[1], &got, &fd), 0);
	assert_int_equal(strlen(got.text), sizeof(got.text) - 1);
	hang_up();
}

/* Of a verifier's long log the end is what matters. */
static void end_of_long_text_is_kept(void **state)
{
	static struct message message;
	char text[2 * sizeof(message.text)];

	(void)state;
	message_set_end(&message, "short");
	assert_string_equal(message.text, "short");
	memset(text, 'x', sizeof(text));
	text[sizeof(message.text) - 1] = '\0';
	message_set_end(&message, text);
	assert_string_equal(message.text, text);
	memset(text, 'x', sizeof(text));
	strcpy(text + sizeof(text) - sizeof("R0 !read_ok"), "R0 !read_ok");
	message_set_end(&message, text);
	assert_int_equal(strlen(message.text), sizeof(message.text) - 1);
	assert_memory_equal(message.text, "... xxx", 7);
	assert_string_equal(message.text + sizeof(message.text) - sizeof("R0 !read_ok"),
			    "R0 !read_ok");
	/* characters of two bytes are whole */
	for (size_t i = 0; i < sizeof(text) - 2; i += 2)
		memcpy(text + i, "\u00e4", 2);
	strcpy(text + sizeof(text) - 3, "!");
	message_set_end(&message, text);
	assert_memory_equal(message.text, "... \u00e4", 6);
}

static void descriptor_arrives(void **state)
{
	struct message sent = { .kind = MESSAGE_RING, .index = 3 }, got;
	int null = open("/dev/null", O_RDONLY), fd = -1;
	struct stat before, after;

	(void)state;
	assert_int_equal(message_send(ends[0], &sent, null), 0);
	assert_int_equal(message_receive(ends[1], &got, &fd), 0);
	assert_int_equal(got.index, 3);
	assert_int_equal(fstat(null, &before), 0);
	assert_int_equal(fstat(fd, &after), 0);
	assert_int_equal(before.st_rdev, after.st_rdev);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(null);
	hang_up();
}

static void nothing_is_there(void **state)
{
	struct message got;
	int fd;

	(void)state;
	assert_int_equal(message_receive(ends[1], &got, &fd), -EAGAIN);
	hang_up();
	assert_int_equal(message_receive(ends[1], &got, &fd), -ENODATA);
	assert_int_equal(message_receive(ends[1], &got, &fd), -ENODATA);
}

/* Asked for the end, it had come to it by itself: its last word counts, not that it is gone. */
static void last_word_after_unread_request(void **state)
{
	struct message sent = { .kind = MESSAGE_END, .index = ENODEV }, got;
	int fd;

	(void)state;
	assert_int_equal(message_send(ends[0], &sent, -1), 0);
	assert_int_equal(send(ends[1], "", 1, 0), 1);
	hang_up();
	assert_int_equal(message_receive(ends[1], &got, &fd), 0);
	assert_int_equal(got.kind, MESSAGE_END);
	assert_int_equal(got.index, ENODEV);
	assert_int_equal(message_receive(ends[1], &got, &fd), -ENODATA);
}

/* The kernel saw no message, then that the socket was closed: the last word came between. */
static void last_word_comes_with_the_end(void **state)
{
	struct message sent = { .kind = MESSAGE_RING, .index = 3 }, got;
	int null = open("/dev/null", O_RDONLY), fd = -1;

	(void)state;
	assert_int_equal(message_send(ends[0], &sent, null), 0);
	hang_up();
	looks_too_early = true;
	assert_int_equal(message_receive(ends[1], &got, &fd), 0);
	assert_false(looks_too_early);
	assert_int_equal(got.kind, MESSAGE_RING);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	looks_too_early = true;
	assert_int_equal(message_receive(ends[1], &got, &fd), -ENODATA);
	close(null);
}

static void nobody_listens(void **state)
{
	const struct message sent = { .kind = MESSAGE_MISSED };
	int closed = ends[1];

	(void)state;
	close(ends[0]);
	assert_int_equal(message_send(closed, &sent, -1), -EPIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_fields_arrive, setup, teardown),
		cmocka_unit_test_setup_teardown(text_is_cut_and_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(end_of_long_text_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(descriptor_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(last_word_after_unread_request, setup, teardown),
		cmocka_unit_test_setup_teardown(last_word_comes_with_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_listens, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
