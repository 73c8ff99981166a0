#include "fixture.h"

#include "core/pki/name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const struct key_spec spec_p256 = { KEY_ALG_EC_P256, 256 };

int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	secret_init();
	f->a = arena_new((size_t)64 << 20);
	*state = f;
	return f->a ? 0 : -1;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(f->a);
	free(f);
	return 0;
}

struct bytes data_file(struct fixture *f, const char *path)
{
	char *full = arena_printf(f->a, "%s/%s", INTEROP_DATA, path);
	FILE *file = fopen(full, "rbe");
	uint8_t *p = arena_alloc(f->a, 1 << 17);
	size_t n;

	if (!file)
		fail_msg("cannot open %s: run tests/interop/make_data.sh", full);
	n = fread(p, 1, 1 << 17, file);
	(void)fclose(file);
	return bytes_of(p, n);
}

struct bytes data_cert(struct fixture *f, const char *path)
{
	struct bytes data = data_file(f, path), der;
	size_t n = 0;

	if (data.n > 0 && data.p[0] == 0x30)
		return data;
	want_result(f, path, x509_pem_to_ders(data, f->a, &der, 1, &n, &f->e), 0, NULL);
	assert_int_equal(n, 1);
	return der;
}

struct wall_time at(const char *rfc3339)
{
	struct wall_time t = { 0 };

	assert_true(time_parse(bytes_of_str(rfc3339), &t));
	return t;
}

void want_result(struct fixture *f, const char *what, int r, int want, const char *text)
{
	if (r != want)
		fail_msg("%s: want %d, got %d: %s", what, want, r, err_text(&f->e));
	if (r != 0 && text && !strstr(err_text(&f->e), text))
		fail_msg("%s: want a sentence with '%s', got '%s'", what, text, err_text(&f->e));
}

struct cert_profile make_profile(struct fixture *f, enum cert_kind kind, const char *display_name, const char *names,
				 struct key_spec spec, const struct made *issuer)
{
	struct cert_request request = { .kind = kind,
					.display_name = display_name,
					.holder = "Ada Lovelace",
					.organization = "Example",
					.locality = "Málaga",
					.country = "ES",
					.names = names,
					.key = spec,
					.path_len = -1 };
	static uint8_t random[16] = { 0xff, 1 };
	struct findings *findings = arena_alloc(f->a, sizeof(*findings));
	struct chain_facts *chain = arena_alloc(f->a, sizeof(*chain));
	struct cert_profile p = { 0 };

	random[15]++;
	if (kind == CERT_INTERMEDIATE)
		request.path_len = 0;
	if (issuer) {
		/* Only what profile_make() asks of an issuer: the chain up to its root is tested with compat. */
		chain->n = 1;
		chain->certs[0] = issuer->facts;
		chain->signature_valid[0] = true;
		chain->complete = true;
	}
	if (issuer && !issuer->facts.self_issued)
		chain->certs[0].self_issued = chain->certs[0].self_signature_valid = true;
	want_result(f, display_name,
		    profile_make(&request, issuer ? chain : NULL, at("2026-11-24T00:00:00Z"), random, f->a, &p,
				 findings, &f->e),
		    0, NULL);
	if (findings_blocked(findings))
		fail_msg("%s: %s", display_name, findings->items[0].text);
	return p;
}

struct made make_cert(struct fixture *f, enum cert_kind kind, const char *display_name, const char *names,
		      struct key_spec spec, const struct made *issuer)
{
	struct cert_profile p = make_profile(f, kind, display_name, names, spec, issuer);
	struct buf out CLEANUP(buf_fini) = { .max = X509_DER_MAX };
	struct made m = { 0 };

	want_result(f, "generate", pkey_generate(spec, &m.key, &f->e), 0, NULL);
	want_result(f, display_name,
		    x509_issue(&p, m.key, issuer ? &issuer->facts : NULL, issuer ? issuer->key : NULL, &out, &f->e), 0,
		    NULL);
	want_result(f, display_name, x509_parse(buf_bytes(&out), f->a, &m.facts, &f->e), 0, NULL);
	m.der = m.facts.der;
	return m;
}
