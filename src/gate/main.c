/* gatewright-gate: the TLS gateway, and the local tool for its keystore. */
#include "base/log.h"
#include "gate/commands.h"
#include "gate/daemon.h"
#include "gate/install.h"
#include "gate/report.h"
#include "sys/secret.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One write a line: lines of several threads don't mix. */
static void to_stderr(enum log_level level, const char *line, void *context)
{
	char text[2300];
	int n = snprintf(text, sizeof(text), "%s %s\n", log_level_name(level), line);

	(void)context;
	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
		return; /* there is nobody left to tell */
}

static enum log_level level_of(const char *word)
{
	for (int i = 0; i < LOG_LEVEL_N; i++)
		if (strcmp(word, log_level_name((enum log_level)i)) == 0)
			return (enum log_level)i;
	return LOG_LEVEL_INFO;
}

static enum exit_code print_help(void)
{
	struct buf out;

	buf_init(&out, 64 * 1024);
	options_help(&out);
	buf_add_str(&out, "\nconfiguration (" GATE_CONFIG_DEFAULT "):\n");
	gate_config_describe(&out);
	report_write(&out);
	buf_fini(&out);
	return EXIT_DONE;
}

static enum exit_code run(const struct gate_config *config)
{
	struct err e = { 0 };

	if (daemon_run(config, &e) == 0)
		return EXIT_DONE;
	log_error("%s", err_text(&e));
	return EXIT_FAILED;
}

static enum exit_code dispatch(const struct options *options, const struct gate_config *config)
{
	switch (options->verb) {
	case VERB_RUN:
		return run(config);
	case VERB_INSTALL:
		return install_run(config, options);
	case VERB_ROLLBACK:
		return command_rollback(config, options);
	case VERB_CONFIRM:
		return command_confirm(config, options);
	case VERB_LIST:
		return command_list(config, options);
	case VERB_SESSION:
		return command_session(config);
	case VERB_STATUS:
		return command_status(config, options);
	case VERB_CHECK_CONFIG:
		(void)printf("the configuration is right\n");
		return EXIT_DONE;
	case VERB_VERSION:
	case VERB_HELP:
	case VERB_N:
		break;
	}
	return EXIT_USAGE;
}

static enum exit_code with_config(const struct options *options)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1024 * 1024);
	struct gate_config config;
	struct err e = { 0 };

	if (!arena || gate_config_load(options->config, arena, &config, &e) < 0) {
		(void)fprintf(stderr, "gatewright-gate: %s\n", err_text(&e));
		return EXIT_USAGE;
	}
	log_init(options->verb == VERB_RUN ? "gatewright-gate" : "gatewright-gate[tool]",
		 options->verb == VERB_RUN ? level_of(config.log_level) : LOG_LEVEL_WARNING, to_stderr, NULL);
	return dispatch(options, &config);
}

int main(int argc, char **argv)
{
	struct options options;
	struct err e = { 0 };

	if (options_parse(argc, argv, &options, &e) < 0) {
		(void)fprintf(stderr, "gatewright-gate: %s\n", err_text(&e));
		return EXIT_USAGE;
	}
	if (options.verb == VERB_VERSION) {
		(void)printf("gatewright-gate " GATEWRIGHT_VERSION "\n");
		return EXIT_DONE;
	}
	if (options.verb == VERB_HELP)
		return (int)print_help();
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	secret_init();
	return (int)with_config(&options);
}
