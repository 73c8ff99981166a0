/* The keys process: every request, every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "bench.h"
#include "bound_pem.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <string.h>
#include <unistd.h>

/* Made once: a root, an intermediate and a leaf below it, another root, a leaf of that one. */
static struct {
	struct bench b;
	struct issued root, middle, leaf, other_root, other_leaf;
} t;

static int set_up(void **state)
{
	(void)state;
	secret_init();
	bench_init(&t.b);
	bench_issue(&t.b, "root", "Test Root", NULL, NULL, &t.root);
	bench_issue(&t.b, "intermediate", "Test Middle", &t.root, NULL, &t.middle);
	bench_issue(&t.b, "end-entity", "gw.example.com", &t.middle, &t.root, &t.leaf);
	bench_issue(&t.b, "root", "Other Root", NULL, NULL, &t.other_root);
	bench_issue(&t.b, "end-entity", "gw.example.com", &t.other_root, NULL, &t.other_leaf);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	bench_fini(&t.b);
	return 0;
}

/* ---- Who may ask what ---- */

static void test_who_may_ask(void **state)
{
	static const struct {
		uint16_t type;
		enum who may;
	} rows[] = {
		{ MSG_KEYS_ISSUE, WHO_MANAGER },	 { MSG_KEYS_IMPORT, WHO_MANAGER },     { MSG_KEYS_EXPORT, WHO_MANAGER },
		{ MSG_KEYS_CHECK_KEY, WHO_MANAGER }, { MSG_KEYS_SIGN_PROOF, WHO_MANAGER }, { MSG_KEYS_RELEASE, WHO_DEPLOY },
		{ MSG_KEYS_RELEASE_CONSOLE, WHO_MANAGER },
		{ MSG_KEYS_ADD_CHANNEL, WHO_PARENT },
		{ MSG_KEYS_TOTP_NEW, WHO_MANAGER },	 { MSG_KEYS_TOTP_CHECK, WHO_MANAGER }, { MSG_KEYS_SIGN_HEAD, WHO_MANAGER },
		{ MSG_KEYS_LAST_HEAD, WHO_MANAGER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		for (enum who who = WHO_PARENT; who <= WHO_DEPLOY; who++) {
			int r;

			bench_begin(&t.b, rows[i].type);
			bench_text(&t.b, FIELD_TOKEN, "no request has this field");
			r = bench_ask(&t.b, who, -1);
			/* The one who may ask gets as far as the fields. */
			if (r != (who == rows[i].may ? -EINVAL : -EACCES))
				fail_msg("request %u from %s: %d", rows[i].type, who_name(who), r);
		}
	}
}

static void test_not_a_request(void **state)
{
	static const uint16_t types[] = { 0, MSG_OK, MSG_REFUSED, MSG_PARENT_SPAWN_DEPLOY, MSG_DEPLOY_JOB, MSG_DEPLOY_RESULT, MSG_N, 65535 };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(types); i++) {
		bench_begin(&t.b, types[i]);
		assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EPROTO);
	}
}

/* ---- Issue ---- */

static void parse(const struct issued *i, struct arena *a, struct cert_facts *ret)
{
	struct err e = { 0 };

	if (x509_parse(der_of(i), a, ret, &e) != 0)
		fail_msg("%s", err_text(&e));
}

static void test_issue_says_what_was_asked(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	struct cert_facts root, leaf;
	enum cert_kind kind;
	uint8_t spki[FINGERPRINT_SIZE];

	(void)state;
	parse(&t.root, a, &root);
	parse(&t.leaf, a, &leaf);
	assert_true(root.is_ca);
	assert_true(root.self_signature_valid);
	assert_string_equal(root.subject.common_name, "Test Root");
	assert_false(leaf.is_ca);
	assert_int_equal(leaf.names_n, 2);
	assert_string_equal(leaf.issuer.common_name, "Test Middle");
	assert_int_equal(leaf.not_before.s, BENCH_NOW - PROFILE_BACKDATE_S);
	assert_true(seal_peek(sealed_of(&t.leaf), &kind, spki));
	assert_int_equal(kind, CERT_END_ENTITY);
	assert_memory_equal(spki, leaf.spki_sha256, sizeof(spki));
	assert_true(seal_peek(sealed_of(&t.middle), &kind, spki));
	assert_int_equal(kind, CERT_INTERMEDIATE);
	assert_true(seal_peek(sealed_of(&t.root), &kind, spki));
	assert_int_equal(kind, CERT_ROOT);
}

static void test_issue_key_kinds(void **state)
{
	static const char *const words[] = { "ec-p256", "ec-p384", "ed25519", "rsa-2048" };
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(words); i++) {
		struct issued made;
		struct cert_facts facts;

		bench_begin_issue(&t.b, "end-entity", "gw.example.com", &t.root, NULL);
		bench_text(&t.b, FIELD_NAMES, "gw.example.com");
		bench_text(&t.b, FIELD_KEY_SPEC, words[i]);
		assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
		bench_take(&t.b, &made);
		parse(&made, a, &facts);
		assert_string_equal(key_spec_word((struct key_spec){ facts.key_alg, facts.key_bits }), words[i]);
	}
}

/* An issuer of another kind of key than the leaf's: the throw-away issuer must be of the issuer's kind. */
static void test_issue_below_other_key_kind(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	struct issued root, leaf;
	struct cert_facts facts;

	(void)state;
	bench_begin_issue(&t.b, "root", "RSA Root", NULL, NULL);
	bench_text(&t.b, FIELD_KEY_SPEC, "rsa-2048");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	bench_take(&t.b, &root);
	bench_issue(&t.b, "end-entity", "gw.example.com", &root, NULL, &leaf);
	parse(&leaf, a, &facts);
	assert_int_equal(facts.key_alg, KEY_ALG_EC_P256);
}

static void test_issue_dry_run(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	struct cert_facts facts, root;
	struct chain_facts chain;
	struct bytes ders[2];
	struct err e = { 0 };

	(void)state;
	bench_begin_issue(&t.b, "end-entity", "gw.example.com", &t.root, NULL);
	bench_text(&t.b, FIELD_NAMES, "gw.example.com");
	bench_text(&t.b, FIELD_DRY_RUN, "");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	assert_false(wire_has(&t.b.m, FIELD_SEALED_KEY));
	ders[0] = wire_get(&t.b.m, FIELD_CERTIFICATE);
	ders[1] = der_of(&t.root);
	assert_int_equal(x509_parse(ders[0], a, &facts, &e), 0);
	parse(&t.root, a, &root);
	assert_true(bytes_equal(facts.issuer_der, root.subject_der));
	/* What a dry run shows is nothing that anybody could use: the root has not signed it. */
	assert_int_equal(x509_chain_of(ders, 2, a, &chain, &e), 0);
	assert_false(chain.signature_valid[0]);
}

static void test_issue_notes(void **state)
{
	(void)state;
	bench_begin_issue(&t.b, "end-entity", "gw.example.com", &t.root, NULL);
	bench_text(&t.b, FIELD_NAMES, "gw.example.com");
	bench_text(&t.b, FIELD_COUNTRY, "UK");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	assert_true(bench_has_finding(&t.b, FINDING_COUNTRY_UK));
}

static void test_issue_refused_fields(void **state)
{
	static const struct {
		const char *what, *kind, *name, *names, *country, *key;
		int64_t not_after;
		enum finding_id finding;
	} rows[] = {
		{ "no names", "end-entity", "gw.example.com", NULL, NULL, NULL, 0, FINDING_NAMES_EMPTY },
		{ "root's name", "end-entity", "Test Root", "a.example.com", NULL, NULL, 0, FINDING_DISPLAY_NAME_OF_ROOT },
		{ "country", "end-entity", "gw.example.com", "gw.example.com", "XX", NULL, 0, FINDING_COUNTRY_UNKNOWN },
		{ "past", "end-entity", "gw.example.com", "gw.example.com", NULL, NULL, BENCH_NOW - 1, FINDING_NOT_AFTER_PAST },
		{ "too long", "end-entity", "gw.example.com", "gw.example.com", NULL, NULL, BENCH_NOW + 40 * 365 * DAY_S,
		  FINDING_NOT_AFTER_BEYOND_ISSUER },
		{ "kind", "certificate", "gw.example.com", "gw.example.com", NULL, NULL, 0, FINDING_KIND_UNKNOWN },
		{ "key", "end-entity", "gw.example.com", "gw.example.com", NULL, "rsa-1024", 0, FINDING_KEY_SPEC_UNKNOWN },
		{ "names on CA", "intermediate", "Middle", "gw.example.com", NULL, NULL, 0, FINDING_NAMES_ON_CA },
		/* profile_make() lets it through, the chain's check does not: a CN that reads like a host and is none of the names. */
		{ "CN not in SAN", "end-entity", "www.example.com", "gw.example.com", NULL, NULL, 0, FINDING_COMMON_NAME_NOT_IN_NAMES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r;

		bench_begin_issue(&t.b, rows[i].kind, rows[i].name, &t.root, NULL);
		bench_text(&t.b, FIELD_NAMES, rows[i].names);
		bench_text(&t.b, FIELD_COUNTRY, rows[i].country);
		bench_text(&t.b, FIELD_KEY_SPEC, rows[i].key);
		if (rows[i].not_after)
			bench_u64(&t.b, FIELD_NOT_AFTER, (uint64_t)rows[i].not_after);
		r = bench_ask(&t.b, WHO_MANAGER, -1);
		if (r != -EINVAL || !bench_has_finding(&t.b, rows[i].finding) || wire_has(&t.b.m, FIELD_CERTIFICATE))
			fail_msg("%s: %d", rows[i].what, r);
	}
}

/* Both sides of "never later than the issuer's". */
static void test_issue_not_after_boundary(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	struct cert_facts root;

	(void)state;
	parse(&t.root, a, &root);
	for (int64_t d = 0; d <= 1; d++) {
		bench_begin_issue(&t.b, "end-entity", "gw.example.com", &t.root, NULL);
		bench_text(&t.b, FIELD_NAMES, "gw.example.com");
		bench_u64(&t.b, FIELD_NOT_AFTER, (uint64_t)(root.not_after.s + d));
		assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), d == 0 ? 0 : -EINVAL);
	}
}

static void issue_with(const char *kind, const struct issued *cert, struct bytes sealed, const struct issued *above)
{
	bench_begin(&t.b, MSG_KEYS_ISSUE);
	bench_text(&t.b, FIELD_KIND, kind);
	bench_text(&t.b, FIELD_DISPLAY_NAME, "gw.example.com");
	if (strcmp(kind, "end-entity") == 0)
		bench_text(&t.b, FIELD_NAMES, "gw.example.com");
	if (cert)
		bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(cert));
	if (above)
		bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(above));
	if (sealed.n > 0)
		bench_bytes(&t.b, FIELD_SEALED_KEY, sealed);
}

static void test_issue_refused_issuers(void **state)
{
	const struct {
		const char *what, *kind;
		const struct issued *cert;
		struct bytes sealed;
		const struct issued *above;
		int r;
	} rows[] = {
		{ "fine", "end-entity", &t.root, sealed_of(&t.root), NULL, 0 },
		{ "fine, two", "end-entity", &t.middle, sealed_of(&t.middle), &t.root, 0 },
		{ "no key", "end-entity", &t.root, BYTES_NONE, NULL, -EINVAL },
		{ "no chain", "end-entity", NULL, sealed_of(&t.root), NULL, -EINVAL },
		{ "nothing", "end-entity", NULL, BYTES_NONE, NULL, -EINVAL },
		{ "a root with an issuer", "root", &t.root, sealed_of(&t.root), NULL, -EINVAL },
		{ "chain without its root", "end-entity", &t.middle, sealed_of(&t.middle), NULL, -EINVAL },
		{ "chain with another root", "end-entity", &t.middle, sealed_of(&t.middle), &t.other_root, -EINVAL },
		{ "key of another root", "end-entity", &t.root, sealed_of(&t.other_root), NULL, -EINVAL },
		{ "leaf as issuer", "end-entity", &t.leaf, sealed_of(&t.leaf), NULL, -EINVAL },
		{ "leaf of a root as issuer", "end-entity", &t.other_leaf, sealed_of(&t.other_leaf), &t.other_root, -EACCES },
		{ "leaf's key with a root", "end-entity", &t.other_root, sealed_of(&t.other_leaf), NULL, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r;

		issue_with(rows[i].kind, rows[i].cert, rows[i].sealed, rows[i].above);
		r = bench_ask(&t.b, WHO_MANAGER, -1);
		if (r != rows[i].r)
			fail_msg("%s: want %d, got %d", rows[i].what, rows[i].r, r);
	}
}

/* What makes a chain useless to its clients refuses a CA certificate as well as a leaf. */
static void test_issue_below_a_chain_that_is_not_permitted(void **state)
{
	static const char *const kinds[] = { "intermediate", "end-entity" };
	struct issued root = { .der_n = 0 }, middle = { .der_n = 0 };
	struct bytes der, sealed;
	size_t c = 0, s = 0;

	(void)state;
	bench_begin(&t.b, MSG_KEYS_IMPORT);
	bench_bytes(&t.b, FIELD_BUNDLE, bytes_of_str(bound_pem));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	while (wire_next(&t.b.m, FIELD_CERTIFICATE, &c, &der) && wire_next(&t.b.m, FIELD_SEALED_KEY, &s, &sealed)) {
		struct issued *i = sealed.n > 0 ? &middle : &root;

		i->der_n = der.n;
		i->sealed_n = sealed.n;
		memcpy(i->der, der.p, der.n);
		memcpy(i->sealed, sealed.p, sealed.n);
	}
	for (size_t i = 0; i < ARRAY_N(kinds); i++) {
		issue_with(kinds[i], &middle, sealed_of(&middle), &root);
		assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
		assert_true(bench_has_finding(&t.b, FINDING_NAME_NOT_PERMITTED));
		assert_false(wire_has(&t.b.m, FIELD_CERTIFICATE));
	}
}

/* Every byte of a sealed blob is worth something: change one, and it doesn't open, or doesn't belong. */
static void test_tampered_blob(void **state)
{
	(void)state;
	for (size_t i = 0; i < t.root.sealed_n; i += i < 64 ? 1 : 7) {
		struct issued bad = t.root;
		int r;

		bad.sealed[i] ^= 1;
		issue_with("end-entity", &t.root, sealed_of(&bad), NULL);
		r = bench_ask(&t.b, WHO_MANAGER, -1);
		if (r != -EACCES && r != -EINVAL)
			fail_msg("byte %zu: %d", i, r);
		assert_false(wire_has(&t.b.m, FIELD_CERTIFICATE));
	}
	for (size_t n = 0; n < t.root.sealed_n; n += 13) {
		issue_with("end-entity", &t.root, bytes_of(t.root.sealed, n), NULL);
		assert_true(bench_ask(&t.b, WHO_MANAGER, -1) < 0);
	}
}

static void test_field_rules(void **state)
{
	static const char nul[] = "gw\0.example.com";

	(void)state;
	/* twice */
	bench_begin_issue(&t.b, "root", "A Root", NULL, NULL);
	bench_text(&t.b, FIELD_DISPLAY_NAME, "A Root");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	/* a NUL would hide what follows */
	bench_begin_issue(&t.b, "end-entity", "gw.example.com", &t.root, NULL);
	bench_bytes(&t.b, FIELD_NAMES, bytes_of(nul, sizeof(nul) - 1));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	/* not UTF-8 */
	bench_begin(&t.b, MSG_KEYS_ISSUE);
	bench_text(&t.b, FIELD_KIND, "root");
	bench_bytes(&t.b, FIELD_DISPLAY_NAME, bytes_of("\xff\xfe", 2));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	/* a number of seven bytes */
	bench_begin_issue(&t.b, "root", "A Root", NULL, NULL);
	bench_bytes(&t.b, FIELD_NOT_AFTER, bytes_of("1234567", 7));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	/* a chain of one too many */
	bench_begin_issue(&t.b, "end-entity", "gw.example.com", &t.root, NULL);
	for (int i = 0; i < FACTS_CHAIN_MAX; i++)
		bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(&t.root));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
}

/* ---- Release, check ---- */

static void test_release(void **state)
{
	const struct {
		const char *what;
		struct bytes sealed;
		const struct issued *cert;
		int r;
	} rows[] = {
		{ "leaf", sealed_of(&t.leaf), NULL, 0 },
		{ "leaf with its certificate", sealed_of(&t.leaf), &t.leaf, 0 },
		{ "leaf with another's", sealed_of(&t.leaf), &t.other_leaf, -EINVAL },
		{ "root", sealed_of(&t.root), NULL, -EACCES },
		{ "root with its certificate", sealed_of(&t.root), &t.root, -EACCES },
		{ "intermediate", sealed_of(&t.middle), NULL, -EACCES },
		{ "nothing", bytes_of("GWK1", 4), NULL, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r;

		bench_begin(&t.b, MSG_KEYS_RELEASE);
		bench_bytes(&t.b, FIELD_SEALED_KEY, rows[i].sealed);
		if (rows[i].cert)
			bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(rows[i].cert));
		r = bench_ask(&t.b, WHO_DEPLOY, -1);
		if (r != rows[i].r || wire_has(&t.b.m, FIELD_KEY_PEM) != (rows[i].r == 0))
			fail_msg("%s: want %d, got %d", rows[i].what, rows[i].r, r);
	}
}

/* The console's own door: the manager asks, with the certificate. */
static void test_release_console(void **state)
{
	const struct {
		const char *what;
		const struct issued *cert, *key;
		int r;
	} rows[] = {
		{ "a leaf", &t.leaf, &t.leaf, 0 },
		{ "without its certificate", NULL, &t.leaf, -EINVAL },
		{ "another leaf's key", &t.leaf, &t.other_leaf, -EINVAL },
		{ "a root", &t.root, &t.root, -EACCES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		int r;

		bench_begin(&t.b, MSG_KEYS_RELEASE_CONSOLE);
		bench_bytes(&t.b, FIELD_SEALED_KEY, sealed_of(rows[i].key));
		if (rows[i].cert)
			bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(rows[i].cert));
		r = bench_ask(&t.b, WHO_MANAGER, -1);
		if (r != rows[i].r || wire_has(&t.b.m, FIELD_KEY_PEM) != (rows[i].r == 0))
			fail_msg("%s: want %d, got %d", rows[i].what, rows[i].r, r);
	}
}

/* The kind byte says "root" to the deploy process's keys; turned into "end-entity" the blob doesn't open. */
static void test_release_forged_kind(void **state)
{
	struct issued bad = t.root;

	(void)state;
	bad.sealed[4] = CERT_END_ENTITY;
	bench_begin(&t.b, MSG_KEYS_RELEASE);
	bench_bytes(&t.b, FIELD_SEALED_KEY, sealed_of(&bad));
	assert_int_equal(bench_ask(&t.b, WHO_DEPLOY, -1), -EACCES);
}

static void test_released_key_is_the_leafs(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	struct cert_facts facts;

	(void)state;
	parse(&t.leaf, a, &facts);
	bench_begin(&t.b, MSG_KEYS_RELEASE);
	bench_bytes(&t.b, FIELD_SEALED_KEY, sealed_of(&t.leaf));
	assert_int_equal(bench_ask(&t.b, WHO_DEPLOY, -1), 0);
	assert_int_equal(pkey_from_pem(wire_get(&t.b.m, FIELD_KEY_PEM), NULL, &key, &t.b.e), 0);
	assert_true(pkey_matches(key, &facts));
}

static void test_check_key(void **state)
{
	const struct {
		const struct issued *cert, *key;
		int r;
	} rows[] = {
		{ &t.leaf, &t.leaf, 0 },
		{ &t.root, &t.root, 0 },
		{ &t.leaf, &t.other_leaf, -EINVAL },
		{ &t.root, &t.leaf, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		bench_begin(&t.b, MSG_KEYS_CHECK_KEY);
		bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(rows[i].cert));
		bench_bytes(&t.b, FIELD_SEALED_KEY, sealed_of(rows[i].key));
		assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), rows[i].r);
		assert_int_equal(bench_has_finding(&t.b, FINDING_KEY_MISMATCH), rows[i].r != 0);
	}
}

/* ---- Export, import ---- */

static int export(const struct issued *leaf, const struct issued *above, const struct issued *key, const char *passphrase)
{
	bench_begin(&t.b, MSG_KEYS_EXPORT);
	bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(leaf));
	if (above)
		bench_bytes(&t.b, FIELD_CERTIFICATE, der_of(above));
	bench_bytes(&t.b, FIELD_SEALED_KEY, sealed_of(key));
	bench_text(&t.b, FIELD_PASSPHRASE, passphrase);
	return bench_ask(&t.b, WHO_MANAGER, -1);
}

static void test_export_refused(void **state)
{
	(void)state;
	assert_int_equal(export(&t.other_leaf, &t.other_root, &t.leaf, "correct horse"), -EINVAL);
	assert_int_equal(export(&t.leaf, &t.other_root, &t.leaf, "correct horse"), -EINVAL);
	assert_int_equal(export(&t.leaf, NULL, &t.leaf, "1234567"), -EINVAL);
	assert_int_equal(export(&t.leaf, NULL, &t.leaf, "12345678"), 0);
	assert_int_equal(export(&t.leaf, NULL, &t.leaf, NULL), -EINVAL);
}

/* Out and in again: the same certificates, the key sealed for the same kind. */
static void test_export_import(void **state)
{
	uint8_t keystore[16384];
	struct bytes p12, der, sealed;
	enum cert_kind kind;
	size_t c = 0, s = 0;

	(void)state;
	assert_int_equal(export(&t.leaf, &t.middle, &t.leaf, "correct horse"), 0);
	p12 = wire_get(&t.b.m, FIELD_PKCS12);
	assert_in_range(p12.n, 100, sizeof(keystore));
	memcpy(keystore, p12.p, p12.n);
	p12.p = keystore;

	bench_begin(&t.b, MSG_KEYS_IMPORT);
	bench_bytes(&t.b, FIELD_BUNDLE, p12);
	bench_text(&t.b, FIELD_PASSPHRASE, "wrong horse");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EACCES);
	bench_begin(&t.b, MSG_KEYS_IMPORT);
	bench_bytes(&t.b, FIELD_BUNDLE, p12);
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EACCES);

	bench_begin(&t.b, MSG_KEYS_IMPORT);
	bench_bytes(&t.b, FIELD_BUNDLE, p12);
	bench_text(&t.b, FIELD_PASSPHRASE, "correct horse");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	assert_int_equal(wire_count(&t.b.m, FIELD_CERTIFICATE), 2);
	assert_int_equal(wire_count(&t.b.m, FIELD_SEALED_KEY), 2);
	while (wire_next(&t.b.m, FIELD_CERTIFICATE, &c, &der)) {
		assert_true(wire_next(&t.b.m, FIELD_SEALED_KEY, &s, &sealed));
		if (bytes_equal(der, der_of(&t.middle))) {
			assert_int_equal(sealed.n, 0);
			continue;
		}
		assert_true(bytes_equal(der, der_of(&t.leaf)));
		assert_true(seal_peek(sealed, &kind, NULL));
		assert_int_equal(kind, CERT_END_ENTITY);
	}
}

static void import_bytes(struct bytes bundle)
{
	bench_begin(&t.b, MSG_KEYS_IMPORT);
	bench_bytes(&t.b, FIELD_BUNDLE, bundle);
}

static void test_import_refused(void **state)
{
	(void)state;
	import_bytes(bytes_of_str("this is not a bundle"));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	import_bytes(BYTES_NONE);
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	import_bytes(bytes_of(t.root.der, t.root.der_n - 1));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	import_bytes(der_of(&t.root));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
}

/* A key that belongs to nothing in the bundle. */
static void test_import_orphan_key(void **state)
{
	struct err e = { 0 };
	struct buf pem;

	(void)state;
	buf_init(&pem, 65536);
	assert_int_equal(x509_der_to_pem(der_of(&t.other_leaf), &pem, &e), 0);
	bench_begin(&t.b, MSG_KEYS_RELEASE);
	bench_bytes(&t.b, FIELD_SEALED_KEY, sealed_of(&t.leaf));
	assert_int_equal(bench_ask(&t.b, WHO_DEPLOY, -1), 0);
	buf_add(&pem, wire_get(&t.b.m, FIELD_KEY_PEM));
	import_bytes(buf_bytes(&pem));
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
	assert_true(bench_has_finding(&t.b, FINDING_KEY_MISMATCH));
	buf_wipe(&pem);
}

/* ---- Proof ---- */

static void test_proof(void **state)
{
	struct bytes public, signature;

	(void)state;
	bench_begin(&t.b, MSG_KEYS_SIGN_PROOF);
	bench_text(&t.b, FIELD_PAYLOAD, "old and new");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	public = wire_get(&t.b.m, FIELD_PUBLIC_KEY);
	signature = wire_get(&t.b.m, FIELD_SIGNATURE);
	assert_int_equal(public.n, PROOF_PUBLIC_SIZE);
	assert_int_equal(signature.n, PROOF_SIGNATURE_SIZE);
	assert_int_equal(crypto_sign_ed25519_verify_detached(signature.p, (const uint8_t *)"old and new", 11, public.p), 0);
	assert_int_not_equal(crypto_sign_ed25519_verify_detached(signature.p, (const uint8_t *)"old and neW", 11, public.p), 0);

	bench_begin(&t.b, MSG_KEYS_SIGN_PROOF);
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), 0);
	assert_true(wire_has(&t.b.m, FIELD_PUBLIC_KEY));
	assert_false(wire_has(&t.b.m, FIELD_SIGNATURE));
	bench_begin(&t.b, MSG_KEYS_SIGN_PROOF);
	bench_text(&t.b, FIELD_PAYLOAD, "");
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, -1), -EINVAL);
}

/* What is larger than a message comes in parts. A part that does not follow, or is too much, ends it all. */
static void test_sign_in_parts(void **state)
{
	static const struct {
		const char *name;
		struct {
			uint64_t offset;
			size_t n;
			bool more;
			int want;
		} parts[3];
		size_t signed_n; /* 0: nothing */
	} rows[] = {
		{ "two", { { 0, 100, true, 0 }, { 100, 50, false, 0 } }, 150 },
		{ "begins anew", { { 0, 100, true, 0 }, { 0, 70, true, 0 }, { 70, 1, false, 0 } }, 71 },
		{ "a gap", { { 0, 100, true, 0 }, { 101, 50, false, -EPROTO }, { 100, 50, false, -EPROTO } }, 0 },
		{ "the first one is missing", { { 100, 50, false, -EPROTO } }, 0 },
		{ "an empty one", { { 0, 100, true, 0 }, { 100, 0, false, -EINVAL }, { 100, 1, false, -EPROTO } }, 0 },
	};
	static uint8_t all[LIMIT_KEYS_PROOF_MAX + 1];

	(void)state;
	memset(all, 'p', sizeof(all));
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		size_t signed_n = 0;

		for (size_t k = 0; k < ARRAY_N(rows[i].parts) && rows[i].parts[k].n + rows[i].parts[k].offset > 0; k++) {
			bench_begin(&t.b, MSG_KEYS_SIGN_PROOF);
			bench_bytes(&t.b, FIELD_PAYLOAD, bytes_of(all, rows[i].parts[k].n));
			bench_u64(&t.b, FIELD_OFFSET, rows[i].parts[k].offset);
			if (rows[i].parts[k].more)
				bench_bytes(&t.b, FIELD_MORE, BYTES_NONE);
			if (bench_ask(&t.b, WHO_MANAGER, -1) != rows[i].parts[k].want)
				fail_msg("%s, part %zu: %s", rows[i].name, k + 1, err_text(&t.b.e));
			if (wire_has(&t.b.m, FIELD_SIGNATURE))
				signed_n = rows[i].signed_n;
		}
		assert_int_equal(signed_n, rows[i].signed_n);
		if (signed_n > 0)
			assert_int_equal(crypto_sign_ed25519_verify_detached(wire_get(&t.b.m, FIELD_SIGNATURE).p, all, signed_n,
									     wire_get(&t.b.m, FIELD_PUBLIC_KEY).p),
					 0);
	}
}

/* The largest that may be, and one byte more. */
static void test_sign_largest(void **state)
{
	static uint8_t all[LIMIT_KEYS_PROOF_MAX + 1];
	const size_t part = 128 * 1024;

	(void)state;
	memset(all, 'p', sizeof(all));
	for (size_t size = LIMIT_KEYS_PROOF_MAX; size <= LIMIT_KEYS_PROOF_MAX + 1; size++) {
		int r = 0;

		for (size_t at = 0; at < size; at += part) {
			bench_begin(&t.b, MSG_KEYS_SIGN_PROOF);
			bench_bytes(&t.b, FIELD_PAYLOAD, bytes_of(all + at, size - at < part ? size - at : part));
			bench_u64(&t.b, FIELD_OFFSET, at);
			if (at + part < size)
				bench_bytes(&t.b, FIELD_MORE, BYTES_NONE);
			r = bench_ask(&t.b, WHO_MANAGER, -1);
			assert_true(r == 0 || at + part >= size);
		}
		assert_int_equal(r, size > LIMIT_KEYS_PROOF_MAX ? -E2BIG : 0);
		if (r == 0)
			assert_int_equal(crypto_sign_ed25519_verify_detached(wire_get(&t.b.m, FIELD_SIGNATURE).p, all, size,
									     wire_get(&t.b.m, FIELD_PUBLIC_KEY).p),
					 0);
	}
}

/* ---- Channels ---- */

static void test_add_channel(void **state)
{
	struct wire_message m;
	int pair[2], plain = open("/dev/null", O_RDONLY);

	(void)state;
	bench_begin(&t.b, MSG_KEYS_ADD_CHANNEL);
	assert_int_equal(bench_ask(&t.b, WHO_PARENT, -1), -EINVAL);
	bench_begin(&t.b, MSG_KEYS_ADD_CHANNEL);
	assert_int_equal(bench_ask(&t.b, WHO_PARENT, plain), -EINVAL);
	bench_begin(&t.b, MSG_KEYS_ADD_CHANNEL);
	assert_int_equal(bench_ask(&t.b, WHO_MANAGER, plain), -EACCES);
	(void)close(plain);

	assert_int_equal(ipc_pair(pair, &t.b.e), 0);
	bench_begin(&t.b, MSG_KEYS_ADD_CHANNEL);
	assert_int_equal(bench_ask(&t.b, WHO_PARENT, pair[1]), 0);
	(void)close(pair[1]);
	bench_begin(&t.b, MSG_KEYS_ISSUE);
	assert_int_equal(ipc_send(pair[0], &t.b.request, -1, &t.b.e), 0);
	assert_int_equal(keys_step(t.b.keys, 1000, &t.b.e), 0);
	assert_int_equal(ipc_receive(pair[0], 0, &t.b.answer, &m, NULL, &t.b.e), 0);
	assert_int_equal(m.type, MSG_REFUSED);
	(void)close(pair[0]);
	/* its end is noticed, and is nobody else's */
	assert_int_equal(keys_step(t.b.keys, 1000, &t.b.e), 0);
	assert_int_equal(keys_step(t.b.keys, 0, &t.b.e), 0);
}

static void test_malformed_costs_the_channel(void **state)
{
	struct bench b;
	struct wire_message m;

	(void)state;
	bench_init(&b);
	assert_int_equal(write(b.fds[WHO_DEPLOY], "\0\1\0\1 what is this", 17), 17);
	assert_int_equal(keys_step(b.keys, 1000, &b.e), 0);
	assert_int_equal(ipc_receive(b.fds[WHO_DEPLOY], 0, &b.answer, &m, NULL, &b.e), 1);
	/* the manager still is served */
	bench_begin(&b, MSG_KEYS_SIGN_PROOF);
	assert_int_equal(bench_ask(&b, WHO_MANAGER, -1), 0);
	assert_int_equal(write(b.fds[WHO_MANAGER], "\0\1\0\1 what is this", 17), 17);
	assert_int_equal(keys_step(b.keys, 1000, &b.e), -EPROTO);
	bench_fini(&b);
}

/* A deploy process that asks and asks, and never reads, loses its channel; the manager does not wait for it. */
static void test_reader_that_does_not_read(void **state)
{
	struct bench b;
	bool dropped = false;

	(void)state;
	bench_init(&b);
	for (int i = 0; i < 100000 && !dropped; i++) {
		bench_begin(&b, MSG_KEYS_RELEASE);
		if (ipc_send_within(b.fds[WHO_DEPLOY], &b.request, -1, 0, &b.e) == -EPIPE)
			dropped = true;
		else
			assert_int_equal(keys_step(b.keys, 1000, &b.e), 0);
	}
	assert_true(dropped);
	bench_begin(&b, MSG_KEYS_SIGN_PROOF);
	assert_int_equal(bench_ask(&b, WHO_MANAGER, -1), 0);
	bench_fini(&b);
}

static void test_ends_with_the_manager(void **state)
{
	static const enum who whos[] = { WHO_MANAGER, WHO_PARENT };

	(void)state;
	for (size_t i = 0; i < ARRAY_N(whos); i++) {
		struct bench b;

		bench_init(&b);
		assert_int_equal(shutdown(b.fds[whos[i]], SHUT_RDWR), 0);
		assert_int_equal(keys_step(b.keys, 1000, &b.e), 1);
		bench_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_may_ask),
		cmocka_unit_test(test_not_a_request),
		cmocka_unit_test(test_issue_says_what_was_asked),
		cmocka_unit_test(test_issue_key_kinds),
		cmocka_unit_test(test_issue_below_other_key_kind),
		cmocka_unit_test(test_issue_dry_run),
		cmocka_unit_test(test_issue_notes),
		cmocka_unit_test(test_issue_refused_fields),
		cmocka_unit_test(test_issue_not_after_boundary),
		cmocka_unit_test(test_issue_refused_issuers),
		cmocka_unit_test(test_issue_below_a_chain_that_is_not_permitted),
		cmocka_unit_test(test_tampered_blob),
		cmocka_unit_test(test_field_rules),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_release_console), cmocka_unit_test(test_release_forged_kind),
		cmocka_unit_test(test_released_key_is_the_leafs),
		cmocka_unit_test(test_check_key),
		cmocka_unit_test(test_export_refused),
		cmocka_unit_test(test_export_import),
		cmocka_unit_test(test_import_refused),
		cmocka_unit_test(test_import_orphan_key),
		cmocka_unit_test(test_proof),
		cmocka_unit_test(test_sign_in_parts), cmocka_unit_test(test_sign_largest),
		cmocka_unit_test(test_add_channel),
		cmocka_unit_test(test_malformed_costs_the_channel),
		cmocka_unit_test(test_reader_that_does_not_read),
		cmocka_unit_test(test_ends_with_the_manager),
	};

	return cmocka_run_group_tests_name("gatewrightd/keys", tests, set_up, tear_down);
}
