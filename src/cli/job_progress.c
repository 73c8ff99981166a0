#include "cli/job_progress.h"
#include "cli/output/text.h"
#include "sys/clock.h"

#include <stdarg.h>
#include <string.h>

static const char *const frames_utf8[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
static const char *const frames_ascii[] = { "|", "/", "-", "\\" };

static bool is_live(const struct progress *p)
{
	return p->cli->out_is_terminal && p->cli->width > 20;
}

void progress_init(struct progress *p, const struct cli *cli)
{
	*p = (struct progress) { .cli = cli, .ended = -1 };
}

static void erase(struct progress *p)
{
	if (p->drawn)
		(void)fputs("\r\033[K", p->cli->out);
	p->drawn = false;
}

void progress_fini(struct progress *p)
{
	erase(p);
	(void)fflush(p->cli->out);
	json_decref(TAKE(p->running));
	json_decref(TAKE(p->told));
}

/* How wide a clean text is, in columns near enough for cutting: UTF-8 characters. */
static int cut_at(const char *text, int columns)
{
	int n = 0;

	while (text[n] && columns > 0) {
		n++;
		while (((unsigned char)text[n] & 0xc0) == 0x80)
			n++;
		columns--;
	}
	return n;
}

static void draw(struct progress *p)
{
	CLEANUP(util_freep) char *text = text_clean(json_text(p->running, "text"));
	double seconds = (double)(clock_mono().ms - p->since.ms) / 1000;
	const char *frame = p->cli->utf8 ? frames_utf8[p->frame % (int)ARRAY_N(frames_utf8)]
					 : frames_ascii[p->frame % (int)ARRAY_N(frames_ascii)];

	if (!text)
		return;
	(void)fprintf(p->cli->out, "\r\033[K%s %.*s  %.1f s", frame, cut_at(text, p->cli->width - 14), text, seconds);
	(void)fflush(p->cli->out);
	p->drawn = true;
}

void progress_tick(struct progress *p)
{
	if (!p->running || !is_live(p))
		return;
	p->frame++;
	draw(p);
}

static void print_lines(const struct cli *cli, const char *prefix, const char *text)
{
	struct bytes trimmed = bytes_trim(bytes_of_str(text));
	struct buf out;
	char indent[32];

	if (trimmed.n == 0)
		return;
	(void)snprintf(indent, sizeof(indent), "    %s", prefix);
	buf_init(&out, 1024u * 1024);
	text_clean_to(&out, trimmed, indent);
	(void)fprintf(cli->out, "%s%s\n", indent, buf_bad(&out) ? "" : buf_str(&out));
	buf_fini(&out);
}

void progress_print_step(const struct cli *cli, const json_t *step, const json_t *before)
{
	const char *outcome = json_text(step, "outcome"), *mark = cli->utf8 ? "✓" : "done", *colour = "\033[32m";
	CLEANUP(util_freep) char *text = text_clean(json_text(step, "text"));
	CLEANUP(util_freep) char *state = text_clean(json_text(step, "state"));

	if (strcmp(outcome, "failed") == 0) {
		mark = cli->utf8 ? "✗" : "failed";
		colour = "\033[31m";
	} else if (strcmp(outcome, "started") == 0) {
		mark = cli->utf8 ? "…" : "started";
		colour = "\033[33m";
	}
	(void)fprintf(cli->out, "%s%s%s %-13s %s", cli->colour ? colour : "", mark, cli->colour ? "\033[0m" : "",
		      state ? state : "", text ? text : "");
	if (json_has(step, "time_ms") && strcmp(outcome, "started") != 0)
		(void)fprintf(cli->out, "  %.1f s", json_decimal(step, "time_ms") / 1000);
	(void)fputc('\n', cli->out);
	if (!before || strcmp(json_text(before, "detail"), json_text(step, "detail")) != 0)
		print_lines(cli, "", json_text(step, "detail"));
	print_lines(cli, "| ", json_text(step, "host_output"));
}

void progress_step(struct progress *p, const json_t *step)
{
	json_int_t n = json_number(step, "n");

	if (n <= p->ended)
		return;
	erase(p);
	if (strcmp(json_text(step, "outcome"), "started") == 0) {
		if (!p->running || json_number(p->running, "n") != n)
			p->since = clock_mono();
		json_decref(TAKE(p->running));
		p->running = json_deep_copy(step);
		if (is_live(p))
			draw(p);
		return;
	}
	p->ended = n;
	if (p->running && json_number(p->running, "n") <= n)
		json_decref(TAKE(p->running));
	progress_print_step(p->cli, step, p->told);
	json_decref(TAKE(p->told));
	p->told = json_deep_copy(step);
	(void)fflush(p->cli->out);
}

void progress_note(struct progress *p, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	erase(p);
	cli_note(p->cli, "%s", line);
}
