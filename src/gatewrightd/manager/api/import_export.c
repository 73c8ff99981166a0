/* Certificates in and out: PEM, chains, PKCS#12 keystores. */
#include "codec/base64.h"
#include "gatewrightd/manager/api/approval.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/import.h"
#include "gatewrightd/manager/inventory.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <string.h>

#define DATA_MAX (256 * 1024)
#define PASSPHRASE_MAX 1024
#define BUNDLE_MAX (144 * 1024)

struct import_body {
	const char *data;
	int64_t approval;
	struct secret *passphrase;
	bool dry_run;
};

static const struct json_in_row import_rows[] = {
	{ .name = "data",
	  .type = JSON_IN_TEXT,
	  .offset = offsetof(struct import_body, data),
	  .max = DATA_MAX,
	  .required = true },
	APPROVAL_ROW(struct import_body),
	{ .name = "passphrase",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct import_body, passphrase),
	  .max = PASSPHRASE_MAX,
	  .nullable = true },
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct import_body, dry_run) },
};

static json_t *skipped_of(const struct import_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->skipped_n; i++)
		(void)json_array_append_new(list, json_pack("{so,ss}", "fingerprint",
							    json_hex(result->skipped[i].fingerprint, FINGERPRINT_SIZE),
							    "reason", result->skipped[i].reason));
	return list;
}

static int answer_imported(struct call *c, const struct import_result *result, bool dry_run,
			   const struct findings *notes, struct err *e)
{
	json_t *list = json_array();

	for (size_t i = 0; !dry_run && i < result->n; i++) {
		struct store_cert row = { 0 };
		json_t *one = store_cert_get(c->s, result->ids[i], c->a, &row, e) == 0 ? json_certificate(c, &row, e)
										       : NULL;

		if (!one) {
			json_decref(list);
			return e->code < 0 ? e->code : -EIO;
		}
		(void)json_array_append_new(list, one);
	}
	return call_answer(c, dry_run ? 200 : 201,
			   json_pack("{so,so,so,sI}", "imported", list, "skipped", skipped_of(result), "notes",
				     json_findings(notes->items, notes->n), "would_import", (json_int_t)result->n),
			   e);
}

/* The decoded bundle may hold private keys: wiped as soon as keys has it. */
static int open_bundle(struct call *c, const struct import_body *in, struct findings *findings, struct import **ret,
		       struct err *e)
{
	struct buf bundle;
	int r = 0;

	buf_init(&bundle, BUNDLE_MAX);
	(void)!buf_reserve(&bundle, BUNDLE_MAX); /* so that nothing is left behind when it grows */
	if (!base64_decode(bytes_of_str(in->data), &bundle))
		r = buf_bad(&bundle)
			    ? err_set(e, -E2BIG, "member 'data': want at most %d KiB, decoded", BUNDLE_MAX / 1024)
			    : err_set(e, -EINVAL, "member 'data': want base64 (RFC 4648 section 4)");
	if (r == 0)
		r = import_open(c->m, c->s, buf_bytes(&bundle), in->passphrase, c->now, c->a, findings, ret, e);
	buf_wipe(&bundle);
	return r;
}

/* An administrator brings a root or an intermediate, and a second one may have to agree. 1: answered. */
static int may_bring(struct call *c, const struct import_body *in, const struct cert_facts *ca, struct err *e)
{
	if (!ca)
		return 0;
	if (!access_allows(c->who.roles, PERMISSION_ISSUE_CA))
		return err_set(e, -EACCES, "'%s' is a root or an intermediate: only an administrator imports one",
			       ca->subject_text);
	if (in->dry_run)
		return 0;
	return approval_need(c, SETTING_APPROVE_CA, in->approval,
			     arena_printf(c->a, "import the %s '%.200s' and what is in one file with it",
					  cert_kind_word(cert_kind_of(ca)),
					  ca->subject.common_name ? ca->subject.common_name : ca->subject_text),
			     e);
}

static int do_import(struct call *c, const struct import_body *in, struct findings *findings, struct err *e)
{
	struct import_result *result = arena_alloc(c->a, sizeof(*result));
	const struct cert_facts *ca = NULL;
	struct import *import = NULL;
	int r = result ? open_bundle(c, in, findings, &import, e) : err_nomem(e);

	findings_sort(findings);
	if (r > 0)
		return call_refuse(c, findings, e);
	if (r == 0)
		r = import_find_ca(import, &ca, e);
	if (r == 0)
		r = may_bring(c, in, ca, e);
	if (r != 0)
		return r < 0 ? r : 0;
	r = import_store(import, in->dry_run, ca != NULL, result, e);
	return r < 0 ? r : answer_imported(c, result, in->dry_run, findings, e);
}

int certificates_import(struct call *c, struct err *e)
{
	struct findings *findings = arena_alloc(c->a, sizeof(*findings));
	struct import_body in = { 0 };
	int r = findings ? call_body(c, import_rows, ARRAY_N(import_rows), &in, e) : err_nomem(e);

	if (r == 0)
		r = do_import(c, &in, findings, e);
	secret_free(in.passphrase);
	return r;
}

struct export_body {
	const char *format;
	int64_t approval;
	struct secret *passphrase;
};

static const struct json_in_row export_rows[] = {
	{ .name = "format", .type = JSON_IN_STRING, .offset = offsetof(struct export_body, format), .required = true },
	APPROVAL_ROW(struct export_body),
	{ .name = "passphrase",
	  .type = JSON_IN_SECRET,
	  .offset = offsetof(struct export_body, passphrase),
	  .max = PASSPHRASE_MAX,
	  .nullable = true },
};

/* "web gateway 7": letters, digits, dots and hyphens of the display name. */
static const char *file_name(const struct store_cert *row, const char *suffix, struct arena *a)
{
	char *name = arena_printf(a, "%.60s-%lld%s", row->display_name, (long long)row->id, suffix);

	for (char *p = name; p && *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", *p))
			*p = '_';
	return name;
}

static int export_pem(struct call *c, const struct stored_chain *chain, bool whole, struct err *e)
{
	size_t n = whole ? chain->facts.n : 1;
	struct buf pem;
	json_t *body = NULL;
	int r = 0;

	buf_init(&pem, FACTS_CHAIN_MAX * 2 * X509_DER_MAX);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = x509_der_to_pem(chain->ders[i], &pem, e);
	if (r == 0)
		body = json_pack("{ss,ss?,ss%}", "format", whole ? "chain" : "pem", "file_name",
				 file_name(&chain->cert, whole ? "-chain.pem" : ".pem", c->a), "data",
				 (const char *)pem.p, pem.n);
	buf_fini(&pem);
	return r < 0 ? r : call_answer(c, 200, body, e);
}

static int answer_keystore(struct call *c, const struct store_cert *row, struct bytes keystore, struct err *e)
{
	struct buf text;
	json_t *body;

	buf_init(&text, DATA_MAX);
	base64_encode(keystore, &text);
	body = json_pack("{ss,ss?,ss%}", "format", "keystore", "file_name", file_name(row, ".p12", c->a), "data",
			 (const char *)text.p, text.n);
	buf_fini(&text);
	return call_answer(c, 200, body, e);
}

static int export_keystore(struct call *c, const struct stored_chain *chain, const struct export_body *in,
			   struct err *e)
{
	struct buf keystore;
	int r;

	r = call_need(c, PERMISSION_EXPORT, e);
	if (r < 0)
		return r;
	if (!in->passphrase)
		return err_set(e, -EINVAL, "member 'passphrase' is missing: want one for a keystore");
	if (chain->sealed_key.n == 0)
		return err_set(e, -EBUSY, "the private key of certificate %lld is not kept here",
			       (long long)chain->cert.id);
	r = approval_need(c, SETTING_APPROVE_KEY_EXPORT, in->approval,
			  arena_printf(c->a, "export the private key of certificate %lld '%s'",
				       (long long)chain->cert.id, chain->cert.display_name),
			  e);
	if (r != 0)
		return r < 0 ? r : 0;
	buf_init(&keystore, DATA_MAX);
	r = keys_ask_export(c->m->keys, chain->ders, chain->facts.n, chain->sealed_key, in->passphrase,
			    chain->cert.display_name, &keystore, e);
	if (r > 0) /* the sentence of keys stays */
		r = -EPROTO;
	if (r == 0)
		r = call_record(c, e); /* no key leaves without its event */
	if (r == 0)
		r = answer_keystore(c, &chain->cert, buf_bytes(&keystore), e);
	buf_wipe(&keystore);
	return r;
}

int certificates_export(struct call *c, struct err *e)
{
	struct export_body in = { 0 };
	struct stored_chain *chain = NULL;
	int64_t id = 0;
	int r = call_id(c, 0, &id, e);

	if (r == 0)
		r = call_body(c, export_rows, ARRAY_N(export_rows), &in, e);
	if (r == 0)
		r = inventory_need(c->s, id, c->a, &chain, e);
	if (r == 0 && strcmp(in.format, "keystore") != 0)
		c->audit.action = AUDIT_NONE; /* what everybody may see */
	if (r == 0 && strcmp(in.format, "keystore") == 0)
		r = export_keystore(c, chain, &in, e);
	else if (r == 0 && (strcmp(in.format, "pem") == 0 || strcmp(in.format, "chain") == 0))
		r = export_pem(c, chain, strcmp(in.format, "chain") == 0, e);
	else if (r == 0)
		r = err_set(e, -EINVAL, "member 'format': want 'pem', 'chain' or 'keystore', got '%.40s'", in.format);
	secret_free(in.passphrase);
	return r;
}
