/* SPDX-License-Identifier: MIT */
/* `vmm run`: boots a guest and returns what became of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "cpu/target.h"
#include "gdbstub/gdbstub.h"
#include "hw/core/log.h"
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

/* The debugger of the machine that runs. */
struct run_debugger {
	const struct config *c;
	struct gdbstub *stub;
};

static int run_ready(void *opaque, const struct vm_parts *parts,
		     struct err *err)
{
	struct run_debugger *d = opaque;
	const struct gdbstub_machine m = {
		.cpus = parts->cpus,
		.target = parts->target,
		.board = parts->board,
		.mem = parts->mem,
		.kaslr_text = parts->start->kaslr_text,
		.request = parts->request,
		.opaque = parts->opaque,
	};

	d->stub = gdbstub_new(d->c->gdb, &m, d->c->wait_gdb, err);
	if (!d->stub)
		return -err->code;
	if (d->c->wait_gdb)
		fprintf(stderr, "vmm: waiting for a debugger at %s\n",
			d->c->gdb);
	return 0;
}

static void run_ended(void *opaque, int status)
{
	struct run_debugger *d = opaque;

	gdbstub_end(d->stub, status);
	d->stub = NULL;
}

/* What the options ask of a debugger, before anything is made. */
static int run_gdb_check(struct config *c, struct err *err)
{
	if (c->wait_gdb && !c->gdb) {
		err_set(err, EINVAL, "--wait-gdb: there is no --gdb");
		err_hint(err, "say where: --gdb tcp:127.0.0.1:1234");
		return -EINVAL;
	}
	c->vm.debugged = c->gdb;
	if (!c->gdb || strcmp(c->gdb, "stdio"))
		return 0;
	if (!c->vm.serial)
		c->vm.serial = strdup("null");
	if (c->vm.serial && !strcmp(c->vm.serial, "stdio")) {
		err_set(err, EINVAL,
			"--gdb stdio: the serial port has the terminal");
		err_hint(err, "put it elsewhere: --serial file:PATH");
		return -EINVAL;
	}
	return 0;
}

/* Only an engine of ours tells what it executes. */
static int run_log_check(const struct config *c, struct err *err)
{
	const struct target *t = target_find((enum arch)c->vm.arch);

	if ((!c->log.insn && !c->log.insn_counts) || !t || t->interpreted)
		return 0;
	err_set(err, ENOTSUP,
		"--log guest-insn: nothing shows what a guest of %s executes",
		arch_name(t->arch));
	err_hint(err, "leave it out; it is for the engine of --arch ia64");
	return -ENOTSUP;
}

static int run_machine(const struct config *c, struct err *err)
{
	struct run_debugger d = { .c = c };
	const struct vm_watcher watcher = { .ready = run_ready,
					    .ended = run_ended,
					    .opaque = &d };

	return vm_run(&c->vm, c->gdb ? &watcher : NULL, err);
}

static int run_run(struct config *c, struct err *err)
{
	int ret = config_device_help(c, stdout, err);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = run_gdb_check(c, err);
	if (!ret)
		ret = run_log_check(c, err);
	if (!ret)
		ret = vm_config_check(&c->vm, err);
	if (!ret)
		ret = virt_devices_check(&c->vm, err);
	if (ret)
		return ret;
	if (c->dry_run)
		return run_dry(c, err);
	log_guest_insn = (c->log.insn ? LOG_INSN : 0) |
			 (c->log.insn_counts ? LOG_INSN_COUNTS : 0);
	ret = log_open(config_log_level(&c->log), c->log.file, err);
	if (ret)
		return ret;
	return run_machine(c, err);
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
