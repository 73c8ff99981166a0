#include "cli/args.h"
#include "cli/suggest.h"

#include <errno.h>
#include <string.h>

bool args_parse_number(const char *text, long min, long max, long *ret)
{
	long v = 0;

	if (!text[0] || strlen(text) > 10)
		return false;
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (*p - '0');
	}
	if (v < min || v > max)
		return false;
	*ret = v;
	return true;
}

bool args_has(const struct args *a, enum opt o)
{
	for (size_t i = 0; i < a->options_n; i++) {
		if (a->options[i].opt == o)
			return true;
	}
	return false;
}

const char *args_next(const struct args *a, enum opt o, size_t *cursor)
{
	for (size_t i = *cursor; i < a->options_n; i++) {
		if (a->options[i].opt == o) {
			*cursor = i + 1;
			return a->options[i].value;
		}
	}
	*cursor = a->options_n;
	return NULL;
}

const char *args_get(const struct args *a, enum opt o)
{
	size_t cursor = 0;

	return args_next(a, o, &cursor);
}

int args_number(const struct args *a, enum opt o, long min, long max, long *ret, struct err *e)
{
	const char *text = args_get(a, o);

	if (text && !args_parse_number(text, min, max, ret))
		return err_set(e, -EINVAL, "option '--%s': want a number from %ld to %ld, got '%s'",
			       option_rows[o].name, min, max, text);
	return 0;
}

/* `prefix` stands before the word that is suggested: the noun of an action. */
static int unknown_word(const char *kind, const char *typed, const char *prefix, const struct suggestion *s,
			const char *help, struct err *e)
{
	const char *meant = suggest_word(s, typed);

	if (meant)
		return err_set(e, -EINVAL, "unknown %s '%s': did you mean '%s%s'?", kind, typed, prefix, meant);
	return err_set(e, -EINVAL, "unknown %s '%s': see '%s'", kind, typed, help);
}

static int unknown_noun(const char *typed, struct err *e)
{
	struct suggestion s = { NULL, 0 };

	for (size_t i = 0; i < verbs_n; i++)
		suggest_consider(&s, typed, verbs[i].noun);
	return unknown_word("command", typed, "", &s, "gatewright --help", e);
}

static int unknown_action(const char *noun, const char *typed, struct err *e)
{
	struct suggestion s = { NULL, 0 };
	char prefix[64], help[80];

	for (size_t i = 0; i < verbs_n; i++) {
		if (strcmp(verbs[i].noun, noun) == 0 && verbs[i].action)
			suggest_consider(&s, typed, verbs[i].action);
	}
	(void)snprintf(prefix, sizeof(prefix), "%s ", noun);
	(void)snprintf(help, sizeof(help), "gatewright %s --help", noun);
	return unknown_word("action", typed, prefix, &s, help, e);
}

static int unknown_option(const struct verb *v, const char *typed, struct err *e)
{
	struct suggestion s = { NULL, 0 };
	char help[96] = "gatewright --help";

	for (size_t o = 0; o < OPT_N; o++) {
		if (v ? verb_takes(v, (enum opt)o)
		      : o == OPT_HELP || o == OPT_VERSION || o == OPT_SOCKET || o == OPT_JSON)
			suggest_consider(&s, typed, option_rows[o].name);
	}
	if (v)
		(void)snprintf(help, sizeof(help), "gatewright %s%s%s --help", v->noun, v->action ? " " : "",
			       v->action ? v->action : "");
	if (suggest_word(&s, typed))
		return err_set(e, -EINVAL, "unknown option '--%s': did you mean '--%s'?", typed,
			       suggest_word(&s, typed));
	return err_set(e, -EINVAL, "unknown option '--%s': see '%s'", typed, help);
}

/* Is the word one of "a|b|c"? */
static bool is_one_of(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; p; p = strchr(p, '|'), p = p ? p + 1 : NULL) {
		if (strncmp(p, word, n) == 0 && (p[n] == '\0' || p[n] == '|'))
			return n > 0 && !strchr(word, '|');
	}
	return false;
}

static int add_option(struct args *a, enum opt o, const char *value, struct err *e)
{
	const struct option_row *row = &option_rows[o];

	if (!row->repeats && args_has(a, o))
		return err_set(e, -EINVAL, "option '--%s' is given twice", row->name);
	if (row->complete == COMPLETE_WORDS && !is_one_of(row->value, value))
		return err_set(e, -EINVAL, "option '--%s': want %s, got '%s'", row->name, row->value, value);
	if (a->options_n == ARGS_OPTIONS_MAX)
		return err_set(e, -EINVAL, "want at most %d options, got more", ARGS_OPTIONS_MAX);
	a->options[a->options_n].opt = o;
	a->options[a->options_n++].value = value;
	return 0;
}

/* Before the verb is known only the options that all verbs take are. */
static bool is_known_here(const struct verb *v, enum opt o)
{
	return v ? verb_takes(v, o) : o == OPT_HELP || o == OPT_VERSION || o == OPT_JSON || o == OPT_SOCKET;
}

static enum opt find_option(const struct verb *v, const char *name, size_t n)
{
	for (size_t o = 0; o < OPT_N; o++) {
		if (is_known_here(v, (enum opt)o) && strlen(option_rows[o].name) == n &&
		    strncmp(option_rows[o].name, name, n) == 0)
			return (enum opt)o;
	}
	return OPT_N;
}

/* "--name", "--name=value" or "--name value": *at moves over a value that stands alone. */
static int take_option(struct args *a, int argc, char *const *argv, int *at, struct err *e)
{
	const char *name = argv[*at] + 2, *equals = strchr(name, '='), *value = NULL;
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	enum opt o = find_option(a->verb, name, n);
	char typed[64];

	(void)snprintf(typed, sizeof(typed), "%.*s", (int)(n < 60 ? n : 60), name);
	if (o == OPT_N)
		return unknown_option(a->verb, typed, e);
	if (!option_rows[o].value && equals)
		return err_set(e, -EINVAL, "option '--%s' takes no value", typed);
	if (option_rows[o].value) {
		value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
		if (!value)
			return err_set(e, -EINVAL, "option '--%s' wants a value: %s", typed, option_rows[o].value);
	}
	a->help = a->help || o == OPT_HELP;
	a->version = a->version || o == OPT_VERSION;
	return add_option(a, o, value, e);
}

static int take_word(struct args *a, const char *word, struct err *e)
{
	if (!a->verb && !a->noun) {
		if (!verb_is_noun(word))
			return unknown_noun(word, e);
		a->noun = word;
		a->verb = verb_find(word, NULL);
		return 0;
	}
	if (!a->verb) {
		a->verb = verb_find(a->noun, word);
		return a->verb ? 0 : unknown_action(a->noun, word, e);
	}
	if (a->positional_n == (size_t)a->verb->arguments_max || a->positional_n == ARGS_POSITIONAL_MAX)
		return err_set(e, -EINVAL, "argument '%s' is one too many: want %s", word,
			       a->verb->arguments[0] ? a->verb->arguments : "none");
	a->positional[a->positional_n++] = word;
	return 0;
}

static int check_complete(const struct args *a, struct err *e)
{
	if (a->help || a->version)
		return 0;
	if (!a->noun)
		return err_set(e, -EINVAL, "want a command: see 'gatewright --help'");
	if (!a->verb)
		return err_set(e, -EINVAL, "'%s' wants an action: see 'gatewright %s --help'", a->noun, a->noun);
	if (a->positional_n < (size_t)a->verb->arguments_min)
		return err_set(e, -EINVAL, "'%s%s%s' wants %s", a->verb->noun, a->verb->action ? " " : "",
			       a->verb->action ? a->verb->action : "", a->verb->arguments);
	return 0;
}

/* What people type: "help certificate create", "certificate help" and "version" are the options of these names. */
static bool take_common_word(struct args *a, const char *word)
{
	bool *what = strcmp(word, "help") == 0 && !a->verb	? &a->help
		     : strcmp(word, "version") == 0 && !a->noun ? &a->version
								: NULL;

	if (!what || a->help)
		return false;
	*what = true;
	return true;
}

int args_parse(int argc, char *const *argv, struct args *ret, struct err *e)
{
	bool only_words = false;
	int r = 0;

	*ret = (struct args) { .verb = NULL };
	for (int i = 1; i < argc && r == 0; i++) {
		const char *word = argv[i];

		if (only_words || word[0] != '-' || word[1] == '\0') {
			if (!take_common_word(ret, word))
				r = take_word(ret, word, e);
		} else if (strcmp(word, "--") == 0) {
			only_words = true;
		} else if (strcmp(word, "-h") == 0) {
			ret->help = true;
		} else if (word[1] != '-') {
			r = err_set(e, -EINVAL, "unknown option '%s': options are long, as '--json'", word);
		} else {
			r = take_option(ret, argc, argv, &i, e);
		}
	}
	return r < 0 ? r : check_complete(ret, e);
}
