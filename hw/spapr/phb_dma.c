/* SPDX-License-Identifier: MIT */
/* DMA windows of the PCI host bridge: a 32-bit one, and one at request. */
#include <errno.h>

#include "hw/spapr/phb_priv.h"

/* The pages of PHB_WINDOW64_PAGES, by their bits. */
static const unsigned window_shifts[] = { 12, 16, 24 };

static bool window_shift_ok(uint32_t shift)
{
	for (unsigned i = 0; i < 3; i++)
		if (window_shifts[i] == shift)
			return true;
	return false;
}

/* Enough for every page of guest memory, twice over: RAM may have holes. */
static uint64_t window_most_bytes(const struct spapr_phb *s)
{
	uint64_t bytes = 1 << 24;

	while (bytes < 2 * mem_size(s->dev.env->mem))
		bytes *= 2;
	return bytes;
}

/* The window that an address lies in; none does as long as it is isolated. */
int phb_dma_iov(void *opaque, uint64_t addr, uint64_t len, bool write,
		struct iovec *iov, unsigned *n, unsigned max)
{
	struct spapr_phb *s = opaque;
	uint32_t liobn = addr >= PHB_WINDOW64_BASE ? PHB_LIOBN64 : PHB_LIOBN;

	if (phb_state(s) != PHB_RUNNING)
		return -EFAULT;
	return tce_iov(s->cfg.tces, liobn, addr, len, write, iov, n, max);
}

void phb_dma_reset(struct spapr_phb *s)
{
	tce_remove(s->cfg.tces, PHB_LIOBN64);
	tce_clear(s->cfg.tces, PHB_LIOBN);
	s->window64 = false;
}

/*
 * Address, unit id; the results are how many windows may still be made, the
 * most entries in one (in two cells where the guest gives room for them),
 * page sizes, and that they cannot migrate.  LoPAR 7.4.1.
 */
int32_t phb_query_window(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	uint64_t most;

	(void)cpu;
	if (!s)
		return RTAS_PARAMETER;
	most = window_most_bytes(s) >> window_shifts[0];
	device_lock(&s->dev);
	a->ret[1] = s->window64 ? 0 : 1;
	device_unlock(&s->dev);
	if (a->nret == 6) {
		a->ret[2] = (uint32_t)(most >> 32);
		a->ret[3] = (uint32_t)most;
		a->ret[4] = PHB_WINDOW64_PAGES;
		return RTAS_OK;
	}
	a->ret[2] = most > UINT32_MAX ? UINT32_MAX : (uint32_t)most;
	a->ret[3] = PHB_WINDOW64_PAGES;
	return RTAS_OK;
}

static int32_t window_create(struct spapr_phb *s, uint32_t page, uint32_t size)
{
	if (!window_shift_ok(page) || size < page || size > 58 ||
	    UINT64_C(1) << size > window_most_bytes(s))
		return RTAS_PARAMETER;
	if (s->window64 || tce_add(s->cfg.tces, PHB_LIOBN64, PHB_WINDOW64_BASE,
				   page, UINT64_C(1) << (size - page)) < 0)
		return RTAS_HARDWARE;
	s->window64 = true;
	return RTAS_OK;
}

/*
 * Address, unit id, log2 of the page, log2 of the window; the results are its
 * LIOBN and its bus address.
 */
int32_t phb_create_window(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	int32_t ret;

	(void)cpu;
	if (!s)
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	ret = window_create(s, a->arg[3], a->arg[4]);
	device_unlock(&s->dev);
	if (ret != RTAS_OK)
		return ret;
	a->ret[1] = PHB_LIOBN64;
	a->ret[2] = PHB_WINDOW64_BASE >> 32;
	a->ret[3] = (uint32_t)PHB_WINDOW64_BASE;
	return RTAS_OK;
}

/* By the LIOBN alone.  The 32-bit window is the firmware's and stays. */
int32_t phb_remove_window(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s =
		container_of((struct device *)opaque, struct spapr_phb, dev);
	bool there;

	(void)cpu;
	device_lock(&s->dev);
	there = a->arg[0] == PHB_LIOBN64 &&
		tce_remove(s->cfg.tces, PHB_LIOBN64);
	if (there)
		s->window64 = false;
	device_unlock(&s->dev);
	return there ? RTAS_OK : RTAS_PARAMETER;
}

int32_t phb_reset_window(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);

	(void)cpu;
	if (!s)
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	phb_dma_reset(s);
	device_unlock(&s->dev);
	return RTAS_OK;
}
