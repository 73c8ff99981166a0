#include "gate/words.h"

#include "base/rd.h"

#include <errno.h>

static bool is_word(struct bytes b)
{
	static const char others[] = "._:@+=/-";

	for (size_t i = 0; i < b.n; i++) {
		int c = b.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (!c || !strchr(others, c)))
			return false;
	}
	return b.n > 0;
}

bool words_split(struct bytes line, struct words *ret)
{
	struct rd r = rd_of(line);
	bool more = true;

	ret->n = 0;
	while (more) {
		struct bytes word = rd_until(&r, ' ', &more);

		if (ret->n == LIMIT_HOST_WORDS_MAX || !is_word(word))
			return false;
		ret->w[ret->n++] = word;
	}
	return true;
}

bool words_number(struct bytes word, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (word.n == 0 || word.n > 19)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(word.p[i] - '0');
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

bool words_copy(struct bytes word, char *out, size_t size)
{
	if (word.n >= size)
		return false;
	memcpy(out, word.p, word.n);
	out[word.n] = '\0';
	return true;
}

int words_answer(const struct words_verb *verbs, size_t verbs_n, struct bytes line, struct words *words, void *context,
		 struct err *e)
{
	bool split = words_split(line, words);

	for (size_t i = 0; split && i < verbs_n; i++)
		if (bytes_equal_str(words->w[0], verbs[i].name) && words->n == verbs[i].words_n)
			return verbs[i].answer(context, e);
	return err_set(e, -EINVAL, "no such request, or not that many words");
}
