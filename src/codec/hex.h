/* Lower-case hexadecimal, and fingerprints as people compare them. */
#ifndef GW_CODEC_HEX_H
#define GW_CODEC_HEX_H

#include "base/bytes.h"

/* `out` gets 2 * n + 1 characters; returns it. */
const char *hex_encode(struct bytes b, char *out);

/* Both cases accepted. False unless `text` is exactly 2 * n digits. */
bool hex_decode(struct bytes text, uint8_t *out, size_t n);

/* A SHA-256 fingerprint in four groups of sixteen digits: 64 digits, 3 spaces, NUL. */
#define HEX_GROUPS_SIZE 68
const char *hex_groups(const uint8_t fingerprint[32], char out[HEX_GROUPS_SIZE]);

#endif
