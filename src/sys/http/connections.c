#include "sys/http/connections.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

void connections_init(struct http_connections *cs, unsigned int source_max, int64_t receive_ms)
{
	*cs = (struct http_connections) { .source_max = source_max, .receive_ms = receive_ms };
	(void)pthread_mutex_init(&cs->lock, NULL);
}

void connections_fini(struct http_connections *cs)
{
	assert(!cs->first);
	(void)pthread_mutex_destroy(&cs->lock);
}

/* IPv4 as the IPv6 address that is mapped to it, RFC 4291 section 2.5.5.2; false: it is none of both. */
static bool source_of(const struct sockaddr *address, uint8_t out[CONNECTION_SOURCE_SIZE])
{
	struct in6_addr v6 = { 0 };

	if (address && address->sa_family == AF_INET) {
		v6.s6_addr[10] = v6.s6_addr[11] = 0xff;
		memcpy(&v6.s6_addr[12], &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	} else if (address && address->sa_family == AF_INET6) {
		v6 = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		if (!IN6_IS_ADDR_V4MAPPED(&v6))
			memset(&v6.s6_addr[8], 0, 8);
	} else {
		return false;
	}
	memcpy(out, v6.s6_addr, CONNECTION_SOURCE_SIZE);
	return true;
}

/* The list is short: HTTP_CONNECTIONS_MAX of each door. */
bool connections_may_enter(struct http_connections *cs, const struct sockaddr *address)
{
	uint8_t source[CONNECTION_SOURCE_SIZE];
	unsigned int n = 0;

	if (cs->source_max == 0 || !source_of(address, source))
		return true;
	(void)pthread_mutex_lock(&cs->lock);
	for (const struct http_connection *c = cs->first; c; c = c->next)
		n += c->has_source && memcmp(c->source, source, sizeof(source)) == 0;
	(void)pthread_mutex_unlock(&cs->lock);
	return n < cs->source_max;
}

static void await(const struct http_connections *cs, struct http_connection *c, struct mono_time now)
{
	c->receiving = true;
	c->late_at.ms = now.ms + cs->receive_ms;
}

void connections_add(struct http_connections *cs, struct http_connection *c, const struct sockaddr *address,
		     struct mono_time now)
{
	c->has_source = source_of(address, c->source);
	await(cs, c, now);
	(void)pthread_mutex_lock(&cs->lock);
	c->next = cs->first;
	c->prev_next = &cs->first;
	if (c->next)
		c->next->prev_next = &c->next;
	cs->first = c;
	(void)pthread_mutex_unlock(&cs->lock);
}

void connections_remove(struct http_connections *cs, struct http_connection *c)
{
	(void)pthread_mutex_lock(&cs->lock);
	*c->prev_next = c->next;
	if (c->next)
		c->next->prev_next = c->prev_next;
	(void)pthread_mutex_unlock(&cs->lock);
}

void connection_received(struct http_connections *cs, struct http_connection *c)
{
	(void)pthread_mutex_lock(&cs->lock);
	c->receiving = false;
	(void)pthread_mutex_unlock(&cs->lock);
}

void connection_awaits(struct http_connections *cs, struct http_connection *c, struct mono_time now)
{
	(void)pthread_mutex_lock(&cs->lock);
	await(cs, c, now);
	(void)pthread_mutex_unlock(&cs->lock);
}

unsigned int connections_cut_late(struct http_connections *cs, struct mono_time now)
{
	unsigned int n = 0;

	(void)pthread_mutex_lock(&cs->lock);
	for (struct http_connection *c = cs->first; c; c = c->next) {
		if (!c->receiving || now.ms < c->late_at.ms)
			continue;
		c->receiving = false;
		(void)shutdown(c->fd, SHUT_RDWR);
		n++;
	}
	(void)pthread_mutex_unlock(&cs->lock);
	return n;
}
