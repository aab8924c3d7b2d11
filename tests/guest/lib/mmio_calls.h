/* SPDX-License-Identifier: MIT */
/*
 * Device memory by functions of the target's, where a load or a store alone
 * does not reach all of it: the addresses from PCI_CONFIG on stand for the
 * configuration space, which only firmware reads and writes.
 */
#ifndef GUEST_MMIO_CALLS_H
#define GUEST_MMIO_CALLS_H

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
