/*
 * GET as fast as answers come: api_bench SOCKET|ADDRESS:PORT CLIENTS SECONDS TOKEN_FILE|- PATH... An address of IPv4 is asked over
 * TLS 1.3, whoever answers. Each client has a connection of its own that stays open, and asks for the paths in turn, beginning at
 * another one. Prints "requests/s median_ms p99_ms".
 */
#include "base/bytes.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 64
#define SAMPLES_MAX 400000
#define ANSWER_MAX (32 * 1024 * 1024)

struct client {
	pthread_t thread;
	const char *target, *token;
	SSL_CTX *tls; /* NULL: a Unix socket */
	SSL *ssl;
	int fd;
	char *const *paths;
	int paths_n, first;
	double until;
	double *samples;
	int n;
	char *answer;
};

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static __attribute__((noreturn)) void die(const char *what)
{
	(void)fprintf(stderr, "api_bench: %s\n", what);
	exit(2);
}

static void dial_unix(struct client *c)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", c->target);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("no connection");
}

static void dial_tls(struct client *c)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	const char *colon = strchr(c->target, ':');
	char address[64];
	int on = 1;

	(void)snprintf(address, sizeof(address), "%.*s", (int)(colon - c->target), c->target);
	sa.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (inet_pton(AF_INET, address, &sa.sin_addr) != 1 || c->fd < 0 || connect(c->fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("no connection");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->ssl = SSL_new(c->tls);
	if (!c->ssl || SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
		die("no handshake");
}

static ssize_t receive(struct client *c, char *to, size_t max)
{
	return c->ssl ? SSL_read(c->ssl, to, (int)max) : read(c->fd, to, max);
}

static void ask(struct client *c, const char *path)
{
	char request[1024];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n", path,
			 c->token[0] ? "Authorization: Bearer " : "", c->token, c->token[0] ? "\r\n" : "");

	if ((c->ssl ? SSL_write(c->ssl, request, n) : write(c->fd, request, (size_t)n)) != n)
		die("the connection ended");
}

/* One answer with its Content-Length; anything but 200 ends the bench. */
static void read_answer(struct client *c, char *to)
{
	size_t n = 0, want = 0;

	while (want == 0 || n < want) {
		ssize_t got = receive(c, to + n, ANSWER_MAX - 1 - n);
		const char *end, *length;

		if (got <= 0)
			die("the connection ended");
		n += (size_t)got;
		to[n] = '\0';
		end = want == 0 ? strstr(to, "\r\n\r\n") : NULL;
		if (!end)
			continue;
		length = strcasestr(to, "\r\nContent-Length: ");
		if (strncmp(to, "HTTP/1.1 200", 12) != 0 || !length || length > end)
			die("want 200 with its length, got another answer");
		want = (size_t)(end - to) + 4 + strtoul(length + 18, NULL, 10);
	}
}

static void *run(void *context)
{
	struct client *c = context;

	if (c->tls)
		dial_tls(c);
	else
		dial_unix(c);
	for (int i = c->first; now_s() < c->until && c->n < SAMPLES_MAX; i++) {
		double begin = now_s();

		ask(c, c->paths[i % c->paths_n]);
		read_answer(c, c->answer);
		c->samples[c->n++] = (now_s() - begin) * 1000;
	}
	SSL_free(c->ssl);
	(void)close(c->fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static SSL_CTX *new_tls(void)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (!tls || SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1)
		die("no TLS");
	return tls;
}

static void read_token(const char *path, char *out, size_t size)
{
	FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");

	out[0] = '\0';
	if (f && !fgets(out, (int)size, f))
		die("no token in the file");
	out[strcspn(out, "\n")] = '\0';
	if (f)
		(void)fclose(f);
}

int main(int argc, char **argv)
{
	static struct client clients[CLIENTS_MAX];
	static char token[256];
	int n = argc > 5 ? atoi(argv[2]) : 0, total = 0;
	double seconds = argc > 5 ? strtod(argv[3], NULL) : 0, *all;
	SSL_CTX *tls;

	if (n < 1 || n > CLIENTS_MAX || seconds <= 0)
		die("want SOCKET|ADDRESS:PORT CLIENTS SECONDS TOKEN_FILE|- PATH...");
	read_token(argv[4], token, sizeof(token));
	tls = argv[1][0] == '/' ? NULL : new_tls();
	for (int i = 0; i < n; i++) {
		clients[i] = (struct client) { .target = argv[1], .token = token, .tls = tls, .paths = argv + 5, .paths_n = argc - 5, .first = i, .until = now_s() + seconds };
		clients[i].samples = calloc(SAMPLES_MAX, sizeof(double));
		clients[i].answer = malloc(ANSWER_MAX);
		if (!clients[i].samples || !clients[i].answer || pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0)
			die("no memory");
	}
	for (int i = 0; i < n; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		total += clients[i].n;
	}
	SSL_CTX_free(tls);
	all = calloc((size_t)total + 1, sizeof(double));
	if (!all || total == 0)
		die("no answers");
	for (int i = 0, at = 0; i < n; at += clients[i++].n)
		memcpy(all + at, clients[i].samples, (size_t)clients[i].n * sizeof(double));
	qsort(all, (size_t)total, sizeof(double), compare);
	printf("%.1f %.3f %.3f\n", total / seconds, all[total / 2], all[total - 1 - total / 100]);
	return 0;
}
