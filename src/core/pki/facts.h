/*
 * What a certificate says, as plain values. sys/crypto fills them from DER; core/pki decides on nothing else.
 * Everything pointed to lives in the arena that the parse was given.
 */
#ifndef GW_CORE_PKI_FACTS_H
#define GW_CORE_PKI_FACTS_H

#include "base/bytes.h"
#include "base/time.h"

#define FINGERPRINT_SIZE 32 /* SHA-256 of the DER */
#define FACTS_CHAIN_MAX 8   /* certificates in a chain, the root included; also in schema/limits.def */
#define FACTS_NAMES_MAX 256 /* subject alternative names of one certificate; also in schema/limits.def */

enum key_alg {
	KEY_ALG_OTHER,
	KEY_ALG_RSA,
	KEY_ALG_EC_P256,
	KEY_ALG_EC_P384,
	KEY_ALG_EC_P521,
	KEY_ALG_ED25519,
	KEY_ALG_N
};

enum sig_hash {
	SIG_HASH_OTHER,
	SIG_HASH_MD5,
	SIG_HASH_SHA1,
	SIG_HASH_SHA256,
	SIG_HASH_SHA384,
	SIG_HASH_SHA512,
	SIG_HASH_NONE,
	SIG_HASH_N
};

/* RFC 5280 section 4.2.1.3, by bit number of the BIT STRING. */
enum key_usage {
	KU_DIGITAL_SIGNATURE,
	KU_NON_REPUDIATION,
	KU_KEY_ENCIPHERMENT,
	KU_DATA_ENCIPHERMENT,
	KU_KEY_AGREEMENT,
	KU_KEY_CERT_SIGN,
	KU_CRL_SIGN,
	KU_ENCIPHER_ONLY,
	KU_DECIPHER_ONLY,
	KU_N
};

/* RFC 5280 section 4.2.1.12. */
enum ext_key_usage {
	EKU_SERVER_AUTH,
	EKU_CLIENT_AUTH,
	EKU_CODE_SIGNING,
	EKU_EMAIL,
	EKU_TIME_STAMPING,
	EKU_OCSP_SIGNING,
	EKU_ANY,
	EKU_OTHER,
	EKU_N
};

enum general_name_kind { GN_DNS, GN_IP, GN_URI, GN_EMAIL, GN_DIRECTORY, GN_OTHER, GN_N };

/*
 * A general name (RFC 5280 section 4.2.1.6). GN_DNS, GN_URI, GN_EMAIL: the IA5String as it stands. GN_IP: 4 or 16
 * bytes, in a name constraint 8 or 32 (address, mask). Others: the DER.
 */
struct general_name {
	enum general_name_kind kind;
	struct bytes value;
};

/* The subject attributes that Gatewright sets (UTF-8; NULL when absent), and every other one counted in other_n. */
struct subject {
	const char *common_name;  /* 2.5.4.3: the display name */
	const char *name;	  /* 2.5.4.41: first and last name */
	const char *organization; /* 2.5.4.10 */
	const char *locality;	  /* 2.5.4.7 */
	const char *country;	  /* 2.5.4.6 */
	int other_n;
};

struct cert_facts {
	struct bytes der;
	uint8_t fingerprint[FINGERPRINT_SIZE];
	uint8_t spki_sha256[FINGERPRINT_SIZE]; /* SHA-256 of the SubjectPublicKeyInfo DER */

	int version;	     /* 3 for v3 */
	struct bytes serial; /* magnitude, big endian, without leading zeros; empty for zero */
	bool serial_negative;
	struct subject subject, issuer;
	struct bytes subject_der, issuer_der; /* Name, DER; empty names are the two bytes 30 00 */
	const char *subject_text;	      /* RFC 4514, for people */
	const char *issuer_text;
	struct wall_time not_before, not_after;

	enum key_alg key_alg;
	int key_bits;
	enum sig_hash sig_hash; /* SIG_HASH_NONE for Ed25519 */
	bool sig_alg_mismatch;	/* outer and inner AlgorithmIdentifier differ (RFC 5280 section 4.1.1.2) */

	bool has_basic_constraints, basic_constraints_critical, is_ca;
	int path_len; /* -1: none */
	bool has_key_usage, key_usage_critical;
	uint32_t key_usage; /* BIT(KU_...) */
	bool has_ext_key_usage, ext_key_usage_critical;
	uint32_t ext_key_usage; /* BIT(EKU_...); zero with has_ext_key_usage is an empty list */
	bool has_san, san_critical;
	const struct general_name *names;
	size_t names_n;
	bool has_name_constraints;
	const struct general_name *permitted, *excluded;
	size_t permitted_n, excluded_n;
	struct bytes subject_key_id, authority_key_id; /* keyIdentifier; empty when absent */
	const char *unknown_critical;	 /* dotted OID of a critical extension nobody here processes, or NULL */
	const char *duplicate_extension; /* dotted OID, or NULL */

	bool self_issued;	   /* subject and issuer are the same DER */
	bool self_signature_valid; /* the signature verifies with the certificate's own key */
};

/*
 * A chain, leaf first, root last when `complete`. signature_valid[i]: certificate i verifies with the key of
 * certificate i + 1 (of itself when it is the last and self-signed).
 */
struct chain_facts {
	struct cert_facts certs[FACTS_CHAIN_MAX];
	size_t n;
	bool signature_valid[FACTS_CHAIN_MAX];
	bool complete;	  /* the last one is a self-signed CA certificate */
	bool has_key;	  /* the leaf's private key is at hand (sealed or plain) */
	bool key_matches; /* and belongs to the leaf's public key */
	bool revoked[FACTS_CHAIN_MAX];
};

static inline const struct cert_facts *chain_leaf(const struct chain_facts *c)
{
	return c->n > 0 ? &c->certs[0] : NULL;
}

static inline const struct cert_facts *chain_root(const struct chain_facts *c)
{
	return c->n > 0 && c->complete ? &c->certs[c->n - 1] : NULL;
}

/* "EC P-256", "RSA 2048", "Ed25519"; lives for ever but for RSA sizes out of the ordinary, which read "RSA". */
const char *key_alg_text(enum key_alg alg, int bits);

/* The words of the API and the command line: "ec-p256" "ec-p384" "ed25519" "rsa-2048" "rsa-3072" "rsa-4096". */
struct key_spec {
	enum key_alg alg;
	int bits;
};
bool key_spec_parse(struct bytes word, struct key_spec *ret);
/* Of a key that is there but that nobody can ask for: "rsa" (of another size), "ec-p521", "other". */
const char *key_spec_word(struct key_spec spec);

#endif
