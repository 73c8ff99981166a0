/* The host protocol of docs/protocol-host.md, the manager's side: requests, reply lines, and the command that starts it
 * all. */
#ifndef GW_CORE_DEPLOY_HOSTPROTO_H
#define GW_CORE_DEPLOY_HOSTPROTO_H

#include "base/buf.h"
#include "base/err.h"

struct target;
struct target_values;

#define HOSTPROTO_LINE_MAX 4096	     /* bytes of a line, LF included */
#define HOSTPROTO_FILE_MAX (1 << 20) /* bytes of one staged file */
#define HOSTPROTO_FILES_MAX 16
#define HOSTPROTO_SCRIPT_MAX (256 * 1024)
#define HOSTPROTO_ID_MAX 64

enum host_kind { HOST_KIND_SCRIPT, HOST_KIND_GATE, HOST_KIND_N };
const char *host_kind_word(enum host_kind k);

/* Why the host answered `fail`; the words of the table in docs/protocol-host.md. */
enum host_failure {
	HF_BAD_REQUEST,
	HF_BUSY,
	HF_NO_SPACE,
	HF_READ_ONLY,
	HF_MISSING,
	HF_EXISTS,
	HF_MISMATCH,
	HF_TEST_FAILED,
	HF_RELOAD_FAILED,
	HF_NOT_RUNNING,
	HF_NOT_PENDING,
	HF_INCOMPATIBLE,
	HF_IO,
	HF_N
};
const char *host_failure_word(enum host_failure f);
bool host_failure_from_word(struct bytes word, enum host_failure *ret);
int host_failure_code(enum host_failure f); /* the kind for struct err: -EBUSY, -ENOSPC, -EROFS, ... */

/* `= restored`. UNTOUCHED: the host did not say, because it refused before it touched anything. */
enum host_restored { RESTORED_UNTOUCHED, RESTORED_YES, RESTORED_NO };
enum host_running { HOST_RUNNING_UNKNOWN, HOST_RUNNING_YES, HOST_RUNNING_NO };

enum host_line_kind { HOST_LINE_FACT, HOST_LINE_CHAIN, HOST_LINE_OUTPUT, HOST_LINE_OK, HOST_LINE_FAIL, HOST_LINE_N };

/* One line of a reply; views are borrowed from the line. */
struct host_line {
	enum host_line_kind kind;
	struct bytes key, value;   /* FACT */
	struct bytes text;	   /* CHAIN: PEM line; OUTPUT: text; FAIL: sentence */
	enum host_failure failure; /* FAIL */
};

/* `line` without its LF. -EPROTO: not a line of this protocol; the sentence quotes its start (printable). */
MUST_USE int hostproto_parse_greeting(struct bytes line, enum host_kind *ret, struct err *e);
MUST_USE int hostproto_parse_line(struct bytes line, struct host_line *ret, struct err *e);

/* All facts that any reply may bring, as values. Zero it with HOST_REPORT_NONE before each request. */
struct host_report {
	bool has_clock;
	int64_t clock;	    /* Unix seconds */
	int64_t free_bytes; /* -1: not said */
	char live[HOSTPROTO_ID_MAX + 1], old[HOSTPROTO_ID_MAX + 1],
		pending[HOSTPROTO_ID_MAX + 1]; /* "": not said or "-" */
	bool has_left;
	int64_t left_s;
	char boot_hook[16]; /* "systemd" "cron" "native" "none"; "": not said */
	int64_t user;	    /* uid, -1: not said */
	enum host_running running;
	enum host_restored restored;
	int64_t verified, removed; /* -1: not said */
};
#define HOST_REPORT_NONE ((struct host_report) { .free_bytes = -1, .user = -1, .verified = -1, .removed = -1 })

/* Note one FACT. Unknown keys are accepted and ignored; a known key with a malformed value is -EPROTO. */
MUST_USE int hostproto_report_fact(struct host_report *r, const struct host_line *line, struct err *e);

/* `generation ID complete|partial` of `list`: true and the views when this fact is one. */
bool hostproto_generation_fact(const struct host_line *line, struct bytes *ret_id, bool *ret_complete);

/* Is this a word that a request may carry ([A-Za-z0-9._:@+=/-]+, at most HOSTPROTO_ID_MAX for IDs and tokens)? */
bool hostproto_is_word(struct bytes word);
bool hostproto_is_id(struct bytes id); /* [A-Za-z0-9.-]{1,64}, not "." or ".." and not starting with "-" or "." */

/* Requests, appended. IDs, tokens and names must be words: asserted, they are ours. */
void hostproto_put_check(struct buf *out);
void hostproto_put_stage(struct buf *out, const char *id, size_t files_n);
void hostproto_put_file(struct buf *out, const char *name, struct bytes content,
			const uint8_t sha256[32]); /* with the content */
void hostproto_put_switch(struct buf *out, const char *id, const char *token, int64_t seconds);
void hostproto_put_status(struct buf *out);
void hostproto_put_confirm(struct buf *out, const char *token, int64_t keep);
void hostproto_put_rollback(struct buf *out, const char *token);
void hostproto_put_discard(struct buf *out, const char *id);
void hostproto_put_list(struct buf *out);
void hostproto_put_bye(struct buf *out);

/*
 * Starting it. The driver first runs hostproto_put_ask_command() (no password, no input) and gives its output to
 * hostproto_parse_ask(). Then it runs hostproto_put_command() for the answer and sends on standard input:
 *	HOST_AS_SUDO_PASSWORD only: the password and LF; then it waits for the line HOSTPROTO_BOOT on standard output
 *(script) or the greeting (gate). sudo's "try again" or its exit instead: the password is wrong. Nothing else is sent
 *before. script: hostproto_put_preamble(); gate: nothing. Then the greeting comes, and the conversation begins. The
 *commands hold no secret; everything variable in them is quoted for the shell.
 */
enum host_as {
	HOST_AS_ROOT,	       /* the login user is root */
	HOST_AS_SUDO,	       /* sudo -n works */
	HOST_AS_SUDO_PASSWORD, /* sudo is there and wants a password: sudo -S -k */
	HOST_AS_USER,	       /* no sudo: as the login user, who may own everything needed */
	HOST_AS_N
};
#define HOSTPROTO_BOOT "gatewright-boot 1"
#define HOSTPROTO_ASK_MAX 256

MUST_USE int hostproto_put_ask_command(const struct target *t, const struct target_values *v, struct buf *out,
				       struct err *e);
MUST_USE int hostproto_parse_ask(struct bytes output, enum host_as *ret, struct err *e);
MUST_USE int hostproto_put_command(const struct target *t, const struct target_values *v, enum host_as as,
				   struct buf *out, struct err *e);

/*
 * Kind script: one line with a length, then that many bytes: the target's values as shell assignments and the script
 * (`script`: the text of targets/host.sh). -EINVAL: a value that can't be (NUL, LF), or too long.
 */
MUST_USE int hostproto_put_preamble(const struct target *t, const struct target_values *v, struct bytes script,
				    struct buf *out, struct err *e);

/* One shell word, whatever `b` holds (no NUL): 'it'\''s'. */
void shell_put_word(struct buf *out, struct bytes b);

#endif
