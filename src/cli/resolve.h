/* A certificate as people name it, to its number. */
#ifndef GW_CLI_RESOLVE_H
#define GW_CLI_RESOLVE_H

#include "cli/api.h"

#define RESOLVE_PREFIX_MIN 8 /* digits of a fingerprint that are enough to name a certificate */

/*
 * `word`: its number; its display name, exactly; or eight or more digits of its fingerprint, colons and blanks
 * allowed. Decimal digits alone, up to 15, are a number. 0, or an exit code with the sentence printed: none, or
 * several (they are listed).
 */
MUST_USE int resolve_certificate(struct cli *cli, const struct args *args, const char *word, json_int_t *ret);

/* The same and the whole certificate. Returned: json_decref. */
MUST_USE int resolve_certificate_whole(struct cli *cli, const struct args *args, const char *word, json_t **ret);

/* Pure: does the certificate (an API object) go by this name? */
bool resolve_matches(const json_t *certificate, const char *word);

/* Lower-case digits of a fingerprint prefix without colons and blanks; false when it is none. `out` of 65 bytes. */
bool resolve_prefix(const char *word, char out[65]);

/* A job's number from an argument. */
MUST_USE int resolve_job(const struct cli *cli, const char *word, json_int_t *ret);

#endif
