/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serves the metrics over HTTP, in the caller's loop and without threads. One client that reads
 * slowly delays no other, and never the monitor.
 */
#ifndef XDPDROP_LOADER_METRICS_HTTP_H
#define XDPDROP_LOADER_METRICS_HTTP_H

#include "common/tcp_listen.h"
#include "count/monitor_table.h"

struct MHD_Daemon;

struct metrics_http {
	struct tcp_listen listen; /* its descriptors belong to the daemons once these run */
	struct MHD_Daemon *daemon[TCP_LISTEN_MOST];
	int fd[TCP_LISTEN_MOST]; /* to be waited for */
	unsigned int count;	 /* of daemons */
	const struct monitor_table *table;
};

/* Serve @table at "PORT", "ADDRESS:PORT" or "unix:PATH". 0, or -errno, with the reason in *@why. */
int metrics_http_open(struct metrics_http *http, const char *where,
		      const struct monitor_table *table, const char **why);

/* Do what is due, without waiting. */
void metrics_http_run(struct metrics_http *http);

void metrics_http_close(struct metrics_http *http);

#endif
