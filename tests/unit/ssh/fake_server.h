/* A server on 127.0.0.1 in a thread of the test, that behaves as told. One connection at a time. */
#ifndef GW_TESTS_SSH_FAKE_SERVER_H
#define GW_TESTS_SSH_FAKE_SERVER_H

#include "base/bytes.h"

#include <stdint.h>

enum fake_mode {
	FAKE_TLS,		/* 1.2 and 1.3 */
	FAKE_TLS12,
	FAKE_TLS12_WANTS_CLIENT, /* refuses a client without a certificate */
	FAKE_TLS13_WANTS_CLIENT,
	FAKE_TLS11,		/* nothing newer */
	FAKE_PLAIN,		/* an HTTP server's words */
	FAKE_CLOSES,		/* at once */
	FAKE_RESETS,
	FAKE_SILENT,		/* accepts and says nothing until the peer goes */
	FAKE_TRICKLES,		/* one byte of an endless TLS record after the other */
	FAKE_TALKS,		/* lines without end, as before an SSH banner */
	FAKE_MODE_N
};

struct fake_server;

/* `key_pem` and `chain` (DER, leaf first) for TLS; borrowed for the call. Fails the test when it can't. */
struct fake_server *fake_start(enum fake_mode mode, struct bytes key_pem, const struct bytes *chain, size_t chain_n);
void fake_stop(struct fake_server *s);

uint16_t fake_port(const struct fake_server *s);

/* Of the last TLS connection; wait until `n` connections have ended (bounded, fails the test). */
void fake_wait(struct fake_server *s, int n);
const char *fake_sni(const struct fake_server *s); /* "" : none was asked for */
bool fake_orderly(const struct fake_server *s);	   /* close_notify came, then the end of file, no reset */

#endif
