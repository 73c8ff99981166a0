#include "manager_bench.h"

#include "gatewrightd/keys/keys.h"
#include "gatewrightd/manager/access/hasher.h"
#include "gatewrightd/manager/api/call.h"
#include "gatewrightd/manager/channel.h"
#include "gatewrightd/manager/console.h"
#include "gatewrightd/manager/inventory.h"
#include "gatewrightd/manager/targets.h"
#include "sys/clock.h"
#include "sys/http/server.h"
#include "sys/ipc/ipc.h"
#include "sys/store/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define OK(call)                                                                   \
	do {                                                                       \
		int r__ = (call);                                                  \
		if (r__ != 0)                                                      \
			fail_msg("%s: got %d: %s", #call, r__, err_text(&b->f.e)); \
	} while (0)

static const char kek_bytes[] = "0123456789abcdef0123456789abcdef";
static const char target_text[] = "gatewright-target 1\nname test\ntitle test\nkind script\nfile key.pem key /srv/test/key.pem\n"
				  "file full.pem fullchain /srv/test/full.pem\nkeystore /srv/store/%{gateway}\nreload true\n";

/* ---- time ---- */

static atomic_llong passed_s;
struct wall_time __real_clock_wall(void);
struct mono_time __real_clock_mono(void);
struct wall_time __wrap_clock_wall(void);
struct mono_time __wrap_clock_mono(void);

struct wall_time __wrap_clock_wall(void)
{
	return wall_add(__real_clock_wall(), passed_s);
}

struct mono_time __wrap_clock_mono(void)
{
	return (struct mono_time) { __real_clock_mono().ms + passed_s * 1000 };
}

void bench_pass(struct manager_bench *b, int64_t seconds)
{
	uint64_t one = 1;

	passed_s += seconds;
	assert_int_equal(write(b->m.jobs->wake_fd, &one, sizeof(one)), sizeof(one));
}

/* ---- the other processes ---- */

static void spawn(struct manager_bench *b, uint32_t id)
{
	struct buf answer;
	int pair[2];

	buf_init(&answer, WIRE_MESSAGE_MAX);
	if (b->refuse_spawn) {
		ipc_refuse(&answer, id, -EIO, "no more processes today");
		(void)!ipc_send(b->parent_fd, &answer, -1, NULL);
	} else {
		assert_int_equal(ipc_pair(pair, NULL), 0);
		wire_begin(&answer, MSG_OK, id);
		assert_int_equal(ipc_send(b->parent_fd, &answer, pair[0], NULL), 0);
		(void)close(pair[0]);
		assert_int_equal(write(b->spawned[1], &pair[1], sizeof(int)), sizeof(int));
	}
	buf_fini(&answer);
}

static void *run_parent(void *context)
{
	struct manager_bench *b = context;
	struct wire_message *m = calloc(1, sizeof(*m));
	struct buf in;

	buf_init(&in, WIRE_MESSAGE_MAX);
	while (ipc_receive(b->parent_fd, -1, &in, m, NULL, NULL) == 0)
		spawn(b, m->id);
	buf_fini(&in);
	free(m);
	return NULL;
}

static struct wall_time keys_now(void *context)
{
	(void)context;
	return clock_wall();
}

static int keys_random(void *context, uint8_t *out, size_t n, struct err *e)
{
	(void)context;
	(void)e;
	memset(out, 7, n);
	return 0;
}

static void *run_keys(void *context)
{
	struct manager_bench *b = context;

	while (keys_step(b->keys, -1, NULL) == 0)
		;
	return NULL;
}

static struct secret *secret_text(const char *text)
{
	struct secret *s = secret_of(bytes_of(text, 32));

	assert_non_null(s);
	return s;
}

static void start_others(struct manager_bench *b)
{
	int pair[2];

	OK(ipc_pair(pair, &b->f.e));
	OK(channel_new(pair[0], "parent", &b->m.parent, &b->f.e));
	b->parent_fd = pair[1];
	assert_int_equal(pipe(b->spawned), 0);
	OK(pthread_create(&b->parent_thread, NULL, run_parent, b));
	OK(ipc_pair(pair, &b->f.e));
	OK(channel_new(pair[0], "keys", &b->m.keys, &b->f.e));
	b->keys = keys_new(secret_text(kek_bytes), secret_text("the seed of a proof key, 32 byte"),
			   (struct keys_world) { keys_now, keys_random, NULL });
	assert_non_null(b->keys);
	OK(keys_add_channel(b->keys, pair[1], WHO_MANAGER, &b->f.e));
	OK(pthread_create(&b->keys_thread, NULL, run_keys, b));
}

/* ---- the store ---- */

static int64_t add_cert(struct manager_bench *b, const struct made *cert, int64_t issuer, struct bytes sealed)
{
	struct store_cert row;
	int64_t id = 0;

	OK(inventory_row(&cert->facts, b->f.a, &row, &b->f.e));
	row.issuer_id = issuer;
	row.created_at = clock_wall();
	row.sealed_key = sealed;
	assert_true(store_cert_add(b->s, &row, &id, &b->f.e) >= 0);
	return id;
}

static struct bytes sealed_key(struct manager_bench *b, const struct chain_made *c)
{
	struct secret *kek = secret_text(kek_bytes);
	struct bytes ret;
	struct buf out;

	buf_init(&out, 65536);
	OK(seal(kek, CERT_END_ENTITY, c->leaf.facts.spki_sha256, secret_bytes(c->key_pem), &out, &b->f.e));
	assert_true(arena_bytes(b->f.a, buf_bytes(&out), &ret));
	buf_fini(&out);
	secret_free(kek);
	return ret;
}

static void fill_store(struct manager_bench *b)
{
	struct store_gateway g = { .name = "edge",
				   .target = "test",
				   .params = "{}",
				   .tls = "[\"127.0.0.1:1\"]",
				   .server_names = "[\"gw.example.test\"]",
				   .ssh_host = "127.0.0.1",
				   .ssh_port = 22,
				   .ssh_user = "root",
				   .host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
				   .created_at = { 1 } };

	b->made[OLD] = chain_make(&b->f, "old", "gw.example.test", NULL);
	b->made[NEW] = chain_make(&b->f, "new", "gw.example.test", &b->made[OLD]);
	for (size_t i = 0; i < BENCH_CERTS; i++) {
		int64_t root = add_cert(b, &b->made[i].root, 0, BYTES_NONE);
		int64_t middle = add_cert(b, &b->made[i].middle, root, BYTES_NONE);

		b->cert[i] = add_cert(b, &b->made[i].leaf, middle, sealed_key(b, &b->made[i]));
	}
	OK(store_gateway_add(b->s, &g, &b->gateway, &b->f.e));
	OK(store_use_set(b->s, b->gateway, &b->cert[OLD], 1, clock_wall(), "probe", &b->f.e));
}

static void write_target(struct manager_bench *b)
{
	char *path = arena_printf(b->f.a, "%s/test.conf", b->dir);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(target_text, 1, sizeof(target_text) - 1, file), sizeof(target_text) - 1);
	assert_int_equal(fclose(file), 0);
	OK(targets_load(b->dir, &b->m.targets, &b->f.e));
	assert_int_equal(targets_n(b->m.targets), 1);
}

void bench_open(struct manager_bench *b)
{
	*b = (struct manager_bench) { .http_fd = -1 };
	passed_s = 0;
	secret_init();
	b->f.a = arena_new((size_t)256 << 20);
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/gw-manager-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	buf_init(&b->buf, WIRE_MESSAGE_MAX);
	b->m.cfg = &b->cfg;
	OK(store_pool_new(arena_printf(b->f.a, "%s/test.db", b->dir), 8, &b->m.stores, &b->f.e));
	OK(store_pool_take(b->m.stores, &b->s, &b->f.e));
	write_target(b);
	fill_store(b);
	start_others(b);
}

void bench_serve(struct manager_bench *b)
{
	OK(supervisor_start(&b->m, &b->m.jobs, &b->f.e));
	OK(hasher_start(&b->m.hasher, &b->f.e));
}

static struct sockaddr_un http_address(struct manager_bench *b)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/http", b->dir);
	return sa;
}

/* A socket of 127.0.0.1, which the configuration names. */
static int listen_https(struct manager_bench *b)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	b->door = (struct conf_address) { arena_printf(b->f.a, "127.0.0.1:%u", ntohs(sa.sin_port)), "127.0.0.1", ntohs(sa.sin_port) };
	b->cfg.https_listen = (struct conf_addresses) { &b->door, 1 };
	b->cfg.console_dir = "/nonexistent";
	return fd;
}

static void serve_http(struct manager_bench *b, struct http_listener *listeners, size_t n)
{
	struct sockaddr_un sa = http_address(b);
	struct http_config config = {
		.listeners = listeners, .listeners_n = n, .group = (gid_t)-1, .threads = 2, .routes = api_routes(), .context = &b->m
	};

	bench_serve(b);
	listeners[0].fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listeners[0].fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(listeners[0].fd, 8), 0);
	OK(http_server_start(&config, &b->m.http, &b->f.e));
	b->http_fd = listeners[0].fd;
}

void bench_serve_http(struct manager_bench *b)
{
	struct http_listener unix_socket = { -1, HTTP_UNIX };

	serve_http(b, &unix_socket, 1);
}

void bench_serve_https(struct manager_bench *b)
{
	struct http_listener listeners[] = { { -1, HTTP_UNIX }, { listen_https(b), HTTP_TLS } };

	serve_http(b, listeners, ARRAY_N(listeners));
	OK(console_new(&b->m, &b->m.console, &b->f.e));
	OK(console_start(b->m.console, &b->f.e));
}

static void remove_files(struct manager_bench *b)
{
	static const char *const files[] = { "test.db", "test.db-wal", "test.db-shm", "test.conf", "http" };

	for (size_t i = 0; i < ARRAY_N(files); i++)
		(void)unlink(arena_printf(b->f.a, "%s/%s", b->dir, files[i]));
	assert_int_equal(rmdir(b->dir), 0);
}

void bench_close(struct manager_bench *b)
{
	supervisor_stop(b->m.jobs);
	hasher_stop(b->m.hasher);
	console_stop(b->m.console);
	if (b->m.http)
		http_server_stop(b->m.http);
	supervisor_free(b->m.jobs);
	hasher_free(b->m.hasher);
	console_free(b->m.console);
	store_pool_give(b->m.stores, b->s);
	store_pool_free(b->m.stores);
	targets_free(b->m.targets);
	channel_free(b->m.keys);
	channel_free(b->m.parent);
	(void)pthread_join(b->keys_thread, NULL);
	(void)pthread_join(b->parent_thread, NULL);
	keys_free(b->keys);
	(void)close(b->parent_fd);
	(void)close(b->spawned[0]);
	(void)close(b->spawned[1]);
	for (size_t i = 0; i < BENCH_CERTS; i++)
		chain_unmake(&b->made[i], i == OLD);
	buf_fini(&b->buf);
	remove_files(b);
	arena_free(b->f.a);
}

void bench_sql(struct manager_bench *b, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(b->s->db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
}

/* ---- jobs ---- */

int64_t bench_add_job(struct manager_bench *b)
{
	struct store_job row = { .kind = "update",
				 .gateway_id = b->gateway,
				 .gateway = "edge",
				 .cert_id = b->cert[NEW],
				 .previous_id = b->cert[OLD],
				 .created_at = clock_wall(),
				 .generation = "20261124T000000Z-0000abcd",
				 .confirm_within = 60 };
	int64_t id = 0;

	OK(store_job_add(b->s, &row, &id, &b->f.e));
	return id;
}

void bench_run_job(struct manager_bench *b, int64_t job)
{
	struct buf message = bench_message(MSG_DEPLOY_JOB);

	OK(supervisor_run_job(b->m.jobs, job, 60, &message, &b->f.e));
}

struct store_job bench_job(struct manager_bench *b, int64_t job)
{
	struct store_job row = { 0 };

	OK(store_job_get(b->s, job, b->f.a, &row, &b->f.e));
	return row;
}

bool bench_uses(struct manager_bench *b, enum bench_cert cert)
{
	struct store_cert row = { 0 };

	OK(store_cert_get(b->s, b->cert[cert], b->f.a, &row, &b->f.e));
	return row.used > 0;
}

int bench_next(struct manager_bench *b, int timeout_ms)
{
	struct pollfd p = { .fd = b->spawned[0], .events = POLLIN };
	int fd = -1;

	if (poll(&p, 1, timeout_ms) <= 0)
		return -1;
	assert_int_equal(read(b->spawned[0], &fd, sizeof(fd)), sizeof(fd));
	assert_int_equal(ipc_receive(fd, BENCH_WAIT_MS, &b->buf, &b->in, NULL, &b->f.e), 0);
	assert_int_equal(b->in.type, MSG_DEPLOY_JOB);
	return fd;
}

struct buf bench_message(uint16_t type)
{
	struct buf m;

	buf_init(&m, WIRE_MESSAGE_MAX);
	wire_begin(&m, type, 77);
	return m;
}

void bench_send(struct manager_bench *b, int fd, struct buf *message, bool want_ok)
{
	OK(ipc_send(fd, message, -1, &b->f.e));
	buf_fini(message);
	if (!want_ok) {
		assert_true(bench_is_closed(b, fd));
		return;
	}
	OK(ipc_receive(fd, BENCH_WAIT_MS, &b->buf, &b->in, NULL, &b->f.e));
	assert_int_equal(b->in.type, MSG_OK);
	assert_int_equal(b->in.id, 77);
}

bool bench_is_closed(struct manager_bench *b, int fd)
{
	int r = 0;

	while (r == 0)
		r = ipc_receive(fd, BENCH_WAIT_MS, &b->buf, &b->in, NULL, &b->f.e);
	return r == 1;
}

const char *bench_probe(struct manager_bench *b, enum bench_cert cert)
{
	char print[2 * FINGERPRINT_SIZE + 1];

	if (cert == BENCH_CERTS)
		return "{\"address\":\"127.0.0.1:1\",\"ok\":false,\"error\":\"nobody listens\",\"fingerprint\":null}";
	for (size_t i = 0; i < FINGERPRINT_SIZE; i++)
		(void)snprintf(print + 2 * i, 3, "%02x", b->made[cert].leaf.facts.fingerprint[i]);
	return arena_printf(b->f.a, "{\"address\":\"127.0.0.1:1\",\"ok\":true,\"error\":null,\"fingerprint\":\"%s\"}", print);
}

/* ---- HTTP ---- */

const char *bench_http(struct manager_bench *b, const char *method, const char *path, const char *body)
{
	return bench_http_with(b, method, path, "", body);
}

const char *bench_http_with(struct manager_bench *b, const char *method, const char *path, const char *headers,
			    const char *body)
{
	struct sockaddr_un sa = http_address(b);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *request = arena_printf(b->f.a,
				     "%s /api/v1/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
				     "Content-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
				     method, path, headers, strlen(body), body);
	char *answer = arena_alloc(b->f.a, 65536);
	size_t n = 0;
	ssize_t got;

	assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	while (n < 65535 && (got = read(fd, answer + n, 65535 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	(void)close(fd);
	return answer;
}
