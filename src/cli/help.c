#include "cli/help.h"

#include <string.h>

#define HELP_COLUMN 26
#define HELP_WIDTH 80

/* Words of `text` from column `at` on, broken before `HELP_WIDTH`, continued at `indent`. */
static void print_wrapped(FILE *out, const char *text, int at, int indent)
{
	while (*text) {
		int n = (int)strcspn(text, " ");

		if (at > indent && at + 1 + n > HELP_WIDTH) {
			(void)fprintf(out, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			(void)fputc(' ', out);
			at++;
		}
		(void)fprintf(out, "%.*s", n, text);
		at += n;
		text += n;
		text += strspn(text, " ");
	}
	(void)fputc('\n', out);
}

static void print_row(FILE *out, const char *left, const char *text)
{
	int n = (int)strlen(left) + 2;

	(void)fprintf(out, "  %s", left);
	if (n + 2 > HELP_COLUMN)
		(void)fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		(void)fprintf(out, "%*s", HELP_COLUMN - n, "");
	print_wrapped(out, text, HELP_COLUMN, HELP_COLUMN);
}

static void print_option(FILE *out, const struct option_row *row)
{
	char left[128];

	(void)snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
	print_row(out, left, row->help);
}

static void print_verb_row(FILE *out, const struct verb *v)
{
	char left[128];

	(void)snprintf(left, sizeof(left), "%s%s%s", v->noun, v->action ? " " : "", v->action ? v->action : "");
	print_row(out, left, v->summary);
}

static void help_verb(FILE *out, const struct verb *v)
{
	(void)fprintf(out, "usage: gatewright %s%s%s", v->noun, v->action ? " " : "", v->action ? v->action : "");
	(void)fprintf(out, "%s%s%s\n\n", v->options ? " [OPTIONS]" : "", v->arguments[0] ? " " : "", v->arguments);
	(void)fputs("  ", out);
	print_wrapped(out, v->summary, 2, 2);
	if (v->help)
		(void)fprintf(out, "\n%s\n", v->help);
	(void)fputs("\nOptions:\n", out);
	for (size_t o = 0; o < OPT_N; o++) {
		if (verb_takes(v, (enum opt)o))
			print_option(out, &option_rows[o]);
	}
	if (v->complete == COMPLETE_CERTIFICATE || (v->options & (VERB_OPTION(ISSUER) | VERB_OPTION(CERTIFICATE))))
		(void)fputs("\nA CERTIFICATE is its number, its display name, or eight or more digits of its\n"
			    "SHA-256 fingerprint.\n",
			    out);
}

static void help_noun(FILE *out, const char *noun)
{
	(void)fprintf(out, "usage: gatewright %s ACTION [OPTIONS] [ARGUMENTS]\n\n", noun);
	for (size_t i = 0; i < verbs_n; i++) {
		if (strcmp(verbs[i].noun, noun) == 0)
			print_verb_row(out, &verbs[i]);
	}
	(void)fprintf(out, "\n'gatewright %s ACTION --help' says more.\n", noun);
}

static void help_all(FILE *out)
{
	(void)fputs("usage: gatewright NOUN ACTION [OPTIONS] [ARGUMENTS]\n\n"
		    "  Creates certificates and renews those of gateways, by way of gatewrightd.\n",
		    out);
	for (size_t i = 0; i < verbs_n; i++) {
		if (i == 0 || strcmp(verbs[i].noun, verbs[i - 1].noun) != 0)
			(void)fputc('\n', out);
		print_verb_row(out, &verbs[i]);
	}
	(void)fputs("\nOptions of every command:\n", out);
	for (size_t o = OPT_HELP; o <= OPT_SOCKET; o++)
		print_option(out, &option_rows[o]);
	(void)fputs("\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a check, 4 rolled back,\n"
		    "5 gatewrightd can't be reached, 6 how it ended is not known.\n"
		    "'gatewright NOUN ACTION --help' and gatewright(1) say more.\n",
		    out);
}

void help_print(FILE *out, const struct args *args)
{
	if (args->verb)
		help_verb(out, args->verb);
	else if (args->noun)
		help_noun(out, args->noun);
	else
		help_all(out);
}
