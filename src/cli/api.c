#include "cli/api.h"
#include "cli/findings_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (64u * 1024 * 1024)
#define PAGES_MAX 100000

void api_reply_fini(struct api_reply *r)
{
	json_decref(TAKE(r->json));
}

int api_open(struct cli *cli)
{
	struct err e = { 0 };

	if (cli->http)
		return CLI_DONE;
	if (http_client_new(cli->socket, &cli->http, &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	if (cli->token && http_client_set_token(cli->http, secret_bytes(cli->token), &e) < 0)
		return cli_fail(cli, CLI_FAILED, &e);
	return CLI_DONE;
}

const char *api_encode(const char *text, char *out, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			     strchr("-._~", c);

		if (n + 4 > size) {
			n = 0;
			break;
		}
		if (plain) {
			out[n++] = (char)c;
		} else {
			out[n++] = '%';
			out[n++] = digits[c >> 4];
			out[n++] = digits[c & 15];
		}
	}
	out[n] = '\0';
	return out;
}

const char *api_certificate_path(char out[API_PATH_MAX], json_int_t id, const char *tail)
{
	(void)snprintf(out, API_PATH_MAX, "/api/v1/certificates/%lld%s", (long long)id, tail);
	return out;
}

const char *api_job_path(char out[API_PATH_MAX], json_int_t id, const char *tail)
{
	(void)snprintf(out, API_PATH_MAX, "/api/v1/jobs/%lld%s", (long long)id, tail);
	return out;
}

const char *api_gateway_path(char out[API_PATH_MAX], const char *name, const char *tail)
{
	char word[API_PATH_MAX - 128];

	(void)snprintf(out, API_PATH_MAX, "/api/v1/gateways/%s%s", api_encode(name, word, sizeof(word)), tail);
	return out;
}

/* An answer missing after something was sent: only a call that changes nothing can simply be made again. */
static int exit_of_failure(const struct cli *cli, const char *method, int r, struct err *e)
{
	if (http_client_unreachable(r))
		return cli_fail(cli, CLI_UNREACHABLE, e);
	if (strcmp(method, "GET") == 0 || r == -ENOMEM)
		return cli_fail(cli, CLI_FAILED, e);
	(void)cli_fail(cli, CLI_UNKNOWN, e);
	cli_note(cli, "It is not known whether gatewrightd did it: look before you ask again.");
	return CLI_UNKNOWN;
}

/* RFC 8259, RFC 9457, and RFC 7515 for a proof. */
static bool is_json(const char *type)
{
	return strcmp(type, "application/json") == 0 || strcmp(type, "application/problem+json") == 0 ||
	       strcmp(type, "application/jose+json") == 0;
}

/* The body of an answer: a JSON object, or nothing. */
static int read_body(const struct http_answer *answer, json_t **ret, struct err *e)
{
	json_error_t where;

	if (answer->body.n == 0)
		return 0;
	if (!is_json(answer->type))
		return err_set(e, -EPROTO, "gatewrightd answers %d: want JSON, got '%s'", answer->status, answer->type);
	*ret = json_loadb((const char *)answer->body.p, answer->body.n, JSON_REJECT_DUPLICATES, &where);
	if (!*ret)
		return err_set(e, -EPROTO, "gatewrightd answers %d: want JSON, got something else: %s in line %d",
			       answer->status, where.text, where.line);
	if (!json_is_object(*ret)) {
		json_decref(TAKE(*ret));
		return err_set(e, -EPROTO, "gatewrightd answers %d: want a JSON object, got another value",
			       answer->status);
	}
	return 0;
}

static int check_status(const struct http_answer *answer, const json_t *json, struct err *e)
{
	bool good = answer->status >= 200 && answer->status <= 299;

	if (good && (json || answer->status == 204))
		return 0;
	if (!good && answer->status >= 400 && answer->status <= 599)
		return 0;
	return err_set(e, -EPROTO, "gatewrightd answers %d: want an answer of docs/api.md, got %s", answer->status,
		       json ? "another status" : "an empty one");
}

int api_request(struct cli *cli, const char *method, const char *path, json_t *body, struct api_reply *ret)
{
	CLEANUP(json_freep) json_t *sent = body;
	char *text = sent ? json_dumps(sent, JSON_COMPACT) : NULL;
	struct http_answer answer;
	struct err e = { 0 };
	json_t *json = NULL;
	int r = api_open(cli);

	if (r != CLI_DONE || (sent && !text)) {
		if (r == CLI_DONE)
			(void)err_nomem(&e);
		return r != CLI_DONE ? r : cli_fail(cli, CLI_FAILED, &e);
	}
	http_answer_init(&answer);
	r = http_client_call(cli->http, method, path, bytes_of_str(text), &answer, &e);
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	if (r == 0)
		r = read_body(&answer, &json, &e);
	if (r == 0)
		r = check_status(&answer, json, &e);
	http_answer_fini(&answer);
	if (r < 0) {
		json_decref(json);
		return exit_of_failure(cli, method, r, &e);
	}
	*ret = (struct api_reply) { answer.status, json };
	return CLI_DONE;
}

int api_exit_of_status(int status)
{
	if (status >= 200 && status <= 299)
		return CLI_DONE;
	if (status == 401 || status == 403)
		return CLI_UNREACHABLE;
	return status == 409 || status == 422 ? CLI_REFUSED : CLI_FAILED;
}

int api_report(struct cli *cli, const struct args *args, const struct api_reply *reply)
{
	const char *detail = json_text(reply->json, "detail"), *title = json_text(reply->json, "title");

	if (cli->json && reply->json)
		json_print(cli, reply->json);
	if (detail[0] || title[0])
		cli_say_error(cli, "%s", detail[0] ? detail : title);
	else
		cli_say_error(cli, "gatewrightd answers %d without a reason", reply->status);
	findings_print(cli, cli->err, args ? args->verb : NULL, json_object_get(reply->json, "findings"), "  ");
	return api_exit_of_status(reply->status);
}

int api_call(struct cli *cli, const struct args *args, const char *method, const char *path, json_t *body, json_t **ret)
{
	struct api_reply reply = { 0, NULL };
	int r = api_request(cli, method, path, body, &reply);

	if (r != CLI_DONE)
		return r;
	r = api_exit_of_status(reply.status);
	if (r == CLI_DONE)
		*ret = TAKE(reply.json);
	else
		r = api_report(cli, args, &reply);
	api_reply_fini(&reply);
	return r;
}

static void page_path(char out[API_PATH_MAX], const char *path, size_t limit, const char *cursor)
{
	char word[512];

	(void)snprintf(out, API_PATH_MAX, "%s%climit=%zu%s%s", path, strchr(path, '?') ? '&' : '?', limit,
		       cursor[0] ? "&cursor=" : "", api_encode(cursor, word, sizeof(word)));
}

/*
 * Add a page's items, perhaps none though more follow: the daemon looks at so many at a time. False when it is not a
 * list.
 */
static bool take_page(const json_t *page, json_t *all, size_t max)
{
	const json_t *items = json_object_get(page, "items");
	json_t *item;
	size_t i;

	if (!json_is_array(items))
		return false;
	json_array_foreach(items, i, item)
	{
		if (max == 0 || json_array_size(all) < max)
			(void)json_array_append(all, item);
	}
	return true;
}

int api_list(struct cli *cli, const struct args *args, const char *path, size_t max, json_t **ret)
{
	CLEANUP(json_freep) json_t *all = json_array();
	size_t limit = max > 0 && max < API_PAGE ? max : API_PAGE;
	char cursor[512] = "", where[API_PATH_MAX];

	for (int page_n = 0; page_n < PAGES_MAX; page_n++) {
		CLEANUP(json_freep) json_t *page = NULL;
		int r;

		page_path(where, path, limit, cursor);
		r = api_call(cli, args, "GET", where, NULL, &page);
		if (r != CLI_DONE)
			return r;
		if (!all || !take_page(page, all, max)) {
			cli_say_error(cli, "gatewrightd answers GET %s: want a list, got something else", path);
			return CLI_FAILED;
		}
		if (!json_has(page, "next") || (max > 0 && json_array_size(all) >= max))
			break;
		if (strcmp(cursor, json_text(page, "next")) == 0) {
			cli_say_error(cli,
				      "gatewrightd answers GET %s: want a cursor that moves on, got the same again",
				      path);
			return CLI_FAILED;
		}
		(void)snprintf(cursor, sizeof(cursor), "%s", json_text(page, "next"));
	}
	*ret = TAKE(all);
	return CLI_DONE;
}
