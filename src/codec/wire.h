/*
 * Messages between the processes: type (16 bits), reserved (16 bits, zero), id (32 bits), then fields, each tag (16
 * bits), length (32 bits), bytes. Big endian. A message is one SOCK_SEQPACKET datagram of at most WIRE_MESSAGE_MAX
 * bytes.
 */
#ifndef GW_CODEC_WIRE_H
#define GW_CODEC_WIRE_H

#include "base/buf.h"
#include "base/rd.h"

#define WIRE_MESSAGE_MAX (160 * 1024)
#define WIRE_FIELDS_MAX 512
#define WIRE_FIELD_HEAD 6 /* bytes before each value */

/* Writing: wire_begin, then fields into the same buffer. Check buf_bad() at the end. */
void wire_begin(struct buf *b, uint16_t type, uint32_t id);
void wire_add(struct buf *b, uint16_t tag, struct bytes value);
void wire_add_str(struct buf *b, uint16_t tag, const char *s); /* NULL adds nothing */
void wire_add_u64(struct buf *b, uint16_t tag, uint64_t v);

/* Reading: every view is borrowed from the datagram. */
struct wire_field {
	uint16_t tag;
	struct bytes value;
};
struct wire_message {
	uint16_t type;
	uint32_t id;
	struct wire_field fields[WIRE_FIELDS_MAX];
	size_t n;
};

/* False when it is not well formed. */
bool wire_parse(struct bytes datagram, struct wire_message *ret);

/* The first field with the tag at or after *cursor, which moves behind it; false: none. */
bool wire_next(const struct wire_message *m, uint16_t tag, size_t *cursor, struct bytes *ret);
bool wire_has(const struct wire_message *m, uint16_t tag);
struct bytes wire_get(const struct wire_message *m, uint16_t tag);	      /* BYTES_NONE when absent */
bool wire_get_u64(const struct wire_message *m, uint16_t tag, uint64_t *ret); /* false: absent or not 8 bytes */
size_t wire_count(const struct wire_message *m, uint16_t tag);

#endif
