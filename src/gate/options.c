#include "gate/options.h"

#include "base/buf.h"
#include "base/limits.h"
#include "gate/words.h"

#include <errno.h>

enum { OPT_CONFIG = 1, OPT_CONFIRM_WITHIN = 2, OPT_PASSPHRASE_FD = 4, OPT_FORCE = 8, OPT_JSON = 16, OPT_ALONE = 32 };

static const struct verb_row {
	enum gate_verb verb;
	const char *first, *second;
	const char *argument; /* NULL: none; "[X]": may be left out */
	unsigned takes;
	const char *meaning;
} verb_rows[] = {
	{ VERB_RUN, "run", NULL, NULL, 0, "serve until SIGTERM; also without any verb" },
	{ VERB_INSTALL, "keystore", "install", "FILE", OPT_CONFIRM_WITHIN | OPT_PASSPHRASE_FD | OPT_FORCE | OPT_JSON,
	  "check a keystore (PKCS#12 or PEM; - for standard input), switch to it, prove it" },
	{ VERB_ROLLBACK, "keystore", "rollback", "[ID]", OPT_JSON,
	  "go back: the pending switch, or to generation ID, or to the previous one" },
	{ VERB_CONFIRM, "keystore", "confirm", "[TOKEN]", OPT_JSON, "keep the keystore that awaits its confirmation" },
	{ VERB_LIST, "keystore", "list", NULL, OPT_JSON, "list the generations" },
	{ VERB_SESSION, "keystore", "session", NULL, 0, "speak the host protocol on standard input and output" },
	{ VERB_STATUS, "status", NULL, NULL, OPT_JSON, "what the running gate serves" },
};

static const struct option_row {
	unsigned bit;
	const char *name;
	const char *value; /* NULL: none */
	const char *meaning;
} option_rows[] = {
	{ OPT_CONFIG, "--config", "FILE", "the configuration file" },
	{ OPT_CONFIRM_WITHIN, "--confirm-within", "SECONDS",
	  "go back by itself unless 'keystore confirm' comes in time" },
	{ OPT_PASSPHRASE_FD, "--passphrase-fd", "N",
	  "read the passphrase of FILE from this descriptor; else the terminal is asked" },
	{ OPT_FORCE, "--force", NULL, "install in spite of warnings; never in spite of a blocker" },
	{ OPT_JSON, "--json", NULL, "print JSON" },
	{ OPT_ALONE, "--check-config", NULL, "read the configuration, say what is wrong, and end" },
	{ OPT_ALONE, "--version", NULL, "print the version and end" },
	{ OPT_ALONE, "--help", NULL, "print this and end" },
};

static const struct option_row *find_option(struct bytes name)
{
	for (size_t i = 0; i < ARRAY_N(option_rows); i++)
		if (bytes_equal_str(name, option_rows[i].name))
			return &option_rows[i];
	return NULL;
}

static int number(const char *option, const char *text, uint64_t max, uint64_t *ret, struct err *e)
{
	if (words_number(bytes_of_str(text), max, ret))
		return 0;
	return err_set(e, -EINVAL, "%s: want a number from 0 to %llu, got '%s'", option, (unsigned long long)max, text);
}

static int set_option(struct options *o, const struct option_row *row, const char *value, struct err *e)
{
	uint64_t v = 0;
	int r = 0;

	switch (row->bit) {
	case OPT_CONFIG:
		o->config = value;
		break;
	case OPT_CONFIRM_WITHIN:
		r = number(row->name, value, LIMIT_SWITCH_WINDOW_MAX_S, &v, e);
		o->confirm_within_s = (int64_t)v;
		break;
	case OPT_PASSPHRASE_FD:
		r = number(row->name, value, 65535, &v, e);
		o->passphrase_fd = (int)v;
		break;
	case OPT_FORCE:
		o->force = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	default:
		o->verb = row->name[2] == 'c' ? VERB_CHECK_CONFIG : row->name[2] == 'v' ? VERB_VERSION : VERB_HELP;
		break;
	}
	return r;
}

/* "--name value" or "--name=value". */
static int take_option(struct options *o, int argc, char **argv, int *at, unsigned *seen, struct err *e)
{
	const char *text = argv[*at], *equals = strchr(text, '='), *value = equals ? equals + 1 : NULL;
	const struct option_row *row = find_option(bytes_of(text, equals ? (size_t)(equals - text) : strlen(text)));

	if (!row)
		return err_set(e, -EINVAL, "unknown option '%s'; try --help", text);
	if (!row->value && value)
		return err_set(e, -EINVAL, "option '%s' takes no value", row->name);
	if (row->value && !value) {
		if (*at + 1 >= argc)
			return err_set(e, -EINVAL, "option '%s': want %s", row->name, row->value);
		value = argv[++*at];
	}
	*seen |= row->bit;
	return set_option(o, row, value, e);
}

static int find_verb(const char **words, size_t n, const struct verb_row **ret, size_t *ret_used, struct err *e)
{
	for (size_t i = 0; i < ARRAY_N(verb_rows); i++) {
		const struct verb_row *row = &verb_rows[i];
		size_t used = row->second ? 2 : 1;

		if (n < used || strcmp(words[0], row->first) != 0 ||
		    (row->second && strcmp(words[1], row->second) != 0))
			continue;
		*ret = row;
		*ret_used = used;
		return 0;
	}
	return err_set(e, -EINVAL, "unknown command '%s%s%s'; try --help", words[0], n > 1 ? " " : "",
		       n > 1 ? words[1] : "");
}

static int settle_verb(struct options *o, const char **words, size_t n, unsigned seen, struct err *e)
{
	const struct verb_row *row = &verb_rows[0];
	size_t used = 0;
	int r = find_verb(words, n, &row, &used, e);

	if (r < 0)
		return r;
	o->verb = row->verb;
	o->argument = n > used ? words[used] : NULL;
	if (n > used + (row->argument ? 1 : 0))
		return err_set(e, -EINVAL, "too many words: '%s'", words[n - 1]);
	if (row->argument && row->argument[0] != '[' && !o->argument)
		return err_set(e, -EINVAL, "'%s %s': want %s", row->first, row->second, row->argument);
	for (size_t i = 0; i < ARRAY_N(option_rows); i++)
		if ((seen & option_rows[i].bit) && option_rows[i].bit != OPT_CONFIG &&
		    !(row->takes & option_rows[i].bit))
			return err_set(e, -EINVAL, "option '%s' does not belong to this command", option_rows[i].name);
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
	const char *words[4] = { "run" };
	size_t n = 0;
	unsigned seen = 0;
	bool only_words = false;

	*ret = (struct options) { .verb = VERB_RUN, .confirm_within_s = -1, .passphrase_fd = -1 };
	for (int i = 1; i < argc; i++) {
		int r = 0;

		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0')
			r = take_option(ret, argc, argv, &i, &seen, e);
		else if (n == ARRAY_N(words))
			r = err_set(e, -EINVAL, "too many words: '%s'", argv[i]);
		else
			words[n++] = argv[i];
		if (r < 0)
			return r;
	}
	if (seen & OPT_ALONE)
		return n == 0 ? 0 : err_set(e, -EINVAL, "too many words: '%s'", words[0]);
	return settle_verb(ret, words, n ? n : 1, seen, e);
}

void options_help(struct buf *out)
{
	buf_add_str(out, "gatewright-gate: the TLS gateway, and the tool for its keystore\n\nusage:\n");
	for (size_t i = 0; i < ARRAY_N(verb_rows); i++) {
		const struct verb_row *row = &verb_rows[i];

		buf_printf(out, "  gatewright-gate [--config FILE] %s%s%s%s%s\n        %s\n", row->first,
			   row->second ? " " : "", row->second ? row->second : "", row->argument ? " " : "",
			   row->argument ? row->argument : "", row->meaning);
	}
	buf_add_str(out, "\noptions:\n");
	for (size_t i = 0; i < ARRAY_N(option_rows); i++)
		buf_printf(out, "  %s%s%s\n        %s\n", option_rows[i].name, option_rows[i].value ? " " : "",
			   option_rows[i].value ? option_rows[i].value : "", option_rows[i].meaning);
	buf_add_str(out, "\nexit status: 0 done, 1 failed, 2 usage or configuration, 3 refused by a check, 4 not "
			 "proven, 5 rolled back, "
			 "6 another switch is pending\n");
}
