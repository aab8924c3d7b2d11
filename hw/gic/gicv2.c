/* SPDX-License-Identifier: MIT */
/* The parts of a GICv2: what tables call them. */
#include "hw/gic/gic.h"

const struct device_class gicv2_dist_class = {
	.name = "gicv2-dist",
	.brief = "GICv2 distributor",
	.compatible = "arm,cortex-a15-gic",
	.space = SPACE_MMIO,
	.region_size = 0x10000,
};

const struct device_class gicv2_cpu_class = {
	.name = "gicv2-cpu",
	.brief = "GICv2 CPU interface",
	.space = SPACE_MMIO,
	.region_size = 0x10000,
};
