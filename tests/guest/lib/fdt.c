// SPDX-License-Identifier: MIT
/* Reads what the flattened device tree says about the machine. */
#include "fdt.h"

#include "arch.h"
#include "guest.h"

#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP	       4

/* Offsets in the header (section 5.2). */
#define FDT_MAGIC     0
#define FDT_TOTALSIZE 4
#define FDT_STRUCT    8
#define FDT_STRINGS   12
#define FDT_RESERVED  16
#define FDT_MAGIC_IS  0xd00dfeed

static char fdt_console[64]; /* the node that stdout-path names */

static uint32_t be32(const void *p)
{
	return __builtin_bswap32(get32(p));
}

static const uint8_t *fdt_at(unsigned field)
{
	const uint8_t *fdt = machine.fdt;

	return fdt + be32(fdt + field);
}

uint64_t fdt_cells(const void *p, unsigned cells)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < cells; i++)
		v = v << 32 | be32((const uint8_t *)p + 4 * i);
	return v;
}

/* Past the token at p, whatever it is. */
static const uint8_t *fdt_next(const uint8_t *p)
{
	switch (be32(p)) {
	case FDT_BEGIN_NODE:
		return p + ALIGN_UP(4 + strlen((const char *)p + 4) + 1, 4);
	case FDT_PROP: return p + ALIGN_UP(12 + be32(p + 4), 4);
	default: return p + 4;
	}
}

const void *fdt_prop(const struct fdt_node *n, const char *name, uint32_t *len)
{
	const char *strings = (const char *)fdt_at(FDT_STRINGS);

	for (const uint8_t *p = n->props;; p = fdt_next(p)) {
		if (be32(p) == FDT_NOP)
			continue;
		if (be32(p) != FDT_PROP)
			return NULL;
		if (strcmp(strings + be32(p + 8), name))
			continue;
		if (len)
			*len = be32(p + 4);
		return p + 12;
	}
}

const char *fdt_string(const struct fdt_node *n, const char *name)
{
	uint32_t len;
	const char *s = fdt_prop(n, name, &len);

	return s && len && !s[len - 1] ? s : "";
}

uint32_t fdt_u32(const struct fdt_node *n, const char *name, uint32_t absent)
{
	uint32_t len;
	const void *p = fdt_prop(n, name, &len);

	return p && len >= 4 ? be32(p) : absent;
}

bool fdt_is(const struct fdt_node *n, const char *compatible)
{
	uint32_t len;
	const char *s = fdt_prop(n, "compatible", &len);

	for (const char *end = s + len; s && s < end; s += strlen(s) + 1)
		if (!strcmp(s, compatible))
			return true;
	return false;
}

bool fdt_reg(const struct fdt_node *n, unsigned i, uint64_t *base,
	     uint64_t *size)
{
	unsigned a = fdt_u32(n->parent, "#address-cells", 2);
	unsigned s = fdt_u32(n->parent, "#size-cells", 1);
	uint32_t len;
	const uint8_t *p = fdt_prop(n, "reg", &len);

	if (!p || (i + 1) * 4 * (a + s) > len)
		return false;
	p += i * 4 * (a + s);
	*base = fdt_cells(p, a);
	*size = fdt_cells(p + 4 * a, s);
	return true;
}

static const uint8_t *fdt_walk_node(const uint8_t *p,
				    const struct fdt_node *parent,
				    void (*visit)(const struct fdt_node *n))
{
	struct fdt_node n = { (const char *)p + 4, fdt_next(p), parent };

	visit(&n);
	p = n.props;
	while (be32(p) != FDT_END_NODE)
		p = be32(p) == FDT_BEGIN_NODE ? fdt_walk_node(p, &n, visit)
					      : fdt_next(p);
	return p + 4;
}

void fdt_walk(void (*visit)(const struct fdt_node *n))
{
	fdt_walk_node(fdt_at(FDT_STRUCT), NULL, visit);
}

/* --- what every architecture has */

static void fdt_memory(const struct fdt_node *n)
{
	uint64_t base, size;

	for (unsigned i = 0; fdt_reg(n, i, &base, &size); i++)
		mem_add(base, size, MEM_RAM);
}

uint64_t fdt_number(const struct fdt_node *n, const char *name)
{
	uint32_t len = 0;
	const void *p = fdt_prop(n, name, &len);

	return fdt_cells(p, p ? len / 4 : 0);
}

static bool fdt_is_chosen(const struct fdt_node *n)
{
	return n->parent && !n->parent->parent && !strcmp(n->name, "chosen");
}

/* Before all else: what the rest is read by. */
static void fdt_chosen(const struct fdt_node *n)
{
	const char *s = fdt_string(n, "stdout-path");
	size_t len = 0;

	if (!fdt_is_chosen(n))
		return;
	machine.cmdline = fdt_string(n, "bootargs");
	machine.efi.table = fdt_number(n, "linux,uefi-system-table");
	machine.efi.map = fdt_number(n, "linux,uefi-mmap-start");
	machine.efi.map_size = fdt_number(n, "linux,uefi-mmap-size");
	machine.efi.desc_size = fdt_number(n, "linux,uefi-mmap-desc-size");
	while (s[len] && s[len] != ':' && len + 1 < sizeof(fdt_console))
		len++;
	memcpy(fdt_console, s, len);
}

/* Once all memory is known. */
static void fdt_reserved(const struct fdt_node *n)
{
	uint64_t base, size;

	if (fdt_is_chosen(n)) {
		base = fdt_number(n, "linux,initrd-start");
		mem_reserve(base, fdt_number(n, "linux,initrd-end") - base);
	}
	if (n->parent && !strcmp(n->parent->name, "reserved-memory"))
		for (unsigned i = 0; fdt_reg(n, i, &base, &size); i++)
			mem_reserve(base, size);
}

static void fdt_pci_range(const uint8_t *p)
{
	uint32_t space = be32(p) >> 24 & 3;
	uint64_t bus = fdt_cells(p + 4, 2), cpu = fdt_cells(p + 12, 2);
	struct window w = { bus, fdt_cells(p + 20, 2), bus };

	if (space == 1) {
		w.next += 0x1000; /* a BAR of 0 is none */
		machine.pci_io = w;
		machine.pci_io_cpu = cpu - bus;
		arch_map(cpu, w.size);
	} else if (space == 2) {
		machine.pci_mem32 = w;
		machine.pci_mem32_cpu = cpu - bus;
	} else if (space == 3) {
		machine.pci_mem64 = w;
	}
}

/* PCI's three cells, two of the CPU's address, two of the size. */
void fdt_pci_windows(const struct fdt_node *n)
{
	uint32_t len = 0;
	const uint8_t *p = fdt_prop(n, "bus-range", &len);

	if (p && len >= 8) {
		machine.bus_first = be32(p);
		machine.bus_last = be32(p + 4);
	}
	p = fdt_prop(n, "ranges", &len);
	for (uint32_t i = 0; p && i + 28 <= len; i += 28)
		fdt_pci_range(p + i);
}

static void fdt_pci(const struct fdt_node *n)
{
	uint64_t size;

	if (!fdt_reg(n, 0, &machine.ecam, &size))
		return;
	machine.bus_last = (size >> 20) - 1;
	arch_map(machine.ecam, size);
	fdt_pci_windows(n);
}

static struct mmio_slot fdt_slot(const struct fdt_node *n)
{
	struct mmio_slot s = { 0 };
	uint64_t size;

	if (fdt_reg(n, 0, &s.base, &size)) {
		s.size = size;
		s.gsi = arch_fdt_irq(n, 0);
		arch_map(s.base, size);
	}
	return s;
}

/* The one that stdout-path names, or the first. */
static void fdt_uart(const struct fdt_node *n)
{
	const char *want = fdt_console + (fdt_console[0] == '/');
	struct mmio_slot s;

	if (machine.uart.addr && strcmp(want, n->name))
		return;
	s = fdt_slot(n);
	machine.uart = (struct reg){ false, s.base };
	machine.uart_gsi = s.gsi;
}

static void fdt_rtc(const struct fdt_node *n)
{
	struct mmio_slot s = fdt_slot(n);

	machine.rtc = (struct reg){ false, s.base };
	machine.rtc_gsi = s.gsi;
}

static void fdt_device(const struct fdt_node *n)
{
	if (fdt_is(n, "pci-host-ecam-generic"))
		fdt_pci(n);
	else if (fdt_is(n, "virtio,mmio") && machine.nslots < MAX_SLOTS)
		machine.slot[machine.nslots++] = fdt_slot(n);
	else if (fdt_is(n, "arm,pl011") || fdt_is(n, "ns16550a"))
		fdt_uart(n);
	else if (fdt_is(n, "arm,pl031"))
		fdt_rtc(n);
	else if (fdt_is(n, "arm,pl061"))
		machine.gpio = fdt_slot(n);
	else if (fdt_is(n, "qemu,pvpanic-mmio"))
		machine.pvpanic = (struct reg){ false, fdt_slot(n).base };
	else
		arch_fdt_node(n);
}

static void fdt_node(const struct fdt_node *n)
{
	const char *type = fdt_string(n, "device_type");
	uint64_t id, none;

	if (!n->parent)
		return;
	if (!strcmp(fdt_string(n, "status"), "disabled"))
		return;
	if (!strcmp(type, "memory"))
		fdt_memory(n);
	else if (!strcmp(type, "cpu") && machine.ncpus < MAX_CPUS &&
		 fdt_reg(n, 0, &id, &none))
		machine.cpu[machine.ncpus++] = id;
	fdt_device(n);
}

/* Ascending: reserving leaves the map in disorder. */
static void fdt_sort_memory(void)
{
	for (unsigned i = 1; i < machine.nmem; i++)
		for (unsigned k = i; k; k--) {
			struct mem_entry *e = &machine.mem[k], t = *e;

			if (e[-1].base <= e->base)
				break;
			*e = e[-1];
			e[-1] = t;
		}
}

bool fdt_read_chosen(void)
{
	const uint8_t *fdt = machine.fdt;

	if (!fdt || be32(fdt + FDT_MAGIC) != FDT_MAGIC_IS)
		return false;
	fdt_walk(fdt_chosen);
	return true;
}

void fdt_read(void)
{
	const uint8_t *fdt = machine.fdt, *p;

	fdt_walk(fdt_node);
	fdt_walk(fdt_reserved);
	for (p = fdt_at(FDT_RESERVED); fdt_cells(p + 8, 2); p += 16)
		mem_reserve(fdt_cells(p, 2), fdt_cells(p + 8, 2));
	mem_reserve((uintptr_t)fdt, be32(fdt + FDT_TOTALSIZE));
	fdt_sort_memory();
}
