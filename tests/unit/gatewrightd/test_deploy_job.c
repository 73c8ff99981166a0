/* MSG_DEPLOY_JOB into struct job: what is taken, and what is refused with which words. */
#include "deploy_bench.h"
#include "base/limits.h"

#include "core/deploy/update.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_whole(void **state)
{
	struct fixture *f = *state;
	struct chain_made old = chain_make(f, "old", "gw.example.test", NULL), fresh = chain_make(f, "new", "gw.example.test", &old);
	struct job_fields fields = job_fields_of(f, "update", &fresh, &old);
	CLEANUP(job_freep) struct job *j = NULL;

	want_result(f, "parse", job_fields_parse(f, &fields, &j), 0, NULL);
	assert_int_equal(j->number, 7);
	assert_int_equal(j->kind, JOB_UPDATE);
	assert_string_equal(j->gateway, "edge-1");
	assert_string_equal(j->target.name, "test");
	assert_int_equal(j->ssh_port, 2222);
	assert_string_equal(j->ssh_host, "host.example.test");
	assert_string_equal(j->pins[0], "SHA256:abc");
	assert_int_equal(j->pins_n, 1);
	assert_true(secret_equal(j->password, bytes_of_str("secret")));
	assert_null(j->sudo_password);
	assert_int_equal(j->new_chain->n, 3);
	assert_int_equal(j->current->n, 3);
	assert_memory_equal(j->new_chain->certs[0].fingerprint, fresh.leaf.facts.fingerprint, FINGERPRINT_SIZE);
	assert_int_equal(j->confirm_within_s, UPDATE_CONFIRM_WITHIN_DEFAULT_S);
	assert_int_equal(j->keep, JOB_KEEP_DEFAULT);
	assert_int_equal(j->skew_max_s, UPDATE_SKEW_DEFAULT_S);
	chain_unmake(&fresh, false);
	chain_unmake(&old, true);
}

static char long_text[1000];

/* A field that is dropped (value.p NULL), or set to something else. */
static const struct row {
	const char *name, *kind;
	uint16_t tag;
	const char *value;
	size_t value_n; /* 0: the length of the text */
	const char *error; /* NULL: fine */
} rows[] = {
	{ "no kind", "update", FIELD_JOB_KIND, NULL, 0, "kind is missing" },
	{ "another kind", "update", FIELD_JOB_KIND, "Update", 0, "kind is missing or unknown" },
	{ "no number", "update", FIELD_JOB, NULL, 0, "want a job with its number" },
	{ "short number", "update", FIELD_JOB, "1234567", 0, "want a job with its number" },
	{ "no gateway", "update", FIELD_GATEWAY, NULL, 0, "gateway is missing" },
	{ "empty gateway", "update", FIELD_GATEWAY, "", 0, "gateway" },
	{ "gateway with a newline", "update", FIELD_GATEWAY, "a\nb", 0, "gateway" },
	{ "gateway with NUL", "update", FIELD_GATEWAY, "a\0b", 3, "gateway" },
	{ "gateway not UTF-8", "update", FIELD_GATEWAY, "a\xff", 0, "gateway" },
	{ "no target", "update", FIELD_TARGET, NULL, 0, "target is missing" },
	{ "not a target", "update", FIELD_TARGET, "hello\n", 0, "target" },
	{ "needed parameter missing", "update", FIELD_PARAM, NULL, 0, "need" },
	{ "unknown parameter", "update", FIELD_PARAM, "other=1", 0, "target" },
	{ "no certificate", "update", FIELD_CERTIFICATE, NULL, 0, "certificate is missing" },
	{ "not a certificate", "update", FIELD_CERTIFICATE, "0\x82", 0, "certificate" },
	{ "current is no certificate", "update", FIELD_CURRENT, "x", 0, "current certificate" },
	{ "nothing in use", "update", FIELD_CURRENT, NULL, 0, NULL },
	{ "no sealed key", "update", FIELD_SEALED_KEY, NULL, 0, "sealed key" },
	{ "rollback without key", "rollback", FIELD_SEALED_KEY, NULL, 0, NULL },
	{ "rollback to the unknown", "rollback", FIELD_CERTIFICATE, NULL, 0, NULL },
	{ "no generation", "update", FIELD_GENERATION, NULL, 0, "generation is missing" },
	{ "generation with a slash", "update", FIELD_GENERATION, "../x", 0, "generation or token" },
	{ "generation with a space", "update", FIELD_GENERATION, "a b", 0, "generation or token" },
	{ "no token", "update", FIELD_TOKEN, NULL, 0, "token is missing" },
	{ "token with a quote", "update", FIELD_TOKEN, "a'b", 0, "generation or token" },
	{ "no address to probe", "update", FIELD_TLS_ADDRESS, NULL, 0, "TLS address is missing" },
	{ "no address, host key", "scan-host-key", FIELD_TLS_ADDRESS, NULL, 0, NULL },
	{ "no names", "update", FIELD_TLS_NAME, NULL, 0, NULL },
	{ "no SSH host", "update", FIELD_SSH_HOST, NULL, 0, "SSH host is missing" },
	{ "no SSH host, probe", "probe", FIELD_SSH_HOST, NULL, 0, NULL },
	{ "default port", "update", FIELD_SSH_PORT, NULL, 0, NULL },
	{ "port 0", "update", FIELD_SSH_PORT, "\0\0\0\0\0\0\0\0", 8, "SSH port" },
	{ "port 65535", "update", FIELD_SSH_PORT, "\0\0\0\0\0\0\xff\xff", 8, NULL },
	{ "port 65536", "update", FIELD_SSH_PORT, "\0\0\0\0\0\1\0\0", 8, "SSH port" },
	{ "port of 4 bytes", "update", FIELD_SSH_PORT, "\0\0\0\x16", 4, "SSH port" },
	{ "no user", "update", FIELD_SSH_USER, NULL, 0, "SSH user is missing" },
	{ "no user, host key", "scan-host-key", FIELD_SSH_USER, NULL, 0, NULL },
	{ "no pin", "update", FIELD_SSH_PIN, NULL, 0, NULL },
	{ "no way to log in", "update", FIELD_SSH_AUTH, NULL, 0, "'password', 'key' or 'agent'" },
	{ "another way", "update", FIELD_SSH_AUTH, "hostbased", 0, "'password', 'key' or 'agent'" },
	{ "no password", "update", FIELD_SSH_PASSWORD, NULL, 0, NULL },
	{ "empty password", "update", FIELD_SSH_PASSWORD, "", 0, NULL },
	{ "password with NUL", "update", FIELD_SSH_PASSWORD, "a\0b", 3, "SSH password" },
	{ "confirm of 2^31", "update", FIELD_CONFIRM_WITHIN, "\0\0\0\0\x80\0\0\0", 8, "time to confirm" },
	{ "keep 0", "update", FIELD_KEEP, "\0\0\0\0\0\0\0\0", 8, "at least 1" },
	{ "keep 1", "update", FIELD_KEEP, "\0\0\0\0\0\0\0\1", 8, NULL },
	{ "user of 512", "update", FIELD_SSH_USER, long_text, 512, NULL },
	{ "user of 513", "update", FIELD_SSH_USER, long_text, 513, "SSH user" },
};

static void test_rows(void **state)
{
	struct fixture *f = *state;
	struct chain_made c = chain_make(f, "leaf", "gw.example.test", NULL);

	memset(long_text, 'u', sizeof(long_text));
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		const struct row *row = &rows[i];
		struct job_fields fields = job_fields_of(f, row->kind, &c, &c);
		CLEANUP(job_freep) struct job *j = NULL;
		int r;

		if (row->value)
			job_fields_set(&fields, row->tag, bytes_of(row->value, row->value_n ? row->value_n : strlen(row->value)));
		else
			job_fields_drop(&fields, row->tag);
		r = job_fields_parse(f, &fields, &j);
		if (!row->error && r != 0)
			fail_msg("%s: got %d, %s", row->name, r, err_text(&f->e));
		if (row->error && (r >= 0 || j || !strstr(err_text(&f->e), row->error)))
			fail_msg("%s: got %d, %s", row->name, r, err_text(&f->e));
		if (strstr(err_text(&f->e), "secret"))
			fail_msg("%s: the sentence holds the password", row->name);
	}
	chain_unmake(&c, true);
}

/* One more than the limit of each list. */
static void test_too_many(void **state)
{
	static const struct {
		uint16_t tag;
		const char *value;
		size_t max;
	} lists[] = {
		{ FIELD_TLS_ADDRESS, "127.0.0.1:1", LIMIT_JOB_ADDRESSES_MAX }, { FIELD_SSH_PIN, "SHA256:x", LIMIT_JOB_PINS_MAX },
	};
	struct fixture *f = *state;
	struct chain_made c = chain_make(f, "leaf", "gw.example.test", NULL);

	for (size_t i = 0; i < ARRAY_N(lists); i++) {
		for (size_t n = lists[i].max; n <= lists[i].max + 1; n++) {
			struct job_fields fields = job_fields_of(f, "update", &c, NULL);
			CLEANUP(job_freep) struct job *j = NULL;

			job_fields_drop(&fields, lists[i].tag);
			for (size_t k = 0; k < n; k++)
				job_fields_add(&fields, lists[i].tag, bytes_of_str(lists[i].value));
			want_result(f, lists[i].value, job_fields_parse(f, &fields, &j), n > lists[i].max ? -EINVAL : 0, "want at most");
		}
	}
	chain_unmake(&c, true);
}

/* The descriptor that came along belongs to the job, also when the job is refused. */
static void test_agent_fd(void **state)
{
	struct fixture *f = *state;
	static struct wire_message m;
	struct chain_made c = chain_make(f, "leaf", "gw.example.test", NULL);
	struct job_fields fields = job_fields_of(f, "update", &c, NULL);
	struct job *j = NULL;
	struct buf b;
	char byte;
	int fds[2];

	for (int refused = 0; refused < 2; refused++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		if (refused)
			job_fields_drop(&fields, FIELD_GATEWAY);
		job_fields_write(&fields, &b);
		assert_true(wire_parse(buf_bytes(&b), &m));
		assert_int_equal(job_parse(&m, fds[1], &j, &f->e), refused ? -EINVAL : 0);
		if (!refused)
			job_free(j);
		assert_int_equal(read(fds[0], &byte, 1), 0);
		(void)close(fds[0]);
		buf_wipe(&b);
	}
	chain_unmake(&c, true);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = { TEST(test_whole), TEST(test_rows), TEST(test_too_many), TEST(test_agent_fd) };
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
