#include "cli/resolve.h"
#include "cli/when.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_DIGITS_MAX 15

bool resolve_prefix(const char *word, char out[65])
{
	size_t n = 0;

	for (const char *p = word; *p; p++) {
		char c = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;

		if (c == ':' || c == ' ')
			continue;
		if (n == 64 || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n >= RESOLVE_PREFIX_MIN;
}

static bool parse_id(const char *word, json_int_t *ret)
{
	json_int_t v = 0;
	size_t n = strspn(word, "0123456789");

	if (n == 0 || n > NUMBER_DIGITS_MAX || word[n] != '\0')
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (word[i] - '0');
	*ret = v;
	return true;
}

bool resolve_matches(const json_t *certificate, const char *word)
{
	char prefix[65];

	if (strcmp(json_text(certificate, "display_name"), word) == 0)
		return true;
	return resolve_prefix(word, prefix) &&
	       strncmp(json_text(certificate, "fingerprint"), prefix, strlen(prefix)) == 0;
}

static void list_matches(const struct cli *cli, const json_t *items, const char *word)
{
	const json_t *item;
	char day[WHEN_TEXT_MAX];
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (resolve_matches(item, word))
			cli_note(cli, "  %lld  '%s', until %s, %.16s", (long long)json_number(item, "id"),
				 json_text(item, "display_name"), when_date(json_text(item, "not_after"), day),
				 json_text(item, "fingerprint"));
	}
}

/* The only match of `items`; the sentence when there is none or more. */
static int pick(const struct cli *cli, const json_t *items, const char *word, json_int_t *ret)
{
	const json_t *item, *found = NULL;
	size_t i, n = 0;

	json_array_foreach(items, i, item)
	{
		if (resolve_matches(item, word)) {
			found = item;
			n++;
		}
	}
	if (n == 1) {
		*ret = json_number(found, "id");
		return CLI_DONE;
	}
	if (n == 0) {
		cli_say_error(cli,
			      "no certificate '%s': want a number, a display name, or a fingerprint's first %d digits "
			      "or more",
			      word, RESOLVE_PREFIX_MIN);
	} else {
		cli_say_error(cli, "%zu certificates are called '%s': want the number of one", n, word);
		list_matches(cli, items, word);
	}
	return CLI_FAILED;
}

int resolve_certificate(struct cli *cli, const struct args *args, const char *word, json_int_t *ret)
{
	CLEANUP(json_freep) json_t *items = NULL;
	char query[API_PATH_MAX - 128], path[API_PATH_MAX];
	int r;

	if (parse_id(word, ret))
		return CLI_DONE;
	(void)snprintf(path, sizeof(path), "/api/v1/certificates?q=%s", api_encode(word, query, sizeof(query)));
	r = api_list(cli, args, path, 0, &items);
	return r == CLI_DONE ? pick(cli, items, word, ret) : r;
}

int resolve_certificate_whole(struct cli *cli, const struct args *args, const char *word, json_t **ret)
{
	char path[API_PATH_MAX];
	json_int_t id = 0;
	int r = resolve_certificate(cli, args, word, &id);

	return r == CLI_DONE ? api_call(cli, args, "GET", api_certificate_path(path, id, ""), NULL, ret) : r;
}

int resolve_job(const struct cli *cli, const char *word, json_int_t *ret)
{
	if (parse_id(word, ret))
		return CLI_DONE;
	cli_say_error(cli, "want the number of a job, got '%s'", word);
	return CLI_USAGE;
}
