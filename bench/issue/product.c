#include "product.h"

#include "gatewrightd/keys/keys.h"
#include "gatewrightd/manager/channel.h"
#include "gatewrightd/manager/issue.h"
#include "sys/clock.h"
#include "sys/ipc/ipc.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct wall_time world_now(void *context)
{
	(void)context;
	return clock_wall();
}

static int world_random(void *context, uint8_t *out, size_t n, struct err *e)
{
	(void)context;
	(void)e;
	randombytes_buf(out, n);
	return 0;
}

/* The keys process: as in gatewrightd, without its sandbox and files. Ends with its manager. */
static NORETURN void serve_keys(int fd)
{
	struct secret *kek = secret_new(SEAL_KEK_SIZE), *seed = secret_new(PROOF_SEED_SIZE);
	struct err e = { 0 };
	struct keys *keys;

	secret_init_key_heap();
	randombytes_buf(secret_data(kek), SEAL_KEK_SIZE);
	keys = keys_new(kek, seed, (struct keys_world) { world_now, world_random, NULL });
	if (!keys || keys_add_channel(keys, fd, WHO_MANAGER, &e) < 0)
		_exit(1);
	while (keys_step(keys, -1, &e) == 0)
		;
	_exit(0);
}

static int start_keys(struct channel **ret, pid_t *ret_pid, struct err *e)
{
	int pair[2], r = ipc_pair(pair, e);

	if (r < 0)
		return r;
	*ret_pid = fork();
	if (*ret_pid < 0)
		return err_errno(e, "fork");
	if (*ret_pid == 0) {
		close(pair[0]);
		serve_keys(pair[1]);
	}
	close(pair[1]);
	return channel_new(pair[0], "keys", ret, e);
}

static void fill(struct issue_item *item, enum cert_kind kind, int number, int64_t issuer, struct arena *a)
{
	item->order = (struct issue_order) { .has_kind = true,
					     .request = { .kind = kind,
							  .organization = "Example",
							  .locality = "Madrid",
							  .country = "ES",
							  .path_len = -1 },
					     .issuer_id = issuer };
	item->order.request.display_name = arena_printf(a, "gateway %d", number);
	if (kind == CERT_END_ENTITY)
		item->order.request.names = arena_printf(a, "gw%d.example.net;192.0.2.1", number);
}

/* What the API does for one call with `n` certificates. */
static int issue_call(struct manager *m, struct store *s, enum cert_kind kind, int first, int n, int64_t issuer,
		      int64_t *ret_id, struct err *e)
{
	struct arena *a CLEANUP(arena_freep) = arena_new(MANAGER_ARENA_MAX);
	struct issue_item *items = a ? arena_alloc_array(a, (size_t)n, sizeof(*items)) : NULL;
	size_t at;
	int r;

	if (!items)
		return err_nomem(e);
	for (int i = 0; i < n; i++)
		fill(&items[i], kind, first + i, issuer, a);
	r = issue_certificates(m, s, items, (size_t)n, false, clock_wall(), a, &at, e);
	*ret_id = items[0].id;
	return r > 0 ? -EINVAL : r;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int run(struct manager *m, struct store *s, int n, int batch, double *ret_ms, struct err *e)
{
	int64_t root = 0, id;
	int r = issue_call(m, s, CERT_ROOT, 0, 1, 0, &root, e);
	double start;

	if (r == 0)
		r = issue_call(m, s, CERT_END_ENTITY, 1, 1, root, &id,
			       e); /* throw-away keys and caches are there after the first */
	start = now_ms();
	for (int i = 0; i < n && r == 0; i += batch)
		r = issue_call(m, s, CERT_END_ENTITY, 2 + i, n - i < batch ? n - i : batch, root, &id, e);
	*ret_ms = (now_ms() - start) / n;
	return r;
}

int product_issue(const char *directory, int n, int batch, double *ret_ms, struct err *e)
{
	struct store *s CLEANUP(store_closep) = NULL;
	struct manager m = { .cfg = NULL };
	char path[4096];
	pid_t keys = -1;
	int r = start_keys(&m.keys, &keys, e);

	if (snprintf(path, sizeof(path), "%s/store-%d.db", directory, batch) >= (int)sizeof(path))
		r = err_set(e, -EINVAL, "directory: its name is too long");
	if (r == 0)
		r = store_open(path, &s, e);
	if (r == 0)
		r = run(&m, s, n, batch, ret_ms, e);
	channel_free(m.keys);
	if (keys > 0)
		(void)waitpid(keys, NULL, 0);
	return r;
}
