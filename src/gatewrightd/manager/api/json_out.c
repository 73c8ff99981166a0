#include "gatewrightd/manager/api/json_out.h"

#include "codec/hex.h"

#include <string.h>

json_t *json_time(struct wall_time t)
{
	char text[TIME_TEXT_MAX];

	return t.s == 0 ? json_null() : json_string(time_format(t, text));
}

json_t *json_id(int64_t id)
{
	return id == 0 ? json_null() : json_integer(id);
}

json_t *json_words(const char *list)
{
	json_t *ret = json_array();

	while (*list) {
		size_t n = strcspn(list, ";");

		(void)json_array_append_new(ret, json_stringn(list, n));
		list += n + (list[n] == ';');
	}
	return ret;
}

json_t *json_hex(const uint8_t *p, size_t n)
{
	char hex[2 * FINGERPRINT_SIZE + 1];

	return n <= FINGERPRINT_SIZE ? json_string(hex_encode(bytes_of(p, n), hex)) : json_null();
}

json_t *json_findings(const struct finding *items, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
					    json_pack("{ss,ss,ss,ss}", "id", finding_word(items[i].id), "severity",
						      finding_severity_word(finding_severity(items[i].id)), "field",
						      finding_field(items[i].id), "text", items[i].text));
	return list;
}

json_t *json_stored(const char *text)
{
	json_t *v = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

	return v ? v : json_null();
}

json_t *json_step(const struct store_step *s)
{
	return json_pack("{sI,ss,ss,ss,ss?,ss?,so,so,so}", "n", (json_int_t)s->n, "state", s->state, "text", s->text,
			 "outcome", s->outcome, "detail", s->detail, "host_output", s->host_output, "started_at",
			 json_time(s->started_at), "ended_at", json_time(s->ended_at), "time_ms",
			 s->ended_at.s != 0 ? json_integer(s->time_ms) : json_null());
}

json_t *json_job(const struct store_job *j, bool has_proof, const struct store_step *steps, size_t steps_n)
{
	json_t *ret = json_pack(
		"{sI,ss,ss,so,so,ss,sb,ss?,ss,so,so,so,so,sb,ss?,ss?,so}", "id", (json_int_t)j->id, "kind", j->kind,
		"gateway", j->gateway, "certificate", json_id(j->cert_id), "previous", json_id(j->previous_id), "state",
		j->state, "done", (int)j->done, "outcome", j->outcome, "detail", j->detail, "created_at",
		json_time(j->created_at), "finished_at", json_time(j->finished_at), "served_fingerprint",
		j->has_served ? json_hex(j->served, FINGERPRINT_SIZE) : json_null(), "deadline",
		json_time((struct wall_time) { j->deadline }), "proof", (int)has_proof, "generation", j->generation,
		"old_generation", j->old_generation, "findings", json_stored(j->findings));
	json_t *list = steps ? json_array() : NULL;

	for (size_t i = 0; i < steps_n && list; i++)
		(void)json_array_append_new(list, json_step(&steps[i]));
	if (list)
		(void)json_object_set_new(ret, "steps", list);
	return ret;
}
