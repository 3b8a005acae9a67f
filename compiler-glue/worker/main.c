/* SPDX-License-Identifier: MIT */
/* causeway-cc: the compile worker of the OpenCL driver, and an offline compiler. */
#include <stdlib.h>
#include <string.h>

#include "worker/offline.h"
#include "worker/serve.h"

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--worker"))
		return cwc_serve(strtoull(argv[2], NULL, 10));
	return cwc_offline(argc, argv);
}
