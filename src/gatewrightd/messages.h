/*
 * Every message that crosses a border between the processes of gatewrightd, and every field in one. The framing is
 * codec/wire.h over a SOCK_SEQPACKET pair (sys/ipc/ipc.h); who may send what in which phase is schema/requests.def.
 *
 * A request carries an id that its answer repeats. An answer is MSG_OK or MSG_REFUSED: FIELD_ERROR_KIND (negated errno,
 * as 32 bits), FIELD_ERROR_TEXT and, where a check said no, FIELD_FINDING repeated.
 */
#ifndef GW_GATEWRIGHTD_MESSAGES_H
#define GW_GATEWRIGHTD_MESSAGES_H

/* REQUEST(symbol, "name", who may ask: WHO_..., "what it does") */
enum message_type {
	MSG_OK = 1,
	MSG_REFUSED = 2,
#define REQUEST(symbol, name, who, meaning) MSG_##symbol,
	MSG_REQUESTS_BEFORE = 15,
#include "requests.def"
#undef REQUEST
	MSG_N
};

/* Field tags. Integers are big endian 64 bits unless said; text is UTF-8 without NUL; (r) may repeat. */
enum message_field {
	FIELD_ERROR_KIND = 1,
	FIELD_ERROR_TEXT,
	FIELD_FINDING, /* (r) "word\tsentence" */

	/* keys */
	FIELD_KIND = 10, /* cert_kind_word() */
	FIELD_DISPLAY_NAME,
	FIELD_HOLDER,
	FIELD_ORGANIZATION,
	FIELD_LOCALITY,
	FIELD_COUNTRY,
	FIELD_NAMES,
	FIELD_NOT_AFTER,   /* Unix seconds, 0 default */
	FIELD_KEY_SPEC,	   /* key_spec_word() */
	FIELD_PATH_LEN,	   /* signed 64 bits */
	FIELD_DRY_RUN,	   /* present: check and lint only */
	FIELD_CERTIFICATE, /* (r) DER; a chain is leaf or issuing CA first */
	FIELD_SEALED_KEY,  /* (r) sealed blob; in an import one per certificate, empty without key */
	FIELD_PASSPHRASE,  /* secret */
	FIELD_BUNDLE,	   /* PEM or PKCS#12 bytes as uploaded */
	FIELD_PAYLOAD,	   /* bytes to sign as a proof, or a part of them */
	FIELD_SIGNATURE,   /* Ed25519, 64 bytes */
	FIELD_PUBLIC_KEY,  /* Ed25519, 32 bytes */
	FIELD_KEY_PEM,	   /* secret: PKCS#8 PEM; of an end-entity certificate */
	FIELD_PKCS12,
	FIELD_OFFSET,	   /* of a part of the payload in the whole; absent: 0 */
	FIELD_MORE,	   /* present: the payload goes on in the next request */
	FIELD_ACCOUNT,	   /* number of a user */
	FIELD_TOTP_SECRET, /* secret: 20 bytes, RFC 4226 section 4 */
	FIELD_SEALED_TOTP, /* sealed blob */
	FIELD_CODE,	   /* six digits as typed */
	FIELD_TIME_STEP,   /* RFC 6238: the last one that was accepted; the one that was now */
	FIELD_NUMBER,	   /* of an audit event */

	/* deploy: the job */
	FIELD_JOB = 60,	   /* number */
	FIELD_JOB_KIND,	   /* "update" "rollback" "probe" "scan-host-key" "recover" */
	FIELD_GATEWAY,	   /* name */
	FIELD_TARGET,	   /* the text of the target file */
	FIELD_PARAM,	   /* (r) "name=value" for the target */
	FIELD_TLS_ADDRESS, /* (r) "host:port", "[v6]:port" */
	FIELD_TLS_NAME,	   /* (r) a name that the probe asks for and the certificate must hold */
	FIELD_SSH_HOST,
	FIELD_SSH_PORT,
	FIELD_SSH_USER,
	FIELD_SSH_PIN,		  /* (r) "SHA256:base64"; absent: unknown host */
	FIELD_SSH_AUTH,		  /* "password" "key" "agent"; "password" also answers keyboard-interactive */
	FIELD_SSH_PASSWORD,	  /* secret */
	FIELD_SSH_KEY,		  /* secret: private key file */
	FIELD_SSH_KEY_PASSPHRASE, /* secret */
	FIELD_SUDO_PASSWORD,	  /* secret; absent: the SSH password */
	FIELD_GENERATION,	  /* the ID to stage, or to switch back to in a rollback */
	FIELD_TOKEN,
	FIELD_CONFIRM_WITHIN, /* seconds */
	FIELD_KEEP,	      /* generations to keep */
	FIELD_SKEW_MAX,	      /* seconds */
	FIELD_CURRENT,	      /* (r) DER chain that the manager believes to be served, leaf first; may be absent */
	FIELD_SSH_AGENT,      /* path of the agent's socket; or the job brings the connected socket as a descriptor */

	/* deploy: what it tells the manager */
	FIELD_STATE = 100,   /* update_state_word() */
	FIELD_STEP,	     /* text: what is being done, for people */
	FIELD_OUTCOME,	     /* "started" "done" "failed" */
	FIELD_TEXT,	     /* sentence */
	FIELD_HOST_OUTPUT,   /* what the host printed */
	FIELD_PROBE,	     /* (r) JSON text of one probe, docs/api.md "probe" */
	FIELD_HOST_KEY,	     /* "SHA256:base64" */
	FIELD_HOST_KEY_TYPE, /* "ssh-ed25519" */
	FIELD_DEADLINE,	     /* Unix seconds when the host's dead-man switch fires */
	FIELD_RESULT,	     /* "confirmed" "rolled-back" "failed" "unknown" */
	FIELD_OLD_GENERATION,
	FIELD_TIME_MS /* duration */
};

#endif
