/* What a restarted manager decides about an unfinished update: every state against what a probe sees, before and after the deadline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/deploy/update.h"

#include <stdio.h>

#define DEADLINE 5000
#define SETTLED (DEADLINE + UPDATE_MARGIN_S)
#define PROVEN (DEADLINE + UPDATE_HOOK_S)
#define WAIT (-1)

static const struct row {
	const char *name;
	enum update_state state;
	enum update_seen seen;
	int64_t now;
	int attempts;
	int want; /* result, or WAIT */
	int64_t until;
} rows[] = {
	{ "queued, whatever is served",	   US_QUEUED,	    SEEN_NEW,	      1,	   0, UR_FAILED, 0 },
	{ "connecting",			   US_CONNECTING,   SEEN_OLD,	      1,	   0, UR_FAILED, 0 },
	{ "checked",			   US_CHECKED,	    SEEN_UNREACHABLE, 1,	   0, UR_FAILED, 0 },
	{ "staged is not switched",	   US_STAGED,	    SEEN_NEW,	      1,	   0, UR_FAILED, 0 },
	{ "switched, too early: new",	   US_SWITCHED,	    SEEN_NEW,	      SETTLED - 1, 0, WAIT, SETTLED },
	{ "switched, too early: old",	   US_SWITCHED,	    SEEN_OLD,	      SETTLED - 1, 0, WAIT, SETTLED },
	{ "switched: old",		   US_SWITCHED,	    SEEN_OLD,	      SETTLED,	   0, UR_ROLLED_BACK, 0 },
	{ "switched: new, looks again",	   US_SWITCHED,	    SEEN_NEW,	      SETTLED,	   0, WAIT, SETTLED + 2 },
	{ "switched: new, to the end",	   US_SWITCHED,	    SEEN_NEW,	      SETTLED,	   7, UR_UNKNOWN, 0 },
	{ "probing, too early: new",	   US_PROBING,	    SEEN_NEW,	      SETTLED - 1, 0, WAIT, SETTLED },
	{ "probing, too early: old",	   US_PROBING,	    SEEN_OLD,	      DEADLINE,	   0, WAIT, SETTLED },
	{ "probing: new, hook may come",   US_PROBING,	    SEEN_NEW,	      SETTLED,	   0, WAIT, PROVEN },
	{ "probing: new, hook, just",	   US_PROBING,	    SEEN_NEW,	      PROVEN - 1,  3, WAIT, PROVEN },
	{ "probing: new, hook, last look", US_PROBING,	    SEEN_NEW,	      PROVEN - 1,  7, WAIT, PROVEN },
	{ "probing: new",		   US_PROBING,	    SEEN_NEW,	      PROVEN,	   0, UR_CONFIRMED, 0 },
	{ "probing: new, after the last",  US_PROBING,	    SEEN_NEW,	      PROVEN,	   8, UR_CONFIRMED, 0 },
	{ "probing: old, hook came",	   US_PROBING,	    SEEN_OLD,	      PROVEN,	   1, UR_ROLLED_BACK, 0 },
	{ "probing: old",		   US_PROBING,	    SEEN_OLD,	      SETTLED,	   0, UR_ROLLED_BACK, 0 },
	{ "probing: unreachable",	   US_PROBING,	    SEEN_UNREACHABLE, SETTLED,	   0, WAIT, SETTLED + 2 },
	{ "probing: unreachable, 5th",	   US_PROBING,	    SEEN_UNREACHABLE, SETTLED,	   4, WAIT, SETTLED + 32 },
	{ "probing: unreachable, 6th",	   US_PROBING,	    SEEN_UNREACHABLE, SETTLED,	   5, WAIT, SETTLED + 60 },
	{ "probing: unreachable, last",	   US_PROBING,	    SEEN_UNREACHABLE, SETTLED,	   7, UR_UNKNOWN, 0 },
	{ "probing: other",		   US_PROBING,	    SEEN_OTHER,	      SETTLED,	   6, WAIT, SETTLED + 60 },
	{ "probing: other, last",	   US_PROBING,	    SEEN_OTHER,	      SETTLED,	   7, UR_UNKNOWN, 0 },
	{ "attempts beyond the end",	   US_PROBING,	    SEEN_OTHER,	      SETTLED,	   99, UR_UNKNOWN, 0 },
	{ "rolling back: old, early",	   US_ROLLING_BACK, SEEN_OLD,	      1,	   0, UR_ROLLED_BACK, 0 },
	{ "rolling back: new, early",	   US_ROLLING_BACK, SEEN_NEW,	      1,	   0, WAIT, SETTLED },
	{ "rolling back: new",		   US_ROLLING_BACK, SEEN_NEW,	      SETTLED,	   7, UR_UNKNOWN, 0 },
	{ "rolling back: unreachable",	   US_ROLLING_BACK, SEEN_UNREACHABLE, SETTLED,	   7, UR_UNKNOWN, 0 },
	{ "confirmed already",		   US_CONFIRMED,    SEEN_UNREACHABLE, 1,	   0, UR_CONFIRMED, 0 },
	{ "rolled back already",	   US_ROLLED_BACK,  SEEN_NEW,	      1,	   0, UR_ROLLED_BACK, 0 },
	{ "failed already",		   US_FAILED,	    SEEN_NEW,	      1,	   0, UR_FAILED, 0 },
};

static void recover(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct update_recovery in = { .state = rows[i].state, .has_deadline = true, .deadline = { DEADLINE }, .entered = { 1 },
					      .attempts = rows[i].attempts, .seen = rows[i].seen };
		struct update_recover_decision d;
		int got;

		update_recover(&in, (struct wall_time){ rows[i].now }, &d);
		got = d.kind == RECOVER_WAIT ? WAIT : (int)d.result;
		if (got != rows[i].want || (got == WAIT && d.until.s != rows[i].until))
			print_error("row '%s': got %d until %lld\n", rows[i].name, got, (long long)d.until.s);
		assert_int_equal(got, rows[i].want);
		assert_true(got != WAIT || d.until.s == rows[i].until);
		assert_non_null(strstr(d.text, "the manager was restarted during the update: "));
	}
}

/* A deadline that was never stored: the longest window there can be, counted from when the state was stored. */
static void without_deadline(void **state)
{
	struct update_recovery in = { .state = US_PROBING, .entered = { 1000 }, .seen = SEEN_NEW };
	int64_t window = 30 + 90 + UPDATE_CONFIRM_WITHIN_MAX_S + UPDATE_MARGIN_S;
	struct update_recover_decision d;

	(void)state;
	update_recover(&in, (struct wall_time){ 1000 + window - 1 }, &d);
	assert_int_equal(d.kind, RECOVER_WAIT);
	assert_int_equal(d.until.s, 1000 + window);
	update_recover(&in, d.until, &d);
	assert_int_equal(d.kind, RECOVER_WAIT);
	assert_int_equal(d.until.s, 1000 + window - UPDATE_MARGIN_S + UPDATE_HOOK_S);
	update_recover(&in, d.until, &d);
	assert_int_equal(d.kind, RECOVER_FINISH);
	assert_int_equal(d.result, UR_CONFIRMED);
}

/* The sentence begins with what happened to the job's process, and ends with what was seen. */
static void says_why(void **state)
{
	char lengthy[2 * ERR_TEXT_MAX];
	const struct {
		enum update_state state;
		const char *cause, *seen, *want;
	} says[] = {
		{ US_STAGED, NULL, NULL, "the manager was restarted during the update: nothing had been switched, the old keystore is untouched" },
		{ US_STAGED, "it died", "not looked at", "it died: nothing had been switched, the old keystore is untouched" },
		{ US_PROBING, "it died", "3 of 3", "it died: the old certificate is served: 3 of 3" },
		{ US_PROBING, lengthy, "3 of 3", ": the old certificate is served: 3 of 3" },
	};

	(void)state;
	memset(lengthy, 'x', sizeof(lengthy));
	lengthy[sizeof(lengthy) - 1] = '\0';
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct update_recovery in = { .state = says[i].state, .has_deadline = true, .deadline = { DEADLINE }, .seen = SEEN_OLD,
					      .seen_text = says[i].seen, .cause = says[i].cause };
		struct update_recover_decision d;

		update_recover(&in, (struct wall_time){ PROVEN }, &d);
		if (says[i].cause == lengthy)
			assert_non_null(strstr(d.text, says[i].want));
		else
			assert_string_equal(d.text, says[i].want);
	}
}

/* A minute for the hook's timer, and two commands of the target (docs/adr/0002-dead-man-switch.md, targets/host.sh). */
static void hook_margin(void **state)
{
	(void)state;
	assert_true(UPDATE_HOOK_S >= 60 + 30 && UPDATE_HOOK_S > UPDATE_MARGIN_S);
}

/* Whatever is seen, it ends: waits are bounded in number and move forward. */
static void always_ends(void **state)
{
	(void)state;
	for (int s = 0; s < US_N; s++) {
		for (int seen = 0; seen < SEEN_N; seen++) {
			struct update_recovery in = { .state = (enum update_state)s, .has_deadline = true, .deadline = { DEADLINE },
						      .seen = (enum update_seen)seen };
			struct update_recover_decision d = { .kind = RECOVER_WAIT };
			struct wall_time now = { 10 };

			for (; d.kind == RECOVER_WAIT && in.attempts < 20; in.attempts++) {
				update_recover(&in, now, &d);
				assert_true(d.kind == RECOVER_FINISH || d.until.s > now.s);
				now = d.kind == RECOVER_WAIT ? d.until : now;
			}
			assert_int_equal(d.kind, RECOVER_FINISH);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recover),
		cmocka_unit_test(without_deadline), cmocka_unit_test(hook_margin), cmocka_unit_test(says_why),
		cmocka_unit_test(always_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
