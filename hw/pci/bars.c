/* SPDX-License-Identifier: MIT */
/* BARs: where they are decoded, and the addresses they get without firmware. */
#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdlib.h>

#include "hw/core/log.h"
#include "hw/pci/internal.h"
#include "hw/pci/pci.h"

static unsigned pci_bar_reg(unsigned n)
{
	return PCI_BASE_ADDRESS_0 + 4 * n;
}

static bool pci_bar_is_64(const struct pci_bar *bar)
{
	return bar->type == PCI_BAR_MEM64 ||
	       bar->type == PCI_BAR_MEM64_PREFETCH;
}

void pci_bar_add(struct pci_device *d, unsigned n, enum pci_bar_type type,
		 struct region *r)
{
	static const uint8_t bits[] = {
		[PCI_BAR_IO] = PCI_BASE_ADDRESS_SPACE_IO,
		[PCI_BAR_MEM32] = PCI_BASE_ADDRESS_MEM_TYPE_32,
		[PCI_BAR_MEM64] = PCI_BASE_ADDRESS_MEM_TYPE_64,
		[PCI_BAR_MEM64_PREFETCH] = PCI_BASE_ADDRESS_MEM_TYPE_64 |
					   PCI_BASE_ADDRESS_MEM_PREFETCH,
	};
	struct pci_bar *bar = &d->bar[n];
	uint64_t mask = ~(r->size - 1);

	bar->type = type;
	bar->region = r;
	assert(n + pci_bar_is_64(bar) < PCI_NUM_BARS);
	assert(r->size >= (type == PCI_BAR_IO ? 4 : 16));
	assert((r->size & (r->size - 1)) == 0);
	pci_put32(d->initial, pci_bar_reg(n), bits[type]);
	pci_put32(d->wmask, pci_bar_reg(n), mask);
	if (pci_bar_is_64(bar))
		pci_put32(d->wmask, pci_bar_reg(n + 1), mask >> 32);
}

/* ---- decoding */

static uint64_t pci_bar_read(const struct pci_device *d, unsigned n)
{
	const struct pci_bar *bar = &d->bar[n];
	uint64_t addr = pci_get32(d->config, pci_bar_reg(n));

	if (pci_bar_is_64(bar))
		addr |= (uint64_t)pci_get32(d->config, pci_bar_reg(n + 1))
			<< 32;
	return addr & ~(bar->region->size - 1);
}

static bool pci_in(const struct board_range *w, uint64_t base, uint64_t size)
{
	return size <= w->size && base >= w->base &&
	       base - w->base <= w->size - size;
}

/* A window is what the bridge forwards; RAM and other devices lie outside. */
static bool pci_bar_forwarded(const struct pci_device *d,
			      const struct pci_bar *bar, uint64_t base)
{
	const struct board_pci *w = &d->bus->windows;
	uint64_t size = bar->region->size;

	if (bar->type == PCI_BAR_IO)
		return pci_in(&w->pio, base, size);
	return pci_in(&w->mmio32, base, size) || pci_in(&w->mmio64, base, size);
}

static bool pci_bar_decoded(const struct pci_device *d,
			    const struct pci_bar *bar, uint64_t base)
{
	uint16_t bit = bar->type == PCI_BAR_IO ? PCI_COMMAND_IO
					       : PCI_COMMAND_MEMORY;

	return d->bus && !__atomic_load_n(&d->bus->no_mmio, __ATOMIC_ACQUIRE) &&
	       pci_command_on(d, bit) && pci_bar_forwarded(d, bar, base);
}

static void pci_bar_unmap(struct pci_bar *bar)
{
	if (bar->mapped)
		bus_remove(bar->region);
	bar->mapped = false;
}

/* The CPU's address of a place on the bus. */
static uint64_t pci_cpu_address(const struct pci_device *d,
				const struct pci_bar *bar, uint64_t base)
{
	const struct board_pci *w = &d->bus->windows;

	if (bar->type == PCI_BAR_IO || !w->mmio32_cpu ||
	    !pci_in(&w->mmio32, base, bar->region->size))
		return base;
	return base - w->mmio32.base + w->mmio32_cpu;
}

static void pci_bar_map(struct pci_device *d, struct pci_bar *bar,
			uint64_t base)
{
	const struct device_env *env = d->dev.env;
	struct err err = { 0 };

	if (bus_add(bar->type == PCI_BAR_IO ? env->pio : env->mmio,
		    pci_cpu_address(d, bar, base), bar->region, &err) < 0) {
		guest_error(d->dev.name, "BAR at 0x%" PRIx64 " stays off: %s",
			    base, err.msg);
		return;
	}
	bar->mapped = true;
	bar->base = base;
}

void pci_bars_update(struct pci_device *d)
{
	for (unsigned n = 0; n < PCI_NUM_BARS; n++) {
		struct pci_bar *bar = &d->bar[n];
		uint64_t base;
		bool decoded;

		if (bar->type == PCI_BAR_NONE)
			continue;
		base = pci_bar_read(d, n);
		decoded = pci_bar_decoded(d, bar, base);
		if (bar->mapped && decoded && bar->base == base)
			continue;
		pci_bar_unmap(bar);
		if (decoded)
			pci_bar_map(d, bar, base);
	}
}

void pci_bars_unmap(struct pci_device *d)
{
	for (unsigned n = 0; n < PCI_NUM_BARS; n++)
		if (d->bar[n].type != PCI_BAR_NONE)
			pci_bar_unmap(&d->bar[n]);
}

/* ---- assignment */

/* One BAR to be placed, and what is left of the windows. */
struct pci_want {
	struct pci_device *d;
	unsigned n;
	uint64_t size;
};

struct pci_space {
	struct board_range pio, mmio32, mmio64;
};

/* Takes size bytes from the start of w.  False when it is too small. */
static bool pci_take(struct board_range *w, uint64_t size, uint64_t *base)
{
	uint64_t pad = -w->base & (size - 1);

	if (pad > w->size || size > w->size - pad)
		return false;
	*base = w->base + pad;
	w->base += pad + size;
	w->size -= pad + size;
	return true;
}

static bool pci_bar_place(struct pci_space *s, const struct pci_bar *bar,
			  uint64_t *base)
{
	uint64_t size = bar->region->size;

	switch (bar->type) {
	case PCI_BAR_IO: return pci_take(&s->pio, size, base);
	case PCI_BAR_MEM32: return pci_take(&s->mmio32, size, base);
	case PCI_BAR_MEM64:
		return pci_take(&s->mmio32, size, base) ||
		       pci_take(&s->mmio64, size, base);
	default:
		return pci_take(&s->mmio64, size, base) ||
		       pci_take(&s->mmio32, size, base);
	}
}

/* Large ones first, so that alignment wastes nothing; then by position. */
static int pci_want_order(const void *a, const void *b)
{
	const struct pci_want *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	if (x->d->devfn != y->d->devfn)
		return x->d->devfn < y->d->devfn ? -1 : 1;
	return x->n < y->n ? -1 : 1;
}

static unsigned pci_collect(struct pci_bus *bus, struct pci_want *want)
{
	unsigned count = 0;

	for (unsigned devfn = 0; devfn < 256; devfn++) {
		struct pci_device *d = bus->dev[devfn];

		for (unsigned n = 0; d && n < PCI_NUM_BARS; n++)
			if (d->bar[n].type != PCI_BAR_NONE)
				want[count++] = (struct pci_want){
					d, n, d->bar[n].region->size
				};
	}
	return count;
}

static void pci_bar_assign(struct pci_device *d, unsigned n, uint64_t base)
{
	unsigned reg = pci_bar_reg(n);

	d->bar[n].assigned = base;
	pci_put32(d->config, reg, pci_get32(d->initial, reg) | (uint32_t)base);
	if (pci_bar_is_64(&d->bar[n]))
		pci_put32(d->config, reg + 4, base >> 32);
}

int pci_assign_bars(struct pci_bus *bus, struct err *err)
{
	struct pci_want *want = calloc(256 * PCI_NUM_BARS, sizeof(*want));
	struct pci_space s = { bus->windows.pio, bus->windows.mmio32,
			       bus->windows.mmio64 };
	unsigned count;
	uint64_t base;
	int ret = 0;

	if (!want)
		return err_nomem(err, "the PCI address assignment");
	count = pci_collect(bus, want);
	qsort(want, count, sizeof(*want), pci_want_order);
	/* Port 0 reads as an unassigned BAR: leave it out. */
	if (s.pio.size && s.pio.base == 0)
		pci_take(&s.pio, 0x1000, &base);
	for (unsigned i = 0; i < count; i++) {
		struct pci_device *d = want[i].d;
		char size[24];

		if (!pci_bar_place(&s, &d->bar[want[i].n], &base)) {
			ret = err_set(
				err, ENOSPC,
				"%s: no PCI window has room for BAR %u of %s",
				d->dev.name, want[i].n,
				format_size(want[i].size, size, sizeof(size)));
			break;
		}
		device_lock(&d->dev);
		pci_bar_assign(d, want[i].n, base);
		pci_bars_update(d);
		device_unlock(&d->dev);
	}
	free(want);
	return ret;
}

/* ---- for a device tree */

static void pci_describe_bar(const struct pci_device *d, unsigned n,
			     struct board_pci_fn *fn)
{
	static const enum board_bar_kind kind[] = {
		[PCI_BAR_NONE] = BAR_NONE,
		[PCI_BAR_IO] = BAR_IO,
		[PCI_BAR_MEM32] = BAR_MEM32,
		[PCI_BAR_MEM64] = BAR_MEM64,
		[PCI_BAR_MEM64_PREFETCH] = BAR_MEM64,
	};
	const struct pci_bar *bar = &d->bar[n];

	fn->bar[n].kind = kind[bar->type];
	if (bar->type == PCI_BAR_NONE)
		return;
	fn->bar[n].prefetch = bar->type == PCI_BAR_MEM64_PREFETCH;
	fn->bar[n].base = bar->assigned;
	fn->bar[n].size = bar->region->size;
}

bool pci_describe(const struct pci_bus *bus, uint8_t devfn,
		  struct board_pci_fn *fn)
{
	const struct pci_device *d = bus->dev[devfn];
	const uint8_t *c;

	if (!d)
		return false;
	c = d->initial;
	*fn = (struct board_pci_fn){
		.devfn = devfn,
		.revision = c[PCI_REVISION_ID],
		.pin = c[PCI_INTERRUPT_PIN],
		.vendor = pci_get16(c, PCI_VENDOR_ID),
		.device = pci_get16(c, PCI_DEVICE_ID),
		.subsys_vendor = pci_get16(c, PCI_SUBSYSTEM_VENDOR_ID),
		.subsys = pci_get16(c, PCI_SUBSYSTEM_ID),
		.class_code = pci_get32(c, PCI_CLASS_REVISION) >> 8,
		.msi = d->msi.n,
		.msix = d->msix.n,
	};
	for (unsigned n = 0; n < PCI_NUM_BARS; n++)
		pci_describe_bar(d, n, fn);
	return true;
}
