/* SPDX-License-Identifier: MIT */
/* Sample boards for the writers of tables: plain, full and huge. */
#ifndef TESTS_SUPPORT_BOARDS_H
#define TESTS_SUPPORT_BOARDS_H

#include "hw/core/board.h"

#define BOARDS_MAX_DEVS 64
#define BOARDS_MAX_CPUS 512

struct sample_board {
	const char *name;
	struct board board;
	struct board_dev devs[BOARDS_MAX_DEVS];
	struct board_cpu cpus[BOARDS_MAX_CPUS];
};

enum sample {
	SAMPLE_BARE,	 /* one CPU, a serial port, nothing else */
	SAMPLE_PC,	 /* what virt has by default */
	SAMPLE_FULL,	 /* every class, virtio-mmio slots, two NUMA nodes */
	SAMPLE_HUGE,	 /* 300 CPUs, 1 TiB, devices and windows above 4 GiB */
	SAMPLE_ARM,	 /* as virt for arm64: GICv3, ITS, PCI; 2 CPUs */
	SAMPLE_ARM_V2M,	 /* GICv2 with its frame, virtio-mmio, 2 nodes */
	SAMPLE_ARM_HUGE, /* 512 CPUs of 4 threads, two redistributors */
	SAMPLE_TREES,	 /* so many have device trees */
	SAMPLE_IA64 = SAMPLE_TREES, /* 4 CPUs in 2 nodes, RAM above 4 GiB */
	SAMPLE_COUNT,
};

/* Fills *s; it points into itself, so it may not be copied. */
void sample_board_make(struct sample_board *s, enum sample which);

#endif
