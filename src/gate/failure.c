#include "gate/failure.h"

#include "base/util.h"

/* The first row of a word is the kind it stands for when it is read. */
static const struct {
	int kind;
	const char *word;
} failures[] = {
	{ -EINVAL, "bad-request" },
	{ -EPROTO, "bad-request" },
	{ -EBUSY, "busy" },
	{ -ENOSPC, "no-space" },
	{ -EDQUOT, "no-space" },
	{ -EROFS, "read-only" },
	{ -EACCES, "read-only" },
	{ -EPERM, "read-only" },
	{ -ENOENT, "missing" },
	{ -EEXIST, "exists" },
	{ FAILURE_MISMATCH, "mismatch" },
	{ FAILURE_RELOAD, "reload-failed" },
	{ FAILURE_NOT_RUNNING, "not-running" },
	{ -ECONNREFUSED, "not-running" },
	{ FAILURE_NOT_PENDING, "not-pending" },
	{ FAILURE_INCOMPATIBLE, "incompatible" },
	{ -EIO, "io" },
};

const char *failure_word(int kind)
{
	for (size_t i = 0; i < ARRAY_N(failures); i++)
		if (failures[i].kind == kind)
			return failures[i].word;
	return "io";
}

int failure_kind(struct bytes word)
{
	for (size_t i = 0; i < ARRAY_N(failures); i++)
		if (bytes_equal_str(word, failures[i].word))
			return failures[i].kind;
	return -EIO;
}
