/* Keys and certificates for the tests, made by OpenSSL alone: nothing of ours has a hand in them. */
#ifndef GW_TESTS_GATE_CERTIFICATES_H
#define GW_TESTS_GATE_CERTIFICATES_H

struct authority;

/* A self-signed EC P-256 root. */
struct authority *authority_new(const char *name);
void authority_free(struct authority *a);
char *authority_pem(const struct authority *a); /* returned: free() */

/* An end-entity certificate for `san` ("DNS:gw.example.com"), valid until `days` from now. Both returned: free(). */
void authority_issue(struct authority *a, const char *name, const char *san, int days, char **ret_key_pem,
		     char **ret_cert_pem);

#endif
