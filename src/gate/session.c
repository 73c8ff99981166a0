#include "gate/session.h"

#include "base/rd.h"
#include "codec/hex.h"
#include "gate/activation.h"
#include "gate/client.h"
#include "gate/control.h"
#include "gate/failure.h"
#include "gate/offline.h"
#include "gate/session_io.h"
#include "gate/stage.h"
#include "gate/words.h"
#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct session {
	const struct session_setup *setup;
	struct keystore *ks;
	struct session_io io;
	struct words words;
	struct buf out;
	char staged[KEYSTORE_ID_SIZE]; /* by this session, and not live since; "" none */
	bool staged_here;	       /* it was not there before */
	bool bye;
};

static const char out_of_step[] = "the conversation is out of step";

/* Facts of the gate's answer that the manager's side wants too. */
static void pass_fact(struct session *s, const struct client_answer *a, const char *key)
{
	struct bytes value;
	size_t cursor = 0;

	if (client_next(a, key, &cursor, &value))
		buf_printf(&s->out, "= %s %.*s\n", key, (int)value.n, (const char *)value.p);
}

/*
 * check, status, list
 */

static void say_live_offline(struct session *s)
{
	char live[KEYSTORE_ID_SIZE];

	buf_printf(&s->out, "= live %s\n", keystore_live(s->ks, live, NULL) == 0 ? live : "-");
}

/* Without a gate the directory alone says what is live and pending; `left` is then the record's. */
static void say_state_offline(struct session *s)
{
	struct pending p;
	int64_t left;

	say_live_offline(s);
	if (pending_read(s->ks, &p, NULL) != 0) {
		buf_add_str(&s->out, "= pending -\n= left -\n");
		return;
	}
	left = p.deadline.s - clock_wall().s;
	buf_printf(&s->out, "= pending %s\n= left %lld\n", p.token, left > 0 ? (long long)left : 0);
}

/* "yes", "no" or "unknown". */
static const char *say_state(struct session *s)
{
	struct client_answer a;
	struct err e = { 0 };
	int r = client_call(s->setup->socket_path, &a, &e, "status");

	if (r == 0) {
		pass_fact(s, &a, "live");
		pass_fact(s, &a, "pending");
		pass_fact(s, &a, "left");
	} else {
		say_state_offline(s);
	}
	client_answer_fini(&a);
	return r == 0 ? "yes" : r == FAILURE_NOT_RUNNING ? "no" : "unknown";
}

static void say_chain(struct session *s)
{
	char live[KEYSTORE_ID_SIZE];
	struct buf text;
	struct rd r;
	int fd;

	if (keystore_live(s->ks, live, NULL) != 0)
		return;
	fd = openat(keystore_generations_fd(s->ks), live, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	buf_init(&text, LIMIT_KEYSTORE_FILE_MAX + 4096);
	if (fd >= 0 && keystore_read_file(fd, "chain.pem", LIMIT_KEYSTORE_FILE_MAX, &text, NULL) == 0) {
		r = rd_of(buf_bytes(&text));
		while (r.rest.n > 0) {
			bool newline;
			struct bytes line = rd_until(&r, '\n', &newline);

			buf_printf(&s->out, "+ %.*s\n", (int)line.n, (const char *)line.p);
		}
	}
	buf_fini(&text);
	if (fd >= 0)
		close(fd);
}

static int on_check(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	uint64_t free_bytes;
	const char *running;
	int r = keystore_free_space(s->ks, &free_bytes, e);

	if (r < 0)
		return r;
	buf_printf(&s->out, "= clock %lld\n= free %llu\n", (long long)clock_wall().s, (unsigned long long)free_bytes);
	running = say_state(s);
	buf_printf(&s->out, "= boot-hook native\n= user %ld\n= running %s\n", (long)s->setup->user, running);
	say_chain(s);
	return 0;
}

static int on_status(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	(void)e;
	(void)say_state(s);
	return 0;
}

static int on_list(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	CLEANUP(util_freep) struct keystore_entry *entries = NULL;
	size_t n = 0;
	int r = keystore_list(s->ks, &entries, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		buf_printf(&s->out, "= generation %s %s\n", entries[i].id,
			   entries[i].complete ? "complete" : "partial");
	return r;
}

/*
 * stage
 */

struct file_line {
	char name[32];
	uint64_t size;
	uint8_t sha256[STAGE_HASH_SIZE];
};

/* A line that can't be understood says not how many bytes follow: the conversation ends. */
static int read_file_line(struct session *s, struct file_line *ret, struct err *e)
{
	struct words words;
	struct bytes line;
	int r = session_io_line(&s->io, &line, e);

	if (r != 0)
		return r;
	if (!words_split(line, &words) || words.n != 4 || !bytes_equal_str(words.w[0], "file") ||
	    !words_copy(words.w[1], ret->name, sizeof(ret->name)) ||
	    !words_number(words.w[2], LIMIT_KEYSTORE_FILE_MAX, &ret->size) ||
	    !hex_decode(words.w[3], ret->sha256, STAGE_HASH_SIZE))
		return err_set(e, -EPROTO, "want 'file NAME SIZE SHA256' with at most %d bytes",
			       LIMIT_KEYSTORE_FILE_MAX);
	return 0;
}

/*
 * Read one file. `st` NULL: its bytes are only skipped, because something failed before. *failed gets the first
 * failure of the disk; what is returned is the stream's.
 */
static int receive_file(struct session *s, struct stage *st, int *failed, struct err *e_failed, struct err *e)
{
	struct file_line file;
	int r = read_file_line(s, &file, e);
	uint64_t left;

	if (r != 0)
		return r;
	if (*failed == 0)
		*failed = stage_file_open(st, file.name, e_failed);
	for (left = file.size; left > 0;) {
		struct bytes data;

		r = session_io_bytes(&s->io, left, &data, e);
		if (r != 0)
			return r;
		left -= data.n;
		if (*failed == 0)
			*failed = stage_file_write(st, data, e_failed);
	}
	if (*failed == 0)
		*failed = stage_file_close(st, file.size, file.sha256, e_failed);
	return 0;
}

/* What can be known here without the live one: the files parse, the key fits, the chain is whole. */
static int check_staged(const struct stage *st, const char *id, struct err *e)
{
	CLEANUP(generation_freep) struct generation *g = NULL;

	return generation_read_at(stage_fd(st), id, &g, e);
}

static int finish_stage(struct session *s, struct stage **st, const char *id, size_t files_n, struct err *e)
{
	bool again = s->staged_here && strcmp(s->staged, id) == 0;
	int r = check_staged(*st, id, e);

	if (r == 0)
		r = stage_finish(TAKE(*st), e);
	if (r < 0)
		return r;
	memcpy(s->staged, id, strlen(id) + 1);
	s->staged_here = again || r == 0;
	buf_printf(&s->out, "= verified %zu\n", files_n);
	return 0;
}

static int on_stage(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	CLEANUP(stage_abandonp) struct stage *st = NULL;
	char id[KEYSTORE_ID_SIZE];
	struct err e_stream = { 0 };
	uint64_t files_n;
	int failed, r;

	if (!words_number(s->words.w[2], LIMIT_HOST_FILES_MAX, &files_n))
		return err_set(e, -EPROTO, "want 'stage ID N' with at most %d files", LIMIT_HOST_FILES_MAX);
	if (!words_copy(s->words.w[1], id, sizeof(id)) || !keystore_id_is_valid(bytes_of_str(id)))
		failed = err_set(e, -EINVAL, "generation: want [A-Za-z0-9.-]{1,64}, no dot or hyphen in front");
	else
		failed = stage_begin(s->ks, id, &st, e);
	for (uint64_t i = 0; i < files_n; i++) {
		r = receive_file(s, st, &failed, e, &e_stream);
		if (r > 0)
			return 1;
		if (r < 0)
			return err_set(e, r, "%s: %s", out_of_step, err_text(&e_stream));
	}
	return failed < 0 ? failed : finish_stage(s, &st, id, (size_t)files_n, e);
}

/*
 * switch, confirm, rollback: the gate's work
 */

static int switch_offline(struct session *s, const char *id, struct err *e)
{
	struct activation_switched done;
	int r = offline_switch(s->ks, id, &done, e);

	if (r == 0)
		buf_printf(&s->out, "= old %s\n= live %s\n", done.old_id, id);
	return r;
}

static int on_switch(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	char id[KEYSTORE_ID_SIZE], token[KEYSTORE_TOKEN_SIZE];
	struct client_answer a;
	uint64_t seconds;
	int r;

	if (!words_copy(s->words.w[1], id, sizeof(id)) || !words_copy(s->words.w[2], token, sizeof(token)) ||
	    !words_number(s->words.w[3], LIMIT_SWITCH_WINDOW_MAX_S, &seconds))
		return err_set(e, -EINVAL, "want 'switch ID TOKEN SECONDS' with at most %d seconds",
			       LIMIT_SWITCH_WINDOW_MAX_S);
	r = client_call(s->setup->socket_path, &a, e, "activate %s %s %llu", id, token, (unsigned long long)seconds);
	pass_fact(s, &a, "old");
	pass_fact(s, &a, "live");
	pass_fact(s, &a, "restored");
	client_answer_fini(&a);
	if (r == FAILURE_NOT_RUNNING && seconds == 0)
		r = switch_offline(s, id, e);
	if (r == 0 && strcmp(s->staged, id) == 0)
		s->staged[0] = '\0'; /* what is live or pending stays at the end of the session */
	return r;
}

static int on_confirm(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	char token[KEYSTORE_TOKEN_SIZE];
	struct client_answer a;
	uint64_t keep;
	int r;

	if (!words_copy(s->words.w[1], token, sizeof(token)) ||
	    !words_number(s->words.w[2], LIMIT_KEYSTORE_GENERATIONS_MAX, &keep))
		return err_set(e, -EINVAL, "want 'confirm TOKEN KEEP' with at most %d to keep",
			       LIMIT_KEYSTORE_GENERATIONS_MAX);
	r = client_call(s->setup->socket_path, &a, e, "confirm %s %llu", token, (unsigned long long)keep);
	pass_fact(s, &a, "live");
	pass_fact(s, &a, "removed");
	client_answer_fini(&a);
	return r;
}

/* With no gate running the directory goes back; the next start serves it. */
static int rollback_offline(struct session *s, const char *token, struct err *e)
{
	struct pending p;
	int r = pending_read(s->ks, &p, e);

	if (r > 0 || (r == 0 && strcmp(p.token, token) != 0))
		return err_set(e, FAILURE_NOT_PENDING, "no switch with token '%s' awaits confirmation", token);
	if (r == 0)
		r = offline_repair(s->ks, e);
	if (r < 0)
		return r;
	say_live_offline(s); /* the old one, or what is whole when that is broken */
	buf_add_str(&s->out, "= restored no\n");
	return 0;
}

static int on_rollback(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	char token[KEYSTORE_TOKEN_SIZE];
	struct client_answer a;
	int r;

	if (!words_copy(s->words.w[1], token, sizeof(token)))
		return err_set(e, -EINVAL, "want 'rollback TOKEN'");
	r = client_call(s->setup->socket_path, &a, e, "rollback %s", token);
	pass_fact(s, &a, "live");
	pass_fact(s, &a, "restored");
	client_answer_fini(&a);
	return r == FAILURE_NOT_RUNNING ? rollback_offline(s, token, e) : r;
}

static int discard(struct session *s, const char *id, struct err *e)
{
	int r = stage_discard(s->ks, id, e);

	if (r == 0 && strcmp(s->staged, id) == 0)
		s->staged[0] = '\0';
	return r;
}

static int on_discard(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	char id[KEYSTORE_ID_SIZE];

	if (!words_copy(s->words.w[1], id, sizeof(id)) || !keystore_id_is_valid(bytes_of_str(id)))
		return err_set(e, -EINVAL, "want 'discard ID'");
	return discard(s, id, e);
}

static int on_bye(void *context, struct err *e)
{
	struct session *s = (struct session *)context;
	(void)e;
	s->bye = true;
	return 0;
}

/*
 * The conversation
 */

static const struct words_verb verbs[] = {
	{ "check", 1, on_check },     { "stage", 3, on_stage },	    { "switch", 4, on_switch },
	{ "status", 1, on_status },   { "confirm", 3, on_confirm }, { "rollback", 2, on_rollback },
	{ "discard", 2, on_discard }, { "list", 1, on_list },	    { "bye", 1, on_bye },
};

/* 1: end of file. -EPROTO, -ETIMEDOUT and the like: it can't go on. */
static int take_request(struct session *s, struct err *e)
{
	struct err e_request = { 0 };
	struct bytes line;
	int r = session_io_line(&s->io, &line, e), w;

	if (r != 0)
		return r;
	buf_reset(&s->out);
	r = words_answer(verbs, ARRAY_N(verbs), line, &s->words, s, &e_request);
	if (r > 0)
		return 1;
	if (r < 0)
		control_fail(r, &e_request, &s->out);
	else
		buf_add_str(&s->out, "ok\n");
	w = session_io_write(&s->io, &s->out, e);
	if (w < 0)
		return w;
	return r == -EPROTO ? err_set(e, -EPROTO, "%s", err_text(&e_request)) : 0;
}

static int greet(struct session *s, struct err *e)
{
	buf_add_str(&s->out, "gatewright-host 1 gate\n");
	return session_io_write(&s->io, &s->out, e);
}

int session_run(const struct session_setup *setup, struct err *e)
{
	struct session s = { .setup = setup, .ks = setup->ks };
	int r;

	session_io_init(&s.io, setup->in_fd, setup->out_fd);
	buf_init(&s.out, 2 * LIMIT_KEYSTORE_FILE_MAX);
	r = greet(&s, e);
	while (r == 0 && !s.bye)
		r = take_request(&s, e);
	/* Only staged, by this very session, and the manager went away without a word. */
	if (s.staged[0] && s.staged_here && !s.bye)
		util_ignore(discard(&s, s.staged, NULL));
	session_io_fini(&s.io);
	buf_fini(&s.out);
	return r > 0 ? 0 : r;
}
