/* The text of events and heads, and what verification finds in a log that somebody worked on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/audit/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENTS 9
#define LINES_MAX (EVENTS + 4)

/* A log of nine events with heads behind 3, 6 and 9: 12 lines. */
struct log {
	char *lines[LINES_MAX];
	size_t n;
	uint8_t key[AUDIT_KEY_SIZE], secret[64];
	struct audit_head last; /* as keys keeps it */
	struct audit_check check;
	int64_t first;
	char first_problem[200];
};

static void sha256(struct bytes first, struct bytes second, uint8_t out[AUDIT_HASH_SIZE])
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, first.p, first.n);
	(void)crypto_hash_sha256_update(&state, second.p, second.n);
	(void)crypto_hash_sha256_final(&state, out);
}

static void signed_text(struct bytes text, struct buf *out)
{
	buf_init(out, 4096);
	buf_add_str(out, AUDIT_HEAD_CONTEXT);
	buf_add(out, text);
}

static bool verify(const uint8_t key[AUDIT_KEY_SIZE], struct bytes text, const uint8_t signature[AUDIT_SIGNATURE_SIZE])
{
	struct buf b;
	bool fine;

	signed_text(text, &b);
	fine = crypto_sign_verify_detached(signature, b.p, b.n, key) == 0;
	buf_fini(&b);
	return fine;
}

static char *line_of(struct buf *b)
{
	char *line = strdup(buf_str(b));

	assert_non_null(line);
	buf_fini(b);
	return line;
}

static struct audit_event event_of(int64_t n)
{
	return (struct audit_event) { .n = n,
				      .at = { 1800000000 + n },
				      .actor = "user:alice",
				      .address = "192.0.2.1",
				      .action = "gateway.change",
				      .object = "gateway:edge",
				      .outcome = "done",
				      .before = bytes_of_str("{\"tls\":[\"a:1\"]}"),
				      .after = bytes_of_str("{\"tls\":[]}") };
}

static void add_event(struct log *l, int64_t n, uint8_t previous[AUDIT_HASH_SIZE])
{
	struct audit_event event = event_of(n);
	struct buf text, line;

	buf_init(&text, AUDIT_TEXT_MAX);
	buf_init(&line, AUDIT_TEXT_MAX);
	audit_event_text(&event, &text);
	assert_false(buf_bad(&text));
	sha256(bytes_of(previous, AUDIT_HASH_SIZE), buf_bytes(&text), previous);
	audit_line(buf_bytes(&text), previous, &line);
	l->lines[l->n++] = line_of(&line);
	buf_fini(&text);
}

static char *head_line(struct log *l, const struct audit_head *head)
{
	uint8_t signature[AUDIT_SIGNATURE_SIZE];
	struct buf text, message, line;

	buf_init(&text, 1024);
	buf_init(&line, 1024);
	audit_head_text(head, &text);
	signed_text(buf_bytes(&text), &message);
	(void)crypto_sign_detached(signature, NULL, message.p, message.n, l->secret);
	audit_head_line(buf_bytes(&text), l->key, signature, &line);
	buf_fini(&text);
	buf_fini(&message);
	return line_of(&line);
}

static void make_log(struct log *l)
{
	uint8_t previous[AUDIT_HASH_SIZE] = { 0 };

	memset(l, 0, sizeof(*l));
	(void)crypto_sign_keypair(l->key, l->secret);
	for (int64_t n = 1; n <= EVENTS; n++) {
		add_event(l, n, previous);
		if (n % 3 != 0)
			continue;
		l->last = (struct audit_head) { .n = n, .first = 1, .at = { 1800000000 } };
		memcpy(l->last.hash, previous, AUDIT_HASH_SIZE);
		l->lines[l->n++] = head_line(l, &l->last);
	}
}

static void free_log(struct log *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->lines[i]);
}

static void keep_first(void *context, int64_t n, const char *what)
{
	struct log *l = context;

	if (!l->first_problem[0])
		(void)snprintf(l->first_problem, sizeof(l->first_problem), "%lld: %s", (long long)n, what);
}

static void check_from(struct log *l, size_t from)
{
	l->first_problem[0] = '\0';
	l->check = (struct audit_check) {
		.hash = sha256, .verify = verify, .problem = keep_first, .context = l, .has_key = true, .kept = l->last,
		.first = l->first
	};
	memcpy(l->check.key, l->key, AUDIT_KEY_SIZE);
	for (size_t i = from; i < l->n; i++)
		audit_check_line(&l->check, bytes_of_str(l->lines[i]));
	audit_check_end(&l->check);
}

static void golden_text(void **state)
{
	struct audit_event event = event_of(1);
	struct buf b;

	(void)state;
	event.detail = "a \"sentence\"\n";
	event.before = BYTES_NONE;
	buf_init(&b, AUDIT_TEXT_MAX);
	audit_event_text(&event, &b);
	assert_string_equal(buf_str(&b), "{\"n\":1,\"at\":\"2027-01-15T08:00:01Z\",\"actor\":\"user:alice\","
					 "\"address\":\"192.0.2.1\",\"action\":\"gateway.change\",\"object\":\"gateway:edge\","
					 "\"outcome\":\"done\",\"detail\":\"a \\\"sentence\\\"\\n\",\"before\":null,"
					 "\"after\":{\"tls\":[]}}");
	buf_fini(&b);
	event.after = bytes_of_str("{]");
	audit_event_text(&event, &b);
	assert_true(buf_bad(&b));
	buf_fini(&b);
	event.after = BYTES_NONE;
	event.object = "gateway:\xc3";
	event.detail = "m\xc3\xbc";
	audit_event_text(&event, &b);
	assert_non_null(strstr(buf_str(&b), "\"object\":\"gateway:?\""));
	assert_non_null(strstr(buf_str(&b), "\"detail\":\"m\xc3\xbc\""));
	buf_fini(&b);
}

static void a_whole_log(void **state)
{
	struct log l;

	(void)state;
	make_log(&l);
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "");
	assert_int_equal(l.check.events, EVENTS);
	assert_int_equal(l.check.heads, 3);
	assert_int_equal(audit_check_unsigned(&l.check), 0);
	check_from(&l, 5); /* a part of it */
	assert_string_equal(l.first_problem, "");
	free_log(&l);
}

static void remove_line(struct log *l, size_t i)
{
	free(l->lines[i]);
	memmove(&l->lines[i], &l->lines[i + 1], (--l->n - i) * sizeof(l->lines[0]));
}

static void swap_lines(struct log *l, size_t i, size_t k)
{
	char *line = l->lines[i];

	l->lines[i] = l->lines[k];
	l->lines[k] = line;
}

static void change_line(struct log *l, size_t i, const char *from, const char *to)
{
	char *at = strstr(l->lines[i], from);

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
}

/* Each of the twelve lines taken out is seen, but a head that another one follows. */
static void missing_lines(void **state)
{
	struct log l;

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		bool is_head = i % 4 == 3;

		make_log(&l);
		remove_line(&l, i);
		check_from(&l, 0);
		if ((l.check.problems > 0) != (!is_head && i > 0))
			fail_msg("line %zu: '%s'", i, l.first_problem);
		free_log(&l);
	}
}

static void what_was_done_to_it(void **state)
{
	struct log l;

	(void)state;
	make_log(&l);
	change_line(&l, 4, "alice", "bobby");
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "4: event 4 was changed, or the one before it was replaced");
	free_log(&l);

	make_log(&l);
	remove_line(&l, 5);
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "5: event 5 is missing");
	free_log(&l);

	make_log(&l);
	swap_lines(&l, 4, 5);
	check_from(&l, 0);
	assert_true(l.check.problems >= 2);
	free_log(&l);

	make_log(&l);
	while (l.n > 9)
		remove_line(&l, l.n - 1);
	check_from(&l, 0);
	assert_string_equal(l.first_problem,
			    "9: the log ends at event 7, and the keys process has kept the head of event 9");
	free_log(&l);

	make_log(&l);
	remove_line(&l, 10); /* event 9; its head stays */
	l.last.n = 0;
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "9: a head tells of event 9, and the events before it end at 8");
	free_log(&l);

	make_log(&l);
	change_line(&l, 3, "\"first\":1", "\"first\":2");
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "3: the head of event 3 has a wrong signature");
	free_log(&l);

	make_log(&l);
	l.key[0] ^= 1;
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "3: the head of event 3 is signed by another key");
	free_log(&l);
}

/* Somebody who can write the store makes the whole chain anew, but has no key. */
static void a_chain_made_anew(void **state)
{
	uint8_t previous[AUDIT_HASH_SIZE] = { 1 };
	struct log l;

	(void)state;
	make_log(&l);
	while (l.n > 0)
		free(l.lines[--l.n]);
	for (int64_t n = 1; n <= EVENTS; n++)
		add_event(&l, n, previous);
	check_from(&l, 0);
	assert_int_equal(l.check.problems, 2); /* the first one's hash, and the kept head's */
	free_log(&l);
}

static void the_beginning_is_gone(void **state)
{
	struct log l;

	(void)state;
	make_log(&l);
	l.first = 1;
	remove_line(&l, 0);
	check_from(&l, 0);
	assert_string_equal(l.first_problem, "1: the log begins at event 2, want event 1");
	free_log(&l);
}

static void events_behind_the_last_head(void **state)
{
	struct log l;

	(void)state;
	make_log(&l);
	remove_line(&l, 11);
	l.last.n = 0;
	check_from(&l, 0);
	assert_int_equal(l.check.problems, 0);
	assert_int_equal(audit_check_unsigned(&l.check), 3);
	free_log(&l);
}

static void garbage(void **state)
{
	static const char *const rows[] = { "", "{}", "x", "{\"n\":1}", "{\"n\":0,\"hash\":\"00\"}" };
	struct log l = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		l.lines[0] = strdup(rows[i]);
		l.n = 1;
		check_from(&l, 0);
		assert_int_equal(l.check.problems, 1);
		free(l.lines[0]);
	}
	assert_true(audit_action_is_word("user.create"));
	assert_false(audit_action_is_word("user.eat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_text),	       cmocka_unit_test(a_whole_log),
		cmocka_unit_test(missing_lines),       cmocka_unit_test(what_was_done_to_it),
		cmocka_unit_test(a_chain_made_anew),   cmocka_unit_test(events_behind_the_last_head),
		cmocka_unit_test(the_beginning_is_gone), cmocka_unit_test(garbage),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
