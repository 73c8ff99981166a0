/*
 * One line per event on a sink that the program sets: "LEVEL program[role]: sentence". No secret has a format
 * letter: struct secret is opaque. Log once, at the top of a request.
 */
#ifndef GW_BASE_LOG_H
#define GW_BASE_LOG_H

#include "base/util.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_N };

typedef void log_sink(enum log_level level, const char *line, void *context);

/* `name` (kept) is put before every line. Without a call, lines go nowhere. */
void log_init(const char *name, enum log_level max, log_sink *sink, void *context);
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

const char *log_level_name(enum log_level level);

#endif
