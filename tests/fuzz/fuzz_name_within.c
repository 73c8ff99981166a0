/* A name and a subtree: kind (one character: d i u e n), name, newline, subtree. */
#include "fuzz.h"
#include "core/pki/dn.h"
#include "core/pki/name.h"

static bool kind_of(uint8_t c, enum general_name_kind *ret)
{
	static const struct {
		char letter;
		enum general_name_kind kind;
	} kinds[] = { { 'd', GN_DNS }, { 'i', GN_IP }, { 'u', GN_URI }, { 'e', GN_EMAIL }, { 'n', GN_DIRECTORY } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].letter != (char)c)
			continue;
		*ret = kinds[i].kind;
		return true;
	}
	return false;
}

/* What holds for a wildcard holds for a host that it matches. */
static void check_wildcard(const struct general_name *n, const struct general_name *subtree)
{
	struct general_name host = { GN_DNS, { NULL, n->value.n } };
	uint8_t *copy = malloc(n->value.n);

	if (!copy)
		return;
	memcpy(copy, n->value.p, n->value.n);
	copy[0] = 'x'; /* "*.base" becomes "x.base" */
	host.value.p = copy;
	FUZZ_ASSERT(name_matches_host(n, &host));
	if (name_is_valid(n) && name_constraint_is_readable(subtree)) {
		FUZZ_ASSERT(!name_within(n, subtree) || name_within(&host, subtree));
		FUZZ_ASSERT(name_touches(n, subtree) || !name_within(&host, subtree));
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
	struct general_name name, subtree;
	char text[NAME_TEXT_MAX];

	if (!line || line == data || !kind_of(data[0], &name.kind))
		return 0;
	subtree.kind = name.kind;
	name.value = bytes_of(data + 1, (size_t)(line - data) - 1);
	subtree.value = bytes_of(line + 1, size - (size_t)(line - data) - 1);
	(void)name_format(&name, text, sizeof(text));
	FUZZ_ASSERT(!bytes_has_control(bytes_of_str(text)) && bytes_is_utf8(bytes_of_str(text)));
	FUZZ_ASSERT(!name_within(&name, &subtree) || name_touches(&name, &subtree));
	FUZZ_ASSERT(name_constraint_is_readable(&subtree) || name_touches(&name, &subtree));
	if (name_is_wildcard(&name))
		check_wildcard(&name, &subtree);
	if (name.kind == GN_DIRECTORY && dn_is_readable(name.value)) {
		FUZZ_ASSERT(dn_equal(name.value, name.value));
		FUZZ_ASSERT(dn_equal(name.value, subtree.value) == dn_equal(subtree.value, name.value));
		FUZZ_ASSERT(!dn_equal(name.value, subtree.value) || dn_starts_with(name.value, subtree.value));
	}
	return 0;
}
