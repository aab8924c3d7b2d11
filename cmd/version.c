/* SPDX-License-Identifier: MIT */
/* `vmm version`: which vmm this is. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/config.h"

static int version_run(struct config *c __attribute__((unused)),
		       struct err *err __attribute__((unused)))
{
	printf("vmm %s (%s)\n", VMM_VERSION, VMM_ARCH);
	return 0;
}

static const struct opt version_opts[] = { { .prop = { 0 } } };
static const struct opt *const version_tables[] = { version_opts, NULL };

const struct command cmd_version = {
	.name = "version",
	.brief = "print the version and the architecture",
	.options = version_tables,
	.run = version_run,
};
