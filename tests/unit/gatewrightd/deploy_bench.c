#include "deploy_bench.h"

#include <stdio.h>

static const char target_text[] = "gatewright-target 1\nname test\ntitle test\nkind script\n"
				  "param dir default \"/srv/test\" a directory\nparam need required something that has no default\n"
				  "file key.pem key %{dir}/key.pem\nfile full.pem fullchain %{dir}/full.pem\n"
				  "file chain.pem chain %{dir}/chain.pem\n"
				  "file root.pem root %{dir}/root.pem\nfile leaf.pem certificate %{dir}/leaf.pem\n"
				  "keystore %{dir}/store/%{gateway}\nreload true\n";

const char target_bundle_text[] = "gatewright-target 1\nname haproxy\ntitle test\nkind script\n"
				  "param need required something that has no default\nfile all.pem bundle /srv/test/all.pem\n"
				  "keystore /srv/store/%{gateway}\nreload true\n";

struct chain_made chain_make(struct fixture *f, const char *display_name, const char *names, const struct chain_made *above)
{
	struct chain_made c = { 0 };
	struct bytes ders[3];

	if (above) {
		c.root = above->root;
		c.middle = above->middle;
	} else {
		c.root = make_cert(f, CERT_ROOT, arena_printf(f->a, "%s root", display_name), NULL, spec_p256, NULL);
		c.middle = make_cert(f, CERT_INTERMEDIATE, arena_printf(f->a, "%s middle", display_name), NULL, spec_p256, &c.root);
	}
	c.leaf = make_cert(f, CERT_END_ENTITY, display_name, names, spec_p256, &c.middle);
	c.facts = arena_alloc(f->a, sizeof(*c.facts));
	ders[0] = c.leaf.der;
	ders[1] = c.middle.der;
	ders[2] = c.root.der;
	want_result(f, display_name, x509_chain_of(ders, 3, f->a, c.facts, &f->e), 0, NULL);
	assert_true(c.facts->complete);
	want_result(f, display_name, pkey_to_pem(c.leaf.key, &c.key_pem, &f->e), 0, NULL);
	return c;
}

void chain_unmake(struct chain_made *c, bool with_authority)
{
	pkey_free(c->leaf.key);
	if (with_authority) {
		pkey_free(c->middle.key);
		pkey_free(c->root.key);
	}
	secret_free(c->key_pem);
}

void job_fields_add(struct job_fields *j, uint16_t tag, struct bytes value)
{
	assert_true(j->n < JOB_FIELDS_MAX);
	j->list[j->n++] = (struct job_field){ tag, value };
}

void job_fields_drop(struct job_fields *j, uint16_t tag)
{
	size_t n = 0;

	for (size_t i = 0; i < j->n; i++) {
		if (j->list[i].tag != tag)
			j->list[n++] = j->list[i];
	}
	j->n = n;
}

void job_fields_set(struct job_fields *j, uint16_t tag, struct bytes value)
{
	job_fields_drop(j, tag);
	job_fields_add(j, tag, value);
}

struct bytes u64_field(struct fixture *f, uint64_t v)
{
	struct buf b;
	struct bytes ret;

	buf_init(&b, 8);
	buf_add_be64(&b, v);
	assert_true(arena_bytes(f->a, buf_bytes(&b), &ret));
	buf_fini(&b);
	return ret;
}

static void add_chain(struct job_fields *j, uint16_t tag, const struct chain_made *c)
{
	for (size_t i = 0; c && i < c->facts->n; i++)
		job_fields_add(j, tag, c->facts->certs[i].der);
}

struct job_fields job_fields_of(struct fixture *f, const char *kind, const struct chain_made *fresh, const struct chain_made *current)
{
	const struct {
		uint16_t tag;
		const char *text;
	} texts[] = {
		{ FIELD_JOB_KIND, kind },	       { FIELD_GATEWAY, "edge-1" },
		{ FIELD_TARGET, target_text },	       { FIELD_PARAM, "need=this" },
		{ FIELD_TLS_ADDRESS, "127.0.0.1:8443" }, { FIELD_TLS_NAME, "gw.example.test" },
		{ FIELD_SSH_HOST, "host.example.test" }, { FIELD_SSH_USER, "operator" },
		{ FIELD_SSH_PIN, "SHA256:abc" },	       { FIELD_SSH_AUTH, "password" },
		{ FIELD_SSH_PASSWORD, "secret" },      { FIELD_GENERATION, "20261124T000000Z-0000abcd" },
		{ FIELD_TOKEN, "t0ken" },	       { FIELD_SEALED_KEY, "sealed" },
	};
	struct job_fields j = { 0 };

	job_fields_add(&j, FIELD_JOB, u64_field(f, 7));
	job_fields_add(&j, FIELD_SSH_PORT, u64_field(f, 2222));
	for (size_t i = 0; i < ARRAY_N(texts); i++)
		job_fields_add(&j, texts[i].tag, bytes_of_str(texts[i].text));
	add_chain(&j, FIELD_CERTIFICATE, fresh);
	add_chain(&j, FIELD_CURRENT, current);
	return j;
}

void job_fields_write(const struct job_fields *j, struct buf *out)
{
	buf_init(out, WIRE_MESSAGE_MAX);
	wire_begin(out, MSG_DEPLOY_JOB, 1);
	for (size_t i = 0; i < j->n; i++)
		wire_add(out, j->list[i].tag, j->list[i].value);
	assert_false(buf_bad(out));
}

int job_fields_parse(struct fixture *f, const struct job_fields *j, struct job **ret)
{
	static struct wire_message m;
	struct buf b;
	int r;

	job_fields_write(j, &b);
	assert_true(wire_parse(buf_bytes(&b), &m));
	r = job_parse(&m, -1, ret, &f->e);
	buf_wipe(&b);
	return r;
}
