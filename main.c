/* SPDX-License-Identifier: MIT */
/* Finds the subcommand. */
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
