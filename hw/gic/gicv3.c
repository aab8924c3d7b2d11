/* SPDX-License-Identifier: MIT */
/* The parts of a GICv3, which accelerators supply: what tables call them. */
#include "hw/gic/gic.h"

const struct device_class gicv3_dist_class = {
	.name = "gicv3-dist",
	.brief = "GICv3 distributor",
	.compatible = "arm,gic-v3",
	.space = SPACE_MMIO,
	.region_size = 0x10000,
};

const struct device_class gicv3_redist_class = {
	.name = "gicv3-redist",
	.brief = "GICv3 redistributors",
	.space = SPACE_MMIO,
	.region_size = GICV3_REDIST_STRIDE,
};

const struct device_class gic_its_class = {
	.name = "gic-its",
	.brief = "GICv3 interrupt translation service",
	.compatible = "arm,gic-v3-its",
	.space = SPACE_MMIO,
	.region_size = 0x20000,
};
