// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients of an output: whole blocks for each, whatever its speed, and exact counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "readers.h"

static void each_client_gets_everything(void **state)
{
	struct bench *bench = *state;
	struct reader *one, *two;

	add_head(bench);
	one = connect_reader(bench);
	two = connect_reader(bench);
	for (unsigned int i = 0; i < 50; i++) {
		add_records(bench, 7, 100 + i);
		read_all(bench, one);
		read_all(bench, two);
	}
	check_blocks(one, false);
	check_blocks(two, false);
	assert_int_equal(one->records, 350);
	assert_int_equal(two->records, 350);
	assert_int_equal(client_of(bench, one)->point[1].sent, 117);
	clients_finish(bench->clients);
	assert_sums(bench, 350, 0);
}

static void without_a_client_records_are_unsent(void **state)
{
	struct bench *bench = *state;

	add_head(bench);
	add_records(bench, 10, 100);
	assert_sums(bench, 0, 10);
}

static void a_late_client_gets_what_comes_then(void **state)
{
	struct bench *bench = *state;
	struct reader *late;

	add_head(bench);
	add_head(bench);
	add_records(bench, 10, 100);
	late = connect_reader(bench);
	clients_serve(bench->clients);
	read_all(bench, late);
	assert_int_equal(late->size, 80); /* at once, without a record */
	add_records(bench, 1, 100);
	add_head(bench);
	add_records(bench, 2, 100);
	read_all(bench, late);
	check_blocks(late, false);
	assert_int_equal(late->heads, 3);
	assert_int_equal(late->records, 3);
	assert_true(late->got[10]);
	clients_finish(bench->clients);
	assert_sums(bench, 3, 10);
}

/* One reads nothing for a time, and misses whole records; the other misses none. */
static void a_slow_client_loses_whole_records(void **state)
{
	struct bench *bench = *state;
	struct reader *fast, *slow;
	struct client *client;

	add_head(bench);
	fast = connect_reader(bench);
	slow = connect_reader(bench);
	for (unsigned int i = 0; i < 1000; i++) {
		if (i % 100 == 0)
			add_head(bench);
		add_records(bench, 3, 150 + i % 50);
		read_all(bench, fast);
	}
	client = client_of(bench, slow);
	assert_true(client->sum.lost > 2000);
	read_all(bench, slow);
	check_blocks(fast, false);
	check_blocks(slow, false);
	assert_int_equal(fast->records, 3000);
	assert_int_equal(slow->heads, 11);
	assert_int_equal(client->sum.sent, slow->records);
	assert_int_equal(client->sum.sent + client->sum.lost, 3000);
	assert_int_equal(clients_lost(bench->clients), client->sum.lost);
	assert_true(slow->got[2999]);
	clients_finish(bench->clients);
	assert_sums(bench, 3000, 0);
}

/* All of them are slow: a record that none of them got counts as unsent. */
static void what_no_client_got_is_unsent(void **state)
{
	struct bench *bench = *state;
	unsigned int got = 0;

	add_head(bench);
	for (unsigned int i = 0; i < 4; i++)
		connect_reader(bench);
	for (unsigned int i = 0; i < 6000; i++) {
		if (i % 500 == 0)
			add_head(bench);
		add_records(bench, rand() % 6, 64 + rand() % 700);
		read_some(&bench->reader[rand() % 4], rand() % 1500);
	}
	for (unsigned int i = 0; i < 4; i++) {
		struct client *client = client_of(bench, &bench->reader[i]);

		read_all(bench, &bench->reader[i]);
		check_blocks(&bench->reader[i], false);
		assert_int_equal(client->sum.sent, bench->reader[i].records);
		assert_int_equal(client->sum.sent + client->sum.lost, bench->records);
	}
	for (unsigned int i = 0; i < bench->records; i++)
		got += bench->reader[0].got[i] || bench->reader[1].got[i] ||
		       bench->reader[2].got[i] || bench->reader[3].got[i];
	assert_true(got < bench->records);
	clients_finish(bench->clients);
	assert_sums(bench, got, bench->records - got);
}

/* They come, read and go at random: the sums hold. */
static void clients_come_and_go(void **state)
{
	struct bench *bench = *state;
	struct backlog *backlog = &bench->clients->backlog;

	add_head(bench);
	for (unsigned int i = 0; i < 4000; i++) {
		if (i % 200 == 0)
			connect_reader(bench);
		if (i % 310 == 300)
			shutdown(bench->reader[rand() % bench->readers].fd, SHUT_RDWR);
		add_records(bench, rand() % 6, 64 + rand() % 700);
		read_some(&bench->reader[rand() % bench->readers], rand() % 4000);
		assert_true(backlog->written + backlog->unsent <= bench->records);
	}
	tick = 500000000;
	clients_finish(bench->clients);
	assert_int_equal(bench->clients->count, 0);
	assert_int_equal(backlog->written + backlog->unsent, bench->records);
	for (unsigned int i = 0; i < bench->readers; i++)
		check_blocks(&bench->reader[i], true);
}

/* A flood is one round, in which only buffers are flushed. */
static void a_full_socket_is_used_again_in_a_flood(void **state)
{
	struct bench *bench = *state;
	struct reader *reader;
	size_t before;

	add_head(bench);
	reader = connect_reader(bench);
	add_records(bench, 40, 200);
	assert_true(client_of(bench, reader)->full);
	read_some(reader, 1024 * 1024);
	before = reader->size;
	add_record(bench, 200);
	assert_int_equal(buffer_flush(&bench->out), 0);
	read_some(reader, 1024 * 1024);
	assert_true(reader->size > before);
}

static void a_client_that_is_gone_is_closed(void **state)
{
	struct bench *bench = *state;
	struct reader *gone, *other;

	add_head(bench);
	gone = connect_reader(bench);
	other = connect_reader(bench);
	add_records(bench, 2, 100);
	shutdown(gone->fd, SHUT_RDWR);
	add_records(bench, 2, 100);
	assert_int_equal(bench->clients->count, 1);
	read_all(bench, other);
	check_blocks(other, false);
	assert_int_equal(other->records, 4);
	clients_finish(bench->clients);
	assert_sums(bench, 4, 0);
}

static void the_end_waits_for_a_slow_client(void **state)
{
	struct bench *bench = *state;
	struct reader *slow;
	struct head tail = { 50, TAIL, 0 };
	char bytes[50];

	add_head(bench);
	slow = connect_reader(bench);
	add_records(bench, 40, 200);
	assert_true(client_has_more(client_of(bench, slow), &bench->clients->backlog));
	read_all(bench, slow);
	clients_drain(bench->clients);
	assert_int_equal(client_put_tail(client_of(bench, slow), put_letters(bytes, tail),
					 sizeof(bytes)),
			 0);
	clients_finish(bench->clients);
	read_all(bench, slow);
	check_blocks(slow, false);
	assert_int_equal(slow->records, 40);
	assert_int_equal(slow->tails, 1);
	assert_sums(bench, 40, 0);
}

/* Reads in a child, which has the other end of the socket, too, so that there is no end. */
static pid_t start_reading(struct reader *reader, size_t expected)
{
	pid_t pid = fork();
	size_t size = 0;
	ssize_t got;
	char bytes[500];

	assert_true(pid >= 0);
	if (pid)
		return pid;
	while (size < expected && (got = read(reader->fd, bytes, sizeof(bytes))) > 0)
		size += got;
	_exit(size != expected);
}

/* What is in the rings then may be more than the backlog takes. */
static void records_of_the_end_wait_for_a_slow_client(void **state)
{
	struct bench *bench = *state;
	struct reader *slow;
	int status;
	pid_t pid;

	add_head(bench);
	slow = connect_reader(bench);
	pid = start_reading(slow, 40 + 2000 * 200);
	bench->clients->ending = true;
	add_records(bench, 2000, 200);
	clients_finish(bench->clients);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_sums(bench, 2000, 0);
}

static void the_end_does_not_wait_for_a_stuck_client(void **state)
{
	struct bench *bench = *state;
	struct reader *stuck;
	unsigned int sent;

	add_head(bench);
	stuck = connect_reader(bench);
	add_records(bench, 1000, 200);
	tick = 500000000;
	clients_finish(bench->clients);
	read_some(stuck, 1024 * 1024);
	check_blocks(stuck, true);
	sent = stuck->records;
	assert_true(sent > 0 && sent < 1000);
	assert_int_equal(clients_lost(bench->clients), 1000 - sent);
	assert_sums(bench, sent, 1000 - sent);
}

static void clients_beyond_the_room_are_refused(void **state)
{
	struct bench *bench = *state;
	struct reader *reader;

	add_head(bench);
	for (unsigned int i = 0; i < CLIENTS_MOST; i++)
		connect_reader(bench);
	reader = connect_reader(bench);
	assert_int_equal(bench->clients->count, CLIENTS_MOST);
	assert_true(bench->clients->refused);
	assert_int_equal(read(reader->fd, &(char){ 0 }, 1), 0);
	/* one that has closed its sending end may have gone, and makes room */
	shutdown(bench->reader[3].fd, SHUT_WR);
	clients_serve(bench->clients);
	reader = connect_reader(bench);
	assert_null(client_of(bench, &bench->reader[3]));
	assert_non_null(client_of(bench, reader));
	assert_int_equal(bench->clients->accepted, CLIENTS_MOST + 1);
}

/* It reads on, as nc does whose standard input has ended. */
static void a_client_may_close_its_sending_end(void **state)
{
	struct bench *bench = *state;
	struct reader *reader;

	add_head(bench);
	reader = connect_reader(bench);
	assert_int_equal(send(reader->fd, "GET /", 5, 0), 5);
	shutdown(reader->fd, SHUT_WR);
	clients_serve(bench->clients);
	add_records(bench, 5, 100);
	clients_finish(bench->clients);
	read_all(bench, reader);
	check_blocks(reader, false);
	assert_int_equal(reader->records, 5);
}

static void a_listening_socket_is_served(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int reader = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);
	struct clients *clients;

	(void)state;
	assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(clients_new(&clients, &server, 1, BACKLOG), 0);
	clients_serve(clients);
	assert_int_equal(clients->count, 0);
	assert_int_equal(connect(reader, (struct sockaddr *)&address, size), 0);
	assert_int_equal(poll(&(struct pollfd){ clients->epoll_fd, POLLIN, 0 }, 1, -1), 1);
	clients_serve(clients);
	assert_int_equal(clients->count, 1);
	close(reader);
	assert_int_equal(poll(&(struct pollfd){ clients->epoll_fd, POLLIN, 0 }, 1, -1), 1);
	clients_serve(clients);
	assert_int_equal(clients->count, 0);
	assert_int_equal(clients->accepted, 1);
	clients_free(clients);
	close(server);
}

static void only_listening_sockets_are_taken(void **state)
{
	struct clients *clients = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(clients_new(&clients, ends, 1, BACKLOG), -EINVAL);
	assert_null(clients);
	close(ends[0]);
	close(ends[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_client_gets_everything),
		TEST(without_a_client_records_are_unsent),
		TEST(a_late_client_gets_what_comes_then),
		TEST(a_slow_client_loses_whole_records),
		TEST(what_no_client_got_is_unsent),
		TEST(clients_come_and_go),
		TEST(a_full_socket_is_used_again_in_a_flood),
		TEST(a_client_that_is_gone_is_closed),
		TEST(the_end_waits_for_a_slow_client),
		TEST(records_of_the_end_wait_for_a_slow_client),
		TEST(the_end_does_not_wait_for_a_stuck_client),
		TEST(clients_beyond_the_room_are_refused),
		TEST(a_client_may_close_its_sending_end),
		cmocka_unit_test(a_listening_socket_is_served),
		cmocka_unit_test(only_listening_sockets_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
