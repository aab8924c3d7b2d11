/* SPDX-License-Identifier: MIT */
/* Virtio over PCI, modern only: virtio 1.2, section 4.1. */
#ifndef HW_VIRTIO_PCI_H
#define HW_VIRTIO_PCI_H

#include "hw/pci/pci.h"
#include "hw/virtio/virtio.h"

/*
 * A PCI function ("virtio-pci") with a virtio device behind it.  It has an
 * MSI-X vector for each queue and one for the configuration, and INTx for
 * drivers without MSI-X.  The machine attaches it to the bus; the virtio
 * device is realized before it, freed after it, and reset, started and
 * stopped as a device of its own.
 */
struct virtio_pci {
	struct pci_device pci;
	/* constant from realize to unrealize: */
	struct virtio_device *vdev;
	struct region bar; /* 0: all four structures */
	unsigned cfg_cap;  /* offset of the configuration access capability */
	/* atomic: */
	uint16_t config_vector;
	/* irq_lock, before pci.bus->lock: */
	pthread_mutex_t irq_lock;
	uint8_t isr; /* INTx is up while it is not 0 */
};

extern const struct device_class virtio_pci_class;

/* Puts v, which stays the caller's, behind the function; before realize. */
void virtio_pci_set_device(struct virtio_pci *p, struct virtio_device *v);

#endif
