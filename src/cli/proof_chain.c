#include "cli/proof_chain.h"
#include "codec/hex.h"
#include "core/pki/name.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <string.h>

int proof_chain_parse(const json_t *array, struct arena *a, struct chain_facts *ret, struct err *e)
{
	struct bytes ders[FACTS_CHAIN_MAX];
	size_t n = json_array_size(array), one = 0;

	if (n == 0 || n > FACTS_CHAIN_MAX)
		return err_set(e, -EINVAL, "chain: want 1 to %d certificates, got %zu", FACTS_CHAIN_MAX, n);
	for (size_t i = 0; i < n; i++) {
		const json_t *pem = json_array_get(array, i);
		struct bytes text = bytes_of(json_string_value(pem), json_string_length(pem));

		if (x509_pem_to_ders(text, a, &ders[i], 1, &one, e) < 0)
			return err_wrap(e, -EINVAL, "chain: certificate %zu", i + 1);
		if (one != 1)
			return err_set(e, -EINVAL, "chain: want a PEM certificate as number %zu, got something else",
				       i + 1);
	}
	return x509_chain_of(ders, n, a, ret, e);
}

static int want_text(const json_t *side, const char *member, const char *value, struct err *e)
{
	if (strcmp(json_text(side, member), value ? value : "") == 0)
		return 0;
	return err_set(e, -EINVAL, "%s: the proof says '%s', the certificate '%s'", member, json_text(side, member),
		       value ? value : "");
}

static int want_time(const json_t *side, const char *member, struct wall_time t, struct err *e)
{
	char text[TIME_TEXT_MAX];

	return want_text(side, member, time_format(t, text), e);
}

static int want_names(const json_t *side, const struct cert_facts *leaf, struct arena *a, struct err *e)
{
	const json_t *names = json_object_get(side, "names");

	for (size_t i = 0; i < leaf->names_n; i++) {
		const char *said = json_string_value(json_array_get(names, i)), *is = name_text(&leaf->names[i], a);

		if (!said || strcmp(said, is) != 0)
			return err_set(e, -EINVAL, "names: the proof says '%s', the certificate '%s'", said ? said : "",
				       is);
	}
	if (json_array_size(names) != leaf->names_n)
		return err_set(e, -EINVAL, "names: the proof has %zu, the certificate %zu", json_array_size(names),
			       leaf->names_n);
	return 0;
}

/* A serial number's digits, with or without leading zeros. */
static int want_serial(const json_t *side, const struct cert_facts *leaf, struct arena *a, struct err *e)
{
	const char *said = json_text(side, "serial");
	char *hex = arena_alloc(a, 2 * leaf->serial.n + 1);

	if (!hex)
		return err_nomem(e);
	(void)hex_encode(leaf->serial, hex);
	said += strspn(said, "0");
	if (strcasecmp(said, hex + strspn(hex, "0")) == 0)
		return 0;
	return err_set(e, -EINVAL, "serial: the proof says '%s', the certificate '%s'", said, hex);
}

int proof_chain_says(const json_t *side, const struct cert_facts *leaf, struct arena *a, struct err *e)
{
	char hex[2 * FINGERPRINT_SIZE + 1];
	int r = want_text(side, "fingerprint", hex_encode(bytes_of(leaf->fingerprint, FINGERPRINT_SIZE), hex), e);

	if (r == 0)
		r = want_text(side, "display_name", leaf->subject.common_name, e);
	if (r == 0)
		r = want_text(side, "subject", leaf->subject_text, e);
	if (r == 0)
		r = want_serial(side, leaf, a, e);
	if (r == 0)
		r = want_names(side, leaf, a, e);
	if (r == 0)
		r = want_time(side, "not_before", leaf->not_before, e);
	return r == 0 ? want_time(side, "not_after", leaf->not_after, e) : r;
}
