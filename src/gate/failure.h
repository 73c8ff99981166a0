/* The failure words of docs/protocol-host.md, and which kind of error gives which word. */
#ifndef GW_GATE_FAILURE_H
#define GW_GATE_FAILURE_H

#include "base/bytes.h"

#include <errno.h>

/* Kinds that the keystore functions return beside those of errno that mean themselves. */
#define FAILURE_MISMATCH (-EBADMSG)	     /* size or hash differ, or key and certificate do not belong together */
#define FAILURE_INCOMPATIBLE (-EKEYREJECTED) /* the check refused the keystore */
#define FAILURE_NOT_RUNNING (-ENOTCONN)	     /* no gate answers on the control socket */
#define FAILURE_NOT_PENDING (-ESTALE)	     /* no switch with this token awaits confirmation */
#define FAILURE_RELOAD (-EREMOTEIO)	     /* the gate could not serve it */

/* "no-space", "busy", ...: the word of a negative kind; "io" for any that has none of its own. Lives for ever. */
const char *failure_word(int kind);

/* The kind of a word that a gate answered; -EIO for a word that is none. */
int failure_kind(struct bytes word);

#endif
