/* Connections that threads borrow, opened when first needed. */
#include "sys/store/internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define POOL_MAX 16

struct store_pool {
	pthread_mutex_t lock;
	pthread_cond_t came_back;
	char *path;
	struct store *idle[POOL_MAX];
	size_t idle_n, open_n, max;
};

int store_pool_new(const char *path, size_t max, struct store_pool **ret, struct err *e)
{
	struct store_pool *p = calloc(1, sizeof(*p));
	int r;

	assert(max > 0 && max <= POOL_MAX);
	if (!p)
		return err_nomem(e);
	p->path = bytes_strdup(bytes_of_str(path));
	p->max = max;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->came_back, NULL);
	r = p->path ? store_open(path, &p->idle[0], e) : err_nomem(e); /* says early what is wrong with it */
	if (r < 0) {
		store_pool_free(p);
		return r;
	}
	p->idle_n = p->open_n = 1;
	*ret = p;
	return 0;
}

void store_pool_free(struct store_pool *p)
{
	if (!p)
		return;
	assert(p->idle_n == p->open_n);
	while (p->idle_n > 0)
		store_close(p->idle[--p->idle_n]);
	(void)pthread_cond_destroy(&p->came_back);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->path);
	free(p);
}

int store_pool_take(struct store_pool *p, struct store **ret, struct err *e)
{
	int r = 0;

	(void)pthread_mutex_lock(&p->lock);
	while (p->idle_n == 0 && p->open_n == p->max)
		(void)pthread_cond_wait(&p->came_back, &p->lock);
	if (p->idle_n > 0) {
		*ret = p->idle[--p->idle_n];
	} else {
		r = store_open(p->path, ret, e);
		if (r == 0)
			p->open_n++;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return r;
}

void store_pool_give(struct store_pool *p, struct store *s)
{
	if (!s)
		return;
	store_set_witness(s, NULL, NULL);
	(void)pthread_mutex_lock(&p->lock);
	while (s->depth > 0)
		store_rollback(s); /* a group that was left open is undone */
	p->idle[p->idle_n++] = s;
	(void)pthread_cond_signal(&p->came_back);
	(void)pthread_mutex_unlock(&p->lock);
}
