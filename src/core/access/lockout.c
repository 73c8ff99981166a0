#include "core/access/lockout.h"

#include <arpa/inet.h>
#include <stdio.h>

static int64_t full_wait(int64_t failures)
{
	int64_t wait = 1;

	if (failures <= LOCKOUT_FREE)
		return 0;
	for (int64_t i = LOCKOUT_FREE + 1; i < failures && wait < LOCKOUT_WAIT_MAX_S; i++)
		wait *= 2;
	return wait < LOCKOUT_WAIT_MAX_S ? wait : LOCKOUT_WAIT_MAX_S;
}

/* A clock that went back has passed no time. */
static int64_t silence(struct lockout l, struct wall_time now)
{
	return now.s > l.last.s ? now.s - l.last.s : 0;
}

static int64_t faded(struct lockout l, struct wall_time now)
{
	int64_t n = l.failures;

	for (int64_t i = silence(l, now) / LOCKOUT_DECAY_S; i > 0 && n > 0; i--)
		n /= 2;
	return n;
}

int64_t lockout_wait(struct lockout l, struct wall_time now)
{
	int64_t wait = full_wait(faded(l, now)), passed = silence(l, now);

	return wait > passed ? wait - passed : 0;
}

struct lockout lockout_failed(struct lockout l, struct wall_time now)
{
	int64_t n = faded(l, now) + 1;

	return (struct lockout) { n < LOCKOUT_FAILURES_MAX ? n : LOCKOUT_FAILURES_MAX, now };
}

struct lockout lockout_undone(struct lockout l)
{
	return (struct lockout) { l.failures > 0 ? l.failures - 1 : 0, l.last };
}

const char *lockout_address(const char *address, char out[LOCKOUT_ADDRESS_MAX])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t ip[16];
	char text[INET6_ADDRSTRLEN] = "";

	if (inet_pton(AF_INET6, address, ip) != 1) {
		(void)snprintf(out, LOCKOUT_ADDRESS_MAX, "%s", address);
	} else if (memcmp(ip, mapped, sizeof(mapped)) == 0) { /* RFC 4291 section 2.5.5.2: one IPv4 address */
		(void)inet_ntop(AF_INET, ip + 12, text, sizeof(text));
		(void)snprintf(out, LOCKOUT_ADDRESS_MAX, "%s", text);
	} else {
		memset(ip + 8, 0, 8);
		(void)inet_ntop(AF_INET6, ip, text, sizeof(text));
		(void)snprintf(out, LOCKOUT_ADDRESS_MAX, "%s/64", text);
	}
	return out;
}
