/* Words for a shell that completes: quick, silent, nothing when gatewrightd is away. */
#include "cli/api.h"
#include "cli/completion.h"
#include "cli/output/text.h"

#include <string.h>

#define COMPLETE_CALL_MS 2000

static const struct {
	const char *kind, *path, *word, *description;
} completed[] = {
	{ "certificate", "/api/v1/certificates?limit=1000", "id", "display_name" },
	{ "gateway", "/api/v1/gateways?limit=1000", "name", "target" },
	{ "job", "/api/v1/jobs?limit=50", "id", "gateway" },
	{ "target", "/api/v1/targets", "name", "title" },
	{ "user", "/api/v1/users?limit=1000", "name", "last_login_at" },
};

/* A shell expands what it is given: only words without a meaning to it are offered. */
static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		      (*text >= '0' && *text <= '9') || strchr("._:@+-", *text)))
			return false;
	}
	return true;
}

static void print_words(const struct cli *cli, const json_t *items, const char *word, const char *description)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		CLEANUP(util_freep) char *clean = text_clean(json_text(item, description));
		const char *text = json_text(item, word);

		if (text[0] && text[0] != '-' && is_plain(text))
			(void)fprintf(cli->out, "%s\t%s\n", text, clean ? clean : "");
		else if (json_has(item, word) && !text[0])
			(void)fprintf(cli->out, "%lld\t%s\n", (long long)json_number(item, word), clean ? clean : "");
	}
}

static int print_kind(struct cli *cli, size_t k)
{
	struct http_answer answer;
	struct err e = { 0 };
	json_t *list = NULL;

	http_answer_init(&answer);
	if (http_client_call(cli->http, "GET", completed[k].path, BYTES_NONE, &answer, &e) == 0 && answer.status == 200)
		list = json_loadb((const char *)answer.body.p, answer.body.n, JSON_REJECT_DUPLICATES, NULL);
	print_words(cli, json_object_get(list, "items"), completed[k].word, completed[k].description);
	json_decref(list);
	http_answer_fini(&answer);
	return CLI_DONE;
}

int completion_words(struct cli *cli, const char *kind)
{
	for (size_t k = 0; k < ARRAY_N(completed); k++) {
		if (strcmp(completed[k].kind, kind) != 0)
			continue;
		if (api_open(cli) != CLI_DONE)
			return CLI_FAILED;
		http_client_set_limits(cli->http, COMPLETE_CALL_MS, 0);
		return print_kind(cli, k);
	}
	return CLI_USAGE;
}
