/*
 * GET over a Unix socket, as fast as answers come: api_bench SOCKET CLIENTS SECONDS PATH... Each client has a connection of its
 * own that stays open, and asks for the paths in turn, beginning at another one. Prints "requests/s median_ms p99_ms".
 */
#include "base/bytes.h"

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
	const char *socket;
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

static int dial(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("no connection");
	return fd;
}

/* One answer with its Content-Length; anything but 200 ends the bench. */
static void read_answer(int fd, char *to)
{
	size_t n = 0, want = 0;

	while (want == 0 || n < want) {
		ssize_t got = read(fd, to + n, ANSWER_MAX - 1 - n);
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
	int fd = dial(c->socket);

	for (int i = c->first; now_s() < c->until && c->n < SAMPLES_MAX; i++) {
		char request[1024];
		int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", c->paths[i % c->paths_n]);
		double begin = now_s();

		if (write(fd, request, (size_t)n) != n)
			die("the connection ended");
		read_answer(fd, c->answer);
		c->samples[c->n++] = (now_s() - begin) * 1000;
	}
	(void)close(fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static struct client clients[CLIENTS_MAX];
	int n = argc > 4 ? atoi(argv[2]) : 0, total = 0;
	double seconds = argc > 4 ? strtod(argv[3], NULL) : 0, *all;

	if (n < 1 || n > CLIENTS_MAX || seconds <= 0)
		die("want SOCKET CLIENTS SECONDS PATH...");
	for (int i = 0; i < n; i++) {
		clients[i] = (struct client) { .socket = argv[1], .paths = argv + 4, .paths_n = argc - 4, .first = i, .until = now_s() + seconds };
		clients[i].samples = calloc(SAMPLES_MAX, sizeof(double));
		clients[i].answer = malloc(ANSWER_MAX);
		if (!clients[i].samples || !clients[i].answer || pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0)
			die("no memory");
	}
	for (int i = 0; i < n; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		total += clients[i].n;
	}
	all = calloc((size_t)total + 1, sizeof(double));
	if (!all || total == 0)
		die("no answers");
	for (int i = 0, at = 0; i < n; at += clients[i++].n)
		memcpy(all + at, clients[i].samples, (size_t)clients[i].n * sizeof(double));
	qsort(all, (size_t)total, sizeof(double), compare);
	printf("%.1f %.3f %.3f\n", total / seconds, all[total / 2], all[total - 1 - total / 100]);
	return 0;
}
