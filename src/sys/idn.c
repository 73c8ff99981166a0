#include "sys/idn.h"

#include "base/limits.h"
#include "base/rd.h"

#include <errno.h>
#include <idn2.h>
#include <stdlib.h>

#define IDN_FLAGS (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_ALABEL_ROUNDTRIP)

static void idn_freep(char **p)
{
	idn2_free(*p);
}

static bool is_ascii(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] >= 0x80)
			return false;
	return true;
}

/* Does a label begin with "xn--"? */
static bool has_a_label(struct bytes b)
{
	struct rd r = rd_of(b);
	bool more = true;

	while (more) {
		struct bytes label = rd_until(&r, '.', &more);

		if (label.n >= 4 && bytes_equal_ascii_nocase(bytes_of(label.p, 4), bytes_of_str("xn--")))
			return true;
	}
	return false;
}

static struct bytes take_wildcard(struct bytes name, const char **ret_prefix)
{
	bool wildcard = name.n > 2 && name.p[0] == '*' && name.p[1] == '.';

	*ret_prefix = wildcard ? "*." : "";
	return wildcard ? bytes_of(name.p + 2, name.n - 2) : name;
}

int idn_to_ascii(struct bytes name, struct arena *a, const char **ret, struct err *e)
{
	char *ascii CLEANUP(idn_freep) = NULL;
	const char *prefix, *text;
	struct bytes rest;
	int r;

	name = bytes_trim(name);
	if (name.n > LIMIT_IDN_NAME_MAX || !bytes_is_utf8(name) || bytes_has_control(name))
		return err_set(e, -EINVAL,
			       "name: want at most %d bytes of UTF-8 without control characters, got something else",
			       LIMIT_IDN_NAME_MAX);
	text = arena_str(a, name);
	if (!text)
		return err_nomem(e);
	if (is_ascii(name) && !has_a_label(name)) {
		*ret = text;
		return 0;
	}
	rest = take_wildcard(name, &prefix);
	r = idn2_to_ascii_8z(text + (name.n - rest.n), &ascii, IDN_FLAGS);
	if (r != IDN2_OK)
		return err_set(e, -EINVAL, "name '%s': want an internationalized name (IDNA2008), got one where %s",
			       text, idn2_strerror(r));
	*ret = arena_printf(a, "%s%s", prefix, ascii);
	return *ret ? 0 : err_nomem(e);
}

int idn_list_to_ascii(struct bytes list, struct arena *a, const char **ret, struct err *e)
{
	struct buf out CLEANUP(buf_fini) = { .max = 2 * LIMIT_IDN_LIST_MAX };
	struct rd r = rd_of(list);
	bool more = true;
	const char *name;
	int code;

	if (list.n > LIMIT_IDN_LIST_MAX)
		return err_set(e, -EINVAL, "names: want at most %d bytes, got %zu", LIMIT_IDN_LIST_MAX, list.n);
	while (more) {
		struct bytes item = bytes_trim(rd_until(&r, ';', &more));

		if (item.n == 0)
			continue;
		code = idn_to_ascii(item, a, &name, e);
		if (code < 0)
			return code;
		if (out.n > 0)
			buf_add_str(&out, ";");
		buf_add_str(&out, name);
	}
	*ret = buf_bad(&out) ? NULL : arena_str(a, buf_bytes(&out));
	return *ret ? 0 : err_nomem(e);
}

/* Shown in Unicode only when it leads back to the same A-labels: a name that merely looks right stays in ASCII. */
static char *unicode_of(const char *ascii)
{
	char *unicode = NULL, *back CLEANUP(idn_freep) = NULL;

	if (idn2_to_unicode_8z8z(ascii, &unicode, 0) != IDN2_OK)
		return NULL;
	if (idn2_to_ascii_8z(unicode, &back, IDN_FLAGS) == IDN2_OK &&
	    bytes_equal_ascii_nocase(bytes_of_str(back), bytes_of_str(ascii)))
		return unicode;
	idn2_free(unicode);
	return NULL;
}

const char *idn_to_display(struct bytes name, struct arena *a)
{
	const char *text = arena_str(a, name), *prefix, *shown;
	char *unicode CLEANUP(idn_freep) = NULL;
	struct bytes rest;

	if (!text)
		return "";
	if (!is_ascii(name) || bytes_has_control(name) || !has_a_label(name))
		return text;
	rest = take_wildcard(name, &prefix);
	unicode = unicode_of(text + (name.n - rest.n));
	if (!unicode)
		return text;
	shown = arena_printf(a, "%s%s", prefix, unicode);
	return shown ? shown : "";
}
