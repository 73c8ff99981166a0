#include "gatewrightd/manager/console_certificate.h"

#include "core/pki/lifetime.h"
#include "core/pki/name.h"
#include "gatewrightd/manager/issue.h"
#include "gatewrightd/manager/keys_client.h"
#include "sys/crypto/x509.h"

#include <errno.h>
#include <unistd.h>

#define ROOT_NAME "Gatewright Console CA"
#define LEAF_NAME "Gatewright Console"
#define HOST_NAME_SIZE 256
#define NAMES_MAX 8192
#define SUCCESSORS_MAX 100
#define CHAIN_PEM_MAX (1024 * 1024)

/* This host's name, unless no certificate may hold it. */
static const char *host_name(char out[HOST_NAME_SIZE], struct arena *a)
{
	struct general_name name;

	out[HOST_NAME_SIZE - 1] = '\0';
	if (gethostname(out, HOST_NAME_SIZE - 1) < 0 || name_parse(bytes_of_str(out), a, &name, NULL) < 0)
		return NULL;
	return out;
}

static const char *names_of(const struct gatewrightd_config *cfg, struct arena *a)
{
	char host[HOST_NAME_SIZE];
	const char *own = host_name(host, a), *ret;
	struct buf b;

	buf_init(&b, NAMES_MAX);
	for (size_t i = 0; i < cfg->console_names.n; i++)
		buf_printf(&b, "%s%s", i > 0 ? ";" : "", cfg->console_names.items[i]);
	if (cfg->console_names.n == 0)
		buf_printf(&b, "%s%slocalhost;127.0.0.1;::1", own && strcmp(own, "localhost") != 0 ? own : "",
			   own && strcmp(own, "localhost") != 0 ? ";" : "");
	ret = arena_str(a, buf_bytes(&b));
	buf_fini(&b);
	return ret;
}

static int issue(struct manager *m, struct store *s, const struct cert_request *request, int64_t issuer,
		 struct wall_time now, struct arena *a, int64_t *ret_id, struct err *e)
{
	struct issue_item item = { .order = { .has_kind = true, .request = *request, .issuer_id = issuer } };
	size_t at = 0;
	int r = issue_certificates(m, s, &item, 1, false, now, a, &at, e);

	*ret_id = item.id;
	return r > 0 ? -EPROTO : r;
}

static int make(struct manager *m, struct store *s, struct wall_time now, struct arena *a, int64_t *ret_id,
		struct err *e)
{
	struct cert_request root = { .kind = CERT_ROOT, .display_name = ROOT_NAME };
	struct cert_request leaf = { .kind = CERT_END_ENTITY, .display_name = LEAF_NAME, .names = names_of(m->cfg, a) };
	int64_t root_id = 0;
	int r = leaf.names ? issue(m, s, &root, 0, now, a, &root_id, e) : err_nomem(e);

	if (r == 0)
		r = issue(m, s, &leaf, root_id, now, a, ret_id, e);
	return r < 0 ? r : store_console_set(s, *ret_id, now, e);
}

int console_certificate_make(struct manager *m, struct store *s, struct wall_time now, struct arena *a, int64_t *ret_id,
			     struct err *e)
{
	int r = store_begin(s, e);

	if (r == 0)
		r = store_end(s, make(m, s, now, a, ret_id, e), e);
	return r < 0 ? err_wrap(e, r, "make the console's certificate") : 0;
}

/* One that was made before, and could not be set then. 1: there is none. */
static int find_successor(struct store *s, const struct stored_chain *old, struct wall_time now, struct arena *a,
			  int64_t *ret_id, struct err *e)
{
	int64_t ids[SUCCESSORS_MAX];
	size_t n = 0;
	int r = store_cert_successors(s, old->cert.id, ids, SUCCESSORS_MAX, &n, e);

	while (r == 0 && n-- > 0) {
		struct store_cert c = { 0 };

		r = store_cert_get(s, ids[n], a, &c, e);
		if (r == 0 && c.has_key && !c.revoked && c.kind == CERT_END_ENTITY &&
		    c.not_after.s > old->cert.not_after.s && c.not_before.s <= now.s) {
			*ret_id = c.id;
			return 0;
		}
	}
	return r < 0 ? r : 1;
}

static int make_successor(struct manager *m, struct store *s, int64_t id, struct wall_time not_after,
			  struct wall_time now, struct arena *a, int64_t *ret_id, struct err *e)
{
	struct issue_item item = { .order = { .request = { .not_after = not_after }, .renews_id = id } };
	size_t at = 0;
	int r = issue_certificates(m, s, &item, 1, false, now, a, &at, e);

	*ret_id = item.id;
	return r > 0 ? -EPROTO : r;
}

int console_certificate_renew(struct manager *m, struct store *s, int64_t id, struct wall_time now, struct arena *a,
			      int64_t *ret_id, struct err *e)
{
	struct stored_chain *old = NULL;
	struct wall_time not_after, end;
	int64_t life_s;
	int r = inventory_need(s, id, a, &old, e);

	if (r < 0)
		return r;
	life_s = old->cert.not_after.s - old->cert.not_before.s;
	end = old->cert.not_after;
	for (size_t i = 1; i < old->facts.n; i++)
		if (i == 1 || old->facts.certs[i].not_after.s < end.s)
			end = old->facts.certs[i].not_after;
	switch (lifetime_judge(old->cert.not_before, old->cert.not_after, end, life_s, now, &not_after)) {
	case LIFETIME_GOOD:
		return 1;
	case LIFETIME_BY_HAND:
		return err_set(e, -EPROTO,
			       "certificate %lld '%s' is to be replaced by a person: what issued it ends too soon for "
			       "a successor",
			       (long long)id, old->cert.display_name);
	case LIFETIME_RENEW:
		break;
	}
	r = find_successor(s, old, now, a, ret_id, e);
	if (r > 0)
		r = make_successor(m, s, id, not_after, now, a, ret_id, e);
	return r < 0 ? err_wrap(e, r, "make the successor of the console's certificate") : 0;
}

static int read_key(struct manager *m, const struct stored_chain *chain, struct buf *pem, struct http_certificate **ret,
		    struct err *e)
{
	CLEANUP(secret_freep) struct secret *key = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < chain->facts.n; i++)
		if (i == 0 || i + 1 < chain->facts.n ||
		    !chain->facts.complete) /* a client has the root, or trusts nothing */
			r = x509_der_to_pem(chain->ders[i], pem, e);
	if (r == 0)
		r = keys_ask_console_key(m->keys, chain->ders[0], chain->sealed_key, &key, e);
	return r < 0 ? r : http_certificate_new(buf_bytes(pem), key, ret, e);
}

int console_certificate_read(struct manager *m, struct store *s, int64_t id, struct arena *a, struct stored_chain **ret,
			     struct http_certificate **ret_served, struct err *e)
{
	struct buf pem;
	int r = inventory_need(s, id, a, ret, e);

	if (r < 0)
		return r;
	if ((*ret)->sealed_key.n == 0)
		return err_set(e, -EPROTO,
			       "certificate %lld '%s': want one whose private key is kept here, got one without",
			       (long long)id, (*ret)->cert.display_name);
	buf_init(&pem, CHAIN_PEM_MAX);
	r = read_key(m, *ret, &pem, ret_served, e);
	buf_fini(&pem);
	return r < 0 ? err_wrap(e, r, "load certificate %lld '%s'", (long long)id, (*ret)->cert.display_name) : 0;
}
