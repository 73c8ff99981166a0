#include "gatewrightd/manager/fleet.h"

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

static int take_cert(struct reading *d, const struct store_cert_use *row, int64_t console, struct err *e)
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
	struct store_cert_use *rows = NULL;
	int64_t console = 0;
	size_t n = 0;
	int r = store_console_get(d->s, &console, e);

	if (r == 0)
		r = store_cert_in_use(d->s, FLEET_CERTS_MAX, d->a, &rows, &n, e);
	if (r < 0)
		return r;
	d->fleet->certs = arena_alloc_array(d->a, n + 1, sizeof(*d->fleet->certs));
	if (!d->fleet->certs)
		return err_nomem(e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = take_cert(d, &rows[i], console, e);
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

static enum fleet_probe probe_of(const struct store_gateway_state *row)
{
	if (row->probed_at.s == 0)
		return FLEET_PROBE_NEVER;
	return row->probe_ok ? FLEET_PROBE_GOOD : FLEET_PROBE_BAD;
}

static int take_gateway(struct reading *d, const struct store_gateway_state *row, struct err *e)
{
	struct fleet_gateway *g = &d->fleet->gateways[d->fleet->gateways_n++];
	struct fleet_cert *cert = bsearch(&row->cert_id, d->fleet->certs, d->fleet->certs_n, sizeof(*cert), compare_id);

	*g = (struct fleet_gateway) { .name = row->name,
				      .cert = cert,
				      .probed_at = row->probed_at,
				      .probe = probe_of(row),
				      .trouble = row->trouble ? row->trouble : "its last probe saw trouble",
				      .active_job = row->active_job };
	if (cert && !add_name(cert, g->name, d->a))
		return err_nomem(e);
	g->state = fleet_judge_gateway(cert ? cert->state : FLEET_UNKNOWN, g->probe);
	return 0;
}

static int read_gateways(struct reading *d, struct err *e)
{
	struct store_gateway_state *rows = NULL;
	size_t n = 0;
	int r = store_gateway_states(d->s, FLEET_GATEWAYS_MAX, d->a, &rows, &n, e);

	if (r < 0)
		return r;
	d->fleet->gateways = arena_alloc_array(d->a, n + 1, sizeof(*d->fleet->gateways));
	if (!d->fleet->gateways)
		return err_nomem(e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = take_gateway(d, &rows[i], e);
	return r;
}

int fleet_read(struct store *s, struct arena *a, struct wall_time now, struct fleet *ret, struct err *e)
{
	struct reading d = { .s = s, .a = a, .now = now, .fleet = ret };
	int r;

	*ret = (struct fleet) { 0 };
	d.issuers = arena_alloc_array(a, ISSUERS_MAX, sizeof(*d.issuers));
	if (!d.issuers)
		return err_nomem(e);
	r = read_certs(&d, e);
	return r < 0 ? r : read_gateways(&d, e);
}
