/* The least that OpenSSL's own calls need: a key, a certificate with the same fields, a signature, and both as DER.
 * Nothing is checked or kept. */
#ifndef GW_BENCH_ISSUE_BARE_H
#define GW_BENCH_ISSUE_BARE_H

/* Wall time of one of `n`; negative when OpenSSL failed. */
double bare_issue(int n);

/* The clock of all that is measured here. */
double bench_now_ms(void);

#endif
