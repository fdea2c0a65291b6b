// SPDX-License-Identifier: GPL-2.0-only
/*
 * One list of cells; tables and JSON are views of it.
 */
#include "result.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CELLS 2048
#define MAX_NAMES 64
#define ROW_WIDTH 42
#define CELL_WIDTH 17

struct cell {
	const char *section;
	char row[64];
	const char *column; /* NULL: not run */
	double median, least;
	char why[160];
};

struct names {
	const char *name[MAX_NAMES];
	int count;
};

static struct cell cells[MAX_CELLS];
static int cell_count;

static struct cell *add(const char *section, const char *row)
{
	struct cell *cell = &cells[cell_count < MAX_CELLS ? cell_count++ : MAX_CELLS - 1];

	*cell = (struct cell){ .section = section };
	snprintf(cell->row, sizeof(cell->row), "%s", row);
	return cell;
}

void result_set(const char *section, const char *row, const char *column, double median,
		double least)
{
	struct cell *cell = add(section, row);

	cell->column = column;
	cell->median = median;
	cell->least = least;
}

void result_samples(const char *section, const char *row, const char *column,
		    const struct samples *samples)
{
	if (samples->count)
		result_set(section, row, column, samples_median(samples), samples_min(samples));
}

void result_not_run(const char *section, const char *row, const char *why)
{
	struct cell *cell = add(section, row);

	snprintf(cell->why, sizeof(cell->why), "%s", why);
}

static const struct cell *find(const char *section, const char *row, const char *column)
{
	for (int i = 0; i < cell_count; i++)
		if (!strcmp(cells[i].section, section) && !strcmp(cells[i].row, row) &&
		    (column ? cells[i].column && !strcmp(cells[i].column, column) :
			      !cells[i].column))
			return &cells[i];
	return NULL;
}

bool result_get(const char *section, const char *row, const char *column, double *median)
{
	const struct cell *cell = find(section, row, column);

	if (cell)
		*median = cell->median;
	return cell;
}

static void add_name(struct names *names, const char *name)
{
	for (int i = 0; i < names->count; i++)
		if (!strcmp(names->name[i], name))
			return;
	if (names->count < MAX_NAMES)
		names->name[names->count++] = name;
}

static void print_value(const struct cell *cell)
{
	char text[32] = "";
	int digits = 1;

	if (cell && cell->median < 10 && cell->median > -10)
		digits = 2;
	if (cell && cell->median == cell->least)
		snprintf(text, sizeof(text), "%.*f", digits, cell->median);
	else if (cell)
		snprintf(text, sizeof(text), "%.*f (%.*f)", digits, cell->median, digits,
			 cell->least);
	printf(" %*s", CELL_WIDTH, text);
}

static void print_row(const char *section, const char *row, const struct names *columns)
{
	const struct cell *refused = find(section, row, NULL);

	printf("%-*s", ROW_WIDTH, row);
	if (refused) {
		printf(" not run: %s\n", refused->why);
		return;
	}
	for (int i = 0; i < columns->count; i++)
		print_value(find(section, row, columns->name[i]));
	putchar('\n');
}

void result_print(const char *section, const char *title)
{
	struct names rows = { 0 }, columns = { 0 };

	for (int i = 0; i < cell_count; i++) {
		if (strcmp(cells[i].section, section))
			continue;
		add_name(&rows, cells[i].row);
		if (cells[i].column)
			add_name(&columns, cells[i].column);
	}
	printf("\n%s\n%-*s", title, ROW_WIDTH, "");
	for (int i = 0; i < columns.count; i++)
		printf(" %*s", CELL_WIDTH, columns.name[i]);
	putchar('\n');
	for (int i = 0; i < rows.count; i++)
		print_row(section, rows.name[i], &columns);
	fflush(stdout);
}

void result_json_string(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, file);
	}
	fputc('"', file);
}

static void json_member(FILE *file, const char *name, const char *text)
{
	fprintf(file, "\"%s\": ", name);
	result_json_string(file, text);
	fputs(", ", file);
}

void result_json(FILE *file)
{
	for (int i = 0; i < cell_count; i++) {
		const struct cell *cell = &cells[i];

		fputs(i ? ",\n    {" : "    {", file);
		json_member(file, "section", cell->section);
		json_member(file, "row", cell->row);
		if (cell->column) {
			json_member(file, "column", cell->column);
			fprintf(file, "\"median\": %.4f, \"min\": %.4f}", cell->median,
				cell->least);
		} else {
			fputs("\"not_run\": ", file);
			result_json_string(file, cell->why);
			fputc('}', file);
		}
	}
	fputc('\n', file);
}
