// SPDX-License-Identifier: GPL-2.0-only
/*
 * libmicrohttpd in its mode with an external loop. Each answer is made at once, from the table as
 * it is then.
 */
#include "publish/metrics_http.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "publish/metrics_text.h"

#define UNIX "unix:"
/* Of all clients; and seconds in which one may do nothing. */
#define CLIENTS 64
#define PATIENCE 10
#define WAITING 16

static enum MHD_Result metrics_reply(struct MHD_Connection *connection, unsigned int status,
				     char *text, size_t length, bool ours)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		length, text, ours ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response) {
		if (ours)
			free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/plain; version=0.0.4; charset=utf-8");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result metrics_refuse(struct MHD_Connection *connection, unsigned int status,
				      const char *text)
{
	return metrics_reply(connection, status, (char *)text, strlen(text), false);
}

static enum MHD_Result metrics_answer(void *data, struct MHD_Connection *connection,
				      const char *url, const char *method, const char *version,
				      const char *upload, size_t *upload_size, void **state)
{
	const struct metrics_http *http = data;
	size_t length = 0;
	char *text;

	(void)version, (void)upload, (void)upload_size, (void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return metrics_refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
	if (strcmp(url, "/metrics"))
		return metrics_refuse(connection, MHD_HTTP_NOT_FOUND, "only /metrics\n");
	text = metrics_text(http->table, &length);
	return text ? metrics_reply(connection, MHD_HTTP_OK, text, length, true) : MHD_NO;
}

static bool metrics_is_socket(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISSOCK(st.st_mode);
}

/*
 * Does nobody listen at the socket any more? A monitor that was killed leaves it. A file of another
 * kind refuses connections, too.
 */
static bool metrics_is_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool stale = fd >= 0 && metrics_is_socket(address->sun_path) &&
		     connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
		     errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return stale;
}

/* Returns a descriptor, or -errno. */
static int metrics_bind_unix(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (const struct sockaddr *)address, sizeof(*address)) && !listen(fd, WAITING))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/*
 * Of two monitors that find a stale socket, the second must not delete that of the first, nor take
 * one for stale that does not listen yet. A lock on the directory leaves no file behind. Returns a
 * descriptor; without one, bind() fails for the same reason.
 */
static int metrics_lock_directory(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int fd;

	strcpy(copy, path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX) && errno == EINTR)
		;
	return fd;
}

static int metrics_take_unix(const struct sockaddr_un *address)
{
	int lock = metrics_lock_directory(address->sun_path);
	int fd = metrics_bind_unix(address);

	if (fd == -EADDRINUSE && metrics_is_stale(address) && !unlink(address->sun_path))
		fd = metrics_bind_unix(address);
	if (lock >= 0)
		close(lock);
	return fd;
}

static int metrics_listen_unix(struct tcp_listen *listen, const char *path, const char **why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	*why = "the path of a socket has 1 to 107 characters";
	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return -EINVAL;
	strcpy(address.sun_path, path);
	fd = metrics_take_unix(&address);
	if (fd == -EADDRINUSE)
		*why = metrics_is_socket(path) ? "another process listens there" :
						 "there is a file that is no socket";
	else if (fd < 0)
		*why = strerror(-fd);
	if (fd < 0)
		return fd;
	listen->fd[listen->count++] = fd;
	return 0;
}

static int metrics_listen_tcp(struct tcp_listen *listen, const char *where, const char **why)
{
	char *word;
	int err;

	if (asprintf(&word, "tcp-listen:%s", where) < 0)
		return -ENOMEM;
	err = tcp_listen_open(listen, word, why);
	free(word);
	if (err == -EINVAL)
		*why = "it is PORT, ADDRESS:PORT, [ADDRESS]:PORT, unix:PATH or FILE.prom";
	return err;
}

/* The daemon owns the socket from now on. */
static int metrics_start(struct metrics_http *http, int fd)
{
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon =
		MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, metrics_answer, http,
				 MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				 (unsigned int)CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
				 (unsigned int)PATIENCE, MHD_OPTION_END);

	if (!daemon)
		return -ENOMEM;
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	http->fd[http->count] = info ? info->epoll_fd : -1;
	http->daemon[http->count++] = daemon;
	return 0;
}

int metrics_http_open(struct metrics_http *http, const char *where,
		      const struct monitor_table *table, const char **why)
{
	bool local = !strncmp(where, UNIX, strlen(UNIX));
	int err;

	*http = (struct metrics_http){ .table = table };
	/* answers have dates: read the time zone's file while it can be opened */
	tzset();
	err = local ? metrics_listen_unix(&http->listen, where + strlen(UNIX), why) :
		      metrics_listen_tcp(&http->listen, where, why);
	for (unsigned int i = 0; !err && i < http->listen.count; i++) {
		err = metrics_start(http, http->listen.fd[i]);
		*why = strerror(-err);
	}
	if (err)
		metrics_http_close(http);
	return err;
}

void metrics_http_run(struct metrics_http *http)
{
	for (unsigned int i = 0; i < http->count; i++)
		MHD_run(http->daemon[i]);
}

void metrics_http_close(struct metrics_http *http)
{
	/* sockets that no daemon has */
	for (unsigned int i = http->count; i < http->listen.count; i++)
		close(http->listen.fd[i]);
	for (unsigned int i = 0; i < http->count; i++)
		MHD_stop_daemon(http->daemon[i]);
	http->count = http->listen.count = 0;
}
