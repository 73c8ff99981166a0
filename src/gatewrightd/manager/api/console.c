/* The certificate of the console's door. */
#include "gatewrightd/manager/console.h"

#include "core/pki/name.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/candidates.h"

#include <errno.h>
#include <stdlib.h>

static int answer_state(struct call *c, struct err *e)
{
	const struct conf_addresses *doors = &c->m->cfg->https_listen;
	struct console_state state = { 0 };
	json_t *addresses = json_array();

	if (c->m->console)
		console_state(c->m->console, &state);
	for (size_t i = 0; i < doors->n; i++)
		(void)json_array_append_new(addresses, json_string(doors->items[i].text));
	return call_answer(c, 200,
			   json_pack("{so,so,so,ss?}", "certificate", json_id(state.certificate), "served_since",
				     json_time(state.served_since), "addresses", addresses, "error",
				     state.error[0] ? state.error : NULL),
			   e);
}

int console_certificate_show(struct call *c, struct err *e)
{
	int r = call_no_query(c, e);

	return r < 0 ? r : answer_state(c, e);
}

struct change_body {
	int64_t certificate;
	bool force_warnings, dry_run;
};

static const struct json_in_row change_rows[] = {
	{ .name = "certificate",
	  .type = JSON_IN_INT,
	  .offset = offsetof(struct change_body, certificate),
	  .min = 1,
	  .max = INT64_MAX,
	  .required = true },
	{ .name = "force_warnings", .type = JSON_IN_BOOL, .offset = offsetof(struct change_body, force_warnings) },
	{ .name = "dry_run", .type = JSON_IN_BOOL, .offset = offsetof(struct change_body, dry_run) },
};

static bool is_covered(const struct general_name *name, const struct cert_facts *by)
{
	for (size_t i = 0; i < by->names_n; i++)
		if (name_equal(&by->names[i], name) || name_matches_host(&by->names[i], name))
			return true;
	return false;
}

/* Browsers reach the console by the names of the certificate that it shows now. */
static int check_names(struct call *c, const struct stored_chain *fresh, struct findings *found, struct err *e)
{
	struct console_state state = { 0 };
	struct stored_chain *now = NULL;
	int r;

	console_state(c->m->console, &state);
	if (state.certificate == 0)
		return 0;
	r = inventory_need(c->s, state.certificate, c->a, &now, e);
	for (size_t i = 0; r == 0 && i < now->facts.certs[0].names_n; i++) {
		const struct general_name *name = &now->facts.certs[0].names[i];

		if (!is_covered(name, &fresh->facts.certs[0]))
			findings_add(found, FINDING_CONSOLE_NAME_MISSING,
				     "names: want '%s', by which the console is reached now, got none that covers it",
				     name_text(name, c->a));
	}
	return r;
}

/* 1: refused, the sentence is in `e`. */
static int judge(const struct findings *found, bool force_warnings, const struct stored_chain *fresh, struct err *e)
{
	for (size_t i = 0; i < found->n; i++) {
		enum finding_severity severity = finding_severity(found->items[i].id);

		if (severity == FINDING_BLOCKER)
			(void)err_set(e, -EPROTO, "the console cannot serve with certificate %lld '%s': %s",
				      (long long)fresh->cert.id, fresh->cert.display_name, found->items[i].text);
		else if (severity == FINDING_WARNING && !force_warnings)
			(void)err_set(e, -EPROTO, "there is a warning: %s; 'force_warnings' goes on all the same",
				      found->items[i].text);
		else
			continue;
		return 1;
	}
	return 0;
}

static void on_done(void *context)
{
	http_finish_later(context);
}

static int start(struct call *c, int64_t certificate, struct err *e)
{
	struct console_change *change = calloc(1, sizeof(*change));
	int r;

	if (!change)
		return err_nomem(e);
	*change = (struct console_change) { .certificate = certificate, .done = on_done, .context = c->r };
	http_set_state(c->r, change, free);
	r = console_change(c->m->console, change, e);
	return r < 0 ? r : HTTP_LATER;
}

static int begin(struct call *c, struct err *e)
{
	struct findings *found = arena_alloc(c->a, sizeof(*found));
	struct change_body in = { 0 };
	struct stored_chain *fresh = NULL;
	int r = found ? call_body(c, change_rows, ARRAY_N(change_rows), &in, e) : err_nomem(e);

	if (r == 0 && !c->m->console)
		r = err_set(e, -EBUSY, "there is no console here");
	if (r == 0)
		r = inventory_need(c->s, in.certificate, c->a, &fresh, e);
	if (r < 0)
		return r;
	candidate_check(NULL, fresh, c->now, found);
	r = check_names(c, fresh, found, e);
	findings_sort(found);
	if (r == 0 && in.dry_run)
		return call_answer(c, 200,
				   json_pack("{so,sb}", "findings", json_findings(found->items, found->n), "compatible",
					     (int)!findings_blocked(found)),
				   e);
	if (r == 0)
		r = judge(found, in.force_warnings, fresh, e);
	if (r > 0)
		return call_refuse(c, found, e);
	return r < 0 ? r : start(c, in.certificate, e);
}

int console_certificate_change(struct call *c, struct err *e)
{
	const struct console_change *change = http_state(c->r);

	if (!change)
		return begin(c, e);
	return change->failed < 0 ? err_set(e, change->failed, "%s", err_text(&change->e)) : answer_state(c, e);
}
