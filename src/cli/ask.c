#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int ask_yes_no(const struct cli *cli, const char *question)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char answer[16];
	ssize_t n;
	bool yes;

	if (fd < 0)
		return CLI_FAILED;
	(void)fflush(cli->out);
	(void)dprintf(fd, "%s [y/N] ", question);
	n = read(fd, answer, sizeof(answer));
	yes = (n == 2 && memcmp(answer, "y\n", 2) == 0) || (n == 4 && memcmp(answer, "yes\n", 4) == 0);
	(void)close(fd);
	return yes ? CLI_DONE : CLI_FAILED;
}

static int read_from(int fd, const char *option, const char *what, struct secret **ret, struct err *e)
{
	int r;

	if (fcntl(fd, F_GETFD) < 0)
		return err_set(e, -EINVAL, "option '--%s': descriptor %d is not open", option, fd);
	r = secret_read_line(fd, ASK_SECRET_MAX, ret, e);
	return r < 0 ? err_wrap(e, r, "read the %s (option '--%s')", what, option) : 0;
}

/* 1: no option says where from. */
static int from_options(const struct args *args, const struct ask_secret *ask, struct secret **ret, struct err *e)
{
	bool from_fd = ask->fd != OPT_N && args_has(args, ask->fd);
	bool from_stdin = ask->from_stdin != OPT_N && args_has(args, ask->from_stdin);
	long fd = STDIN_FILENO;
	int r;

	if (from_fd && from_stdin)
		return err_set(e, -EINVAL, "want one of '--%s' and '--%s', got both", option_rows[ask->fd].name,
			       option_rows[ask->from_stdin].name);
	if (!from_fd && !from_stdin)
		return 1;
	r = from_fd ? args_number(args, ask->fd, 0, 65535, &fd, e) : 0;
	return r < 0 ? r : read_from((int)fd, option_rows[from_fd ? ask->fd : ask->from_stdin].name, ask->what, ret, e);
}

static int from_terminal(const struct ask_secret *ask, struct secret **ret, struct err *e)
{
	CLEANUP(secret_freep) struct secret *first = NULL;
	CLEANUP(secret_freep) struct secret *second = NULL;
	int r = secret_ask(ask->prompt, ASK_SECRET_MAX, &first, e);

	if (r == 0 && ask->twice)
		r = secret_ask("Again: ", ASK_SECRET_MAX, &second, e);
	if (r < 0)
		return r;
	if (second && !secret_equal(first, secret_bytes(second)))
		return err_set(e, -EINVAL, "the two %ss differ", ask->what);
	*ret = TAKE(first);
	return 0;
}

int ask_secret(const struct cli *cli, const struct args *args, const struct ask_secret *ask, struct secret **ret)
{
	struct err e = { 0 };
	int r = from_options(args, ask, ret, &e);

	if (r < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	if (r == 0 || !ask->prompt)
		return CLI_DONE;
	if (!cli->can_ask) {
		cli_say_error(cli, "a %s is needed and there is no terminal to ask on: want '--%s'%s%s%s", ask->what,
			      option_rows[ask->fd].name, ask->from_stdin != OPT_N ? " or '--" : "",
			      ask->from_stdin != OPT_N ? option_rows[ask->from_stdin].name : "",
			      ask->from_stdin != OPT_N ? "'" : "");
		return CLI_USAGE;
	}
	return from_terminal(ask, ret, &e) < 0 ? cli_fail(cli, CLI_FAILED, &e) : CLI_DONE;
}

int ask_secret_to_json(const struct cli *cli, const struct secret *s, const char *what, json_t *object,
		       const char *member)
{
	struct bytes b = secret_bytes(s);
	json_t *text = json_stringn((const char *)b.p, b.n);

	if (text && json_object_set_new(object, member, text) == 0)
		return CLI_DONE;
	cli_say_error(cli, "the %s: want UTF-8, got other bytes", what);
	return CLI_USAGE;
}
