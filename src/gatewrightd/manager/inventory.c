#include "gatewrightd/manager/inventory.h"

#include "codec/hex.h"
#include "core/pki/name.h"
#include "sys/crypto/seal.h"
#include "sys/crypto/x509.h"

#include <errno.h>

const char *inventory_key_word(const struct cert_facts *facts)
{
	return key_spec_word((struct key_spec) { facts->key_alg, facts->key_bits });
}

bool inventory_key_matches(struct bytes sealed, const struct cert_facts *facts)
{
	uint8_t spki[FINGERPRINT_SIZE];
	enum cert_kind kind;

	return sealed.n > 0 && seal_peek(sealed, &kind, spki) && memcmp(spki, facts->spki_sha256, sizeof(spki)) == 0;
}

const char *inventory_names(const struct cert_facts *facts, struct arena *a)
{
	struct buf b;
	char *ret;

	buf_init(&b, FACTS_NAMES_MAX * 300);
	for (size_t i = 0; i < facts->names_n; i++) {
		if (i > 0)
			buf_add_u8(&b, ';');
		buf_add_str(&b, name_text(&facts->names[i], a));
	}
	ret = buf_bad(&b) ? NULL : arena_str(a, buf_bytes(&b));
	buf_fini(&b);
	return ret;
}

int inventory_row(const struct cert_facts *facts, struct arena *a, struct store_cert *ret, struct err *e)
{
	char *serial = arena_alloc(a, facts->serial.n * 2 + 2);
	const char *names = inventory_names(facts, a);

	if (!serial || !names)
		return err_nomem(e);
	(void)hex_encode(facts->serial, serial);
	*ret = (struct store_cert) {
		.kind = cert_kind_of(facts),
		.display_name = facts->subject.common_name ? facts->subject.common_name : "",
		.subject = facts->subject_text,
		.holder = facts->subject.name,
		.organization = facts->subject.organization,
		.locality = facts->subject.locality,
		.country = facts->subject.country,
		.names = names,
		.serial = serial,
		.not_before = facts->not_before,
		.not_after = facts->not_after,
		.key_spec = inventory_key_word(facts),
		.subject_der = facts->subject_der,
		.der = facts->der,
	};
	memcpy(ret->fingerprint, facts->fingerprint, FINGERPRINT_SIZE);
	memcpy(ret->spki_sha256, facts->spki_sha256, FINGERPRINT_SIZE);
	return 0;
}

/* Whether each of the chain is revoked is not in its DER. */
static int fill_revoked(struct store *s, struct stored_chain *c, size_t n, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < n && i < c->facts.n; i++) {
		struct store_cert row = { 0 };
		int r = i == 0 ? 0 : store_cert_get(s, c->ids[i], a, &row, e);

		if (r != 0)
			return r < 0 ? r : err_set(e, -EIO, "certificate %lld is gone", (long long)c->ids[i]);
		c->facts.revoked[i] = i == 0 ? c->cert.revoked : row.revoked;
	}
	return 0;
}

static int load_ders(struct store *s, struct stored_chain *c, size_t n, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		int r = store_cert_blobs(s, c->ids[i], a, &c->ders[i], i == 0 ? &c->sealed_key : NULL, e);

		if (r != 0)
			return r < 0 ? r : err_set(e, -EIO, "certificate %lld is gone", (long long)c->ids[i]);
	}
	return 0;
}

int inventory_chain(struct store *s, int64_t id, struct arena *a, struct stored_chain *ret, struct err *e)
{
	size_t n = 0;
	int r = store_cert_get(s, id, a, &ret->cert, e);

	if (r != 0)
		return r;
	r = store_cert_chain(s, id, ret->ids, &n, e);
	if (r != 0)
		return r;
	r = load_ders(s, ret, n, a, e);
	if (r == 0)
		r = x509_chain_of(ret->ders, n, a, &ret->facts, e);
	if (r < 0)
		return err_wrap(e, r, "certificate %lld", (long long)id);
	ret->facts.has_key = ret->sealed_key.n > 0;
	ret->facts.key_matches = inventory_key_matches(ret->sealed_key, &ret->facts.certs[0]);
	return fill_revoked(s, ret, n, a, e);
}

int inventory_need(struct store *s, int64_t id, struct arena *a, struct stored_chain **ret, struct err *e)
{
	struct stored_chain *c = arena_alloc(a, sizeof(*c));
	int r = c ? inventory_chain(s, id, a, c, e) : err_nomem(e);

	if (r > 0)
		return err_set(e, -ENOENT, "there is no certificate %lld", (long long)id);
	if (r == 0)
		*ret = c;
	return r;
}
