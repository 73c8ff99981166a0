#include "gatewrightd/manager/metrics.h"

void metrics_family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Backslash, quote and line feed are escaped. */
static void add_label(struct buf *out, const char *label, const char *value)
{
	buf_printf(out, "%s=\"", label);
	for (const char *p = value; *p; p++) {
		if (*p == '\\' || *p == '"')
			buf_add_u8(out, '\\');
		if (*p == '\n')
			buf_add_str(out, "\\n");
		else
			buf_add_u8(out, (uint8_t)*p);
	}
	buf_add_u8(out, '"');
}

void metrics_sample(struct buf *out, const char *name, const char *label, const char *value, const char *label2,
		    const char *value2, double number)
{
	buf_add_str(out, name);
	if (label) {
		buf_add_u8(out, '{');
		add_label(out, label, value);
		if (label2) {
			buf_add_u8(out, ',');
			add_label(out, label2, value2);
		}
		buf_add_u8(out, '}');
	}
	buf_printf(out, " %.15g\n", number);
}
