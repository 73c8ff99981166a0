#include "gatewrightd/manager/fleet.h"

#include "gatewrightd/manager/jobs/probes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCRATCH_MAX (8u * 1024 * 1024)
#define ISSUERS_MAX 4096 /* whose ends are remembered; beyond, they are read again */

struct reading {
	struct store *s;
	struct arena *a;
	struct wall_time now;
	struct fleet *fleet;
	struct {
		int64_t id;
		struct wall_time end;
	} * issuers; /* the earliest end from there up */
	size_t issuers_n;
};

static struct wall_time earlier(struct wall_time x, struct wall_time y)
{
	return x.s < y.s ? x : y;
}

static int chain_end_of(struct reading *d, int64_t id, struct wall_time *ret, struct err *e)
{
	CLEANUP(arena_freep) struct arena *scratch = NULL;
	struct store_cert c = { 0 };
	int r;

	for (size_t i = 0; i < d->issuers_n; i++) {
		if (d->issuers[i].id != id)
			continue;
		*ret = d->issuers[i].end;
		return 0;
	}
	*ret = (struct wall_time) { INT64_MAX };
	for (int64_t at = id; at != 0; at = c.issuer_id) {
		arena_free(scratch);
		scratch = arena_new(SCRATCH_MAX);
		r = scratch ? store_cert_get(d->s, at, scratch, &c, e) : err_nomem(e);
		if (r != 0)
			return r < 0 ? r : err_set(e, -EIO, "certificate %lld is not there", (long long)at);
		*ret = earlier(*ret, c.not_after);
	}
	if (d->issuers_n < ISSUERS_MAX) {
		d->issuers[d->issuers_n].id = id;
		d->issuers[d->issuers_n++].end = *ret;
	}
	return 0;
}

static int take_cert(struct reading *d, const struct store_cert *row, int64_t console, struct err *e)
{
	struct fleet_cert *c = &d->fleet->certs[d->fleet->certs_n];
	struct wall_time above = { INT64_MAX };
	int r = row->issuer_id != 0 ? chain_end_of(d, row->issuer_id, &above, e) : 0;

	if (r < 0)
		return r;
	*c = (struct fleet_cert) { .row = *row,
				   .chain_end = earlier(above, row->not_after),
				   .console = row->id == console };
	c->state = fleet_judge_certificate(c->chain_end, row->revoked, d->now);
	d->fleet->certs_n++;
	return 0;
}

static int read_certs(struct reading *d, struct err *e)
{
	struct store_cert_query q = { .kind = -1, .used = true, .page = { .cursor = "", .limit = STORE_PAGE_MAX } };
	int64_t console = 0;
	int r = store_console_get(d->s, &console, e);

	while (r == 0 && q.page.cursor && d->fleet->certs_n < FLEET_CERTS_MAX) {
		struct store_cert *rows = NULL;
		size_t n = 0;

		r = store_cert_list(d->s, &q, d->a, &rows, &n, &q.page.cursor, e);
		for (size_t i = 0; r == 0 && i < n && d->fleet->certs_n < FLEET_CERTS_MAX; i++)
			r = take_cert(d, &rows[i], console, e);
	}
	return r;
}

static int compare_id(const void *key, const void *cert)
{
	int64_t id = *(const int64_t *)key, other = ((const struct fleet_cert *)cert)->row.id;

	return id < other ? -1 : id > other;
}

static bool add_name(struct fleet_cert *c, const char *name, struct arena *a)
{
	if (!c->gateways)
		c->gateways = arena_alloc_array(
			a, FLEET_NAMES_MAX < c->row.used ? FLEET_NAMES_MAX : (size_t)c->row.used, sizeof(*c->gateways));
	if (!c->gateways)
		return false;
	if (c->gateways_n < FLEET_NAMES_MAX && c->gateways_n < (size_t)c->row.used)
		c->gateways[c->gateways_n++] = name;
	return true;
}

/* Compact JSON of our own making: inside a string a quote is escaped, so these words are members. */
static enum fleet_probe judge_probe(const char *body)
{
	if (!body)
		return FLEET_PROBE_NEVER;
	return strstr(body, "\"ok\":true") && !strstr(body, "\"ok\":false") ? FLEET_PROBE_GOOD : FLEET_PROBE_BAD;
}

static int read_probe(struct reading *d, int64_t id, struct fleet_gateway *g, struct err *e)
{
	CLEANUP(arena_freep) struct arena *scratch = arena_new(SCRATCH_MAX);
	char trouble[FLEET_TROUBLE_MAX];
	const char *body = NULL;
	int r = scratch ? store_probe_last(d->s, id, scratch, &g->probed_at, &body, e) : err_nomem(e);

	if (r < 0)
		return r;
	g->probe = judge_probe(body);
	if (g->probe != FLEET_PROBE_BAD)
		return 0;
	probes_trouble(body, trouble, sizeof(trouble));
	g->trouble = arena_str(d->a, bytes_of_str(trouble[0] ? trouble : "its last probe saw nothing"));
	return g->trouble ? 0 : err_nomem(e);
}

static int take_gateway(struct reading *d, const struct store_gateway *row, struct err *e)
{
	struct fleet_gateway *g = &d->fleet->gateways[d->fleet->gateways_n++];
	struct store_use use = { 0 };
	struct fleet_cert *cert = NULL;
	size_t n = 0;
	int r = store_use_of_gateway(d->s, row->id, d->a, &use, 1, &n, e);

	*g = (struct fleet_gateway) { .name = row->name };
	if (r == 0)
		r = store_gateway_active_job(d->s, row->id, &g->active_job, e);
	if (r == 0)
		r = read_probe(d, row->id, g, e);
	if (r < 0)
		return r;
	if (n > 0)
		cert = bsearch(&use.cert_id, d->fleet->certs, d->fleet->certs_n, sizeof(*cert), compare_id);
	if (cert && !add_name(cert, g->name, d->a))
		return err_nomem(e);
	g->cert = cert;
	g->state = fleet_judge_gateway(cert ? cert->state : FLEET_UNKNOWN, g->probe);
	return 0;
}

static int read_gateways(struct reading *d, struct err *e)
{
	struct store_page page = { .cursor = "", .limit = STORE_PAGE_MAX };
	int r = 0;

	while (r == 0 && page.cursor && d->fleet->gateways_n < FLEET_GATEWAYS_MAX) {
		struct store_gateway *rows = NULL;
		size_t n = 0;

		r = store_gateway_list(d->s, page, d->a, &rows, &n, &page.cursor, e);
		for (size_t i = 0; r == 0 && i < n && d->fleet->gateways_n < FLEET_GATEWAYS_MAX; i++)
			r = take_gateway(d, &rows[i], e);
	}
	return r;
}

int fleet_read(struct store *s, struct arena *a, struct wall_time now, struct fleet *ret, struct err *e)
{
	struct reading d = { .s = s, .a = a, .now = now, .fleet = ret };
	int r;

	*ret = (struct fleet) { 0 };
	d.issuers = arena_alloc_array(a, ISSUERS_MAX, sizeof(*d.issuers));
	ret->certs = arena_alloc_array(a, FLEET_CERTS_MAX, sizeof(*ret->certs));
	ret->gateways = arena_alloc_array(a, FLEET_GATEWAYS_MAX, sizeof(*ret->gateways));
	if (!d.issuers || !ret->certs || !ret->gateways)
		return err_nomem(e);
	r = read_certs(&d, e);
	return r < 0 ? r : read_gateways(&d, e);
}
