/* SPDX-License-Identifier: MIT */
/* Finds the subcommand. */
#include "cmd/cmd.h"
#include "hw/char/tty.h"

int main(int argc, char **argv)
{
	tty_std_fds(); /* or a disk might become standard output */
	return cmd_main(argc, argv);
}
