/* gatewright: the operator's tool. One table of verbs (verbs.c), one HTTP API (docs/api.md), no other way in. */
#include "cli/client_config.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/output/json.h"
#include "gatewright-config.h"
#include "sys/secret.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

/* Hidden: what the completions of shells call, and what makes them. 1: it was none of them. */
static int run_hidden(struct cli *cli, int argc, char *const *argv)
{
	if (argc == 3 && strcmp(argv[1], "--completion") == 0) {
		if (completion_print(stdout, argv[2]))
			return CLI_DONE;
		cli_say_error(cli, "option '--completion': want bash, zsh or fish, got '%s'", argv[2]);
		return CLI_USAGE;
	}
	if (argc == 3 && strcmp(argv[1], "--complete") == 0) {
		cli->socket = client_config_socket(NULL);
		return completion_words(cli, argv[2]);
	}
	return -1;
}

static int run(struct cli *cli, int argc, char *const *argv)
{
	struct args args;
	struct err e = { 0 };

	if (args_parse(argc, argv, &args, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	if (args.version) {
		(void)printf("gatewright %s\n", GATEWRIGHT_VERSION);
		return CLI_DONE;
	}
	if (args.help) {
		help_print(stdout, &args);
		return CLI_DONE;
	}
	cli->json = args_has(&args, OPT_JSON);
	cli->socket = client_config_socket(args_get(&args, OPT_SOCKET));
	if (client_config_token(&args, &cli->token, &e) < 0)
		return cli_fail(cli, CLI_USAGE, &e);
	return args.verb->run(cli, &args);
}

/* A full disk or a closed pipe behind standard output is a failure, not silence. */
static int finish(struct cli *cli, int code)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		if (errno == EPIPE)
			return code == CLI_DONE ? CLI_FAILED : code;
		cli_say_error(cli, "write standard output: %s", strerror(errno));
		return code == CLI_DONE ? CLI_FAILED : code;
	}
	return code;
}

int main(int argc, char **argv)
{
	struct cli cli;
	int code;

	(void)setlocale(LC_ALL, "");
	(void)signal(SIGPIPE, SIG_IGN);
	secret_init();
	json_wipe_memory();
	cli_init(&cli);
	code = run_hidden(&cli, argc, argv);
	if (code < 0)
		code = run(&cli, argc, argv);
	code = finish(&cli, code);
	cli_fini(&cli);
	return code;
}
