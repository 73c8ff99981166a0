#include "gate/commands.h"

#include "codec/json_write.h"
#include "gate/client.h"
#include "gate/failure.h"
#include "gate/generation.h"
#include "gate/install.h"
#include "gate/local.h"
#include "gate/pending.h"
#include "gate/session.h"
#include "gate/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum exit_code end(struct report *r, bool json, enum exit_code code)
{
	report_print(r, json);
	return code;
}

/*
 * rollback
 */

/* The token of what is pending with the running gate; "" none. */
static int pending_token(const struct gate_config *config, char out[KEYSTORE_TOKEN_SIZE], struct err *e)
{
	struct client_answer a;
	int r = client_call(config->control, &a, e, "status");

	out[0] = '\0';
	if (r == 0 && client_get(&a, "pending", out, KEYSTORE_TOKEN_SIZE) && strcmp(out, "-") == 0)
		out[0] = '\0';
	client_answer_fini(&a);
	return r;
}

static int roll_back_pending(const struct gate_config *config, const char *token, struct report *report, struct err *e)
{
	struct client_answer a;
	int r = client_call(config->control, &a, e, "rollback %s", token);

	if (r == 0) {
		report->outcome = "rolled-back";
		(void)client_get(&a, "live", report->generation, sizeof(report->generation));
	}
	client_answer_fini(&a);
	return r;
}

/* The newest confirmed generation that is not the live one and is still there. */
static int choose_previous(struct keystore *ks, char out[KEYSTORE_ID_SIZE], struct err *e)
{
	char live[KEYSTORE_ID_SIZE] = "";
	struct history h;

	if (keystore_live(ks, live, NULL) != 0)
		live[0] = '\0';
	history_read(ks, &h);
	for (size_t i = h.n; i-- > 0;) {
		if (strcmp(h.ids[i], live) == 0 || keystore_presence(ks, h.ids[i]) != KEYSTORE_COMPLETE)
			continue;
		memcpy(out, h.ids[i], sizeof(h.ids[i]));
		return 0;
	}
	return err_set(e, -ENOENT, "there is no confirmed generation to go back to");
}

static enum exit_code switch_back(const struct gate_config *config, struct keystore *ks, struct report *report,
				  struct err *e)
{
	CLEANUP(generation_freep) struct generation *g = NULL;
	struct local_switch l = { .config = config, .keystore = ks, .report = report };
	char name[256];
	int r = generation_read(ks, report->generation, &g, e);

	if (r < 0)
		return exit_code_of(r);
	memcpy(report->fingerprint, g->fingerprint, sizeof(report->fingerprint));
	l.server_name = local_server_name(&g->chain, name, sizeof(name));
	return local_switch(&l, e);
}

static int choose_generation(struct keystore *ks, const char *id, struct report *report, struct err *e)
{
	if (!id)
		return choose_previous(ks, report->generation, e);
	if (!keystore_id_is_valid(bytes_of_str(id)))
		return err_set(e, -EINVAL, "generation: want [A-Za-z0-9.-]{1,64}, got '%.80s'", id);
	(void)words_copy(bytes_of_str(id), report->generation, sizeof(report->generation));
	return 0;
}

static enum exit_code roll_back(const struct gate_config *config, const struct options *options, struct keystore *ks,
				struct report *report)
{
	char token[KEYSTORE_TOKEN_SIZE];
	int r = pending_token(config, token, &report->detail);

	if (r < 0 && r != FAILURE_NOT_RUNNING)
		return exit_code_of(r);
	report->detail.text[0] = '\0';
	if (token[0] && !options->argument)
		return exit_code_of(roll_back_pending(config, token, report, &report->detail));
	r = choose_generation(ks, options->argument, report, &report->detail);
	return r < 0 ? exit_code_of(r) : switch_back(config, ks, report, &report->detail);
}

enum exit_code command_rollback(const struct gate_config *config, const struct options *options)
{
	CLEANUP(keystore_closep) struct keystore *ks = NULL;
	struct report report = { .outcome = "failed" };
	int r = install_open_keystore(config, &ks, &report.detail);

	return end(&report, options->json, r < 0 ? exit_code_of(r) : roll_back(config, options, ks, &report));
}

/*
 * confirm
 */

enum exit_code command_confirm(const struct gate_config *config, const struct options *options)
{
	struct report report = { .outcome = "failed" };
	char token[KEYSTORE_TOKEN_SIZE] = "";
	struct client_answer a;
	int r = options->argument ? 0 : pending_token(config, token, &report.detail);

	if (options->argument && (!keystore_token_is_valid(bytes_of_str(options->argument)) ||
				  !words_copy(bytes_of_str(options->argument), token, sizeof(token))))
		r = err_set(&report.detail, -EINVAL, "token: want [A-Za-z0-9._:@+=/-]{1,64}, got '%.80s'",
			    options->argument);
	if (r == 0 && !token[0])
		r = err_set(&report.detail, FAILURE_NOT_PENDING, "no switch awaits confirmation");
	if (r < 0)
		return end(&report, options->json, exit_code_of(r));
	r = client_call(config->control, &a, &report.detail, "confirm %s %llu", token,
			(unsigned long long)config->keep);
	if (r == 0) {
		report.outcome = "confirmed";
		(void)client_get(&a, "live", report.generation, sizeof(report.generation));
	}
	client_answer_fini(&a);
	return end(&report, options->json, exit_code_of(r));
}

/*
 * list
 */

static void list_json(struct json_writer *w, const struct keystore_entry *entry, const struct generation *g, bool live,
		      bool confirmed)
{
	char time[TIME_TEXT_MAX];

	json_open_object(w, NULL);
	json_put_str(w, "generation", entry->id);
	json_put_bool(w, "live", live);
	json_put_bool(w, "confirmed", confirmed);
	json_put_bool(w, "whole", g != NULL);
	json_put_str(w, "fingerprint", g ? g->fingerprint : NULL);
	json_put_str(w, "subject", g ? generation_leaf(g)->subject_text : NULL);
	json_put_str(w, "not_after", g ? time_format(generation_leaf(g)->not_after, time) : NULL);
	json_close_object(w);
}

static void list_plain(struct buf *out, const struct keystore_entry *entry, const struct generation *g, bool live,
		       bool confirmed)
{
	char time[TIME_TEXT_MAX];

	buf_printf(out, "%c %-34s %-11s", live ? '*' : ' ', entry->id,
		   !g	       ? "broken"
		   : confirmed ? "confirmed"
			       : "unconfirmed");
	if (g)
		buf_printf(out, " %s  %.16s  %s", time_format(generation_leaf(g)->not_after, time), g->fingerprint,
			   generation_leaf(g)->subject_text);
	buf_add_u8(out, '\n');
}

static void list_all(struct keystore *ks, const struct keystore_entry *entries, size_t n, bool json, struct buf *out)
{
	char live[KEYSTORE_ID_SIZE] = "";
	struct json_writer w;
	struct history h;

	if (keystore_live(ks, live, NULL) != 0)
		live[0] = '\0';
	history_read(ks, &h);
	json_begin(&w, out);
	if (json)
		json_open_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(generation_freep) struct generation *g = NULL;
		bool is_live = strcmp(entries[i].id, live) == 0, confirmed = history_has(&h, entries[i].id);

		if (generation_read(ks, entries[i].id, &g, NULL) < 0)
			g = NULL;
		if (json)
			list_json(&w, &entries[i], g, is_live, confirmed);
		else
			list_plain(out, &entries[i], g, is_live, confirmed);
	}
	if (json) {
		json_close_array(&w);
		buf_add_u8(out, '\n');
	}
}

enum exit_code command_list(const struct gate_config *config, const struct options *options)
{
	CLEANUP(keystore_closep) struct keystore *ks = NULL;
	CLEANUP(util_freep) struct keystore_entry *entries = NULL;
	struct buf out;
	struct err e = { 0 };
	size_t n = 0;
	int r = install_open_keystore(config, &ks, &e);

	if (r == 0)
		r = keystore_list(ks, &entries, &n, &e);
	if (r < 0) {
		(void)fprintf(stderr, "gatewright-gate: %s\n", err_text(&e));
		return EXIT_FAILED;
	}
	buf_init(&out, 1024 * 1024);
	list_all(ks, entries, n, options->json, &out);
	report_write(&out);
	buf_fini(&out);
	return EXIT_DONE;
}

/*
 * status
 */

static const struct {
	const char *key, *label;
	bool number, list;
} status_rows[] = {
	{ "live", "generation", false, false },
	{ "serving", "fingerprint", false, false },
	{ "subject", "subject", false, false },
	{ "name", "names", false, true },
	{ "not_after", "not_after", false, false },
	{ "days_left", "days_left", true, false },
	{ "pending", "pending", false, false },
	{ "left", "seconds_left", false, false },
	{ "old", "old", false, false },
	{ "uptime", "uptime", true, false },
	{ "connections", "connections", true, false },
	{ "threads", "threads", true, false },
	{ "listen", "listen", false, true },
	{ "pid", "pid", true, false },
	{ "version", "version", false, false },
};

static void status_json(struct json_writer *w, const struct client_answer *a, size_t row)
{
	const char *label = status_rows[row].label;
	struct bytes value = BYTES_NONE;
	size_t cursor = 0;

	if (status_rows[row].list) {
		json_open_array(w, label);
		while (client_next(a, status_rows[row].key, &cursor, &value))
			json_put_bytes(w, NULL, value);
		json_close_array(w);
	} else if (!client_next(a, status_rows[row].key, &cursor, &value) || bytes_equal_str(value, "-")) {
		json_put_null(w, label);
	} else if (status_rows[row].number) {
		json_put_json(w, label, value);
	} else {
		json_put_bytes(w, label, value);
	}
}

static void status_plain(struct buf *out, const struct client_answer *a, size_t row)
{
	struct bytes value;
	size_t cursor = 0;

	while (client_next(a, status_rows[row].key, &cursor, &value))
		buf_printf(out, "%-13s %.*s\n", status_rows[row].label, (int)value.n, (const char *)value.p);
}

static void status_all(const struct client_answer *a, bool json, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	if (json)
		json_open_object(&w, NULL);
	for (size_t i = 0; i < ARRAY_N(status_rows); i++) {
		if (json)
			status_json(&w, a, i);
		else
			status_plain(out, a, i);
	}
	if (json) {
		json_close_object(&w);
		buf_add_u8(out, '\n');
	}
}

enum exit_code command_status(const struct gate_config *config, const struct options *options)
{
	struct client_answer a;
	struct buf out;
	struct err e = { 0 };
	int r = client_call(config->control, &a, &e, "status");

	buf_init(&out, 2 * LIMIT_CONTROL_ANSWER_MAX);
	if (r == 0) {
		status_all(&a, options->json, &out);
		report_write(&out);
	} else {
		(void)fprintf(stderr, "gatewright-gate: %s\n", err_text(&e));
	}
	buf_fini(&out);
	client_answer_fini(&a);
	return exit_code_of(r);
}

/*
 * session
 */

enum exit_code command_session(const struct gate_config *config)
{
	CLEANUP(keystore_closep) struct keystore *ks = NULL;
	struct session_setup setup = {
		.socket_path = config->control, .user = getuid(), .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO
	};
	struct err e = { 0 };
	int r = install_open_keystore(config, &ks, &e);

	setup.ks = ks;
	if (r == 0)
		r = session_run(&setup, &e);
	if (r < 0)
		(void)fprintf(stderr, "gatewright-gate: %s\n", err_text(&e));
	return exit_code_of(r);
}
