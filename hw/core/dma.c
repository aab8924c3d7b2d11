/* SPDX-License-Identifier: MIT */
/* Memory as a device behind an IOMMU sees it. */
#include "hw/core/dma.h"

int dma_iov(const struct dma_space *dma, const struct mem *m, uint64_t addr,
	    uint64_t len, bool write, struct iovec *iov, unsigned *n,
	    unsigned max)
{
	return dma ? dma->iov(dma->opaque, addr, len, write, iov, n, max)
		   : mem_iov(m, addr, len, write, iov, n, max);
}

void *dma_run(const struct dma_space *dma, const struct mem *m, uint64_t addr,
	      uint64_t len, bool write)
{
	struct iovec one;
	unsigned n = 0;

	if (!dma)
		return write ? mem_run_rw(m, addr, len) : mem_run(m, addr, len);
	if (dma->iov(dma->opaque, addr, len, write, &one, &n, 1) < 0 || n != 1)
		return NULL;
	return one.iov_base;
}
