/* SPDX-License-Identifier: MIT */
/* Finds the subcommand. */
#include <malloc.h>

#include "cmd/cmd.h"
#include "hw/char/tty.h"

int main(int argc, char **argv)
{
	/* An arena a thread costs each vCPU's start a mapping of 64 MiB, and
	 * nothing that is hot allocates. */
	mallopt(M_ARENA_MAX, 1);
	tty_std_fds(); /* or a disk might become standard output */
	return cmd_main(argc, argv);
}
