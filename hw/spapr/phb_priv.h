/* SPDX-License-Identifier: MIT */
/* The inside of the PCI host bridge, shared by its files. */
#ifndef HW_SPAPR_PHB_PRIV_H
#define HW_SPAPR_PHB_PRIV_H

#include "hw/core/dma.h"
#include "hw/spapr/phb.h"

/* PE states: ibm,read-slot-reset-state2, LoPAR 7.3.11.1.3. */
enum phb_state {
	PHB_RUNNING = 0,
	PHB_RESET = 1,
	PHB_FROZEN = 2, /* neither MMIO nor DMA */
	PHB_MMIO_ONLY = 4,
};

/* A function's messages. */
struct phb_msi {
	uint32_t first; /* source */
	unsigned n;	/* 0: none */
	bool msix;
};

struct spapr_phb {
	struct device dev;
	/* constant from setup: */
	struct phb_config cfg;
	struct pci_bus bus;
	struct dma_space dma; /* the functions' */
	/* dev.lock, which comes before a function's: */
	struct phb_msi msi[256]; /* by devfn */
	uint64_t used[PHB_MSI_MAX / 64];
	enum phb_state state; /* atomic: DMA reads it without the lock */
	bool error;	      /* it froze, and no log has told of it */
	bool window64;
};

static inline enum phb_state phb_state(const struct spapr_phb *s)
{
	return __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);
}

/* dev.lock is held. */
static inline void phb_set_state(struct spapr_phb *s, enum phb_state state)
{
	__atomic_store_n(&s->state, state, __ATOMIC_RELEASE);
}

/* The bridge, if that is its unit id. */
struct spapr_phb *phb_of(void *opaque, uint32_t buid_hi, uint32_t buid_lo);

/* What a configuration address of RTAS names: LoPAR 7.3.4, table 22. */
static inline unsigned phb_addr_bus(uint32_t addr)
{
	return addr >> 16 & 0xff;
}

static inline uint8_t phb_addr_devfn(uint32_t addr)
{
	return (uint8_t)(addr >> 8);
}

static inline unsigned phb_addr_reg(uint32_t addr)
{
	return (addr >> 20 & 0xf00) | (addr & 0xff);
}

/* The function that it names, or NULL. */
struct pci_device *phb_function(struct spapr_phb *s, uint32_t addr);

/* phb_msi.c */
rtas_fn phb_change_msi, phb_query_source;
void phb_msi_reset(struct spapr_phb *s);
/* phb_dma.c */
rtas_fn phb_query_window, phb_create_window, phb_remove_window,
	phb_reset_window;
int phb_dma_iov(void *opaque, uint64_t addr, uint64_t len, bool write,
		struct iovec *iov, unsigned *n, unsigned max);
/* To the 32-bit window alone. */
void phb_dma_reset(struct spapr_phb *s);
/* phb_eeh.c */
rtas_fn phb_eeh_option, phb_eeh_addr_info, phb_eeh_state, phb_eeh_reset,
	phb_eeh_configure, phb_eeh_detail;

#endif
