#include "sys/conf/scalar.h"

#include <arpa/inet.h>

static int digit_of(uint8_t c, unsigned base)
{
	int d = c - '0';

	return d >= 0 && d < (int)base ? d : -1;
}

static bool parse_digits(struct bytes text, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	if (text.n == 0)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int d = digit_of(text.p[i], base);

		if (d < 0 || v > ((uint64_t)INT64_MAX - (uint64_t)d) / base)
			return false;
		v = v * base + (uint64_t)d;
	}
	*ret = v;
	return true;
}

struct unit {
	char letter;
	uint64_t factor;
};

static const struct unit durations[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
static const struct unit sizes[] = { { 'K', 1u << 10 }, { 'M', 1u << 20 }, { 'G', 1u << 30 } };

/* A number and one of `units`. Without a unit only when `bare` allows. */
static bool parse_with_unit(struct bytes text, const struct unit *units, size_t n, bool bare, uint64_t *ret)
{
	uint64_t v;

	if (text.n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (text.p[text.n - 1] != (uint8_t)units[i].letter)
			continue;
		if (!parse_digits(bytes_of(text.p, text.n - 1), 10, &v) || v > (uint64_t)INT64_MAX / units[i].factor)
			return false;
		*ret = v * units[i].factor;
		return true;
	}
	if (!bare && !bytes_equal_str(text, "0"))
		return false;
	return parse_digits(text, 10, ret);
}

bool scalar_parse(enum conf_type type, struct bytes text, uint64_t *ret)
{
	switch (type) {
	case CONF_DURATION:
		return parse_with_unit(text, durations, ARRAY_N(durations), false, ret);
	case CONF_SIZE:
		return parse_with_unit(text, sizes, ARRAY_N(sizes), true, ret);
	case CONF_MODE:
		return text.n > 1 && text.p[0] == '0' && parse_digits(text, 8, ret);
	case CONF_NUMBER:
	case CONF_STRING:
	case CONF_PATH:
	case CONF_BOOL:
	case CONF_WORD:
	case CONF_STRINGS:
	case CONF_ADDRESS:
	case CONF_ADDRESSES:
	case CONF_TYPE_N:
		break;
	}
	return parse_digits(text, 10, ret);
}

bool scalar_parse_range(enum conf_type type, const char *limits, uint64_t *ret_min, uint64_t *ret_max)
{
	const char *dots = strstr(limits, "..");

	/* "0" alone is no octal mode, but it is the natural lower end of one. */
	if (!dots)
		return false;
	if (!scalar_parse(type, bytes_of(limits, (size_t)(dots - limits)), ret_min) &&
	    !(type == CONF_MODE && bytes_equal_str(bytes_of(limits, (size_t)(dots - limits)), "0") &&
	      (*ret_min = 0, true)))
		return false;
	return scalar_parse(type, bytes_of_str(dots + 2), ret_max) && *ret_min <= *ret_max;
}

/* Letters, digits, "-", "." and "_": what a resolver is asked for. An address with colons must stand in brackets. */
static bool host_is_plain(struct bytes host)
{
	if (host.n == 0 || host.n > 253)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		uint8_t c = host.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		      c == '.' || c == '_'))
			return false;
	}
	return true;
}

static bool host_is_bracketed_ipv6(struct bytes host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (host.n < 4 || host.n - 2 >= sizeof(text) || host.p[0] != '[' || host.p[host.n - 1] != ']')
		return false;
	memcpy(text, host.p + 1, host.n - 2);
	text[host.n - 2] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

bool address_parse(struct bytes text, struct arena *a, struct conf_address *ret)
{
	const uint8_t *colon = text.n > 0 ? memrchr(text.p, ':', text.n) : NULL;
	struct bytes host;
	uint64_t port;

	if (!colon)
		return false;
	host = bytes_of(text.p, (size_t)(colon - text.p));
	if (!parse_digits(bytes_of(colon + 1, text.n - host.n - 1), 10, &port) || port < 1 || port > UINT16_MAX)
		return false;
	if (host_is_bracketed_ipv6(host))
		host = bytes_of(host.p + 1, host.n - 2);
	else if (!host_is_plain(host) && !bytes_equal_str(host, "*"))
		return false;
	ret->text = arena_str(a, text);
	ret->host = arena_str(a, host);
	ret->port = (uint16_t)port;
	return ret->text && ret->host;
}
