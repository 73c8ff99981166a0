/* The console's files: read once into memory, served with what a browser needs to keep them. */
#ifndef GW_SYS_HTTP_FILES_H
#define GW_SYS_HTTP_FILES_H

#include "sys/http/server.h"

/* All of them also in schema/limits.def. */
#define HTTP_FILES_MAX 1024			 /* files below the directory */
#define HTTP_FILES_BYTES_MAX (32u * 1024 * 1024) /* of all of them */
#define HTTP_FILES_DEPTH_MAX 8			 /* folders in folders */

struct http_files;

/*
 * Read every regular file below `directory`; "x.gz" is the packed form of "x" and no file of its own. Links and files
 * whose name begins with a dot are left out. -ENOENT: there is no such directory, or no index.html in it.
 */
MUST_USE int http_files_load(const char *directory, struct http_files **ret, struct err *e);
void http_files_free(struct http_files *f);

/*
 * Answer a GET of http_path(): the file, or index.html for a path of the console's own router (one without a dot in its
 * last segment). Files below /assets/ have a hash in their names and are kept for a year, the others are asked for anew
 * (ETag, If-None-Match). -ENOENT: there is no such file.
 */
MUST_USE int http_files_answer(const struct http_files *f, struct http_request *r, struct err *e);

#endif
