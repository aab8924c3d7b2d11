/* SPDX-License-Identifier: MIT */
/* The PCI host bridge of a pSeries guest: everything by RTAS. */
#ifndef HW_SPAPR_PHB_H
#define HW_SPAPR_PHB_H

#include "hw/core/ics.h"
#include "hw/pci/pci.h"
#include "hw/spapr/rtas.h"
#include "hw/spapr/tce.h"

/*
 * LoPAR 7.3.4 (configuration), 7.3.10.5 (MSI), 7.3.11 (EEH) and 7.4 (DMA
 * windows).  One root bus, which is one partitionable endpoint: what EEH does
 * to it, it does to all of its functions.  BARs reach the CPU where the
 * board's windows say; the I/O window is a "pci-io-window" beside it.
 *
 * The guest asks for interrupts by ibm,change-msi; the host bridge, as
 * firmware, writes the function's table.  A message's data is the number of a
 * source, of which the bridge hands out those of its range.
 */
#define PHB_MSI_ADDR	   UINT64_C(0x40000000000) /* on the bus */
#define PHB_LIOBN	   0x80000000u		   /* of the 32-bit window */
#define PHB_LIOBN64	   0x80000001u		   /* of the other one */
#define PHB_WINDOW_BASE	   UINT64_C(0)
#define PHB_WINDOW_SIZE	   UINT64_C(0x40000000)
#define PHB_WINDOW64_BASE  UINT64_C(0x800000000000000)
#define PHB_WINDOW64_PAGES 0x07 /* 4K, 64K, 16M, as RTAS counts them */
#define PHB_MSI_MAX	   1024

extern const struct device_class spapr_phb_class;

struct phb_config {
	const struct board_pci *pci;
	uint64_t buid;	    /* its unit id: what RTAS calls it */
	struct ics *ics;    /* whose sources they are */
	uint32_t msi_first; /* sources for messages, ... */
	unsigned nmsi;	    /* ... PHB_MSI_MAX at most */
	struct tce_tables *tces;
};

/* Between device_new() and device_realize(). */
void spapr_phb_setup(struct device *phb, const struct phb_config *c);
/* The root bus; every pci_attach()ed device must be freed before it. */
struct pci_bus *spapr_phb_bus(struct device *phb);

/* The opaque is the struct device. */
extern const struct rtas_call phb_rtas[];

/*
 * An error isolated the endpoint, as a VFIO container tells: from now on loads
 * and configuration reads yield ones, stores do nothing, and no function
 * reaches memory or interrupts, until the guest has recovered it.  No loop's
 * thread, no function's lock.
 */
void spapr_phb_freeze(struct device *phb);

#endif
