/* A kind of gateway as its target file says (targets/NAME.conf; grammar in docs/keystore.md). */
#ifndef GW_CORE_DEPLOY_TARGET_H
#define GW_CORE_DEPLOY_TARGET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/deploy/hostproto.h"

#define TARGET_TEXT_MAX 16384
#define TARGET_LINE_MAX 1024
#define TARGET_PARAMS_MAX 16
#define TARGET_FILES_MAX 8
#define TARGET_NAME_MAX 32
#define TARGET_VALUE_MAX 512

/* What a file holds, all PEM. */
enum target_form {
	FORM_KEY,	  /* the private key (PKCS#8) */
	FORM_CERTIFICATE, /* the leaf */
	FORM_CHAIN,	  /* the intermediates, leaf's issuer first, without root */
	FORM_FULLCHAIN,	  /* leaf, then chain */
	FORM_BUNDLE,	  /* key, leaf, chain */
	FORM_ROOT,	  /* the root */
	FORM_N
};
const char *target_form_word(enum target_form f);
bool target_form_has_key(enum target_form f);

struct target_param {
	const char *name;
	const char *value_default; /* NULL: must be given */
	const char *meaning;
};

struct target_file {
	const char *name; /* in the generation: "key.pem" */
	enum target_form form;
	const char *path; /* where the gateway reads it, may have %{param}; NULL: the gateway reads the generation
			     itself (kind gate) */
	const char *owner, *group; /* for a file that is not there yet; NULL: root */
	unsigned mode;		   /* for a file that is not there yet; 0600 for forms with a key, else 0644 */
};

/* All strings live in the arena of the parse. */
struct target {
	const char *name, *title;
	enum host_kind kind;
	struct target_param params[TARGET_PARAMS_MAX];
	size_t params_n;
	struct target_file files[TARGET_FILES_MAX];
	size_t files_n;
	const char *keystore; /* directory, may have %{param}; kind script */
	const char *test, *reload,
		*running;	/* shell text, %{param} becomes one quoted word; NULL: none (reload is needed) */
	const char *start;	/* the same: starts the gateway when a switch made it end; may be NULL */
	int64_t running_wait_s; /* the running check is repeated that long after a reload; default 10 */
	const char *boot_hook;	/* "auto" or "none", may have %{param}; NULL: auto */
	const char *unit;	/* systemd unit of the gateway: the boot hook runs before it; may be NULL */
	const char *session;	/* kind gate: the command that speaks the host protocol */
};

/* Strict: -EINVAL with "line N: ..." for anything unknown, double, missing or too long. */
MUST_USE int target_parse(struct bytes text, struct arena *a, struct target *ret, struct err *e);

/* Values for the params of one gateway. %{gateway} is the gateway's name and always there. */
struct target_values {
	const char *gateway;
	const char *values[TARGET_PARAMS_MAX]; /* by index of target.params */
};

/*
 * `pairs`: "name=value" each; the rest gets its default. -EINVAL: unknown or double name, a required one missing, a
 * value too long or with control characters. Strings live in `a`.
 */
MUST_USE int target_values_make(const struct target *t, const char *gateway, const struct bytes *pairs, size_t pairs_n,
				struct arena *a, struct target_values *ret, struct err *e);

/* `text` with every %{param} replaced: by the plain value (paths), or as one quoted shell word (commands). "%%" is "%".
 */
MUST_USE int target_expand(const struct target *t, const struct target_values *v, const char *text, bool quote,
			   struct buf *out, struct err *e);

/* A file to be staged for this gateway: those whose path expands to "" are left out. */
struct target_stage_file {
	const char *name;
	enum target_form form;
	const char *path; /* expanded, absolute, clean; NULL: none */
	const struct target_file *file;
};
MUST_USE int target_stage_list(const struct target *t, const struct target_values *v, struct arena *a,
			       struct target_stage_file ret[TARGET_FILES_MAX], size_t *ret_n, struct err *e);

/* A gateway's name: [A-Za-z0-9][A-Za-z0-9._-]{0,62}. It becomes a directory's name on the host. */
bool target_gateway_name_ok(struct bytes name);

#endif
