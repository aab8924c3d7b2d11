/* SPDX-License-Identifier: MIT */
/* Everything that the options of all commands fill. */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include <stdbool.h>

#include "cmd/opt.h"
#include "machine/virt/config.h"

enum help_format { HELP_TEXT, HELP_MAN, HELP_BASH, HELP_ZSH };

struct config {
	struct vm_config vm;
	struct config_log {
		int level;		/* enum log_level, or -1: not given */
		char *file;		/* NULL: stderr */
		bool insn, insn_counts; /* of the guest */
	} log;
	char *gdb;     /* where a debugger connects, or NULL */
	bool wait_gdb; /* the guest starts when it says so */
	bool dry_run;  /* run: check and print the configuration, no more */
	char *output;  /* dump: where to; NULL: standard output */
	uint64_t phys_bits; /* dump: of the guest */
	bool json;	    /* check */
	int format;	    /* help: enum help_format */
	struct opt_args args;
};

/* The tables of `vmm run`, in struct config. */
extern const struct opt config_machine_opts[]; /* dump takes them too */
extern const struct opt config_run_opts[];

void config_init(struct config *c);
void config_free(struct config *c);
/*
 * Answers --device help and --device NAME,help on f, where one is among the
 * options.  1 then, 0 if not, or a negative errno.
 */
int config_device_help(const struct config *c, FILE *f, struct err *err);
/* The level in force: as given, else warnings, or more into a file. */
enum log_level config_log_level(const struct config_log *log);

#endif
