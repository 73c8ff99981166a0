/* Text that came from elsewhere, made safe to print. */
#ifndef GW_CLI_OUTPUT_TEXT_H
#define GW_CLI_OUTPUT_TEXT_H

#include "base/buf.h"

#include <stdio.h>

/*
 * A copy in which nothing can steer a terminal or reorder a line: C0 and C1 control characters, DEL, line and
 * paragraph separators, bidirectional overrides and zero-width characters become "\u001b"; a byte that is not UTF-8
 * becomes "\ufffd". NULL without memory. Returned: free().
 */
char *text_clean(const char *s);

/* The same appended. With `keep_newline_indent` (NULL: none) "\n" goes through and is followed by it. */
void text_clean_to(struct buf *out, struct bytes s, const char *keep_newline_indent);

/* Text that is JSON already, with the same characters as \uXXXX (RFC 8259 section 7): it means what it meant. */
void text_print_json(FILE *out, struct bytes json);

#endif
