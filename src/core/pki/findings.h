/* Findings: named reasons, each with a sentence. The names, fields and severities are rows of schema/findings.def. */
#ifndef GW_CORE_PKI_FINDINGS_H
#define GW_CORE_PKI_FINDINGS_H

#include "base/bytes.h"
#include "base/util.h"

/* FINDING(symbol, "id", SEVERITY, "api field or empty", "what it means, for the manual") */
enum finding_id {
#define FINDING(symbol, id, severity, field, meaning) FINDING_##symbol,
#include "findings.def"
#undef FINDING
	FINDING_N
};

/* Blockers stop; warnings are said; notes inform. */
enum finding_severity { FINDING_BLOCKER, FINDING_WARNING, FINDING_NOTE, FINDING_SEVERITY_N };

#define FINDINGS_MAX 64
#define FINDING_TEXT_MAX 400

struct finding {
	enum finding_id id;
	char text[FINDING_TEXT_MAX];
};

/* A list by value (about 26 KiB); `dropped` counts what did not fit. Zero it to start. */
struct findings {
	struct finding items[FINDINGS_MAX];
	size_t n, dropped;
};

/* Append one; the sentence is lower case, no full stop, subjects in quotes, *want X, got Y*. */
void findings_add(struct findings *f, enum finding_id id, const char *format, ...) PRINTF_LIKE(3, 4);

/* Blockers first, then in the order of schema/findings.def; stable. */
void findings_sort(struct findings *f);
bool findings_blocked(const struct findings *f);
bool findings_has(const struct findings *f, enum finding_id id);

const char *finding_word(enum finding_id id);  /* "root-differs" */
const char *finding_field(enum finding_id id); /* "names", or "" */
const char *finding_meaning(enum finding_id id);
enum finding_severity finding_severity(enum finding_id id);
const char *finding_severity_word(enum finding_severity s); /* "blocker" "warning" "note" */
bool finding_from_word(struct bytes word, enum finding_id *ret);

#endif
