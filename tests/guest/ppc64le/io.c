// SPDX-License-Identifier: MIT
/* Hypercalls, RTAS, device memory, ports and the console of a pSeries. */
#include "arch.h"
#include "guest.h"
#include "ppc64.h"

#define RTAS_CELLS     16
#define RTAS_PARAMETER -3

int64_t hcall(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	      uint64_t *out)
{
	uint64_t r[9] = { a, b, c, d };
	int64_t ret = hcall_raw(nr, r, r);

	if (out)
		*out = r[0];
	return ret;
}

/* --- RTAS */

int32_t rtas(const char *name, unsigned nargs, const uint32_t *arg,
	     unsigned nret, uint32_t *ret)
{
	uint32_t cell[3 + RTAS_CELLS] = { __builtin_bswap32(rtas_token(name)),
					  __builtin_bswap32(nargs),
					  __builtin_bswap32(nret) };

	if (!cell[0])
		return RTAS_PARAMETER;
	for (unsigned i = 0; i < nargs; i++)
		cell[3 + i] = __builtin_bswap32(arg[i]);
	arch_mb();
	if (hcall(H_RTAS, (uintptr_t)cell, 0, 0, 0, NULL) != H_SUCCESS)
		return RTAS_PARAMETER;
	arch_mb();
	for (unsigned i = 0; i < nret; i++)
		ret[i] = __builtin_bswap32(
			((volatile uint32_t *)cell)[3 + nargs + i]);
	return nret ? (int32_t)ret[0] : 0;
}

int32_t rtas3(const char *name, unsigned nargs, uint32_t a, uint32_t b,
	      uint32_t c)
{
	const uint32_t arg[] = { a, b, c };
	uint32_t status;

	return rtas(name, nargs, arg, 1, &status);
}

/* --- configuration space: LoPAR 7.3.4 */

/* Bus, device and function of an ECAM address, and 12 bits of register. */
static uint32_t config_addr(uint64_t off)
{
	uint32_t reg = off & 0xfff;

	return (reg >> 8) << 28 | ((off >> 12) & 0xffff) << 8 | (reg & 0xff);
}

static uint64_t config_read(uint64_t off, unsigned size)
{
	const uint32_t arg[] = { config_addr(off), machine.phb >> 32,
				 machine.phb, size };
	uint32_t ret[2];

	if (rtas("ibm,read-pci-config", 4, arg, 2, ret))
		return ~0ull;
	return ret[1];
}

static void config_write(uint64_t off, unsigned size, uint32_t val)
{
	const uint32_t arg[] = { config_addr(off), machine.phb >> 32,
				 machine.phb, size, val };
	uint32_t status;

	rtas("ibm,write-pci-config", 5, arg, 1, &status);
}

/* --- device memory, little-endian */

/* The hypercalls' values are what a big-endian CPU would see. */
static uint64_t swapped(uint64_t v, unsigned size)
{
	return __builtin_bswap64(v) >> (64 - 8 * size);
}

static uint64_t load(uint64_t addr, unsigned size)
{
	uint64_t v = 0;

	__asm__ volatile("sync" : : : "memory");
	if (size == 1)
		__asm__ volatile("lbz %0, 0(%1)" : "=r"(v) : "b"(addr));
	else if (size == 2)
		__asm__ volatile("lhz %0, 0(%1)" : "=r"(v) : "b"(addr));
	else
		__asm__ volatile("lwz %0, 0(%1)" : "=r"(v) : "b"(addr));
	__asm__ volatile("twi 0, %0, 0\n\tisync" : : "r"(v) : "memory");
	return v;
}

static void store(uint64_t addr, unsigned size, uint64_t v)
{
	__asm__ volatile("sync" : : : "memory");
	if (size == 1)
		__asm__ volatile("stb %0, 0(%1)" : : "r"(v), "b"(addr));
	else if (size == 2)
		__asm__ volatile("sth %0, 0(%1)" : : "r"(v), "b"(addr));
	else
		__asm__ volatile("stw %0, 0(%1)" : : "r"(v), "b"(addr));
	__asm__ volatile("sync" : : : "memory");
}

uint64_t mmio_read(uint64_t addr, unsigned size)
{
	uint64_t v;

	if (addr >= PCI_CONFIG)
		return config_read(addr - PCI_CONFIG, size);
	if (!pseries.hash)
		return load(addr, size);
	if (hcall(H_LOGICAL_CI_LOAD, size, addr, 0, 0, &v) != H_SUCCESS)
		return ~0ull;
	return swapped(v, size);
}

void mmio_write(uint64_t addr, unsigned size, uint64_t val)
{
	if (addr >= PCI_CONFIG)
		config_write(addr - PCI_CONFIG, size, val);
	else if (!pseries.hash)
		store(addr, size, val);
	else
		hcall(H_LOGICAL_CI_STORE, size, addr, swapped(val, size), 0,
		      NULL);
}

/* Real mode reaches everything. */
void arch_map(uint64_t base, uint64_t size)
{
	(void)base, (void)size;
}

uint32_t arch_io_read(uint64_t port, unsigned size)
{
	return machine.pci_io_cpu ? mmio_read(machine.pci_io_cpu + port, size)
				  : ~0u;
}

void arch_io_write(uint64_t port, unsigned size, uint32_t val)
{
	if (machine.pci_io_cpu)
		mmio_write(machine.pci_io_cpu + port, size, val);
}

/* --- the console: LoPAR 16.3, sixteen characters a call */

void arch_console_init(void)
{
}

void arch_console_write(const char *s, size_t n)
{
	while (pseries.vty && n) {
		size_t len = n < 16 ? n : 16;
		uint64_t word[2] = { 0, 0 };

		for (size_t i = 0; i < len; i++)
			word[i / 8] |= (uint64_t)(uint8_t)s[i]
				       << (56 - i % 8 * 8);
		if (hcall(H_PUT_TERM_CHAR, pseries.vty, len, word[0], word[1],
			  NULL) != H_SUCCESS)
			continue; /* busy */
		s += len;
		n -= len;
	}
}

int arch_console_read(void)
{
	static uint64_t word[2];
	static unsigned have, at;

	if (at == have) {
		uint64_t r[9] = { pseries.vty };

		at = have = 0;
		if (hcall_raw(H_GET_TERM_CHAR, r, r) != H_SUCCESS || r[0] > 16)
			return -1;
		have = r[0];
		word[0] = r[1];
		word[1] = r[2];
	}
	if (at == have)
		return -1;
	at++;
	return (uint8_t)(word[(at - 1) / 8] >> (56 - (at - 1) % 8 * 8));
}
