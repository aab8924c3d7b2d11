/* SPDX-License-Identifier: MIT */
/*
 * Device memory on ia64, in physical mode: bit 63 says that it is uncacheable.
 * Addresses from PCI_CONFIG on stand for the configuration space, which has
 * none: SAL reads and writes it.
 */
#ifndef GUEST_MMIO_H
#define GUEST_MMIO_H

#include <stdint.h>

#define PCI_CONFIG 0x1000000000000000

uint64_t mmio_read(uint64_t addr, unsigned size);
void mmio_write(uint64_t addr, unsigned size, uint64_t val);

static inline uint8_t mmio_read8(uint64_t a)
{
	return mmio_read(a, 1);
}
static inline uint16_t mmio_read16(uint64_t a)
{
	return mmio_read(a, 2);
}
static inline uint32_t mmio_read32(uint64_t a)
{
	return mmio_read(a, 4);
}
static inline void mmio_write8(uint64_t a, uint8_t v)
{
	mmio_write(a, 1, v);
}
static inline void mmio_write16(uint64_t a, uint16_t v)
{
	mmio_write(a, 2, v);
}
static inline void mmio_write32(uint64_t a, uint32_t v)
{
	mmio_write(a, 4, v);
}

#endif
