/* The rows of schema/requests.def as a table: which request may come from whom. */
#ifndef GW_GATEWRIGHTD_REQUESTS_H
#define GW_GATEWRIGHTD_REQUESTS_H

#include "gatewrightd/messages.h"

#include <stddef.h>
#include <stdint.h>

enum who { WHO_PARENT = 1, WHO_MANAGER, WHO_DEPLOY };

struct request_row {
	uint16_t type;
	enum who who;
	const char *name;
};

static const struct request_row request_rows[] = {
#define REQUEST(symbol, name, who, meaning) { MSG_##symbol, who, name },
#include "requests.def"
#undef REQUEST
};

/* NULL for a type that is no request. */
static inline const struct request_row *request_row_of(uint16_t type)
{
	for (size_t i = 0; i < sizeof(request_rows) / sizeof(request_rows[0]); i++)
		if (request_rows[i].type == type)
			return &request_rows[i];
	return NULL;
}

static inline const char *who_name(enum who who)
{
	return who == WHO_PARENT ? "parent" : who == WHO_MANAGER ? "manager" : "deploy";
}

#endif
