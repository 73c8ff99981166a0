/*
 * Proofs made here as the manager makes them (core/deploy/proof.h), read by the command line: good ones are valid,
 * every changed byte is refused, and a well-signed lie is found out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cli/proof_check.h"
#include "cli/proof_read.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "core/pki/compat.h"
#include "core/pki/name.h"
#include "sys/crypto/pkey.h"
#include "sys/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1795500000 /* 2026-11-24 */

/* A root and two leaves below it, the second one for the same names. */
struct world {
	struct arena *a;
	struct cert_facts root, old, new;
	struct bytes old_pem[2], new_pem[2];
	struct chain_facts old_chain, new_chain;
	uint8_t public[32], secret[64];
};

static struct world w;

static struct cert_facts issue(enum cert_kind kind, const char *name, const char *names, int64_t days, const struct pkey *key,
			       const struct chain_facts *issuer, const struct pkey *issuer_key)
{
	struct cert_request request = { .kind = kind, .display_name = name, .names = names, .path_len = -1,
					.not_after = { NOW + days * DAY_S } };
	struct findings *found = calloc(1, sizeof(*found));
	struct cert_profile profile;
	struct cert_facts facts;
	uint8_t random[16];
	struct bytes der;
	struct err e = { 0 };
	struct buf out;

	assert_non_null(found);
	randombytes_buf(random, sizeof(random));
	assert_int_equal(profile_make(&request, issuer, (struct wall_time){ NOW }, random, w.a, &profile, found, &e), 0);
	if (findings_blocked(found))
		fail_msg("profile of '%s': %s", name, found->items[0].text);
	free(found);
	buf_init(&out, X509_DER_MAX);
	assert_int_equal(x509_issue(&profile, key, issuer ? &issuer->certs[0] : NULL, issuer_key, &out, &e), 0);
	assert_true(arena_bytes(w.a, buf_bytes(&out), &der));
	buf_fini(&out);
	assert_int_equal(x509_parse(der, w.a, &facts, &e), 0);
	return facts;
}

static struct bytes pem_of(const struct cert_facts *c)
{
	struct err e = { 0 };
	struct bytes kept;
	struct buf out;

	buf_init(&out, 2 * X509_DER_MAX);
	assert_int_equal(x509_der_to_pem(c->der, &out, &e), 0);
	assert_true(arena_bytes(w.a, buf_bytes(&out), &kept));
	buf_fini(&out);
	return kept;
}

static void make_chain(const struct cert_facts *leaf, struct chain_facts *ret, struct bytes pem[2])
{
	struct bytes ders[2] = { leaf->der, w.root.der };
	struct err e = { 0 };

	assert_int_equal(x509_chain_of(ders, 2, w.a, ret, &e), 0);
	pem[0] = pem_of(leaf);
	pem[1] = pem_of(&w.root);
}

static int set_up(void **state)
{
	struct pkey *root = NULL, *leaf = NULL;
	struct chain_facts *issuer = calloc(1, sizeof(*issuer));
	struct err e = { 0 };

	(void)state;
	secret_init();
	w.a = arena_new(64u * 1024 * 1024);
	assert_non_null(issuer);
	assert_int_equal(crypto_sign_keypair(w.public, w.secret), 0);
	assert_int_equal(pkey_generate((struct key_spec){ KEY_ALG_EC_P256, 256 }, &root, &e), 0);
	assert_int_equal(pkey_generate((struct key_spec){ KEY_ALG_EC_P256, 256 }, &leaf, &e), 0);
	w.root = issue(CERT_ROOT, "Root", NULL, 3650, root, NULL, NULL);
	assert_int_equal(x509_chain_of(&w.root.der, 1, w.a, issuer, &e), 0);
	issuer->has_key = issuer->key_matches = true;
	w.old = issue(CERT_END_ENTITY, "edge 2026", "gw.example.com;192.0.2.1", 30, leaf, issuer, root);
	w.new = issue(CERT_END_ENTITY, "edge 2027", "gw.example.com;192.0.2.1;*.example.com", 365, leaf, issuer, root);
	make_chain(&w.old, &w.old_chain, w.old_pem);
	make_chain(&w.new, &w.new_chain, w.new_pem);
	pkey_free(root);
	pkey_free(leaf);
	free(issuer);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(w.a);
	return 0;
}

static const char *hex_of(const struct cert_facts *c)
{
	char hex[65];

	return arena_str(w.a, bytes_of_str(hex_encode(bytes_of(c->fingerprint, 32), hex)));
}

static struct proof_certificate side_of(const struct cert_facts *c, const struct bytes *pem)
{
	const char **names = arena_alloc_array(w.a, c->names_n + 1, sizeof(*names));
	char *serial = arena_alloc(w.a, 64);

	for (size_t i = 0; i < c->names_n; i++)
		names[i] = name_text(&c->names[i], w.a);
	return (struct proof_certificate){ .fingerprint = hex_of(c),	 .display_name = c->subject.common_name,
					   .subject = c->subject_text,	 .serial = hex_encode(c->serial, serial),
					   .names = names,		 .names_n = c->names_n,
					   .not_before = c->not_before,	 .not_after = c->not_after,
					   .chain_pem = pem,		 .chain_n = 2 };
}

/* A probe that saw `c`. */
static struct bytes probe_of(const struct cert_facts *c, bool ok)
{
	json_t *j = json_pack("{s:s, s:s, s:b, s:n, s:s, s:[s#, s#]}", "address", "127.0.0.1:8443", "server_name", "gw.example.com", "ok",
			      (int)ok, "error", "fingerprint", hex_of(c), "chain", (const char *)w.new_pem[0].p,
			      (int)w.new_pem[0].n, (const char *)w.new_pem[1].p, (int)w.new_pem[1].n);
	char *text;
	struct bytes kept;

	assert_non_null(j);
	if (c != &w.new)
		(void)json_object_set_new(j, "chain", json_array());
	text = json_dumps(j, JSON_COMPACT);
	assert_true(arena_bytes(w.a, bytes_of_str(text), &kept));
	free(text);
	json_decref(j);
	return kept;
}

struct made {
	struct proof_input in;
	struct proof_certificate old, new;
	struct bytes before[2], after[2];
	struct findings findings;
};

/* What a confirmed renewal leaves. */
static struct made *make_input(void)
{
	struct made *m = arena_alloc(w.a, sizeof(*m));
	struct compat_policy policy = COMPAT_POLICY_DEFAULT;

	assert_non_null(m);
	m->old = side_of(&w.old, w.old_pem);
	m->new = side_of(&w.new, w.new_pem);
	m->before[0] = m->before[1] = probe_of(&w.old, true);
	m->after[0] = m->after[1] = probe_of(&w.new, true);
	w.new_chain.has_key = w.new_chain.key_matches = true;
	compat_check(&w.old_chain, &w.new_chain, &policy, (struct wall_time){ NOW }, &m->findings);
	assert_false(findings_blocked(&m->findings));
	assert_true(m->findings.n > 0);
	m->in = (struct proof_input){ .version = "0.1.0", .job = 12, .gateway = "edge-1", .target = "nginx", .result = "confirmed",
				      .made_at = { NOW + 5 }, .generation = "g2", .old_generation = "g1", .ssh_host = "127.0.0.1",
				      .ssh_user = "root", .host_key = "SHA256:x", .ssh_port = 22, .old = &m->old, .new = &m->new,
				      .compared_at = { NOW }, .old_revocation_known = true, .findings = &m->findings,
				      .probes_before = m->before, .probes_after = m->after, .probes_before_n = 2, .probes_after_n = 2,
				      .handshakes_tried = 20 };
	return m;
}

static void sign_payload(struct bytes payload, struct buf *out)
{
	uint8_t thumbprint[32], signature[64];
	struct err e = { 0 };
	struct buf input;

	buf_init(&input, 4 * PROOF_MAX);
	proof_key_thumbprint(w.public, thumbprint);
	assert_int_equal(proof_signing_input(payload, w.public, thumbprint, &input, &e), 0);
	assert_int_equal(crypto_sign_detached(signature, NULL, input.p, input.n, w.secret), 0);
	assert_int_equal(proof_assemble(buf_bytes(&input), signature, out, &e), 0);
	buf_fini(&input);
}

static void make_file(const struct proof_input *in, struct buf *out)
{
	struct err e = { 0 };
	struct buf payload;

	buf_init(&payload, PROOF_MAX);
	buf_init(out, PROOF_FILE_MAX);
	if (proof_payload(in, &payload, &e) < 0)
		fail_msg("%s", e.text);
	sign_payload(buf_bytes(&payload), out);
	buf_fini(&payload);
}

/* 1 valid, 0 read but not valid, negative: refused. The first bad sentence is in `e`. */
static int judge(struct bytes file, struct err *e)
{
	struct proof_verdict *v = calloc(1, sizeof(*v));
	struct proof_doc d = { .payload = NULL };
	int r = proof_read(file, &d, e);

	assert_non_null(v);
	if (r == 0) {
		assert_int_equal(proof_check(d.payload, v, e), 0);
		for (size_t i = 0; i < v->n; i++) {
			if (!v->lines[i].good) {
				(void)err_set(e, -EINVAL, "%s", v->lines[i].text);
				break;
			}
		}
		r = !v->bad;
	}
	proof_doc_fini(&d);
	free(v);
	return r;
}

static void expect(const struct proof_input *in, int verdict, const char *sentence)
{
	struct err e = { 0 };
	struct buf file;
	int r;

	make_file(in, &file);
	r = judge(buf_bytes(&file), &e);
	if (r != verdict || (sentence && !strstr(e.text, sentence)))
		fail_msg("want %d '%s', got %d '%s'", verdict, sentence ? sentence : "", r, e.text);
	buf_fini(&file);
}

static void test_good(void **state)
{
	struct made *m = make_input();

	(void)state;
	expect(&m->in, 1, NULL);
	m->in.old = NULL; /* the first certificate of a gateway */
	memset(&m->findings, 0, sizeof(m->findings));
	compat_check(NULL, &w.new_chain, &(struct compat_policy){ 2048, false, 300 }, (struct wall_time){ NOW }, &m->findings);
	expect(&m->in, 1, NULL);
}

static void test_rolled_back(void **state)
{
	struct made *m = make_input();

	(void)state;
	m->in.result = "rolled-back";
	m->after[0] = m->after[1] = probe_of(&w.old, true);
	expect(&m->in, 1, NULL);
}

/* Signed with the right key, but not true. */
static void test_lies(void **state)
{
	struct made *m;

	(void)state;
	m = make_input();
	m->in.result = "done";
	expect(&m->in, 0, "want confirmed, rolled-back, failed or unknown, got 'done'");
	m = make_input();
	m->after[1] = probe_of(&w.old, true);
	expect(&m->in, 0, "1 of 2 probes saw the new certificate");
	m = make_input();
	m->after[1] = probe_of(&w.new, false);
	expect(&m->in, 0, "1 of 2 probes saw the new certificate");
	m = make_input();
	m->in.probes_after_n = 0;
	expect(&m->in, 0, "0 of 0 probes saw the new certificate");
	m = make_input();
	m->new.fingerprint = hex_of(&w.old);
	expect(&m->in, 0, "new certificate: fingerprint: the proof says");
	m = make_input();
	m->new.not_after.s++;
	expect(&m->in, 0, "new certificate: not_after: the proof says");
	m = make_input();
	m->old.display_name = "edge";
	expect(&m->in, 0, "old certificate: display_name: the proof says 'edge', the certificate 'edge 2026'");
	m = make_input();
	m->new.names_n--;
	expect(&m->in, 0, "new certificate: names: ");
	m = make_input();
	m->new.names = (const char *const[]){ m->new.names[0], m->new.names[1], m->new.names[2], "more.example.com" };
	m->new.names_n++;
	expect(&m->in, 0, "names: the proof has 4, the certificate 3");
	m = make_input();
	m->new.serial = "01";
	expect(&m->in, 0, "new certificate: serial: ");
	m = make_input();
	m->new.chain_n = 1;
	expect(&m->in, 0, "compatibility: checked again it is not as recorded");
	m = make_input();
	m->new.chain_pem = w.old_pem;
	expect(&m->in, 0, "new certificate: fingerprint: ");
	m = make_input();
	m->findings.n--;
	expect(&m->in, 0, "compatibility: checked again it is not as recorded: recorded nothing, found '");
	m = make_input();
	m->findings.items[0].text[0] = 'X';
	expect(&m->in, 0, "compatibility: checked again it is not as recorded");
	m = make_input();
	findings_add(&m->findings, FINDING_EXPIRED, "made up");
	expect(&m->in, 0, "compatibility: checked again it is not as recorded: recorded 'expired', found 'nothing'");
	m = make_input();
	m->in.compared_at.s = NOW + 400 * DAY_S;
	expect(&m->in, 0, "compatibility: checked again it is not as recorded");
	m = make_input();
	m->in.handshakes_lost = 21;
	expect(&m->in, 0, "20 tried, 21 lost");
}

/* One member of the payload changed, and signed again. */
static void expect_changed(const char *object, const char *member, json_t *value, const char *sentence)
{
	struct made *m = make_input();
	struct err e = { 0 };
	struct buf payload, file;
	json_t *j, *in;
	char *text;

	buf_init(&payload, PROOF_MAX);
	buf_init(&file, PROOF_FILE_MAX);
	assert_int_equal(proof_payload(&m->in, &payload, &e), 0);
	j = json_loadb((const char *)payload.p, payload.n, 0, NULL);
	in = object ? json_object_get(j, object) : j;
	assert_int_equal(json_object_set_new(in, member, value), 0);
	text = json_dumps(j, JSON_COMPACT);
	sign_payload(bytes_of_str(text), &file);
	if (judge(buf_bytes(&file), &e) != 0 || !strstr(e.text, sentence))
		fail_msg("%s changed: want '%s', got '%s'", member, sentence, e.text);
	free(text);
	json_decref(j);
	buf_fini(&payload);
	buf_fini(&file);
}

static void test_changed_members(void **state)
{
	(void)state;
	expect_changed("compatibility", "compatible", json_false(), "recorded as not compatible, but the findings say compatible");
	expect_changed("compatibility", "compared_at", json_string("then"), "want a time and findings");
	expect_changed("compatibility", "findings", json_null(), "want a time and findings");
	expect_changed("new", "chain", json_array(), "want 1 to 8 certificates, got 0");
	expect_changed("new", "chain", json_pack("[s]", "x"), "want a PEM certificate as number 1");
	expect_changed("new", "chain", json_integer(3), "want 1 to 8 certificates, got 0");
	expect_changed("handshakes", "lost", json_integer(-1), "-1 lost");
	expect_changed(NULL, "proof", json_integer(2), "want version 1, got 2");
	expect_changed(NULL, "old", json_null(), "compatibility: checked again it is not as recorded");
	expect_changed(NULL, "new", json_null(), "new certificate: chain: want 1 to 8 certificates, got 0");
	expect_changed(NULL, "probes_after", json_null(), "0 of 0 probes");
}

/* A probe whose chain is not of the fingerprint beside it. */
static void test_probe_lies(void **state)
{
	struct made *m = make_input();
	json_t *j = json_loadb((const char *)m->after[0].p, m->after[0].n, 0, NULL);
	char *text;

	(void)state;
	(void)json_array_remove(json_object_get(j, "chain"), 0);
	text = json_dumps(j, JSON_COMPACT);
	m->after[0] = bytes_of_str(text);
	expect(&m->in, 0, "its chain is not of the fingerprint that it names");
	free(text);
	json_decref(j);
}

/* Every bit of every byte of the file: refused, and by the signature or the form, never by luck. */
static void test_every_byte(void **state)
{
	struct made *m = make_input();
	struct buf file;

	(void)state;
	make_file(&m->in, &file);
	for (size_t i = 0; i < file.n; i++) {
		uint8_t bit = (uint8_t)(1u << (i % 8));
		struct proof_doc d = { .payload = NULL };
		struct err e = { 0 };

		file.p[i] ^= bit;
		if (proof_read(buf_bytes(&file), &d, &e) == 0)
			fail_msg("byte %zu of %zu changed by 0x%02x is accepted", i, file.n, bit);
		file.p[i] ^= bit;
	}
	for (size_t n = 0; n < file.n; n += n < file.n - 300 ? 97 : 1) {
		struct proof_doc d = { .payload = NULL };
		struct err e = { 0 };

		if (proof_read(bytes_of(file.p, n), &d, &e) == 0)
			fail_msg("cut to %zu bytes of %zu it is accepted", n, file.n);
	}
	buf_fini(&file);
}

static const struct {
	const char *name, *header, *sentence;
} headers[] = {
	{ "alg none", "{\"alg\":\"none\",\"typ\":\"" PROOF_TYPE "\",\"kid\":\"K\",\"jwk\":{}}", "want alg 'EdDSA'" },
	{ "typ", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"K\",\"jwk\":{}}", "want typ" },
	{ "no key", "{\"alg\":\"EdDSA\",\"typ\":\"" PROOF_TYPE "\",\"kid\":\"K\",\"jwk\":{}}", "want a JWK" },
	{ "short", "{\"alg\":\"EdDSA\"}", "want an object of 4 members" },
	{ "twice", "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\",\"typ\":\"x\",\"kid\":\"K\"}", "want JSON" },
	{ "more", "{\"alg\":\"EdDSA\",\"typ\":\"" PROOF_TYPE "\",\"kid\":\"K\",\"jwk\":{},\"crit\":[\"x\"]}", "want an object of 4 members" },
	{ "not JSON", "alg: EdDSA", "want JSON" },
};

/* Signed as it stands, so that only the header is wrong. */
static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(headers); i++) {
		struct buf input, file;
		uint8_t signature[64];
		struct proof_doc d = { .payload = NULL };
		struct err e = { 0 };

		buf_init(&input, 4096);
		buf_init(&file, 4096);
		base64url_encode(bytes_of_str(headers[i].header), &input);
		buf_add_str(&input, ".");
		base64url_encode(bytes_of_str("{}"), &input);
		(void)crypto_sign_detached(signature, NULL, input.p, input.n, w.secret);
		assert_int_equal(proof_assemble(buf_bytes(&input), signature, &file, &e), 0);
		assert_int_equal(proof_read(buf_bytes(&file), &d, &e), -EINVAL);
		if (!strstr(e.text, headers[i].sentence))
			fail_msg("%s: want '%s', got '%s'", headers[i].name, headers[i].sentence, e.text);
		buf_fini(&input);
		buf_fini(&file);
	}
}

static void test_file_form(void **state)
{
	struct made *m = make_input();
	struct proof_doc d = { .payload = NULL };
	json_t *j;
	char *pretty;
	struct err e = { 0 };
	struct buf file, again;

	(void)state;
	make_file(&m->in, &file);
	j = json_loadb((const char *)file.p, file.n, 0, NULL);
	pretty = json_dumps(j, JSON_INDENT(2));
	assert_int_equal(proof_read(bytes_of_str(pretty), &d, &e), -EINVAL);
	assert_string_equal(e.text, "proof: the file is not byte for byte as 'job proof' writes it");
	buf_init(&again, PROOF_FILE_MAX);
	assert_int_equal(proof_to_file(j, &again, &e), 0);
	assert_true(bytes_equal(buf_bytes(&again), buf_bytes(&file)));
	free(pretty);
	json_decref(j);
	buf_fini(&again);
	buf_fini(&file);
}

static void test_key_file(void **state)
{
	struct err e = { 0 };
	uint8_t key[32];
	struct buf x, text;

	(void)state;
	buf_init(&x, 64);
	buf_init(&text, 512);
	base64url_encode(bytes_of(w.public, 32), &x);
	buf_printf(&text, "{\"jwk\": {\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"%s\"}, \"fingerprint\": \"x\"}", buf_str(&x));
	assert_int_equal(proof_key_read(buf_bytes(&text), key, &e), 0);
	assert_memory_equal(key, w.public, 32);
	buf_reset(&text);
	buf_printf(&text, "{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"%s\"}", buf_str(&x));
	assert_int_equal(proof_key_read(buf_bytes(&text), key, &e), 0);
	assert_int_equal(proof_key_read(bytes_of_str("{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"AA\"}"), key, &e), -EINVAL);
	assert_int_equal(proof_key_read(bytes_of_str("{\"kty\": \"EC\"}"), key, &e), -EINVAL);
	assert_int_equal(proof_key_read(bytes_of_str("x"), key, &e), -EINVAL);
	buf_fini(&x);
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	   cmocka_unit_test(test_rolled_back), cmocka_unit_test(test_lies),
		cmocka_unit_test(test_probe_lies), cmocka_unit_test(test_every_byte),  cmocka_unit_test(test_headers),
		cmocka_unit_test(test_changed_members),
		cmocka_unit_test(test_file_form),  cmocka_unit_test(test_key_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
