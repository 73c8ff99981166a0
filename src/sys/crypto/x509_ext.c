/* One function per extension, in the order of RFC 5280 section 4.2.1; then the table that says which one reads what. */
#include "sys/crypto/x509_internal.h"

#include "base/limits.h"
#include "sys/crypto/der.h"
#include "sys/crypto/openssl_err.h"

#include <errno.h>
#include <limits.h>

#define OID_TEXT_MAX 128

struct ext {
	bool critical;
	struct bytes value; /* content of the OCTET STRING */
};

typedef int ext_reader(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e);

/* The value as one DER structure of `it`, nothing behind it, for the caller to free. NULL: the sentence is in `e`, the
 * kind is -EINVAL. */
static void *ext_decode(const struct ext *ext, const ASN1_ITEM *it, struct err *e)
{
	const unsigned char *p = ext->value.p;
	ASN1_VALUE *v;

	if (der_check(ext->value, e) < 0)
		return NULL;
	v = ASN1_item_d2i(NULL, &p, (long)ext->value.n, it);
	if (!v) {
		(void)openssl_err(e, -EINVAL, "not of its form");
		return NULL;
	}
	if (p == ext->value.p + ext->value.n)
		return v;
	ASN1_item_free(v, it);
	(void)err_set(e, -EINVAL, "%td bytes behind its end", ext->value.p + ext->value.n - p);
	return NULL;
}

static struct bytes string_bytes(const ASN1_STRING *s)
{
	return bytes_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

/* The dotted OID, in `a`. */
static int note_oid(const ASN1_OBJECT *o, struct arena *a, const char **ret, struct err *e)
{
	char text[OID_TEXT_MAX];
	int n = OBJ_obj2txt(text, sizeof(text), o, 1);

	*ret = n <= 0 || n >= (int)sizeof(text) ? "an OID too long to be shown" : arena_str(a, bytes_of_str(text));
	return *ret ? 0 : err_nomem(e);
}

/* ---- general names (section 4.2.1.6), also those of name constraints ---- */

static int encoded_name(const GENERAL_NAME *g, struct arena *a, struct general_name *ret, struct err *e)
{
	struct ossl_bytes der CLEANUP(ossl_bytes_fini) = { NULL, 0 };

	if (g->type == GEN_DIRNAME)
		der.n = i2d_X509_NAME(g->d.directoryName, &der.p);
	else
		der.n = i2d_GENERAL_NAME(g, &der.p);
	if (der.n < 0)
		return openssl_err(e, -EINVAL, "encode a name");
	ret->kind = g->type == GEN_DIRNAME ? GN_DIRECTORY : GN_OTHER;
	return arena_bytes(a, ossl_bytes_view(&der), &ret->value) ? 0 : err_nomem(e);
}

static int address_name(const GENERAL_NAME *g, bool constraint, struct arena *a, struct general_name *ret,
			struct err *e)
{
	struct bytes b = string_bytes(g->d.iPAddress);
	size_t v4 = constraint ? 8 : 4, v6 = constraint ? 32 : 16;

	if (b.n != v4 && b.n != v6)
		return err_set(e, -EINVAL, "IP address: want %zu or %zu bytes, got %zu", v4, v6, b.n);
	ret->kind = GN_IP;
	return arena_bytes(a, b, &ret->value) ? 0 : err_nomem(e);
}

static int read_general_name(const GENERAL_NAME *g, bool constraint, struct arena *a, struct general_name *ret,
			     struct err *e)
{
	switch (g->type) {
	case GEN_DNS:
		ret->kind = GN_DNS;
		break;
	case GEN_URI:
		ret->kind = GN_URI;
		break;
	case GEN_EMAIL:
		ret->kind = GN_EMAIL;
		break;
	case GEN_IPADD:
		return address_name(g, constraint, a, ret, e);
	default:
		return encoded_name(g, a, ret, e);
	}
	return arena_bytes(a, string_bytes(g->d.ia5), &ret->value) ? 0 : err_nomem(e);
}

/* ---- the extensions ---- */

static int copy_key_id(const ASN1_OCTET_STRING *id, struct arena *a, struct bytes *ret, struct err *e)
{
	return arena_bytes(a, string_bytes(id), ret) ? 0 : err_nomem(e);
}

/* 4.2.1.1. Only the keyIdentifier; issuer and serial number are left aside. */
static int read_authority_key_id(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	AUTHORITY_KEYID *id CLEANUP(AUTHORITY_KEYID_freep) = ext_decode(ext, ASN1_ITEM_rptr(AUTHORITY_KEYID), e);

	if (!id)
		return -EINVAL;
	return id->keyid ? copy_key_id(id->keyid, a, &ret->authority_key_id, e) : 0;
}

/* 4.2.1.2 */
static int read_subject_key_id(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	ASN1_OCTET_STRING *id CLEANUP(ASN1_OCTET_STRING_freep) = ext_decode(ext, ASN1_ITEM_rptr(ASN1_OCTET_STRING), e);

	return !id ? -EINVAL : copy_key_id(id, a, &ret->subject_key_id, e);
}

/* 4.2.1.3 */
static int read_key_usage(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	ASN1_BIT_STRING *bits CLEANUP(ASN1_BIT_STRING_freep) = ext_decode(ext, ASN1_ITEM_rptr(ASN1_BIT_STRING), e);

	(void)a;
	if (!bits)
		return -EINVAL;
	for (int i = 0; i < KU_N; i++)
		if (ASN1_BIT_STRING_get_bit(bits, i))
			ret->key_usage |= BIT(i);
	ret->has_key_usage = true;
	ret->key_usage_critical = ext->critical;
	return 0;
}

/*
 * 4.2.1.4. Nobody here asks for a policy (the initial set is any-policy), so any list of them is fine, critical or not;
 * what could demand one (4.2.1.5, 4.2.1.11, 4.2.1.14) has no reader and is unknown when critical.
 */
static int read_policies(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	CERTIFICATEPOLICIES *policies = ext_decode(ext, ASN1_ITEM_rptr(CERTIFICATEPOLICIES), e);

	(void)a;
	(void)ret;
	if (!policies)
		return -EINVAL;
	CERTIFICATEPOLICIES_free(policies);
	return 0;
}

/* 4.2.1.6 */
static int read_alt_names(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	GENERAL_NAMES *names CLEANUP(GENERAL_NAMES_freep) = ext_decode(ext, ASN1_ITEM_rptr(GENERAL_NAMES), e);
	struct general_name *list;
	int r, n;

	if (!names)
		return -EINVAL;
	n = sk_GENERAL_NAME_num(names);
	if (n > FACTS_NAMES_MAX)
		return err_set(e, -EINVAL, "want at most %d names, got %d", FACTS_NAMES_MAX, n);
	list = arena_alloc_array(a, (size_t)n, sizeof(*list));
	if (!list)
		return err_nomem(e);
	for (int i = 0; i < n; i++) {
		r = read_general_name(sk_GENERAL_NAME_value(names, i), false, a, &list[i], e);
		if (r < 0)
			return err_wrap(e, r, "name %d", i + 1);
	}
	ret->has_san = true;
	ret->san_critical = ext->critical;
	ret->names = list;
	ret->names_n = (size_t)n;
	return 0;
}

/* 4.2.1.9 */
static int read_basic_constraints(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	BASIC_CONSTRAINTS *bc CLEANUP(BASIC_CONSTRAINTS_freep) = ext_decode(ext, ASN1_ITEM_rptr(BASIC_CONSTRAINTS), e);
	int64_t path_len = -1;

	(void)a;
	if (!bc)
		return -EINVAL;
	if (bc->pathlen &&
	    (ASN1_INTEGER_get_int64(&path_len, bc->pathlen) != 1 || path_len < 0 || path_len > LIMIT_CERT_PATH_LEN_MAX))
		return openssl_err(e, -EINVAL, "path length: want 0 to %d, got another", LIMIT_CERT_PATH_LEN_MAX);
	ret->has_basic_constraints = true;
	ret->basic_constraints_critical = ext->critical;
	ret->is_ca = bc->ca != 0;
	ret->path_len = (int)path_len;
	return 0;
}

static int read_subtrees(const STACK_OF(GENERAL_SUBTREE) * trees, struct arena *a, const struct general_name **ret,
			 size_t *ret_n, struct err *e)
{
	int n = trees ? sk_GENERAL_SUBTREE_num(trees) : 0, r;
	struct general_name *list;
	int64_t minimum;

	if (n > FACTS_NAMES_MAX)
		return err_set(e, -EINVAL, "want at most %d subtrees, got %d", FACTS_NAMES_MAX, n);
	list = arena_alloc_array(a, (size_t)n, sizeof(*list));
	if (!list)
		return err_nomem(e);
	for (int i = 0; i < n; i++) {
		const GENERAL_SUBTREE *t = sk_GENERAL_SUBTREE_value(trees, i);

		minimum = 0;
		if (t->maximum || (t->minimum && (ASN1_INTEGER_get_int64(&minimum, t->minimum) != 1 || minimum != 0)))
			return openssl_err(e, -EINVAL, "subtree %d: want minimum 0 and no maximum, got others", i + 1);
		r = read_general_name(t->base, true, a, &list[i], e);
		if (r < 0)
			return err_wrap(e, r, "subtree %d", i + 1);
	}
	*ret = list;
	*ret_n = (size_t)n;
	return 0;
}

/* 4.2.1.10 */
static int read_name_constraints(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	NAME_CONSTRAINTS *nc CLEANUP(NAME_CONSTRAINTS_freep) = ext_decode(ext, ASN1_ITEM_rptr(NAME_CONSTRAINTS), e);
	int r;

	if (!nc)
		return -EINVAL;
	r = read_subtrees(nc->permittedSubtrees, a, &ret->permitted, &ret->permitted_n, e);
	if (r < 0)
		return err_wrap(e, r, "permitted");
	r = read_subtrees(nc->excludedSubtrees, a, &ret->excluded, &ret->excluded_n, e);
	if (r < 0)
		return err_wrap(e, r, "excluded");
	ret->has_name_constraints = true;
	return 0;
}

static enum ext_key_usage ext_usage_of_nid(int nid)
{
	switch (nid) {
	case NID_server_auth:
		return EKU_SERVER_AUTH;
	case NID_client_auth:
		return EKU_CLIENT_AUTH;
	case NID_code_sign:
		return EKU_CODE_SIGNING;
	case NID_email_protect:
		return EKU_EMAIL;
	case NID_time_stamp:
		return EKU_TIME_STAMPING;
	case NID_OCSP_sign:
		return EKU_OCSP_SIGNING;
	case NID_anyExtendedKeyUsage:
		return EKU_ANY;
	default:
		return EKU_OTHER;
	}
}

/* 4.2.1.12. An empty list, which the RFC forbids, is a fact: no usage is allowed. */
static int read_ext_key_usage(const struct ext *ext, struct arena *a, struct cert_facts *ret, struct err *e)
{
	EXTENDED_KEY_USAGE *list CLEANUP(EXTENDED_KEY_USAGE_freep) =
		ext_decode(ext, ASN1_ITEM_rptr(EXTENDED_KEY_USAGE), e);

	(void)a;
	if (!list)
		return -EINVAL;
	for (int i = 0; i < sk_ASN1_OBJECT_num(list); i++)
		ret->ext_key_usage |= BIT(ext_usage_of_nid(OBJ_obj2nid(sk_ASN1_OBJECT_value(list, i))));
	ret->has_ext_key_usage = true;
	ret->ext_key_usage_critical = ext->critical;
	return 0;
}

/* ---- which one reads what ---- */

static const struct {
	int nid;
	const char *name;
	ext_reader *read;
} ext_readers[] = {
	{ NID_authority_key_identifier, "authority key identifier", read_authority_key_id },
	{ NID_subject_key_identifier, "subject key identifier", read_subject_key_id },
	{ NID_key_usage, "key usage", read_key_usage },
	{ NID_certificate_policies, "certificate policies", read_policies },
	{ NID_subject_alt_name, "subject alternative name", read_alt_names },
	{ NID_basic_constraints, "basic constraints", read_basic_constraints },
	{ NID_name_constraints, "name constraints", read_name_constraints },
	{ NID_ext_key_usage, "extended key usage", read_ext_key_usage },
};

/* The first of several extensions with one OID counts. */
static bool came_before(const X509 *x, int index, const ASN1_OBJECT *oid)
{
	for (int i = 0; i < index; i++)
		if (OBJ_cmp(X509_EXTENSION_get_object(X509_get_ext(x, i)), oid) == 0)
			return true;
	return false;
}

static int read_extension(X509_EXTENSION *extension, const ASN1_OBJECT *oid, struct arena *a, struct cert_facts *ret,
			  struct err *e)
{
	struct ext ext = { X509_EXTENSION_get_critical(extension) != 0,
			   string_bytes(X509_EXTENSION_get_data(extension)) };
	int nid = OBJ_obj2nid(oid), r;

	for (size_t i = 0; i < ARRAY_N(ext_readers); i++) {
		if (ext_readers[i].nid != nid)
			continue;
		r = ext_readers[i].read(&ext, a, ret, e);
		return r < 0 ? err_wrap(e, r, "certificate: %s", ext_readers[i].name) : 0;
	}
	return ext.critical && !ret->unknown_critical ? note_oid(oid, a, &ret->unknown_critical, e) : 0;
}

int x509_read_extensions(const X509 *x, struct arena *a, struct cert_facts *ret, struct err *e)
{
	int n = X509_get_ext_count(x), r = 0;

	if (n > LIMIT_CERT_EXTENSIONS_MAX)
		return err_set(e, -EINVAL, "certificate: want at most %d extensions, got %d", LIMIT_CERT_EXTENSIONS_MAX,
			       n);
	if (n > 0 && ret->version != 3)
		return err_set(e, -EINVAL,
			       "certificate: want extensions only in v3 (RFC 5280 section 4.1.2.9), got v%d",
			       ret->version);
	for (int i = 0; i < n && r == 0; i++) {
		X509_EXTENSION *extension = X509_get_ext(x, i);
		const ASN1_OBJECT *oid = X509_EXTENSION_get_object(extension);

		if (!came_before(x, i, oid))
			r = read_extension(extension, oid, a, ret, e);
		else if (!ret->duplicate_extension)
			r = note_oid(oid, a, &ret->duplicate_extension, e);
	}
	return r;
}
