#include "gatewrightd/parent/inner.h"
#include "base/log.h"
#include "gatewrightd/requests.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <unistd.h>

#define ANSWER_MAX 4096

static void spawn_deploy(struct parent *p, const struct wire_message *m, struct buf *answer, int *ret_fd)
{
	struct err e = { 0 };
	uint64_t job;
	int r;

	*ret_fd = -1;
	if (m->n != 1 || !wire_get_u64(m, FIELD_JOB, &job))
		r = err_set(&e, -EINVAL,
			    "start a deploy process: want the number of a job and nothing else, got another request");
	else if (p->stopping)
		r = err_set(&e, -ESHUTDOWN, "start a deploy process: the daemon is ending");
	else
		r = child_start_deploy(p, job, ret_fd, &e);
	if (r < 0) {
		log_warning("start a deploy process: %s", err_text(&e));
		ipc_refuse(answer, m->id, r, err_text(&e));
	} else {
		wire_begin(answer, MSG_OK, m->id);
	}
}

static int serve_manager(struct parent *p, struct child *c, const struct wire_message *m, struct err *e)
{
	const struct request_row *row = request_row_of(m->type);
	struct buf answer;
	int r, along = -1;

	if (!row || row->type != MSG_PARENT_SPAWN_DEPLOY || row->who != WHO_MANAGER)
		return err_set(e, -EPROTO,
			       "message of type %u from manager: want a request for the parent, got another", m->type);
	buf_init(&answer, ANSWER_MAX);
	spawn_deploy(p, m, &answer, &along);
	r = ipc_send_within(c->fd, &answer, along, 0, e);
	buf_fini(&answer);
	if (along >= 0)
		(void)close(along);
	/* A manager that is gone is noticed by its end. */
	return r == -EPIPE ? 0 : r;
}

/* Answers to KEYS_ADD_CHANNEL. One that is refused costs a deploy process its job, and that process says so. */
static int serve_keys(const struct wire_message *m, struct err *e)
{
	struct bytes text = wire_get(m, FIELD_ERROR_TEXT);

	if (m->type == MSG_REFUSED)
		log_warning("keys refused a channel: %.*s", (int)text.n, text.n > 0 ? (const char *)text.p : "");
	else if (m->type != MSG_OK)
		return err_set(e, -EPROTO, "message of type %u from keys: want an answer, got another", m->type);
	return 0;
}

int requests_serve(struct parent *p, struct child *c, struct err *e)
{
	struct wire_message m;
	struct buf b;
	int r;

	buf_init(&b, WIRE_MESSAGE_MAX);
	r = ipc_receive(c->fd, 0, &b, &m, NULL, e);
	if (r == 1) {
		(void)close(c->fd);
		c->fd = -1;
	} else if (r == 0 && m.type == MSG_OK && m.id == IPC_ID_LOST && m.n == 0) {
		c->ready = true;
		log_debug("%s is ready", role_name(c->role));
	} else if (r == 0) {
		r = c->role == ROLE_KEYS ? serve_keys(&m, e) : serve_manager(p, c, &m, e);
	}
	buf_fini(&b);
	return r < 0 ? r : 0;
}

void requests_keys_died(struct parent *p)
{
	struct err e = { 0 };
	struct buf b;

	if (p->keys_end < 0 || !child_runs(&p->manager))
		return;
	buf_init(&b, ANSWER_MAX);
	ipc_refuse(&b, IPC_ID_LOST, -EPIPE, "the keys process died at this request and was started anew");
	if (ipc_send_within(p->keys_end, &b, -1, 0, &e) < 0)
		log_warning("tell the manager that keys died: %s", err_text(&e));
	buf_fini(&b);
}
