/* SPDX-License-Identifier: MIT */
/* `vmm run`: boots a guest and returns what became of it. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "cpu/probe.h"
#include "machine/virt/config.h"
#include "machine/virt/vm.h"

static const struct opt *const run_tables[] = { config_machine_opts,
						config_run_opts, NULL };

/*
 * A stock kernel on a KVM that emulates it seems to hang: say why.  Measured
 * only where the CPU offers no virtualization, and a kernel is to boot.
 */
static void run_warn_if_slow(const struct config *c)
{
	uint64_t instr_per_s;

	if (!c->vm.kernel || probe_guest_speed(&instr_per_s) != SPEED_EMULATED)
		return;
	log_warn("this host's KVM executes a guest's kernel in software, at "
		 "%" PRIu64 " thousand instructions a second",
		 instr_per_s / 1000);
	log_warn("a stock kernel will not boot on it; use a host with "
		 "hardware virtualization, and see vmm check");
}

static int run_run(struct config *c, struct err *err)
{
	int ret = config_device_help(c, stdout, err);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = vm_config_check(&c->vm, err);
	if (ret)
		return ret;
	if (c->dry_run) {
		opt_show(c, run_tables, stdout);
		return 0;
	}
	ret = log_open(config_log_level(&c->log), c->log.file, err);
	if (ret)
		return ret;
	run_warn_if_slow(c);
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
