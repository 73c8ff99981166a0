#include "cli/proof_check.h"
#include "cli/proof_chain.h"
#include "codec/hex.h"
#include "core/deploy/proof.h"
#include "core/pki/compat.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX (32u * 1024 * 1024)

/* Both sides and what is compared; large, so on the heap. */
struct checking {
	const json_t *payload;
	struct arena *arena;
	struct chain_facts old, new, probed;
	struct findings found;
	struct proof_verdict *verdict;
};

static void say(struct proof_verdict *v, bool good, const char *format, ...) PRINTF_LIKE(3, 4);

static void say(struct proof_verdict *v, bool good, const char *format, ...)
{
	va_list args;

	v->bad = v->bad || !good || v->n == PROOF_LINES_MAX;
	if (v->n == PROOF_LINES_MAX)
		return;
	v->lines[v->n].good = good;
	va_start(args, format);
	(void)vsnprintf(v->lines[v->n].text, sizeof(v->lines[v->n].text), format, args);
	va_end(args);
	v->n++;
}

/* One side's chain, and that what is written beside it is what its leaf says. */
static bool check_side(struct checking *c, const char *name, struct chain_facts *ret)
{
	const json_t *side = json_object_get(c->payload, name);
	struct err e = { 0 };
	int r;

	r = proof_chain_parse(json_object_get(side, "chain"), c->arena, ret, &e);
	if (r == 0)
		r = proof_chain_says(side, &ret->certs[0], c->arena, &e);
	if (r < 0) {
		say(c->verdict, false, "%s certificate: %s", name, err_text(&e));
		return false;
	}
	say(c->verdict, true, "%s certificate: its %zu certificates parse, and say what the proof says about them",
	    name, ret->n);
	return true;
}

/* What offline nobody can see again is taken from the record: the key, and revocation. */
static bool recorded(const json_t *findings, const char *id)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
	{
		if (strcmp(json_text(f, "id"), id) == 0)
			return true;
	}
	return false;
}

static bool is_beyond_check(const char *id)
{
	return strcmp(id, "revoked") == 0 || strcmp(id, "issuer-revoked") == 0;
}

/* The same findings in the same order with the same sentences, leaving out those about revocation. */
static bool same_findings(const json_t *record, const struct findings *found, char *out, size_t size)
{
	const json_t *f;
	size_t i, at = 0;

	json_array_foreach(record, i, f)
	{
		const char *id = json_text(f, "id"), *severity = json_text(f, "severity");

		if (is_beyond_check(id))
			continue;
		if (at == found->n || strcmp(finding_word(found->items[at].id), id) != 0 ||
		    strcmp(found->items[at].text, json_text(f, "text")) != 0 ||
		    strcmp(finding_severity_word(finding_severity(found->items[at].id)), severity) != 0) {
			(void)snprintf(out, size, "recorded '%s', found '%s'", id,
				       at < found->n ? finding_word(found->items[at].id) : "nothing");
			return false;
		}
		at++;
	}
	if (at < found->n)
		(void)snprintf(out, size, "recorded nothing, found '%s'", finding_word(found->items[at].id));
	return at == found->n;
}

static void check_compatibility(struct checking *c, bool has_old)
{
	const json_t *compat = json_object_get(c->payload, "compatibility"),
		     *record = json_object_get(compat, "findings");
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	struct wall_time now;
	bool compatible = json_flag(compat, "compatible"), blocked;
	char difference[256] = "";

	if (!time_parse(bytes_of_str(json_text(compat, "compared_at")), &now) || !json_is_array(record)) {
		say(c->verdict, false, "compatibility: want a time and findings, got something else");
		return;
	}
	c->new.has_key = !recorded(record, "key-missing");
	c->new.key_matches = c->new.has_key && !recorded(record, "key-mismatch");
	compat_check(has_old ? &c->old : NULL, &c->new, &policy, now, &c->found);
	blocked = findings_blocked(&c->found) || recorded(record, "revoked") || recorded(record, "issuer-revoked");
	if (!same_findings(record, &c->found, difference, sizeof(difference)))
		say(c->verdict, false, "compatibility: checked again it is not as recorded: %s", difference);
	else if (compatible == blocked)
		say(c->verdict, false, "compatibility: recorded as %s, but the findings say %s",
		    compatible ? "compatible" : "not compatible", blocked ? "not compatible" : "compatible");
	else
		say(c->verdict, true, "compatibility: checked again with the same %zu findings: %s", c->found.n,
		    compatible ? "compatible" : "not compatible");
}

/* A probe that saw a certificate: the chain it keeps has that fingerprint. */
static bool check_probe_chain(struct checking *c, const json_t *probe, const char *phase)
{
	const json_t *chain = json_object_get(probe, "chain");
	char hex[2 * FINGERPRINT_SIZE + 1];
	struct err e = { 0 };

	if (!json_has(probe, "fingerprint") || json_array_size(chain) == 0)
		return true;
	if (proof_chain_parse(chain, c->arena, &c->probed, &e) < 0) {
		say(c->verdict, false, "probe %s of %s: %s", phase, json_text(probe, "address"), err_text(&e));
		return false;
	}
	(void)hex_encode(bytes_of(c->probed.certs[0].fingerprint, FINGERPRINT_SIZE), hex);
	if (strcmp(hex, json_text(probe, "fingerprint")) == 0)
		return true;
	say(c->verdict, false, "probe %s of %s: its chain is not of the fingerprint that it names", phase,
	    json_text(probe, "address"));
	return false;
}

/* Every probe of the phase, and how many saw `fingerprint`. */
static bool check_probes(struct checking *c, const char *member, const char *phase, const char *fingerprint,
			 size_t *ret_seen, size_t *ret_n)
{
	const json_t *probe, *probes = json_object_get(c->payload, member);
	bool good = true;
	size_t i;

	*ret_seen = 0;
	*ret_n = json_array_size(probes);
	json_array_foreach(probes, i, probe)
	{
		good = check_probe_chain(c, probe, phase) && good;
		*ret_seen += json_flag(probe, "ok") && strcmp(json_text(probe, "fingerprint"), fingerprint) == 0;
	}
	return good;
}

static void check_before(struct checking *c, bool has_old)
{
	const char *old = json_text(json_object_get(c->payload, "old"), "fingerprint");
	size_t seen, n;

	if (!check_probes(c, "probes_before", "before", old, &seen, &n))
		return;
	if (has_old && n > 0)
		say(c->verdict, true, "before: %zu of %zu probes saw the old certificate", seen, n);
	else
		say(c->verdict, true, "before: %zu probes, nothing known was in use", n);
}

/* A result is only what the probes after it show. */
static void check_result(struct checking *c, bool has_old)
{
	const char *result = json_text(c->payload, "result");
	bool confirmed = strcmp(result, "confirmed") == 0, back = strcmp(result, "rolled-back") == 0;
	const char *expected = json_text(json_object_get(c->payload, confirmed ? "new" : "old"), "fingerprint");
	size_t seen, n;

	if (!check_probes(c, "probes_after", "after", expected, &seen, &n))
		return;
	if (confirmed)
		say(c->verdict, n > 0 && seen == n, "result confirmed: %zu of %zu probes saw the new certificate", seen,
		    n);
	else if (back && has_old)
		say(c->verdict, true, "result rolled back: %zu of %zu probes saw the old certificate", seen, n);
	else
		say(c->verdict, true, "result '%s': %zu probes after it", result[0] ? result : "-", n);
	if (!confirmed && !back && strcmp(result, "failed") != 0 && strcmp(result, "unknown") != 0)
		say(c->verdict, false, "result: want confirmed, rolled-back, failed or unknown, got '%s'", result);
}

static void check_handshakes(struct checking *c)
{
	const json_t *h = json_object_get(c->payload, "handshakes");
	json_int_t tried = json_number(h, "tried"), lost = json_number(h, "lost");

	say(c->verdict, lost >= 0 && lost <= tried, "handshakes between switch and end: %lld tried, %lld lost",
	    (long long)tried, (long long)lost);
}

static void check_all(struct checking *c)
{
	bool has_old = json_has(c->payload, "old"), good;

	if (json_number(c->payload, "proof") != PROOF_VERSION) {
		say(c->verdict, false, "proof: want version %d, got %lld", PROOF_VERSION,
		    (long long)json_number(c->payload, "proof"));
		return;
	}
	good = !has_old || check_side(c, "old", &c->old);
	good = check_side(c, "new", &c->new) && good;
	if (good)
		check_compatibility(c, has_old);
	check_before(c, has_old);
	check_result(c, has_old);
	check_handshakes(c);
}

int proof_check(const json_t *payload, struct proof_verdict *ret, struct err *e)
{
	CLEANUP(util_freep) struct checking *c = calloc(1, sizeof(*c));
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);

	if (!c || !arena)
		return err_nomem(e);
	ret->n = 0;
	ret->bad = false;
	c->payload = payload;
	c->arena = arena;
	c->verdict = ret;
	check_all(c);
	return 0;
}
