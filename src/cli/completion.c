#include "cli/completion.h"

#include <string.h>

#define MADE_BY "# Made by 'gatewright --completion %s' from the table of commands; a test keeps it so.\n"

static const char *const complete_words[COMPLETE_N] = {
	[COMPLETE_CERTIFICATE] = "certificate", [COMPLETE_GATEWAY] = "gateway", [COMPLETE_JOB] = "job",
	[COMPLETE_TARGET] = "target",		[COMPLETE_USER] = "user",
};

/* "a|b|c" with blanks between. */
static void print_alternatives(FILE *out, const char *words)
{
	for (; *words; words++)
		(void)fputc(*words == '|' ? ' ' : *words, out);
}

/* In single quotes of a shell; `escaped` characters get a backslash. */
static void print_quoted(FILE *out, const char *text, const char *quote, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs(quote, out);
		else
			(void)fprintf(out, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
	}
}

static void print_nouns(FILE *out)
{
	for (size_t i = 0; i < verbs_n; i++) {
		if (i == 0 || strcmp(verbs[i].noun, verbs[i - 1].noun) != 0)
			(void)fprintf(out, "%s%s", i == 0 ? "" : " ", verbs[i].noun);
	}
}

static void print_actions(FILE *out, const char *noun)
{
	for (size_t i = 0, n = 0; i < verbs_n; i++) {
		if (strcmp(verbs[i].noun, noun) == 0 && verbs[i].action)
			(void)fprintf(out, "%s%s", n++ == 0 ? "" : " ", verbs[i].action);
	}
}

static bool is_first_of_noun(size_t i)
{
	return i == 0 || strcmp(verbs[i].noun, verbs[i - 1].noun) != 0;
}

/* bash */

static void bash_value(FILE *out, const struct option_row *row)
{
	if (!row->value)
		return;
	(void)fprintf(out, "\t\t--%s) ", row->name);
	if (row->complete == COMPLETE_FILE) {
		(void)fputs("files=1", out);
	} else if (row->complete == COMPLETE_WORDS) {
		(void)fputs("words='", out);
		print_alternatives(out, row->value);
		(void)fputc('\'', out);
	} else if (row->complete != COMPLETE_NONE) {
		(void)fprintf(out, "words=$(_gatewright_words %s)", complete_words[row->complete]);
	} else {
		(void)fputs("return", out);
	}
	(void)fputs(" ;;\n", out);
}

static void bash_arguments(FILE *out, const struct verb *v)
{
	(void)fputs("\t\t*)\n\t\t\tif [[ $cur == -* ]]; then words='", out);
	for (size_t o = 0, n = 0; o < OPT_N; o++) {
		if (verb_takes(v, (enum opt)o))
			(void)fprintf(out, "%s--%s", n++ == 0 ? "" : " ", option_rows[o].name);
	}
	(void)fputc('\'', out);
	if (v->complete == COMPLETE_FILE)
		(void)fputs("; else files=1", out);
	else if (v->complete != COMPLETE_NONE)
		(void)fprintf(out, "; else words=$(_gatewright_words %s)", complete_words[v->complete]);
	(void)fputs("; fi ;;\n", out);
}

static void bash_verb(FILE *out, const struct verb *v)
{
	(void)fprintf(out, "\t'%s %s')\n\t\tcase $prev in\n", v->noun, v->action ? v->action : "");
	for (size_t o = 0; o < OPT_N; o++) {
		if (verb_takes(v, (enum opt)o))
			bash_value(out, &option_rows[o]);
	}
	bash_arguments(out, v);
	(void)fputs("\t\tesac ;;\n", out);
}

static void bash_skip_values(FILE *out)
{
	size_t n = 0;

	(void)fputs("\t\t", out);
	for (size_t o = 0; o < OPT_N; o++) {
		bool seen = false;

		for (size_t p = 0; p < o; p++)
			seen = seen || strcmp(option_rows[p].name, option_rows[o].name) == 0;
		if (option_rows[o].value && !seen)
			(void)fprintf(out, "%s--%s", n++ == 0 ? "" : "|", option_rows[o].name);
	}
	(void)fputs(") ((i++)) ;;\n", out);
}

static void print_bash(FILE *out)
{
	(void)fprintf(out, "# bash completion for gatewright(1).\n" MADE_BY "\n", "bash");
	(void)fputs("_gatewright_words()\n{\n\tgatewright --complete \"$1\" 2>/dev/null | cut -f1\n}\n\n"
		    "_gatewright()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		    "\tlocal noun='' action='' words='' files='' i\n\n\tCOMPREPLY=()\n"
		    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tcase ${COMP_WORDS[i]} in\n",
		    out);
	bash_skip_values(out);
	(void)fputs("\t\t-*) ;;\n\t\t*) if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}; "
		    "elif [[ -z $action ]]; then action=${COMP_WORDS[i]}; fi ;;\n\t\tesac\n\tdone\n"
		    "\t[[ $noun == health ]] && action=''\n\tcase \"$noun $action\" in\n\t' ') words='",
		    out);
	print_nouns(out);
	(void)fputs(" --help --version' ;;\n", out);
	for (size_t i = 0; i < verbs_n; i++) {
		if (is_first_of_noun(i) && verbs[i].action) {
			(void)fprintf(out, "\t'%s ') words='", verbs[i].noun);
			print_actions(out, verbs[i].noun);
			(void)fputs(" --help' ;;\n", out);
		}
		bash_verb(out, &verbs[i]);
	}
	(void)fputs("\tesac\n\tif [[ -n $files ]]; then\n\t\tcompopt -o filenames 2>/dev/null\n"
		    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\telse\n"
		    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n\tfi\n}\n"
		    "complete -F _gatewright gatewright\n",
		    out);
}

/* zsh */

static void zsh_values(FILE *out, enum complete complete, const char *alternatives)
{
	if (complete == COMPLETE_FILE) {
		(void)fputs("_files", out);
	} else if (complete == COMPLETE_WORDS) {
		(void)fputc('(', out);
		print_alternatives(out, alternatives);
		(void)fputc(')', out);
	} else if (complete != COMPLETE_NONE) {
		(void)fprintf(out, "_gatewright_words %s", complete_words[complete]);
	} else {
		(void)fputc(' ', out);
	}
}

static void zsh_option(FILE *out, const struct option_row *row)
{
	(void)fprintf(out, "\t\t\t'%s--%s[", row->repeats ? "*" : "", row->name);
	print_quoted(out, row->help, "'\\''", "[]\\");
	(void)fputc(']', out);
	if (row->value) {
		(void)fprintf(out, ":%s:", row->name);
		zsh_values(out, row->complete, row->value);
	}
	(void)fputs("' \\\n", out);
}

static void zsh_verb(FILE *out, const struct verb *v)
{
	(void)fprintf(out, "\t%s%s%s)\n\t\t_arguments -s \\\n", v->noun, v->action ? "-" : "",
		      v->action ? v->action : "");
	for (size_t o = 0; o < OPT_N; o++) {
		if (verb_takes(v, (enum opt)o))
			zsh_option(out, &option_rows[o]);
	}
	(void)fputs("\t\t\t'*:argument:", out);
	zsh_values(out, v->complete, "");
	(void)fputs("' ;;\n", out);
}

static void zsh_actions(FILE *out, const char *noun)
{
	(void)fprintf(out, "\t%s)\n\t\tactions=(\n", noun);
	for (size_t i = 0; i < verbs_n; i++) {
		if (strcmp(verbs[i].noun, noun) != 0)
			continue;
		(void)fprintf(out, "\t\t\t'%s:", verbs[i].action);
		print_quoted(out, verbs[i].summary, "'\\''", ":\\");
		(void)fputs("'\n", out);
	}
	(void)fputs("\t\t)\n\t\t_describe action actions ;;\n", out);
}

static void print_zsh(FILE *out)
{
	(void)fprintf(out, "#compdef gatewright\n# zsh completion for gatewright(1).\n" MADE_BY "\n", "zsh");
	(void)fputs(
		"_gatewright_words()\n{\n\tlocal -a words_of\n"
		"\twords_of=(${(f)\"$(gatewright --complete $1 2>/dev/null | sed -e 's/:/\\\\:/g' -e 's/\\t/:/')\"})\n"
		"\t_describe $1 words_of\n}\n\n_gatewright_actions()\n{\n\tlocal -a actions\n\n\tcase $1 in\n",
		out);
	for (size_t i = 0; i < verbs_n; i++) {
		if (is_first_of_noun(i) && verbs[i].action)
			zsh_actions(out, verbs[i].noun);
	}
	(void)fputs("\tesac\n}\n\n_gatewright_verb()\n{\n\tcase $1 in\n", out);
	for (size_t i = 0; i < verbs_n; i++)
		zsh_verb(out, &verbs[i]);
	(void)fputs("\tesac\n}\n\n_gatewright()\n{\n\tlocal curcontext=$curcontext state line noun\n\ttypeset -A "
		    "opt_args\n\n"
		    "\t_arguments -C '(-)--help[show help and exit]' '(-)--version[show the version and exit]' \\\n"
		    "\t\t'1:noun:(",
		    out);
	print_nouns(out);
	(void)fputs(")' '*:: :->rest'\n\t[[ $state == rest ]] || return 0\n\tnoun=$words[1]\n"
		    "\tif [[ $noun == health ]]; then\n\t\t_gatewright_verb health\n"
		    "\telif ((CURRENT == 2)); then\n\t\t_gatewright_actions $noun\n\telse\n"
		    "\t\twords[1]=()\n\t\t((CURRENT--))\n\t\t_gatewright_verb $noun-$words[1]\n\tfi\n}\n\n_gatewright "
		    "\"$@\"\n",
		    out);
}

/* fish */

static void fish_condition(FILE *out, const struct verb *v)
{
	(void)fprintf(out, "complete -c gatewright -n '__fish_seen_subcommand_from %s", v->noun);
	if (v->action)
		(void)fprintf(out, "; and __fish_seen_subcommand_from %s", v->action);
	(void)fputs("' ", out);
}

static void fish_values(FILE *out, enum complete complete, const char *alternatives)
{
	if (complete == COMPLETE_FILE) {
		(void)fputs(" -F", out);
	} else if (complete == COMPLETE_WORDS) {
		(void)fputs(" -xa '", out);
		print_alternatives(out, alternatives);
		(void)fputc('\'', out);
	} else if (complete != COMPLETE_NONE) {
		(void)fprintf(out, " -xa '(gatewright --complete %s 2>/dev/null)'", complete_words[complete]);
	} else {
		(void)fputs(" -x", out);
	}
}

static void fish_verb(FILE *out, const struct verb *v)
{
	for (size_t o = 0; o < OPT_N; o++) {
		if (!verb_takes(v, (enum opt)o))
			continue;
		fish_condition(out, v);
		(void)fprintf(out, "-l %s", option_rows[o].name);
		if (option_rows[o].value)
			fish_values(out, option_rows[o].complete, option_rows[o].value);
		(void)fputs(" -d '", out);
		print_quoted(out, option_rows[o].help, "\\'", "\\");
		(void)fputs("'\n", out);
	}
	if (v->complete == COMPLETE_NONE)
		return;
	fish_condition(out, v);
	if (v->complete == COMPLETE_FILE)
		(void)fputs("-F\n", out);
	else
		(void)fprintf(out, "-a '(gatewright --complete %s 2>/dev/null)'\n", complete_words[v->complete]);
}

static void print_fish(FILE *out)
{
	(void)fprintf(out, "# fish completion for gatewright(1).\n" MADE_BY "\ncomplete -c gatewright -f\n", "fish");
	for (size_t i = 0; i < verbs_n; i++) {
		const struct verb *v = &verbs[i];

		if (is_first_of_noun(i))
			(void)fprintf(out, "complete -c gatewright -n __fish_use_subcommand -a %s\n", v->noun);
		if (v->action) {
			(void)fprintf(out,
				      "complete -c gatewright -n '__fish_seen_subcommand_from %s; and not "
				      "__fish_seen_subcommand_from ",
				      v->noun);
			print_actions(out, v->noun);
			(void)fprintf(out, "' -a %s -d '", v->action);
			print_quoted(out, v->summary, "\\'", "\\");
			(void)fputs("'\n", out);
		}
	}
	for (size_t i = 0; i < verbs_n; i++)
		fish_verb(out, &verbs[i]);
}

bool completion_print(FILE *out, const char *shell)
{
	static const struct {
		const char *shell;
		void (*print)(FILE *out);
	} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

	for (size_t i = 0; i < ARRAY_N(shells); i++) {
		if (strcmp(shells[i].shell, shell) == 0) {
			shells[i].print(out);
			return true;
		}
	}
	return false;
}
