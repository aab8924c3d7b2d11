/* SPDX-License-Identifier: MIT */
/* `vmm run`: boots a guest and returns what became of it. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "machine/virt/config.h"
#include "machine/virt/virt.h"
#include "machine/virt/vm.h"

static const struct opt *const run_tables[] = { config_machine_opts,
						config_run_opts, NULL };

/* As far as one gets without this host: to the board. */
static int run_dry(const struct config *c, struct err *err)
{
	struct board *b = board_make(&c->vm, (unsigned)c->phys_bits, err);

	if (!b)
		return -err->code;
	board_free(b);
	opt_show(c, run_tables, stdout);
	return 0;
}

static int run_run(struct config *c, struct err *err)
{
	int ret = config_device_help(c, stdout, err);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = vm_config_check(&c->vm, err);
	if (!ret)
		ret = virt_devices_check(&c->vm, err);
	if (ret)
		return ret;
	if (c->dry_run)
		return run_dry(c, err);
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
