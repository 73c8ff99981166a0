/* Records as JSON: the objects of docs/api.md. All return a new value, or NULL without memory. */
#ifndef GW_GATEWRIGHTD_MANAGER_API_JSON_OUT_H
#define GW_GATEWRIGHTD_MANAGER_API_JSON_OUT_H

#include "core/pki/findings.h"
#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/api/once.h"
#include "sys/store/certificates.h"
#include "sys/store/gateways.h"
#include "sys/store/jobs.h"

json_t *json_time(struct wall_time t); /* null for 0 */
json_t *json_id(int64_t id);	       /* null for 0 */
json_t *json_words(const char *list);  /* "a;b" as a list */
json_t *json_roles(const char *text);  /* the same; "" is no word */
json_t *json_hex(const uint8_t *p, size_t n);
json_t *json_findings(const struct finding *items, size_t n);

/* With successors and uses from the store; a failure of the store is in `e` and NULL returned. */
json_t *json_certificate(struct call *c, const struct store_cert *row, struct err *e);

/* The same with chain, pem and fields; the answer gets its ETag. */
json_t *json_certificate_whole(struct call *c, int64_t id, struct err *e);
/* Of what can be changed of it. */
void json_certificate_etag(const struct store_cert *row, char out[ETAG_SIZE]);
void json_gateway_etag(const struct store_gateway *g, char out[ETAG_SIZE]);

/* Listed: without what its last probe saw. */
json_t *json_gateway(struct call *c, const struct store_gateway *g, struct err *e);
json_t *json_gateway_listed(struct call *c, const struct store_gateway *g, struct err *e);

/* `steps` NULL: without them. */
json_t *json_job(const struct store_job *job, bool has_proof, const struct store_step *steps, size_t steps_n);
json_t *json_step(const struct store_step *step);

/* A stored JSON text as a value; null when there is none. */
json_t *json_stored(const char *text);

/* ["viewer", ...] as the store has it, in the call's arena. -EINVAL names the word that is none. */
MUST_USE int roles_from_json(struct call *c, const json_t *list, const char **ret, struct err *e);

#endif
