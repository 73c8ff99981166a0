/*
 * The audit log as text: one event or head is one line of JSON, and each event's hash is over the hash before it and
 *its own text. Pure: the hash and the check of a signature come in as functions. docs/adr/0009-audit.md
 *
 *	event	{"n":7,"at":"...","actor":...,"after":...,"hash":"64 digits"}	hashed: the same without "hash"
 *	head	{"head":7,"at":"...","first":1,"hash":"...","public_key":"...","signature":"..."}	signed: without
 *the last two
 */
#ifndef GW_CORE_AUDIT_AUDIT_H
#define GW_CORE_AUDIT_AUDIT_H

#include "base/buf.h"
#include "base/time.h"

#define AUDIT_HASH_SIZE 32
#define AUDIT_KEY_SIZE 32
#define AUDIT_SIGNATURE_SIZE 64
#define AUDIT_TEXT_MAX (1024 * 1024) /* bytes of an event: `before` and `after` each came in one request */
#define AUDIT_HEAD_CONTEXT "gatewright 1 audit head\n" /* before a head's text when it is signed */

enum audit_action {
#define AUDIT_ACTION(symbol, word, meaning) AUDIT_##symbol,
#include "audit.def"
#undef AUDIT_ACTION
	AUDIT_ACTION_N,
	AUDIT_NONE = AUDIT_ACTION_N /* a call that changes nothing */
};
const char *audit_action_word(enum audit_action action);
bool audit_action_is_word(const char *word);

/* NULL texts and empty JSON become null. `before` and `after` hold no secret: who fills them sees to that. */
struct audit_event {
	int64_t n;
	struct wall_time at;
	const char *actor, *address, *action, *object, *outcome, *detail;
	struct bytes before, after; /* JSON texts */
};

/* The canonical text; the buffer is bad when `before` or `after` is no JSON. In a text that is not UTF-8 each byte that
 * is not ASCII becomes '?'. */
void audit_event_text(const struct audit_event *event, struct buf *out);

/* SHA-256 of both, one after the other. */
typedef void audit_hash(struct bytes first, struct bytes second, uint8_t out[AUDIT_HASH_SIZE]);

/* Text and hash as a line, without its newline; and back. False: it is no such line. */
void audit_line(struct bytes text, const uint8_t hash[AUDIT_HASH_SIZE], struct buf *out);
bool audit_line_split(struct bytes line, struct buf *text, uint8_t hash[AUDIT_HASH_SIZE]);

/* The number in an event's text. */
bool audit_text_number(struct bytes text, int64_t *ret);

struct audit_head {
	int64_t n;     /* the event that it is about */
	int64_t first; /* the first one that is kept */
	struct wall_time at;
	uint8_t hash[AUDIT_HASH_SIZE];
};
void audit_head_text(const struct audit_head *head, struct buf *out);
bool audit_head_parse(struct bytes text, struct audit_head *ret);
void audit_head_line(struct bytes text, const uint8_t key[AUDIT_KEY_SIZE],
		     const uint8_t signature[AUDIT_SIGNATURE_SIZE], struct buf *out);
bool audit_head_split(struct bytes line, struct buf *text, uint8_t key[AUDIT_KEY_SIZE],
		      uint8_t signature[AUDIT_SIGNATURE_SIZE]);

/* ---- verification ---- */

/* Is it the key's signature of AUDIT_HEAD_CONTEXT and the text? */
typedef bool audit_verifier(const uint8_t key[AUDIT_KEY_SIZE], struct bytes text,
			    const uint8_t signature[AUDIT_SIGNATURE_SIZE]);

/* Fill the first part, zero the second; audit_check_line() for each line, then audit_check_end(). */
struct audit_check {
	audit_hash *hash;
	audit_verifier *verify;
	void (*problem)(void *context, int64_t n, const char *what); /* `n` 0: of no certain event */
	void *context;
	bool has_key; /* every head must be of this one; else of the first one's */
	uint8_t key[AUDIT_KEY_SIZE];
	int64_t first;		/* the event that it must begin with; 0: it is a part of a log */
	struct audit_head kept; /* the last head, as keys keeps it; n 0: not known */

	int64_t events, heads, problems, lines;
	int64_t last, last_head; /* numbers */
	uint8_t previous[AUDIT_HASH_SIZE];
};

void audit_check_line(struct audit_check *c, struct bytes line);
void audit_check_end(struct audit_check *c);

/* Events after the last head: they could be cut off unseen. */
int64_t audit_check_unsigned(const struct audit_check *c);

#endif
