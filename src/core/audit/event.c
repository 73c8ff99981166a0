#include "core/audit/audit.h"

#include "base/rd.h"
#include "codec/hex.h"
#include "codec/json_write.h"

#define ASCII_MAX 2048 /* longer than any sentence */

static const char *const action_words[AUDIT_ACTION_N] = {
#define AUDIT_ACTION(symbol, word, meaning) [AUDIT_##symbol] = (word),
#include "audit.def"
#undef AUDIT_ACTION
};

const char *audit_action_word(enum audit_action action)
{
	return action_words[action];
}

bool audit_action_is_word(const char *word)
{
	for (size_t i = 0; i < AUDIT_ACTION_N; i++)
		if (strcmp(word, action_words[i]) == 0)
			return true;
	return false;
}

/* A sentence may have been cut within a character; that must not keep an event from being written. */
static void put_text(struct json_writer *w, const char *key, const char *text)
{
	char ascii[ASCII_MAX];
	size_t n = 0;

	if (!text || bytes_is_utf8(bytes_of_str(text))) {
		json_put_str(w, key, text);
		return;
	}
	for (; text[n] && n < sizeof(ascii) - 1; n++)
		ascii[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
	ascii[n] = '\0';
	json_put_str(w, key, ascii);
}

static void put_json(struct json_writer *w, const char *key, struct bytes json)
{
	if (json.n == 0)
		json_put_null(w, key);
	else if (json_is_valid(json))
		json_put_json(w, key, json);
	else
		w->bad = true;
}

void audit_event_text(const struct audit_event *event, struct buf *out)
{
	char at[TIME_TEXT_MAX];
	struct json_writer w;

	json_begin(&w, out);
	json_open_object(&w, NULL);
	json_put_int(&w, "n", event->n);
	json_put_str(&w, "at", time_format(event->at, at));
	put_text(&w, "actor", event->actor);
	put_text(&w, "address", event->address);
	put_text(&w, "action", event->action);
	put_text(&w, "object", event->object);
	put_text(&w, "outcome", event->outcome);
	put_text(&w, "detail", event->detail);
	put_json(&w, "before", event->before);
	put_json(&w, "after", event->after);
	json_close_object(&w);
	if (!json_done(&w))
		out->bad = true;
}

/* ,"hash":"..."} in place of the brace at the end. */
#define HASH_BEGIN ",\"hash\":\""
#define HASH_END "\"}"
#define HASH_TAIL (sizeof(HASH_BEGIN) - 1 + 2 * AUDIT_HASH_SIZE + sizeof(HASH_END) - 1)

void audit_line(struct bytes text, const uint8_t hash[AUDIT_HASH_SIZE], struct buf *out)
{
	char hex[2 * AUDIT_HASH_SIZE + 1];

	buf_add(out, bytes_of(text.p, text.n > 0 ? text.n - 1 : 0));
	buf_add_str(out, HASH_BEGIN);
	buf_add_str(out, hex_encode(bytes_of(hash, AUDIT_HASH_SIZE), hex));
	buf_add_str(out, HASH_END);
}

bool audit_line_split(struct bytes line, struct buf *text, uint8_t hash[AUDIT_HASH_SIZE])
{
	const uint8_t *tail = line.p + line.n - HASH_TAIL;

	if (line.n <= HASH_TAIL || memcmp(tail, HASH_BEGIN, strlen(HASH_BEGIN)) != 0 ||
	    memcmp(line.p + line.n - strlen(HASH_END), HASH_END, strlen(HASH_END)) != 0 ||
	    !hex_decode(bytes_of(tail + strlen(HASH_BEGIN), (size_t)2 * AUDIT_HASH_SIZE), hash, AUDIT_HASH_SIZE))
		return false;
	buf_add(text, bytes_of(line.p, line.n - HASH_TAIL));
	buf_add_str(text, "}");
	return !buf_bad(text);
}

bool audit_text_number(struct bytes text, int64_t *ret)
{
	static const char begin[] = "{\"n\":";
	size_t at = strlen(begin);
	int64_t v = 0;

	if (text.n <= at || memcmp(text.p, begin, at) != 0)
		return false;
	for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9' && v < INT64_MAX / 20; at++)
		v = v * 10 + (text.p[at] - '0');
	*ret = v;
	return v > 0 && at < text.n && text.p[at] == ',';
}
