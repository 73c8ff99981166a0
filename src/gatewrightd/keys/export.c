/* What leaves the keys process: keystores under a passphrase, end-entity keys to a deploy process; and whether a key is
 * good. */
#include "gatewrightd/keys/inner.h"
#include "base/limits.h"

#include <errno.h>

int keys_export(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_CERTIFICATE, "certificate", FORM_BYTES, 1, FACTS_CHAIN_MAX, X509_DER_MAX },
		{ FIELD_SEALED_KEY, "sealed-key", FORM_BYTES, 1, 1, LIMIT_KEYS_SEALED_MAX },
		{ FIELD_PASSPHRASE, "passphrase", FORM_BYTES, 1, 1, LIMIT_KEYS_PASSPHRASE_MAX },
		{ FIELD_DISPLAY_NAME, "display-name", FORM_TEXT, 0, 1, 1024 },
	};
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	CLEANUP(secret_freep) struct secret *passphrase = NULL;
	struct bytes ders[FACTS_CHAIN_MAX];
	struct chain_facts *chain;
	const char *name;
	struct buf keystore;
	size_t n;
	int r = fields_check(c->m, rules, ARRAY_N(rules), e);

	if (r == 0)
		r = sealed_chain(c, false, &chain, e);
	if (r == 0)
		r = fields_text(c, FIELD_DISPLAY_NAME, &name, e);
	if (r == 0)
		r = fields_passphrase(c, &passphrase, e);
	if (r < 0)
		return r;
	if (secret_bytes(passphrase).n < LIMIT_KEYS_EXPORT_PASSPHRASE_MIN)
		return err_set(e, -EINVAL, "passphrase: want at least %d characters, got %zu",
			       LIMIT_KEYS_EXPORT_PASSPHRASE_MIN, secret_bytes(passphrase).n);
	r = sealed_open(c, wire_get(c->m, FIELD_SEALED_KEY), &chain->certs[0], NULL, &key, e);
	if (r < 0)
		return r;
	n = fields_all(c->m, FIELD_CERTIFICATE, ders, FACTS_CHAIN_MAX);
	buf_init(&keystore, WIRE_MESSAGE_MAX);
	r = pkcs12_write(key, ders, n, name ? name : chain->certs[0].subject.common_name, passphrase, &keystore, e);
	if (r == 0)
		wire_add(c->out, FIELD_PKCS12, buf_bytes(&keystore));
	buf_wipe(&keystore);
	return r;
}

int keys_check_key(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_CERTIFICATE, "certificate", FORM_BYTES, 1, 1, X509_DER_MAX },
		{ FIELD_SEALED_KEY, "sealed-key", FORM_BYTES, 1, 1, LIMIT_KEYS_SEALED_MAX },
	};
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	struct cert_facts cert;
	int r = fields_check(c->m, rules, ARRAY_N(rules), e);

	if (r == 0)
		r = x509_parse(wire_get(c->m, FIELD_CERTIFICATE), c->arena, &cert, e);
	return r < 0 ? r : sealed_open(c, wire_get(c->m, FIELD_SEALED_KEY), &cert, NULL, &key, e);
}

/* The kind was authenticated when the blob opened: a CA key can't come out of here, whatever the manager sent to the
 * deploy process. */
static int release(struct keys_call *c, const struct field_rule *rules, size_t rules_n, struct err *e)
{
	CLEANUP(pkey_freep) struct pkey *key = NULL;
	CLEANUP(secret_freep) struct secret *pem = NULL;
	struct cert_facts cert;
	enum cert_kind kind;
	bool has_cert = wire_has(c->m, FIELD_CERTIFICATE);
	int r = fields_check(c->m, rules, rules_n, e);

	if (r == 0 && has_cert)
		r = x509_parse(wire_get(c->m, FIELD_CERTIFICATE), c->arena, &cert, e);
	if (r == 0)
		r = sealed_open(c, wire_get(c->m, FIELD_SEALED_KEY), has_cert ? &cert : NULL, &kind, &key, e);
	if (r < 0)
		return r;
	if (kind != CERT_END_ENTITY)
		return err_set(e, -EACCES, "release: want the key of an end-entity certificate, got one of kind '%s'",
			       cert_kind_word(kind));
	r = pkey_to_pem(key, &pem, e);
	if (r < 0)
		return r;
	wire_add(c->out, FIELD_KEY_PEM, secret_bytes(pem));
	return 0;
}

int keys_release(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_CERTIFICATE, "certificate", FORM_BYTES, 0, 1, X509_DER_MAX },
		{ FIELD_SEALED_KEY, "sealed-key", FORM_BYTES, 1, 1, LIMIT_KEYS_SEALED_MAX },
	};

	return release(c, rules, ARRAY_N(rules), e);
}

int keys_release_console(struct keys_call *c, struct err *e)
{
	static const struct field_rule rules[] = {
		{ FIELD_CERTIFICATE, "certificate", FORM_BYTES, 1, 1, X509_DER_MAX },
		{ FIELD_SEALED_KEY, "sealed-key", FORM_BYTES, 1, 1, LIMIT_KEYS_SEALED_MAX },
	};

	return release(c, rules, ARRAY_N(rules), e);
}
