#include "gatewrightd/manager/access/hasher.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define PLACES_MAX (HASHING_MAX + HASHING_WAITING_MAX)

struct hasher {
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t news;
	struct hash_work *first, **last;
	unsigned int places;
	bool stopping;
	pthread_t threads[HASHING_MAX];
	size_t threads_n;
};

static void perform(struct hash_work *w)
{
	struct bytes password = secret_bytes(w->password);

	if (w->task == HASH_CHECK)
		w->fine = password_matches(w->hash[0] ? w->hash : NULL, password);
	else
		w->failed = password_hash(password, w->hash, NULL);
}

/* NULL: the end. `*ret_stopping`: the work is not to be done. */
static struct hash_work *next_work(struct hasher *h, bool *ret_stopping)
{
	struct hash_work *w;

	(void)pthread_mutex_lock(&h->lock);
	while (!h->first && !h->stopping)
		(void)pthread_cond_wait(&h->news, &h->lock);
	w = h->first;
	if (w) {
		h->first = w->next;
		if (!h->first)
			h->last = &h->first;
	}
	*ret_stopping = h->stopping;
	(void)pthread_mutex_unlock(&h->lock);
	return w;
}

static void *run(void *context)
{
	struct hasher *h = context;
	struct hash_work *w;
	bool stopping;

	while ((w = next_work(h, &stopping))) {
		if (stopping)
			w->failed = -EPIPE;
		else
			perform(w);
		hasher_leave(h);
		w->done(w->context);
	}
	return NULL;
}

int hasher_start(struct hasher **ret, struct err *e)
{
	struct hasher *h = calloc(1, sizeof(*h));
	int r = 0;

	if (!h)
		return err_nomem(e);
	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_cond_init(&h->news, NULL);
	h->last = &h->first;
	while (r == 0 && h->threads_n < HASHING_MAX) {
		r = pthread_create(&h->threads[h->threads_n], NULL, run, h);
		h->threads_n += r == 0;
	}
	if (r != 0) {
		hasher_stop(h);
		hasher_free(h);
		return err_set(e, -r, "start a thread that hashes passwords: %s", strerror(r));
	}
	*ret = h;
	return 0;
}

void hasher_stop(struct hasher *h)
{
	if (!h)
		return;
	(void)pthread_mutex_lock(&h->lock);
	h->stopping = true;
	(void)pthread_cond_broadcast(&h->news);
	(void)pthread_mutex_unlock(&h->lock);
	while (h->threads_n > 0)
		(void)pthread_join(h->threads[--h->threads_n], NULL);
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	(void)pthread_cond_destroy(&h->news);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

bool hasher_enter(struct hasher *h)
{
	bool ok;

	(void)pthread_mutex_lock(&h->lock);
	ok = h->places < PLACES_MAX && !h->stopping;
	h->places += ok;
	(void)pthread_mutex_unlock(&h->lock);
	return ok;
}

void hasher_leave(struct hasher *h)
{
	(void)pthread_mutex_lock(&h->lock);
	h->places--;
	(void)pthread_mutex_unlock(&h->lock);
}

void hasher_add(struct hasher *h, struct hash_work *w)
{
	bool refused;

	w->next = NULL;
	w->failed = 0;
	w->fine = false;
	(void)pthread_mutex_lock(&h->lock);
	refused = h->stopping;
	if (!refused) {
		*h->last = w;
		h->last = &w->next;
		(void)pthread_cond_signal(&h->news);
	}
	(void)pthread_mutex_unlock(&h->lock);
	if (!refused)
		return;
	hasher_leave(h);
	w->failed = -EPIPE;
	w->done(w->context);
}
