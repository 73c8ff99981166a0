/* What is really on the host and on the wire, against what the manager believes and what is to be put there. */
#include "gatewrightd/deploy/deploy.h"

#include "core/pki/compat.h"
#include "gatewrightd/deploy/stage.h"
#include "sys/clock.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <stdlib.h>

/* Every certificate that the job brought: intermediates and roots, to complete what a host or a server left out. */
static size_t known_certs(const struct job *j, struct bytes *pool, size_t max)
{
	const struct chain_facts *const chains[] = { j->new_chain, j->current };
	size_t n = 0;

	for (size_t c = 0; c < ARRAY_N(chains); c++) {
		for (size_t i = 1; i < chains[c]->n && n < max; i++)
			pool[n++] = chains[c]->certs[i].der;
	}
	return n;
}

static int complete_chain(const struct job *j, const struct bytes *ders, size_t n, struct chain_facts *ret,
			  struct err *e)
{
	struct bytes pool[3 * FACTS_CHAIN_MAX];
	size_t pool_n = known_certs(j, pool, 2 * FACTS_CHAIN_MAX);

	for (size_t i = 1; i < n && pool_n < ARRAY_N(pool); i++)
		pool[pool_n++] = ders[i];
	return x509_chain_build(ders[0], pool, pool_n, j->arena, ret, e);
}

int check_live_chain(struct deploy *d, const struct host_reply *reply, struct chain_facts **ret, struct err *e)
{
	struct bytes ders[FACTS_CHAIN_MAX];
	size_t n = 0;
	int r;

	*ret = arena_alloc(d->job->arena, sizeof(**ret));
	if (!*ret)
		return err_nomem(e);
	if (reply->chain.n == 0)
		return 0;
	r = x509_pem_to_ders(buf_bytes(&reply->chain), d->job->arena, ders, FACTS_CHAIN_MAX, &n, e);
	if (r == 0 && n > 0)
		r = complete_chain(d->job, ders, n, *ret, e);
	return r < 0 ? err_wrap(e, r, "the host's live certificate") : 0;
}

static bool same_leaf(const struct chain_facts *a, const struct chain_facts *b)
{
	return a->n > 0 && b->n > 0 && memcmp(a->certs[0].fingerprint, b->certs[0].fingerprint, FINGERPRINT_SIZE) == 0;
}

static enum update_live compare_live(const struct job *j, const struct chain_facts *live)
{
	if (live->n == 0)
		return LIVE_NOTHING;
	if (same_leaf(live, j->current))
		return LIVE_OLD;
	if (same_leaf(live, j->new_chain))
		return LIVE_NEW;
	/* nothing was known before: what is there passed the check, and is the old one from now on */
	return j->current->n == 0 ? LIVE_OLD : LIVE_OTHER;
}

/* The first blocker as the sentence. */
static int blocked(const struct findings *f, const char *where, struct err *e)
{
	for (size_t i = 0; i < f->n; i++) {
		if (finding_severity(f->items[i].id) == FINDING_BLOCKER)
			return err_set(e, -EINVAL, "the new certificate is not compatible with the one %s: %s (%s)",
				       where, f->items[i].text, finding_word(f->items[i].id));
	}
	return 0;
}

/*
 * A certificate that is signed by itself and stands there before the first install is what a package made up. Nobody
 * could have pinned a root above it; so it binds nothing.
 */
static bool is_placeholder(const struct job *j, const struct chain_facts *found)
{
	return j->current->n == 0 && found->n > 0 && found->certs[0].self_signature_valid;
}

/* `found` is what is really there. */
static int check_compatible(const struct job *j, const struct chain_facts *found, const char *where, struct err *e)
{
	struct chain_facts candidate = *j->new_chain;
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	struct findings *f;
	int r;

	if (found->n == 0 || candidate.n == 0 || is_placeholder(j, found) || same_leaf(found, &candidate))
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_nomem(e);
	/* that the key belongs to it is checked with the key itself, before anything is sent */
	candidate.has_key = true;
	candidate.key_matches = true;
	compat_check(found, &candidate, &policy, clock_wall(), f);
	r = blocked(f, where, e);
	free(f);
	return r;
}

/* Every certificate that some address served before. */
static int check_served(struct deploy *d, struct err *e)
{
	struct chain_facts *served;
	int r = 0;

	if (!d->round)
		return 0;
	served = arena_alloc(d->round->arena, sizeof(*served));
	if (!served)
		return err_nomem(e);
	for (size_t i = 0; i < d->round->n && r == 0; i++) {
		const struct probe *p = &d->round->items[i];

		if (!p->handshake)
			continue;
		r = complete_chain(d->job, p->seen.certs, p->seen.n, served, e);
		if (r == 0)
			r = check_compatible(d->job, served, "that is served", e);
	}
	return r;
}

/* The old certificate, for probes: what the manager believed, else what lies in the files, else what is served. */
static int find_old(struct deploy *d, struct chain_facts *live, struct err *e)
{
	struct chain_facts *served;
	struct bytes leaf;

	d->old_chain = d->job->current->n > 0 ? d->job->current : live;
	leaf = d->round ? probe_round_served(d->round) : BYTES_NONE;
	if (d->old_chain->n > 0 || leaf.n == 0)
		return 0;
	served = arena_alloc(d->job->arena, sizeof(*served));
	if (!served || !arena_bytes(d->job->arena, leaf, &leaf))
		return err_nomem(e);
	d->old_chain = served;
	return complete_chain(d->job, &leaf, 1, served, e);
}

int check_judge(struct deploy *d, const struct host_reply *reply, struct update_check *ret, struct err *e)
{
	const struct host_report *h = &reply->report;
	struct chain_facts *live = NULL;
	int r = check_live_chain(d, reply, &live, e);

	if (r == 0 && !h->has_clock)
		r = err_set(e, -EPROTO, "the host did not say what its clock shows");
	if (r < 0)
		return r;
	*ret = (struct update_check) {
		.skew_s = h->clock - clock_wall().s,
		.free_bytes = h->free_bytes,
		.need_bytes = d->job->kind == JOB_UPDATE ? stage_need_bytes(d->job) : 0,
		.pending = h->pending[0] != '\0',
		.pending_left_s = h->has_left ? h->left_s : 0,
		.pending_ours = strcmp(h->pending, d->job->token) == 0,
		.running = h->running,
		.live = compare_live(d->job, live),
	};
	if (d->job->kind == JOB_UPDATE)
		r = check_compatible(d->job, live, "in the host's live files", e);
	if (r == 0 && d->job->kind == JOB_UPDATE)
		r = check_served(d, e);
	return r == 0 ? find_old(d, live, e) : r;
}
