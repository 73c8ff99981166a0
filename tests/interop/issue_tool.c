/*
 * A chain of our own for other people's tools: issue_tool DIRECTORY KEY-SPEC writes root.pem, int.pem, leaf.pem,
 * leaf.key and leaf.p12 (its passphrase: one line of standard input). Requests go through core/pki as in gatewrightd.
 */
#include "core/pki/profile.h"
#include "sys/clock.h"
#include "sys/crypto/pkey.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct made {
	struct pkey *key;
	struct chain_facts chain; /* itself first */
};

struct tool {
	struct arena *a;
	struct err e;
	const char *dir;
	struct key_spec spec;
};

static void must(struct tool *t, int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "issue_tool: %s: %s\n", what, err_text(&t->e));
	exit(1);
}

static void write_file(struct tool *t, const char *name, struct bytes data)
{
	const char *path = arena_printf(t->a, "%s/%s", t->dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data.p, data.n) != (ssize_t)data.n || close(fd) < 0)
		must(t, err_errno(&t->e, "write"), path);
}

static struct cert_profile profile_of(struct tool *t, enum cert_kind kind, const char *display_name,
				      const struct made *issuer)
{
	struct cert_request q = { .kind = kind,
				  .display_name = display_name,
				  .holder = "Ada Lovelace",
				  .organization = "Example",
				  .locality = "Málaga",
				  .country = "ES",
				  .key = t->spec,
				  .path_len = -1 };
	struct findings *f = arena_alloc(t->a, sizeof(*f));
	struct cert_profile p = { 0 };
	uint8_t random[16];

	if (kind == CERT_END_ENTITY)
		q.names = "gw.example.com;*.devices.example.com;192.0.2.1;2001:db8::1";
	randombytes_buf(random, sizeof(random));
	must(t, profile_make(&q, issuer ? &issuer->chain : NULL, clock_wall(), random, t->a, &p, f, &t->e),
	     display_name);
	if (findings_blocked(f)) {
		fprintf(stderr, "issue_tool: %s: %s\n", display_name, f->items[0].text);
		exit(1);
	}
	return p;
}

static struct made *make(struct tool *t, enum cert_kind kind, const char *display_name, const struct made *issuer,
			 const char *file)
{
	struct cert_profile p = profile_of(t, kind, display_name, issuer);
	struct buf der CLEANUP(buf_fini) = { .max = X509_DER_MAX }, pem CLEANUP(buf_fini) = { .max = 2 * X509_DER_MAX };
	struct made *m = arena_alloc(t->a, sizeof(*m));
	struct bytes pool[FACTS_CHAIN_MAX];
	size_t n = issuer ? issuer->chain.n : 0;

	must(t, pkey_generate(p.key, &m->key, &t->e), "generate");
	must(t,
	     x509_issue(&p, m->key, issuer ? &issuer->chain.certs[0] : NULL, issuer ? issuer->key : NULL, &der, &t->e),
	     display_name);
	for (size_t i = 0; i < n; i++)
		pool[i] = issuer->chain.certs[i].der;
	must(t, x509_chain_build(buf_bytes(&der), pool, n, t->a, &m->chain, &t->e), display_name);
	must(t, x509_der_to_pem(buf_bytes(&der), &pem, &t->e), "PEM");
	write_file(t, file, buf_bytes(&pem));
	return m;
}

static void write_key_and_keystore(struct tool *t, const struct made *leaf)
{
	struct secret *pem CLEANUP(secret_freep) = NULL, *passphrase CLEANUP(secret_freep) = NULL;
	struct buf p12 CLEANUP(buf_wipe) = { .max = 1 << 20 };
	struct bytes chain[FACTS_CHAIN_MAX];

	for (size_t i = 0; i < leaf->chain.n; i++)
		chain[i] = leaf->chain.certs[i].der;
	must(t, secret_read_line(STDIN_FILENO, 256, &passphrase, &t->e), "passphrase");
	must(t, pkey_to_pem(leaf->key, &pem, &t->e), "key");
	write_file(t, "leaf.key", secret_bytes(pem));
	must(t, pkcs12_write(leaf->key, chain, leaf->chain.n, "gateway", passphrase, &p12, &t->e), "keystore");
	write_file(t, "leaf.p12", buf_bytes(&p12));
}

int main(int argc, char **argv)
{
	struct tool t = { .a = arena_new((size_t)16 << 20), .dir = argc > 1 ? argv[1] : NULL };
	struct made *root, *sub, *leaf;

	if (!t.a || argc != 3 || !key_spec_parse(bytes_of_str(argv[2]), &t.spec)) {
		fprintf(stderr, "usage: issue_tool DIRECTORY KEY-SPEC <passphrase\n");
		return 64;
	}
	secret_init();
	root = make(&t, CERT_ROOT, "Our Root", NULL, "root.pem");
	sub = make(&t, CERT_INTERMEDIATE, "Our Intermediate", root, "int.pem");
	leaf = make(&t, CERT_END_ENTITY, "Our Gateway", sub, "leaf.pem");
	write_key_and_keystore(&t, leaf);
	pkey_free(root->key);
	pkey_free(sub->key);
	pkey_free(leaf->key);
	arena_free(t.a);
	return 0;
}
