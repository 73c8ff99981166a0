/* A probe as JSON: docs/api.md, "probe". */
#include "gatewrightd/deploy/probe_round.h"

#include "codec/hex.h"
#include "codec/wire.h"
#include "core/pki/name.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ROUND_TO_US 1000.0

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *names(const struct cert_facts *leaf, struct arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < leaf->names_n; i++)
		(void)json_array_append_new(list, json_string(name_text(&leaf->names[i], a)));
	return list;
}

static json_t *chain(const struct tls_seen *seen)
{
	json_t *list = json_array();

	for (size_t i = 0; i < seen->n; i++) {
		struct buf pem;

		buf_init(&pem, 2 * X509_DER_MAX);
		if (x509_der_to_pem(seen->certs[i], &pem, NULL) == 0 && !buf_bad(&pem))
			(void)json_array_append_new(list, json_stringn((const char *)pem.p, pem.n));
		buf_fini(&pem);
	}
	return list;
}

/* What a round of many probes leaves out so that one message holds all of them; each leaves out more. */
enum detail { DETAIL_ALL, DETAIL_NO_CHAIN, DETAIL_NO_NAMES, DETAIL_LEAST };

static void add_seen(json_t *o, const struct probe *p, struct wall_time now, enum detail detail, struct arena *a)
{
	char print[2 * FINGERPRINT_SIZE + 1];

	(void)hex_encode(bytes_of(p->leaf.fingerprint, FINGERPRINT_SIZE), print);
	(void)json_object_set_new(o, "fingerprint", json_string(print));
	(void)json_object_set_new(o, "names", detail < DETAIL_NO_NAMES ? names(&p->leaf, a) : json_array());
	(void)json_object_set_new(o, "protocol", text_or_null(p->seen.protocol));
	(void)json_object_set_new(o, "cipher", text_or_null(p->seen.cipher));
	(void)json_object_set_new(o, "handshake_ms",
				  json_real((double)(long)(p->seen.handshake_ms * ROUND_TO_US) / ROUND_TO_US));
	(void)json_object_set_new(o, "chain", detail < DETAIL_NO_CHAIN ? chain(&p->seen) : json_array());
	(void)json_object_set_new(o, "days_left", json_integer(time_days_left(now, p->leaf.not_after)));
}

static void add_unseen(json_t *o)
{
	static const char *const nothing[] = { "fingerprint", "protocol", "cipher", "handshake_ms", "days_left" };

	for (size_t i = 0; i < ARRAY_N(nothing); i++)
		(void)json_object_set_new(o, nothing[i], json_null());
	(void)json_object_set_new(o, "names", json_array());
	(void)json_object_set_new(o, "chain", json_array());
}

static const char *trouble(const struct probe *p, enum detail detail)
{
	return p->trouble && detail == DETAIL_LEAST ? "not what is wanted (a message holds no more of it)" : p->trouble;
}

static char *probe_text(const struct probe *p, struct wall_time now, enum detail detail, struct arena *a)
{
	json_t *o = json_object();
	char *text;

	(void)json_object_set_new(o, "address", json_string(p->address));
	(void)json_object_set_new(o, "server_name", text_or_null(p->name));
	(void)json_object_set_new(o, "ok", json_boolean(p->handshake && !p->trouble));
	(void)json_object_set_new(o, "error", text_or_null(trouble(p, detail)));
	if (p->handshake)
		add_seen(o, p, now, detail, a);
	else
		add_unseen(o);
	text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(o);
	return text;
}

/* Keep `text` (taken) in the arena as *ret. */
static bool keep(char *text, struct arena *a, struct bytes *ret)
{
	bool kept = text && arena_bytes(a, bytes_of_str(text), ret);

	free(text);
	return kept;
}

/* The text of `p` with the most detail of which at most `room` bytes come; at least *detail is left out, and what was
 * is left out of later ones too. */
static bool grow(const struct probe *p, struct wall_time now, size_t room, enum detail *detail, struct arena *a,
		 struct bytes *ret)
{
	for (; *detail < DETAIL_LEAST; (*detail)++) {
		char *text = probe_text(p, now, *detail, a);

		if (text && strlen(text) <= room)
			return keep(text, a, ret);
		free(text);
	}
	return true;
}

int probe_round_json(const struct probe_round *r, struct wall_time now, size_t max, struct bytes **ret, struct err *e)
{
	struct bytes *list = arena_alloc_array(r->arena, r->n > 0 ? r->n : 1, sizeof(*list));
	enum detail detail = DETAIL_ALL;
	size_t total = r->n * WIRE_FIELD_HEAD;

	if (!list)
		return err_nomem(e);
	for (size_t i = 0; i < r->n; i++) {
		if (!keep(probe_text(&r->items[i], now, DETAIL_LEAST, r->arena), r->arena, &list[i]))
			return err_nomem(e);
		total += list[i].n;
	}
	for (size_t i = 0; i < r->n && total < max; i++) {
		size_t least = list[i].n;

		if (!grow(&r->items[i], now, max - total + least, &detail, r->arena, &list[i]))
			return err_nomem(e);
		total += list[i].n - least;
	}
	*ret = list;
	return 0;
}
