/* SPDX-License-Identifier: MIT */
/* Memory as a device behind an IOMMU sees it. */
#ifndef HW_CORE_DMA_H
#define HW_CORE_DMA_H

#include "hw/core/mem.h"

/* Part of its owner, who outlives every device that has it. */
struct dma_space {
	/*
	 * As mem_iov(), of the bus's addresses; bytes that adjoin in host
	 * memory are one entry.  -EFAULT also where the device has no access.
	 * Any thread, and it takes no device's lock.
	 */
	int (*iov)(void *opaque, uint64_t addr, uint64_t len, bool write,
		   struct iovec *iov, unsigned *n, unsigned max);
	void *opaque;
};

/* mem_iov(), through dma unless that is NULL. */
int dma_iov(const struct dma_space *dma, const struct mem *m, uint64_t addr,
	    uint64_t len, bool write, struct iovec *iov, unsigned *n,
	    unsigned max) MUST_CHECK;
/*
 * The host pointer to [addr, addr + len), or NULL unless the device has access
 * to all of it and it lies in one piece: as mem_run() and mem_run_rw().
 */
void *dma_run(const struct dma_space *dma, const struct mem *m, uint64_t addr,
	      uint64_t len, bool write);

#endif
