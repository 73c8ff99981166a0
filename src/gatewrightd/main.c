/*
 * gatewrightd: one binary, four kinds of process (roles.h). Started by a person or the service manager it is the
 * parent; the parent starts it again as keys, manager and deploy.
 */
#include "base/log.h"
#include "gatewright-config.h"
#include "gatewrightd/parent/parent.h"
#include "gatewrightd/roles.h"
#include "sys/conf/file.h"
#include "sys/proc/privileges.h"
#include "sys/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CONFIG_FILE GATEWRIGHT_SYSCONF_DIR "/gatewrightd.conf"
#define CONFIG_ARENA_MAX (1 << 20)
#define EXIT_USAGE 2

/* One write(2) a line, so that the lines of all processes stay whole; the journal reads the level off the front. */
static void write_line(enum log_level level, const char *line, void *context)
{
	static const char priorities[LOG_LEVEL_N] = { '3', '4', '6', '7' };
	char text[2400];
	int n;

	if (*(const bool *)context)
		n = snprintf(text, sizeof(text), "<%c>%s\n", priorities[level], line);
	else
		n = snprintf(text, sizeof(text), "%s %s\n", log_level_name(level), line);
	if (n > 0)
		(void)!write(STDERR_FILENO, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void start_log(const char *name, const struct gatewrightd_config *cfg)
{
	static bool to_journal;
	enum log_level level = LOG_LEVEL_INFO;

	for (enum log_level l = 0; cfg && l < LOG_LEVEL_N; l++)
		if (strcmp(cfg->log_level, log_level_name(l)) == 0)
			level = l;
	to_journal = getenv("JOURNAL_STREAM") != NULL;
	log_init(name, level, write_line, &to_journal);
}

/* ---- A role ---- */

/* keys drops its privileges later, when it has its files. */
static int drop_privileges(enum role role, const struct gatewrightd_config *cfg, struct err *e)
{
	struct identity id;
	int r;

	if (role == ROLE_KEYS || geteuid() != 0 || !cfg->user[0])
		return 0;
	r = identity_of_user(cfg->user, &id, e);
	return r < 0 ? r : privileges_drop(id, e);
}

static int run(enum role role, const struct gatewrightd_config *cfg)
{
	switch (role) {
	case ROLE_KEYS:
		return keys_main(cfg, ROLE_FD_PARENT, ROLE_FD_KEYS, ROLE_FD_MORE);
	case ROLE_MANAGER:
		return manager_main(cfg, ROLE_FD_PARENT, ROLE_FD_KEYS, ROLE_FD_MORE, ROLE_FD_HTTPS);
	case ROLE_DEPLOY:
		return deploy_main(cfg, ROLE_FD_PARENT, ROLE_FD_KEYS);
	case ROLE_N:
		break;
	}
	return EXIT_USAGE;
}

static int role_main(const char *word)
{
	static const char *const log_names[ROLE_N] = { "gatewrightd[keys]", "gatewrightd[manager]",
						       "gatewrightd[deploy]" };
	static const char *const comm_names[ROLE_N] = { "gw-keys", "gw-manager", "gw-deploy" };
	static struct gatewrightd_config cfg;
	struct arena *arena = arena_new(CONFIG_ARENA_MAX);
	struct err e = { 0 };
	enum role role;
	struct buf text;
	int r;

	if (!role_from_name(word, &role) || !arena)
		return EXIT_USAGE;
	(void)prctl(PR_SET_NAME, comm_names[role]);
	start_log(log_names[role], NULL);
	buf_init(&text, CONF_TEXT_MAX);
	r = conf_read_fd(ROLE_FD_CONFIG, &text, &e);
	if (r == 0)
		r = config_parse(buf_bytes(&text), "configuration", arena, &cfg, &e);
	buf_fini(&text);
	(void)close(ROLE_FD_CONFIG);
	if (r == 0) {
		start_log(log_names[role], &cfg);
		r = drop_privileges(role, &cfg, &e);
	}
	if (r == 0) {
		/* After the user has changed, which makes a process visible to its new user. */
		secret_init();
		return run(role, &cfg);
	}
	log_error("%s", err_text(&e));
	return EXIT_FAILURE;
}

/* ---- The parent ---- */

static void print_help(void)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	config_describe(&b);
	printf("usage: gatewrightd [--config FILE] [--check-config]\n"
	       "       gatewrightd --version | --help\n"
	       "\n"
	       "The Gatewright management server. Configuration: %s.\n"
	       "\n"
	       "%s",
	       CONFIG_FILE, buf_str(&b) ? buf_str(&b) : "");
	buf_fini(&b);
}

/* The default file may be missing; one that was asked for may not. */
static int read_config(const char *path, struct arena *arena, struct buf *text, struct gatewrightd_config *ret,
		       struct err *e)
{
	int r = conf_read_file(path ? path : CONFIG_FILE, text, e);

	if (r == -ENOENT && !path) {
		log_info("no configuration file '%s': every option has its default", CONFIG_FILE);
		r = 0;
	}
	return r < 0 ? r : config_parse(buf_bytes(text), path ? path : CONFIG_FILE, arena, ret, e);
}

static int daemon_main(const char *config_path, bool only_check)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(CONFIG_ARENA_MAX);
	struct gatewrightd_config cfg;
	struct err e = { 0 };
	struct buf text;
	int status, r;

	if (!arena)
		return EXIT_FAILURE;
	start_log("gatewrightd", NULL);
	buf_init(&text, CONF_TEXT_MAX);
	r = read_config(config_path, arena, &text, &cfg, &e);
	if (r < 0) {
		log_error("%s", err_text(&e));
		status = EXIT_USAGE;
	} else if (only_check) {
		printf("%s: fine\n", config_path ? config_path : CONFIG_FILE);
		status = EXIT_SUCCESS;
	} else {
		start_log("gatewrightd", &cfg);
		status = parent_main(&cfg, buf_bytes(&text));
	}
	buf_fini(&text);
	return status;
}

int main(int argc, char **argv)
{
	enum { OPT_CONFIG = 256, OPT_CHECK, OPT_VERSION, OPT_HELP, OPT_ROLE };
	static const struct option options[] = {
		{ "config", required_argument, NULL, OPT_CONFIG }, { "check-config", no_argument, NULL, OPT_CHECK },
		{ "version", no_argument, NULL, OPT_VERSION },	   { "help", no_argument, NULL, OPT_HELP },
		{ "role", required_argument, NULL, OPT_ROLE },	   { NULL, 0, NULL, 0 },
	};
	const char *config_path = NULL, *role = NULL;
	bool only_check = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case OPT_CONFIG:
			config_path = optarg;
			break;
		case OPT_CHECK:
			only_check = true;
			break;
		case OPT_ROLE:
			role = optarg;
			break;
		case OPT_VERSION:
			printf("gatewrightd %s\n", GATEWRIGHT_VERSION);
			return EXIT_SUCCESS;
		case OPT_HELP:
			print_help();
			return EXIT_SUCCESS;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "gatewrightd: want options only, got '%s'\n", argv[optind]);
		return EXIT_USAGE;
	}
	status = role ? role_main(role) : daemon_main(config_path, only_check);
	/*
	 * Everything was closed in order; what atexit() handlers would still do (a leak checker that traces this
	 * process) needs calls that a confined process must not make.
	 */
	(void)fflush(stdout);
	_exit(status);
}
