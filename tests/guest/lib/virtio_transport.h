/* SPDX-License-Identifier: MIT */
/* Between virtio.c and its two transports. */
#ifndef GUEST_VIRTIO_TRANSPORT_H
#define GUEST_VIRTIO_TRANSPORT_H

#include <stdint.h>

struct vdev;

/* Registers of 64 bits: halves behind a selector, or one after the other. */
uint64_t virtio_selected(uint64_t select, uint64_t reg);
void virtio_set_selected(uint64_t select, uint64_t reg, uint64_t val);
void virtio_set_halves(uint64_t reg, uint64_t val);

void virtio_pci_scan(void);
void virtio_mmio_scan(void);
/* Takes a copy of a device that a transport found. */
void virtio_add(const struct vdev *v);

#endif
