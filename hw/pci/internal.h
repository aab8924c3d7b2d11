/* SPDX-License-Identifier: MIT */
/* What the files of hw/pci share with each other only. */
#ifndef HW_PCI_INTERNAL_H
#define HW_PCI_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/pci/pci.h"

/* Maps and unmaps BARs as the registers now say; under dev.lock. */
void pci_bars_update(struct pci_device *d);
/* Unmaps them all. */
void pci_bars_unmap(struct pci_device *d);
/* Whether the function is in D0 and bit is set in its command register. */
bool pci_command_on(const struct pci_device *d, uint16_t bit);
/* Puts the INTx line where the registers and the device want it. */
void pci_intx_update(struct pci_device *d);

/* The capabilities or bus mastering changed: which vectors are live now. */
void pci_msi_update(struct pci_device *d);
void pci_msi_reset(struct pci_device *d);
void pci_msi_exit(struct pci_device *d);
/* The pending bits of MSI, for its register. */
uint32_t pci_msi_pending(struct pci_device *d);

#endif
