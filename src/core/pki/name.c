#include "core/pki/name.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#define LABEL_MAX 63
#define DNS_MAX 253
#define IP4_SIZE 4
#define IP6_SIZE 16
#define MALFORMED_SHOWN_MAX 120 /* how much of a bad name a sentence repeats */

static struct bytes skip(struct bytes b, size_t n)
{
	return bytes_of(b.p + n, b.n - n);
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What is wrong with one label, or NULL. RFC 1034 section 3.5, RFC 1123 section 2.1. */
static const char *label_problem(struct bytes label)
{
	if (label.n == 0)
		return "want a label between the dots, got none";
	if (label.n > LABEL_MAX)
		return "want at most 63 characters per label, got more";
	for (size_t i = 0; i < label.n; i++) {
		if (label.p[i] == '*')
			return "want an asterisk only as the whole first label";
		if (label.p[i] >= 0x80)
			return "want A-labels (xn--...), got other characters than ASCII";
		if (!is_alphanumeric(label.p[i]) && label.p[i] != '-')
			return "want letters, digits, hyphens and dots, got another character";
	}
	if (label.p[0] == '-' || label.p[label.n - 1] == '-')
		return "want no hyphen at the ends of a label";
	return NULL;
}

static bool is_all_digits(struct bytes label)
{
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] < '0' || label.p[i] > '9')
			return false;
	return true;
}

/* The label at the front of *rest, which moves behind the dot; *ret_last: there was no dot. */
static struct bytes take_label(struct bytes *rest, bool *ret_last)
{
	const uint8_t *dot = rest->n > 0 ? memchr(rest->p, '.', rest->n) : NULL;
	struct bytes label = dot ? bytes_of(rest->p, (size_t)(dot - rest->p)) : *rest;

	*rest = dot ? skip(*rest, label.n + 1) : BYTES_NONE;
	*ret_last = !dot;
	return label;
}

/*
 * What is wrong with a DNS name, or NULL. A wildcard needs two labels behind the asterisk, because TLS clients refuse
 * "*.com"; a name that ends in digits only is an address gone wrong.
 */
static const char *dns_problem(struct bytes name)
{
	bool wildcard = name.n >= 2 && name.p[0] == '*' && name.p[1] == '.', last = false;
	struct bytes rest = wildcard ? skip(name, 2) : name, label;
	size_t labels = 0;

	if (name.n == 0)
		return "want a host name or an address, got nothing";
	if (name.n > DNS_MAX)
		return "want at most 253 characters, got more";
	do {
		const char *problem;

		label = take_label(&rest, &last);
		problem = label_problem(label);
		if (problem)
			return problem;
		labels++;
	} while (!last);
	if (wildcard && labels < 2)
		return "want at least two labels behind the asterisk, got one";
	return is_all_digits(label) ? "want an address of four numbers, or a name that does not end in one" : NULL;
}

size_t name_address(struct bytes text, uint8_t out[NAME_ADDRESS_MAX])
{
	char s[INET6_ADDRSTRLEN];

	if (text.n >= sizeof(s) || text.n == 0 || bytes_has_control(text))
		return 0;
	memcpy(s, text.p, text.n);
	s[text.n] = '\0';
	if (inet_pton(AF_INET, s, out) == 1)
		return IP4_SIZE;
	return inet_pton(AF_INET6, s, out) == 1 ? IP6_SIZE : 0;
}

static bool is_mapped_ip4(struct bytes ip)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return ip.n == IP6_SIZE && memcmp(ip.p, prefix, sizeof(prefix)) == 0;
}

/* What is wrong with an address that stands for a server, or NULL. */
static const char *address_problem(struct bytes ip)
{
	static const uint8_t zero[IP6_SIZE];

	if (memcmp(ip.p, zero, ip.n) == 0)
		return "want an address that a client can connect to, got the unspecified one";
	if (is_mapped_ip4(ip))
		return "want the IPv4 address itself, got one mapped into IPv6 (RFC 4291 section 2.5.5.2)";
	return NULL;
}

static int malformed(struct bytes text, const char *problem, struct err *e)
{
	struct general_name as_text = { GN_DNS, text };
	char shown[NAME_TEXT_MAX];

	return err_set(e, -EINVAL, "name '%s': %s", name_format(&as_text, shown, MALFORMED_SHOWN_MAX), problem);
}

static int keep(enum general_name_kind kind, struct bytes value, struct arena *a, struct general_name *ret,
		struct err *e)
{
	struct bytes copy;

	if (!arena_bytes(a, value, &copy))
		return err_nomem(e);
	*ret = (struct general_name) { kind, copy };
	return 0;
}

static int keep_lower(struct bytes value, struct arena *a, struct general_name *ret, struct err *e)
{
	uint8_t *p = arena_alloc(a, value.n);

	if (!p)
		return err_nomem(e);
	for (size_t i = 0; i < value.n; i++)
		p[i] = value.p[i] >= 'A' && value.p[i] <= 'Z' ? (uint8_t)(value.p[i] | 0x20) : value.p[i];
	*ret = (struct general_name) { GN_DNS, bytes_of(p, value.n) };
	return 0;
}

static struct bytes without_trailing_dot(struct bytes name)
{
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

int name_parse(struct bytes text, struct arena *a, struct general_name *ret, struct err *e)
{
	struct bytes t = bytes_trim(text), inner = t;
	bool bracketed = t.n >= 2 && t.p[0] == '[' && t.p[t.n - 1] == ']';
	uint8_t ip[IP6_SIZE];
	const char *problem;
	size_t n;

	if (bracketed)
		inner = bytes_of(t.p + 1, t.n - 2);
	n = name_address(inner, ip);
	if (n == IP6_SIZE || (n == IP4_SIZE && !bracketed)) {
		problem = address_problem(bytes_of(ip, n));
		return problem ? malformed(t, problem, e) : keep(GN_IP, bytes_of(ip, n), a, ret, e);
	}
	if (bracketed)
		return malformed(t, "want an IPv6 address in the brackets", e);
	if (t.n > 0 && memchr(t.p, ':', t.n))
		return malformed(t, "want a host name or an address, without a scheme or a port", e);
	t = without_trailing_dot(t);
	problem = dns_problem(t);
	return problem ? malformed(t, problem, e) : keep_lower(t, a, ret, e);
}

static size_t count_names(struct bytes text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == ';';
	return n < FACTS_NAMES_MAX ? n : FACTS_NAMES_MAX;
}

static int refuse_duplicate(const struct general_name *names, size_t n, const struct general_name *name, struct err *e)
{
	char shown[NAME_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		if (name_equal(&names[i], name))
			return err_set(e, -EEXIST, "name '%s' is given twice", name_format(name, shown, sizeof(shown)));
	return 0;
}

int name_parse_list(struct bytes text, struct arena *a, struct general_name **ret, size_t *ret_n, struct err *e)
{
	struct general_name *names = arena_alloc_array(a, count_names(text), sizeof(*names));
	struct bytes rest = text;
	size_t n = 0;

	if (!names)
		return err_nomem(e);
	while (rest.n > 0) {
		const uint8_t *end = memchr(rest.p, ';', rest.n);
		struct bytes one = end ? bytes_of(rest.p, (size_t)(end - rest.p)) : rest;
		struct general_name name;
		int r;

		rest = end ? skip(rest, one.n + 1) : BYTES_NONE;
		if (bytes_trim(one).n == 0)
			continue;
		if (n == FACTS_NAMES_MAX)
			return err_set(e, -E2BIG, "want at most %d names, got more", FACTS_NAMES_MAX);
		r = name_parse(one, a, &name, e);
		if (r == 0)
			r = refuse_duplicate(names, n, &name, e);
		if (r < 0)
			return r;
		names[n++] = name;
	}
	*ret = names;
	*ret_n = n;
	return 0;
}

bool name_equal(const struct general_name *a, const struct general_name *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == GN_DNS ? bytes_equal_ascii_nocase(a->value, b->value) : bytes_equal(a->value, b->value);
}

bool name_is_wildcard(const struct general_name *n)
{
	return n->kind == GN_DNS && n->value.n >= 2 && n->value.p[0] == '*' && n->value.p[1] == '.';
}

bool name_matches_host(const struct general_name *n, const struct general_name *host)
{
	const uint8_t *dot;

	if (name_is_wildcard(host))
		return false;
	if (!name_is_wildcard(n))
		return (n->kind == GN_DNS || n->kind == GN_IP) && name_equal(n, host);
	dot = host->kind == GN_DNS && host->value.n > 0 ? memchr(host->value.p, '.', host->value.n) : NULL;
	if (!dot || dot == host->value.p)
		return false;
	return bytes_equal_ascii_nocase(skip(n->value, 1), skip(host->value, (size_t)(dot - host->value.p)));
}

bool name_is_valid(const struct general_name *n)
{
	if (n->kind == GN_DNS)
		return dns_problem(n->value) == NULL;
	if (n->kind == GN_IP)
		return n->value.n == IP4_SIZE || n->value.n == IP6_SIZE;
	return true;
}

bool name_looks_like_host(struct bytes text)
{
	uint8_t ip[IP6_SIZE];

	text = without_trailing_dot(text);
	if (name_address(text, ip) > 0)
		return true;
	return text.n > 0 && memchr(text.p, '.', text.n) && dns_problem(text) == NULL;
}
