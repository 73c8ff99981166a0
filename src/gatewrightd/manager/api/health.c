/* Is everything there, and the key that proofs are signed with. */
#include "codec/base64.h"
#include "codec/hex.h"
#include "gatewright-config.h"
#include "gatewrightd/manager/api/json_out.h"
#include "gatewrightd/manager/console.h"
#include "gatewrightd/manager/jobs/proof_make.h"
#include "gatewrightd/manager/keys_client.h"

#include <errno.h>

int health_show(struct call *c, struct err *e)
{
	struct console_state console = { 0 };
	struct keys_signature key;
	bool keys_up, served;
	const char *word;
	int r = call_no_query(c, e);

	if (r < 0)
		return r;
	keys_up = keys_ask_sign(c->m->keys, BYTES_NONE, &key, NULL) == 0;
	if (c->m->console)
		console_state(c->m->console, &console);
	served = console.certificate != 0 && !console.error[0];
	word = c->m->cfg->https_listen.n == 0 ? "off" : served ? "up" : console.error[0] ? "trouble" : "starting";
	return call_answer(c, 200,
			   json_pack("{ss,ss,s{ss,ss},s{ss,ss?}}", "status",
				     keys_up && !console.error[0] ? "ok" : "degraded", "version", GATEWRIGHT_VERSION,
				     "processes", "manager", "up", "keys", keys_up ? "up" : "down", "console", "state",
				     word, "error", console.error[0] ? console.error : NULL),
			   e);
}

int proof_key_show(struct call *c, struct err *e)
{
	struct keys_signature key;
	uint8_t thumbprint[32];
	json_t *body = NULL;
	struct buf x;
	int r = call_no_query(c, e);

	if (r == 0)
		r = keys_ask_sign(c->m->keys, BYTES_NONE, &key, e);
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
