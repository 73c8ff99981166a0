/* Jobs without the update machine: look at what is served, or at a host's key. */
#include "gatewrightd/deploy/deploy.h"
#include "base/limits.h"

#include "sys/clock.h"

#include <stdio.h>

static void step(struct deploy *d, const char *what, const char *outcome, const char *text, int64_t time_ms)
{
	struct report_step s = {
		.state = US_CONNECTING, .step = what, .outcome = outcome, .text = text, .time_ms = time_ms
	};

	report_step(&d->report, &s);
}

static void finish(struct report_result *result, bool good, const char *text)
{
	result->state = good ? US_CONFIRMED : US_FAILED;
	result->result = good ? UR_CONFIRMED : UR_FAILED;
	result->text = text;
}

/*
 * Nothing is expected but what the manager believes in: FIELD_CERTIFICATE if the job has one (what should be served),
 * else FIELD_CURRENT. Good: every address made a handshake with what is expected there, or with anything when nothing
 * is.
 */
static void look(struct deploy *d, struct report_result *result, char text[ERR_TEXT_MAX])
{
	struct job *j = d->job;
	int64_t began = clock_mono().ms;
	struct err e = { 0 };

	d->old_chain = j->current;
	if (j->new_chain->n == 0)
		j->new_chain = j->current;
	step(d, "probe", "started", NULL, -1);
	if (step_probe(d, US_PROBING, (struct mono_time) { began + LIMIT_PROBE_JOB_MS }, &e) < 0) {
		(void)snprintf(text, ERR_TEXT_MAX, "%s", err_text(&e));
		finish(result, false, text);
		return;
	}
	(void)snprintf(text, ERR_TEXT_MAX, "%s", d->round->text);
	finish(result, d->round->seen == SEEN_NEW, text);
	step(d, "probe", d->round->seen == SEEN_NEW ? "done" : "failed", text, clock_mono().ms - began);
}

static void scan(struct deploy *d, struct report_result *result, char text[ERR_TEXT_MAX])
{
	int64_t began = clock_mono().ms;
	struct err e = { 0 };
	int r;

	step(d, "ask for the host key", "started", NULL, -1);
	r = host_scan(d->job, (struct mono_time) { began + LIMIT_HOST_KEY_SCAN_MS }, &d->host_key, &e);
	if (r == 0)
		(void)snprintf(text, ERR_TEXT_MAX, "the host key is %s (%s)", d->host_key.fingerprint,
			       d->host_key.type);
	else
		(void)snprintf(text, ERR_TEXT_MAX, "%s", err_text(&e));
	finish(result, r == 0, text);
	step(d, "ask for the host key", r == 0 ? "done" : "failed", text, clock_mono().ms - began);
}

void simple_run(struct deploy *d, struct report_result *result, char text[ERR_TEXT_MAX])
{
	if (d->job->kind == JOB_SCAN_HOST_KEY)
		scan(d, result, text);
	else
		look(d, result, text);
}
