#include "gatewrightd/keys/inner.h"
#include "base/limits.h"
#include "base/log.h"
#include "sys/ipc/ipc.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static_assert(IPC_OK == (int)MSG_OK && IPC_REFUSED == (int)MSG_REFUSED, "answers");
static_assert(IPC_ERROR_KIND == (int)FIELD_ERROR_KIND && IPC_ERROR_TEXT == (int)FIELD_ERROR_TEXT,
	      "fields of a refusal");

static keys_handler add_channel;

/* Who may ask is in schema/requests.def; what is not in this list is not for keys, whoever asks. */
static const struct {
	uint16_t type;
	keys_handler *handle;
} handlers[] = {
	{ MSG_KEYS_ISSUE, keys_issue },
	{ MSG_KEYS_IMPORT, keys_import },
	{ MSG_KEYS_EXPORT, keys_export },
	{ MSG_KEYS_CHECK_KEY, keys_check_key },
	{ MSG_KEYS_SIGN_PROOF, keys_sign_proof },
	{ MSG_KEYS_RELEASE, keys_release },
	{ MSG_KEYS_TOTP_NEW, keys_totp_new },
	{ MSG_KEYS_TOTP_CHECK, keys_totp_check },
	{ MSG_KEYS_SIGN_HEAD, keys_sign_head },
	{ MSG_KEYS_LAST_HEAD, keys_last_head },
	{ MSG_KEYS_RELEASE_CONSOLE, keys_release_console },
	{ MSG_KEYS_ADD_CHANNEL, add_channel },
};

struct keys *keys_new(struct secret *kek, struct secret *proof_seed, struct keys_world world)
{
	struct keys *k = calloc(1, sizeof(*k));

	if (k)
		k->channels = calloc(LIMIT_KEYS_CHANNELS_MAX, sizeof(*k->channels));
	if (!k || !k->channels) {
		free(k);
		secret_free(kek);
		secret_free(proof_seed);
		return NULL;
	}
	k->kek = kek;
	k->proof_seed = proof_seed;
	k->world = world;
	k->head.fd = -1;
	buf_init(&k->in, WIRE_MESSAGE_MAX);
	buf_init(&k->out, WIRE_MESSAGE_MAX);
	buf_init(&k->proof, LIMIT_KEYS_PROOF_MAX);
	return k;
}

void keys_free(struct keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->channels_n; i++)
		(void)close(k->channels[i].fd);
	if (k->head.fd >= 0)
		(void)close(k->head.fd);
	keys_free_throwaway(k);
	buf_wipe(&k->in);
	buf_wipe(&k->out);
	buf_fini(&k->proof);
	secret_free(k->kek);
	secret_free(k->proof_seed);
	free(k->channels);
	free(k);
}

int keys_add_channel(struct keys *k, int fd, enum who who, struct err *e)
{
	if (k->channels_n == LIMIT_KEYS_CHANNELS_MAX) {
		(void)close(fd);
		return err_set(e, -EMFILE, "want at most %d channels, got one more", LIMIT_KEYS_CHANNELS_MAX);
	}
	k->channels[k->channels_n++] = (struct keys_channel) { fd, who };
	return 0;
}

static bool is_message_socket(int fd)
{
	int type = 0, domain = 0;
	socklen_t n = sizeof(type), m = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &m) == 0 && type == SOCK_SEQPACKET && domain == AF_UNIX;
}

static int add_channel(struct keys_call *c, struct err *e)
{
	int fd = c->fd_along;

	if (c->m->n != 0)
		return err_set(e, -EINVAL, "add a channel: want no fields, got %zu", c->m->n);
	if (fd < 0 || !is_message_socket(fd))
		return err_set(e, -EINVAL, "add a channel: want a socket for messages along, got %s",
			       fd < 0 ? "none" : "another file");
	c->fd_along = -1;
	return keys_add_channel(c->keys, fd, WHO_DEPLOY, e);
}

static keys_handler *handler_of(enum who who, const struct wire_message *m, struct err *e)
{
	const struct request_row *row = request_row_of(m->type);

	for (size_t i = 0; row && i < ARRAY_N(handlers); i++) {
		if (handlers[i].type != m->type)
			continue;
		if (row->who == who)
			return handlers[i].handle;
		(void)err_set(e, -EACCES, "request '%s': want it from %s, got it from %s", row->name,
			      who_name(row->who), who_name(who));
		return NULL;
	}
	(void)err_set(e, -EPROTO, "message of type %u: want a request for keys, got another", m->type);
	return NULL;
}

static void add_findings(struct buf *out, struct findings *f)
{
	findings_sort(f);
	for (size_t i = 0; i < f->n; i++) {
		struct buf text;

		buf_init(&text, FINDING_TEXT_MAX + 80);
		buf_printf(&text, "%s\t%s", finding_word(f->items[i].id), f->items[i].text);
		if (!buf_bad(&text))
			wire_add(out, FIELD_FINDING, buf_bytes(&text));
		buf_fini(&text);
	}
}

/* Run the handler; leave the whole answer in c->out. */
static void answer(struct keys_call *c, keys_handler *handle, uint32_t id)
{
	struct err e = { 0 };
	int r;

	buf_reset(c->out);
	wire_begin(c->out, MSG_OK, id);
	r = handle(c, &e);
	if (r == 0 && !buf_bad(c->out)) {
		add_findings(c->out, c->findings);
		if (!buf_bad(c->out))
			return;
	}
	if (r == 0)
		r = err_set(&e, -EMSGSIZE, "the answer is too large: want at most %d bytes, got more",
			    WIRE_MESSAGE_MAX);
	if (c->out->p)
		explicit_bzero(c->out->p, c->out->capacity);
	ipc_refuse(c->out, id, r, err_text(&e));
	add_findings(c->out, c->findings);
}

/* A request of channel `i` lies in k->in. */
static int serve(struct keys *k, size_t i, const struct wire_message *m, int fd_along, struct err *e)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(LIMIT_KEYS_ARENA_MAX);
	struct keys_call c = { .keys = k, .m = m, .fd_along = fd_along, .arena = arena, .out = &k->out };
	enum who who = k->channels[i].who;
	int fd = k->channels[i].fd;
	keys_handler *handle = handler_of(who, m, e);

	c.findings = arena ? arena_alloc(arena, sizeof(*c.findings)) : NULL;
	if (!handle) {
		log_warning("refused: %s", err_text(e));
		ipc_refuse(&k->out, m->id, e->code, err_text(e));
	} else if (!c.findings) {
		ipc_refuse(&k->out, m->id, -ENOMEM, "out of memory");
	} else {
		answer(&c, handle, m->id);
	}
	if (c.fd_along >= 0)
		(void)close(c.fd_along);
	/* Somebody who does not take answers can't keep the others waiting. */
	return ipc_send_within(fd, &k->out, -1, 0, e);
}

/* 0: goes on. 1: ended. Negative: broken. */
static int serve_one(struct keys *k, size_t i, struct err *e)
{
	struct wire_message m;
	int along = -1;
	int r = ipc_receive(k->channels[i].fd, 0, &k->in, &m, &along, e);

	if (r == 2)
		return 0;
	if (r == 0)
		r = serve(k, i, &m, along, e);
	buf_wipe(&k->in);
	buf_wipe(&k->out);
	return r;
}

static void remove_channel(struct keys *k, size_t i)
{
	(void)close(k->channels[i].fd);
	k->channels[i] = k->channels[--k->channels_n];
}

/* From the last to the first, because an ended channel's place is taken by the last one. New channels come behind. */
static int serve_ready(struct keys *k, const struct pollfd *ready, size_t n, struct err *e)
{
	for (size_t i = n; i-- > 0;) {
		int r = ready[i].revents ? serve_one(k, i, e) : 0;

		if (r == 0)
			continue;
		if (k->channels[i].who != WHO_DEPLOY)
			return r == -EPIPE ? 1 : r;
		if (r < 0)
			log_warning("deploy process dropped: %s", err_text(e));
		remove_channel(k, i);
	}
	return 0;
}

int keys_step(struct keys *k, int timeout_ms, struct err *e)
{
	struct pollfd fds[LIMIT_KEYS_CHANNELS_MAX];
	size_t n = k->channels_n;
	int r;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd) { .fd = k->channels[i].fd, .events = POLLIN };
	r = poll(fds, n, timeout_ms);
	if (r < 0)
		return errno == EINTR ? 0 : err_errno(e, "wait for requests");
	return r == 0 ? 0 : serve_ready(k, fds, n, e);
}
