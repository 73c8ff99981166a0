/* What the tests of gatewrightd/deploy share: two chains below one root, a stranger's, and job messages. */
#ifndef GW_TESTS_GATEWRIGHTD_DEPLOY_BENCH_H
#define GW_TESTS_GATEWRIGHTD_DEPLOY_BENCH_H

#include "../crypto/fixture.h"
#include "codec/wire.h"
#include "gatewrightd/deploy/job.h"
#include "gatewrightd/messages.h"

struct chain_made {
	struct made leaf, middle, root;
	struct chain_facts *facts; /* with the root */
	struct secret *key_pem;	   /* of the leaf */
};

/* `names` of the leaf, by ";". With `above` it lies below that one's intermediate. In the fixture's arena but for the keys. */
struct chain_made chain_make(struct fixture *f, const char *display_name, const char *names, const struct chain_made *above);
void chain_unmake(struct chain_made *c, bool with_authority);

/* A target whose key stands in one file with its chain; the job's own has a file of each other form. */
extern const char target_bundle_text[];

/* The fields of a whole update job, each in a row that a test can leave out or replace. */
struct job_field {
	uint16_t tag;
	struct bytes value;
};
#define JOB_FIELDS_MAX 40
struct job_fields {
	struct job_field list[JOB_FIELDS_MAX];
	size_t n;
};
struct job_fields job_fields_of(struct fixture *f, const char *kind, const struct chain_made *fresh, const struct chain_made *current);
void job_fields_drop(struct job_fields *j, uint16_t tag);
void job_fields_set(struct job_fields *j, uint16_t tag, struct bytes value); /* replaces, or adds */
void job_fields_add(struct job_fields *j, uint16_t tag, struct bytes value);
struct bytes u64_field(struct fixture *f, uint64_t v);

/* As a message; buf_wipe() by the caller. */
void job_fields_write(const struct job_fields *j, struct buf *out);

/* Parsed; the result of job_parse(). */
int job_fields_parse(struct fixture *f, const struct job_fields *j, struct job **ret);

#endif
