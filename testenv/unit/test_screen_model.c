// SPDX-License-Identifier: GPL-2.0-only
/*
 * What keys do to the live screen.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "screen/screen_model.h"

static struct monitor_row rows[4];
static struct monitor_table table = { .row = rows, .count = 4 };
static struct screen_model model;
static struct talkers talkers;

static void set_row(struct monitor_row *row, const char *reason, const char *program, __u32 number,
		    double frame_rate, __u64 frames)
{
	*row = (struct monitor_row){ .interface = "eth0",
				     .program = program,
				     .hook = "hook",
				     .tap = "hook",
				     .reason = reason,
				     .number = number,
				     .frames = frames,
				     .frame_rate = frame_rate,
				     .byte_rate = 1000 - frame_rate };
}

static int begin(void **state)
{
	(void)state;
	set_row(&rows[0], "acl", "fw", 1, 10, 100);
	set_row(&rows[1], "bogon", "fw", 2, 30, 50);
	set_row(&rows[2], "rate", "ddos", 3, 20, 400);
	set_row(&rows[3], "ttl", "ddos", 4, 20, 300);
	model = (struct screen_model){ .talkers = &talkers };
	return talkers_open(&talkers) || screen_model_update(&model, &table);
}

static int end(void **state)
{
	(void)state;
	screen_model_free(&model);
	talkers_close(&talkers);
	return 0;
}

static void press(unsigned int key)
{
	assert_int_equal(screen_model_key(&model, key), SCREEN_NOTHING);
}

static void type(const char *text)
{
	for (; *text; text++)
		press(*text);
}

/* The reasons of the rows that are shown, in order, with spaces between them. */
static void assert_shown(const char *expected)
{
	char text[200] = "";

	for (unsigned int i = 0; i < model.shown_count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, model.row[model.shown[i]].reason);
	}
	assert_string_equal(text, expected);
}

static void assert_selected(const char *reason)
{
	assert_non_null(screen_model_selected(&model));
	assert_string_equal(screen_model_selected(&model)->reason, reason);
}

static void test_order(void **state)
{
	static const char *const orders[] = { "acl rate ttl bogon", "rate ttl acl bogon",
					      "acl bogon rate ttl", "rate ttl acl bogon",
					      "bogon rate ttl acl" };

	(void)state;
	assert_shown("bogon rate ttl acl");
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		press('s');
		assert_shown(orders[i]);
	}
}

static void test_select(void **state)
{
	(void)state;
	assert_selected("bogon");
	press('k');
	assert_selected("bogon");
	press('j');
	press(SCREEN_KEY_DOWN);
	assert_selected("ttl");
	/* wherever it is */
	press('s');
	assert_selected("ttl");
	rows[3].byte_rate = 5000;
	assert_int_equal(screen_model_update(&model, &table), 0);
	assert_shown("ttl acl rate bogon");
	assert_selected("ttl");
	press('G');
	assert_selected("bogon");
	press(SCREEN_KEY_DOWN);
	assert_selected("bogon");
	press('g');
	assert_selected("ttl");
}

/* Without a selection the cursor stays at the first row. */
static void test_first_row_stays(void **state)
{
	(void)state;
	rows[0].frame_rate = 99;
	assert_int_equal(screen_model_update(&model, &table), 0);
	assert_selected("acl");
}

static void test_pause(void **state)
{
	(void)state;
	press('p');
	rows[0].frame_rate = 99;
	table.count = 1;
	assert_int_equal(screen_model_update(&model, &table), 0);
	assert_shown("bogon rate ttl acl");
	press(' ');
	assert_int_equal(screen_model_update(&model, &table), 0);
	assert_shown("acl");
	table.count = 0;
	assert_int_equal(screen_model_update(&model, &table), 0);
	assert_null(screen_model_selected(&model));
	press('j');
	press(SCREEN_KEY_ENTER);
	assert_false(model.drilled);
	press('c');
	table.count = 4;
}

static void test_filter(void **state)
{
	(void)state;
	press('/');
	type("DDq");
	assert_shown("");
	press(SCREEN_KEY_BACKSPACE);
	assert_shown("rate ttl");
	press(SCREEN_KEY_ENTER);
	assert_false(model.typing);
	assert_selected("rate");
	press('j');
	assert_selected("ttl");
	press(SCREEN_KEY_ESCAPE);
	assert_shown("bogon rate ttl acl");
	assert_selected("ttl");
	press('/');
	for (int i = 0; i < 1000; i++)
		press('x');
	assert_int_equal(strlen(model.filter), SCREEN_FILTER);
	press(SCREEN_KEY_ESCAPE);
	assert_string_equal(model.filter, "");
	assert_false(model.typing);
}

static void test_drill(void **state)
{
	struct dissected frame = { .family = AF_INET, .source = { 198, 51, 100, 1 } };

	(void)state;
	talkers_add(&talkers, 0, 3, &frame, 8);
	frame.source[3] = 2;
	talkers_add(&talkers, 0, 1, &frame, 16);
	assert_int_equal(screen_model_update(&model, &table), 0);
	assert_int_equal(model.top[TALKERS_SOURCES].count, 2);
	press('j');
	press(SCREEN_KEY_ENTER);
	assert_true(model.drilled);
	assert_string_equal(model.selected.reason, "rate");
	assert_int_equal(model.top[TALKERS_SOURCES].count, 1);
	assert_int_equal(model.top[TALKERS_SOURCES].entry[0].count, 8);
	press('G');
	assert_string_equal(model.selected.reason, "acl");
	assert_int_equal(model.top[TALKERS_SOURCES].entry[0].count, 16);
	press('q');
	assert_false(model.drilled);
	assert_int_equal(model.top[TALKERS_SOURCES].count, 2);
}

static void test_actions(void **state)
{
	(void)state;
	press('?');
	assert_true(model.help);
	press('q');
	assert_false(model.help);
	press(SCREEN_KEY_ESCAPE);
	assert_int_equal(screen_model_key(&model, 'c'), SCREEN_CAPTURE);
	assert_int_equal(screen_model_key(&model, 'q'), SCREEN_QUIT);
	assert_int_equal(screen_model_key(&model, 'c' & 0x1f), SCREEN_QUIT);
	assert_int_equal(screen_model_key(&model, 'z' & 0x1f), SCREEN_STOP);
	assert_int_equal(screen_model_key(&model, 'l' & 0x1f), SCREEN_REDRAW);
	press('/');
	press('q');
	assert_int_equal(screen_model_key(&model, 'c' & 0x1f), SCREEN_QUIT);
}

static void test_scroll(void **state)
{
	(void)state;
	screen_model_scroll(&model, 2);
	assert_int_equal(model.first, 0);
	press('G');
	screen_model_scroll(&model, 2);
	assert_int_equal(model.first, 2);
	press(SCREEN_KEY_PAGE_UP);
	assert_selected("ttl");
	screen_model_scroll(&model, 2);
	assert_int_equal(model.first, 2);
	screen_model_scroll(&model, 3);
	assert_int_equal(model.first, 1);
	screen_model_scroll(&model, 100);
	assert_int_equal(model.first, 0);
	screen_model_scroll(&model, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_order),  TEST(test_select), TEST(test_first_row_stays), TEST(test_pause),
		TEST(test_filter), TEST(test_drill),  TEST(test_actions),	  TEST(test_scroll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
