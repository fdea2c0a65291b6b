/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all sections share: options, CPUs, places, time; and the sections themselves.
 */
#ifndef XDPDROP_BENCH_H
#define XDPDROP_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>

#include "../xdp/helper.h"

#define MIB (1024.0 * 1024)
#define RING_BYTES (16 * 1024 * 1024)

struct bench {
	bool quick;
	int work_cpu;	 /* runs the programs */
	int reader_cpu;	 /* drains; the same one on a machine with one CPU */
	int tool_cpu;	 /* of the tools: the reader's, or BENCH_BOTH_CPUS */
	char build[256]; /* directory of tools and objects */
};

extern struct bench bench;

/* Path of a built file; the caller frees it. */
char *bench_path(const char *name);

/* Run on this CPU, or on the work and the reader CPU. */
#define BENCH_BOTH_CPUS (-1)
void bench_use_cpu(int cpu);
double bench_now(void); /* seconds, CLOCK_MONOTONIC */

/* A file without a name, that goes with its last descriptor. */
int bench_file(const char *directory);

/* @full, or @quick of it with --quick. */
static inline long bench_rounds(long full, long quick)
{
	return bench.quick ? quick : full;
}

void section_datapath(void);
void section_files(void);
void section_scale(void);
void section_reader(void);
void section_disk(void);
void section_startup(void);
void section_cpus(void);
void section_replay(void);

/* The targets beside what was measured. */
void targets_print(void);
void targets_json(FILE *file);

#endif
