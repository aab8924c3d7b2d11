/* SPDX-License-Identifier: MIT */
/* PCI functions, found and configured through ECAM. */
#ifndef GUEST_PCI_H
#define GUEST_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_VENDOR    0x00
#define PCI_COMMAND   0x04
#define PCI_REVISION  0x08
#define PCI_HEADER    0x0e
#define PCI_BAR0      0x10
#define PCI_SUBSYSTEM 0x2c
#define PCI_CAP_PTR   0x34

#define PCI_CAP_MSI    0x05
#define PCI_CAP_VENDOR 0x09
#define PCI_CAP_EXP    0x10
#define PCI_CAP_MSIX   0x11

#define PCI_MAX 64

struct pci_bar {
	uint64_t base, size; /* size 0: none */
	bool io, wide, prefetch;
};

struct pci_dev {
	uint8_t bus, dev, fn;
	uint64_t cfg; /* its configuration space */
	uint16_t vendor, device;
	uint32_t class; /* base class, subclass, interface */
	struct pci_bar bar[6];
	uint64_t msix_table; /* 0: none, or not yet placed */
	uint64_t msix_pba;
	unsigned msix_count;
};

extern struct pci_dev pci[PCI_MAX];
extern unsigned npci;

/* Finds every function on the buses that bridges lead to. */
void pci_scan(void);
/* A short name for the class. */
const char *pci_class_name(uint32_t class);
/*
 * Sizes the BARs, places those that nobody has placed, turns decoding and
 * bus mastering on and finds the MSI-X table.
 */
void pci_enable(struct pci_dev *d);
/* The offset of the next capability with this id after pos (0: the first). */
unsigned pci_cap(const struct pci_dev *d, unsigned pos, uint8_t id);
/* Points one MSI-X vector at the guest's interrupt n; false: arch_msi()'s. */
bool pci_msix_set(struct pci_dev *d, unsigned vector, unsigned n);
void pci_msix_mask(struct pci_dev *d, unsigned vector, bool mask);
/* Whether the pending bit array holds the vector (PCI Local Bus 3.0, 6.8.3.5).
 */
bool pci_msix_pending(const struct pci_dev *d, unsigned vector);
/* Turns MSI-X on or off as a whole. */
void pci_msix_enable(struct pci_dev *d, bool on);

#endif
