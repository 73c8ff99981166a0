#include "cli/verbs.h"
#include "cli/commands.h"

#include <assert.h>
#include <string.h>

static_assert(OPT_N <= 128, "a verb's options are bits of one option_set");

const struct option_row option_rows[OPT_N] = {
#define OPTION(symbol, name, value, complete, repeats, field, help) \
	[OPT_##symbol] = { name, value, COMPLETE_##complete, repeats, field, help },
#include "cli/options.def"
#undef OPTION
};

#define O(symbol) VERB_OPTION(symbol)
#define SUBJECT_OPTIONS (O(DISPLAY_NAME) | O(HOLDER) | O(ORGANIZATION) | O(LOCALITY) | O(COUNTRY) | O(NAMES))
#define PASSPHRASE_OPTIONS (O(PASSPHRASE_FD) | O(PASSPHRASE_STDIN))
#define GATEWAY_OPTIONS \
	(O(TARGET) | O(PARAM) | O(TLS) | O(SERVER_NAME) | O(SSH_HOST) | O(SSH_PORT) | O(SSH_USER) | O(HOST_KEY))
#define LOGIN_OPTIONS                                                                                              \
	(O(SSH_HOST) | O(SSH_PORT) | O(SSH_USER) | O(AUTH) | O(KEY_FILE) | O(KEY_PASSPHRASE_FD) | O(PASSWORD_FD) | \
	 O(PASSWORD_STDIN) | O(SUDO_PASSWORD_FD) | O(ACCEPT_HOST_KEY))
#define SIGN_IN_OPTIONS (O(PASSWORD_FD) | O(PASSWORD_STDIN) | O(CODE_FD))
#define SIGN_IN_API "POST /api/v1/session, DELETE /api/v1/session, "
#define JOB_OPTIONS (O(CONFIRM_WITHIN) | O(YES) | O(FORCE_WARNINGS) | O(DRY_RUN) | O(NO_WATCH))

/* clang-format off */
const struct verb verbs[] = {
{ "certificate", "create", "", 0, 0, COMPLETE_NONE,
  SUBJECT_OPTIONS | O(KIND) | O(ISSUER) | O(VALID_UNTIL) | O(KEY) | O(PATH_LEN) | O(RENEWS) | O(BATCH) | O(APPROVAL) | O(DRY_RUN),
  "POST /api/v1/certificates, POST /api/v1/certificates/batch", "create a root, an intermediate, or a signed certificate",
  "With --renews every field that is not given comes from the certificate that is\n"
  "renewed. A refused field is named with its reason, and nothing is created.\n"
  "A line of --batch is a JSON object with the members of the API's call, as\n"
  "{\"display_name\": \"edge 7\", \"names\": \"gw7.example.com\"}; what it lacks comes from\n"
  "the other options.", certificate_create },
{ "certificate", "list", "", 0, 0, COMPLETE_NONE,
  O(LIST_KIND) | O(ROOT) | O(LIST_ISSUER) | O(QUERY) | O(EXPIRES_BEFORE) | O(USED) | O(COLUMNS),
  "GET /api/v1/certificates", "list certificates as a tree below their roots",
  "USED names the gateways that a probe has seen serving the certificate.", certificate_list },
{ "certificate", "show", "CERTIFICATE", 1, 1, COMPLETE_CERTIFICATE, 0,
  "GET /api/v1/certificates/{id}", "show every field and the fingerprint of a certificate",
  "The fingerprint is also shown in the four groups of sixteen digits that\n"
  "devices show.", certificate_show },
{ "certificate", "renewal", "CERTIFICATE", 1, 1, COMPLETE_CERTIFICATE, 0,
  "GET /api/v1/certificates/{id}/renewal", "show what create would take over from a certificate with --renews", NULL,
  certificate_renewal },
{ "certificate", "compare", "CURRENT CANDIDATE", 2, 2, COMPLETE_CERTIFICATE, 0,
  "GET /api/v1/certificates/{id}/compare/{other}", "can the second certificate replace the first one?",
  "Every field side by side, those that differ marked, then the reasons for and\n"
  "against. Exit code 3 when they are not compatible.", certificate_compare },
{ "certificate", "export", "CERTIFICATE", 1, 1, COMPLETE_CERTIFICATE,
  O(FORMAT) | O(OUT) | O(OVERWRITE) | PASSPHRASE_OPTIONS | O(APPROVAL),
  "POST /api/v1/certificates/{id}/export", "write a certificate, its chain, or its keystore to a file",
  "A keystore holds the private key: its passphrase is asked for twice on the\n"
  "terminal, or read from a descriptor; it is never an argument.", certificate_export },
{ "certificate", "import", "FILE...", 1, ARGS_POSITIONAL_MAX, COMPLETE_FILE, PASSPHRASE_OPTIONS | O(APPROVAL) | O(DRY_RUN),
  "POST /api/v1/certificates/import", "import certificates and keys: PEM in any order, or PKCS#12",
  "The passphrase is asked for when a file is encrypted. '-' is standard input.", certificate_import },
{ "certificate", "delete", "CERTIFICATE...", 1, ARGS_POSITIONAL_MAX, COMPLETE_CERTIFICATE, O(YES),
  "DELETE /api/v1/certificates/{id}", "delete a certificate and its key",
  "Refused while a gateway uses it or it has issued others.", certificate_delete },

{ "certificate", "revoke", "CERTIFICATE", 1, 1, COMPLETE_CERTIFICATE, O(YES) | O(DRY_RUN),
  "POST /api/v1/certificates/{id}/revoke", "mark a certificate as revoked; no gateway can get it any more",
  "Refused while a gateway or the console uses it or one below it.", certificate_revoke },

{ "gateway", "add", "GATEWAY", 1, 1, COMPLETE_NONE, GATEWAY_OPTIONS,
  "POST /api/v1/gateways", "add a gateway to the inventory", NULL, gateway_add },
{ "gateway", "list", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/gateways", "list gateways with the certificate each one serves", NULL, gateway_list },
{ "gateway", "show", "GATEWAY", 1, 1, COMPLETE_GATEWAY, 0,
  "GET /api/v1/gateways/{name}", "show a gateway, its addresses, and its last probe", NULL, gateway_show },
{ "gateway", "set", "GATEWAY", 1, 1, COMPLETE_GATEWAY, GATEWAY_OPTIONS,
  "PATCH /api/v1/gateways/{name}", "change what is given, leave the rest",
  "An option that may be repeated replaces the whole list.", gateway_set },
{ "gateway", "delete", "GATEWAY", 1, 1, COMPLETE_GATEWAY, O(YES),
  "DELETE /api/v1/gateways/{name}", "remove a gateway from the inventory; the host is left alone", NULL, gateway_delete },
{ "gateway", "candidates", "GATEWAY", 1, 1, COMPLETE_GATEWAY, 0,
  "GET /api/v1/gateways/{name}/candidates", "which certificates can renew this gateway's?",
  "Usable ones first, then the others, each with its reasons.", gateway_candidates },
{ "gateway", "keystores", "GATEWAY", 1, 1, COMPLETE_GATEWAY, 0,
  "GET /api/v1/gateways/{name}/keystores", "what jobs have installed on a gateway or found there, newest first",
  "'gateway rollback --generation' goes back to one that the host still keeps.", gateway_keystores },
{ "gateway", "probes", "GATEWAY", 1, 1, COMPLETE_GATEWAY, 0,
  "GET /api/v1/gateways/{name}/probes", "what was seen on a gateway, the newest first", NULL, gateway_probes },
{ "gateway", "probe", "GATEWAY", 1, 1, COMPLETE_GATEWAY, 0,
  "POST /api/v1/gateways/{name}/probe", "look at what a gateway serves, on every address and name",
  "Exit code 1 when an address can't be probed or they don't agree.", gateway_probe },
{ "gateway", "host-key", "GATEWAY", 1, 1, COMPLETE_GATEWAY, O(ACCEPT),
  "POST /api/v1/gateways/{name}/host-key", "show the SSH host key of a gateway's host, or pin it",
  "Exit code 3 when it is not the one that is pinned.", gateway_host_key },
{ "gateway", "update-keystore", "GATEWAY", 1, 1, COMPLETE_GATEWAY, O(CERTIFICATE) | LOGIN_OPTIONS | JOB_OPTIONS,
  "POST /api/v1/gateways/{name}/keystore-updates", "install a certificate on a gateway over SSH, and prove it",
  "First the compatibility check and the host key; then the update with one line\n"
  "per step; then what a TLS probe sees. Without a confirmation in time the host\n"
  "goes back to the old keystore by itself.", gateway_update_keystore },
{ "gateway", "rollback", "GATEWAY", 1, 1, COMPLETE_GATEWAY, O(GENERATION) | LOGIN_OPTIONS | JOB_OPTIONS,
  "POST /api/v1/gateways/{name}/rollback", "go back to an earlier keystore of a gateway", NULL, gateway_rollback },

{ "job", "list", "", 0, 0, COMPLETE_NONE, O(GATEWAY) | O(STATE) | O(LIMIT),
  "GET /api/v1/jobs", "list jobs, the newest first", NULL, job_list },
{ "job", "show", "JOB", 1, 1, COMPLETE_JOB, 0,
  "GET /api/v1/jobs/{id}", "show a job with every step", NULL, job_show },
{ "job", "watch", "JOB", 1, 1, COMPLETE_JOB, 0,
  "GET /api/v1/jobs/{id}/events", "follow a job until its end",
  "The exit code is the job's: 0 confirmed, 1 failed, 4 rolled back, 6 not known.\n"
  "With --json one event a line: {\"event\": \"step\" or \"job\", \"data\": ...}.", job_watch },
{ "job", "cancel", "JOB", 1, 1, COMPLETE_JOB, 0,
  "POST /api/v1/jobs/{id}/cancel", "stop a job; after the switch this rolls back", NULL, job_cancel },
{ "job", "proof", "JOB", 1, 1, COMPLETE_JOB, O(OUT) | O(OVERWRITE),
  "GET /api/v1/jobs/{id}/proof", "write the signed proof of a job to a file",
  "Without --out to standard output. 'proof verify' reads it.", job_proof },

{ "proof", "verify", "FILE", 1, 1, COMPLETE_FILE, O(PROOF_KEY_FILE) | O(FINGERPRINT),
  "", "check a proof without asking anybody",
  "The signature, then the chains and the compatibility check again from the\n"
  "certificates in the proof. Pin the key with --key-file or --fingerprint.", proof_verify },
{ "proof", "key", "", 0, 0, COMPLETE_NONE, O(OUT) | O(OVERWRITE),
  "GET /api/v1/proof-key", "show the public key that signs proofs", NULL, proof_key },

{ "user", "add", "USER", 1, 1, COMPLETE_NONE, O(ROLE),
  "POST /api/v1/users", "add a user, and print its one-time password",
  "The password is shown this once; the user changes it with the first log-in.", user_add },
{ "user", "list", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/users", "list users with their roles", NULL, user_list },
{ "user", "show", "USER", 1, 1, COMPLETE_USER, 0,
  "GET /api/v1/users/{name}", "show a user", NULL, user_show },
{ "user", "set", "USER", 1, 1, COMPLETE_USER, O(ROLE) | O(DISABLED),
  "PATCH /api/v1/users/{name}", "change a user's roles, disable or enable it",
  "The roles that are given replace all that there were. A user that is disabled is\n"
  "signed out at once.", user_set },
{ "user", "reset", "USER", 1, 1, COMPLETE_USER, O(YES),
  "POST /api/v1/users/{name}/reset", "give a user a new one-time password",
  "The second factor, the sessions and the tokens of the user end.", user_reset },
{ "user", "delete", "USER", 1, 1, COMPLETE_USER, O(YES),
  "DELETE /api/v1/users/{name}", "remove a user with its sessions and tokens", NULL, user_delete },

{ "token", "create", "NAME", 1, 1, COMPLETE_NONE, O(USER) | O(ROLE) | O(VALID_UNTIL),
  "POST /api/v1/tokens", "make a token that acts for a user, and print it",
  "It is shown this once. On the daemon's machine --user says whose it is.", token_create },
{ "token", "list", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/tokens", "list tokens", NULL, token_list },
{ "token", "delete", "TOKEN", 1, 1, COMPLETE_NONE, 0,
  "DELETE /api/v1/tokens/{id}", "delete a token by its number", NULL, token_delete },
{ "session", "show", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/session", "show as whom gatewrightd takes the caller, and what it may", NULL, session_show },
{ "session", "password", "USER", 1, 1, COMPLETE_USER, SIGN_IN_OPTIONS | O(NEW_PASSWORD_FD),
  SIGN_IN_API "POST /api/v1/session/password", "sign in as a user and change its password",
  "Every other session of the user ends. This is how a one-time password becomes\n"
  "one of one's own without a browser.", session_password },
{ "session", "totp", "USER", 1, 1, COMPLETE_USER, SIGN_IN_OPTIONS,
  SIGN_IN_API "POST /api/v1/session/totp, POST /api/v1/session/totp/confirm",
  "sign in as a user and set up its second factor",
  "Shows the secret for an authenticator, asks for the code that it makes of it,\n"
  "and shows ten recovery codes. Nothing counts before the code was right.", session_totp },
{ "session", "totp-remove", "USER", 1, 1, COMPLETE_USER, SIGN_IN_OPTIONS,
  SIGN_IN_API "POST /api/v1/session/totp/remove", "sign in as a user and do without its second factor",
  "Takes two codes, because each works once: one to sign in, one to remove.", session_totp_remove },
{ "session", "end-all", "USER", 1, 1, COMPLETE_USER, SIGN_IN_OPTIONS,
  SIGN_IN_API "DELETE /api/v1/sessions", "sign in as a user and end all its sessions, everywhere", NULL, session_end_all },

{ "setting", "list", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/settings", "list what can be set while the daemon runs", NULL, setting_list },
{ "setting", "set", "NAME VALUE", 2, 2, COMPLETE_NONE, 0,
  "PATCH /api/v1/settings", "change a setting: a number, yes or no", NULL, setting_set },
{ "approval", "list", "", 0, 0, COMPLETE_NONE, O(LIMIT),
  "GET /api/v1/approvals", "list what waits for a second person, the newest first", NULL, approval_list },
{ "approval", "grant", "APPROVAL", 1, 1, COMPLETE_NONE, 0,
  "POST /api/v1/approvals/{id}/grant", "let another administrator's request go on",
  "Who asked then repeats the command with --approval.", approval_grant },
{ "approval", "refuse", "APPROVAL", 1, 1, COMPLETE_NONE, 0,
  "POST /api/v1/approvals/{id}/refuse", "refuse another administrator's request", NULL, approval_refuse },

{ "audit", "list", "", 0, 0, COMPLETE_NONE,
  O(ACTOR) | O(ACTION) | O(OBJECT) | O(OUTCOME) | O(AFTER) | O(BEFORE) | O(LIMIT),
  "GET /api/v1/audit-events", "list events of the audit log, the newest first", NULL, audit_list },
{ "audit", "export", "", 0, 0, COMPLETE_NONE, O(OUT) | O(OVERWRITE),
  "GET /api/v1/audit-export", "write the audit log with its signed heads as JSON lines",
  "Without --out to standard output. 'audit verify FILE' reads it.", audit_export },
{ "audit", "verify", "[FILE]", 0, 1, COMPLETE_FILE, O(PROOF_KEY_FILE) | O(FINGERPRINT),
  "POST /api/v1/audit-verification", "is the audit log whole and unchanged?",
  "With FILE without asking anybody; pin the key with --key-file or --fingerprint.\n"
  "Exit code 3 when something was changed, is missing or out of order.", audit_verify },

{ "target", "list", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/targets", "list the kinds of gateway and their parameters", NULL, target_list },
{ "overview", NULL, "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/overview", "what wants attention, and how the gateways are", NULL, overview },
{ "console", "show", "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/console-certificate", "show where the console is served, and with which certificate", NULL, console_show },
{ "console", "set-certificate", "CERTIFICATE", 1, 1, COMPLETE_CERTIFICATE, O(FORCE_WARNINGS) | O(DRY_RUN),
  "PUT /api/v1/console-certificate", "serve the console with another certificate",
  "It is served, looked at by a TLS handshake on the console's own addresses, and\n"
  "only then kept; when the handshake does not show it, the old one is served on.", console_set_certificate },
{ "health", NULL, "", 0, 0, COMPLETE_NONE, 0,
  "GET /api/v1/health", "is gatewrightd well?", NULL, health },
};
/* clang-format on */
const size_t verbs_n = ARRAY_N(verbs);

bool verb_takes(const struct verb *v, enum opt o)
{
	return ((v->options | VERB_COMMON) >> o & 1) != 0;
}

const struct verb *verb_find(const char *noun, const char *action)
{
	for (size_t i = 0; i < verbs_n; i++) {
		const char *a = verbs[i].action;

		if (strcmp(verbs[i].noun, noun) == 0 && (action && a ? strcmp(a, action) == 0 : action == a))
			return &verbs[i];
	}
	return NULL;
}

bool verb_is_noun(const char *word)
{
	for (size_t i = 0; i < verbs_n; i++) {
		if (strcmp(verbs[i].noun, word) == 0)
			return true;
	}
	return false;
}

enum opt verb_option_of_field(const struct verb *v, const char *field)
{
	for (size_t o = 0; field[0] && o < OPT_N; o++) {
		if (verb_takes(v, (enum opt)o) && strcmp(option_rows[o].field, field) == 0)
			return (enum opt)o;
	}
	return OPT_N;
}
