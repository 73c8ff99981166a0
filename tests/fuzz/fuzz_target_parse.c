/* A target file, filled in: what was accepted can always be expanded, and no value escapes its quotes. */
#include "fuzz.h"
#include "core/deploy/target.h"

#include <errno.h>

static void check_texts(const struct target *t, const struct target_values *v)
{
	const char *const texts[] = { t->test, t->reload, t->start, t->running, t->session };
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		buf_reset(&b);
		FUZZ_ASSERT(!texts[i] || target_expand(t, v, texts[i], true, &b, NULL) == 0);
		FUZZ_ASSERT(!bytes_has_control(buf_bytes(&b)));
	}
	buf_fini(&b);
}

static void check_target(const struct target *t, struct arena *a)
{
	struct target_stage_file files[TARGET_FILES_MAX];
	struct target_values v = { .gateway = "edge-1" };
	size_t n;
	int keys = 0;

	FUZZ_ASSERT(t->name && t->title && t->files_n >= 1 && t->files_n <= TARGET_FILES_MAX);
	FUZZ_ASSERT((t->session != NULL) == (t->kind == HOST_KIND_GATE) && (t->reload != NULL) == (t->kind == HOST_KIND_SCRIPT));
	for (size_t i = 0; i < TARGET_PARAMS_MAX; i++)
		v.values[i] = "it's";
	for (size_t i = 0; i < t->files_n; i++) {
		keys += target_form_has_key(t->files[i].form);
		FUZZ_ASSERT(hostproto_is_id(bytes_of_str(t->files[i].name)));
		FUZZ_ASSERT(!target_form_has_key(t->files[i].form) || (t->files[i].mode & 0007) == 0);
	}
	FUZZ_ASSERT(keys == 1);
	check_texts(t, &v);
	if (target_stage_list(t, &v, a, files, &n, NULL) == 0)
		FUZZ_ASSERT(n <= t->files_n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(1 << 20);
	struct target t;
	struct err e = { 0 };
	int r = target_parse(bytes_of(data, size), a, &t, &e);

	FUZZ_ASSERT(r == 0 || ((r == -EINVAL || r == -EFBIG) && e.text[0] != '\0'));
	if (r == 0)
		check_target(&t, a);
	arena_free(a);
	return 0;
}
