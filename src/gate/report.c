#include "gate/report.h"

#include "codec/json_write.h"

#include <stdio.h>
#include <unistd.h>

void report_write(struct buf *b)
{
	if (buf_bad(b)) {
		(void)fprintf(stderr, "gatewright-gate: out of memory\n");
		return;
	}
	(void)fwrite(b->p, 1, b->n, stdout);
	(void)fflush(stdout);
}

static void put_findings(struct json_writer *w, const struct findings *f)
{
	json_open_array(w, "findings");
	for (size_t i = 0; f && i < f->n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "id", finding_word(f->items[i].id));
		json_put_str(w, "severity", finding_severity_word(finding_severity(f->items[i].id)));
		json_put_str(w, "text", f->items[i].text);
		json_close_object(w);
	}
	json_close_array(w);
}

static void print_json(const struct report *r)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 256 * 1024);
	json_begin(&w, &out);
	json_open_object(&w, NULL);
	json_put_str(&w, "outcome", r->outcome);
	json_put_str(&w, "generation", r->generation[0] ? r->generation : NULL);
	json_put_str(&w, "fingerprint", r->fingerprint[0] ? r->fingerprint : NULL);
	json_put_bool(&w, "proven", r->proven);
	json_put_str(&w, "token", r->token[0] ? r->token : NULL);
	json_put_int(&w, "seconds", r->seconds);
	json_put_str(&w, "detail", r->detail.text[0] ? r->detail.text : NULL);
	put_findings(&w, r->findings);
	json_close_object(&w);
	if (!json_done(&w))
		out.bad = true;
	buf_add_u8(&out, '\n');
	report_write(&out);
	buf_fini(&out);
}

static void print_plain(const struct report *r)
{
	for (size_t i = 0; r->findings && i < r->findings->n; i++)
		(void)fprintf(stderr, "%s: %s: %s\n", finding_severity_word(finding_severity(r->findings->items[i].id)),
			      finding_word(r->findings->items[i].id), r->findings->items[i].text);
	if (r->detail.text[0])
		(void)fprintf(stderr, "gatewright-gate: %s\n", r->detail.text);
	(void)printf("%s", r->outcome);
	if (r->generation[0])
		(void)printf(": generation %s", r->generation);
	if (r->fingerprint[0])
		(void)printf(", SHA-256 %s%s", r->fingerprint, r->proven ? ", proven by a handshake" : "");
	(void)printf("\n");
	if (r->token[0])
		(void)printf("it goes back by itself in %lld seconds, unless: gatewright-gate keystore confirm %s\n",
			     (long long)r->seconds, r->token);
	(void)fflush(stdout);
}

void report_print(const struct report *r, bool json)
{
	if (json)
		print_json(r);
	else
		print_plain(r);
}
