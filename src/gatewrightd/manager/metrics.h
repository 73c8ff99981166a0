/* Metrics as Prometheus reads them: the text format, version 0.0.4. */
#ifndef GW_GATEWRIGHTD_MANAGER_METRICS_H
#define GW_GATEWRIGHTD_MANAGER_METRICS_H

#include "base/buf.h"

/* The head of a family; `type`: "gauge" or "counter". Its samples follow. */
void metrics_family(struct buf *out, const char *name, const char *type, const char *help);

/* A sample with up to two labels (NULL: none); their values may be any text. */
void metrics_sample(struct buf *out, const char *name, const char *label, const char *value, const char *label2,
		    const char *value2, double number);

#endif
