/* A request from a person, checked and completed into what will stand in the certificate. */
#include "core/pki/profile.h"
#include "core/pki/name.h"
#include "core/pki/profile_text.h"
#include "core/pki/rules.h"

#include <errno.h>

#define PATH_LEN_MAX (FACTS_CHAIN_MAX - 2)

static const struct kind_row {
	const char *word;
	int default_years;
	int default_path_len;
} kinds[CERT_KIND_N] = {
	/*                      word            years  path length */
	[CERT_ROOT] = { "root", 10, -1 },
	[CERT_INTERMEDIATE] = { "intermediate", 5, 0 },
	[CERT_END_ENTITY] = { "end-entity", 1, -1 },
};

/* One run of profile_make(). `issuer` is NULL for a root. */
struct making {
	const struct cert_request *request;
	const struct chain_facts *issuer;
	struct wall_time now;
	struct arena *a;
	struct findings *findings;
	struct cert_profile profile;
};

const char *cert_kind_word(enum cert_kind k)
{
	return k < CERT_KIND_N ? kinds[k].word : "?";
}

bool cert_kind_from_word(struct bytes word, enum cert_kind *ret)
{
	for (size_t i = 0; i < CERT_KIND_N; i++) {
		if (!bytes_equal_str(word, kinds[i].word))
			continue;
		*ret = (enum cert_kind)i;
		return true;
	}
	return false;
}

enum cert_kind cert_kind_of(const struct cert_facts *c)
{
	if (!c->is_ca)
		return CERT_END_ENTITY;
	return cert_is_self_signed(c) ? CERT_ROOT : CERT_INTERMEDIATE;
}

/* The issuer must be able to issue at all: the same rules as for a chain in use. */
static void check_issuer(struct making *m)
{
	const struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	const struct rules r = { m->issuer, &policy, m->now, m->findings };

	if (m->request->kind == CERT_ROOT) {
		if (m->issuer)
			findings_add(m->findings, FINDING_ISSUER_OF_ROOT, "want no issuer for a root, got '%s'",
				     m->issuer->n > 0 ? cert_label(&m->issuer->certs[0]) : "?");
		m->issuer = NULL;
		return;
	}
	if (!m->issuer || m->issuer->n == 0) {
		findings_add(m->findings, FINDING_ISSUER_MISSING, "want an issuer for %s certificate, got none",
			     m->request->kind == CERT_INTERMEDIATE ? "an intermediate" : "an end-entity");
		m->issuer = NULL;
		return;
	}
	if (m->issuer->n >= FACTS_CHAIN_MAX)
		findings_add(m->findings, FINDING_CHAIN_TOO_LONG, "want a chain of at most %d certificates, got %zu",
			     FACTS_CHAIN_MAX, m->issuer->n + 1);
	rule_links(&r);
	rule_complete(&r);
	rules_issuers(&r, 0);
}

static int make_names(struct making *m, struct err *e)
{
	struct bytes text = bytes_of_str(m->request->names);
	struct general_name *names = NULL;
	struct err why = { 0 };
	size_t n = 0;
	int r;

	if (m->request->kind != CERT_END_ENTITY) {
		if (bytes_trim(text).n > 0)
			findings_add(m->findings, FINDING_NAMES_ON_CA,
				     "want no names for a CA certificate, got '%.100s'", m->request->names);
		return 0;
	}
	r = name_parse_list(text, m->a, &names, &n, &why);
	if (r == -ENOMEM)
		return err_nomem(e);
	if (r < 0)
		findings_add(m->findings,
			     r == -EEXIST  ? FINDING_NAMES_DUPLICATE
			     : r == -E2BIG ? FINDING_NAMES_TOO_MANY
					   : FINDING_NAMES_MALFORMED,
			     "%s", err_text(&why));
	else if (n == 0)
		findings_add(m->findings, FINDING_NAMES_EMPTY, "want at least one host name or address, got none");
	m->profile.names = names;
	m->profile.names_n = n;
	return 0;
}

/* Name constraints of every issuer, and a display name that would say more than the names do. */
static void check_names(struct making *m)
{
	const struct cert_profile *p = &m->profile;
	struct constrained who = { p->names, p->names_n, BYTES_NONE };

	for (size_t i = 0; m->issuer && i < m->issuer->n; i++)
		rule_constraints(&m->issuer->certs[i], &who, m->findings);
	if (p->names_n > 0 && !common_name_is_covered(p->subject.common_name, p->names, p->names_n))
		findings_add(m->findings, FINDING_COMMON_NAME_NOT_IN_NAMES,
			     "display name '%s' reads like a host name or address: want it among the names, got it "
			     "only there",
			     p->subject.common_name);
}

/* The last second of the day `years` from now in UTC; February 29 becomes February 28. */
static struct wall_time default_end(struct wall_time now, int years)
{
	struct civil_time c = time_to_civil(now);
	struct wall_time end = now;

	c = (struct civil_time) { c.year + years, c.month, c.day, 23, 59, 59 };
	if (!time_from_civil(c, &end)) {
		c.day = 28;
		(void)time_from_civil(c, &end);
	}
	return end;
}

static void make_default_end(struct making *m, const struct cert_facts *bound)
{
	char text[TIME_TEXT_MAX];

	m->profile.not_after = default_end(m->now, kinds[m->request->kind].default_years);
	if (!bound || m->profile.not_after.s <= bound->not_after.s)
		return;
	m->profile.not_after = bound->not_after;
	if (bound->not_after.s < m->now.s)
		return; /* check_issuer() has said that it expired */
	findings_add(m->findings, FINDING_NOT_AFTER_SHORTENED, "valid until %s only, when issuer '%s' expires",
		     time_format(bound->not_after, text), cert_label(bound));
}

/* No certificate outlives any issuer of its chain. */
static void make_dates(struct making *m)
{
	static const struct civil_time last = { 9999, 12, 31, 23, 59, 59 };
	const struct cert_facts *bound = m->issuer ? earliest_end(m->issuer->certs, m->issuer->n) : NULL;
	struct wall_time *end = &m->profile.not_after, latest = { 0 };
	char want[TIME_TEXT_MAX], got[TIME_TEXT_MAX];

	m->profile.not_before = wall_add(m->now, -PROFILE_BACKDATE_S);
	if (m->request->not_after.s == 0) {
		make_default_end(m, bound);
		return;
	}
	*end = m->request->not_after;
	(void)time_from_civil(last, &latest);
	if (end->s > latest.s)
		findings_add(m->findings, FINDING_NOT_AFTER_FAR, "want an end not later than %s, got a later one",
			     time_format(latest, want));
	else if (end->s <= m->now.s)
		findings_add(m->findings, FINDING_NOT_AFTER_PAST, "want an end later than now, %s, got %s",
			     time_format(m->now, want), time_format(*end, got));
	else if (bound && end->s > bound->not_after.s)
		findings_add(m->findings, FINDING_NOT_AFTER_BEYOND_ISSUER,
			     "want an end not later than %s, when issuer '%s' expires, got %s",
			     time_format(bound->not_after, want), cert_label(bound), time_format(*end, got));
}

static void make_key(struct making *m)
{
	struct key_spec asked = m->request->key, known;

	if (asked.alg == KEY_ALG_OTHER && asked.bits == 0)
		asked = (struct key_spec) { KEY_ALG_EC_P256, 256 };
	if (!key_spec_parse(bytes_of_str(key_spec_word(asked)), &known)) {
		findings_add(m->findings, FINDING_KEY_SPEC_UNKNOWN,
			     "want a key ec-p256, ec-p384, ed25519, rsa-2048, rsa-3072 or rsa-4096, got another type");
		return;
	}
	m->profile.key = known;
}

/* RFC 5280 section 4.2.1.9. */
static void make_path_len(struct making *m)
{
	int asked = m->request->path_len, room;
	const struct cert_facts *who = NULL;

	m->profile.path_len = -1;
	room = m->issuer ? path_budget(m->issuer->certs, m->issuer->n, &who) : PATH_UNLIMITED;
	if (m->request->kind == CERT_END_ENTITY)
		return; /* a budget below zero has been said by check_issuer() */
	if (asked < -1 || asked > PATH_LEN_MAX) {
		findings_add(m->findings, FINDING_PATH_LEN_RANGE, "want a path length of 0 to %d, got %d", PATH_LEN_MAX,
			     asked);
		return;
	}
	if (asked == -1)
		asked = kinds[m->request->kind].default_path_len;
	if (room == 0)
		findings_add(m->findings, FINDING_PATH_LENGTH,
			     "issuer '%s': its path length of %d leaves no room for a CA certificate", cert_label(who),
			     who->path_len);
	else if (room > 0 && asked > room - 1)
		findings_add(m->findings, FINDING_PATH_LEN_BEYOND_ISSUER,
			     "want a path length of at most %d, as issuer '%s' allows, got %d", room - 1,
			     cert_label(who), asked);
	m->profile.path_len = asked;
}

/* RFC 5280 sections 4.2.1.3 and 4.2.1.12; RFC 8446 section 4.4.2.2. */
static void make_usages(struct making *m)
{
	struct cert_profile *p = &m->profile;

	p->is_ca = m->request->kind != CERT_END_ENTITY;
	if (p->is_ca) {
		p->key_usage = BIT(KU_KEY_CERT_SIGN) | BIT(KU_CRL_SIGN);
		return;
	}
	p->key_usage = BIT(KU_DIGITAL_SIGNATURE);
	if (p->key.alg == KEY_ALG_RSA)
		p->key_usage |= BIT(KU_KEY_ENCIPHERMENT);
	p->ext_key_usage = BIT(EKU_SERVER_AUTH);
}

static void make_serial(struct making *m, const uint8_t random[16])
{
	uint8_t *serial = m->profile.serial;
	bool zero = true;

	memcpy(serial, random, sizeof(m->profile.serial));
	serial[0] &= 0x7f;
	for (size_t i = 0; i < sizeof(m->profile.serial); i++)
		zero = zero && serial[i] == 0;
	if (zero)
		serial[sizeof(m->profile.serial) - 1] = 1;
}

int profile_make(const struct cert_request *request, const struct chain_facts *issuer, struct wall_time now,
		 const uint8_t random[16], struct arena *a, struct cert_profile *ret, struct findings *findings,
		 struct err *e)
{
	struct making m = { request, issuer, now, a, findings, { .kind = request->kind } };
	int r;

	if (request->kind >= CERT_KIND_N) {
		findings_add(findings, FINDING_KIND_UNKNOWN,
			     "want a root, an intermediate or an end-entity certificate, got another type");
		return 0;
	}
	check_issuer(&m);
	r = profile_make_subject(request, m.issuer, a, &m.profile.subject, findings, e);
	if (r == 0)
		r = make_names(&m, e);
	if (r < 0)
		return r;
	check_names(&m);
	make_dates(&m);
	make_key(&m);
	make_path_len(&m);
	make_usages(&m);
	make_serial(&m, random);
	findings_sort(findings);
	if (!findings_blocked(findings))
		*ret = m.profile;
	return 0;
}
