#include "unit.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

static char last[4096];
static enum log_level last_level;
static int lines;

static void keep(enum log_level level, const char *line, void *context)
{
	assert_ptr_equal(context, &lines);
	(void)snprintf(last, sizeof(last), "%s", line);
	last_level = level;
	lines++;
}

static void test_levels(void **state)
{
	(void)state;
	lines = 0;
	log_info("nobody listens");
	log_init("gatewrightd[keys]", LOG_LEVEL_INFO, keep, &lines);
	log_info("job %d of '%s'", 7, "edge-3");
	assert_string_equal(last, "gatewrightd[keys]: job 7 of 'edge-3'");
	assert_int_equal(last_level, LOG_LEVEL_INFO);
	log_debug("not asked for");
	assert_int_equal(lines, 1);
	log_warning("w");
	assert_int_equal(last_level, LOG_LEVEL_WARNING);
	log_error("e");
	assert_int_equal(last_level, LOG_LEVEL_ERROR);
	assert_int_equal(lines, 3);
	assert_string_equal(log_level_name(LOG_LEVEL_WARNING), "warning");
	assert_string_equal(log_level_name(LOG_LEVEL_N), "?");
}

/* What a peer sent can't begin a line of its own or move a terminal's cursor. */
static void test_one_line(void **state)
{
	char text[5000];

	(void)state;
	log_init("x", LOG_LEVEL_DEBUG, keep, &lines);
	log_debug("a\nerror: forged\r\033[2J\x7f");
	assert_string_equal(last, "x: a error: forged  [2J ");
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_debug("%s", text);
	assert_true(strlen(last) < 2200);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_levels), cmocka_unit_test(test_one_line) };

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
