/* SPDX-License-Identifier: MIT */
/* I/O ports in memory, four to a page: the port space of IA-64. */
#ifndef HW_MISC_SPARSE_PORTS_H
#define HW_MISC_SPARSE_PORTS_H

#include "hw/core/device.h"

/*
 * "sparse-ports": port p at (p >> 2) << 12 | (p & 0xfff), so that each four
 * have a page of their own (SDM 2:10.7).  What it hears goes to env->pio.
 */
extern const struct device_class sparse_ports_class;

#define SPARSE_PORTS_SIZE 0x4000000

#endif
