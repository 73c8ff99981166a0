/* The manager against deploy processes that misbehave: it neither crashes nor hangs, and the job's row is true. */
#include "manager_bench.h"

#include "sys/clock.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int setup(void **state)
{
	struct manager_bench *b = calloc(1, sizeof(*b));

	bench_open(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	bench_close(*state);
	free(*state);
	return 0;
}

/* ---- a process by words ---- */

static void add_deadline(struct buf *m, const char *state, int64_t in_s)
{
	if (strcmp(state, "switched") == 0)
		wire_add_u64(m, FIELD_DEADLINE, (uint64_t)(clock_wall().s + in_s));
}

static void move(struct manager_bench *b, int fd, const char *state, int64_t deadline_in, bool want_ok)
{
	struct buf m = bench_message(MSG_DEPLOY_MOVE);

	wire_add_str(&m, FIELD_STATE, state);
	add_deadline(&m, state, deadline_in);
	bench_send(b, fd, &m, want_ok);
}

static void step(struct manager_bench *b, int fd, const char *outcome)
{
	struct buf m = bench_message(MSG_DEPLOY_STEP);

	wire_add_str(&m, FIELD_STATE, "connecting");
	wire_add_str(&m, FIELD_STEP, "connect");
	wire_add_str(&m, FIELD_OUTCOME, outcome);
	if (ipc_send(fd, &m, -1, &b->f.e) < 0)
		assert_int_equal(b->f.e.code, -EPIPE);
	buf_fini(&m);
}

/* `seen`: a letter per probe, o(ld) n(ew) -(nothing) x(no JSON). */
static void add_probes(struct manager_bench *b, struct buf *m, const char *seen)
{
	for (; *seen; seen++)
		wire_add_str(m, FIELD_PROBE,
			     *seen == 'x' ? "no probe" : bench_probe(b, *seen == 'o' ? OLD : *seen == 'n' ? NEW : BENCH_CERTS));
}

static struct buf result_message(struct manager_bench *b, const char *result, const char *seen)
{
	struct buf m = bench_message(MSG_DEPLOY_RESULT);

	wire_add_str(&m, FIELD_RESULT, result);
	wire_add_str(&m, FIELD_TEXT, "so it says");
	add_probes(b, &m, seen);
	return m;
}

static void send_raw(struct manager_bench *b, int fd, size_t n)
{
	static uint8_t raw[WIRE_MESSAGE_MAX + 1];

	memset(raw, 'x', sizeof(raw));
	assert_int_equal(send(fd, raw, n, 0), n);
	assert_true(bench_is_closed(b, fd));
}

static void many_steps(struct manager_bench *b, int fd)
{
	b->f.e.code = 0;
	for (size_t i = 0; i < 300 && b->f.e.code == 0; i++)
		step(b, fd, "done");
	assert_true(bench_is_closed(b, fd));
}

static void with_descriptor(struct manager_bench *b, int fd)
{
	struct buf m = bench_message(MSG_DEPLOY_STEP);

	assert_int_equal(ipc_send(fd, &m, fd, &b->f.e), 0);
	buf_fini(&m);
	assert_true(bench_is_closed(b, fd));
}

static void die(struct manager_bench *b, int fd)
{
	(void)b;
	(void)shutdown(fd, SHUT_RDWR);
}

static void say_nothing(struct manager_bench *b, int fd)
{
	int r = 2;

	for (int i = 0; i < 400 && r == 2; i++) { /* at each wake-up the supervisor looks at those that it knew before */
		bench_pass(b, 60 + 90 + 60 + 60); /* the longest state, the window, the margin */
		r = ipc_receive(fd, 50, &b->buf, &b->in, NULL, &b->f.e);
	}
	assert_int_equal(r, 1);
}

static void other_message(struct manager_bench *b, int fd)
{
	struct buf m = bench_message(MSG_KEYS_RELEASE);

	bench_send(b, fd, &m, false);
}

static void garbage(struct manager_bench *b, int fd)
{
	send_raw(b, fd, 7);
}

static void too_large(struct manager_bench *b, int fd)
{
	send_raw(b, fd, WIRE_MESSAGE_MAX + 1);
}

static void open_step(struct manager_bench *b, int fd)
{
	step(b, fd, "started");
}

static void odd_step(struct manager_bench *b, int fd)
{
	step(b, fd, "sideways");
	assert_true(bench_is_closed(b, fd));
}

static void far_deadline(struct manager_bench *b, int fd)
{
	move(b, fd, "switched", INT64_MAX / 2, false);
}

static const struct word {
	const char *name;
	void (*act)(struct manager_bench *b, int fd);
} words[] = {
	{ "garbage", garbage },	      { "too-large", too_large },      { "other-message", other_message }, { "descriptor", with_descriptor },
	{ "many-steps", many_steps },   { "die", die },			   { "silence", say_nothing },
	{ "open-step", open_step },   { "odd-step", odd_step },	       { "far-deadline", far_deadline },
};

/* "state": a move that is answered; "!state": one that ends the channel; "=result/seen", "!=result/seen" likewise. */
static void say_word(struct manager_bench *b, int fd, char *word)
{
	bool good = word[0] != '!';
	char *text = word + !good, *seen = strchr(text, '/');

	for (size_t i = 0; i < ARRAY_N(words); i++) {
		if (strcmp(words[i].name, text) == 0) {
			words[i].act(b, fd);
			return;
		}
	}
	if (text[0] == '=') {
		struct buf m;

		*seen = '\0';
		m = result_message(b, text + 1, seen + 1);
		bench_send(b, fd, &m, good);
	} else {
		move(b, fd, text, -300, good); /* the dead-man switch is over, when the job is found */
	}
}

static void say_all(struct manager_bench *b, int fd, const char *script)
{
	char *rest = arena_str(b->f.a, bytes_of_str(script)), *word;

	while ((word = strsep(&rest, " ")))
		say_word(b, fd, word);
}

/* ---- until the end ---- */

/* `how` as in add_probes(); "die" and "garbage" do that instead of answering. */
static void answer_look(struct manager_bench *b, int fd, const char *how)
{
	assert_true(bytes_equal_str(wire_get(&b->in, FIELD_JOB_KIND), "recover"));
	if (strcmp(how, "garbage") == 0) {
		garbage(b, fd);
	} else if (strcmp(how, "die") != 0) {
		struct buf m = result_message(b, "confirmed", how);

		bench_send(b, fd, &m, true);
	}
	(void)close(fd);
}

static struct store_job wait_done(struct manager_bench *b, int64_t job, const char *how)
{
	for (int looks = 0, idle = 0; looks < 30 && idle < 400;) {
		struct store_job row = bench_job(b, job);
		int fd;

		if (row.done)
			return row;
		fd = bench_next(b, 50);
		if (fd >= 0) {
			answer_look(b, fd, how);
			looks++;
		} else {
			bench_pass(b, 20);
			idle++;
		}
	}
	fail_msg("job %lld never ends", (long long)job);
	return (struct store_job) { 0 };
}

static void check_steps(struct manager_bench *b, const char *name, int64_t job)
{
	struct store_step *steps = NULL;
	size_t n = 0;

	assert_int_equal(store_step_list(b->s, job, b->f.a, &steps, &n, &b->f.e), 0);
	for (size_t i = 0; i < n; i++)
		if (strcmp(steps[i].outcome, "started") == 0)
			fail_msg("%s: step %zu never ends", name, i + 1);
}

static const struct row {
	const char *name, *script;
	const char *looks; /* what a recovery sees; NULL: there must be none */
	const char *outcome, *state, *words;
	bool is_new; /* what is Used at the end */
} rows[] = {
	/* as it should be */
	{ "good", "connecting checked staged switched probing =confirmed/n", NULL, "confirmed", "confirmed", "so it says", true },
	{ "back", "connecting checked staged switched probing rolling-back =rolled-back/o", NULL, "rolled-back", "rolled-back", "so it says", false },
	{ "fails", "connecting =failed/", NULL, "failed", "failed", "so it says", false },
	{ "does not know", "connecting checked staged switched probing =unknown/-", NULL, "unknown", "probing", "so it says", false },
	/* messages that are none */
	{ "garbage at once", "garbage", NULL, "failed", "failed", "malformed message", false },
	{ "garbage after the switch", "connecting checked staged switched garbage", "o", "rolled-back", "rolled-back", "malformed message", false },
	{ "too large", "connecting too-large", NULL, "failed", "failed", "too large", false },
	{ "a request to keys", "connecting other-message", NULL, "failed", "failed", "a message of type", false },
	{ "with a descriptor", "connecting descriptor", NULL, "failed", "failed", "descriptors", false },
	{ "a step without sense", "connecting odd-step", NULL, "failed", "failed", "outcome 'sideways'", false },
	{ "a probe without sense", "connecting checked staged switched probing !=confirmed/x", "n", "confirmed", "confirmed", "no JSON object", true },
	{ "a result without sense", "connecting !=splendid/", NULL, "failed", "failed", "a result that there is not", false },
	{ "a state without sense", "!nowhere", NULL, "failed", "failed", "a state that there is not", false },
	/* out of order */
	{ "skips states", "connecting !switched", NULL, "failed", "failed", "from 'connecting' to 'switched'", false },
	{ "goes round", "connecting !connecting", NULL, "failed", "failed", "from 'connecting' to 'connecting'", false },
	{ "back to the start", "connecting checked staged switched probing !connecting", "o", "rolled-back", "rolled-back", "from 'probing'", false },
	{ "enters the end", "connecting checked staged switched probing !confirmed", "o", "rolled-back", "rolled-back", "to 'confirmed'", false },
	{ "confirmed before it began", "!=confirmed/n", NULL, "failed", "failed", "the end 'confirmed' in state 'queued'", false },
	{ "confirmed when switched", "connecting checked staged switched !=confirmed/n", "o", "rolled-back", "rolled-back", "in state 'switched'", false },
	{ "rolled back out of nothing", "connecting !=rolled-back/o", NULL, "failed", "failed", "the end 'rolled-back' in state 'connecting'", false },
	{ "failed after the switch", "connecting checked staged switched probing !=failed/o", "n", "confirmed", "confirmed", "the end 'failed' in state 'probing'", true },
	{ "confirmed by nothing", "connecting checked staged switched probing !=confirmed/", "o", "rolled-back", "rolled-back", "without probes", false },
	{ "confirmed by the old one", "connecting checked staged switched probing !=confirmed/no", "o", "rolled-back", "rolled-back", "without probes", false },
	{ "rolled back to the new one", "connecting checked staged switched probing rolling-back !=rolled-back/n", "o", "rolled-back", "rolled-back",
	  "saw the new", false },
	/* too much, too little */
	{ "steps without end", "connecting many-steps", NULL, "failed", "failed", "more than 200 steps", false },
	{ "steps that overlap", "connecting open-step open-step die", NULL, "failed", "failed", "without a result", false },
	{ "a deadline that never comes", "connecting checked staged far-deadline", NULL, "failed", "failed", "a deadline that no window reaches", false },
	{ "says nothing", "silence", NULL, "failed", "failed", "silent for too long", false },
	{ "says nothing any more", "connecting checked staged switched silence", "o", "rolled-back", "rolled-back", "silent for too long", false },
	/* dies */
	{ "dies at once", "die", NULL, "failed", "failed", "ended without a result: nothing had been switched", false },
	{ "dies staged", "connecting checked staged die", NULL, "failed", "failed", "the old keystore is untouched", false },
	{ "dies switched", "connecting checked staged switched die", "o", "rolled-back", "rolled-back", "the old certificate is served", false },
	{ "dies switched, new stays", "connecting checked staged switched die", "n", "unknown", "switched", "look at it", true },
	{ "dies probing, was confirmed", "connecting checked staged switched probing die", "n", "confirmed", "confirmed", "the new certificate is served", true },
	{ "dies probing, was not", "connecting checked staged switched probing die", "o", "rolled-back", "rolled-back", "the old certificate is served", false },
	{ "dies going back", "connecting checked staged switched probing rolling-back die", "o", "rolled-back", "rolled-back", "the old certificate", false },
	{ "dies, both are served", "connecting checked staged switched probing die", "on", "unknown", "probing", "served everywhere", true },
	{ "dies, nothing is served", "connecting checked staged switched probing die", "-", "unknown", "probing", "could not be seen: look at it: nobody listens", false },
	/* the look misbehaves too */
	{ "every look dies", "connecting checked staged switched probing die", "die", "unknown", "probing", "could not be seen", false },
	{ "every look is garbage", "connecting checked staged switched probing die", "garbage", "unknown", "probing", "malformed message", false },
	{ "every look is no JSON", "connecting checked staged switched probing die", "x", "unknown", "probing", "no JSON object", false },
};

static void run_row(struct manager_bench *b, const struct row *row)
{
	int64_t job = bench_add_job(b);
	struct store_job done;
	int fd;

	assert_int_equal(store_use_set(b->s, b->gateway, &b->cert[OLD], 1, clock_wall(), "probe", &b->f.e), 0);
	bench_run_job(b, job);
	fd = bench_next(b, BENCH_WAIT_MS);
	assert_true(fd >= 0);
	say_all(b, fd, row->script);
	done = wait_done(b, job, row->looks ? row->looks : "there must be no look");
	(void)close(fd);
	if (strcmp(done.outcome, row->outcome) != 0 || strcmp(done.state, row->state) != 0 || !strstr(done.detail, row->words))
		fail_msg("%s: got %s in '%s': %s", row->name, done.outcome, done.state, done.detail);
	if (bench_uses(b, NEW) != row->is_new)
		fail_msg("%s: the new certificate is%s Used", row->name, row->is_new ? " not" : "");
	if (bench_uses(b, OLD) == row->is_new && strcmp(row->looks ? row->looks : "", "on") != 0)
		fail_msg("%s: the old certificate is%s Used", row->name, row->is_new ? "" : " not");
	check_steps(b, row->name, job);
}

static void test_misbehaving(void **state)
{
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		run_row(*state, &rows[i]);
}

/* The end twice: the second one meets a closed channel, and changes nothing. */
static void test_end_twice(void **state)
{
	struct manager_bench *b = *state;
	int64_t job = bench_add_job(b);
	struct store_job done;
	struct buf first, second;
	int fd;

	bench_run_job(b, job);
	fd = bench_next(b, BENCH_WAIT_MS);
	say_all(b, fd, "connecting checked staged switched probing");
	first = result_message(b, "confirmed", "n");
	second = result_message(b, "unknown", "o");
	assert_int_equal(ipc_send(fd, &first, -1, &b->f.e), 0);
	(void)!ipc_send(fd, &second, -1, &b->f.e);
	(void)bench_is_closed(b, fd);
	done = wait_done(b, job, "");
	assert_string_equal(done.outcome, "confirmed");
	assert_true(bench_uses(b, NEW) && !bench_uses(b, OLD));
	buf_fini(&first);
	buf_fini(&second);
	(void)close(fd);
}

/* ---- what makes a recovery ---- */

static int64_t job_in(struct manager_bench *b, const char *state, int64_t deadline_in)
{
	int64_t job = bench_add_job(b);

	assert_int_equal(store_job_move(b->s, job, state, "", clock_wall(), &b->f.e), 0);
	assert_int_equal(store_job_set_switch(b->s, job, clock_wall().s + deadline_in, NULL, NULL, &b->f.e), 0);
	return job;
}

/* A restart: what needs no target file goes on without, and what cannot be looked at at all ends. */
static void test_without_target(void **state)
{
	static const struct {
		const char *name, *sql, *looks, *outcome, *words;
	} cases[] = {
		{ "the target file is gone", "UPDATE gateway SET target = 'gone'", "o", "rolled-back", "the old certificate is served" },
		{ "parameters it does not take", "UPDATE gateway SET params = '{\"nonsense\":\"1\"}'", "n", "confirmed", "the new certificate is served" },
		{ "the record is damaged", "UPDATE gateway SET tls = '[]'", NULL, "unknown", "could not be seen: look at it: gateway 'edge': tls" },
	};
	struct manager_bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		int64_t job = job_in(b, "probing", -300);
		struct store_job done;

		bench_sql(b, cases[i].sql);
		bench_serve(b);
		done = wait_done(b, job, cases[i].looks ? cases[i].looks : "there must be no look");
		if (strcmp(done.outcome, cases[i].outcome) != 0 || !strstr(done.detail, cases[i].words) ||
		    !strstr(done.detail, "the manager was restarted"))
			fail_msg("%s: got %s: %s", cases[i].name, done.outcome, done.detail);
		supervisor_stop(b->m.jobs);
		supervisor_free(b->m.jobs);
		b->m.jobs = NULL;
		bench_sql(b, "UPDATE gateway SET target = 'test', params = '{}', tls = '[\"127.0.0.1:1\"]'");
	}
}

/* While the store takes nothing, looks do not count: when it does again, the row tells what is seen then. */
static void test_store_away(void **state)
{
	struct manager_bench *b = *state;
	int64_t job = job_in(b, "probing", -300);
	struct store_job done;

	bench_sql(b, "CREATE TRIGGER full BEFORE INSERT ON job_step BEGIN SELECT RAISE(ABORT, 'full'); END;"
		     "CREATE TRIGGER full_too BEFORE UPDATE OF done ON job BEGIN SELECT RAISE(ABORT, 'full'); END");
	bench_serve(b);
	for (int i = 0; i < 12; i++) {
		int fd = -1;

		for (int waits = 0; fd < 0 && waits < 100; waits++) {
			fd = bench_next(b, 20);
			if (fd < 0)
				bench_pass(b, 5);
		}
		assert_true(fd >= 0);
		answer_look(b, fd, "-");
		assert_false(bench_job(b, job).done);
	}
	bench_sql(b, "DROP TRIGGER full; DROP TRIGGER full_too");
	done = wait_done(b, job, "o");
	assert_string_equal(done.outcome, "rolled-back");
}

/* A job that is made as soon as the supervisor is there is not taken for one that was left open. */
static _Atomic(struct manager_bench *) adds_job;
static int64_t added;
int __real_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*run)(void *), void *context);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*run)(void *), void *context);

int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*run)(void *), void *context)
{
	struct manager_bench *b = atomic_exchange(&adds_job, NULL);

	if (b)
		added = bench_add_job(b);
	return __real_pthread_create(t, a, run, context);
}

static void test_new_job_at_the_start(void **state)
{
	struct manager_bench *b = *state;
	struct store_job done;
	int fd;

	adds_job = b;
	bench_serve(b);
	assert_true(added > 0);
	bench_run_job(b, added);
	fd = bench_next(b, BENCH_WAIT_MS);
	say_all(b, fd, "connecting checked staged switched probing =confirmed/n");
	done = wait_done(b, added, "there must be no look");
	assert_string_equal(done.outcome, "confirmed");
	(void)close(fd);
}

/* ---- questions ---- */

struct answer {
	struct ask ask;
	int done[2]; /* a pipe */
};

static void on_done(void *context)
{
	struct answer *a = context;

	assert_int_equal(write(a->done[1], "", 1), 1);
}

static int begin_probe(struct manager_bench *b, struct answer *a)
{
	struct buf message = bench_message(MSG_DEPLOY_JOB);
	struct store_gateway row;

	*a = (struct answer) { .ask = { .gateway_id = b->gateway, .is_probe = true, .done = on_done, .context = a } };
	assert_int_equal(pipe(a->done), 0);
	assert_int_equal(store_gateway_get(b->s, b->gateway, b->f.a, &row, &b->f.e), 0);
	assert_int_equal(gateway_mark(b->s, &row, &a->ask.mark, &b->f.e), 0);
	assert_int_equal(supervisor_ask(b->m.jobs, &a->ask, &message, &b->f.e), 0);
	return bench_next(b, BENCH_WAIT_MS);
}

static void end_probe(struct answer *a)
{
	char c;

	assert_int_equal(read(a->done[0], &c, 1), 1);
	(void)close(a->done[0]);
	(void)close(a->done[1]);
	ask_fini(&a->ask);
}

static void whole_job(struct manager_bench *b)
{
	int64_t job = bench_add_job(b);
	int fd;

	bench_run_job(b, job);
	fd = bench_next(b, BENCH_WAIT_MS);
	say_all(b, fd, "connecting checked staged switched probing =confirmed/n");
	(void)close(fd);
	assert_true(bench_job(b, job).done);
}

static void open_job(struct manager_bench *b)
{
	(void)bench_add_job(b);
}

static void other_address(struct manager_bench *b)
{
	bench_sql(b, "UPDATE gateway SET tls = '[\"127.0.0.1:2\"]'");
}

static void other_key(struct manager_bench *b)
{
	bench_sql(b, "UPDATE gateway SET host_key = 'SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB'");
}

static void nothing(struct manager_bench *b)
{
	(void)b;
}

/* A slow probe tells what was served when it looked; it is the truth unless something happened since it began. */
static void test_slow_probe(void **state)
{
	static const struct {
		const char *name;
		void (*before)(struct manager_bench *b);
		void (*meanwhile)(struct manager_bench *b);
		const char *saw;
		bool old_used, new_used;
	} cases[] = {
		{ "nothing happened", nothing, nothing, "n", false, true },
		{ "nothing happened, old", nothing, nothing, "o", true, false },
		{ "one had no handshake", nothing, nothing, "n-", true, false },
		{ "both are served", nothing, nothing, "on", true, true },
		{ "a whole job", nothing, whole_job, "o", false, true },
		{ "a job that is not over", nothing, open_job, "n", true, false },
		{ "a job was at work already", open_job, nothing, "n", true, false },
		{ "another address", nothing, other_address, "n", true, false },
		{ "another host key", nothing, other_key, "n", false, true },
	};

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct manager_bench *b = calloc(1, sizeof(*b));
		struct answer a;
		struct buf m;
		int fd;

		(void)state;
		bench_open(b);
		bench_serve(b);
		cases[i].before(b);
		fd = begin_probe(b, &a);
		cases[i].meanwhile(b);
		m = result_message(b, "confirmed", cases[i].saw);
		bench_send(b, fd, &m, true);
		end_probe(&a);
		if (bench_uses(b, OLD) != cases[i].old_used || bench_uses(b, NEW) != cases[i].new_used)
			fail_msg("%s: old %d, new %d", cases[i].name, bench_uses(b, OLD), bench_uses(b, NEW));
		(void)close(fd);
		bench_close(b);
		free(b);
	}
}

/* A question has its time as a whole: a process that talks all along does not hold it up for ever. */
static void test_talkative_question(void **state)
{
	struct manager_bench *b = *state;
	struct answer a;
	int fd = begin_probe(b, &a);

	for (int i = 0; i < 20; i++) {
		step(b, fd, "done");
		bench_pass(b, 10);
	}
	assert_true(bench_is_closed(b, fd));
	end_probe(&a); /* it is the supervisor's until then */
	assert_int_equal(a.ask.failed, -EIO);
	(void)close(fd);
}

/* A cancellation goes at once or not at all, whether its process reads or not. */
static void test_cancel(void **state)
{
	struct manager_bench *b = *state;
	int64_t job = bench_add_job(b);
	struct mono_time began = clock_mono();
	struct err e = { 0 };
	int fd, r = 0;

	assert_int_equal(supervisor_cancel(b->m.jobs, job, &e), 1);
	bench_run_job(b, job);
	fd = bench_next(b, BENCH_WAIT_MS);
	for (size_t i = 0; i < 100000 && r == 0; i++)
		r = supervisor_cancel(b->m.jobs, job, &e);
	assert_int_equal(r, -EAGAIN);
	assert_true(clock_mono().ms - began.ms < IPC_SEND_WAIT_MS);
	assert_non_null(strstr(err_text(&e), "does not listen"));
	assert_int_equal(ipc_receive(fd, 0, &b->buf, &b->in, NULL, NULL), 0);
	assert_int_equal(b->in.type, MSG_DEPLOY_CANCEL);
	(void)close(fd);
	assert_string_equal(wait_done(b, job, "").outcome, "failed");
	assert_int_equal(supervisor_cancel(b->m.jobs, job, &e), 1);
}

/* ---- the proof ---- */

/* As many probes as a round has, each side as large as a message: they are all in the proof. */
static void test_largest_proof(void **state)
{
	struct manager_bench *b = *state;
	int64_t job = bench_add_job(b);
	struct buf m = bench_message(MSG_DEPLOY_STEP);
	char *name = arena_alloc(b->f.a, 441);
	const char *jws = NULL;
	struct store_job done;
	int fd;

	memset(name, 'n', 440);
	name[440] = '\0';
	bench_run_job(b, job);
	fd = bench_next(b, BENCH_WAIT_MS);
	say_all(b, fd, "connecting");
	wire_add_str(&m, FIELD_STATE, "connecting");
	wire_add_str(&m, FIELD_STEP, "check");
	wire_add_str(&m, FIELD_OUTCOME, "done");
	for (size_t i = 0; i < 256; i++)
		wire_add_str(&m, FIELD_PROBE, arena_printf(b->f.a, "{\"name\":\"%s\",%s", name, bench_probe(b, OLD) + 1));
	assert_int_equal(ipc_send(fd, &m, -1, &b->f.e), 0);
	buf_fini(&m);
	say_all(b, fd, "checked staged switched probing");
	m = bench_message(MSG_DEPLOY_RESULT);
	wire_add_str(&m, FIELD_RESULT, "confirmed");
	for (size_t i = 0; i < 256; i++)
		wire_add_str(&m, FIELD_PROBE, arena_printf(b->f.a, "{\"name\":\"%s\",%s", name, bench_probe(b, NEW) + 1));
	bench_send(b, fd, &m, true);
	done = wait_done(b, job, "");
	assert_null(strstr(done.detail, "without a proof"));
	assert_int_equal(store_proof_get(b->s, job, b->f.a, &jws, &b->f.e), 0);
	assert_non_null(jws);
	assert_true(strlen(jws) > (size_t)2 * 256 * 440 * 4 / 3);
	(void)close(fd);
}

static int setup_served(void **state)
{
	(void)setup(state);
	bench_serve(*state);
	return 0;
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
#define TEST_SERVED(t) cmocka_unit_test_setup_teardown(t, setup_served, teardown)
	const struct CMUnitTest tests[] = {
		TEST_SERVED(test_misbehaving),
		TEST_SERVED(test_end_twice),
		TEST(test_without_target),
		TEST(test_store_away),
		TEST(test_new_job_at_the_start),
		cmocka_unit_test(test_slow_probe),
		TEST_SERVED(test_talkative_question),
		TEST_SERVED(test_cancel),
		TEST_SERVED(test_largest_proof),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(280); /* a manager that hangs must not hang the tests */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
