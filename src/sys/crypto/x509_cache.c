#include "sys/crypto/x509_cache.h"

#include "base/limits.h"
#include <pthread.h>

struct pair {
	uint8_t child[FINGERPRINT_SIZE], issuer[FINGERPRINT_SIZE];
	bool used, is_signed, asked;
};

/* `next` runs around; what was asked for since it came by last stays for one more round. */
static struct {
	pthread_mutex_t lock;
	struct {
		uint8_t fingerprint[FINGERPRINT_SIZE];
		X509 *x;
		bool asked;
	} certs[LIMIT_CERT_CACHE];
	struct pair pairs[LIMIT_SIGNATURE_CACHE];
	size_t next_cert, next_pair;
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

X509 *x509_cache_get(const uint8_t fingerprint[FINGERPRINT_SIZE])
{
	X509 *found = NULL;

	pthread_mutex_lock(&cache.lock);
	for (size_t i = 0; i < LIMIT_CERT_CACHE && !found; i++) {
		if (!cache.certs[i].x || memcmp(cache.certs[i].fingerprint, fingerprint, FINGERPRINT_SIZE) != 0)
			continue;
		found = cache.certs[i].x;
		cache.certs[i].asked = true;
	}
	if (found && X509_up_ref(found) != 1)
		found = NULL;
	pthread_mutex_unlock(&cache.lock);
	return found;
}

void x509_cache_put(const uint8_t fingerprint[FINGERPRINT_SIZE], X509 *x)
{
	X509 *old;

	if (X509_up_ref(x) != 1)
		return;
	pthread_mutex_lock(&cache.lock);
	for (; cache.certs[cache.next_cert].asked; cache.next_cert = (cache.next_cert + 1) % LIMIT_CERT_CACHE)
		cache.certs[cache.next_cert].asked = false;
	old = cache.certs[cache.next_cert].x;
	memcpy(cache.certs[cache.next_cert].fingerprint, fingerprint, FINGERPRINT_SIZE);
	cache.certs[cache.next_cert].x = x;
	cache.next_cert = (cache.next_cert + 1) % LIMIT_CERT_CACHE;
	pthread_mutex_unlock(&cache.lock);
	X509_free(old);
}

bool x509_cache_signed(const uint8_t child[FINGERPRINT_SIZE], const uint8_t issuer[FINGERPRINT_SIZE], bool *ret)
{
	bool found = false;

	pthread_mutex_lock(&cache.lock);
	for (size_t i = 0; i < LIMIT_SIGNATURE_CACHE && !found; i++) {
		struct pair *p = &cache.pairs[i];

		found = p->used && memcmp(p->child, child, FINGERPRINT_SIZE) == 0 &&
			memcmp(p->issuer, issuer, FINGERPRINT_SIZE) == 0;
		if (found) {
			*ret = p->is_signed;
			p->asked = true;
		}
	}
	pthread_mutex_unlock(&cache.lock);
	return found;
}

void x509_cache_put_signed(const uint8_t child[FINGERPRINT_SIZE], const uint8_t issuer[FINGERPRINT_SIZE],
			   bool is_signed)
{
	struct pair *p;

	pthread_mutex_lock(&cache.lock);
	for (; cache.pairs[cache.next_pair].asked; cache.next_pair = (cache.next_pair + 1) % LIMIT_SIGNATURE_CACHE)
		cache.pairs[cache.next_pair].asked = false;
	p = &cache.pairs[cache.next_pair];
	cache.next_pair = (cache.next_pair + 1) % LIMIT_SIGNATURE_CACHE;
	memcpy(p->child, child, FINGERPRINT_SIZE);
	memcpy(p->issuer, issuer, FINGERPRINT_SIZE);
	p->used = true;
	p->is_signed = is_signed;
	pthread_mutex_unlock(&cache.lock);
}
