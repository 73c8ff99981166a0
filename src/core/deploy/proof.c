#include "core/deploy/proof.h"

#include "codec/base64.h"
#include "codec/json_write.h"
#include "core/pki/facts.h"

#include <errno.h>

static void put_time(struct json_writer *w, const char *key, struct wall_time t)
{
	char text[TIME_TEXT_MAX];

	json_put_str(w, key, time_format(t, text));
}

static void put_strings(struct json_writer *w, const char *key, const char *const *strings, size_t n)
{
	json_open_array(w, key);
	for (size_t i = 0; i < n; i++)
		json_put_str(w, NULL, strings[i]);
	json_close_array(w);
}

static void put_certificate(struct json_writer *w, const char *key, const struct proof_certificate *c)
{
	if (!c) {
		json_put_null(w, key);
		return;
	}
	json_open_object(w, key);
	json_put_str(w, "fingerprint", c->fingerprint);
	json_put_str(w, "display_name", c->display_name);
	json_put_str(w, "subject", c->subject);
	json_put_str(w, "serial", c->serial);
	put_strings(w, "names", c->names, c->names_n);
	put_time(w, "not_before", c->not_before);
	put_time(w, "not_after", c->not_after);
	json_open_array(w, "chain");
	for (size_t i = 0; i < c->chain_n; i++)
		json_put_bytes(w, NULL, c->chain_pem[i]);
	json_close_array(w);
	json_close_object(w);
}

/* What was compared, when and with what answer: enough to compare again from the chains and to see the same. */
static void put_compatibility(struct json_writer *w, const struct proof_input *in)
{
	json_open_object(w, "compatibility");
	put_time(w, "compared_at", in->compared_at);
	json_put_bool(w, "revocation_known", in->old_revocation_known);
	json_put_bool(w, "compatible", !findings_blocked(in->findings));
	json_open_array(w, "findings");
	for (size_t i = 0; i < in->findings->n; i++) {
		const struct finding *f = &in->findings->items[i];

		json_open_object(w, NULL);
		json_put_str(w, "id", finding_word(f->id));
		json_put_str(w, "severity", finding_severity_word(finding_severity(f->id)));
		json_put_str(w, "text", f->text);
		json_close_object(w);
	}
	json_close_array(w);
	json_put_int(w, "findings_dropped", (int64_t)in->findings->dropped);
	json_close_object(w);
}

static void put_host(struct json_writer *w, const struct proof_input *in)
{
	json_open_object(w, "host");
	json_put_str(w, "ssh_host", in->ssh_host);
	json_put_int(w, "ssh_port", in->ssh_port);
	json_put_str(w, "ssh_user", in->ssh_user);
	json_put_str(w, "host_key", in->host_key);
	json_put_str(w, "generation", in->generation);
	json_put_str(w, "old_generation", in->old_generation);
	json_close_object(w);
}

static void put_probes(struct json_writer *w, const char *key, const struct bytes *probes, size_t n)
{
	json_open_array(w, key);
	for (size_t i = 0; i < n; i++)
		json_put_json(w, NULL, probes[i]);
	json_close_array(w);
}

static void put_handshakes(struct json_writer *w, const struct proof_input *in)
{
	json_open_object(w, "handshakes");
	json_put_str(w, "measured_by", "the manager's own probes between switch and confirmation");
	json_put_int(w, "tried", in->handshakes_tried);
	json_put_int(w, "lost", in->handshakes_lost);
	json_close_object(w);
}

static void put_steps(struct json_writer *w, const struct proof_input *in)
{
	json_open_array(w, "steps");
	for (size_t i = 0; i < in->steps_n; i++) {
		json_open_object(w, NULL);
		json_put_str(w, "state", in->steps[i].state);
		json_put_str(w, "text", in->steps[i].text);
		json_put_str(w, "outcome", in->steps[i].outcome);
		put_time(w, "started_at", in->steps[i].started_at);
		json_put_int(w, "time_ms", in->steps[i].time_ms);
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_all(struct json_writer *w, const struct proof_input *in)
{
	json_open_object(w, NULL);
	json_put_int(w, "proof", PROOF_VERSION);
	json_put_str(w, "made_by", "gatewrightd");
	json_put_str(w, "version", in->version);
	put_time(w, "made_at", in->made_at);
	json_put_int(w, "job", in->job);
	json_put_str(w, "gateway", in->gateway);
	json_put_str(w, "target", in->target);
	json_put_str(w, "result", in->result);
	put_certificate(w, "old", in->old);
	put_certificate(w, "new", in->new);
	put_compatibility(w, in);
	put_host(w, in);
	put_probes(w, "probes_before", in->probes_before, in->probes_before_n);
	put_probes(w, "probes_after", in->probes_after, in->probes_after_n);
	put_handshakes(w, in);
	put_steps(w, in);
	json_close_object(w);
}

int proof_payload(const struct proof_input *in, struct buf *out, struct err *e)
{
	struct json_writer w;

	json_begin(&w, out);
	put_all(&w, in);
	if (buf_bad(out) || out->n > PROOF_MAX)
		return err_set(e, -EFBIG, "the proof is too large: want at most %d bytes", PROOF_MAX);
	if (!json_done(&w))
		return err_set(e, -EINVAL, "the proof: want texts in UTF-8 and probes in JSON, got something else");
	return 0;
}

void proof_thumbprint_input(const uint8_t public_key[32], struct buf *out)
{
	buf_add_str(out, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"");
	base64url_encode(bytes_of(public_key, 32), out);
	buf_add_str(out, "\"}");
}

static void put_header(struct json_writer *w, const char *x, const char *kid)
{
	json_open_object(w, NULL);
	json_put_str(w, "alg", "EdDSA");
	json_put_str(w, "typ", PROOF_TYPE);
	json_put_str(w, "kid", kid);
	json_open_object(w, "jwk");
	json_put_str(w, "kty", "OKP");
	json_put_str(w, "crv", "Ed25519");
	json_put_str(w, "x", x);
	json_close_object(w);
	json_close_object(w);
}

int proof_signing_input(struct bytes payload, const uint8_t public_key[32], const uint8_t thumbprint_sha256[32],
			struct buf *out, struct err *e)
{
	struct buf header, x, kid;
	struct json_writer w;
	bool good;

	buf_init(&header, 1024);
	buf_init(&x, 64);
	buf_init(&kid, 64);
	base64url_encode(bytes_of(public_key, 32), &x);
	base64url_encode(bytes_of(thumbprint_sha256, 32), &kid);
	json_begin(&w, &header);
	put_header(&w, buf_str(&x), buf_str(&kid));
	base64url_encode(buf_bytes(&header), out);
	buf_add_u8(out, '.');
	base64url_encode(payload, out);
	good = json_done(&w) && !buf_bad(out);
	buf_fini(&header);
	buf_fini(&x);
	buf_fini(&kid);
	return good ? 0 : err_nomem(e);
}

int proof_assemble(struct bytes signing_input, const uint8_t signature[64], struct buf *out, struct err *e)
{
	const uint8_t *dot = signing_input.n > 0 ? memchr(signing_input.p, '.', signing_input.n) : NULL;
	struct bytes header, payload;
	struct json_writer w;
	struct buf s;

	if (!dot)
		return err_set(e, -EINVAL, "signing input: want 'header.payload', got no dot");
	header = bytes_of(signing_input.p, (size_t)(dot - signing_input.p));
	payload = bytes_of(dot + 1, signing_input.n - header.n - 1);
	buf_init(&s, 128);
	base64url_encode(bytes_of(signature, 64), &s);
	json_begin(&w, out);
	json_open_object(&w, NULL);
	json_put_bytes(&w, "payload", payload);
	json_put_bytes(&w, "protected", header);
	json_put_bytes(&w, "signature", buf_bytes(&s));
	json_close_object(&w);
	buf_add_u8(out, '\n');
	buf_fini(&s);
	return json_done(&w) ? 0 : err_set(e, -EINVAL, "signing input: want base64url, got something else");
}
