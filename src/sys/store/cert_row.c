/* A certificate's row, the words it is found by, and keeping one. */
#include "sys/store/cert_row.h"

#include "codec/hex.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 253  /* bytes of a word that is searched for: the longest host name */
#define WORDS_MAX 300 /* of one certificate */

bool cert_from_row(struct query *q, struct arena *a, struct store_cert *ret)
{
	*ret = (struct store_cert) {
		.id = column_i64(q, 0),
		.kind = (enum cert_kind)column_i64(q, 1),
		.display_name = column_text(q, 2, a),
		.subject = column_text(q, 3, a),
		.holder = column_text(q, 4, a),
		.organization = column_text(q, 5, a),
		.locality = column_text(q, 6, a),
		.country = column_text(q, 7, a),
		.names = column_text(q, 8, a),
		.serial = column_text(q, 9, a),
		.not_before = { column_i64(q, 10) },
		.not_after = { column_i64(q, 11) },
		.key_spec = column_text(q, 12, a),
		.issuer_id = column_i64(q, 13),
		.root_id = column_i64(q, 14),
		.predecessor_id = column_i64(q, 15),
		.revoked = column_i64(q, 16) != 0,
		.used = column_i64(q, 17),
		.created_at = { column_i64(q, 18) },
		.has_key = column_i64(q, 21) != 0,
		.tree_path = column_text(q, 22, a),
		.children = column_i64(q, 23),
	};
	column_copy(q, 19, ret->fingerprint, FINGERPRINT_SIZE);
	column_copy(q, 20, ret->spki_sha256, FINGERPRINT_SIZE);
	return ret->display_name && ret->subject && ret->names && ret->serial && ret->key_spec && ret->tree_path;
}

int cert_one(struct query *q, struct arena *a, struct store_cert *ret, struct err *e)
{
	int r = query_row(q, e);

	if (r > 0)
		r = cert_from_row(q, a, ret) ? 0 : err_nomem(e);
	else if (r == 0)
		r = 1;
	query_end(q);
	return r;
}

void word_lower(char *out, size_t size, struct bytes word)
{
	size_t n = word.n < size - 1 ? word.n : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + ('a' - 'A') : word.p[i]);
	out[n] = '\0';
}

static int add_word(struct store *s, int64_t id, struct bytes word, struct err *e)
{
	char lower[WORD_MAX + 1];
	struct query q;

	word = bytes_trim(word);
	if (word.n == 0)
		return 0;
	word_lower(lower, sizeof(lower), word);
	query_begin(&q, s, ST_CERT_WORD_ADD);
	query_text(&q, lower);
	query_i64(&q, id);
	return query_run(&q, NULL, e);
}

/* Each piece of `text` between `delimiter`s. */
static int add_words(struct store *s, int64_t id, const char *text, uint8_t delimiter, struct err *e)
{
	struct bytes rest = bytes_of_str(text);
	int r = 0;

	for (size_t n = 0; r == 0 && rest.n > 0 && n < WORDS_MAX; n++) {
		const uint8_t *end = memchr(rest.p, delimiter, rest.n);
		size_t len = end ? (size_t)(end - rest.p) : rest.n;

		r = add_word(s, id, bytes_of(rest.p, len), e);
		rest = bytes_of(rest.p + len + (end ? 1 : 0), rest.n - len - (end ? 1 : 0));
	}
	return r;
}

static int add_all_words(struct store *s, int64_t id, const struct store_cert *c, struct err *e)
{
	char hex[2 * FINGERPRINT_SIZE + 1];
	int r = add_words(s, id, c->names, ';', e);

	if (r == 0)
		r = add_words(s, id, c->display_name, ' ', e);
	if (r == 0)
		r = add_word(s, id, bytes_of_str(c->display_name), e);
	if (r == 0)
		r = add_word(s, id, bytes_of_str(hex_encode(bytes_of(c->fingerprint, FINGERPRINT_SIZE), hex)), e);
	if (r == 0)
		r = add_word(s, id, bytes_of_str(c->serial), e);
	return r;
}

/* The place in the tree, from the issuer's. */
struct place {
	char path[9 * FACTS_CHAIN_MAX + 1];
	int64_t root_id;
};

static int place_below(struct store *s, int64_t issuer_id, int64_t id, struct place *ret, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(64 * 1024);
	struct store_cert issuer = { 0 };
	int r;

	ret->root_id = id;
	if (issuer_id == 0) {
		(void)snprintf(ret->path, sizeof(ret->path), "%08llx", (unsigned long long)id);
		return 0;
	}
	r = a ? store_cert_get(s, issuer_id, a, &issuer, e) : err_nomem(e);
	if (r > 0)
		return err_set(e, -ENOENT, "store: want an issuer that is kept, got number %lld", (long long)issuer_id);
	if (r < 0)
		return r;
	if (strlen(issuer.tree_path) + 10 > sizeof(ret->path))
		return err_set(e, -EINVAL, "store: want a chain of at most %d certificates", FACTS_CHAIN_MAX);
	(void)snprintf(ret->path, sizeof(ret->path), "%s/%08llx", issuer.tree_path, (unsigned long long)id);
	ret->root_id = issuer.root_id;
	return 0;
}

static int insert(struct store *s, const struct store_cert *c, int64_t id, const struct place *place, struct err *e)
{
	struct query q;

	query_begin(&q, s, ST_CERT_ADD);
	query_i64(&q, id);
	query_i64(&q, c->kind);
	query_text(&q, c->display_name ? c->display_name : "");
	query_text(&q, c->subject ? c->subject : "");
	query_text(&q, c->holder);
	query_text(&q, c->organization);
	query_text(&q, c->locality);
	query_text(&q, c->country);
	query_text(&q, c->names ? c->names : "");
	query_text(&q, c->serial);
	query_i64(&q, c->not_before.s);
	query_i64(&q, c->not_after.s);
	query_text(&q, c->key_spec);
	query_i64_or_null(&q, c->issuer_id);
	query_i64(&q, place->root_id);
	query_i64_or_null(&q, c->predecessor_id);
	query_text(&q, place->path);
	query_i64(&q, c->created_at.s);
	query_bytes(&q, bytes_of(c->fingerprint, FINGERPRINT_SIZE));
	query_bytes(&q, bytes_of(c->spki_sha256, FINGERPRINT_SIZE));
	query_bytes(&q, c->subject_der);
	query_bytes(&q, c->der);
	query_bytes(&q, c->sealed_key);
	return query_run(&q, NULL, e);
}

/* 1 and its number when the fingerprint is there. */
static int find_duplicate(struct store *s, const struct store_cert *c, int64_t *ret_id, struct err *e)
{
	struct query q;
	int r;

	query_begin(&q, s, ST_CERT_BY_FINGERPRINT);
	query_bytes(&q, bytes_of(c->fingerprint, FINGERPRINT_SIZE));
	r = query_row(&q, e);
	if (r > 0)
		*ret_id = column_i64(&q, 0);
	query_end(&q);
	return r;
}

static int run_of(struct store *s, enum statement which, int64_t id, struct err *e)
{
	struct query q;

	query_begin(&q, s, which);
	query_i64(&q, id);
	return query_run(&q, NULL, e);
}

static int add(struct store *s, const struct store_cert *c, int64_t *ret_id, struct err *e)
{
	struct place place;
	int64_t id = 0;
	int r = find_duplicate(s, c, ret_id, e);

	if (r == 0)
		r = counter_next(s, "certificate", &id, e);
	else
		return r;
	if (r == 0)
		r = place_below(s, c->issuer_id, id, &place, e);
	if (r == 0)
		r = insert(s, c, id, &place, e);
	if (r == 0)
		r = add_all_words(s, id, c, e);
	if (r == 0)
		r = run_of(s, ST_CERT_TEXT_ADD, id, e);
	if (r == 0 && c->issuer_id != 0)
		r = run_of(s, ST_CERT_CHILD_COUNT, c->issuer_id, e);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_cert_add(struct store *s, const struct store_cert *c, int64_t *ret_id, struct err *e)
{
	int r = store_begin(s, e);

	return r < 0 ? r : store_end(s, add(s, c, ret_id, e), e);
}
