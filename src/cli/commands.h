/* What runs behind each verb: an exit code comes back, and everything that is to be said was said. */
#ifndef GW_CLI_COMMANDS_H
#define GW_CLI_COMMANDS_H

#include "cli/args.h"

int certificate_create(struct cli *cli, const struct args *args);
int certificate_list(struct cli *cli, const struct args *args);
int certificate_show(struct cli *cli, const struct args *args);
int certificate_renewal(struct cli *cli, const struct args *args);
int certificate_compare(struct cli *cli, const struct args *args);
int certificate_export(struct cli *cli, const struct args *args);
int certificate_import(struct cli *cli, const struct args *args);
int certificate_delete(struct cli *cli, const struct args *args);
int certificate_revoke(struct cli *cli, const struct args *args);

int gateway_add(struct cli *cli, const struct args *args);
int gateway_set(struct cli *cli, const struct args *args);
int gateway_list(struct cli *cli, const struct args *args);
int gateway_show(struct cli *cli, const struct args *args);
int gateway_delete(struct cli *cli, const struct args *args);
int gateway_candidates(struct cli *cli, const struct args *args);
int gateway_keystores(struct cli *cli, const struct args *args);
int gateway_probes(struct cli *cli, const struct args *args);
int gateway_probe(struct cli *cli, const struct args *args);
int gateway_host_key(struct cli *cli, const struct args *args);
int gateway_update_keystore(struct cli *cli, const struct args *args);
int gateway_rollback(struct cli *cli, const struct args *args);

int job_list(struct cli *cli, const struct args *args);
int job_show(struct cli *cli, const struct args *args);
int job_watch(struct cli *cli, const struct args *args);
int job_cancel(struct cli *cli, const struct args *args);
int job_proof(struct cli *cli, const struct args *args);

int proof_verify(struct cli *cli, const struct args *args);
int proof_key(struct cli *cli, const struct args *args);

int overview(struct cli *cli, const struct args *args);
int console_show(struct cli *cli, const struct args *args);
int console_set_certificate(struct cli *cli, const struct args *args);

int user_add(struct cli *cli, const struct args *args);
int user_list(struct cli *cli, const struct args *args);
int user_show(struct cli *cli, const struct args *args);
int user_set(struct cli *cli, const struct args *args);
int user_reset(struct cli *cli, const struct args *args);
int user_delete(struct cli *cli, const struct args *args);

int token_create(struct cli *cli, const struct args *args);
int token_list(struct cli *cli, const struct args *args);
int token_delete(struct cli *cli, const struct args *args);
int session_show(struct cli *cli, const struct args *args);
int session_password(struct cli *cli, const struct args *args);
int session_end_all(struct cli *cli, const struct args *args);
int session_totp(struct cli *cli, const struct args *args);
int session_totp_remove(struct cli *cli, const struct args *args);

int setting_list(struct cli *cli, const struct args *args);
int setting_set(struct cli *cli, const struct args *args);
int approval_list(struct cli *cli, const struct args *args);
int approval_grant(struct cli *cli, const struct args *args);
int approval_refuse(struct cli *cli, const struct args *args);

int audit_list(struct cli *cli, const struct args *args);
int audit_export(struct cli *cli, const struct args *args);
int audit_verify(struct cli *cli, const struct args *args);

int target_list(struct cli *cli, const struct args *args);
int health(struct cli *cli, const struct args *args);

#endif
