/* certificate create: options to a request, the answer in a few lines. */
#include "cli/approval.h"
#include "cli/certificate_batch.h"
#include "cli/commands.h"
#include "cli/findings_print.h"
#include "cli/resolve.h"
#include "cli/when.h"
#include "cli/output/table.h"

#include <errno.h>

static const enum opt text_options[] = { OPT_KIND,     OPT_DISPLAY_NAME, OPT_HOLDER, OPT_ORGANIZATION,
					 OPT_LOCALITY, OPT_COUNTRY,	 OPT_NAMES,  OPT_KEY };

static int add_texts(const struct cli *cli, const struct args *args, json_t *body)
{
	for (size_t i = 0; i < ARRAY_N(text_options); i++) {
		const struct option_row *row = &option_rows[text_options[i]];
		const char *value = args_get(args, text_options[i]);

		if (value && json_object_set_new(body, row->field, json_string(value)) < 0) {
			cli_say_error(cli, "option '--%s': want UTF-8, got other bytes", row->name);
			return CLI_USAGE;
		}
	}
	return CLI_DONE;
}

static int add_numbers(const struct cli *cli, const struct args *args, json_t *body)
{
	const char *day = args_get(args, OPT_VALID_UNTIL);
	char text[TIME_TEXT_MAX];
	struct wall_time until = { 0 };
	struct err e = { 0 };
	long path_len = 0;
	int r = args_number(args, OPT_PATH_LEN, 0, 100, &path_len, &e);

	if (r == 0 && day) {
		r = when_end_of_day(day, &until, &e);
		if (r < 0)
			r = err_wrap(&e, r, "option '--valid-until'");
	}
	if (r < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	if (args_has(args, OPT_PATH_LEN))
		(void)json_object_set_new(body, "path_len", json_integer(path_len));
	if (day)
		(void)json_object_set_new(body, "not_after", json_string(time_format(until, text)));
	return CLI_DONE;
}

static int add_reference(struct cli *cli, const struct args *args, enum opt o, json_t *body)
{
	json_int_t id = 0;
	int r;

	if (!args_has(args, o))
		return CLI_DONE;
	r = resolve_certificate(cli, args, args_get(args, o), &id);
	if (r == CLI_DONE)
		(void)json_object_set_new(body, option_rows[o].field, json_integer(id));
	return r;
}

static void print_created(const struct cli *cli, const json_t *c)
{
	CLEANUP(util_freep) char *names = json_joined(json_object_get(c, "names"), "; ");
	struct fields f = { cli, 14 };
	char day[WHEN_TEXT_MAX];

	field_print(&f, "created", "%lld", (long long)json_number(c, "id"));
	field_print(&f, "display name", "%s", json_text(c, "display_name"));
	field_print(&f, "subject", "%s", json_text(c, "subject"));
	if (names && names[0])
		field_print(&f, "names", "%s", names);
	field_print(&f, "valid until", "%s", when_moment(json_text(c, "not_after"), day));
	field_print(&f, "key", "%s", json_text(c, "key"));
	field_print(&f, "fingerprint", "%s", json_text(c, "fingerprint"));
}

int certificate_create(struct cli *cli, const struct args *args)
{
	CLEANUP(json_freep) json_t *body = json_object();
	CLEANUP(json_freep) json_t *created = NULL;
	int r = add_texts(cli, args, body);

	if (r == CLI_DONE)
		r = add_numbers(cli, args, body);
	if (r == CLI_DONE)
		r = add_reference(cli, args, OPT_ISSUER, body);
	if (r == CLI_DONE)
		r = add_reference(cli, args, OPT_RENEWS, body);
	if (r == CLI_DONE && args_has(args, OPT_BATCH))
		return certificate_create_batch(cli, args, body);
	if (r == CLI_DONE)
		r = approval_add(cli, args, body);
	if (r == CLI_DONE && !json_has(body, "kind") && !json_has(body, "renews"))
		(void)json_object_set_new(body, "kind", json_string("end-entity"));
	if (args_has(args, OPT_DRY_RUN))
		(void)json_object_set_new(body, "dry_run", json_true());
	if (r == CLI_DONE)
		r = api_call(cli, args, "POST", "/api/v1/certificates", TAKE(body), &created);
	if (r != CLI_DONE)
		return r;
	if (cli->json)
		json_print(cli, created);
	if (approval_waits(cli, created))
		return CLI_REFUSED;
	if (cli->json)
		return CLI_DONE;
	if (args_has(args, OPT_DRY_RUN))
		cli_say(cli, "checked: the certificate would be created");
	else
		print_created(cli, created);
	findings_print(cli, cli->out, args->verb, json_object_get(created, "notes"), "");
	return CLI_DONE;
}
