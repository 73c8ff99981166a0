/* What is really on the host and on the wire, against what the manager believes. */
#include "../ssh/fake_server.h"
#include "deploy_bench.h"

#include "gatewrightd/deploy/deploy.h"
#include "sys/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum whose { OLD, NEW, WIDE, STRANGER, SELF, NOBODY };

struct world {
	struct fixture f;
	struct chain_made made[4];
	struct made self; /* a self-signed certificate, as packages make up */
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	secret_init();
	w->f.a = arena_new((size_t)64 << 20);
	w->made[OLD] = chain_make(&w->f, "old", "gw.example.test", NULL);
	w->made[NEW] = chain_make(&w->f, "new", "gw.example.test", &w->made[OLD]);
	w->made[WIDE] = chain_make(&w->f, "wide", "gw.example.test;more.example.test", &w->made[OLD]);
	w->made[STRANGER] = chain_make(&w->f, "stranger", "gw.example.test", NULL);
	w->self = make_cert(&w->f, CERT_ROOT, "snakeoil", NULL, spec_p256, NULL);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_N(w->made); i++)
		chain_unmake(&w->made[i], i == OLD || i == STRANGER);
	pkey_free(w->self.key);
	arena_free(w->f.a);
	free(w);
	return 0;
}

/* A round in which one server, or none, was seen. */
static struct probe_round *seen(struct world *w, enum whose whose)
{
	struct probe_round *r = calloc(1, sizeof(*r));
	struct probe *p = &r->items[0];

	r->arena = arena_new(1 << 22);
	r->n = 1;
	if (whose == NOBODY)
		return r;
	p->handshake = true;
	p->seen.n = 2;
	p->seen.certs[0] = w->made[whose].leaf.der;
	p->seen.certs[1] = w->made[whose].middle.der;
	return r;
}

static void add_pem(struct world *w, struct host_reply *reply, enum whose whose)
{
	if (whose == SELF) {
		want_result(&w->f, "PEM", x509_der_to_pem(w->self.der, &reply->chain, &w->f.e), 0, NULL);
	} else if (whose != NOBODY) {
		want_result(&w->f, "PEM", x509_der_to_pem(w->made[whose].leaf.der, &reply->chain, &w->f.e), 0, NULL);
		want_result(&w->f, "PEM", x509_der_to_pem(w->made[whose].middle.der, &reply->chain, &w->f.e), 0, NULL);
	}
}

static const struct row {
	const char *what;
	enum whose fresh, believed, in_files, served;
	int want;
	enum update_live live;
	const char *error;
	enum whose old; /* what counts as the old one from now on */
} rows[] = {
	{ "as believed", NEW, OLD, OLD, OLD, 0, LIVE_OLD, NULL, OLD },
	{ "nothing answers", NEW, OLD, OLD, NOBODY, 0, LIVE_OLD, NULL, OLD },
	{ "the new one lies there already", NEW, OLD, NEW, OLD, 0, LIVE_NEW, NULL, OLD },
	{ "the same again", NEW, NEW, NEW, NEW, 0, LIVE_OLD, NULL, NEW },
	{ "files hold a compatible third", NEW, NEW, OLD, NEW, 0, LIVE_OTHER, NULL, NEW },
	{ "files hold more names", NEW, OLD, WIDE, OLD, -EINVAL, 0, "in the host's live files", OLD },
	{ "more names are served", NEW, OLD, OLD, WIDE, -EINVAL, 0, "that is served", OLD },
	{ "a stranger's is served", NEW, OLD, OLD, STRANGER, -EINVAL, 0, "that is served", OLD },
	{ "a stranger's in the files", NEW, OLD, STRANGER, OLD, -EINVAL, 0, "in the host's live files", OLD },
	{ "no files", NEW, OLD, NOBODY, OLD, 0, LIVE_NOTHING, NULL, OLD },
	{ "first: compatible", NEW, NOBODY, OLD, OLD, 0, LIVE_OLD, NULL, OLD },
	{ "first: a stranger's", NEW, NOBODY, STRANGER, STRANGER, -EINVAL, 0, "not compatible", OLD },
	{ "first: only served", NEW, NOBODY, NOBODY, OLD, 0, LIVE_NOTHING, NULL, OLD },
	{ "first: nothing at all", NEW, NOBODY, NOBODY, NOBODY, 0, LIVE_NOTHING, NULL, NOBODY },
	{ "first: made up by a package", NEW, NOBODY, SELF, NOBODY, 0, LIVE_OLD, NULL, SELF },
	{ "later: made up by a package", NEW, OLD, SELF, OLD, -EINVAL, 0, "not compatible", OLD },
};

static void check_row(struct world *w, const struct row *row)
{
	const struct chain_made *believed = row->believed == NOBODY ? NULL : &w->made[row->believed];
	struct job_fields fields = job_fields_of(&w->f, "update", &w->made[row->fresh], believed);
	struct update_check check = { 0 };
	struct host_reply reply;
	struct deploy d = { 0 };
	int r;

	want_result(&w->f, row->what, job_fields_parse(&w->f, &fields, &d.job), 0, NULL);
	host_reply_init(&reply);
	reply.report.has_clock = true;
	reply.report.clock = clock_wall().s;
	add_pem(w, &reply, row->in_files);
	d.round = seen(w, row->served);
	r = check_judge(&d, &reply, &check, &w->f.e);
	want_result(&w->f, row->what, r, row->want, row->error);
	if (r == 0 && check.live != row->live)
		fail_msg("%s: want live %d, got %d", row->what, row->live, check.live);
	if (r == 0 && row->old == NOBODY && d.old_chain->n != 0)
		fail_msg("%s: want no old one", row->what);
	if (r == 0 && row->old != NOBODY) {
		const uint8_t *want = row->old == SELF ? w->self.facts.fingerprint : w->made[row->old].leaf.facts.fingerprint;

		if (d.old_chain->n == 0 || memcmp(d.old_chain->certs[0].fingerprint, want, FINGERPRINT_SIZE) != 0)
			fail_msg("%s: another old one", row->what);
	}
	host_reply_fini(&reply);
	probe_round_free(d.round);
	job_free(d.job);
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		check_row(*state, &rows[i]);
}

/* The facts of the reply as the machine needs them. */
static void test_facts(void **state)
{
	static const struct {
		const char *what, *pending;
		int64_t clock_off;
		bool has_clock, pends, ours;
		int want;
	} facts[] = {
		{ "nothing pends", "", 0, true, false, false, 0 },	  { "ours pends", "t0ken", 0, true, true, true, 0 },
		{ "another's pends", "t0ken2", 0, true, true, false, 0 }, { "a day ahead", "", 86400, true, false, false, 0 },
		{ "a day behind", "", -86400, true, false, false, 0 },	  { "no clock", "", 0, false, false, false, -EPROTO },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_N(facts); i++) {
		struct job_fields fields = job_fields_of(&w->f, "update", &w->made[NEW], &w->made[OLD]);
		struct update_check check = { 0 };
		struct host_reply reply;
		struct deploy d = { 0 };

		want_result(&w->f, "job", job_fields_parse(&w->f, &fields, &d.job), 0, NULL);
		host_reply_init(&reply);
		reply.report.has_clock = facts[i].has_clock;
		reply.report.clock = clock_wall().s + facts[i].clock_off;
		(void)snprintf(reply.report.pending, sizeof(reply.report.pending), "%s", facts[i].pending);
		add_pem(w, &reply, OLD);
		want_result(&w->f, facts[i].what, check_judge(&d, &reply, &check, &w->f.e), facts[i].want, "clock");
		if (facts[i].want == 0) {
			assert_int_equal(check.pending, facts[i].pends);
			assert_int_equal(check.pending_ours, facts[i].ours);
			assert_in_range(check.skew_s - facts[i].clock_off + 5, 0, 10);
			assert_true(check.need_bytes > 4096);
		}
		host_reply_fini(&reply);
		job_free(d.job);
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(test_rows), TEST(test_facts) };
#undef TEST

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
