/*
 * What our code makes of other people's certificates, as text: the facts of every certificate of the chain and the
 * findings.
 *
 *   facts_tool chain NOW FILE ...              the leaf is the first certificate of the first file, the rest is the
 * pool facts_tool compare NOW CURRENT CANDIDATE POOL ...   each leaf first in its file; is the candidate compatible?
 *
 * NOW is RFC 3339. Keys count as being at hand. Exit status: 0 usable, 1 blocked, 2 not readable.
 */
#include "core/pki/compat.h"
#include "sys/crypto/x509.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX_BYTES (1 << 17)
#define CERTS_MAX 64

static NORETURN void give_up(const char *what, const struct err *e)
{
	printf("refused: %s: %s\n", what, err_text(e));
	exit(2);
}

/* All certificates of a PEM or DER file. */
static size_t load(const char *path, struct arena *a, struct bytes *ders, size_t max)
{
	uint8_t *p = arena_alloc(a, FILE_MAX_BYTES);
	FILE *file = fopen(path, "rbe");
	struct err e = { 0 };
	size_t n, count = 1;

	if (!p || !file) {
		(void)err_errno(&e, "open");
		give_up(path, &e);
	}
	n = fread(p, 1, FILE_MAX_BYTES, file);
	(void)fclose(file);
	if (n > 0 && p[0] == 0x30)
		ders[0] = bytes_of(p, n);
	else if (x509_pem_to_ders(bytes_of(p, n), a, ders, max, &count, &e) < 0)
		give_up(path, &e);
	return count;
}

static void print_facts(const struct cert_facts *c, struct arena *a)
{
	struct x509_field *fields;
	struct err e = { 0 };
	size_t n;

	if (x509_describe(c, a, &fields, &n, &e) < 0)
		give_up("describe", &e);
	for (size_t i = 0; i < n; i++)
		printf("  %s: %s\n", fields[i].name, fields[i].value);
}

static int print_findings(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		printf("%s %s: %s\n", finding_severity_word(finding_severity(f->items[i].id)),
		       finding_word(f->items[i].id), f->items[i].text);
	printf("%s\n", findings_blocked(f) ? "blocked" : "usable");
	return findings_blocked(f) ? 1 : 0;
}

static void build(struct bytes leaf, const struct bytes *pool, size_t n, struct arena *a, struct chain_facts *ret)
{
	struct err e = { 0 };

	if (x509_chain_build(leaf, pool, n, a, ret, &e) < 0)
		give_up("chain", &e);
	ret->has_key = ret->key_matches = true;
}

static int chain(char **files, int n, struct wall_time now, struct arena *a)
{
	struct bytes *ders = arena_alloc_array(a, CERTS_MAX, sizeof(*ders));
	struct chain_facts *c = arena_alloc(a, sizeof(*c));
	struct findings *f = arena_alloc(a, sizeof(*f));
	const struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	size_t count = 0;

	if (!ders || !c || !f)
		return 2;
	for (int i = 0; i < n && count < CERTS_MAX; i++)
		count += load(files[i], a, ders + count, CERTS_MAX - count);
	build(ders[0], ders + 1, count - 1, a, c);
	printf("%zu certificates, %s\n", c->n, c->complete ? "complete" : "incomplete");
	for (size_t i = 0; i < c->n; i++) {
		printf("certificate %zu, signature %s\n", i + 1, c->signature_valid[i] ? "valid" : "not verified");
		print_facts(&c->certs[i], a);
	}
	compat_check(NULL, c, &policy, now, f);
	return print_findings(f);
}

static int compare(char **files, int n, struct wall_time now, struct arena *a)
{
	struct bytes *ders = arena_alloc_array(a, CERTS_MAX, sizeof(*ders));
	struct chain_facts *current = arena_alloc(a, sizeof(*current)), *candidate = arena_alloc(a, sizeof(*candidate));
	struct findings *f = arena_alloc(a, sizeof(*f));
	const struct compat_policy policy = COMPAT_POLICY_DEFAULT;
	struct bytes candidate_leaf;
	size_t count = 0, candidate_at = 0;

	if (!ders || !current || !candidate || !f)
		return 2;
	for (int i = 0; i < n && count < CERTS_MAX; i++) {
		if (i == 1)
			candidate_at = count;
		count += load(files[i], a, ders + count, CERTS_MAX - count);
	}
	candidate_leaf = ders[candidate_at];
	build(ders[0], ders, count, a, current);
	build(candidate_leaf, ders, count, a, candidate);
	compat_check(current, candidate, &policy, now, f);
	return print_findings(f);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct wall_time now;
	int r;

	if (!a || argc < 4 || !time_parse(bytes_of_str(argv[2]), &now)) {
		fprintf(stderr, "usage: facts_tool chain|compare NOW FILE ...\n");
		return 64;
	}
	secret_init();
	if (strcmp(argv[1], "compare") == 0 && argc >= 5)
		r = compare(argv + 3, argc - 3, now, a);
	else
		r = chain(argv + 3, argc - 3, now, a);
	arena_free(a);
	return r;
}
