#include "gatewrightd/manager/console_certificate.h"

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

int console_certificate_read(struct manager *m, struct store *s, int64_t id, struct arena *a, struct buf *chain_pem,
			     struct secret **ret_key, struct err *e)
{
	struct stored_chain *chain = NULL;
	int r = inventory_need(s, id, a, &chain, e);

	if (r == 0 && chain->sealed_key.n == 0)
		r = err_set(e, -EPROTO,
			    "certificate %lld '%s': want one whose private key is kept here, got one without",
			    (long long)id, chain->cert.display_name);
	for (size_t i = 0; r == 0 && i < chain->facts.n; i++)
		if (i == 0 || chain->facts.n - 1 != i) /* the root is the client's own business */
			r = x509_der_to_pem(chain->ders[i], chain_pem, e);
	return r < 0 ? r : keys_ask_console_key(m->keys, chain->ders[0], chain->sealed_key, ret_key, e);
}
