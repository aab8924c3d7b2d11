/* SPDX-License-Identifier: MIT */
/* `vmm dump`: what the guest would be told about its machine. */
#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/config.h"

static int dump_run(struct config *c, struct err *err)
{
	int ret = vm_config_check(&c->vm, err);

	if (ret)
		return ret;
	return err_set(err, ENOSYS, "vmm cannot dump %s yet", c->args.word[0]);
}

static const char *const dump_words[] = { "fdt", "acpi", "memmap", "board",
					  NULL };
static const struct opt dump_opts[] = {
	{ .group = "Output",
	  .letter = 'o',
	  .file = true,
	  .prop = { .name = "output",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = offsetof(struct config, output),
		    .brief = "write there instead of standard output" } },
	{ .prop = { 0 } },
};
static const struct opt *const dump_tables[] = { config_machine_opts, dump_opts,
						 NULL };

const struct command cmd_dump = {
	.name = "dump",
	.brief = "print what the guest is told about its machine",
	.detail = "Takes the options of vmm run that describe the machine, for "
		  "any architecture, and prints what firmware would have told "
		  "the guest about it: its device tree, its ACPI tables, its "
		  "memory map, or the description that all are made from.",
	.options = dump_tables,
	.args = "fdt|acpi|memmap|board",
	.min_args = 1,
	.max_args = 1,
	.words = dump_words,
	.run = dump_run,
};
