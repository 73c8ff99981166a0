/* What a person types as host names and addresses. */
#include "fuzz.h"
#include "base/buf.h"
#include "core/pki/name.h"

#include <errno.h>

static void check_one(const struct general_name *n, struct arena *a)
{
	struct general_name again;
	const char *text = name_text(n, a);

	FUZZ_ASSERT(n->kind == GN_DNS || n->kind == GN_IP);
	FUZZ_ASSERT(name_is_valid(n));
	FUZZ_ASSERT(name_equal(n, n));
	FUZZ_ASSERT(name_parse(bytes_of_str(text), a, &again, NULL) == 0);
	FUZZ_ASSERT(name_equal(n, &again));
	FUZZ_ASSERT(name_is_wildcard(n) || name_matches_host(n, n));
	FUZZ_ASSERT(!name_is_wildcard(n) || !name_matches_host(n, n));
}

/* Written out and read again: the same list. */
static void check_again(const struct general_name *names, size_t n, struct arena *a)
{
	struct general_name *again;
	struct buf b;
	size_t again_n;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s;", name_text(&names[i], a));
	FUZZ_ASSERT(!buf_bad(&b));
	FUZZ_ASSERT(name_parse_list(buf_bytes(&b), a, &again, &again_n, NULL) == 0);
	FUZZ_ASSERT(again_n == n);
	for (size_t i = 0; i < n; i++)
		FUZZ_ASSERT(name_equal(&names[i], &again[i]));
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4 << 20);
	struct general_name *names = NULL;
	struct err e = { 0 };
	size_t n = 0;
	int r = name_parse_list(bytes_of(data, size), a, &names, &n, &e);

	if (r < 0) {
		FUZZ_ASSERT(r == -EINVAL || r == -EEXIST || r == -E2BIG || r == -ENOMEM);
		FUZZ_ASSERT(e.text[0] != '\0' && !bytes_has_control(bytes_of_str(e.text)));
	} else {
		FUZZ_ASSERT(n <= FACTS_NAMES_MAX);
		for (size_t i = 0; i < n; i++) {
			check_one(&names[i], a);
			for (size_t k = 0; k < i; k++)
				FUZZ_ASSERT(!name_equal(&names[i], &names[k]));
		}
		check_again(names, n, a);
	}
	arena_free(a);
	return 0;
}
