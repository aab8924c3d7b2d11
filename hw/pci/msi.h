/* SPDX-License-Identifier: MIT */
/* Message-signalled interrupts of a PCI function: MSI and MSI-X. */
#ifndef HW_PCI_MSI_H
#define HW_PCI_MSI_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/core/bus.h"
#include "hw/core/err.h"
#include "hw/core/irq.h"

struct pci_device;

/*
 * A vector is live while the function's MSI (or MSI-X) is enabled, bus
 * mastering is on and neither the vector nor the function is masked.  Raised
 * while live, it is one write to its route's eventfd; raised while masked,
 * its pending bit is set and it is sent when the mask goes; raised while the
 * whole capability is disabled, it is lost, as the specification says.
 * Its route, and with it the eventfd, is made when it first becomes live or
 * is asked for.  PCI Local Bus 3.0, section 6.8.
 */
struct pci_vector {
	struct msi_route route;
	bool made;   /* dev.lock */
	bool failed; /* dev.lock: the chip refused it, said once */
	atomic_bool live;
	atomic_bool pending;
};

struct pci_msi {
	unsigned n;		     /* vectors; 0: no such capability */
	struct pci_vector *vec;	     /* n of them */
	atomic_bool enabled;	     /* in the capability, whatever is masked */
	atomic_uint allowed;	     /* MSI: vectors that the guest granted */
	uint8_t *table;		     /* MSI-X, dev.lock: 16 bytes a vector */
	uint32_t table_off, pba_off; /* MSI-X: in their BARs */
	struct region *region;	     /* MSI-X: owned, when it has its own BAR */
};

/*
 * MSI-X with n vectors (1 to 2048), table and pending bits in a 32-bit BAR
 * of their own.
 */
int pci_msix_add(struct pci_device *d, unsigned bar, unsigned n,
		 struct err *err) MUST_CHECK;
/*
 * MSI-X whose table and pending bits lie inside BARs of the device's own,
 * which passes accesses to them on with the four functions below.
 */
int pci_msix_place(struct pci_device *d, unsigned n, unsigned table_bar,
		   uint32_t table_off, unsigned pba_bar, uint32_t pba_off,
		   struct err *err) MUST_CHECK;
/* off from the table's (the pending array's) start; size 4 or 8. */
uint64_t pci_msix_table_read(struct pci_device *d, uint64_t off, unsigned size);
void pci_msix_table_write(struct pci_device *d, uint64_t off, uint64_t val,
			  unsigned size);
uint64_t pci_msix_pba_read(struct pci_device *d, uint64_t off, unsigned size);

/* MSI with n vectors (a power of two, at most 32), 64-bit, maskable. */
int pci_msi_add(struct pci_device *d, unsigned n, struct err *err) MUST_CHECK;

/*
 * Raises a vector; one that does not exist is ignored.  Lock-free, from any
 * thread.  MSI uses the vectors the guest allows: v beyond them is folded.
 */
void msix_notify(struct pci_device *d, unsigned v);
void msi_notify(struct pci_device *d, unsigned v);
/* Whether the guest chose MSI-X (MSI) over INTx.  Any thread. */
bool msix_enabled(const struct pci_device *d);
bool msi_enabled(const struct pci_device *d);
/*
 * The eventfd of an MSI-X vector, for vhost, VFIO or irqfd users; what is
 * written to it while the vector is masked stays pending in it.  -1 where
 * there is no such vector or no fd to be had.  Under dev.lock or paused.
 */
int msix_fd(struct pci_device *d, unsigned v);

#endif
