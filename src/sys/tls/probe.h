/*
 * A TLS client that looks at what a server serves, and trusts nothing: it takes the chain that was sent and lets
 * core/pki judge. A handshake that finished proves that the server holds the leaf's private key, because it signed this
 * handshake with it (RFC 8446 section 4.4.3, RFC 5246 section 7.4.3); ciphers without such a signature are not offered.
 */
#ifndef GW_SYS_TLS_PROBE_H
#define GW_SYS_TLS_PROBE_H

#include "base/limits.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/time.h"

struct net_address;

/* What one handshake showed. Everything lives in the arena. */
struct tls_seen {
	struct bytes certs[LIMIT_TLS_PROBE_CERTS_MAX]; /* DER, as sent, leaf first */
	size_t n, sent_n;			       /* kept, sent */
	const char *protocol;			       /* "TLSv1.3" */
	const char *cipher;
	double handshake_ms;	      /* from the ClientHello until the server's Finished; without the TCP connection */
	bool asks_client_certificate; /* none was sent; a TLS 1.2 server that insists ends the handshake after it has
					 proved its key */
};

struct tls_prober;

/* OpenSSL 3 in a context of its own: no configuration file counts. Returned: tls_prober_free(). */
MUST_USE int tls_prober_new(struct tls_prober **ret, struct err *e);
void tls_prober_free(struct tls_prober *p);
DEFINE_CLEANUP(struct tls_prober, tls_prober_free);

/*
 * One connection and one handshake, TLS 1.2 or 1.3, with `server_name` as SNI unless it is an IP address (RFC 6066
 * section 3) or NULL; ended orderly (close_notify, then the end of file awaited for a moment). -ECONNREFUSED and its
 * like: no connection. -ETIMEDOUT. -EPROTO: no handshake; the sentence says whether it was plain text, an old protocol,
 * or an alert.
 */
MUST_USE int tls_probe(struct tls_prober *p, const struct net_address *address, const char *server_name,
		       struct mono_time deadline, struct arena *a, struct tls_seen *ret, struct err *e);

#endif
