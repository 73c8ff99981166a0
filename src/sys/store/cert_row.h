/* Inside the store: the certificate's row, shared by its files. */
#ifndef GW_SYS_STORE_CERT_ROW_H
#define GW_SYS_STORE_CERT_ROW_H

#include "sys/store/certificates.h"
#include "sys/store/internal.h"

/* The row that a statement over CERTIFICATE_COLUMNS is on. False without memory. */
bool cert_from_row(struct query *q, struct arena *a, struct store_cert *ret);

/* Run one that answers at most one; 1: none. */
MUST_USE int cert_one(struct query *q, struct arena *a, struct store_cert *ret, struct err *e);

/* Into `out`, ASCII letters lowered, cut to fit. */
void word_lower(char *out, size_t size, struct bytes word);

#endif
