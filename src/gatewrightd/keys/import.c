/* A bundle that a person uploaded: taken apart here, because it may hold private keys. The manager judges the
 * certificates. */
#include "gatewrightd/keys/inner.h"
#include "base/limits.h"

#include <errno.h>

static int add_one(struct keys_call *c, struct bytes der, const struct pkey *key, struct err *e)
{
	struct cert_facts facts;
	int r = x509_parse(der, c->arena, &facts, e);

	if (r < 0)
		return r;
	wire_add(c->out, FIELD_CERTIFICATE, der);
	if (!key) {
		wire_add(c->out, FIELD_SEALED_KEY, BYTES_NONE);
		return 0;
	}
	if (!pkey_matches(key, &facts))
		return err_set(e, -EINVAL, "the private key does not belong to certificate '%s'", facts.subject_text);
	return sealed_add(c, key, &facts, e);
}

static int add_all(struct keys_call *c, const struct bundle *bundle, struct err *e)
{
	if (bundle->n == 0)
		return err_set(e, -EINVAL, "want at least one certificate, got none");
	if (bundle->orphan_keys > 0) {
		findings_add(c->findings, FINDING_KEY_MISMATCH,
			     "%zu private key(s) of the bundle belong to none of its certificates",
			     bundle->orphan_keys);
		return err_set(e, -EINVAL, "a private key belongs to none of the certificates");
	}
	for (size_t i = 0; i < bundle->n; i++) {
		int r = add_one(c, bundle->certs[i], bundle->keys[i], e);

		if (r < 0)
			return err_wrap(e, r, "certificate %zu", i + 1);
	}
	return 0;
}

int keys_import(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_BUNDLE, "bundle", FORM_BYTES, 1, 1, LIMIT_KEYS_BUNDLE_MAX },
		{ FIELD_PASSPHRASE, "passphrase", FORM_BYTES, 0, 1, LIMIT_KEYS_PASSPHRASE_MAX },
	};
	CLEANUP(secret_freep) struct secret *passphrase = NULL;
	struct bundle bundle = { .n = 0 };
	int r = fields_check(c->m, rules, ARRAY_N(rules), e);

	if (r == 0)
		r = fields_passphrase(c, &passphrase, e);
	if (r < 0)
		return r;
	r = bundle_read(wire_get(c->m, FIELD_BUNDLE), passphrase, c->arena, &bundle, e);
	if (r == 1)
		return err_set(e, -EACCES, passphrase ? "the passphrase is wrong" : "a passphrase is needed");
	if (r < 0)
		return r;
	r = add_all(c, &bundle, e);
	bundle_fini(&bundle);
	return r;
}
