#include "core/deploy/plan.h"

#include <inttypes.h>

struct plan {
	struct arena *a;
	const char **sentences;
	size_t n;
	bool nomem;
};

static void add(struct plan *p, const char *sentence)
{
	if (!sentence || p->n == PLAN_SENTENCES_MAX)
		p->nomem = true;
	else
		p->sentences[p->n++] = sentence;
}

#define SAY(p, ...) add(p, arena_printf((p)->a, __VA_ARGS__))

static void plan_connection(struct plan *p, const struct plan_input *in)
{
	SAY(p, "connect to '%s' port %d over SSH as user '%s'", in->ssh_host, in->ssh_port, in->ssh_user);
	if (in->host_key)
		SAY(p, "go on only when its host key is %s", in->host_key);
	else
		SAY(p, "show its host key, which is not known yet, and stop there until it is accepted");
	SAY(p, "become root: as root itself, else by sudo without a password, else by sudo with the password on its "
	       "standard input");
}

static void plan_check(struct plan *p, const struct plan_input *in)
{
	SAY(p,
	    "stop there when the host's clock is more than %" PRId64
	    " s off, its space is short, the gateway is not running, another "
	    "update is pending, or its files hold another certificate than expected",
	    in->skew_max_s);
}

static void plan_files(struct plan *p, const struct plan_input *in, const struct target_stage_file *files, size_t n)
{
	SAY(p, "write the new keystore beside the old one, readable by nobody else, and verify sizes and hashes there");
	for (size_t i = 0; i < n; i++) {
		if (files[i].path)
			SAY(p, "file '%s' (%s) will be read at '%s', owner and mode as they are", files[i].name,
			    target_form_word(files[i].form), files[i].path);
		else
			SAY(p, "file '%s' (%s)", files[i].name, target_form_word(files[i].form));
	}
	(void)in;
}

static void plan_command(struct plan *p, const struct plan_input *in, const char *what, const char *text, struct err *e,
			 int *r)
{
	struct buf out;

	if (!text || *r < 0)
		return;
	buf_init(&out, TARGET_TEXT_MAX);
	*r = target_expand(in->target, in->values, text, true, &out, e);
	if (*r == 0)
		SAY(p, "%s: %s", what, buf_str(&out));
	buf_fini(&out);
}

static int plan_switch(struct plan *p, const struct plan_input *in, struct err *e)
{
	const struct target *t = in->target;
	int r = 0;

	SAY(p,
	    "arm the dead-man switch on the host: without a confirmation within %" PRId64
	    " s the old keystore returns by itself",
	    in->confirm_within_s);
	SAY(p, "switch to the new keystore by one rename");
	if (t->kind == HOST_KIND_GATE)
		SAY(p, "the gateway takes it for new connections; established ones are not touched");
	plan_command(p, in, "test the configuration", t->test, e, &r);
	plan_command(p, in, "reload", t->reload, e, &r);
	plan_command(p, in, "see that it is running", t->running, e, &r);
	return r;
}

static void plan_probe(struct plan *p, const struct plan_input *in)
{
	for (size_t i = 0; i < in->tls_addresses_n; i++) {
		for (size_t k = 0; k < in->tls_names_n; k++)
			SAY(p, "probe '%s' as '%s': the new certificate %s must be served", in->tls_addresses[i],
			    in->tls_names[k], in->new_fingerprint);
		if (in->tls_names_n == 0)
			SAY(p, "probe '%s': the new certificate %s must be served", in->tls_addresses[i],
			    in->new_fingerprint);
		if (p->n + in->tls_names_n + 6 > PLAN_SENTENCES_MAX) {
			SAY(p, "and %zu more addresses in the same way", in->tls_addresses_n - i - 1);
			break;
		}
	}
}

static void plan_end(struct plan *p, const struct plan_input *in)
{
	SAY(p,
	    "every probe good: confirm on the host and keep %" PRId64
	    " generations there; anything else: restore the old keystore",
	    in->keep);
	if (in->old_display)
		SAY(p, "mark '%s' as used by gateway '%s', and '%s' no longer", in->new_display, in->values->gateway,
		    in->old_display);
	else
		SAY(p, "mark '%s' as used by gateway '%s'", in->new_display, in->values->gateway);
	SAY(p, "write a signed proof");
}

int plan_make(const struct plan_input *in, struct arena *a, const char *ret[PLAN_SENTENCES_MAX], size_t *ret_n,
	      struct err *e)
{
	struct target_stage_file files[TARGET_FILES_MAX];
	struct plan p = { .a = a, .sentences = ret };
	size_t files_n;
	int r = target_stage_list(in->target, in->values, a, files, &files_n, e);

	if (r < 0)
		return r;
	if (in->old_display)
		SAY(&p, "replace '%s' (%s) by '%s' (%s) on gateway '%s' (%s)", in->old_display,
		    in->old_fingerprint ? in->old_fingerprint : "-", in->new_display, in->new_fingerprint,
		    in->values->gateway, in->target->title);
	else
		SAY(&p, "install '%s' (%s) on gateway '%s' (%s)", in->new_display, in->new_fingerprint,
		    in->values->gateway, in->target->title);
	plan_connection(&p, in);
	plan_check(&p, in);
	plan_files(&p, in, files, files_n);
	r = plan_switch(&p, in, e);
	if (r < 0)
		return r;
	plan_probe(&p, in);
	plan_end(&p, in);
	if (p.nomem)
		return err_nomem(e);
	*ret_n = p.n;
	return 0;
}
