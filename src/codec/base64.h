/* RFC 4648: base64 (section 4, padded) and base64url (section 5, without padding, as JOSE uses it). Strict reading. */
#ifndef GW_CODEC_BASE64_H
#define GW_CODEC_BASE64_H

#include "base/buf.h"

void base64_encode(struct bytes b, struct buf *out);
void base64url_encode(struct bytes b, struct buf *out);

/* False: not exactly this encoding (no white space, right padding, no stray bits). `out` may then hold a part. */
MUST_USE bool base64_decode(struct bytes text, struct buf *out);
MUST_USE bool base64url_decode(struct bytes text, struct buf *out);

#endif
