/* The stage request: what keys gives, what is checked before anything leaves, and what is in each file. */
#include "deploy_bench.h"
#include "base/limits.h"

#include "codec/hex.h"
#include "gatewrightd/deploy/stage.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The keys process: answers one request with `pem`, or refuses, or dies. */
struct fake_keys {
	int fd, other;
	struct bytes pem; /* n 0: refuse */
	bool dies;
	bool asked_well; /* the sealed key and the leaf came, and nothing else */
	pthread_t thread;
};

static void *answer(void *context)
{
	struct fake_keys *k = context;
	struct wire_message *m = calloc(1, sizeof(*m));
	struct buf b;

	buf_init(&b, WIRE_MESSAGE_MAX);
	if (ipc_receive(k->fd, 5000, &b, m, NULL, NULL) == 0 && !k->dies) {
		uint32_t id = m->id;

		k->asked_well = m->type == MSG_KEYS_RELEASE && m->n == 2 && bytes_equal_str(wire_get(m, FIELD_SEALED_KEY), "sealed") &&
				wire_has(m, FIELD_CERTIFICATE);
		if (k->pem.n > 0) {
			buf_reset(&b);
			wire_begin(&b, MSG_OK, id);
			wire_add(&b, FIELD_KEY_PEM, k->pem);
		} else {
			ipc_refuse(&b, id, -EACCES, "never a CA key");
		}
		(void)!ipc_send(k->fd, &b, -1, NULL);
	}
	(void)close(k->fd);
	buf_fini(&b);
	free(m);
	return NULL;
}

static int stage(struct fixture *f, const struct job *j, struct fake_keys *k, struct buf *out)
{
	int fds[2], r;

	assert_int_equal(ipc_pair(fds, NULL), 0);
	k->fd = fds[0];
	assert_int_equal(pthread_create(&k->thread, NULL, answer, k), 0);
	buf_init(out, LIMIT_STAGE_REQUEST_MAX);
	r = stage_request(j, fds[1], out, &f->e);
	(void)pthread_join(k->thread, NULL);
	(void)close(fds[1]);
	return r;
}

/* The content of file `name` in the request, whose hash is checked. */
static struct bytes file_of(const struct buf *request, const char *name)
{
	char head[100], want[65];
	uint8_t hash[32];
	const uint8_t *at, *lf;
	unsigned long n;
	int head_n = snprintf(head, sizeof(head), "file %s ", name);

	at = memmem(request->p, request->n, head, (size_t)head_n);
	if (!at)
		return BYTES_NONE;
	at += head_n;
	n = strtoul((const char *)at, NULL, 10);
	lf = memchr(at, '\n', 100);
	(void)crypto_hash_sha256(hash, lf + 1, n);
	(void)hex_encode(bytes_of(hash, 32), want);
	assert_memory_equal(lf - 64, want, 64);
	return bytes_of(lf + 1, n);
}

/* The certificates of a file are `want`, in this order, and it has the key or not. */
static void check_file(struct fixture *f, const struct buf *request, const char *name, const struct bytes *want, size_t want_n, bool key)
{
	struct bytes content = file_of(request, name), ders[8];
	size_t n = 0;

	assert_true(content.n > 0);
	assert_int_equal(memmem(content.p, content.n, "PRIVATE KEY", 11) != NULL, key);
	if (want_n > 0)
		want_result(f, name, x509_pem_to_ders(content, f->a, ders, 8, &n, &f->e), 0, NULL);
	if (n != want_n)
		fail_msg("%s: want %zu certificates, got %zu", name, want_n, n);
	for (size_t i = 0; i < n; i++)
		assert_true(bytes_equal(ders[i], want[i]));
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	struct chain_made c = chain_make(f, "leaf", "gw.example.test", NULL);
	struct job_fields fields = job_fields_of(f, "update", &c, NULL);
	struct bytes all[] = { c.leaf.der, c.middle.der, c.root.der };
	struct fake_keys keys = { .pem = secret_bytes(c.key_pem) };
	CLEANUP(job_freep) struct job *j = NULL;
	struct buf out;

	want_result(f, "job", job_fields_parse(f, &fields, &j), 0, NULL);
	want_result(f, "stage", stage(f, j, &keys, &out), 0, NULL);
	assert_true(keys.asked_well);
	assert_memory_equal(out.p, "stage 20261124T000000Z-0000abcd 5\n", 34);
	check_file(f, &out, "key.pem", NULL, 0, true);
	check_file(f, &out, "leaf.pem", all, 1, false);
	check_file(f, &out, "chain.pem", all + 1, 1, false);
	check_file(f, &out, "full.pem", all, 2, false);
	check_file(f, &out, "root.pem", all + 2, 1, false);
	assert_true(stage_need_bytes(j) > (int64_t)out.n);
	buf_wipe(&out);
	chain_unmake(&c, true);
}

static void test_bundle(void **state)
{
	struct fixture *f = *state;
	struct chain_made c = chain_make(f, "leaf", "gw.example.test", NULL);
	struct job_fields fields = job_fields_of(f, "update", &c, NULL);
	struct bytes all[] = { c.leaf.der, c.middle.der };
	struct fake_keys keys = { .pem = secret_bytes(c.key_pem) };
	CLEANUP(job_freep) struct job *j = NULL;
	struct buf out;

	job_fields_set(&fields, FIELD_TARGET, bytes_of_str(target_bundle_text));
	want_result(f, "job", job_fields_parse(f, &fields, &j), 0, NULL);
	want_result(f, "stage", stage(f, j, &keys, &out), 0, NULL);
	assert_memory_equal(out.p, "stage 20261124T000000Z-0000abcd 1\n", 34);
	check_file(f, &out, "all.pem", all, 2, true);
	buf_wipe(&out);
	chain_unmake(&c, true);
}

/* A leaf right below its root has no intermediate: the chain file holds the root, and the full chain the leaf alone. */
static void test_no_intermediate(void **state)
{
	struct fixture *f = *state;
	struct made root = make_cert(f, CERT_ROOT, "root", NULL, spec_p256, NULL);
	struct made leaf = make_cert(f, CERT_END_ENTITY, "leaf", "gw.example.test", spec_p256, &root);
	struct chain_made c = { .leaf = leaf, .root = root, .facts = arena_alloc(f->a, sizeof(*c.facts)) };
	struct bytes ders[] = { leaf.der, root.der };
	struct job_fields fields;
	struct fake_keys keys = { 0 };
	CLEANUP(job_freep) struct job *j = NULL;
	struct buf out;

	want_result(f, "chain", x509_chain_of(ders, 2, f->a, c.facts, &f->e), 0, NULL);
	want_result(f, "key", pkey_to_pem(leaf.key, &c.key_pem, &f->e), 0, NULL);
	fields = job_fields_of(f, "update", &c, NULL);
	keys.pem = secret_bytes(c.key_pem);
	want_result(f, "job", job_fields_parse(f, &fields, &j), 0, NULL);
	want_result(f, "stage", stage(f, j, &keys, &out), 0, NULL);
	check_file(f, &out, "chain.pem", ders + 1, 1, false);
	check_file(f, &out, "full.pem", ders, 1, false);
	buf_wipe(&out);
	pkey_free(leaf.key);
	pkey_free(root.key);
	secret_free(c.key_pem);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	struct chain_made c = chain_make(f, "leaf", "gw.example.test", NULL), other = chain_make(f, "other", "gw.example.test", &c);
	const struct {
		const char *what;
		struct fake_keys keys;
		bool rootless;
		int want;
		const char *error;
	} rows[] = {
		{ "another key", { .pem = secret_bytes(other.key_pem) }, false, -EINVAL, "does not belong" },
		{ "no key", { .pem = bytes_of_str("hello") }, false, -EINVAL, "" },
		{ "keys refuse", { 0 }, false, -EACCES, "never a CA key" },
		{ "keys die", { .dies = true }, false, -EPIPE, "gone" },
		{ "no root at hand", { .pem = secret_bytes(c.key_pem) }, true, -EINVAL, "root" },
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct job_fields fields = job_fields_of(f, "update", &c, NULL);
		struct fake_keys keys = rows[i].keys;
		CLEANUP(job_freep) struct job *j = NULL;
		struct buf out;

		if (rows[i].rootless) {
			job_fields_drop(&fields, FIELD_CERTIFICATE);
			job_fields_add(&fields, FIELD_CERTIFICATE, c.leaf.der);
			job_fields_add(&fields, FIELD_CERTIFICATE, c.middle.der);
		}
		want_result(f, "job", job_fields_parse(f, &fields, &j), 0, NULL);
		want_result(f, rows[i].what, stage(f, j, &keys, &out), rows[i].want, rows[i].error);
		if (!rows[i].rootless && out.n != 0)
			fail_msg("%s: something was written", rows[i].what);
		buf_wipe(&out);
	}
	chain_unmake(&other, false);
	chain_unmake(&c, true);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = { TEST(test_files), TEST(test_bundle), TEST(test_no_intermediate), TEST(test_refused) };
#undef TEST

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
