#include "gatewrightd/manager/settings.h"

#include <stdio.h>
#include <stdlib.h>

#define TYPE_BOOL true
#define TYPE_NUMBER false

const struct setting_row setting_rows[SETTING_N] = {
#define SETTING(symbol, name, type, fallback, least, most, meaning) \
	[SETTING_##symbol] = { name, TYPE_##type, fallback, least, most, meaning },
#include "settings.def"
#undef SETTING
};

int setting_get(struct store *s, enum setting which, struct arena *a, int64_t *ret, struct err *e)
{
	const struct setting_row *row = &setting_rows[which];
	const char *text = NULL;
	char *end = NULL;
	int64_t v;
	int r = store_setting_get(s, row->name, a, &text, e);

	if (r < 0)
		return r;
	v = text ? strtoll(text, &end, 10) : row->fallback;
	*ret = text && (*end || v < row->least || v > row->most) ? row->fallback : v;
	return 0;
}

int setting_set(struct store *s, enum setting which, int64_t value, struct err *e)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	return store_setting_set(s, setting_rows[which].name, text, e);
}
