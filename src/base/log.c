#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
	const char *name;
	enum log_level max;
	log_sink *sink;
	void *context;
} logger;

void log_init(const char *name, enum log_level max, log_sink *sink, void *context)
{
	logger.name = name;
	logger.max = max;
	logger.sink = sink;
	logger.context = context;
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[LOG_LEVEL_N] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};

	return level < LOG_LEVEL_N ? names[level] : "?";
}

/* Control characters would let what a peer sent forge a line of its own. */
static void make_one_line(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
}

static void log_at(enum log_level level, const char *format, va_list args) PRINTF_LIKE(2, 0);

static void log_at(enum log_level level, const char *format, va_list args)
{
	char text[2048], line[2200];

	if (!logger.sink || level > logger.max)
		return;
	(void)vsnprintf(text, sizeof(text), format, args);
	make_one_line(text);
	(void)snprintf(line, sizeof(line), "%s: %s", logger.name, text);
	logger.sink(level, line, logger.context);
}

#define DEFINE_LOG(function, level)            \
	void function(const char *format, ...) \
	{                                      \
		va_list args;                  \
                                               \
		va_start(args, format);        \
		log_at(level, format, args);   \
		va_end(args);                  \
	}

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
