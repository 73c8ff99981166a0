/*
 * All that the serving gate asks of its TLS library stands behind this header, and only what OpenSSL 3, AWS-LC and
 * BoringSSL can all do is asked for. One library instance per thread: no lock is shared.
 */
#ifndef GW_GATE_TLS_H
#define GW_GATE_TLS_H

#include "base/bytes.h"
#include "base/err.h"

struct tls_library;
struct tls_context; /* key, chain and ticket keys of one generation */
struct tls;	    /* one connection */

MUST_USE int tls_library_new(struct tls_library **ret, struct err *e);
void tls_library_free(struct tls_library *lib); /* after every context and connection of it */
DEFINE_CLEANUP(struct tls_library, tls_library_free);

/*
 * Ticket keys are new with every generation that is served and the same in all threads: a client of the one before
 * can't resume, makes a full handshake and sees the certificate of today.
 */
#define TLS_TICKET_KEYS_SIZE 80

struct tls_setup {
	struct bytes key_pem, chain_pem; /* leaf first; a self-signed certificate behind it is not sent */
	struct bytes ticket_keys;	 /* TLS_TICKET_KEYS_SIZE random bytes */
	struct bytes session_id_context; /* at most 32 bytes, different for each certificate */
	bool tls13_only;
};

MUST_USE int tls_context_new(struct tls_library *lib, const struct tls_setup *setup, struct tls_context **ret,
			     struct err *e);
void tls_context_free(struct tls_context *c); /* connections of it live on */
DEFINE_CLEANUP(struct tls_context, tls_context_free);

/* The server's side on a connected non-blocking socket, which stays the caller's. NULL without memory. */
struct tls *tls_new(struct tls_context *c, int fd);
void tls_free(struct tls *t);

enum tls_result {
	TLS_DONE,
	TLS_WANT_READ,
	TLS_WANT_WRITE,
	TLS_END,    /* the peer said close_notify */
	TLS_BROKEN, /* *ret_why says it */
};

/* `ret_why` lives for ever. */
enum tls_result tls_handshake(struct tls *t, const char **ret_why);
enum tls_result tls_read(struct tls *t, uint8_t *p, size_t max, size_t *ret_n, const char **ret_why);

/* After TLS_WANT_WRITE the same bytes (at the same or another place) must be given again. */
enum tls_result tls_write(struct tls *t, struct bytes b, size_t *ret_n, const char **ret_why);

/* Send close_notify; TLS_DONE when it is out. */
enum tls_result tls_shutdown(struct tls *t, const char **ret_why);

/* Bytes that are decrypted already and will not make the socket readable. */
size_t tls_pending(const struct tls *t);

#endif
