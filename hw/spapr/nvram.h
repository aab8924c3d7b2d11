/* SPDX-License-Identifier: MIT */
/* The NVRAM of a pSeries guest: RTAS calls over a file. */
#ifndef HW_SPAPR_NVRAM_H
#define HW_SPAPR_NVRAM_H

#include "hw/flash/store.h"
#include "hw/spapr/rtas.h"
#include "hw/spapr/vio.h"

#define NVRAM_SIZE 0x10000 /* bytes: "#bytes" of its node */

/*
 * "spapr-nvram": nvram-fetch and nvram-store (LoPAR 7.3.2).  What it holds is
 * kept in the file named by its property, or as long as the machine.  One
 * that has no valid first partition (LoPAR 8.1) is given the two of an empty
 * NVRAM, so that a guest finds room for its own.
 */
extern const struct device_class spapr_nvram_class;
/* The opaque is the struct device. */
extern const struct rtas_call nvram_rtas[];

struct spapr_nvram {
	struct vio_dev vio;
	char *file; /* property; NULL: memory only */
	/* vio.dev.lock: */
	struct flash_store store;
};

#endif
