/* JSON from outside into a struct, strictly: a table says which members an object may have and of what type. */
#ifndef GW_SYS_HTTP_JSON_IN_H
#define GW_SYS_HTTP_JSON_IN_H

#include "base/err.h"
#include "base/time.h"
#include "sys/secret.h"

#include <jansson.h>

/* Memory of jansson is overwritten before it is freed from here on. Once, before the first JSON value. */
void json_wipe_freed(void);

/*
 *   type      JSON value                             member of the struct
 *   STRING    string without control characters      const char *, borrowed from the JSON value
 *   TEXT      string, line breaks allowed            const char *, borrowed
 *   SECRET    string                                 struct secret *, returned
 *   INT       whole number, min..max                 int64_t
 *   BOOL      true, false                            bool
 *   TIME      RFC 3339                               struct wall_time
 *   OBJECT    object                                 json_t *, borrowed
 *   STRINGS   list of STRING                         json_t *, borrowed
 *   OBJECTS   list of objects                        json_t *, borrowed
 */
enum json_in_type {
	JSON_IN_STRING,
	JSON_IN_TEXT,
	JSON_IN_SECRET,
	JSON_IN_INT,
	JSON_IN_BOOL,
	JSON_IN_TIME,
	JSON_IN_OBJECT,
	JSON_IN_STRINGS,
	JSON_IN_OBJECTS
};

struct json_in_row {
	const char *name;
	enum json_in_type type;
	size_t offset;
	int64_t min, max; /* of a number; `max` of a string: bytes; of a list: items */
	bool required;
	bool nullable; /* null is the same as absent */
};

/*
 * Fill `ret`, in which absent members keep what was there. -EINVAL with a sentence that names the member: unknown,
 * missing, of the wrong type, too long, out of range. `where` is put before a name ("ssh.") or "". Secrets already
 * taken stay in `ret`: the caller frees them also then.
 */
MUST_USE int json_in(const json_t *object, const char *where, const struct json_in_row *rows, size_t rows_n, void *ret,
		     struct err *e);

#endif
