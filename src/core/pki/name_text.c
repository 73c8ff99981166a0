/* Names for people to read. */
#include "core/pki/name.h"
#include "codec/hex.h"

#include <arpa/inet.h>
#include <stdio.h>

#define SHOWN_HEX_MAX 64

/* An appender that leaves room for "..." and remembers that it had to cut. */
struct text {
	char *p;
	size_t n, size;
	bool cut;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (t->cut || t->n + n + 4 > t->size) {
		t->cut = true;
		return;
	}
	memcpy(t->p + t->n, s, n);
	t->n += n;
}

static const char *finish(struct text *t)
{
	memcpy(t->p + t->n, t->cut ? "..." : "", t->cut ? 4 : 1);
	return t->p;
}

/* Printable ASCII as it is, everything else as \xHH: an IA5String has no other characters, whatever it claims. */
static void add_escaped(struct text *t, struct bytes b)
{
	for (size_t i = 0; i < b.n && !t->cut; i++) {
		char one[8] = { (char)b.p[i], '\0' };

		if (b.p[i] < 0x20 || b.p[i] >= 0x7f || b.p[i] == '\\')
			(void)snprintf(one, sizeof(one), "\\x%02x", (unsigned)b.p[i]);
		add(t, one);
	}
}

static void add_hex(struct text *t, const char *kind, struct bytes b)
{
	char digits[2 * SHOWN_HEX_MAX + 1];

	add(t, kind);
	add(t, hex_encode(bytes_of(b.p, b.n < SHOWN_HEX_MAX ? b.n : SHOWN_HEX_MAX), digits));
	t->cut = t->cut || b.n > SHOWN_HEX_MAX;
}

int name_mask_prefix(struct bytes mask)
{
	int n = 0;
	bool ended = false;

	for (size_t i = 0; i < mask.n * 8; i++) {
		bool one = (mask.p[i / 8] >> (7 - i % 8) & 1) != 0;

		if (one && ended)
			return -1;
		ended = ended || !one;
		n += one;
	}
	return n;
}

static void add_address(struct text *t, struct bytes ip)
{
	char s[INET6_ADDRSTRLEN];

	if (inet_ntop(ip.n == 4 ? AF_INET : AF_INET6, ip.p, s, sizeof(s)))
		add(t, s);
}

static void add_ip(struct text *t, struct bytes ip)
{
	char number[16];
	int prefix;

	if (ip.n == 4 || ip.n == 16) {
		add_address(t, ip);
		return;
	}
	if (ip.n != 8 && ip.n != 32) {
		add_hex(t, "address ", ip);
		return;
	}
	add_address(t, bytes_of(ip.p, ip.n / 2));
	prefix = name_mask_prefix(bytes_of(ip.p + ip.n / 2, ip.n / 2));
	add(t, "/");
	if (prefix < 0) {
		add_address(t, bytes_of(ip.p + ip.n / 2, ip.n / 2));
		return;
	}
	(void)snprintf(number, sizeof(number), "%d", prefix);
	add(t, number);
}

const char *name_format(const struct general_name *n, char *out, size_t size)
{
	struct text t = { out, 0, size, false };

	switch (n->kind) {
	case GN_IP:
		add_ip(&t, n->value);
		break;
	case GN_DIRECTORY:
		add_hex(&t, "directory name ", n->value);
		break;
	case GN_DNS:
	case GN_URI:
	case GN_EMAIL:
		add_escaped(&t, n->value);
		break;
	case GN_OTHER:
	case GN_N:
	default:
		add_hex(&t, "other name ", n->value);
		break;
	}
	return finish(&t);
}

const char *name_text(const struct general_name *n, struct arena *a)
{
	size_t size = n->value.n * 4 + 64;
	char *s = size > n->value.n ? arena_alloc(a, size) : NULL;

	return s ? name_format(n, s, size) : "";
}
