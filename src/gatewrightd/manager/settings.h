/* Settings in the store, by the rows of schema/settings.def. */
#ifndef GW_GATEWRIGHTD_MANAGER_SETTINGS_H
#define GW_GATEWRIGHTD_MANAGER_SETTINGS_H

#include "sys/store/store.h"

enum setting {
#define SETTING(symbol, name, type, fallback, least, most, meaning) SETTING_##symbol,
#include "settings.def"
#undef SETTING
	SETTING_N
};

struct setting_row {
	const char *name;
	bool is_bool;
	int64_t fallback, least, most;
	const char *meaning;
};
extern const struct setting_row setting_rows[SETTING_N];

/* What is not in the store, or is no such value, is the default. */
MUST_USE int setting_get(struct store *s, enum setting which, struct arena *a, int64_t *ret, struct err *e);
MUST_USE int setting_set(struct store *s, enum setting which, int64_t value, struct err *e);

#endif
