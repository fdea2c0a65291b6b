/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of what a monitor shows: a row for each interface, program, hook, tap and reason, with
 * totals and rates. Capture points with the same names share rows, also when a program is replaced,
 * so totals only grow.
 */
#ifndef XDPDROP_LOADER_MONITOR_TABLE_H
#define XDPDROP_LOADER_MONITOR_TABLE_H

#include <xdpdrop/xdpdrop.h>

#define MONITOR_RECENT 60

struct monitor_row {
	/* Owned by the table; an unknown program or hook, and no reason, are "-" */
	const char *interface, *program, *hook, *tap;
	const char *reason;  /* its name, or number; "other": the sum of those not counted alone */
	__u32 number;	     /* of the reason, 0: none */
	bool others;	     /* the sum of reasons that are not counted separately */
	bool gone;	     /* the program was unloaded or replaced */
	unsigned int place;  /* number of the names but the reason's */
	unsigned int order;  /* rows that came before this one */
	unsigned int point;  /* last capture point that had this reason */
	__u64 frames, bytes; /* since the start */
	double frame_rate, byte_rate; /* per second, in the last interval */
	__u32 recent[MONITOR_RECENT]; /* frames in each of the last intervals, newest last */
};

/* What became of sampled frames, beside what is shown. */
struct monitor_sent {
	__u64 events_written, events_lost;
	__u64 sflow_sent, sflow_over_budget, sflow_failed;
};

struct monitor_place;

struct monitor_table {
	struct monitor_row *row; /* ordered by place and name of reason; moves with each update */
	unsigned int count;
	struct monitor_row total; /* of all rows; its strings are "-" */
	struct xdpdrop_stats stats;
	struct monitor_sent sent;     /* filled by the tool */
	const char *ifname;	      /* as asked for */
	__u64 start_ns, now_ns;	      /* of the first and the last update */
	double span;		      /* seconds of the last interval */
	unsigned int intervals;	      /* so far */
	bool final;		      /* the session has stopped: totals are exact */
	int status;		      /* when final: exit status of the tool */
	unsigned int rows;	      /* so far */
	struct monitor_place **place; /* names of capture points */
	unsigned int places;
};

/*
 * Read the counters of @session at @now_ns of a steady clock. The first call begins the first
 * interval, each further one ends one. Strings and their addresses last until monitor_table_free().
 * 0 or -ENOMEM, then the table is as before.
 */
int monitor_table_update(struct monitor_table *table, struct xdpdrop *session, __u64 now_ns);

/* @session has stopped: read the exact totals. The rates stay those of the last interval. */
int monitor_table_finish(struct monitor_table *table, struct xdpdrop *session, int status);

void monitor_table_free(struct monitor_table *table);

#endif
