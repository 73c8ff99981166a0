/*
 * Configuration files, strictly. A program passes a table of options, one row each, that comes from schema/config.def;
 *a file fills its struct or is refused with one sentence: file:line, *want X, got Y*, and the nearest option's name.
 *
 * A line is `name = value`, a file at most LIMIT_CONF_FILE_MAX bytes. Empty lines and what follows a `#` at the start
 *of a line, or after white space, are comments. A value in double quotes is taken as it stands; without them white
 *space at both ends is dropped. An option that is a list is repeated, one value a line; every other option stands at
 *most once.
 *
 * How a program makes its struct and its table from the rows:
 *
 *	struct gatewrightd_config {
 *	#define GATEWRIGHTD_OPTION(member, name, type, fallback, limits, meaning) CONF_MEMBER(member, type)
 *	#include "config.def"
 *	#undef GATEWRIGHTD_OPTION
 *	};
 *	static const struct conf_row rows[] = {
 *	#define GATEWRIGHTD_OPTION(member, name, type, fallback, limits, meaning) \
 *		CONF_ROW(struct gatewrightd_config, member, name, type, fallback, limits, meaning),
 *	#include "config.def"
 *	#undef GATEWRIGHTD_OPTION
 *	};
 */
#ifndef GW_SYS_CONF_CONF_H
#define GW_SYS_CONF_CONF_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct conf_list {
	const char **items;
	size_t n;
};

/* "192.0.2.1:8443", "[2001:db8::1]:8443", "gw.example.com:443", "*:8443" (every address). */
struct conf_address {
	const char *text; /* as written */
	const char *host; /* without brackets; "*" as it stands; NULL when the option has no value */
	uint16_t port;
};

struct conf_addresses {
	struct conf_address *items;
	size_t n;
};

/*
 *   type         value                               limits                  member
 *   STRING       text without control characters     "1..64" bytes           const char *, "" when not set
 *   PATH         absolute path                       -                       const char *, "" when not set
 *   BOOL         yes, no                             -                       bool
 *   NUMBER       decimal digits                      "1..1024"               uint64_t
 *   DURATION     90s 5m 2h 7d, 0                     "5s..1h"                uint64_t, seconds
 *   SIZE         bytes, or with K M G (1024)         "4K..1G"                uint64_t, bytes
 *   MODE         octal file mode                     "0..0777"               uint64_t
 *   WORD         one of a few words                  "error|warning|info"    const char *
 *   STRINGS      a list of STRING                    "0..16" values          struct conf_list
 *   ADDRESS      host:port                           -                       struct conf_address
 *   ADDRESSES    a list of ADDRESS                   "1..16" values          struct conf_addresses
 *
 * A list of ADDRESS that may be empty takes "none" alone, for none.
 *
 * A fallback "" leaves STRING, PATH, ADDRESS and the lists empty; any other type must have one. A fallback of a list is
 * one value.
 */
enum conf_type {
	CONF_STRING,
	CONF_PATH,
	CONF_BOOL,
	CONF_NUMBER,
	CONF_DURATION,
	CONF_SIZE,
	CONF_MODE,
	CONF_WORD,
	CONF_STRINGS,
	CONF_ADDRESS,
	CONF_ADDRESSES,
	CONF_TYPE_N
};

#define CONF_C_TYPE_STRING const char *
#define CONF_C_TYPE_PATH const char *
#define CONF_C_TYPE_BOOL bool
#define CONF_C_TYPE_NUMBER uint64_t
#define CONF_C_TYPE_DURATION uint64_t
#define CONF_C_TYPE_SIZE uint64_t
#define CONF_C_TYPE_MODE uint64_t
#define CONF_C_TYPE_WORD const char *
#define CONF_C_TYPE_STRINGS struct conf_list
#define CONF_C_TYPE_ADDRESS struct conf_address
#define CONF_C_TYPE_ADDRESSES struct conf_addresses

struct conf_row {
	const char *name;
	enum conf_type type;
	const char *fallback;
	const char *limits; /* "" none */
	const char *meaning;
	size_t offset; /* of the member in the program's struct */
};

#define CONF_MEMBER(member, type) CONF_C_TYPE_##type member;
#define CONF_ROW(container, member, name, type, fallback, limits, meaning)                \
	{                                                                                 \
		name, CONF_##type, fallback, limits, meaning, offsetof(container, member) \
	}

/*
 * Fill `ret` (the program's struct) with every row's fallback, then with what `text` says. `file` is the name for
 * sentences. Strings and lists live in `a`. -EINVAL: the text is refused; `ret` is then not to be used. A row that is
 * itself wrong is our bug and aborts.
 */
MUST_USE int conf_parse(struct bytes text, const char *file, const struct conf_row *rows, size_t rows_n,
			struct arena *a, void *ret, struct err *e);

/* The same from a file. -ENOENT: there is none; nothing was filled. */
MUST_USE int conf_load(const char *path, const struct conf_row *rows, size_t rows_n, struct arena *a, void *ret,
		       struct err *e);

/* Every fallback, as an empty file gives. */
MUST_USE int conf_defaults(const struct conf_row *rows, size_t rows_n, struct arena *a, void *ret, struct err *e);

/* The table for people: name, type, limits, fallback and meaning of each row; --help of a program. */
void conf_describe(const struct conf_row *rows, size_t rows_n, struct buf *out);

#endif
