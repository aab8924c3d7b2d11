/* SPDX-License-Identifier: MIT */
/* A board as text, for people: `vmm dump memmap` and `vmm dump board`. */
#ifndef CMD_BOARD_TEXT_H
#define CMD_BOARD_TEXT_H

#include <stdio.h>

#include "hw/core/board.h"

/* What lies where: memory and MMIO by address, then the I/O ports. */
void board_print_memmap(const struct board *b, FILE *f);
/* Everything the board says, in its own order. */
void board_print(const struct board *b, FILE *f);

#endif
