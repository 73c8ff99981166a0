#include "core/pki/facts.h"

static const struct key_word {
	const char *word, *text;
	struct key_spec spec;
} key_words[] = {
	/* word        for people    algorithm, bits */
	{ "ec-p256", "EC P-256", { KEY_ALG_EC_P256, 256 } }, { "ec-p384", "EC P-384", { KEY_ALG_EC_P384, 384 } },
	{ "ed25519", "Ed25519", { KEY_ALG_ED25519, 256 } },  { "rsa-2048", "RSA 2048", { KEY_ALG_RSA, 2048 } },
	{ "rsa-3072", "RSA 3072", { KEY_ALG_RSA, 3072 } },   { "rsa-4096", "RSA 4096", { KEY_ALG_RSA, 4096 } },
};

/* Only RSA keys come in sizes; the others are named by their curve. */
static const struct key_word *find_spec(enum key_alg alg, int bits)
{
	for (size_t i = 0; i < sizeof(key_words) / sizeof(key_words[0]); i++) {
		const struct key_word *w = &key_words[i];

		if (w->spec.alg == alg && (alg != KEY_ALG_RSA || w->spec.bits == bits))
			return w;
	}
	return NULL;
}

const char *key_alg_text(enum key_alg alg, int bits)
{
	const struct key_word *w = find_spec(alg, bits);

	if (w)
		return w->text;
	if (alg == KEY_ALG_RSA)
		return "RSA";
	return alg == KEY_ALG_EC_P521 ? "EC P-521" : "unknown";
}

bool key_spec_parse(struct bytes word, struct key_spec *ret)
{
	for (size_t i = 0; i < sizeof(key_words) / sizeof(key_words[0]); i++) {
		if (!bytes_equal_str(word, key_words[i].word))
			continue;
		*ret = key_words[i].spec;
		return true;
	}
	return false;
}

const char *key_spec_word(struct key_spec spec)
{
	const struct key_word *w = find_spec(spec.alg, spec.bits);

	if (w)
		return w->word;
	if (spec.alg == KEY_ALG_RSA)
		return "rsa";
	return spec.alg == KEY_ALG_EC_P521 ? "ec-p521" : "other";
}
