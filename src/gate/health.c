#include "gate/health.h"

#include "codec/http1.h"
#include "codec/json_write.h"
#include "core/pki/name.h"
#include "gatewright-config.h"

int health_facts_set(struct health_facts *f, const struct generation *g, struct err *e)
{
	const struct cert_facts *leaf = g ? generation_leaf(g) : NULL;
	CLEANUP(arena_freep) struct arena *names = arena_new(LIMIT_CONTROL_ANSWER_MAX);
	struct json_writer w;

	health_facts_fini(f);
	f->generation[0] = f->fingerprint[0] = '\0';
	if (!leaf)
		return 0;
	if (!names)
		return err_nomem(e);
	buf_init(&f->subject, LIMIT_GATE_ANSWER_MAX / 4);
	buf_add_str(&f->subject, leaf->subject_text);
	buf_init(&f->names, LIMIT_GATE_ANSWER_MAX * 2);
	json_begin(&w, &f->names);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < leaf->names_n; i++)
		json_put_str(&w, NULL, name_text(&leaf->names[i], names));
	json_close_array(&w);
	if (!json_done(&w) || buf_bad(&f->subject))
		return err_nomem(e);
	f->not_after = leaf->not_after;
	memcpy(f->fingerprint, g->fingerprint, sizeof(f->fingerprint));
	memcpy(f->generation, g->id, sizeof(f->generation));
	return 0;
}

void health_facts_fini(struct health_facts *f)
{
	buf_fini(&f->subject);
	buf_fini(&f->names);
}

static void put_served(struct json_writer *w, const struct health_facts *f, struct wall_time now)
{
	char time[TIME_TEXT_MAX];

	json_put_str(w, "generation", f->generation);
	json_put_str(w, "fingerprint", f->fingerprint);
	json_put_bytes(w, "subject", buf_bytes(&f->subject));
	json_put_json(w, "names", buf_bytes(&f->names));
	json_put_str(w, "not_after", time_format(f->not_after, time));
	json_put_int(w, "days_left", time_days_left(now, f->not_after));
}

static void put_pending(struct json_writer *w, const struct health_facts *f, struct mono_time mono)
{
	int64_t left_ms = f->due.ms - mono.ms;

	/* The old one is served again already: nothing is waited for. */
	if (!f->pending || strcmp(f->old_id, f->generation) == 0) {
		json_put_null(w, "pending");
		return;
	}
	json_open_object(w, "pending");
	json_put_str(w, "generation", f->generation);
	json_put_str(w, "old", f->old_id);
	json_put_int(w, "seconds_left", left_ms > 0 ? (left_ms + 999) / 1000 : 0);
	json_close_object(w);
}

/* "expired" is still served, as the best there is; a monitor must see it. */
static const char *status_word(const struct health_facts *f, struct wall_time now)
{
	return now.s > f->not_after.s ? "expired" : "ok";
}

static void write_report(const struct health_facts *f, struct health_moment m, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_open_object(&w, NULL);
	json_put_str(&w, "status", status_word(f, m.now));
	put_served(&w, f, m.now);
	put_pending(&w, f, m.mono);
	json_put_int(&w, "uptime", m.uptime_s);
	json_put_int(&w, "connections", (int64_t)m.connections);
	json_put_str(&w, "version", GATEWRIGHT_VERSION);
	json_close_object(&w);
	if (!json_done(&w))
		out->bad = true;
}

static void write_response(int status, const char *type, const struct buf *body, bool head_only, bool last,
			   struct buf *out)
{
	if (buf_bad(body))
		out->bad = true;
	buf_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n",
		   status, http1_reason(status), type, body->n);
	if (status == 405)
		buf_add_str(out, "Allow: GET, HEAD\r\n");
	if (last)
		buf_add_str(out, "Connection: close\r\n");
	buf_add_str(out, "\r\n");
	if (!head_only)
		buf_add(out, buf_bytes(body));
}

void health_answer(const struct health_facts *f, struct health_moment m, bool head_only, bool last, struct buf *out)
{
	struct buf body;

	buf_init(&body, LIMIT_GATE_ANSWER_MAX * 2);
	write_report(f, m, &body);
	write_response(200, "application/json", &body, head_only, last, out);
	buf_fini(&body);
}

void health_problem(int status, const char *why, bool head_only, bool last, struct buf *out)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, 4096);
	json_begin(&w, &body);
	json_open_object(&w, NULL);
	json_put_str(&w, "type", "about:blank");
	json_put_str(&w, "title", http1_reason(status));
	json_put_int(&w, "status", status);
	json_put_str(&w, "detail", why);
	json_close_object(&w);
	if (!json_done(&w))
		body.bad = true;
	write_response(status, "application/problem+json", &body, head_only, last, out);
	buf_fini(&body);
}
