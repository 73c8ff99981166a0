/* The request for a successor, filled from the certificate that it renews. */
#include "core/pki/profile.h"
#include "core/pki/name.h"
#include "base/buf.h"

#define NAMES_TEXT_MAX ((size_t)FACTS_NAMES_MAX * (NAME_TEXT_MAX + 1))

/* Host names and addresses, separated by ";"; what a request can't ask for is left out. */
static int join_names(const struct cert_facts *c, struct arena *a, const char **ret, struct err *e)
{
	char shown[NAME_TEXT_MAX];
	const char *text;
	struct buf b;

	buf_init(&b, NAMES_TEXT_MAX);
	for (size_t i = 0; i < c->names_n; i++) {
		const struct general_name *n = &c->names[i];

		if ((n->kind != GN_DNS && n->kind != GN_IP) || !name_is_valid(n))
			continue;
		if (b.n > 0)
			buf_add_str(&b, ";");
		buf_add_str(&b, name_format(n, shown, sizeof(shown)));
	}
	text = buf_bad(&b) ? NULL : arena_str(a, buf_bytes(&b));
	buf_fini(&b);
	*ret = text;
	return text ? 0 : err_nomem(e);
}

static int copy(const char *s, struct arena *a, const char **ret, struct err *e)
{
	*ret = s ? arena_str(a, bytes_of_str(s)) : NULL;
	return s && !*ret ? err_nomem(e) : 0;
}

/* A type of key that nobody can ask for becomes the default. */
static struct key_spec key_of(const struct cert_facts *c)
{
	struct key_spec spec = { c->key_alg, c->key_bits }, known;

	return key_spec_parse(bytes_of_str(key_spec_word(spec)), &known) ? known
									 : (struct key_spec) { KEY_ALG_OTHER, 0 };
}

int profile_prefill(const struct cert_facts *renews, struct arena *a, struct cert_request *ret, struct err *e)
{
	struct cert_request q = { .kind = cert_kind_of(renews), .path_len = -1 };
	int r;

	if (renews->is_ca)
		q.path_len = renews->path_len;
	q.key = key_of(renews);
	r = copy(renews->subject.common_name, a, &q.display_name, e);
	if (r == 0)
		r = copy(renews->subject.name, a, &q.holder, e);
	if (r == 0)
		r = copy(renews->subject.organization, a, &q.organization, e);
	if (r == 0)
		r = copy(renews->subject.locality, a, &q.locality, e);
	if (r == 0)
		r = copy(renews->subject.country, a, &q.country, e);
	if (r == 0)
		r = join_names(renews, a, &q.names, e);
	if (r < 0)
		return r;
	*ret = q;
	return 0;
}
