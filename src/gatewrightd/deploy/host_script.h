/* targets/host.sh, built into the program: the script and the program that speaks with it are of one version. */
#ifndef GW_GATEWRIGHTD_DEPLOY_HOST_SCRIPT_H
#define GW_GATEWRIGHTD_DEPLOY_HOST_SCRIPT_H

#include "base/bytes.h"

struct bytes host_script(void);

#endif
