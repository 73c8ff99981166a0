#include "core/pki/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct finding_row {
	const char *word, *field, *meaning;
	enum finding_severity severity;
} rows[FINDING_N] = {
#define FINDING(symbol, id, severity, field, meaning) [FINDING_##symbol] = { id, field, meaning, FINDING_##severity },
#include "findings.def"
#undef FINDING
};

static const char *const severity_words[FINDING_SEVERITY_N] = {
	[FINDING_BLOCKER] = "blocker",
	[FINDING_WARNING] = "warning",
	[FINDING_NOTE] = "note",
};

/* How many bytes the well-formed character at `s` takes; 0: there is none. Controls (C0, DEL, C1) are no characters. */
static size_t character_at(const char *s, size_t left)
{
	if ((unsigned char)*s < 0x80)
		return (unsigned char)*s >= 0x20 && *s != 0x7f;
	for (size_t n = 2; n <= 4 && n <= left; n++)
		if (bytes_is_utf8(bytes_of(s, n)))
			return n == 2 && (unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0 ? 0 : n;
	return 0;
}

/* What a certificate says may be hostile: nothing of it forges a line or a terminal sequence, and it stays UTF-8. */
static void make_harmless(char *s)
{
	size_t left = strlen(s);

	while (left > 0) {
		size_t n = character_at(s, left);

		if (n == 0) {
			*s = '?';
			n = 1;
		}
		s += n;
		left -= n;
	}
}

/* Cut at the last whole UTF-8 character that leaves room for "...". */
static void mark_cut(char text[FINDING_TEXT_MAX])
{
	size_t at = FINDING_TEXT_MAX - 4;

	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(text + at, "...", 4);
}

/* Where the next finding goes: a blocker takes the place of the last one that is none rather than getting lost. */
static struct finding *next_slot(struct findings *f, enum finding_id id)
{
	if (f->n < FINDINGS_MAX)
		return &f->items[f->n++];
	f->dropped++;
	if (finding_severity(id) != FINDING_BLOCKER)
		return NULL;
	for (size_t i = f->n; i > 0; i--)
		if (finding_severity(f->items[i - 1].id) != FINDING_BLOCKER)
			return &f->items[i - 1];
	return NULL;
}

void findings_add(struct findings *f, enum finding_id id, const char *format, ...)
{
	struct finding *slot = next_slot(f, id);
	va_list args;
	int n;

	if (!slot)
		return;
	slot->id = id;
	va_start(args, format);
	n = vsnprintf(slot->text, sizeof(slot->text), format, args);
	va_end(args);
	if (n < 0)
		slot->text[0] = '\0';
	else if ((size_t)n >= sizeof(slot->text))
		mark_cut(slot->text);
	make_harmless(slot->text);
}

static bool comes_before(const struct finding *a, const struct finding *b)
{
	enum finding_severity sa = finding_severity(a->id), sb = finding_severity(b->id);

	return sa != sb ? sa < sb : a->id < b->id;
}

void findings_sort(struct findings *f)
{
	for (size_t i = 1; i < f->n; i++) {
		struct finding moved = f->items[i];
		size_t at = i;

		for (; at > 0 && comes_before(&moved, &f->items[at - 1]); at--)
			f->items[at] = f->items[at - 1];
		f->items[at] = moved;
	}
}

bool findings_blocked(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (finding_severity(f->items[i].id) == FINDING_BLOCKER)
			return true;
	return false;
}

bool findings_has(const struct findings *f, enum finding_id id)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->items[i].id == id)
			return true;
	return false;
}

static const struct finding_row *row_of(enum finding_id id)
{
	static const struct finding_row unknown = { "?", "", "?", FINDING_BLOCKER };

	return id < FINDING_N ? &rows[id] : &unknown;
}

const char *finding_word(enum finding_id id)
{
	return row_of(id)->word;
}

const char *finding_field(enum finding_id id)
{
	return row_of(id)->field;
}

const char *finding_meaning(enum finding_id id)
{
	return row_of(id)->meaning;
}

enum finding_severity finding_severity(enum finding_id id)
{
	return row_of(id)->severity;
}

const char *finding_severity_word(enum finding_severity s)
{
	return s < FINDING_SEVERITY_N ? severity_words[s] : "?";
}

bool finding_from_word(struct bytes word, enum finding_id *ret)
{
	for (size_t i = 0; i < FINDING_N; i++) {
		if (!bytes_equal_str(word, rows[i].word))
			continue;
		*ret = (enum finding_id)i;
		return true;
	}
	return false;
}
