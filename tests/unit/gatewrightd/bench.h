/* A keys process without a process: the server and a channel to it of each kind of asker, driven step by step. */
#ifndef GW_TESTS_GATEWRIGHTD_BENCH_H
#define GW_TESTS_GATEWRIGHTD_BENCH_H

#include "gatewrightd/keys/keys.h"

#define BENCH_NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */

struct bench {
	struct keys *keys;
	struct wall_time now;
	int fds[WHO_DEPLOY + 1]; /* our ends, by enum who */
	struct buf request, answer;
	struct wire_message m; /* the last answer; views live in `answer` */
	struct err e;
};

void bench_init(struct bench *b);
void bench_fini(struct bench *b);

/* Build a request, then ask. Strings NULL add nothing. */
void bench_begin(struct bench *b, uint16_t type);
void bench_text(struct bench *b, uint16_t tag, const char *s);
void bench_bytes(struct bench *b, uint16_t tag, struct bytes v);
void bench_u64(struct bench *b, uint16_t tag, uint64_t v);

/* 0, or the negative kind of the refusal. `fd_along` -1: none. */
int bench_ask(struct bench *b, enum who who, int fd_along);
bool bench_has_finding(const struct bench *b, enum finding_id id);

/* A certificate that was issued, kept by the caller. */
struct issued {
	uint8_t der[8192], sealed[8192];
	size_t der_n, sealed_n;
};

/* Ask for one; `issuer` NULL for a root, `above` NULL or the certificate above the issuer. Fails the test when refused. */
void bench_issue(struct bench *b, const char *kind, const char *name, const struct issued *issuer, const struct issued *above,
		 struct issued *ret);
void bench_begin_issue(struct bench *b, const char *kind, const char *name, const struct issued *issuer, const struct issued *above);
void bench_take(const struct bench *b, struct issued *ret);

static inline struct bytes der_of(const struct issued *i)
{
	return bytes_of(i->der, i->der_n);
}

static inline struct bytes sealed_of(const struct issued *i)
{
	return bytes_of(i->sealed, i->sealed_n);
}

#endif
