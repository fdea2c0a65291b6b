/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that was measured, by section, row and column; and how it is printed.
 */
#ifndef XDPDROP_BENCH_RESULT_H
#define XDPDROP_BENCH_RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include "samples.h"

/* Strings of section and column are kept by reference, rows are copied. */
void result_set(const char *section, const char *row, const char *column, double median,
		double least);
void result_samples(const char *section, const char *row, const char *column,
		    const struct samples *samples);

/* A row that could not be measured, and why. */
void result_not_run(const char *section, const char *row, const char *why);

/* The median, or false when it was not measured. */
bool result_get(const char *section, const char *row, const char *column, double *median);

/* One table: rows and columns in the order in which they came. */
void result_print(const char *section, const char *title);

/* {"section", "row", "column", "median", "min"} of every cell, as members of a list. */
void result_json(FILE *file);

/* @text as a JSON string. */
void result_json_string(FILE *file, const char *text);

#endif
