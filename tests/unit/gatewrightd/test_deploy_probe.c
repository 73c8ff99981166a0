/* Rounds of probes against TLS servers of the test: what is seen, what it means, what the JSON says. */
#include "../ssh/fake_server.h"
#include "deploy_bench.h"

#include "gatewrightd/deploy/deploy.h"
#include "sys/clock.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>

enum whose { OLD, NEW, WIDE, STRANGER, NOBODY };

struct world {
	struct fixture f;
	struct chain_made made[4];
	struct tls_prober *prober;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	secret_init();
	w->f.a = arena_new((size_t)64 << 20);
	w->made[OLD] = chain_make(&w->f, "old", "gw.example.test", NULL);
	w->made[NEW] = chain_make(&w->f, "new", "gw.example.test", &w->made[OLD]);
	w->made[WIDE] = chain_make(&w->f, "wide", "gw.example.test;*.wide.example.test;192.0.2.7", &w->made[OLD]);
	w->made[STRANGER] = chain_make(&w->f, "stranger", "gw.example.test", NULL);
	*state = w;
	return tls_prober_new(&w->prober, NULL);
}

static int teardown(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_N(w->made); i++)
		chain_unmake(&w->made[i], i == OLD || i == STRANGER);
	tls_prober_free(w->prober);
	arena_free(w->f.a);
	free(w);
	return 0;
}

static struct fake_server *serve(struct world *w, enum whose whose, size_t certs)
{
	struct chain_made *c = &w->made[whose];
	struct bytes ders[] = { c->leaf.der, c->middle.der, c->root.der };

	return fake_start(FAKE_TLS, secret_bytes(c->key_pem), ders, certs);
}

static const struct chain_facts *facts_of(struct world *w, enum whose whose)
{
	return whose == NOBODY ? NULL : w->made[whose].facts;
}

static struct probe_round *look(struct world *w, const struct probe_plan *plan)
{
	struct probe_round *r = NULL;

	want_result(&w->f, "probe", probe_round_run(w->prober, plan, (struct mono_time){ clock_mono().ms + 20000 }, &r, &w->f.e), 0, NULL);
	return r;
}

static const struct row {
	const char *what;
	enum whose served;
	size_t certs;
	enum whose fresh, old;
	bool going_back;
	const char *name;
	enum update_seen seen;
	const char *trouble; /* NULL: none */
} rows[] = {
	{ "the new one", NEW, 2, NEW, OLD, false, "gw.example.test", SEEN_NEW, NULL },
	{ "the new one with its root", NEW, 3, NEW, OLD, false, "gw.example.test", SEEN_NEW, NULL },
	{ "the new one, another case", NEW, 2, NEW, OLD, false, "GW.Example.TEST", SEEN_NEW, NULL },
	{ "the new one without intermediate", NEW, 1, NEW, OLD, false, "gw.example.test", SEEN_OTHER, "intermediates" },
	{ "the new one without a name", NEW, 2, NEW, OLD, false, "other.example.test", SEEN_OTHER, "without the name" },
	{ "the old one", OLD, 2, NEW, OLD, false, "gw.example.test", SEEN_OLD, "still the old" },
	{ "a third one", WIDE, 2, NEW, OLD, false, "gw.example.test", SEEN_OTHER, "another certificate" },
	{ "a stranger's", STRANGER, 2, NEW, OLD, false, "gw.example.test", SEEN_OTHER, "another certificate" },
	{ "the old is not known", OLD, 2, NEW, NOBODY, false, "gw.example.test", SEEN_OTHER, "another certificate" },
	{ "the same one again", NEW, 2, NEW, NEW, false, "gw.example.test", SEEN_NEW, NULL },
	{ "anything will do", STRANGER, 1, NOBODY, NOBODY, false, "gw.example.test", SEEN_NEW, NULL },
	{ "anything with the name", STRANGER, 1, NOBODY, NOBODY, false, "other.example.test", SEEN_OTHER, "without the name" },
	{ "a name below a wildcard", WIDE, 2, WIDE, OLD, false, "a.wide.example.test", SEEN_NEW, NULL },
	{ "two labels below a wildcard", WIDE, 2, WIDE, OLD, false, "a.b.wide.example.test", SEEN_OTHER, "without the name" },
	{ "the wildcard itself", WIDE, 2, WIDE, OLD, false, "*.wide.example.test", SEEN_NEW, NULL },
	{ "another wildcard", WIDE, 2, WIDE, OLD, false, "*.example.test", SEEN_OTHER, "without the name" },
	{ "an address", WIDE, 2, WIDE, OLD, false, "192.0.2.7", SEEN_NEW, NULL },
	{ "another address", WIDE, 2, WIDE, OLD, false, "192.0.2.8", SEEN_OTHER, "without the name" },
	{ "back", OLD, 2, NEW, OLD, true, "gw.example.test", SEEN_OLD, NULL },
	{ "back, the name is the new one's", OLD, 1, NEW, OLD, true, "other.example.test", SEEN_OLD, NULL },
	{ "not back", NEW, 2, NEW, OLD, true, "gw.example.test", SEEN_NEW, "still the new" },
	{ "back to a third one", WIDE, 2, NEW, OLD, true, "gw.example.test", SEEN_OTHER, "another" },
	{ "back to what is not known", WIDE, 2, NEW, NOBODY, true, "gw.example.test", SEEN_OTHER, NULL },
};

static void test_judge(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		const struct row *row = &rows[i];
		struct fake_server *s = serve(w, row->served, row->certs);
		const char *address = arena_printf(w->f.a, "127.0.0.1:%u", fake_port(s));
		struct probe_plan plan = { .addresses = &address, .addresses_n = 1, .names = &row->name, .names_n = 1,
					   .new_chain = facts_of(w, row->fresh), .old_chain = facts_of(w, row->old),
					   .going_back = row->going_back, .now = at("2026-12-01T00:00:00Z") };
		struct probe_round *r = look(w, &plan);

		if (r->n != 1 || !r->items[0].handshake || r->seen != row->seen)
			fail_msg("%s: want %d, got %d: %s", row->what, row->seen, r->seen, r->text);
		if (row->trouble ? !r->items[0].trouble || !strstr(r->items[0].trouble, row->trouble) : r->items[0].trouble != NULL)
			fail_msg("%s: got '%s'", row->what, r->items[0].trouble ? r->items[0].trouble : "");
		assert_true(bytes_equal(probe_round_served(r), w->made[row->served].leaf.der));
		probe_round_free(r);
		fake_stop(s);
	}
}

/* Several gateways: the worst of all counts, and what is worst depends on where we want to go. */
static void test_worst(void **state)
{
	static const struct {
		const char *what;
		enum whose served[2]; /* NOBODY: nothing listens */
		bool going_back;
		enum update_seen seen;
		bool same;
	} pairs[] = {
		{ "new, new", { NEW, NEW }, false, SEEN_NEW, true },	  { "new, old", { NEW, OLD }, false, SEEN_OLD, false },
		{ "old, third", { OLD, WIDE }, false, SEEN_OTHER, false }, { "new, nothing", { NEW, NOBODY }, false, SEEN_UNREACHABLE, true },
		{ "third, nothing", { NOBODY, WIDE }, false, SEEN_UNREACHABLE, true },
		{ "back: old, old", { OLD, OLD }, true, SEEN_OLD, true }, { "back: old, new", { OLD, NEW }, true, SEEN_NEW, false },
		{ "back: new, third", { NEW, WIDE }, true, SEEN_OTHER, false },
	};
	struct world *w = *state;
	struct fake_server *nothing = serve(w, NEW, 2);
	uint16_t closed_port = fake_port(nothing);
	static const char *const names[] = { "gw.example.test" };

	fake_stop(nothing);
	for (size_t i = 0; i < ARRAY_N(pairs); i++) {
		struct fake_server *s[2] = { NULL, NULL };
		const char *addresses[2];
		struct probe_plan plan = { .addresses = addresses, .addresses_n = 2, .names = names, .names_n = 1,
					   .new_chain = facts_of(w, NEW), .old_chain = facts_of(w, OLD), .going_back = pairs[i].going_back };
		struct probe_round *r;

		for (size_t k = 0; k < 2; k++) {
			s[k] = pairs[i].served[k] == NOBODY ? NULL : serve(w, pairs[i].served[k], 2);
			addresses[k] = arena_printf(w->f.a, "127.0.0.1:%u", s[k] ? fake_port(s[k]) : closed_port);
		}
		r = look(w, &plan);
		if (r->n != 2 || r->seen != pairs[i].seen)
			fail_msg("%s: want %d, got %d: %s", pairs[i].what, pairs[i].seen, r->seen, r->text);
		assert_int_equal(probe_round_served(r).n > 0, pairs[i].same);
		probe_round_free(r);
		fake_stop(s[0]);
		fake_stop(s[1]);
	}
}

/* Each address once, each name at each; without a connection the other names are not tried. */
static void test_how_many(void **state)
{
	struct world *w = *state;
	struct fake_server *s = serve(w, NEW, 2);
	static const char *const names[] = { "gw.example.test", "b.example.test", "c.example.test" };
	const char *addresses[] = { arena_printf(w->f.a, "127.0.0.1:%u", fake_port(s)), arena_printf(w->f.a, "127.0.0.1:%u", fake_port(s)),
				    "127.0.0.1:1", "no port", "name.invalid:1" };
	struct probe_plan plan = { .addresses = addresses, .addresses_n = ARRAY_N(addresses), .names = names, .names_n = 3,
				   .new_chain = facts_of(w, NEW) };
	struct probe_round *r = look(w, &plan);

	assert_int_equal(r->n, 3 + 1 + 1 + 1);
	assert_int_equal(r->seen, SEEN_UNREACHABLE);
	assert_non_null(strstr(r->text, "of 6 probes"));
	probe_round_free(r);

	/* without names one look, and no demand */
	plan.names_n = 0;
	plan.addresses_n = 1;
	r = look(w, &plan);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->seen, SEEN_NEW);
	assert_null(r->items[0].name);
	probe_round_free(r);
	fake_stop(s);
}

/* A round has room for so many handshakes. What did not fit was not seen, so nothing is proven. */
static void test_cut(void **state)
{
	struct world *w = *state;
	struct fake_server *s = serve(w, NEW, 2);
	const char *names[LIMIT_PROBE_ROUND_MAX + 1];
	const char *addresses[] = { arena_printf(w->f.a, "127.0.0.1:%u", fake_port(s)), "127.0.0.1:1" };
	struct probe_plan plan = { .addresses = addresses, .names = names, .new_chain = facts_of(w, NEW) };

	for (size_t i = 0; i < ARRAY_N(names); i++)
		names[i] = "gw.example.test";
	for (size_t more = 0; more <= 2; more++) { /* one more name, one more address */
		struct probe_round *r = NULL;

		plan.names_n = LIMIT_PROBE_ROUND_MAX + (more == 1);
		plan.addresses_n = more == 2 ? 2 : 1;
		want_result(&w->f, "probe", probe_round_run(w->prober, &plan, (struct mono_time){ clock_mono().ms + 120000 }, &r, &w->f.e), 0,
			    NULL);
		assert_int_equal(r->n, LIMIT_PROBE_ROUND_MAX);
		if (r->seen != (more ? SEEN_UNREACHABLE : SEEN_NEW))
			fail_msg("%zu more: got %d: %s", more, r->seen, r->text);
		assert_int_equal(r->items[LIMIT_PROBE_ROUND_MAX - 1].handshake, !more);
		assert_true(!more || strstr(r->text, "at most 256 handshakes"));
		probe_round_free(r);
	}
	fake_stop(s);
}

static void test_json(void **state)
{
	struct world *w = *state;
	struct fake_server *s = serve(w, NEW, 2);
	static const char *const names[] = { "gw.example.test" };
	const char *addresses[] = { arena_printf(w->f.a, "127.0.0.1:%u", fake_port(s)), "127.0.0.1:1" };
	struct probe_plan plan = { .addresses = addresses, .addresses_n = 2, .names = names, .names_n = 1, .new_chain = facts_of(w, NEW) };
	struct probe_round *r = look(w, &plan);
	struct bytes *texts = NULL;
	json_t *good, *bad;

	assert_int_equal(probe_round_json(r, at("2026-12-01T00:00:00Z"), 100000, &texts, NULL), 0);
	good = json_loadb((const char *)texts[0].p, texts[0].n, 0, NULL);
	bad = json_loadb((const char *)texts[1].p, texts[1].n, 0, NULL);
	assert_int_equal(json_object_size(good), 11);
	assert_int_equal(json_object_size(bad), 11);
	assert_true(json_is_true(json_object_get(good, "ok")) && json_is_null(json_object_get(good, "error")));
	assert_string_equal(json_string_value(json_object_get(good, "server_name")), "gw.example.test");
	assert_string_equal(json_string_value(json_object_get(good, "protocol")), "TLSv1.3");
	assert_int_equal(json_array_size(json_object_get(good, "chain")), 2);
	assert_int_equal(strlen(json_string_value(json_object_get(good, "fingerprint"))), 64);
	assert_true(json_integer_value(json_object_get(good, "days_left")) > 300);
	assert_true(json_real_value(json_object_get(good, "handshake_ms")) > 0);
	assert_true(json_is_false(json_object_get(bad, "ok")) && json_is_null(json_object_get(bad, "fingerprint")));
	assert_non_null(strstr(json_string_value(json_object_get(bad, "error")), "connection refused"));
	json_decref(good);
	json_decref(bad);

	/* too large for one message: the chain goes, the rest stays */
	assert_int_equal(probe_round_json(r, at("2026-12-01T00:00:00Z"), 100, &texts, NULL), 0);
	good = json_loadb((const char *)texts[0].p, texts[0].n, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(good, "chain")), 0);
	assert_int_equal(strlen(json_string_value(json_object_get(good, "fingerprint"))), 64);
	json_decref(good);
	probe_round_free(r);
	fake_stop(s);
}

static size_t size_of_all(const struct bytes *texts, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += WIRE_FIELD_HEAD + texts[i].n;
	return total;
}

static const char *lengthy(struct world *w, const char *end, size_t n)
{
	char *text = arena_alloc(w->f.a, n + 1);

	memset(text, 'n', n);
	memcpy(text + n - strlen(end), end, strlen(end) + 1);
	return text;
}

/* A full round of the longest there is, good or bad: each probe of it is told, in one message. */
static void test_json_of_many(void **state)
{
	struct world *w = *state;
	const char *name = lengthy(w, ".example.test", 253), *trouble = lengthy(w, "\"\\", ERR_TEXT_MAX - 1);
	static const char *const address = "[1111:2222:3333:4444:5555:6666:123.123.123.123]:65535";

	for (int bad = 0; bad <= 2; bad++) {
		struct probe_round *r = calloc(1, sizeof(*r));
		struct bytes *texts = NULL;
		size_t seen = 0;

		r->arena = arena_new(LIMIT_PROBE_ARENA_MAX);
		for (r->n = 0; r->n < LIMIT_PROBE_ROUND_MAX; r->n++) {
			struct probe *p = &r->items[r->n];

			*p = (struct probe) { .address = address, .name = name, .handshake = bad < 2, .trouble = bad ? trouble : NULL,
					      .leaf = w->made[WIDE].leaf.facts };
			p->seen.protocol = "TLSv1.2";
			p->seen.cipher = "ECDHE-ECDSA-CAMELLIA256-SHA384";
			p->seen.handshake_ms = 5000.123;
			p->seen.certs[0] = w->made[WIDE].leaf.der;
			p->seen.n = 1;
		}
		assert_int_equal(probe_round_json(r, at("1970-01-01T00:00:00Z"), REPORT_PROBES_MAX, &texts, NULL), 0);
		if (size_of_all(texts, r->n) > REPORT_PROBES_MAX)
			fail_msg("%d: %zu bytes", bad, size_of_all(texts, r->n));
		for (size_t i = 0; i < r->n; i++) {
			json_t *one = json_loadb((const char *)texts[i].p, texts[i].n, 0, NULL);

			assert_int_equal(json_object_size(one), 11);
			assert_int_equal(json_is_true(json_object_get(one, "ok")), !bad);
			assert_int_equal(json_is_string(json_object_get(one, "error")), bad > 0);
			seen += json_is_string(json_object_get(one, "fingerprint"));
			json_decref(one);
		}
		assert_int_equal(seen, bad < 2 ? r->n : 0);
		/* one byte less than everything: only the last one's chain goes */
		r->n = 3;
		assert_int_equal(probe_round_json(r, at("2026-12-01T00:00:00Z"), REPORT_PROBES_MAX, &texts, NULL), 0);
		assert_int_equal(probe_round_json(r, at("2026-12-01T00:00:00Z"), size_of_all(texts, 3) - 1, &texts, NULL), 0);
		assert_int_equal(memmem(texts[1].p, texts[1].n, "BEGIN CERT", 10) != NULL, bad < 2);
		assert_null(memmem(texts[2].p, texts[2].n, "BEGIN CERT", 10));
		probe_round_free(r);
	}
}

/*
 * A rollback to a generation of unknown content, whose host could not be asked any more what it holds: whatever is
 * served proves nothing after the switch. Before it, and while going back, the old certificate is what counts.
 */
static void test_unknown_generation(void **state)
{
	static const struct {
		const char *what;
		enum update_state state;
		enum update_seen seen;
	} states[] = {
		{ "before the switch", US_CONNECTING, SEEN_NEW },
		{ "after a switch whose answer was lost", US_SWITCHED, SEEN_OTHER },
		{ "probing", US_PROBING, SEEN_OTHER },
		{ "going back", US_ROLLING_BACK, SEEN_OLD },
	};
	struct world *w = *state;
	struct fake_server *s = serve(w, OLD, 2);
	const char *address = arena_printf(w->f.a, "127.0.0.1:%u", fake_port(s));
	struct job_fields fields = job_fields_of(&w->f, "rollback", &w->made[NEW], &w->made[OLD]);
	struct update_action action = { .kind = UA_PROBE };
	struct deploy d = { .prober = w->prober, .report.fd = -1, .report.gone = true };

	job_fields_drop(&fields, FIELD_CERTIFICATE);
	job_fields_set(&fields, FIELD_TLS_ADDRESS, bytes_of_str(address));
	want_result(&w->f, "rollback", job_fields_parse(&w->f, &fields, &d.job), 0, NULL);
	d.old_chain = d.job->current;
	for (size_t i = 0; i < ARRAY_N(states); i++) {
		struct outcome out = { 0 };
		struct update_event ev = { 0 };

		buf_init(&out.host_output, 1000);
		step_run(&d, &action, states[i].state, &out, &ev);
		if (ev.kind != UE_PROBED || ev.seen != states[i].seen)
			fail_msg("%s: want %d, got %d: %s", states[i].what, states[i].seen, ev.seen, ev.text);
		buf_fini(&out.host_output);
	}
	probe_round_free(d.round);
	job_free(d.job);
	fake_stop(s);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(test_judge), TEST(test_worst), TEST(test_how_many), TEST(test_cut), TEST(test_json), TEST(test_json_of_many),
					    TEST(test_unknown_generation) };
#undef TEST

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
