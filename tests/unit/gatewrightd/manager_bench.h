/*
 * A manager without processes: its store, its supervisor and its HTTP server for real; the keys process as a thread; a
 * parent that hands every deploy process's end of the channel to the test, which then is that process. Time is the
 * test's own: it passes when bench_pass() says so (the program is linked with --wrap for both clocks).
 */
#ifndef GW_TESTS_GATEWRIGHTD_MANAGER_BENCH_H
#define GW_TESTS_GATEWRIGHTD_MANAGER_BENCH_H

#include "deploy_bench.h"
#include "gatewrightd/manager/jobs/work.h"
#include "gatewrightd/manager/manager.h"

#include <pthread.h>

#define BENCH_WAIT_MS 90000 /* then a test gives up waiting for a state */

enum bench_cert { OLD, NEW, BENCH_CERTS };

struct manager_bench {
	struct fixture f;
	char dir[64];
	struct gatewrightd_config cfg;
	struct conf_address door;
	struct manager m;
	struct store *s; /* the test's own connection */
	struct keys *keys;
	int parent_fd, spawned[2]; /* the fake parent's end; a pipe of descriptors */
	int http_fd;		   /* -1: no HTTP */
	atomic_bool refuse_spawn, stop;
	pthread_t parent_thread, keys_thread;
	struct chain_made made[BENCH_CERTS];
	int64_t cert[BENCH_CERTS], gateway;
	struct wire_message in; /* the last message that a fake deploy process received; views live in `buf` */
	struct buf buf;
};

/* The gateway "edge" uses OLD, NEW may follow. supervisor_start() is the test's, so that it can prepare the store. */
void bench_open(struct manager_bench *b);
void bench_serve(struct manager_bench *b); /* the supervisor */
void bench_serve_http(struct manager_bench *b);
void bench_serve_https(struct manager_bench *b); /* and the console, on a free port of 127.0.0.1 */
void bench_close(struct manager_bench *b);

void bench_sql(struct manager_bench *b, const char *text);
void bench_pass(struct manager_bench *b, int64_t seconds);

/* A job from OLD to NEW in the store; its process, when the test is asked to be one. */
int64_t bench_add_job(struct manager_bench *b);
void bench_run_job(struct manager_bench *b, int64_t job);
struct store_job bench_job(struct manager_bench *b, int64_t job);
bool bench_uses(struct manager_bench *b, enum bench_cert cert);

/* The channel of the next process that was started; -1: none within `timeout_ms`. The job that it got is in b->in. */
int bench_next(struct manager_bench *b, int timeout_ms);

/* What a process says. `want_ok`: waits for the answer; else for the end of the channel. */
void bench_send(struct manager_bench *b, int fd, struct buf *message, bool want_ok);
bool bench_is_closed(struct manager_bench *b, int fd); /* waits for it */
struct buf bench_message(uint16_t type);

/* A probe's text that saw `cert`; BENCH_CERTS: no handshake. In the arena. */
const char *bench_probe(struct manager_bench *b, enum bench_cert cert);

/* One HTTP request, the whole answer with its status line, in the arena. */
const char *bench_http(struct manager_bench *b, const char *method, const char *path, const char *body);

/* The same with more headers, each ended by "\r\n". */
const char *bench_http_with(struct manager_bench *b, const char *method, const char *path, const char *headers,
			    const char *body);

#endif
