#include "base/util.h"

#include <stdlib.h>

void util_freep(void *pointer_to_pointer)
{
	void **p = (void **)pointer_to_pointer;

	free(*p);
	*p = NULL;
}
