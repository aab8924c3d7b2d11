/* SPDX-License-Identifier: MIT */
/* The subcommands of vmm: one file each, one table. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cmd/opt.h"
#include "hw/core/err.h"

struct config;

struct command {
	const char *name;
	const char *brief;  /* one line, for `vmm help` */
	const char *detail; /* paragraphs for the man page; may be NULL */
	const struct opt *const *options; /* NULL-terminated */
	/* The words beside options: their form in help ("fdt|acpi"), how many
	 * there may be, and what they may be (NULL: anything). */
	const char *args;
	unsigned min_args, max_args;
	const char *const *words;
	/* Returns the exit status, or a negative errno with err filled. */
	int (*run)(struct config *c, struct err *err);
};

extern const struct command cmd_run, cmd_check, cmd_dump, cmd_version, cmd_help;
/* All of them, NULL-terminated, in the order of the help. */
extern const struct command *const cmd_all[];

/* The command of that name, or NULL. */
const struct command *cmd_find(const char *name);
/* Finds the subcommand in argv, runs it, prints its error; the exit status. */
int cmd_main(int argc, char **argv);
/* Prints err as the user sees it, on standard error. */
void cmd_print_error(const struct err *err);
/* Prints the command's --help. */
void cmd_usage(const struct command *cmd, FILE *f);

#endif
