/* Is everything there, and the key that proofs are signed with. */
#include "codec/base64.h"
#include "codec/hex.h"
#include "gatewright-config.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/jobs/proof_make.h"
#include "gatewrightd/manager/keys_client.h"

#include <errno.h>

int health_show(struct call *c, struct err *e)
{
	static const char *const none[] = { NULL };
	struct keys_signature key;
	bool keys_up;
	int r = http_query_check(c->r, none, e);

	if (r < 0)
		return r;
	keys_up = keys_ask_sign(c->m->keys, BYTES_NONE, &key, NULL) == 0;
	return call_answer(c, 200,
			   json_pack("{ss,ss,s{ss,ss}}", "status", keys_up ? "ok" : "degraded", "version",
				     GATEWRIGHT_VERSION, "processes", "manager", "up", "keys", keys_up ? "up" : "down"),
			   e);
}

int proof_key_show(struct call *c, struct err *e)
{
	struct keys_signature key;
	uint8_t thumbprint[32];
	json_t *body = NULL;
	struct buf x;
	int r = keys_ask_sign(c->m->keys, BYTES_NONE, &key, e);

	if (r < 0)
		return r;
	proof_thumbprint(key.public_key, thumbprint);
	buf_init(&x, 128);
	base64url_encode(bytes_of(key.public_key, sizeof(key.public_key)), &x);
	if (buf_str(&x))
		body = json_pack("{s{ss,ss,ss},so}", "jwk", "crv", "Ed25519", "kty", "OKP", "x", (const char *)x.p,
				 "fingerprint", json_hex(thumbprint, sizeof(thumbprint)));
	buf_fini(&x);
	return call_answer(c, 200, body, e);
}
