/*
 * A test tool: runs one deploy process (deploy_main) in a child and plays the manager's and the keys' side.
 *
 *	stdin	line 1: the job as JSON. With "hold": true one more line for every move: "ok", "refuse", "kill" (the deploy
 *		process), "close" (the manager's channel), "cancel" (and ok). At any time: "cancel!", "close!", "kill!".
 *	stdout	one JSON object per line: {"event": "move"|"step"|"release"|"result"|"gone", ...}; the last: {"event": "exit", "status": N}
 *
 * The key that keys would release is "key_pem" of the job. Never part of an installation.
 */
#include "base/log.h"
#include "gatewrightd/messages.h"
#include "gatewrightd/roles.h"
#include "sys/crypto/x509.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct driver {
	json_t *job;
	int manager, keys; /* our ends; -1: closed */
	pid_t child;
	bool hold, held;
	uint32_t held_id;
	char line[256 * 1024];
	size_t line_n;
};

static const struct {
	const char *name;
	uint16_t tag;
	bool number;
} simple_fields[] = {
	{ "kind", FIELD_JOB_KIND, false },	   { "gateway", FIELD_GATEWAY, false },
	{ "target", FIELD_TARGET, false },	   { "ssh_host", FIELD_SSH_HOST, false },
	{ "ssh_port", FIELD_SSH_PORT, true },	   { "ssh_user", FIELD_SSH_USER, false },
	{ "ssh_auth", FIELD_SSH_AUTH, false },	   { "ssh_password", FIELD_SSH_PASSWORD, false },
	{ "ssh_key", FIELD_SSH_KEY, false },	   { "ssh_key_passphrase", FIELD_SSH_KEY_PASSPHRASE, false },
	{ "ssh_agent", FIELD_SSH_AGENT, false },   { "sudo_password", FIELD_SUDO_PASSWORD, false },
	{ "generation", FIELD_GENERATION, false }, { "token", FIELD_TOKEN, false },
	{ "confirm_within", FIELD_CONFIRM_WITHIN, true }, { "keep", FIELD_KEEP, true },
	{ "skew_max", FIELD_SKEW_MAX, true },	   { "sealed_key", FIELD_SEALED_KEY, false },
};

static const struct {
	const char *name;
	uint16_t tag;
} lists[] = {
	{ "params", FIELD_PARAM }, { "tls", FIELD_TLS_ADDRESS }, { "names", FIELD_TLS_NAME }, { "pins", FIELD_SSH_PIN },
};

static NORETURN void die(const char *what)
{
	(void)fprintf(stderr, "deploy_driver: %s\n", what);
	exit(2);
}

static void print(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	(void)printf("%s\n", text);
	(void)fflush(stdout);
	free(text);
	json_decref(o);
}

static void add_chain(struct buf *b, json_t *job, const char *name, uint16_t tag)
{
	struct arena *a = arena_new(1 << 20);
	struct bytes ders[FACTS_CHAIN_MAX];
	const char *pem = json_string_value(json_object_get(job, name));
	size_t n = 0;

	if (pem && x509_pem_to_ders(bytes_of_str(pem), a, ders, FACTS_CHAIN_MAX, &n, NULL) < 0)
		die("a chain can't be read");
	for (size_t i = 0; i < n; i++)
		wire_add(b, tag, ders[i]);
	arena_free(a);
}

static void send_job(struct driver *d)
{
	struct err e = { 0 };
	struct buf b;
	json_t *item;
	size_t at;

	buf_init(&b, WIRE_MESSAGE_MAX);
	wire_begin(&b, MSG_DEPLOY_JOB, 1);
	wire_add_u64(&b, FIELD_JOB, 7);
	for (size_t i = 0; i < ARRAY_N(simple_fields); i++) {
		json_t *v = json_object_get(d->job, simple_fields[i].name);

		if (v && simple_fields[i].number)
			wire_add_u64(&b, simple_fields[i].tag, (uint64_t)json_integer_value(v));
		else if (v)
			wire_add(&b, simple_fields[i].tag, bytes_of(json_string_value(v), json_string_length(v)));
	}
	for (size_t i = 0; i < ARRAY_N(lists); i++) {
		json_array_foreach(json_object_get(d->job, lists[i].name), at, item)
			wire_add_str(&b, lists[i].tag, json_string_value(item));
	}
	add_chain(&b, d->job, "certificate", FIELD_CERTIFICATE);
	add_chain(&b, d->job, "current", FIELD_CURRENT);
	if (ipc_send(d->manager, &b, -1, &e) < 0)
		die(err_text(&e));
	buf_wipe(&b);
}

static void add_text(json_t *o, const struct wire_message *m, uint16_t tag, const char *name)
{
	struct bytes v = wire_get(m, tag);

	if (wire_has(m, tag))
		(void)json_object_set_new(o, name, json_stringn((const char *)v.p, v.n));
}

static void add_number(json_t *o, const struct wire_message *m, uint16_t tag, const char *name)
{
	uint64_t v;

	if (wire_get_u64(m, tag, &v))
		(void)json_object_set_new(o, name, json_integer((json_int_t)v));
}

static void add_probes(json_t *o, const struct wire_message *m)
{
	json_t *list = json_array();
	struct bytes v;
	size_t cursor = 0;

	while (wire_next(m, FIELD_PROBE, &cursor, &v)) {
		json_t *probe = json_loadb((const char *)v.p, v.n, 0, NULL);

		if (!probe)
			die("a probe is not JSON");
		(void)json_array_append_new(list, probe);
	}
	if (json_array_size(list) > 0)
		(void)json_object_set(o, "probes", list);
	json_decref(list);
}

static json_t *event_of(const struct wire_message *m, const char *event)
{
	static const struct {
		uint16_t tag;
		const char *name;
	} texts[] = {
		{ FIELD_STATE, "state" }, { FIELD_STEP, "step" }, { FIELD_OUTCOME, "outcome" }, { FIELD_TEXT, "text" },
		{ FIELD_HOST_OUTPUT, "host_output" }, { FIELD_RESULT, "result" }, { FIELD_HOST_KEY, "host_key" },
		{ FIELD_HOST_KEY_TYPE, "host_key_type" }, { FIELD_OLD_GENERATION, "old_generation" },
	};
	json_t *o = json_pack("{ss}", "event", event);

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		add_text(o, m, texts[i].tag, texts[i].name);
	add_number(o, m, FIELD_DEADLINE, "deadline");
	add_number(o, m, FIELD_TIME_MS, "time_ms");
	add_probes(o, m);
	return o;
}

static void send_answer(int fd, uint16_t type, uint32_t id)
{
	struct buf b;

	buf_init(&b, WIRE_MESSAGE_MAX);
	if (type == MSG_REFUSED)
		ipc_refuse(&b, id, -EIO, "the store is full");
	else
		wire_begin(&b, type, id);
	(void)!ipc_send(fd, &b, -1, NULL);
	buf_fini(&b);
}

static void on_manager(struct driver *d)
{
	static struct wire_message m;
	struct buf b;
	int r;

	buf_init(&b, WIRE_MESSAGE_MAX);
	r = ipc_receive(d->manager, 0, &b, &m, NULL, NULL);
	if (r == 1) {
		print(json_pack("{ss}", "event", "gone"));
		(void)close(d->manager);
		d->manager = -1;
	} else if (r == 0 && m.type == MSG_DEPLOY_STEP) {
		print(event_of(&m, "step"));
	} else if (r == 0 && m.type == MSG_DEPLOY_RESULT) {
		print(event_of(&m, "result"));
		send_answer(d->manager, MSG_OK, m.id);
	} else if (r == 0 && m.type == MSG_DEPLOY_MOVE) {
		print(event_of(&m, "move"));
		d->held = d->hold;
		d->held_id = m.id;
		if (!d->hold)
			send_answer(d->manager, MSG_OK, m.id);
	}
	buf_fini(&b);
}

static void on_keys(struct driver *d)
{
	static struct wire_message m;
	struct buf b;
	int r;

	buf_init(&b, WIRE_MESSAGE_MAX);
	r = ipc_receive(d->keys, 0, &b, &m, NULL, NULL);
	if (r == 0 && m.type == MSG_KEYS_RELEASE) {
		uint32_t id = m.id;

		print(json_pack("{ss}", "event", "release"));
		buf_reset(&b);
		wire_begin(&b, MSG_OK, id);
		wire_add_str(&b, FIELD_KEY_PEM, json_string_value(json_object_get(d->job, "key_pem")));
		(void)!ipc_send(d->keys, &b, -1, NULL);
	} else if (r != 0) {
		(void)close(d->keys);
		d->keys = -1;
	}
	buf_wipe(&b);
}

static void close_manager(struct driver *d)
{
	if (d->manager >= 0)
		(void)close(d->manager);
	d->manager = -1;
}

static void on_command(struct driver *d, const char *word)
{
	bool held = d->held;

	d->held = false;
	if (strncmp(word, "kill", 4) == 0)
		(void)kill(d->child, SIGKILL);
	else if (strncmp(word, "close", 5) == 0)
		close_manager(d);
	else if (strncmp(word, "cancel", 6) == 0)
		send_answer(d->manager, MSG_DEPLOY_CANCEL, 99);
	if (word[strlen(word) - 1] == '!')
		d->held = held;
	else if (held && d->manager >= 0)
		send_answer(d->manager, strcmp(word, "refuse") == 0 ? MSG_REFUSED : MSG_OK, d->held_id);
}

/* Read what is there; true: end of file. */
static bool fill(struct driver *d)
{
	ssize_t n = read(STDIN_FILENO, d->line + d->line_n, sizeof(d->line) - 1 - d->line_n);

	if (n > 0)
		d->line_n += (size_t)n;
	d->line[d->line_n] = '\0';
	return n <= 0;
}

/* The next whole line into `out`, or false. */
static bool take_line(struct driver *d, char *out, size_t size)
{
	char *lf = memchr(d->line, '\n', d->line_n);
	size_t n = lf ? (size_t)(lf - d->line) : 0;

	if (!lf)
		return false;
	if (n >= size)
		die("line too long");
	memcpy(out, d->line, n);
	out[n] = '\0';
	d->line_n -= n + 1;
	memmove(d->line, lf + 1, d->line_n);
	return true;
}

static void loop(struct driver *d)
{
	char word[64];
	bool more = true;

	while (d->manager >= 0 || d->keys >= 0) {
		struct pollfd p[3] = { { d->manager, POLLIN, 0 }, { d->keys, POLLIN, 0 }, { more ? STDIN_FILENO : -1, POLLIN, 0 } };

		if (poll(p, 3, 600000) <= 0)
			die("nothing happens for ten minutes");
		if (p[0].revents)
			on_manager(d);
		if (p[1].revents)
			on_keys(d);
		if (p[2].revents)
			more = !fill(d);
		while (take_line(d, word, sizeof(word)))
			on_command(d, word);
	}
}

static void log_line(enum log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	(void)fprintf(stderr, "%s\n", line);
}

static int child(struct driver *d, int manager_fd, int keys_fd)
{
	struct gatewrightd_config cfg = { 0 };

	cfg.state_dir = "/nonexistent";
	cfg.insecure_no_sandbox = json_is_true(json_object_get(d->job, "no_sandbox"));
	(void)close(d->manager);
	(void)close(d->keys);
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	log_init("deploy", LOG_LEVEL_DEBUG, log_line, NULL);
	return deploy_main(&cfg, manager_fd, keys_fd);
}

int main(void)
{
	static struct driver d;
	static char job[256 * 1024];
	int manager[2], keys[2], status = 0;
	struct err e = { 0 };

	while (!take_line(&d, job, sizeof(job)))
		if (fill(&d))
			die("want a job on standard input");
	d.job = json_loads(job, 0, NULL);
	if (!d.job)
		die("the job is not JSON");
	d.hold = json_is_true(json_object_get(d.job, "hold"));
	if (ipc_pair(manager, &e) < 0 || ipc_pair(keys, &e) < 0)
		die(err_text(&e));
	d.manager = manager[0];
	d.keys = keys[0];
	d.child = fork();
	if (d.child == 0)
		exit(child(&d, manager[1], keys[1]));
	(void)close(manager[1]);
	(void)close(keys[1]);
	print(json_pack("{sssi}", "event", "started", "pid", (int)d.child));
	send_job(&d);
	loop(&d);
	(void)waitpid(d.child, &status, 0);
	print(json_pack("{sssi}", "event", "exit", "status", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)));
	json_decref(d.job);
	return 0;
}
