// SPDX-License-Identifier: GPL-2.0-only
/*
 * The selected row is remembered by its names: it stays selected wherever the order puts it.
 */
#include "screen/screen_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONTROL(letter) ((letter)&0x1f)

static bool screen_is_row(const struct monitor_row *a, const struct monitor_row *b)
{
	return a->reason && b->reason && !strcmp(a->reason, b->reason) && a->others == b->others &&
	       !strcmp(a->interface, b->interface) && !strcmp(a->program, b->program) &&
	       !strcmp(a->hook, b->hook) && !strcmp(a->tap, b->tap);
}

static int screen_compare_names(const struct monitor_row *a, const struct monitor_row *b)
{
	int order = strcmp(a->reason, b->reason);

	order = order ? order : strcmp(a->program, b->program);
	order = order ? order : strcmp(a->interface, b->interface);
	order = order ? order : strcmp(a->hook, b->hook);
	order = order ? order : strcmp(a->tap, b->tap);
	return order ? order : a->others - b->others;
}

/* Greater values come first. */
static int screen_compare_values(double a, double b)
{
	return (b > a) - (b < a);
}

/* Of two that are shown: less than 0 if the first one comes first. */
static int screen_compare(const struct screen_model *model, unsigned int one, unsigned int other)
{
	const struct monitor_row *a = &model->row[model->shown[one]];
	const struct monitor_row *b = &model->row[model->shown[other]];
	int order = 0;

	switch (model->sort) {
	case SCREEN_BY_FRAME_RATE:
		order = screen_compare_values(a->frame_rate, b->frame_rate);
		break;
	case SCREEN_BY_BYTE_RATE:
		order = screen_compare_values(a->byte_rate, b->byte_rate);
		break;
	case SCREEN_BY_PROGRAM:
		order = strcmp(a->program, b->program);
		break;
	default:
		break;
	}
	if (!order && model->sort != SCREEN_BY_REASON && model->sort != SCREEN_BY_PROGRAM)
		order = screen_compare_values(a->frames, b->frames);
	return order ? order : screen_compare_names(a, b);
}

static void screen_swap(struct screen_model *model, unsigned int a, unsigned int b)
{
	unsigned int row = model->shown[a];

	model->shown[a] = model->shown[b];
	model->shown[b] = row;
}

/* Of the heap of the first @count, whose last row is on top. */
static void screen_sink(struct screen_model *model, unsigned int at, unsigned int count)
{
	for (unsigned int child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && screen_compare(model, child, child + 1) < 0)
			child++;
		if (screen_compare(model, at, child) >= 0)
			return;
		screen_swap(model, at, child);
	}
}

/* The C library's sort asks for the memory of the machine, which the sandbox does not allow. */
static void screen_sort_shown(struct screen_model *model)
{
	for (unsigned int at = model->shown_count / 2; at; at--)
		screen_sink(model, at - 1, model->shown_count);
	for (unsigned int count = model->shown_count; count > 1; count--) {
		screen_swap(model, 0, count - 1);
		screen_sink(model, 0, count - 1);
	}
}

static bool screen_matches(const struct screen_model *model, const struct monitor_row *row)
{
	const char *const names[] = { row->reason, row->program, row->interface, row->hook,
				      row->tap };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasestr(names[i], model->filter))
			return true;
	return false;
}

/* Without a selection, or when the selected row is hidden, the cursor stays where it is. */
static void screen_find_selected(struct screen_model *model)
{
	if (model->cursor >= model->shown_count)
		model->cursor = model->shown_count ? model->shown_count - 1 : 0;
	for (unsigned int i = 0; i < model->shown_count; i++)
		if (screen_is_row(&model->row[model->shown[i]], &model->selected))
			model->cursor = i;
}

static void screen_arrange(struct screen_model *model)
{
	model->shown_count = 0;
	for (unsigned int i = 0; i < model->count; i++)
		if (screen_matches(model, &model->row[i]))
			model->shown[model->shown_count++] = i;
	screen_sort_shown(model);
	screen_find_selected(model);
}

const struct monitor_row *screen_model_selected(const struct screen_model *model)
{
	return model->cursor < model->shown_count ? &model->row[model->shown[model->cursor]] : NULL;
}

static void screen_list_talkers(struct screen_model *model)
{
	const struct monitor_row *row = model->drilled ? &model->selected : NULL;

	for (unsigned int kind = 0; model->talkers && kind < TALKERS_KINDS; kind++) {
		struct screen_top *top = &model->top[kind];
		const struct top *from = &model->talkers->all[kind];

		if (row)
			from = talkers_of(model->talkers, kind, row->point, row->number);
		/* samples have the numbers of reasons, and "other" is none */
		top->count = row && row->others ? 0 : top_list(from, top->entry, SCREEN_TALKERS);
	}
}

static int screen_reserve(struct screen_model *model, unsigned int count)
{
	struct monitor_row *row;
	unsigned int *shown;

	if (count <= model->room)
		return 0;
	row = realloc(model->row, count * sizeof(*row));
	if (!row)
		return -ENOMEM;
	model->row = row;
	shown = realloc(model->shown, count * sizeof(*shown));
	if (!shown)
		return -ENOMEM;
	model->shown = shown;
	model->room = count;
	return 0;
}

int screen_model_update(struct screen_model *model, const struct monitor_table *table)
{
	int err = model->paused ? 0 : screen_reserve(model, table->count);

	if (err || model->paused)
		return err;
	if (table->count)
		memcpy(model->row, table->row, table->count * sizeof(*model->row));
	model->count = table->count;
	model->total = table->total;
	model->stats = table->stats;
	model->uptime_ns = table->now_ns - table->start_ns;
	model->span = table->span;
	screen_arrange(model);
	/* what it is now: another capture point may have its reason */
	if (screen_model_selected(model) &&
	    screen_is_row(screen_model_selected(model), &model->selected))
		model->selected = *screen_model_selected(model);
	screen_list_talkers(model);
	return 0;
}

static void screen_select(struct screen_model *model, unsigned int cursor)
{
	model->cursor = cursor;
	if (screen_model_selected(model))
		model->selected = *screen_model_selected(model);
}

static void screen_move(struct screen_model *model, int by)
{
	long to = (long)model->cursor + by, last = (long)model->shown_count - 1;

	to = to > last ? last : to;
	screen_select(model, to < 0 ? 0 : to);
	if (model->drilled)
		screen_list_talkers(model);
}

static void screen_drill(struct screen_model *model, bool drilled)
{
	if (drilled && !screen_model_selected(model))
		return;
	if (drilled)
		screen_select(model, model->cursor);
	model->drilled = drilled;
	screen_list_talkers(model);
}

/* Only what a name can have, and what one can see. */
static enum screen_action screen_type(struct screen_model *model, unsigned int key)
{
	size_t length = strlen(model->filter);

	if (key == CONTROL('c'))
		return SCREEN_QUIT;
	if (key == SCREEN_KEY_ENTER || key == SCREEN_KEY_ESCAPE)
		model->typing = false;
	if (key == SCREEN_KEY_ESCAPE || key == CONTROL('u'))
		length = 0;
	else if (key == SCREEN_KEY_BACKSPACE && length)
		length--;
	else if (key >= ' ' && key < 0x7f && length < SCREEN_FILTER)
		model->filter[length++] = key;
	model->filter[length] = '\0';
	model->first = 0;
	screen_arrange(model);
	return SCREEN_NOTHING;
}

/* Esc and q leave what is innermost. */
static enum screen_action screen_leave(struct screen_model *model, bool quits)
{
	if (model->help)
		model->help = false;
	else if (model->drilled)
		screen_drill(model, false);
	else if (quits)
		return SCREEN_QUIT;
	else if (model->filter[0])
		return screen_type(model, SCREEN_KEY_ESCAPE);
	return SCREEN_NOTHING;
}

static enum screen_action screen_command(struct screen_model *model, unsigned int key)
{
	switch (key) {
	case 'q':
	case SCREEN_KEY_ESCAPE:
		return screen_leave(model, key == 'q');
	case CONTROL('c'):
		return SCREEN_QUIT;
	case CONTROL('z'):
		return SCREEN_STOP;
	case CONTROL('l'):
		return SCREEN_REDRAW;
	case '?':
	case 'h':
		model->help = !model->help;
		break;
	case 's':
		model->sort = (model->sort + 1) % SCREEN_SORTS;
		screen_arrange(model);
		break;
	case 'p':
	case ' ':
		model->paused = !model->paused;
		break;
	case '/':
		model->typing = true;
		model->drilled = model->help = false;
		break;
	case 'c':
		return screen_model_selected(model) ? SCREEN_CAPTURE : SCREEN_NOTHING;
	case SCREEN_KEY_ENTER:
		screen_drill(model, true);
		break;
	default:
		break;
	}
	return SCREEN_NOTHING;
}

enum screen_action screen_model_key(struct screen_model *model, unsigned int key)
{
	int page = model->lines > 1 ? model->lines - 1 : 1;

	if (model->typing)
		return screen_type(model, key);
	switch (key) {
	case SCREEN_KEY_UP:
	case 'k':
		screen_move(model, -1);
		break;
	case SCREEN_KEY_DOWN:
	case 'j':
		screen_move(model, 1);
		break;
	case SCREEN_KEY_PAGE_UP:
		screen_move(model, -page);
		break;
	case SCREEN_KEY_PAGE_DOWN:
		screen_move(model, page);
		break;
	case SCREEN_KEY_HOME:
	case 'g':
		screen_move(model, -(int)model->cursor);
		break;
	case SCREEN_KEY_END:
	case 'G':
		screen_move(model, model->shown_count);
		break;
	default:
		return screen_command(model, key);
	}
	return SCREEN_NOTHING;
}

void screen_model_scroll(struct screen_model *model, unsigned int lines)
{
	model->lines = lines;
	if (model->first > model->cursor)
		model->first = model->cursor;
	if (lines && model->cursor >= model->first + lines)
		model->first = model->cursor - lines + 1;
	if (model->first + lines > model->shown_count)
		model->first = model->shown_count > lines ? model->shown_count - lines : 0;
}

void screen_model_free(struct screen_model *model)
{
	free(model->row);
	free(model->shown);
	*model = (struct screen_model){ 0 };
}
