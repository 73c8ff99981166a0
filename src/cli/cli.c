#include "cli/cli.h"
#include "base/limits.h"
#include "cli/output/text.h"
#include "sys/clock.h"

#include <fcntl.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

static int terminal_width(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* https://no-color.org: set and not empty means no colour. A dumb terminal has none either. */
static bool wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no_colour && no_colour[0]) && term && term[0] && strcmp(term, "dumb") != 0;
}

void cli_init(struct cli *cli)
{
	*cli = (struct cli) {
		.out = stdout, .err = stderr, .now = clock_wall(), .outage_limit = { LIMIT_WATCH_OUTAGE_MS }
	};
	cli->out_is_terminal = isatty(STDOUT_FILENO);
	cli->err_is_terminal = isatty(STDERR_FILENO);
	cli->can_ask = isatty(STDIN_FILENO) && has_terminal();
	cli->colour = cli->out_is_terminal && wants_colour();
	cli->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	cli->width = cli->out_is_terminal ? terminal_width(STDOUT_FILENO) : 0;
}

void cli_fini(struct cli *cli)
{
	http_client_free(TAKE(cli->http));
	secret_free(TAKE(cli->token));
}

static void say(const struct cli *cli, FILE *to, const char *prefix, const char *format, va_list args)
	PRINTF_LIKE(4, 0);

static void say(const struct cli *cli, FILE *to, const char *prefix, const char *format, va_list args)
{
	char line[ERR_TEXT_MAX + 256];
	CLEANUP(util_freep) char *clean = NULL;

	(void)vsnprintf(line, sizeof(line), format, args);
	clean = text_clean(line);
	(void)fflush(cli->out);
	(void)fprintf(to, "%s%s\n", prefix, clean ? clean : "out of memory");
	(void)fflush(to);
}

void cli_say_error(const struct cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, cli->err, "gatewright: ", format, args);
	va_end(args);
}

int cli_fail(const struct cli *cli, int exit_code, const struct err *e)
{
	cli_say_error(cli, "%s", err_text(e));
	return exit_code;
}

void cli_note(const struct cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, cli->err, "", format, args);
	va_end(args);
}

void cli_say(const struct cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, cli->out, "", format, args);
	va_end(args);
}
