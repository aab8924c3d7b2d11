/* SPDX-License-Identifier: MIT */
/* The way into configuration space: ECAM, ports 0xcf8 and 0xcfc, 00:00.0. */
#ifndef HW_PCI_HOST_H
#define HW_PCI_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/device.h"
#include "hw/pci/pci.h"

/*
 * "pci-host-ecam": the root bus, 1 MiB of configuration space a bus number
 * (PCI Express Base Specification, section 7.2.2).  It makes and owns the
 * function at 00:00.0.  Every pci_attach()ed device must be freed before it.
 */
extern const struct device_class pci_host_ecam_class;

/*
 * "pci-host-calls": the same without a region, for machines whose firmware is
 * called for configuration space.
 */
extern const struct device_class pci_host_calls_class;

/* The root bus of a host, made by pci_host_setup(). */
struct pci_bus *pci_host_bus(struct device *host);
/*
 * After device_new() and before device_realize(): the windows, the INTx
 * lines and the number of buses.  Sets the region's size from the latter.
 */
void pci_host_setup(struct device *host, const struct board_pci *pci);

/*
 * "pci-cf8": configuration mechanism #1 of PCI Local Bus 3.0, section
 * 3.2.2.3.2, eight ports at 0xcf8; an option for x86.  Before realize it is
 * told which host it opens; without one every function is absent.
 */
extern const struct device_class pci_cf8_class;
void pci_cf8_setup(struct device *cf8, struct pci_bus *bus);

/*
 * "pci-io-window": the I/O ports of the bus in memory, for CPUs without an
 * I/O space; port 0 at its base.  What it hears goes to env->pio.
 */
extern const struct device_class pci_io_window_class;

/* What is at 00:00.0; the host makes it by itself. */
extern const struct device_class pci_host_bridge_class;

#endif
