/* What the store's tests share: a store in a folder of its own, and certificates made up. */
#ifndef GW_TESTS_STORE_TEST_H
#define GW_TESTS_STORE_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sys/store/certificates.h"
#include "sys/store/gateways.h"
#include "sys/store/internal.h"
#include "sys/store/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct arena *a;
	struct err e;
};

#define OK(call)                                                                 \
	do {                                                                     \
		int r__ = (call);                                                \
		if (r__ != 0)                                                    \
			fail_msg("%s: got %d: %s", #call, r__, err_text(&f->e)); \
	} while (0)

static inline int fixture_open(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/gw-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/test.db", f->dir);
	f->a = arena_new(64 * 1024 * 1024);
	assert_non_null(f->a);
	OK(store_open(f->path, &f->s, &f->e));
	*state = f;
	return 0;
}

static inline void remove_dir(const char *dir)
{
	static const char *const files[] = { "test.db", "test.db-wal", "test.db-shm" };
	char path[128];

	for (size_t i = 0; i < ARRAY_N(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static inline int fixture_close(void **state)
{
	struct fixture *f = *state;

	store_close(f->s);
	arena_free(f->a);
	remove_dir(f->dir);
	free(f);
	return 0;
}

/* Another fingerprint for each `n`. */
static inline struct store_cert made_up(int n, enum cert_kind kind, int64_t issuer, const char *display,
					const char *names)
{
	static uint8_t der[4];
	static char serial[16][24]; /* of the last ones */
	struct store_cert c = { .kind = kind,
				.display_name = display,
				.subject = "CN=x",
				.names = names,
				.not_before = { 1000 },
				.not_after = { 2000000000 + n },
				.key_spec = "ec-p256",
				.issuer_id = issuer,
				.created_at = { 5000 } };

	memcpy(der, "der", 4);
	(void)snprintf(serial[n % 16], sizeof(serial[0]), "a1b2c3d4e5f6%04x", (unsigned int)n);
	c.serial = serial[n % 16];
	memcpy(c.fingerprint, &n, sizeof(n));
	c.der = bytes_of(der, sizeof(der));
	c.subject_der = bytes_of("\x30\x00", 2);
	return c;
}

static inline int64_t add_cert(struct fixture *f, int n, enum cert_kind kind, int64_t issuer, const char *display,
			       const char *names)
{
	struct store_cert c = made_up(n, kind, issuer, display, names);
	int64_t id = 0;

	OK(store_cert_add(f->s, &c, &id, &f->e));
	return id;
}

static inline int64_t add_gateway(struct fixture *f, const char *name)
{
	struct store_gateway g = { .name = name,
				   .target = "nginx",
				   .params = "{}",
				   .tls = "[\"127.0.0.1:1\"]",
				   .server_names = "[]",
				   .ssh_host = "h",
				   .ssh_port = 22,
				   .ssh_user = "root",
				   .created_at = { 1 } };
	int64_t id = 0;

	OK(store_gateway_add(f->s, &g, &id, &f->e));
	return id;
}

static inline int64_t add_job(struct fixture *f, int64_t gateway, int64_t cert)
{
	struct store_job j = {
		.kind = "update", .gateway_id = gateway, .gateway = "g", .cert_id = cert, .created_at = { 7 }
	};
	int64_t id = 0;

	OK(store_job_add(f->s, &j, &id, &f->e));
	return id;
}

static inline int finish(struct fixture *f, int64_t job, const char *state)
{
	struct store_job j = { .id = job, .state = state, .outcome = state, .detail = "d", .finished_at = { 9 } };

	return store_job_finish(f->s, &j, &f->e);
}

#endif
