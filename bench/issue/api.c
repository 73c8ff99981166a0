#include "api.h"

#include "bare.h"
#include "sys/http/client.h"

#include <errno.h>

#define BODY_MAX (1u << 20)

static void add_leaf(struct buf *body, int issuer, int number)
{
	buf_printf(
		body,
		"{\"kind\":\"end-entity\",\"issuer\":%d,\"display_name\":\"gateway %d\",\"organization\":\"Example\","
		"\"locality\":\"Madrid\",\"country\":\"ES\",\"names\":\"gw%d.example.net;192.0.2.1\"}",
		issuer, number, number);
}

static int post(struct http_client *c, const char *path, const struct buf *body, struct err *e)
{
	struct http_answer answer;
	int r;

	http_answer_init(&answer);
	r = http_client_call(c, "POST", path, buf_bytes(body), &answer, e);
	if (r == 0 && answer.status != 201)
		r = err_set(e, -EPROTO, "POST %s: want 201, got %d: %.*s", path, answer.status, (int)answer.body.n,
			    (const char *)answer.body.p);
	http_answer_fini(&answer);
	return r;
}

static int issue_call(struct http_client *c, int issuer, int first, int n, struct err *e)
{
	struct buf body;
	int r;

	buf_init(&body, BODY_MAX);
	buf_add_str(&body, n > 1 ? "{\"certificates\":[" : "");
	for (int i = 0; i < n; i++) {
		buf_add_str(&body, i > 0 ? "," : "");
		add_leaf(&body, issuer, first + i);
	}
	buf_add_str(&body, n > 1 ? "]}" : "");
	r = post(c, n > 1 ? "/api/v1/certificates/batch" : "/api/v1/certificates", &body, e);
	buf_fini(&body);
	return r;
}

int api_issue(const char *socket, int issuer, int n, int batch, double *ret_ms, struct err *e)
{
	struct http_client *c CLEANUP(http_client_freep) = NULL;
	int r = http_client_new(socket, &c, e);
	double start;

	if (r == 0)
		r = issue_call(c, issuer, 0, 1,
			       e); /* throw-away keys, caches and the connection are there after the first */
	start = bench_now_ms();
	for (int i = 0; i < n && r == 0; i += batch)
		r = issue_call(c, issuer, 1 + i, n - i < batch ? n - i : batch, e);
	*ret_ms = (bench_now_ms() - start) / n;
	return r;
}
