/* SPDX-License-Identifier: MIT */
/* The flattened device tree of a board (Devicetree Specification 0.4). */
#include "boot/fdt.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/fdt_priv.h"

static const struct fdt_arch *const fdt_archs[] = { &fdt_x86_64, &fdt_arm64,
						    &fdt_ppc64le };

static const struct fdt_arch *fdt_arch(enum arch arch)
{
	for (size_t i = 0; i < sizeof(fdt_archs) / sizeof(*fdt_archs); i++)
		if (fdt_archs[i]->arch == arch)
			return fdt_archs[i];
	return NULL;
}

/* ---- the writer */

static void fdt_result(struct fdt_writer *w, int ret)
{
	if (ret < 0 && !w->ret)
		w->ret = ret;
}

void fdt_node(struct fdt_writer *w, const char *fmt, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	fdt_result(w, fdt_begin_node(w->fdt, name));
}

void fdt_node_end(struct fdt_writer *w)
{
	fdt_result(w, fdt_end_node(w->fdt));
}

void fdt_bytes(struct fdt_writer *w, const char *name, const void *p,
	       size_t size)
{
	fdt_result(w, fdt_property(w->fdt, name, p, (int)size));
}

void fdt_flag(struct fdt_writer *w, const char *name)
{
	fdt_bytes(w, name, "", 0);
}

void fdt_str(struct fdt_writer *w, const char *name, const char *val)
{
	fdt_bytes(w, name, val, strlen(val) + 1);
}

void fdt_u32(struct fdt_writer *w, const char *name, uint32_t val)
{
	fdt_result(w, fdt_property_u32(w->fdt, name, val));
}

void fdt_u64(struct fdt_writer *w, const char *name, uint64_t val)
{
	fdt_result(w, fdt_property_u64(w->fdt, name, val));
}

void fdt_cells(struct fdt_writer *w, const char *name, const uint32_t *cells,
	       size_t n)
{
	void *p;

	fdt_result(w, fdt_property_placeholder(w->fdt, name, (int)(4 * n), &p));
	if (w->ret)
		return;
	for (size_t i = 0; i < n; i++)
		fdt32_st((uint32_t *)p + i, cells[i]);
}

void fdt_reg(struct fdt_writer *w, uint64_t base, uint64_t size)
{
	const uint32_t cells[] = { (uint32_t)(base >> 32), (uint32_t)base,
				   (uint32_t)(size >> 32), (uint32_t)size };

	fdt_cells(w, "reg", cells, 4);
}

/* ---- memory and CPUs */

static bool fdt_numa(const struct board *b)
{
	return board_nodes(b) > 1 && !fdt_arch(b->arch)->associativity;
}

/* Documentation/devicetree/bindings/numa.txt; the SLIT has the same. */
static void fdt_distances(struct fdt_writer *w)
{
	uint32_t n = board_nodes(w->b), *cells = calloc(n * n, 3 * 4),
		 *p = cells;

	if (!cells) {
		fdt_result(w, -FDT_ERR_NOSPACE);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < n; j++, p += 3) {
			p[0] = i;
			p[1] = j;
			p[2] = board_distance(w->b, i, j);
		}
	fdt_node(w, "distance-map");
	fdt_str(w, "compatible", "numa-distance-map-v1");
	fdt_cells(w, "distance-matrix", cells, 3 * (size_t)n * n);
	fdt_node_end(w);
	free(cells);
}

static void fdt_memory(struct fdt_writer *w)
{
	const struct board *b = w->b;
	const struct fdt_arch *arch = fdt_arch(b->arch);

	for (unsigned i = 0; i < b->nram; i++) {
		fdt_node(w, "memory@%" PRIx64, b->ram[i].base);
		fdt_str(w, "device_type", "memory");
		fdt_reg(w, b->ram[i].base, b->ram[i].size);
		if (fdt_numa(b))
			fdt_u32(w, "numa-node-id", b->ram[i].node);
		if (arch->memory)
			arch->memory(w, i);
		fdt_node_end(w);
	}
}

static bool fdt_in_ram(const struct board *b, uint64_t addr)
{
	for (unsigned i = 0; i < b->nram; i++)
		if (addr - b->ram[i].base < b->ram[i].size)
			return true;
	return false;
}

/* What lies outside RAM needs no word here, nor what EFI's map tells of. */
static void fdt_reserved(struct fdt_writer *w, bool efi)
{
	bool opened = false;

	for (unsigned i = 0; i < w->b->nreserved && !efi; i++) {
		const struct board_reserved *r = &w->b->reserved[i];

		if (!fdt_in_ram(w->b, r->base))
			continue;
		if (!opened) {
			fdt_node(w, "reserved-memory");
			fdt_u32(w, "#address-cells", 2);
			fdt_u32(w, "#size-cells", 2);
			fdt_flag(w, "ranges");
			opened = true;
		}
		fdt_node(w, "%s@%" PRIx64, r->name, r->base);
		fdt_reg(w, r->base, r->size);
		if (!fdt_arch(w->b->arch)->map_reserved)
			fdt_flag(w, "no-map");
		fdt_node_end(w);
	}
	if (opened)
		fdt_node_end(w);
}

static void fdt_cpus(struct fdt_writer *w)
{
	const struct fdt_arch *arch = fdt_arch(w->b->arch);

	fdt_node(w, "cpus");
	fdt_u32(w, "#address-cells", 1);
	fdt_u32(w, "#size-cells", 0);
	for (unsigned i = 0; i < w->b->ncpus; i++) {
		const struct board_cpu *c = &w->b->cpus[i];

		if (arch->cpu_node && !arch->cpu_node(w->b, i))
			continue;
		fdt_node(w, "cpu@%x", (unsigned)c->hw_id);
		fdt_str(w, "device_type", "cpu");
		fdt_u32(w, "reg", (uint32_t)c->hw_id);
		if (fdt_numa(w->b))
			fdt_u32(w, "numa-node-id", c->node);
		if (arch->cpu)
			arch->cpu(w, i);
		fdt_node_end(w);
	}
	if (arch->cpus)
		arch->cpus(w);
	fdt_node_end(w);
}

/* ---- devices */

static void fdt_interrupts(struct fdt_writer *w, const struct board_dev *d)
{
	uint32_t cells[FDT_MAX_IRQ_CELLS];
	unsigned n;

	if (d->irq == BOARD_NO_IRQ)
		return;
	n = fdt_arch(w->b->arch)->irq(d->irq, d->trigger, d->polarity, cells);
	fdt_cells(w, "interrupts", cells, n);
}

void fdt_device_body(struct fdt_writer *w, const struct board_dev *d)
{
	/* The ISA binding: space (1: ports), address, size. */
	const uint32_t ports[] = { 1, (uint32_t)d->base, (uint32_t)d->size };

	if (d->space == SPACE_PIO)
		fdt_cells(w, "reg", ports, 3);
	else
		fdt_reg(w, d->base, d->size);
	fdt_interrupts(w, d);
}

static void fdt_uart(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_device_body(w, d);
	fdt_u32(w, "clock-frequency", 1843200);
}

void fdt_coherent_body(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_device_body(w, d);
	fdt_flag(w, "dma-coherent");
}

/* ---- the PCI host: IEEE 1275's PCI binding, host-generic-pci */

#define PCI_SPACE_IO	(1u << 24)
#define PCI_SPACE_MEM32 (2u << 24)
#define PCI_SPACE_MEM64 (3u << 24)
#define PCI_PREFETCH	(1u << 30)
#define PCI_MAP_SLOTS	4 /* the swizzle repeats */

static size_t fdt_pci_range(uint32_t *cells, uint32_t space,
			    const struct board_range *r, uint64_t cpu)
{
	const uint32_t range[] = { space,
				   (uint32_t)(r->base >> 32),
				   (uint32_t)r->base,
				   (uint32_t)(cpu >> 32),
				   (uint32_t)cpu,
				   (uint32_t)(r->size >> 32),
				   (uint32_t)r->size };

	if (!r->size)
		return 0;
	memcpy(cells, range, sizeof(range));
	return sizeof(range) / sizeof(*range);
}

void fdt_pci_ranges(struct fdt_writer *w)
{
	const struct board_pci *pci = &w->b->pci;
	uint32_t cells[3 * 7];
	size_t n = 0;

	n += fdt_pci_range(cells + n, PCI_SPACE_IO, &pci->pio,
			   pci->pio_mmio ? pci->pio_mmio : pci->pio.base);
	n += fdt_pci_range(cells + n, PCI_SPACE_MEM32, &pci->mmio32,
			   pci->mmio32_cpu ? pci->mmio32_cpu
					   : pci->mmio32.base);
	n += fdt_pci_range(cells + n, PCI_SPACE_MEM64 | PCI_PREFETCH,
			   &pci->mmio64, pci->mmio64.base);
	fdt_cells(w, "ranges", cells, n);
}

/* DMA reaches every address, untranslated. */
static void fdt_pci_dma(struct fdt_writer *w)
{
	const struct board_range all = { 0, UINT64_C(1) << w->b->phys_bits };
	uint32_t cells[7];
	size_t n =
		fdt_pci_range(cells, PCI_SPACE_MEM64 | PCI_PREFETCH, &all, 0);

	fdt_cells(w, "dma-ranges", cells, n);
	fdt_flag(w, "dma-coherent");
}

/* The requester id is what the controller knows a function by. */
static void fdt_pci_msi(struct fdt_writer *w)
{
	const struct fdt_arch *arch = fdt_arch(w->b->arch);
	const uint32_t map[] = { 0, FDT_PHANDLE_MSI, 0, w->b->pci.buses << 8 };

	if (arch->msi && arch->msi(w->b))
		fdt_cells(w, "msi-map", map, 4);
}

void fdt_pci_interrupts(struct fdt_writer *w)
{
	const uint32_t mask[] = { (PCI_MAP_SLOTS - 1) << 11, 0, 0, 7 };
	const struct fdt_arch *arch = fdt_arch(w->b->arch);
	uint32_t map[PCI_MAP_SLOTS * 4 * (7 + FDT_MAX_IRQ_CELLS)];
	size_t n = 0;

	for (uint32_t slot = 0; slot < PCI_MAP_SLOTS; slot++)
		for (uint32_t pin = 0; pin < 4; pin++) {
			map[n++] = slot << 11;
			map[n++] = 0;
			map[n++] = 0;
			map[n++] = pin + 1;
			map[n++] = FDT_PHANDLE_INTC;
			for (unsigned i = 0; i < arch->intc_address_cells; i++)
				map[n++] = 0;
			n += arch->irq(board_intx(w->b, slot, pin),
				       TRIGGER_LEVEL, POLARITY_LOW, map + n);
		}
	fdt_u32(w, "#interrupt-cells", 1);
	fdt_cells(w, "interrupt-map-mask", mask, 4);
	fdt_cells(w, "interrupt-map", map, n);
}

static void fdt_pci(struct fdt_writer *w, const struct board_dev *d)
{
	const uint32_t buses[] = { 0, w->b->pci.buses - 1 };

	fdt_str(w, "device_type", "pci");
	fdt_reg(w, d->base, d->size);
	fdt_u32(w, "#address-cells", 3);
	fdt_u32(w, "#size-cells", 2);
	fdt_cells(w, "bus-range", buses, 2);
	fdt_u32(w, "linux,pci-domain", 0);
	if (fdt_numa(w->b))
		fdt_u32(w, "numa-node-id", 0); /* and so _PXM has it */
	fdt_pci_ranges(w);
	fdt_pci_interrupts(w);
	fdt_pci_msi(w);
	fdt_pci_dma(w);
}

/* ---- every device */

static const struct fdt_special fdt_specials[] = {
	{ .compatible = "ns16550a", .node = "serial", .body = fdt_uart },
	{ .compatible = "motorola,mc146818", .node = "rtc" },
	{ .compatible = "virtio,mmio",
	  .node = "virtio_mmio",
	  .body = fdt_coherent_body },
	{ .compatible = "pci-host-ecam-generic",
	  .node = "pcie",
	  .body = fdt_pci },
	{ 0 },
};

static const struct fdt_special *fdt_special_in(const struct fdt_special *s,
						const char *compatible)
{
	for (; s->compatible; s++)
		if (!strcmp(s->compatible, compatible))
			return s;
	return NULL;
}

static const struct fdt_special *fdt_special(const struct board *b,
					     const char *compatible)
{
	const struct fdt_special *s =
		fdt_special_in(fdt_arch(b->arch)->specials, compatible);

	return s ? s : fdt_special_in(fdt_specials, compatible);
}

/* Its special entry, or one that says nothing special. */
static struct fdt_special fdt_special_of(const struct board *b,
					 const struct board_dev *d)
{
	const struct fdt_special *s = fdt_special(b, d->class->compatible);
	struct fdt_special plain = { .compatible = d->class->compatible,
				     .node = d->class->name };

	if (s)
		plain = *s;
	if (!plain.body)
		plain.body = fdt_device_body;
	return plain;
}

static bool fdt_described(const struct board *b, const struct board_dev *d,
			  enum device_space space, bool child)
{
	return d->class->compatible && d->space == space &&
	       fdt_special_of(b, d).child == child;
}

/* "serial@3f8", as in a path below the bus. */
static void fdt_name(const struct board *b, const struct board_dev *d,
		     char *name, size_t size)
{
	snprintf(name, size, "%s@%" PRIx64, fdt_special_of(b, d).node, d->base);
}

static void fdt_compatible(struct fdt_writer *w, const struct fdt_special *s)
{
	char list[96];
	int n = snprintf(list, sizeof(list), "%s%c%s", s->compatible, '\0',
			 s->also ? s->also : "");

	fdt_bytes(w, "compatible", list, s->also ? (size_t)n + 1 : (size_t)n);
}

static void fdt_device(struct fdt_writer *w, const struct board_dev *d)
{
	const struct fdt_special s = fdt_special_of(w->b, d);
	char name[64];

	fdt_name(w->b, d, name, sizeof(name));
	fdt_node(w, "%s", name);
	fdt_compatible(w, &s);
	s.body(w, d);
	fdt_node_end(w);
}

static void fdt_devices(struct fdt_writer *w, enum device_space space,
			bool child)
{
	for (unsigned i = 0; i < w->b->ndevs; i++)
		if (fdt_described(w->b, &w->b->devs[i], space, child))
			fdt_device(w, &w->b->devs[i]);
}

void fdt_children(struct fdt_writer *w)
{
	fdt_devices(w, SPACE_MMIO, true);
}

/* Devices at ports: on an ISA bus, whose addresses are not the CPU's. */
static void fdt_isa(struct fdt_writer *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->b->ndevs; i++)
		n += fdt_described(w->b, &w->b->devs[i], SPACE_PIO, false);
	if (!n)
		return;
	fdt_node(w, "isa");
	fdt_str(w, "compatible", "isa");
	fdt_str(w, "device_type", "isa");
	fdt_u32(w, "#address-cells", 2);
	fdt_u32(w, "#size-cells", 1);
	fdt_devices(w, SPACE_PIO, false);
	fdt_node_end(w);
}

/* ---- /chosen and the root */

static void fdt_stdout(struct fdt_writer *w)
{
	for (unsigned i = 0; i < w->b->ndevs; i++) {
		const struct board_dev *d = &w->b->devs[i];
		const char *compatible = d->class->compatible;
		const struct fdt_special *s =
			compatible ? fdt_special(w->b, compatible) : NULL;
		char name[64], path[80];

		if (!s || strcmp(s->node, "serial"))
			continue;
		fdt_name(w->b, d, name, sizeof(name));
		snprintf(path, sizeof(path), "%s/%s",
			 d->space == SPACE_PIO ? "/isa" : "", name);
		fdt_str(w, "stdout-path", path);
		return;
	}
}

unsigned fdt_chosen_ints(const struct fdt_chosen *c,
			 struct fdt_chosen_int list[FDT_CHOSEN_INTS])
{
	const struct efi_handover *efi = c->efi;
	unsigned n = 0;

#define ADD(...)                            \
	list[n++] = (struct fdt_chosen_int) \
	{                                   \
		__VA_ARGS__                 \
	}
	if (c->initrd_size) {
		ADD("linux,initrd-start", c->initrd_base, 8);
		ADD("linux,initrd-end", c->initrd_base + c->initrd_size, 8);
	}
	if (c->kaslr_seed)
		ADD("kaslr-seed", c->kaslr_seed, 8);
	if (efi) {
		ADD("linux,uefi-system-table", efi->system_table, 8);
		ADD("linux,uefi-mmap-start", efi->map, 8);
		ADD("linux,uefi-mmap-size", efi->map_size, 4);
		ADD("linux,uefi-mmap-desc-size", efi->desc_size, 4);
		ADD("linux,uefi-mmap-desc-ver", efi->desc_version, 4);
		/* Distributions' kernels want to know, and take no silence. */
		ADD("linux,uefi-secure-boot", EFI_SECURE_BOOT_OFF, 4);
	}
#undef ADD
	return n;
}

static void fdt_chosen_body(struct fdt_writer *w, const struct fdt_chosen *c)
{
	struct fdt_chosen_int list[FDT_CHOSEN_INTS];
	unsigned n = fdt_chosen_ints(c, list);

	if (c->cmdline)
		fdt_str(w, "bootargs", c->cmdline);
	if (c->rng_seed)
		fdt_bytes(w, "rng-seed", c->rng_seed, c->rng_seed_size);
	for (unsigned i = 0; i < n; i++)
		if (list[i].bytes == 8)
			fdt_u64(w, list[i].name, list[i].val);
		else
			fdt_u32(w, list[i].name, (uint32_t)list[i].val);
}

static void fdt_root(struct fdt_writer *w, const struct fdt_chosen *chosen)
{
	const struct fdt_arch *arch = fdt_arch(w->b->arch);

	fdt_node(w, "%s", "");
	fdt_str(w, "model", w->b->machine);
	fdt_str(w, "compatible", arch->compatible);
	fdt_u32(w, "#address-cells", 2);
	fdt_u32(w, "#size-cells", 2);
	fdt_u32(w, "interrupt-parent", FDT_PHANDLE_INTC);
	if (arch->root)
		arch->root(w);
	fdt_node(w, "chosen");
	fdt_stdout(w);
	if (arch->chosen)
		arch->chosen(w);
	if (chosen)
		fdt_chosen_body(w, chosen);
	fdt_node_end(w);
	fdt_memory(w);
	fdt_reserved(w, chosen && chosen->efi);
	fdt_cpus(w);
	if (fdt_numa(w->b))
		fdt_distances(w);
	if (arch->extra)
		arch->extra(w);
	fdt_devices(w, SPACE_MMIO, false);
	fdt_isa(w);
	fdt_node_end(w);
}

/* As an EFI stub leaves it: more, and Linux would not look for ACPI. */
static void fdt_chosen_alone(struct fdt_writer *w,
			     const struct fdt_chosen *chosen)
{
	fdt_node(w, "%s", "");
	fdt_u32(w, "#address-cells", 2);
	fdt_u32(w, "#size-cells", 2);
	fdt_node(w, "chosen");
	fdt_chosen_body(w, chosen);
	fdt_node_end(w);
	fdt_node_end(w);
}

/* What firmware has to leave alone, until the kernel knows better. */
static void fdt_reserve_map(struct fdt_writer *w, const struct fdt_chosen *c)
{
	const struct fdt_firmware *fw = c->firmware;

	if (fw->kernel_size)
		fdt_result(w, fdt_add_reservemap_entry(w->fdt, fw->kernel_base,
						       fw->kernel_size));
	if (c->initrd_size)
		fdt_result(w, fdt_add_reservemap_entry(w->fdt, c->initrd_base,
						       c->initrd_size));
}

int fdt_build(const struct board *b, const struct fdt_chosen *chosen, void *buf,
	      size_t size, struct err *err)
{
	struct fdt_writer w = { .fdt = buf,
				.b = b,
				.found = chosen ? chosen->found : NULL,
				.firmware = chosen ? chosen->firmware : NULL };

	if (!fdt_arch(b->arch))
		return err_set(err, ENOTSUP,
			       "the %s machine has no device tree",
			       arch_name(b->arch));
	fdt_result(&w,
		   fdt_create(buf, size < INT32_MAX ? (int)size : INT32_MAX));
	if (w.firmware)
		fdt_reserve_map(&w, chosen);
	fdt_result(&w, fdt_finish_reservemap(buf));
	if (chosen && chosen->alone)
		fdt_chosen_alone(&w, chosen);
	else
		fdt_root(&w, chosen);
	fdt_result(&w, fdt_finish(buf));
	if (w.ret == -FDT_ERR_NOSPACE)
		return err_set(err, ENOSPC,
			       "the device tree needs more than %zu bytes",
			       size);
	if (w.ret < 0)
		return err_set(err, EINVAL,
			       "the device tree cannot be written: %s",
			       fdt_strerror(w.ret));
	return (int)fdt_totalsize(buf);
}

int fdt_fits(const struct board *b, const void *dtb, struct err *err)
{
	const struct fdt_arch *a = fdt_arch(b->arch);

	return a && a->fits ? a->fits(b, dtb, err) : 0;
}
