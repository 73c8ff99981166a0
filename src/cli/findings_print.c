#include "cli/findings_print.h"
#include "cli/output/text.h"

#include <stdlib.h>
#include <string.h>

static const char *colour_of(const struct cli *cli, FILE *out, const char *severity)
{
	if (!cli->colour || out != cli->out)
		return "";
	return strcmp(severity, "blocker") == 0	  ? "\033[31m"
	       : strcmp(severity, "warning") == 0 ? "\033[33m"
						  : "\033[2m";
}

static void print_one(const struct cli *cli, FILE *out, const struct verb *v, const json_t *finding, const char *indent)
{
	const char *severity = json_text(finding, "severity"), *id = json_text(finding, "id");
	enum opt o = v ? verb_option_of_field(v, json_text(finding, "field")) : OPT_N;
	CLEANUP(util_freep) char *clean_severity = text_clean(severity[0] ? severity : "finding");
	CLEANUP(util_freep) char *clean_text = text_clean(json_text(finding, "text"));
	CLEANUP(util_freep) char *clean_id = text_clean(id);
	const char *colour = colour_of(cli, out, severity);

	if (!clean_severity || !clean_text || !clean_id)
		return;
	(void)fprintf(out, "%s%s%s%s: %s%s%s%s%s%s%s\n", indent, colour, clean_severity, colour[0] ? "\033[0m" : "",
		      o != OPT_N ? "--" : "", o != OPT_N ? option_rows[o].name : "", o != OPT_N ? ": " : "", clean_text,
		      id[0] ? " (" : "", clean_id, id[0] ? ")" : "");
}

void findings_print(const struct cli *cli, FILE *out, const struct verb *v, const json_t *array, const char *indent)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(array, i, finding) print_one(cli, out, v, finding, indent);
}

bool findings_json_has(const json_t *array, const char *severity)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(array, i, finding)
	{
		if (strcmp(json_text(finding, "severity"), severity) == 0)
			return true;
	}
	return false;
}

bool findings_json_about(const json_t *array, const char *field)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(array, i, finding)
	{
		if (strcmp(json_text(finding, "field"), field) == 0)
			return true;
	}
	return false;
}
