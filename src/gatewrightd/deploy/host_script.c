#include "gatewrightd/deploy/host_script.h"

static const uint8_t script[] = {
#include "host_script.inc"
};

struct bytes host_script(void)
{
	return bytes_of(script, sizeof(script));
}
