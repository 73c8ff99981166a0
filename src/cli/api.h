/* Calls of the HTTP API (docs/api.md), and what its answers mean for the exit code. */
#ifndef GW_CLI_API_H
#define GW_CLI_API_H

#include "cli/args.h"
#include "cli/output/json.h"

#define API_PATH_MAX 1024
#define API_PAGE 1000 /* items asked for at a time; the API's own maximum */

/* What came back; `json` is NULL without a body (204). api_reply_fini() drops it. */
struct api_reply {
	int status;
	json_t *json;
};
void api_reply_fini(struct api_reply *r);

/*
 * One call. `body` is taken (NULL: none). 0: *ret is an answer of status 2xx or a problem; else the exit code, and the
 * sentence was printed: 5 gatewrightd can't be reached; 6 a call that changes something was sent and its answer is
 * missing; 1 anything else.
 */
MUST_USE int api_request(struct cli *cli, const char *method, const char *path, json_t *body, struct api_reply *ret);

/* The same, and problems are printed too: 0 only for 2xx. *ret (returned: json_decref) is NULL for an empty answer. */
MUST_USE int api_call(struct cli *cli, const struct args *args, const char *method, const char *path, json_t *body,
		      json_t **ret);

/*
 * Print a problem with its findings and the options they belong to; the exit code it means. With --json the problem
 * itself.
 */
int api_report(struct cli *cli, const struct args *args, const struct api_reply *reply);

/* The exit code that an answer means. */
int api_exit_of_status(int status);

/* Every item of a list, over all its pages ("path" may have a query): an array, returned: json_decref. `max` 0: all. */
MUST_USE int api_list(struct cli *cli, const struct args *args, const char *path, size_t max, json_t **ret);

/* "/api/v1/certificates/7" + tail, "/api/v1/jobs/7" + tail, "/api/v1/gateways/edge%201" + tail. Return `out`. */
const char *api_certificate_path(char out[API_PATH_MAX], json_int_t id, const char *tail);
const char *api_job_path(char out[API_PATH_MAX], json_int_t id, const char *tail);
const char *api_gateway_path(char out[API_PATH_MAX], const char *name, const char *tail);

/* `text` percent-encoded, all but unreserved characters. Returns `out`, "" when it does not fit. */
const char *api_encode(const char *text, char *out, size_t size);

/* Open the connection object; 0 or an exit code, as api_request(). */
MUST_USE int api_open(struct cli *cli);

#endif
