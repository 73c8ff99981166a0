#include "gate/exit_codes.h"

#include "gate/failure.h"

enum exit_code exit_code_of(int kind)
{
	if (kind >= 0)
		return EXIT_DONE;
	if (kind == FAILURE_INCOMPATIBLE || kind == FAILURE_MISMATCH)
		return EXIT_REFUSED;
	return kind == -EBUSY ? EXIT_BUSY : EXIT_FAILED;
}
