/*
 * KEYS_ISSUE. Nothing is signed that was not first built with throw-away keys, parsed back and found to say exactly
 * what the checked request wants; the real certificate goes through the same, and its signature and chain are verified,
 * before it leaves.
 */
#include "gatewrightd/keys/inner.h"
#include "base/limits.h"
#include "core/pki/compat.h"

#include <errno.h>
#include <stdlib.h>

struct issuing {
	struct cert_request request;
	const struct chain_facts *issuer; /* the issuing CA first; NULL for a root */
	struct pkey *issuer_key;	  /* NULL for a root */
	struct cert_profile profile;
	struct wall_time now;
};

static const struct field_rule issue_rules[] = {
	{ FIELD_KIND, "kind", FORM_TEXT, 1, 1, 32 },
	{ FIELD_DISPLAY_NAME, "display-name", FORM_TEXT, 0, 1, 1024 },
	{ FIELD_HOLDER, "holder", FORM_TEXT, 0, 1, 1024 },
	{ FIELD_ORGANIZATION, "organization", FORM_TEXT, 0, 1, 1024 },
	{ FIELD_LOCALITY, "locality", FORM_TEXT, 0, 1, 1024 },
	{ FIELD_COUNTRY, "country", FORM_TEXT, 0, 1, 64 },
	{ FIELD_NAMES, "names", FORM_TEXT, 0, 1, 70000 },
	{ FIELD_NOT_AFTER, "not-after", FORM_U64, 0, 1, 8 },
	{ FIELD_KEY_SPEC, "key", FORM_TEXT, 0, 1, 32 },
	{ FIELD_PATH_LEN, "path-length", FORM_U64, 0, 1, 8 },
	{ FIELD_DRY_RUN, "dry-run", FORM_FLAG, 0, 1, 8 },
	{ FIELD_CERTIFICATE, "certificate", FORM_BYTES, 0, FACTS_CHAIN_MAX, X509_DER_MAX },
	{ FIELD_SEALED_KEY, "sealed-key", FORM_BYTES, 0, 1, LIMIT_KEYS_SEALED_MAX },
};

static int read_texts(struct keys_call *c, struct cert_request *q, struct err *e)
{
	const struct {
		uint16_t tag;
		const char **to;
	} texts[] = {
		{ FIELD_DISPLAY_NAME, &q->display_name }, { FIELD_HOLDER, &q->holder },
		{ FIELD_ORGANIZATION, &q->organization }, { FIELD_LOCALITY, &q->locality },
		{ FIELD_COUNTRY, &q->country },		  { FIELD_NAMES, &q->names },
	};

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		int r = fields_text(c, texts[i].tag, texts[i].to, e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_words(struct keys_call *c, struct cert_request *q, struct err *e)
{
	struct bytes kind = wire_get(c->m, FIELD_KIND), key = wire_get(c->m, FIELD_KEY_SPEC);

	if (!cert_kind_from_word(kind, &q->kind)) {
		findings_add(c->findings, FINDING_KIND_UNKNOWN,
			     "kind '%.*s': want 'root', 'intermediate' or 'end-entity'", (int)kind.n,
			     (const char *)kind.p);
		return err_set(e, -EINVAL, "the kind of certificate is not known");
	}
	if (key.n > 0 && !key_spec_parse(key, &q->key)) {
		findings_add(c->findings, FINDING_KEY_SPEC_UNKNOWN, "key '%.*s': want one like 'ec-p256' or 'rsa-2048'",
			     (int)key.n, (const char *)key.p);
		return err_set(e, -EINVAL, "the type of key is not known");
	}
	return 0;
}

static int read_request(struct keys_call *c, struct cert_request *q, struct err *e)
{
	uint64_t v;
	int r = fields_check(c->m, issue_rules, ARRAY_N(issue_rules), e);

	*q = (struct cert_request) { .path_len = -1 };
	if (r == 0)
		r = read_words(c, q, e);
	if (r == 0)
		r = read_texts(c, q, e);
	if (r < 0)
		return r;
	if (wire_get_u64(c->m, FIELD_NOT_AFTER, &v))
		q->not_after.s = (int64_t)v;
	if (wire_get_u64(c->m, FIELD_PATH_LEN, &v)) {
		int64_t n = (int64_t)v;

		/* Out of an int's range is out of the profile's range as well, which has the finding for it. */
		q->path_len = n > INT16_MAX || n < -1 ? INT16_MAX : (int)n;
	}
	return 0;
}

/* The issuer's chain and key. A sealed end-entity key, or one of another certificate, never becomes an issuer. */
static int read_issuer(struct keys_call *c, struct issuing *s, struct err *e)
{
	struct chain_facts *chain = NULL;
	enum cert_kind kind;
	bool given = wire_has(c->m, FIELD_CERTIFICATE) || wire_has(c->m, FIELD_SEALED_KEY);
	int r;

	if (s->request.kind == CERT_ROOT) {
		if (given)
			findings_add(c->findings, FINDING_ISSUER_OF_ROOT, "a root has no issuer, got one");
		return given ? err_set(e, -EINVAL, "issuer: want none for a root, got one") : 0;
	}
	if (!wire_has(c->m, FIELD_CERTIFICATE) || !wire_has(c->m, FIELD_SEALED_KEY)) {
		const char *got = given ? "one whose key is not here" : "none";

		findings_add(c->findings, FINDING_ISSUER_MISSING, "want a CA certificate that signs it, got %s", got);
		return err_set(e, -EINVAL, "issuer: want a CA certificate that signs it, got %s", got);
	}
	r = sealed_chain(c, true, &chain, e);
	if (r == 0 && cert_kind_of(&chain->certs[0]) == CERT_END_ENTITY) {
		findings_add(c->findings, FINDING_ISSUER_NOT_CA, "'%s' is not a CA certificate",
			     chain->certs[0].subject_text);
		r = err_set(e, -EACCES, "want a CA certificate, got an end-entity certificate '%s'",
			    chain->certs[0].subject_text);
	}
	if (r == 0)
		r = sealed_open(c, wire_get(c->m, FIELD_SEALED_KEY), &chain->certs[0], &kind, &s->issuer_key, e);
	if (r < 0)
		return err_wrap(e, r, "issuer");
	s->issuer = chain;
	return 0;
}

static int refused_by_findings(const struct findings *f, const char *what, struct err *e)
{
	for (size_t i = 0; i < f->n; i++)
		if (finding_severity(f->items[i].id) == FINDING_BLOCKER)
			return err_set(e, -EINVAL, "%s: %s", what, f->items[i].text);
	return err_set(e, -EINVAL, "%s", what);
}

static int make_profile(struct keys_call *c, struct issuing *s, struct err *e)
{
	struct keys_world *w = &c->keys->world;
	uint8_t random[16];
	int r = w->random(w->context, random, sizeof(random), e);

	s->now = w->now(w->context);
	if (r == 0)
		r = profile_make(&s->request, s->issuer, s->now, random, c->arena, &s->profile, c->findings, e);
	if (r < 0)
		return r;
	return findings_blocked(c->findings) ? refused_by_findings(c->findings, "the request is refused", e) : 0;
}

/* A key that signs what nobody will ever see: one of each kind, for the life of this process. */
static int throwaway_key(struct keys *k, struct key_spec spec, const struct pkey **ret, struct err *e)
{
	size_t slot = (size_t)spec.alg * 3 + (spec.bits == 3072 ? 1 : spec.bits == 4096 ? 2 : 0);

	if (!k->throwaway[slot]) {
		int r = pkey_generate(spec, &k->throwaway[slot], e);

		if (r < 0)
			return err_wrap(e, r, "make a throw-away key");
	}
	*ret = k->throwaway[slot];
	return 0;
}

void keys_free_throwaway(struct keys *k)
{
	for (size_t i = 0; i < ARRAY_N(k->throwaway); i++)
		pkey_free(k->throwaway[i]);
}

/* Parse `der` back and hold it against the profile. */
static int parse_and_lint(struct keys_call *c, const struct issuing *s, struct bytes der, struct cert_facts *ret,
			  struct err *e)
{
	int r = x509_parse(der, c->arena, ret, e);

	if (r < 0)
		return err_wrap(e, r, "parse the built certificate back");
	profile_lint(&s->profile, ret, s->issuer ? &s->issuer->certs[0] : NULL, c->findings);
	return findings_blocked(c->findings) ? refused_by_findings(c->findings, "the built certificate is refused", e)
					     : 0;
}

/* The new certificate on top of its issuer's chain. */
static struct chain_facts *chain_on_issuer(struct keys_call *c, const struct issuing *s, const struct cert_facts *cert)
{
	struct chain_facts *chain = arena_alloc(c->arena, sizeof(*chain));

	if (!chain || (s->issuer && s->issuer->n >= FACTS_CHAIN_MAX))
		return NULL;
	chain->certs[0] = *cert;
	chain->n = 1;
	chain->complete = !s->issuer || s->issuer->complete;
	for (size_t i = 0; s->issuer && i < s->issuer->n; i++) {
		chain->certs[chain->n] = s->issuer->certs[i];
		chain->signature_valid[chain->n++] = s->issuer->signature_valid[i];
	}
	return chain;
}

/*
 * What a TLS client would check, of the chain below a CA certificate as of one in use. `signature_valid`: of the
 * certificate itself; in the rehearsal, whose throw-away signature can't verify, it is taken as good.
 */
static int check_chain(struct keys_call *c, const struct issuing *s, const struct cert_facts *cert,
		       bool signature_valid, struct err *e)
{
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	struct findings *found;
	struct chain_facts *chain;

	chain = chain_on_issuer(c, s, cert);
	found = arena_alloc(c->arena, sizeof(*found));
	if (!chain || !found)
		return err_nomem(e);
	chain->signature_valid[0] = signature_valid;
	chain->has_key = true;
	chain->key_matches = true;
	if (s->request.kind == CERT_END_ENTITY)
		compat_check_chain(chain, &policy, s->now, found);
	else
		compat_check_ca_chain(chain, &policy, s->now, found);
	if (!findings_blocked(found))
		return 0;
	for (size_t i = 0; i < found->n; i++)
		findings_add(c->findings, found->items[i].id, "%s", found->items[i].text);
	return refused_by_findings(found, "the certificate would be refused by its clients", e);
}

static int rehearse(struct keys_call *c, struct issuing *s, struct buf *der, struct err *e)
{
	const struct pkey *subject_key = NULL, *signer;
	struct cert_facts facts;
	int r = throwaway_key(c->keys, s->profile.key, &subject_key, e);

	signer = subject_key;
	if (r == 0 && s->issuer)
		r = throwaway_key(c->keys, pkey_spec(s->issuer_key), &signer, e);
	if (r == 0)
		r = x509_issue_trial(&s->profile, subject_key, s->issuer ? &s->issuer->certs[0] : NULL, signer, der, e);
	if (r == 0)
		r = parse_and_lint(c, s, buf_bytes(der), &facts, e);
	return r < 0 ? r : check_chain(c, s, &facts, true, e);
}

/* Does the issuer's key, or a root's own, verify it? Asked of the parser that everybody else uses as well. */
static int verify_signature(const struct issuing *s, const struct cert_facts *cert, bool *ret, struct err *e)
{
	if (s->issuer)
		return x509_verify(cert, &s->issuer->certs[0], ret, e);
	*ret = cert->self_signature_valid;
	return 0;
}

static int sign_for_real(struct keys_call *c, struct issuing *s, struct buf *der, struct err *e)
{
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	struct cert_facts facts;
	bool valid = false;
	int r = pkey_generate(s->profile.key, &key, e);

	buf_reset(der);
	if (r == 0)
		r = x509_issue(&s->profile, key, s->issuer ? &s->issuer->certs[0] : NULL, s->issuer_key, der, e);
	if (r == 0)
		r = parse_and_lint(c, s, buf_bytes(der), &facts, e);
	if (r == 0)
		r = verify_signature(s, &facts, &valid, e);
	if (r == 0 && !pkey_matches(key, &facts))
		r = err_set(e, -EIO, "the new certificate does not hold the key that was made for it");
	if (r == 0)
		r = check_chain(c, s, &facts, valid, e);
	return r < 0 ? r : sealed_add(c, key, &facts, e);
}

int keys_issue(struct keys_call *c, struct err *e)
{
	struct issuing s = { .issuer = NULL };
	struct buf der;
	int r = read_request(c, &s.request, e);

	if (r == 0)
		r = read_issuer(c, &s, e);
	if (r == 0)
		r = make_profile(c, &s, e);
	buf_init(&der, X509_DER_MAX);
	if (r == 0)
		r = rehearse(c, &s, &der, e);
	if (r == 0 && !wire_has(c->m, FIELD_DRY_RUN))
		r = sign_for_real(c, &s, &der, e);
	if (r == 0)
		wire_add(c->out, FIELD_CERTIFICATE, buf_bytes(&der));
	buf_fini(&der);
	pkey_free(s.issuer_key);
	return r;
}
