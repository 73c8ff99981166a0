#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include "sys/ipc/ipc.h"

#include <string.h>
#include <unistd.h>

static struct wall_time bench_now(void *context)
{
	return ((struct bench *)context)->now;
}

static int bench_random(void *context, uint8_t *out, size_t n, struct err *e)
{
	static uint8_t counter = 1;

	(void)context;
	(void)e;
	memset(out, counter++, n);
	return 0;
}

void bench_init(struct bench *b)
{
	struct secret *kek, *seed;

	memset(b, 0, sizeof(*b));
	b->now.s = BENCH_NOW;
	kek = secret_of(bytes_of("0123456789abcdef0123456789abcdef", 32));
	seed = secret_of(bytes_of("the seed of a proof key, 32 byte", 32));
	assert_non_null(kek);
	assert_non_null(seed);
	b->keys = keys_new(kek, seed, (struct keys_world){ bench_now, bench_random, b });
	assert_non_null(b->keys);
	for (enum who who = WHO_PARENT; who <= WHO_DEPLOY; who++) {
		int pair[2];

		assert_int_equal(ipc_pair(pair, &b->e), 0);
		assert_int_equal(keys_add_channel(b->keys, pair[1], who, &b->e), 0);
		b->fds[who] = pair[0];
	}
	buf_init(&b->request, WIRE_MESSAGE_MAX + 100);
	buf_init(&b->answer, WIRE_MESSAGE_MAX);
}

void bench_fini(struct bench *b)
{
	for (enum who who = WHO_PARENT; who <= WHO_DEPLOY; who++)
		(void)close(b->fds[who]);
	keys_free(b->keys);
	buf_fini(&b->request);
	buf_fini(&b->answer);
}

void bench_begin(struct bench *b, uint16_t type)
{
	buf_reset(&b->request);
	wire_begin(&b->request, type, 77);
}

void bench_text(struct bench *b, uint16_t tag, const char *s)
{
	wire_add_str(&b->request, tag, s);
}

void bench_bytes(struct bench *b, uint16_t tag, struct bytes v)
{
	wire_add(&b->request, tag, v);
}

void bench_u64(struct bench *b, uint16_t tag, uint64_t v)
{
	wire_add_u64(&b->request, tag, v);
}

int bench_ask(struct bench *b, enum who who, int fd_along)
{
	struct rd kind;
	int r;

	memset(&b->e, 0, sizeof(b->e));
	assert_int_equal(ipc_send(b->fds[who], &b->request, fd_along, &b->e), 0);
	r = keys_step(b->keys, 1000, &b->e);
	assert_int_equal(r, 0);
	r = ipc_receive(b->fds[who], 0, &b->answer, &b->m, NULL, &b->e);
	assert_int_equal(r, 0);
	assert_int_equal(b->m.id, 77);
	if (b->m.type == MSG_OK)
		return 0;
	assert_int_equal(b->m.type, MSG_REFUSED);
	assert_true(wire_get(&b->m, FIELD_ERROR_TEXT).n > 0);
	kind = rd_of(wire_get(&b->m, FIELD_ERROR_KIND));
	r = (int)rd_be32(&kind);
	assert_true(rd_done(&kind));
	assert_true(r < 0);
	return r;
}

bool bench_has_finding(const struct bench *b, enum finding_id id)
{
	struct bytes line;
	size_t cursor = 0, n = strlen(finding_word(id));

	while (wire_next(&b->m, FIELD_FINDING, &cursor, &line))
		if (line.n > n && memcmp(line.p, finding_word(id), n) == 0 && line.p[n] == '\t')
			return true;
	return false;
}

void bench_begin_issue(struct bench *b, const char *kind, const char *name, const struct issued *issuer, const struct issued *above)
{
	bench_begin(b, MSG_KEYS_ISSUE);
	bench_text(b, FIELD_KIND, kind);
	bench_text(b, FIELD_DISPLAY_NAME, name);
	if (issuer) {
		bench_bytes(b, FIELD_CERTIFICATE, der_of(issuer));
		bench_bytes(b, FIELD_SEALED_KEY, sealed_of(issuer));
	}
	if (above)
		bench_bytes(b, FIELD_CERTIFICATE, der_of(above));
}

void bench_take(const struct bench *b, struct issued *ret)
{
	struct bytes der = wire_get(&b->m, FIELD_CERTIFICATE), sealed = wire_get(&b->m, FIELD_SEALED_KEY);

	assert_in_range(der.n, 1, sizeof(ret->der));
	assert_in_range(sealed.n, 1, sizeof(ret->sealed));
	memcpy(ret->der, der.p, der.n);
	memcpy(ret->sealed, sealed.p, sealed.n);
	ret->der_n = der.n;
	ret->sealed_n = sealed.n;
}

void bench_issue(struct bench *b, const char *kind, const char *name, const struct issued *issuer, const struct issued *above,
		 struct issued *ret)
{
	int r;

	bench_begin_issue(b, kind, name, issuer, above);
	if (strcmp(kind, "end-entity") == 0)
		bench_text(b, FIELD_NAMES, "gw.example.com;192.0.2.1");
	r = bench_ask(b, WHO_MANAGER, -1);
	if (r != 0) {
		struct bytes t = wire_get(&b->m, FIELD_ERROR_TEXT);

		print_error("issue '%s': %.*s\n", name, (int)t.n, (const char *)t.p);
	}
	assert_int_equal(r, 0);
	bench_take(b, ret);
}
