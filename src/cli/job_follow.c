#include "cli/job_follow.h"
#include "cli/job_progress.h"
#include "sys/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define PAUSE_MIN_MS 200
#define PAUSE_MAX_MS 2000
#define TICK_MS 100

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

struct follow {
	const struct job_follow *how;
	struct cli *cli;
	struct progress progress;
	struct sse parser;
	json_t *job;
	bool away; /* it was said that gatewrightd is away */
	struct mono_time away_since;
};

int job_exit(const json_t *job)
{
	const char *outcome = json_text(job, "outcome");

	if (strcmp(outcome, "confirmed") == 0)
		return CLI_DONE;
	if (strcmp(outcome, "rolled-back") == 0)
		return CLI_ROLLED_BACK;
	return strcmp(outcome, "failed") == 0 ? CLI_FAILED : CLI_UNKNOWN;
}

static void print_event_line(const struct follow *f, const char *event, json_t *data)
{
	json_t *line = json_pack("{s:s, s:O}", "event", event, "data", data);

	if (line)
		json_print_line(f->cli, line);
	json_decref(line);
}

static void take_job(struct follow *f, json_t *job)
{
	json_decref(f->job);
	f->job = json_incref(job);
}

static void back_again(struct follow *f)
{
	if (f->away && !f->how->quiet)
		progress_note(&f->progress, "gatewrightd is back");
	f->away = false;
}

/* What is not JSON, or of a kind that nobody here knows, is left alone: the job itself is asked for at the end. */
static int on_event(const struct sse_event *event, void *context)
{
	struct follow *f = context;
	CLEANUP(json_freep)
	json_t *data = json_loadb((const char *)event->data.p, event->data.n, JSON_REJECT_DUPLICATES, NULL);

	back_again(f);
	if (!json_is_object(data))
		return 0;
	if (f->how->lines)
		print_event_line(f, event->event, data);
	if (strcmp(event->event, "step") == 0 && !f->how->quiet)
		progress_step(&f->progress, data);
	if (strcmp(event->event, "job") == 0)
		take_job(f, data);
	return 0;
}

static int on_tick(void *context)
{
	struct follow *f = context;

	if (interrupted)
		return -EINTR;
	if (!f->how->quiet)
		progress_tick(&f->progress);
	return 0;
}

/* Until the stream ends. 0: it ended; CLI_FAILED: there is no such job; negative: lost. */
static int read_stream(struct follow *f)
{
	struct http_stream stream = { on_event, on_tick, f };
	struct http_answer answer;
	char path[API_PATH_MAX];
	struct err e = { 0 };
	int r;

	http_answer_init(&answer);
	sse_reconnect(&f->parser);
	r = http_client_stream(f->cli->http, api_job_path(path, f->how->id, "/events"), &f->parser, &stream, &answer,
			       &e);
	if (r == 0 && answer.status != 200)
		r = answer.status == 404 ? CLI_FAILED : -EPROTO;
	http_answer_fini(&answer);
	return r;
}

/* The job as it is now, quietly: 0 and f->job is new; negative: gatewrightd does not answer. */
static int read_job(struct follow *f)
{
	struct http_answer answer;
	json_t *job = NULL;
	char path[API_PATH_MAX];
	struct err e = { 0 };
	int r;

	http_answer_init(&answer);
	r = http_client_call(f->cli->http, "GET", api_job_path(path, f->how->id, ""), BYTES_NONE, &answer, &e);
	if (r == 0 && answer.status == 404)
		r = CLI_FAILED;
	if (r == 0 && answer.status == 200)
		job = json_loadb((const char *)answer.body.p, answer.body.n, JSON_REJECT_DUPLICATES, NULL);
	if (r == 0 && !json_is_object(job))
		r = -EPROTO;
	if (r == 0) {
		take_job(f, job);
		back_again(f);
	}
	json_decref(job);
	http_answer_fini(&answer);
	return r;
}

/* Steps that ended while nobody listened. */
static void catch_up(struct follow *f)
{
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(f->job, "steps"), i, step)
	{
		if (!f->how->quiet && strcmp(json_text(step, "outcome"), "started") != 0)
			progress_step(&f->progress, step);
	}
}

static void say_away(struct follow *f)
{
	if (f->away)
		return;
	f->away = true;
	f->away_since = clock_mono();
	if (!f->how->quiet)
		progress_note(&f->progress,
			      "gatewrightd does not answer; waiting for it, the job is stored and goes on");
}

/* -EINTR: stopped by the person. */
static int wait_a_little(struct follow *f, int ms)
{
	for (int64_t end = clock_mono().ms + ms; clock_mono().ms < end && !interrupted;) {
		(void)poll(NULL, 0, ms < TICK_MS ? ms : TICK_MS);
		(void)on_tick(f);
	}
	return interrupted ? -EINTR : 0;
}

/* 0: f->job is done. CLI_FAILED: no such job. Negative: given up. */
static int until_done(struct follow *f)
{
	int pause = PAUSE_MIN_MS;

	for (;;) {
		json_int_t ended = f->progress.ended;
		int r = read_stream(f);

		if (r != -EINTR && r != CLI_FAILED)
			r = read_job(f);
		if (r == CLI_FAILED || r == -EINTR)
			return r;
		if (r == 0)
			catch_up(f);
		if (r == 0 && json_flag(f->job, "done"))
			return 0;
		if (r < 0)
			say_away(f);
		if (f->away && clock_mono().ms - f->away_since.ms > f->cli->outage_limit.ms)
			return -ETIMEDOUT;
		pause = f->progress.ended != ended ? PAUSE_MIN_MS : pause < PAUSE_MAX_MS ? pause * 2 : pause;
		if (wait_a_little(f, pause) < 0)
			return -EINTR;
	}
}

static int say_end(struct follow *f, int r)
{
	const char *detail = json_text(f->job, "detail"), *outcome = json_text(f->job, "outcome");
	long long id = (long long)f->how->id;

	if (r == CLI_FAILED) {
		cli_say_error(f->cli, "gatewrightd knows no job %lld", id);
		return CLI_FAILED;
	}
	if (r == -EINTR)
		cli_note(f->cli, "No longer watching; job %lld goes on: gatewright job watch %lld", id, id);
	else if (r < 0)
		cli_say_error(
			f->cli,
			"gatewrightd did not come back: how job %lld ended is not known; 'gatewright job watch %lld' "
			"when it is there again",
			id, id);
	if (r < 0)
		return CLI_UNKNOWN;
	if (job_exit(f->job) != CLI_DONE)
		cli_say_error(f->cli, "job %lld: %s%s%s", id, outcome[0] ? outcome : "unknown", detail[0] ? ": " : "",
			      detail);
	else if (!f->how->quiet)
		cli_say(f->cli, "job %lld: %s%s%s", id, outcome, detail[0] ? ": " : "", detail);
	return job_exit(f->job);
}

int job_follow(const struct job_follow *how, json_t **ret)
{
	struct follow f = { .how = how, .cli = how->cli };
	struct sigaction action = { .sa_handler = on_interrupt }, old;
	int r = api_open(how->cli);

	if (r != CLI_DONE)
		return r;
	interrupted = 0;
	(void)sigaction(SIGINT, &action, &old);
	sse_init(&f.parser);
	progress_init(&f.progress, how->cli);
	r = until_done(&f);
	progress_fini(&f.progress);
	sse_fini(&f.parser);
	(void)sigaction(SIGINT, &old, NULL);
	r = say_end(&f, r);
	if (f.job)
		*ret = TAKE(f.job);
	return r;
}
