#include "core/deploy/generation.h"

#include "base/bytes.h"
#include "codec/hex.h"

#include <stdio.h>

const char *generation_id(struct wall_time now, const uint8_t random[4], char out[GENERATION_ID_SIZE])
{
	struct civil_time c = time_to_civil(now);
	char tail[9];

	(void)hex_encode(bytes_of(random, 4), tail);
	(void)snprintf(out, GENERATION_ID_SIZE, "%04u%02u%02uT%02u%02u%02uZ-%s", (unsigned)c.year % 10000u,
		       (unsigned)c.month % 100u, (unsigned)c.day % 100u, (unsigned)c.hour % 100u,
		       (unsigned)c.min % 100u, (unsigned)c.sec % 100u, tail);
	return out;
}

const char *generation_token(const uint8_t random[16], char out[GENERATION_TOKEN_SIZE])
{
	return hex_encode(bytes_of(random, 16), out);
}

/* 'd': a digit, 'x': a lower-case hexadecimal digit, anything else: itself. */
static bool matches(uint8_t c, char want)
{
	if (want == 'd')
		return c >= '0' && c <= '9';
	if (want == 'x')
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
	return c == (uint8_t)want;
}

bool generation_id_ok(struct bytes id)
{
	static const char form[] = "ddddddddTddddddZ-xxxxxxxx";

	if (id.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (!matches(id.p[i], form[i]))
			return false;
	}
	return true;
}
