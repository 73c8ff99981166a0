#include "core/pki/profile_text.h"
#include "core/pki/rules.h"

#define LONG_STRING_MAX 128 /* ub-locality-name; the name attribute is capped there too */

/* Limits count characters. RFC 5280 appendix A.1. */
struct text_field {
	const char *what;
	size_t max;
	enum finding_id too_long, malformed;
};

static const struct text_field display_name_field = { "display name", PROFILE_STRING_MAX, FINDING_DISPLAY_NAME_LONG,
						      FINDING_DISPLAY_NAME_MALFORMED };
static const struct text_field holder_field = { "first and last name", LONG_STRING_MAX, FINDING_HOLDER_LONG,
						FINDING_HOLDER_MALFORMED };
static const struct text_field organization_field = { "organization", PROFILE_STRING_MAX, FINDING_ORGANIZATION_LONG,
						      FINDING_ORGANIZATION_MALFORMED };
static const struct text_field locality_field = { "city or locality", LONG_STRING_MAX, FINDING_LOCALITY_LONG,
						  FINDING_LOCALITY_MALFORMED };

/* Well-formed UTF-8 is taken for granted: every byte that does not continue a character begins one. */
static size_t count_characters(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += (text.p[i] & 0xc0) != 0x80;
	return n;
}

/* U+0080 to U+009F, in UTF-8 C2 80 to C2 9F. */
static bool has_c1_control(struct bytes text)
{
	for (size_t i = 0; i + 1 < text.n; i++)
		if (text.p[i] == 0xc2 && text.p[i + 1] < 0xa0)
			return true;
	return false;
}

static int make_text(const struct text_field *field, const char *typed, struct arena *a, const char **ret,
		     struct findings *findings, struct err *e)
{
	struct bytes text = bytes_trim(bytes_of_str(typed));
	size_t n;

	*ret = NULL;
	if (text.n == 0)
		return 0;
	if (!bytes_is_utf8(text)) {
		findings_add(findings, field->malformed, "want a %s in UTF-8, got other bytes", field->what);
		return 0;
	}
	if (bytes_has_control(text) || has_c1_control(text)) {
		findings_add(findings, field->malformed, "want a %s without control characters, got some", field->what);
		return 0;
	}
	n = count_characters(text);
	if (n > field->max)
		findings_add(findings, field->too_long, "want a %s of at most %zu characters, got %zu", field->what,
			     field->max, n);
	*ret = arena_str(a, text);
	return *ret ? 0 : err_nomem(e);
}

/* Two letters in either case; "UK" is what many type for GB. */
static int make_country(const char *typed, struct arena *a, const char **ret, struct findings *findings, struct err *e)
{
	struct bytes text = bytes_trim(bytes_of_str(typed));
	char code[3] = { 0 };

	*ret = NULL;
	if (text.n == 0)
		return 0;
	for (size_t i = 0; i < text.n && i < 2; i++)
		code[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 0x20 : text.p[i]);
	if (text.n == 2 && bytes_equal_str(bytes_of(code, 2), "UK")) {
		findings_add(findings, FINDING_COUNTRY_UK,
			     "country code 'UK' is taken as 'GB', the code of the United Kingdom");
		memcpy(code, "GB", 2);
	}
	if (text.n != 2 || !country_is_known(bytes_of(code, 2))) {
		findings_add(findings, FINDING_COUNTRY_UNKNOWN,
			     "want a country code of ISO 3166-1 such as US or ES, got '%.20s'", typed);
		return 0;
	}
	*ret = arena_str(a, bytes_of(code, 2));
	return *ret ? 0 : err_nomem(e);
}

/* RFC 5280 section 7.1 compares without case; so does a person who reads a list. */
static bool same_text(const char *a, const char *b)
{
	return bytes_equal_ascii_nocase(bytes_trim(bytes_of_str(a)), bytes_trim(bytes_of_str(b)));
}

static bool same_subject(const struct subject *a, const struct subject *b)
{
	return a->other_n == 0 && b->other_n == 0 && same_text(a->common_name, b->common_name) &&
	       same_text(a->name, b->name) && same_text(a->organization, b->organization) &&
	       same_text(a->locality, b->locality) && same_text(a->country, b->country);
}

static void check_subject(const struct subject *s, const struct chain_facts *issuer, struct findings *findings)
{
	const struct cert_facts *root = chain_root(issuer);

	if (root && root->subject.common_name && same_text(s->common_name, root->subject.common_name))
		findings_add(findings, FINDING_DISPLAY_NAME_OF_ROOT,
			     "want a display name that differs from the root's, got '%s', which is the root's",
			     s->common_name);
	for (size_t i = 0; i < issuer->n; i++) {
		if (!same_subject(s, &issuer->certs[i].subject))
			continue;
		findings_add(findings, FINDING_SUBJECT_OF_ISSUER,
			     "want a subject that differs from every issuer's, got the one of issuer '%s'",
			     cert_label(&issuer->certs[i]));
		return;
	}
}

int profile_make_subject(const struct cert_request *request, const struct chain_facts *issuer, struct arena *a,
			 struct subject *ret, struct findings *findings, struct err *e)
{
	struct subject s = { .other_n = 0 };
	int r;

	if (bytes_trim(bytes_of_str(request->display_name)).n == 0)
		findings_add(findings, FINDING_DISPLAY_NAME_EMPTY, "want a display name, got none");
	r = make_text(&display_name_field, request->display_name, a, &s.common_name, findings, e);
	if (r == 0)
		r = make_text(&holder_field, request->holder, a, &s.name, findings, e);
	if (r == 0)
		r = make_text(&organization_field, request->organization, a, &s.organization, findings, e);
	if (r == 0)
		r = make_text(&locality_field, request->locality, a, &s.locality, findings, e);
	if (r == 0)
		r = make_country(request->country, a, &s.country, findings, e);
	if (r < 0)
		return r;
	if (s.common_name && issuer)
		check_subject(&s, issuer, findings);
	*ret = s;
	return 0;
}
