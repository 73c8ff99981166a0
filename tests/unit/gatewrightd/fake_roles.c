/*
 * A manager and a deploy process for the test of the parent. The manager serves one line a connection:
 *
 *	issue		asks keys for a root			"ok", or the sentence
 *	deploy		starts a deploy process that asks keys to release the root's key; its answer is the answer
 *	hold		starts a deploy process and keeps it
 *	crash		kills itself while the connection is open
 *	garbage		sends the parent something that is no request
 *	file PATH	tries to read a file			"ok" or "refused"
 *	socket		makes a TCP socket			"ok" or "refused"
 */
#include "fake_roles.h"
#include "gatewrightd/messages.h"
#include "gatewrightd/roles.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL_MS 10000

struct manager {
	int parent_fd, keys_fd, client;
	struct buf request, answer;
	struct wire_message m;
	struct err e;
};

static void say(const struct manager *m, int r)
{
	char text[ERR_TEXT_MAX + 2];
	int n = snprintf(text, sizeof(text), "%s\n", r < 0 ? err_text(&m->e) : "ok");

	(void)!write(m->client, text, (size_t)n);
}

static int issue(struct manager *m)
{
	buf_reset(&m->request);
	wire_begin(&m->request, MSG_KEYS_ISSUE, 0);
	wire_add_str(&m->request, FIELD_KIND, "root");
	wire_add_str(&m->request, FIELD_DISPLAY_NAME, "Test Root");
	return ipc_call(m->keys_fd, &m->request, &m->answer, &m->m, NULL, CALL_MS, &m->e);
}

static int spawn_deploy(struct manager *m, int *ret_fd)
{
	buf_reset(&m->request);
	wire_begin(&m->request, MSG_PARENT_SPAWN_DEPLOY, 0);
	wire_add_u64(&m->request, FIELD_JOB, 7);
	return ipc_call(m->parent_fd, &m->request, &m->answer, &m->m, ret_fd, CALL_MS, &m->e);
}

static int deploy(struct manager *m)
{
	struct buf job;
	int fd, r = issue(m);

	buf_init(&job, WIRE_MESSAGE_MAX);
	wire_begin(&job, MSG_DEPLOY_JOB, 1);
	wire_add(&job, FIELD_SEALED_KEY, wire_get(&m->m, FIELD_SEALED_KEY));
	if (r == 0)
		r = spawn_deploy(m, &fd);
	if (r == 0) {
		r = ipc_call(fd, &job, &m->answer, &m->m, NULL, CALL_MS, &m->e);
		(void)close(fd);
	}
	buf_fini(&job);
	return r;
}

static int try_file(struct manager *m, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(&m->e, -EACCES, "refused");
	(void)close(fd);
	return 0;
}

static int try_socket(struct manager *m)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(&m->e, -EACCES, "refused");
	(void)close(fd);
	return 0;
}

static void serve(struct manager *m, const char *line)
{
	int fd;

	if (strcmp(line, "issue") == 0)
		say(m, issue(m));
	else if (strcmp(line, "deploy") == 0)
		say(m, deploy(m));
	else if (strcmp(line, "hold") == 0)
		say(m, spawn_deploy(m, &fd)); /* fd stays open as long as this process */
	else if (strcmp(line, "crash") == 0)
		abort();
	else if (strcmp(line, "garbage") == 0)
		say(m, write(m->parent_fd, "garbage", 7) == 7 ? 0 : -1);
	else if (strncmp(line, "file ", 5) == 0)
		say(m, try_file(m, line + 5));
	else if (strcmp(line, "socket") == 0)
		say(m, try_socket(m));
}

static void accept_one(struct manager *m, int listen_fd)
{
	char line[256] = "";
	ssize_t n;

	m->client = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (m->client < 0)
		return;
	n = read(m->client, line, sizeof(line) - 1);
	if (n > 0 && line[n - 1] == '\n') {
		line[n - 1] = '\0';
		serve(m, line);
	}
	(void)close(m->client);
}

int manager_main(const struct gatewrightd_config *cfg, int parent_fd, int keys_fd, int listen_fd, int https_fd)
{
	struct manager m = { .parent_fd = parent_fd, .keys_fd = keys_fd };
	struct pollfd fds[] = { { .fd = listen_fd, .events = POLLIN }, { .fd = parent_fd, .events = 0 } };

	(void)https_fd;
	buf_init(&m.request, WIRE_MESSAGE_MAX);
	buf_init(&m.answer, WIRE_MESSAGE_MAX);
	if (strstr(cfg->targets_dir, "never-ready"))
		for (;;)
			(void)pause();
	if (role_enter_sandbox(ROLE_MANAGER, cfg, NULL, &m.e) < 0 || role_ready(parent_fd, &m.e) < 0) {
		(void)fprintf(stderr, "fake manager: %s\n", err_text(&m.e));
		return EXIT_FAILURE;
	}
	if (strstr(cfg->targets_dir, "always-dies"))
		return 3;
	while (poll(fds, 2, -1) > 0 && !(fds[1].revents & POLLHUP))
		if (fds[0].revents)
			accept_one(&m, listen_fd);
	return EXIT_SUCCESS;
}

/* The answer to the job is the answer of keys. */
int deploy_main(const struct gatewrightd_config *cfg, int manager_fd, int keys_fd)
{
	struct wire_message job, m;
	struct buf in, request, answer;
	struct err e = { 0 };
	int r;

	buf_init(&in, WIRE_MESSAGE_MAX);
	buf_init(&request, WIRE_MESSAGE_MAX);
	buf_init(&answer, WIRE_MESSAGE_MAX);
	if (ipc_receive(manager_fd, -1, &in, &job, NULL, &e) != 0)
		return EXIT_SUCCESS;
	r = role_enter_sandbox(ROLE_DEPLOY, cfg, NULL, &e);
	wire_begin(&request, MSG_KEYS_RELEASE, 0);
	wire_add(&request, FIELD_SEALED_KEY, wire_get(&job, FIELD_SEALED_KEY));
	if (r == 0)
		r = ipc_call(keys_fd, &request, &answer, &m, NULL, CALL_MS, &e);
	buf_reset(&request);
	if (r < 0)
		ipc_refuse(&request, job.id, r, err_text(&e));
	else
		wire_begin(&request, MSG_OK, job.id);
	r = ipc_send(manager_fd, &request, -1, &e);
	buf_wipe(&answer);
	buf_fini(&request);
	buf_fini(&in);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
