#include "gatewrightd/manager/jobs/probes.h"

#include "codec/hex.h"
#include "gatewrightd/messages.h"
#include "sys/store/certificates.h"
#include "sys/store/gateways.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TROUBLE_MAX 256

static json_t *load(const char *list)
{
	json_t *v = list ? json_loads(list, 0, NULL) : NULL;

	if (v && !json_is_array(v)) {
		json_decref(v);
		v = NULL;
	}
	return v;
}

int probes_take(const struct wire_message *m, char **ret, struct err *e)
{
	json_t *list = json_array();
	struct bytes text;
	size_t cursor = 0;
	char *out;
	int r = list ? 0 : err_nomem(e);

	while (r == 0 && wire_next(m, FIELD_PROBE, &cursor, &text)) {
		json_t *probe = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);

		if (!json_is_object(probe) || json_array_size(list) >= PROBES_MAX)
			r = err_set(e, -EPROTO,
				    "the deploy process reported a probe that is no JSON object, or too many");
		else
			(void)json_array_append(list, probe);
		json_decref(probe);
	}
	out = r == 0 ? json_dumps(list, JSON_COMPACT) : NULL;
	if (r == 0 && !out)
		r = err_nomem(e);
	if (r == 0) { /* out of jansson's allocator, so that free() takes it */
		*ret = strdup(out);
		r = *ret ? 0 : err_nomem(e);
	}
	if (out) {
		json_free_t release = NULL;

		json_get_alloc_funcs(NULL, &release);
		release(out);
	}
	json_decref(list);
	return r;
}

/* NULL: the probe had no handshake. */
static const char *fingerprint_of(const json_t *probe)
{
	return json_string_value(json_object_get(probe, "fingerprint"));
}

void probes_count(const char *text, int64_t *tried, int64_t *lost)
{
	json_t *list = load(text);

	for (size_t i = 0; i < json_array_size(list); i++) {
		(*tried)++;
		*lost += fingerprint_of(json_array_get(list, i)) == NULL;
	}
	json_decref(list);
}

static bool decode(const char *hex, uint8_t ret[FINGERPRINT_SIZE])
{
	return hex && hex_decode(bytes_of_str(hex), ret, FINGERPRINT_SIZE);
}

bool probes_served(const char *text, uint8_t ret[FINGERPRINT_SIZE])
{
	json_t *list = load(text);
	bool same = json_array_size(list) > 0;

	for (size_t i = 0; same && i < json_array_size(list); i++) {
		uint8_t one[FINGERPRINT_SIZE];

		same = decode(fingerprint_of(json_array_get(list, i)), one) &&
		       (i == 0 || memcmp(one, ret, sizeof(one)) == 0);
		if (same)
			memcpy(ret, one, sizeof(one));
	}
	json_decref(list);
	return same;
}

static enum update_seen judge_one(const json_t *probe, const uint8_t *new_fingerprint, const uint8_t *old_fingerprint)
{
	uint8_t one[FINGERPRINT_SIZE];
	const char *hex = fingerprint_of(probe);

	if (!hex)
		return SEEN_UNREACHABLE;
	if (!decode(hex, one))
		return SEEN_OTHER;
	if (old_fingerprint && memcmp(one, old_fingerprint, sizeof(one)) == 0)
		return SEEN_OLD;
	if (new_fingerprint && memcmp(one, new_fingerprint, sizeof(one)) == 0 &&
	    json_is_true(json_object_get(probe, "ok")))
		return SEEN_NEW;
	return SEEN_OTHER;
}

enum update_seen probes_judge(const char *text, const uint8_t *new_fingerprint, const uint8_t *old_fingerprint)
{
	json_t *list = load(text);
	enum update_seen worst = json_array_size(list) > 0 ? SEEN_NEW : SEEN_UNREACHABLE;
	bool some_new = false;

	for (size_t i = 0; i < json_array_size(list); i++) {
		enum update_seen one = judge_one(json_array_get(list, i), new_fingerprint, old_fingerprint);

		worst = one > worst ? one : worst;
		some_new = some_new || one == SEEN_NEW;
	}
	json_decref(list);
	return worst == SEEN_OLD && some_new ? SEEN_OTHER : worst;
}

void probes_trouble(const char *text, char *out, size_t size)
{
	json_t *list = load(text);

	out[0] = '\0';
	for (size_t i = 0; !out[0] && i < json_array_size(list); i++) {
		const char *error = json_string_value(json_object_get(json_array_get(list, i), "error"));

		if (error)
			(void)snprintf(out, size, "%s", error);
	}
	json_decref(list);
}

static bool all_ok(const char *text)
{
	json_t *list = load(text);
	bool ok = json_array_size(list) > 0;

	for (size_t i = 0; ok && i < json_array_size(list); i++)
		ok = json_is_true(json_object_get(json_array_get(list, i), "ok"));
	json_decref(list);
	return ok;
}

int probes_keep(struct store *s, int64_t gateway_id, int64_t job_id, const char *phase, const char *list,
		struct wall_time at, struct err *e)
{
	bool ok = all_ok(list);
	char trouble[TROUBLE_MAX];

	probes_trouble(list, trouble, sizeof(trouble));
	if (!trouble[0])
		(void)snprintf(trouble, sizeof(trouble), "its last probe saw nothing");
	return store_probe_add(s, gateway_id, job_id, phase, at, list, ok ? NULL : trouble, e);
}

struct in_use {
	int64_t ids[PROBES_MAX];
	size_t n;
};

static void add_once(struct in_use *u, int64_t id)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->ids[i] == id)
			return;
	if (u->n < PROBES_MAX)
		u->ids[u->n++] = id;
}

/* 1: one had no handshake. */
static int find_served(struct store *s, const json_t *list, struct in_use *ret, struct err *e)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new(256 * 1024);
		uint8_t fingerprint[FINGERPRINT_SIZE];
		struct store_cert row = { 0 };
		int r;

		if (!a)
			return err_nomem(e);
		if (!decode(fingerprint_of(json_array_get(list, i)), fingerprint))
			return 1;
		r = store_cert_by_fingerprint(s, fingerprint, a, &row, e);
		if (r < 0)
			return r;
		if (r == 0)
			add_once(ret, row.id);
	}
	return 0;
}

int probes_set_use(struct store *s, int64_t gateway_id, const char *text, struct wall_time at, struct err *e)
{
	struct in_use *found = calloc(1, sizeof(*found));
	json_t *list = load(text);
	int r = 0;

	if (!found)
		r = err_nomem(e);
	else if (json_array_size(list) > 0)
		r = find_served(s, list, found, e);
	if (r == 0 && json_array_size(list) > 0)
		r = store_use_set(s, gateway_id, found->ids, found->n, at, "probe", e);
	json_decref(list);
	free(found);
	return r < 0 ? r : 0;
}
