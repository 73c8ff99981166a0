#include "gatewrightd/deploy/probe_round.h"
#include "base/limits.h"

#include "core/pki/name.h"
#include "sys/clock.h"
#include "sys/crypto/x509.h"
#include "sys/net/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_given(const struct chain_facts *c)
{
	return c && c->n > 0;
}

static bool same_leaf(const struct cert_facts *leaf, const struct chain_facts *c)
{
	return is_given(c) && memcmp(leaf->fingerprint, c->certs[0].fingerprint, FINGERPRINT_SIZE) == 0;
}

/* Is there a subject alternative name for what was asked for? A wildcard that is asked for wants itself. */
static bool covers(const struct cert_facts *leaf, const char *name, struct arena *a)
{
	struct general_name asked;

	if (name_parse(bytes_of_str(name), a, &asked, NULL) < 0)
		return false;
	for (size_t i = 0; i < leaf->names_n; i++) {
		if (name_equal(&leaf->names[i], &asked) || name_matches_host(&leaf->names[i], &asked))
			return true;
	}
	return false;
}

/* The chain as a device builds it: from what was sent, to the root that it has pinned. */
static int check_chain(const struct probe_plan *plan, struct probe *p, struct arena *a, struct err *e)
{
	const struct cert_facts *root = chain_root(plan->new_chain), *got;
	struct bytes pool[LIMIT_TLS_PROBE_CERTS_MAX + 1];
	struct chain_facts *built = arena_alloc(a, sizeof(*built));
	size_t n = 0;
	int r;

	if (!built)
		return err_nomem(e);
	if (!root)
		return 0;
	for (size_t i = 1; i < p->seen.n; i++)
		pool[n++] = p->seen.certs[i];
	pool[n++] = root->der;
	r = x509_chain_build(p->seen.certs[0], pool, n, a, built, e);
	if (r < 0)
		return r;
	got = chain_root(built);
	if (!got || memcmp(got->fingerprint, root->fingerprint, FINGERPRINT_SIZE) != 0)
		p->trouble = arena_printf(
			a, "%s serves the right certificate, but not the intermediates that lead to root '%s'",
			p->address, root->subject.common_name ? root->subject.common_name : "?");
	return 0;
}

static const char *short_print(const struct cert_facts *c, char out[20])
{
	(void)snprintf(out, 20, "%02x%02x%02x%02x...", c->fingerprint[0], c->fingerprint[1], c->fingerprint[2],
		       c->fingerprint[3]);
	return out;
}

/* Another certificate than the one that is hoped for. */
static int differs(struct probe *p, const struct chain_facts *wanted, const char *what, struct arena *a, struct err *e)
{
	char want[20], got[20];

	p->trouble = arena_printf(a, "%s serves %s certificate: want %s, got %s", p->address, what,
				  short_print(&wanted->certs[0], want), short_print(&p->leaf, got));
	return p->trouble ? 0 : err_nomem(e);
}

static int judge_going_back(const struct probe_plan *plan, struct probe *p, struct arena *a, struct err *e)
{
	if (same_leaf(&p->leaf, plan->old_chain)) {
		p->verdict = SEEN_OLD;
		return 0;
	}
	p->verdict = same_leaf(&p->leaf, plan->new_chain) ? SEEN_NEW : SEEN_OTHER;
	if (!is_given(plan->old_chain))
		return 0;
	return differs(p, plan->old_chain, p->verdict == SEEN_NEW ? "still the new" : "another", a, e);
}

static int judge_new(const struct probe_plan *plan, struct probe *p, struct arena *a, struct err *e)
{
	int r = 0;

	p->verdict = SEEN_NEW;
	if (is_given(plan->new_chain) && !same_leaf(&p->leaf, plan->new_chain)) {
		p->verdict = same_leaf(&p->leaf, plan->old_chain) ? SEEN_OLD : SEEN_OTHER;
		return differs(p, plan->new_chain, p->verdict == SEEN_OLD ? "still the old" : "another", a, e);
	}
	if (p->name && plan->names_n > 0 && !covers(&p->leaf, p->name, a))
		p->trouble = arena_printf(a, "%s serves a certificate without the name '%s'", p->address, p->name);
	else if (is_given(plan->new_chain))
		r = check_chain(plan, p, a, e);
	if (p->trouble)
		p->verdict = SEEN_OTHER;
	return r;
}

int probe_judge(const struct probe_plan *plan, struct probe *p, struct arena *a, struct err *e)
{
	return plan->going_back ? judge_going_back(plan, p, a, e) : judge_new(plan, p, a, e);
}

/* What a round is at while it runs. */
struct run {
	struct tls_prober *prober;
	const struct probe_plan *plan;
	struct mono_time deadline;
	struct probe_round *round;
	bool cut; /* the round is full, and something was not looked at */
};

static struct probe *add(struct run *u, const char *address, const char *name)
{
	struct probe_round *r = u->round;
	struct probe *p = r->n < LIMIT_PROBE_ROUND_MAX ? &r->items[r->n] : NULL;

	if (!p)
		return NULL;
	*p = (struct probe) { .address = arena_str(r->arena, bytes_of_str(address)),
			      .name = name,
			      .sni = name,
			      .verdict = SEEN_UNREACHABLE };
	if (name && strncmp(name, "*.", 2) == 0)
		p->sni = arena_printf(r->arena, "gateway%s", name + 1);
	if (!p->address || (name && !p->sni))
		return NULL;
	r->n++;
	return p;
}

static void set_trouble(struct run *u, struct probe *p, const struct err *why)
{
	p->verdict = SEEN_UNREACHABLE;
	p->trouble = arena_str(u->round->arena, bytes_of_str(err_text(why)));
}

/* One handshake. 1: there was no connection at all, further names need not be tried there. */
static int look(struct run *u, const struct net_address *address, const char *name, struct err *e)
{
	struct mono_time own = { clock_mono().ms + LIMIT_PROBE_HANDSHAKE_MS };
	struct err why = { 0 };
	char text[NET_TEXT_SIZE];
	struct probe *p = add(u, net_text(address, text), name);
	int r;

	if (!p)
		return err_nomem(e);
	r = tls_probe(u->prober, address, p->sni, own.ms < u->deadline.ms ? own : u->deadline, u->round->arena,
		      &p->seen, &why);
	if (r == 0)
		r = x509_parse(p->seen.certs[0], u->round->arena, &p->leaf, &why);
	if (r < 0) {
		set_trouble(u, p, &why);
		return r == -ENOMEM ? err_nomem(e) : r != -EPROTO && r != -EINVAL;
	}
	p->handshake = true;
	return probe_judge(u->plan, p, u->round->arena, e);
}

static int look_everywhere(struct run *u, const struct net_address *address, const char *host, struct err *e)
{
	uint8_t ip[NAME_ADDRESS_MAX];
	int r = 0;

	if (u->plan->names_n == 0)
		r = look(u, address, name_address(bytes_of_str(host), ip) > 0 ? NULL : host, e);
	for (size_t i = 0; i < u->plan->names_n && r == 0 && !u->cut; i++) {
		if (u->round->n == LIMIT_PROBE_ROUND_MAX)
			u->cut = true;
		else
			r = look(u, address, u->plan->names[i], e);
	}
	return r < 0 ? r : 0;
}

static bool done_before(const struct probe_round *r, const struct net_address *address)
{
	char text[NET_TEXT_SIZE];

	(void)net_text(address, text);
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->items[i].address, text) == 0)
			return true;
	}
	return false;
}

static int unresolved(struct run *u, const char *text, const struct err *why, struct err *e)
{
	struct probe *p = add(u, text, NULL);

	if (!p)
		return err_nomem(e);
	set_trouble(u, p, why);
	return 0;
}

static int look_at(struct run *u, const char *text, struct err *e)
{
	struct net_address list[LIMIT_NET_ADDRESSES_MAX];
	struct err why = { 0 };
	char *host = arena_alloc(u->round->arena, NET_HOST_SIZE);
	uint16_t port = 0;
	size_t n = 0;
	int r;

	if (!host)
		return err_nomem(e);
	r = net_split(bytes_of_str(text), 0, host, &port, &why);
	if (r == 0)
		r = net_resolve(host, port, list, &n, &why);
	if (r < 0)
		return unresolved(u, text, &why, e);
	for (size_t i = 0; i < n && r == 0 && !u->cut; i++) {
		if (done_before(u->round, &list[i]))
			continue;
		if (u->round->n == LIMIT_PROBE_ROUND_MAX)
			u->cut = true;
		else
			r = look_everywhere(u, &list[i], host, e);
	}
	return r;
}

/* Worse is higher; when going back the new certificate is worse than the old. */
static int rank(const struct probe_plan *plan, enum update_seen seen)
{
	if (plan->going_back && (seen == SEEN_NEW || seen == SEEN_OLD))
		return seen == SEEN_OLD ? 0 : 1;
	return (int)seen;
}

static void sum_up(struct probe_round *r, const struct probe_plan *plan)
{
	const struct probe *worst = &r->items[0];
	size_t bad = 0;

	for (size_t i = 0; i < r->n; i++) {
		bad += r->items[i].trouble ? 1 : 0;
		if (rank(plan, r->items[i].verdict) > rank(plan, worst->verdict))
			worst = &r->items[i];
	}
	r->seen = worst->verdict;
	if (!worst->trouble)
		(void)snprintf(r->text, sizeof(r->text), "%zu of %zu probes see what is wanted", r->n - bad, r->n);
	else if (r->n == 1)
		(void)snprintf(r->text, sizeof(r->text), "%s", worst->trouble);
	else
		(void)snprintf(r->text, sizeof(r->text), "%zu of %zu probes see something else: %.800s", bad, r->n,
			       worst->trouble);
}

/*
 * What was not looked at proves nothing, so the whole does not. The last probe says so, too, because the manager judges
 * from the probes alone.
 */
static void say_cut(struct probe_round *r)
{
	struct probe *last = &r->items[LIMIT_PROBE_ROUND_MAX - 1];

	r->seen = SEEN_UNREACHABLE;
	last->handshake = false;
	last->verdict = SEEN_UNREACHABLE;
	(void)snprintf(r->text, sizeof(r->text),
		       "not every address was asked for every name: want at most %d handshakes, got more",
		       LIMIT_PROBE_ROUND_MAX);
	last->trouble = r->text;
}

int probe_round_run(struct tls_prober *prober, const struct probe_plan *plan, struct mono_time deadline,
		    struct probe_round **ret, struct err *e)
{
	CLEANUP(probe_round_freep) struct probe_round *r = calloc(1, sizeof(*r));
	struct run u = { .prober = prober, .plan = plan, .deadline = deadline, .round = r };
	int done = 0;

	if (!r)
		return err_nomem(e);
	r->arena = arena_new(LIMIT_PROBE_ARENA_MAX);
	if (!r->arena)
		return err_nomem(e);
	for (size_t i = 0; i < plan->addresses_n && done == 0 && !u.cut; i++) {
		if (r->n == LIMIT_PROBE_ROUND_MAX)
			u.cut = true;
		else
			done = look_at(&u, plan->addresses[i], e);
	}
	if (done < 0)
		return done;
	sum_up(r, plan);
	if (u.cut)
		say_cut(r);
	*ret = TAKE(r);
	return 0;
}

void probe_round_free(struct probe_round *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r);
}

struct bytes probe_round_served(const struct probe_round *r)
{
	struct bytes served = BYTES_NONE;

	for (size_t i = 0; i < r->n; i++) {
		const struct probe *p = &r->items[i];

		if (!p->handshake)
			continue;
		if (served.n > 0 && !bytes_equal(served, p->seen.certs[0]))
			return BYTES_NONE;
		served = p->seen.certs[0];
	}
	return served;
}
