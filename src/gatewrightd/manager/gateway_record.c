#include "gatewrightd/manager/gateway_record.h"

#include "sys/store/jobs.h"

#include <errno.h>
#include <sodium.h>

json_t *gateway_json_of(const char *text)
{
	return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

/* Strings of a JSON list into `a`. */
static int take_list(const char *text, const char *member, size_t max, struct arena *a, const char **ret, size_t *ret_n,
		     struct err *e)
{
	json_t *list = gateway_json_of(text);
	int r = 0;

	if (!json_is_array(list) || json_array_size(list) > max)
		r = err_set(e, -EINVAL, "%s: want a list of at most %zu", member, max);
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);

		ret[i] = json_is_string(v) ? arena_str(a, bytes_of(json_string_value(v), json_string_length(v))) : NULL;
		if (!ret[i])
			r = err_set(e, -EINVAL, "%s: want strings", member);
		else
			*ret_n = i + 1;
	}
	json_decref(list);
	return r;
}

static int take_params(const struct store_gateway *row, struct arena *a, struct gateway_record *g, struct err *e)
{
	json_t *params = gateway_json_of(row->params);
	const char *name;
	json_t *v;
	int r = 0;

	if (!json_is_object(params) || json_object_size(params) > TARGET_PARAMS_MAX) {
		json_decref(params);
		return err_set(e, -EINVAL, "params: want an object of at most %d members", TARGET_PARAMS_MAX);
	}
	json_object_foreach(params, name, v)
	{
		g->pairs[g->pairs_n] = json_is_string(v) ? arena_printf(a, "%s=%s", name, json_string_value(v)) : NULL;
		if (!g->pairs[g->pairs_n++]) {
			r = err_set(e, -EINVAL, "params: '%s': want a string", name);
			break;
		}
	}
	json_decref(params);
	return r;
}

static int take_target(const struct targets *targets, struct arena *a, struct gateway_record *g, struct err *e)
{
	struct target_stage_file files[TARGET_FILES_MAX];
	struct bytes pairs[TARGET_PARAMS_MAX];
	size_t n = 0;
	int r;

	g->target = targets_find(targets, g->row.target, &g->target_text);
	if (!g->target)
		return err_set(e, -EINVAL, "target: there is no kind of gateway '%s'; ask for the list of targets",
			       g->row.target);
	for (size_t i = 0; i < g->pairs_n; i++)
		pairs[i] = bytes_of_str(g->pairs[i]);
	r = target_values_make(g->target, g->row.name, pairs, g->pairs_n, a, &g->values, e);
	if (r == 0) /* paths are checked when they are expanded */
		r = target_stage_list(g->target, &g->values, a, files, &n, e);
	return r < 0 ? err_wrap(e, r, "params") : 0;
}

static int check_addresses(const struct gateway_record *g, struct err *e)
{
	struct gateway_address address;
	int r = 0;

	if (g->tls_n == 0)
		return err_set(e, -EINVAL,
			       "tls: want at least one address \"host:port\", so that what is served can be proven");
	for (size_t i = 0; r == 0 && i < g->tls_n; i++)
		r = gateway_parse_address(bytes_of_str(g->tls[i]), &address, e);
	if (r < 0)
		return err_wrap(e, r, "tls");
	for (size_t i = 0; r == 0 && i < g->server_names_n; i++)
		r = gateway_check_server_name(bytes_of_str(g->server_names[i]), e);
	return r < 0 ? err_wrap(e, r, "server_names") : 0;
}

static int check_ssh(const struct store_gateway *row, struct err *e)
{
	int r = gateway_check_host(bytes_of_str(row->ssh_host), e);

	if (r < 0)
		return err_wrap(e, r, "ssh.host");
	r = gateway_check_ssh_port(row->ssh_port, e);
	if (r == 0)
		r = gateway_check_ssh_user(bytes_of_str(row->ssh_user), e);
	if (r == 0 && row->host_key)
		r = gateway_check_host_key(bytes_of_str(row->host_key), e);
	return r;
}

int gateway_record_of(const struct store_gateway *row, const struct targets *targets, struct arena *a,
		      struct gateway_record *ret, struct err *e)
{
	int r = gateway_check_name(bytes_of_str(row->name), e);

	*ret = (struct gateway_record) { .row = *row };
	if (r == 0 && targets)
		r = take_params(row, a, ret, e);
	if (r == 0 && targets)
		r = take_target(targets, a, ret, e);
	if (r == 0)
		r = take_list(row->tls, "tls", GATEWAY_ADDRESSES_MAX, a, ret->tls, &ret->tls_n, e);
	if (r == 0)
		r = take_list(row->server_names, "server_names", GATEWAY_SERVER_NAMES_MAX, a, ret->server_names,
			      &ret->server_names_n, e);
	if (r == 0)
		r = check_addresses(ret, e);
	return r < 0 ? r : check_ssh(row, e);
}

int gateway_record_need(struct store *s, const struct targets *targets, const char *name, struct arena *a,
			struct gateway_record **ret, struct err *e)
{
	struct gateway_record *g = arena_alloc(a, sizeof(*g));
	struct store_gateway row;
	int r = g ? store_gateway_by_name(s, name, a, &row, e) : err_nomem(e);

	if (r > 0)
		return err_set(e, -ENOENT, "there is no gateway '%s'", name);
	if (r == 0)
		r = gateway_record_of(&row, targets, a, g, e);
	if (r < 0)
		return r == -ENOMEM ? r : err_wrap(e, r, "gateway '%s'", name);
	*ret = g;
	return 0;
}

int gateway_mark(struct store *s, const struct store_gateway *row, struct gateway_mark *ret, struct err *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1024 * 1024);
	struct store_job *last = NULL;
	crypto_hash_sha256_state hash;
	const char *next = NULL;
	size_t n = 0;
	int r = a ? store_job_list(s, row->id, NULL, (struct store_page) { .cursor = "", .limit = 1 }, a, &last, &n,
				   &next, e)
		  : err_nomem(e);

	if (r < 0)
		return r;
	ret->idle = n == 0 || last[0].done;
	ret->last_job = n == 0 ? 0 : last[0].id;
	(void)crypto_hash_sha256_init(&hash);
	(void)crypto_hash_sha256_update(&hash, (const uint8_t *)row->tls, strlen(row->tls) + 1);
	(void)crypto_hash_sha256_update(&hash, (const uint8_t *)row->server_names, strlen(row->server_names) + 1);
	(void)crypto_hash_sha256_final(&hash, ret->looked_at);
	return 0;
}

bool gateway_is_unchanged(const struct gateway_mark *before, const struct gateway_mark *now)
{
	return before->idle && now->idle && before->last_job == now->last_job &&
	       memcmp(before->looked_at, now->looked_at, sizeof(now->looked_at)) == 0;
}
