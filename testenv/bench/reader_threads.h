/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows of the section of the reader: two threads beside one.
 */
#ifndef XDPDROP_BENCH_READER_THREADS_H
#define XDPDROP_BENCH_READER_THREADS_H

/* Results go to @section. */
void reader_threads_measure(const char *section);

#endif
