/* SPDX-License-Identifier: MIT */
/* A PCI root with buses and a recording interrupt chip; no KVM. */
#ifndef TESTS_SUPPORT_PCI_RIG_H
#define TESTS_SUPPORT_PCI_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/device.h"
#include "hw/pci/host.h"
#include "hw/pci/pci.h"

#define PCI_RIG_ECAM   0xe0000000
#define PCI_RIG_MMIO32 0xc0000000
#define PCI_RIG_MMIO64 0x100000000000
#define PCI_RIG_PIO    0x6000

struct pci_rig {
	struct bus mmio, pio;
	struct irqchip chip;
	struct device_env env;
	struct device *host;
	struct pci_bus *bus;
	bool line[32];
	unsigned routes;   /* route() calls with a message */
	unsigned unroutes; /* and without */
	bool refuse;	   /* route() fails */
	struct msi_msg last;
};

/* Asserts rather than fails: a test's set-up. */
void pci_rig_make(struct pci_rig *r);
void pci_rig_free(struct pci_rig *r);
/* Attaches a device of class c at devfn and realizes it. */
void *pci_rig_add(struct pci_rig *r, const struct device_class *c,
		  const char *name, uint8_t devfn);
void pci_rig_remove(struct pci_device *d);

/* Through the ECAM region. */
uint32_t pci_rig_read(struct pci_rig *r, uint8_t devfn, unsigned off,
		      unsigned size);
void pci_rig_write(struct pci_rig *r, uint8_t devfn, unsigned off,
		   unsigned size, uint32_t val);
/* The offset of a capability, or 0; follows the chain as a guest would. */
unsigned pci_rig_cap(struct pci_rig *r, uint8_t devfn, uint8_t id);
/* How often an eventfd was written since it was last asked. */
uint64_t pci_rig_drain(int fd);

/*
 * A function with BAR 0 (64-bit prefetchable, 16 KiB), BAR 2 (32-bit, 4
 * KiB), BAR 3 (32 ports), BAR 4 (MSI-X, 4 vectors), MSI (4), PM and PCIe.
 * Reads of its regions yield the offset plus 1000 * BAR.
 */
struct pci_probe {
	struct pci_device pci;
	struct region region[PCI_NUM_BARS];
	uint64_t written, written_off;
};
extern const struct device_class pci_probe_class;

#endif
