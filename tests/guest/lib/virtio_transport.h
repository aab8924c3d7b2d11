/* SPDX-License-Identifier: MIT */
/* Between virtio.c and its two transports. */
#ifndef GUEST_VIRTIO_TRANSPORT_H
#define GUEST_VIRTIO_TRANSPORT_H

struct vdev;

void virtio_pci_scan(void);
void virtio_mmio_scan(void);
/* Takes a copy of a device that a transport found. */
void virtio_add(const struct vdev *v);

#endif
