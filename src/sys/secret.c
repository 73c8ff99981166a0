#include "sys/secret.h"

#include "base/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <sodium.h>

/* `p` has `capacity` + 1 bytes, `n` of them count, and a NUL follows. sodium_malloc() puts guard pages around and asks
 * for mlock(). */
struct secret {
	uint8_t *p;
	size_t n, capacity;
};

/* Enough for some hundred RSA-4096 keys; OpenSSL's secure heap does not grow, and refuses when it is full. */
#define KEY_HEAP_SIZE (1u << 20)
#define KEY_HEAP_MIN_BLOCK 32

static NORETURN void give_up(const char *what)
{
	static const char prefix[] = "gatewright: cannot protect secrets: ";

	(void)!write(STDERR_FILENO, prefix, sizeof(prefix) - 1);
	(void)!write(STDERR_FILENO, what, strlen(what));
	(void)!write(STDERR_FILENO, "\n", 1);
	abort();
}

void secret_init(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		give_up("setrlimit");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		give_up("prctl");
	if (sodium_init() < 0)
		give_up("sodium_init");
	/* Freed memory is overwritten with this byte; under a sanitizer, whose malloc has no such option, it is not. */
	(void)mallopt(M_PERTURB, 0x5a);
}

/*
 * What lies in this heap: the private numbers of EC, RSA and Ed25519 keys (OpenSSL takes them from the secure heap),
 * the secret numbers of a calculation, and what is decoded with PEM_FLAG_SECURE. What does not: the DER of a PKCS#8
 * structure while it is encoded or decoded (ordinary heap, cleansed by OpenSSL on free), the state of ciphers and key
 * derivations (the same), and registers and stack of a running calculation. libsodium's own keys are struct secret.
 */
void secret_init_key_heap(void)
{
	if (!CRYPTO_secure_malloc_initialized())
		(void)CRYPTO_secure_malloc_init(KEY_HEAP_SIZE, KEY_HEAP_MIN_BLOCK);
}

/*
 * Wiped blocks that wait for a secret of exactly their size: mapping, guarding, locking and unmapping one costs more
 * than a signature, and the keys process needs three for every certificate. The guard pages stay where they are. A
 * child must not take over blocks that are locked in its parent only.
 */
static struct {
	pthread_mutex_t lock;
	struct {
		uint8_t *p;
		size_t size;
	} blocks[LIMIT_SECRET_SPARE_BLOCKS];
	size_t next;  /* where the next one goes, and what lies there is unmapped */
	bool forgets; /* the handler of fork() is there */
} spare = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void lock_spare(void)
{
	pthread_mutex_lock(&spare.lock);
}

static void unlock_spare(void)
{
	pthread_mutex_unlock(&spare.lock);
}

static void forget_spare(void)
{
	for (size_t i = 0; i < LIMIT_SECRET_SPARE_BLOCKS; i++)
		spare.blocks[i].p = NULL;
	pthread_mutex_unlock(&spare.lock);
}

static uint8_t *take_block(size_t size)
{
	uint8_t *p = NULL;

	pthread_mutex_lock(&spare.lock);
	for (size_t i = 0; i < LIMIT_SECRET_SPARE_BLOCKS && !p; i++) {
		if (!spare.blocks[i].p || spare.blocks[i].size != size)
			continue;
		p = spare.blocks[i].p;
		spare.blocks[i].p = NULL;
	}
	pthread_mutex_unlock(&spare.lock);
	if (!p) {
		p = sodium_malloc(size);
		if (p)
			sodium_memzero(p, size);
	}
	return p;
}

static void give_block(uint8_t *p, size_t size)
{
	sodium_memzero(p, size);
	pthread_mutex_lock(&spare.lock);
	if (!spare.forgets)
		spare.forgets = pthread_atfork(lock_spare, unlock_spare, forget_spare) == 0;
	if (spare.forgets) {
		uint8_t *old = spare.blocks[spare.next].p;

		spare.blocks[spare.next].p = p;
		spare.blocks[spare.next].size = size;
		spare.next = (spare.next + 1) % LIMIT_SECRET_SPARE_BLOCKS;
		p = old;
	}
	pthread_mutex_unlock(&spare.lock);
	if (p)
		sodium_free(p);
}

struct secret *secret_new(size_t n)
{
	struct secret *s;

	if (n == SIZE_MAX)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->p = take_block(n + 1);
	if (!s->p) {
		free(s);
		return NULL;
	}
	s->n = s->capacity = n;
	return s;
}

void secret_free(struct secret *s)
{
	if (!s)
		return;
	give_block(s->p, s->capacity + 1);
	free(s);
}

struct secret *secret_of(struct bytes b)
{
	struct secret *s = secret_new(b.n);

	if (s && b.n > 0)
		memcpy(s->p, b.p, b.n);
	return s;
}

struct bytes secret_bytes(const struct secret *s)
{
	return bytes_of(s->p, s->n);
}

uint8_t *secret_data(struct secret *s)
{
	return s->p;
}

void secret_truncate(struct secret *s, size_t n)
{
	if (n >= s->n)
		return;
	sodium_memzero(s->p + n, s->n - n);
	s->n = n;
}

bool secret_equal(const struct secret *a, struct bytes b)
{
	return a->n == b.n && (b.n == 0 || sodium_memcmp(a->p, b.p, b.n) == 0);
}

/* One byte: 1, end of file: 0, failure: negative. */
static int read_byte(int fd, uint8_t *ret, struct err *e)
{
	ssize_t n;

	do
		n = read(fd, ret, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, "read a secret");
	return n == 0 ? 0 : 1;
}

static int read_until(int fd, size_t max, bool line, struct secret **ret, struct err *e)
{
	struct secret *s CLEANUP(secret_freep) = secret_new(max);
	size_t n = 0;
	uint8_t c = 0;
	int r;

	if (!s)
		return err_nomem(e);
	for (;;) {
		r = read_byte(fd, &c, e);
		if (r < 0)
			return r;
		if (r == 0 || (line && c == '\n'))
			break;
		if (n == max)
			r = err_set(e, -EINVAL, "read a secret: want at most %zu bytes, got more", max);
		else if (c == 0)
			r = err_set(e, -EINVAL, "read a secret: want text, got a NUL byte at %zu", n);
		else
			s->p[n++] = c;
		if (r < 0)
			break;
	}
	sodium_memzero(&c, sizeof(c));
	if (r < 0)
		return r;
	if (line && r == 0 && n == 0)
		return err_set(e, -ENODATA, "read a secret: want a line, got end of file");
	secret_truncate(s, n);
	*ret = TAKE(s);
	return 0;
}

int secret_read_line(int fd, size_t max, struct secret **ret, struct err *e)
{
	return read_until(fd, max, true, ret, e);
}

int secret_read_all(int fd, size_t max, struct secret **ret, struct err *e)
{
	struct secret *s CLEANUP(secret_freep) = secret_new(max + 1);
	size_t n = 0;
	ssize_t r;

	if (!s)
		return err_nomem(e);
	while (n <= max) {
		r = read(fd, s->p + n, max + 1 - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_errno(e, "read a secret");
		if (r == 0)
			break;
		n += (size_t)r;
	}
	if (n > max)
		return err_set(e, -EINVAL, "read a secret: want at most %zu bytes, got more", max);
	secret_truncate(s, n);
	if (memchr(s->p, 0, n))
		return err_set(e, -EINVAL, "read a secret: want text, got a NUL byte");
	*ret = TAKE(s);
	return 0;
}

/* 0: there is something to read. -EINTR: one of the signals waits to be delivered as soon as the caller unblocks it. */
static int wait_for_line(int tty, int signals, struct err *e)
{
	struct pollfd fds[] = { { tty, POLLIN, 0 }, { signals, POLLIN, 0 } };

	while (poll(fds, ARRAY_N(fds), -1) < 0)
		if (errno != EINTR)
			return err_errno(e, "wait for the terminal");
	if (fds[1].revents)
		return err_set(e, -EINTR, "ask for a secret: interrupted");
	return 0;
}

/* The terminal is in canonical mode: a line comes whole, so one wait is enough. */
static int ask_without_echo(int tty, int signals, const char *prompt, size_t max, struct secret **ret, struct err *e)
{
	struct termios before, quiet;
	int r;

	if (tcgetattr(tty, &before) < 0)
		return err_errno(e, "ask for a secret: terminal");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON;
	if (tcsetattr(tty, TCSAFLUSH, &quiet) < 0)
		return err_errno(e, "ask for a secret: turn the echo off");
	(void)!write(tty, prompt, strlen(prompt));
	r = wait_for_line(tty, signals, e);
	if (r == 0)
		r = secret_read_line(tty, max, ret, e);
	(void)!write(tty, "\n", 1);
	(void)tcsetattr(tty, TCSAFLUSH, &before);
	return r;
}

/*
 * Signals that would end or stop the process are held back until the echo is on again; they are seen through a
 * signalfd and left pending, so that they act, as always, when the mask is restored.
 */
int secret_ask(const char *prompt, size_t max, struct secret **ret, struct err *e)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), signals, r;
	sigset_t held, before;

	if (tty < 0)
		return err_set(e, -ENOTTY, "ask for a secret: want a terminal, got none");
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGQUIT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGTSTP);
	signals = signalfd(-1, &held, SFD_CLOEXEC);
	if (signals < 0) {
		r = err_errno(e, "ask for a secret: signalfd");
		close(tty);
		return r;
	}
	(void)sigprocmask(SIG_BLOCK, &held, &before);
	r = ask_without_echo(tty, signals, prompt, max, ret, e);
	close(signals);
	close(tty);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
