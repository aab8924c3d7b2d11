/* SPDX-License-Identifier: MIT */
/* `vmm run`: boots a guest and returns what became of it. */
#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "machine/virt/config.h"
#include "machine/virt/vm.h"

static const struct opt *const run_tables[] = { config_machine_opts,
						config_run_opts, NULL };

static int run_run(struct config *c, struct err *err)
{
	int ret = vm_config_check(&c->vm, err);

	if (ret)
		return ret;
	if (c->dry_run) {
		opt_show(c, run_tables, stdout);
		return 0;
	}
	ret = log_open(config_log_level(&c->log), c->log.file, err);
	if (ret)
		return ret;
	return vm_run(&c->vm, err);
}

const struct command cmd_run = {
	.name = "run",
	.brief = "boot a guest",
	.detail = "Boots a kernel, or without one a demonstration guest that "
		  "tells what machine it finds. The serial port is connected "
		  "to the terminal, where Ctrl-A x quits and Ctrl-A h helps.",
	.options = run_tables,
	.run = run_run,
};
