/* Names and the subtrees of name constraints. RFC 5280 section 4.2.1.10. */
#include "core/pki/name.h"
#include "core/pki/dn.h"

static struct bytes skip(struct bytes b, size_t n)
{
	return bytes_of(b.p + n, b.n - n);
}

/* Is `host` below `base`: more labels to the left, the rest the same? */
static bool is_subdomain(struct bytes host, struct bytes base)
{
	return host.n > base.n + 1 && host.p[host.n - base.n - 1] == '.' &&
	       bytes_equal_ascii_nocase(skip(host, host.n - base.n), base);
}

static bool dns_within(struct bytes host, struct bytes constraint)
{
	if (constraint.n == 0)
		return true;
	if (constraint.p[0] == '.')
		return is_subdomain(host, skip(constraint, 1));
	return bytes_equal_ascii_nocase(host, constraint) || is_subdomain(host, constraint);
}

/* "*.base": all of x.base lies in a subtree exactly when base does, or when the subtree is ".base" itself. */
static bool wildcard_within(struct bytes base, struct bytes constraint)
{
	if (constraint.n > 0 && constraint.p[0] == '.')
		constraint = skip(constraint, 1);
	return constraint.n == 0 || bytes_equal_ascii_nocase(base, constraint) || is_subdomain(base, constraint);
}

/* "*.base" and a subtree one label below base: x.base could be its top. Deeper ones are out of a wildcard's reach. */
static bool wildcard_reaches(struct bytes base, struct bytes constraint)
{
	if (constraint.n > 0 && constraint.p[0] == '.')
		return false;
	return is_subdomain(constraint, base) && !memchr(constraint.p, '.', constraint.n - base.n - 1);
}

static bool ip_within(struct bytes ip, struct bytes constraint)
{
	if (constraint.n != 2 * ip.n)
		return false;
	for (size_t i = 0; i < ip.n; i++)
		if ((ip.p[i] ^ constraint.p[i]) & constraint.p[ip.n + i])
			return false;
	return true;
}

/* The host of a URI (RFC 3986 section 3.2); no bytes when it has none or an address literal in brackets. */
static struct bytes uri_host(struct bytes uri)
{
	const uint8_t *at = uri.n > 0 ? memmem(uri.p, uri.n, "://", 3) : NULL;
	struct bytes host;
	size_t n = 0;

	if (!at)
		return BYTES_NONE;
	host = skip(uri, (size_t)(at - uri.p) + 3);
	while (n < host.n && !memchr("/?#", host.p[n], 3))
		n++;
	host.n = n;
	at = host.n > 0 ? memrchr(host.p, '@', host.n) : NULL;
	if (at)
		host = skip(host, (size_t)(at - host.p) + 1);
	if (host.n == 0 || host.p[0] == '[')
		return BYTES_NONE;
	at = memchr(host.p, ':', host.n);
	if (at)
		host.n = (size_t)(at - host.p);
	return host;
}

/* A subtree ".base" is all below base; without the dot it is that one host. */
static bool host_within(struct bytes host, struct bytes constraint)
{
	if (constraint.n > 0 && constraint.p[0] == '.')
		return is_subdomain(host, skip(constraint, 1));
	return constraint.n == 0 || bytes_equal_ascii_nocase(host, constraint);
}

static bool uri_within(struct bytes uri, struct bytes constraint)
{
	struct bytes host = uri_host(uri);

	return host.n > 0 && host_within(host, constraint);
}

static bool email_within(struct bytes mailbox, struct bytes constraint)
{
	const uint8_t *at = mailbox.n > 0 ? memrchr(mailbox.p, '@', mailbox.n) : NULL;
	const uint8_t *constraint_at = constraint.n > 0 ? memrchr(constraint.p, '@', constraint.n) : NULL;
	size_t local_n = at ? (size_t)(at - mailbox.p) : 0;

	if (!at)
		return false;
	if (!constraint_at)
		return host_within(skip(mailbox, local_n + 1), constraint);
	return local_n == (size_t)(constraint_at - constraint.p) && memcmp(mailbox.p, constraint.p, local_n) == 0 &&
	       bytes_equal_ascii_nocase(skip(mailbox, local_n), skip(constraint, local_n));
}

bool name_within(const struct general_name *n, const struct general_name *constraint)
{
	if (n->kind != constraint->kind)
		return false;
	switch (n->kind) {
	case GN_DNS:
		return name_is_wildcard(n) ? wildcard_within(skip(n->value, 2), constraint->value)
					   : dns_within(n->value, constraint->value);
	case GN_IP:
		return ip_within(n->value, constraint->value);
	case GN_URI:
		return uri_within(n->value, constraint->value);
	case GN_EMAIL:
		return email_within(n->value, constraint->value);
	case GN_DIRECTORY:
		return dn_starts_with(n->value, constraint->value);
	case GN_OTHER:
	case GN_N:
	default:
		return false;
	}
}

bool name_touches(const struct general_name *n, const struct general_name *constraint)
{
	if (n->kind != constraint->kind)
		return false;
	if (!name_constraint_is_readable(constraint) || name_within(n, constraint))
		return true;
	if (name_is_wildcard(n))
		return wildcard_reaches(skip(n->value, 2), constraint->value);
	if (n->kind == GN_URI)
		return uri_host(n->value).n == 0;
	return n->kind == GN_DIRECTORY && !dn_is_readable(n->value);
}

static bool is_ip_subtree(struct bytes value)
{
	size_t half = value.n / 2;

	return (value.n == 8 || value.n == 32) && name_mask_prefix(skip(value, half)) >= 0;
}

/* Nothing but printable ASCII, no wildcard, no label that is empty (but for a dot in front). */
static bool is_plain_host(struct bytes value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] <= 0x20 || value.p[i] >= 0x7f || value.p[i] == '*')
			return false;
		if (value.p[i] == '.' && (i + 1 == value.n || value.p[i + 1] == '.'))
			return false;
	}
	return true;
}

bool name_constraint_is_readable(const struct general_name *constraint)
{
	switch (constraint->kind) {
	case GN_IP:
		return is_ip_subtree(constraint->value);
	case GN_DNS:
	case GN_URI:
	case GN_EMAIL:
		return is_plain_host(constraint->value);
	case GN_DIRECTORY:
		return dn_is_readable(constraint->value);
	case GN_OTHER:
	case GN_N:
	default:
		return false;
	}
}
