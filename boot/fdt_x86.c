/* SPDX-License-Identifier: MIT */
/* x86 in a device tree, by Linux's bindings for the Intel CE4100. */
#include "boot/fdt_priv.h"

#define FDT_LAPIC_BASE 0xfee00000u
#define FDT_LAPIC_SIZE 0x1000

/* Documentation/devicetree/bindings/.../intel,ce4100-ioapic: sense. */
enum { EDGE_RISING, LEVEL_LOW, LEVEL_HIGH, EDGE_FALLING };

static unsigned fdt_x86_irq(uint32_t irq, enum board_trigger trigger,
			    enum board_polarity polarity, uint32_t *cells)
{
	bool low = polarity == POLARITY_LOW;

	cells[0] = irq;
	if (trigger == TRIGGER_LEVEL)
		cells[1] = low ? LEVEL_LOW : LEVEL_HIGH;
	else
		cells[1] = low ? EDGE_FALLING : EDGE_RISING;
	return 2;
}

static void fdt_x86_ioapic(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_reg(w, d->base, d->size);
	fdt_flag(w, "interrupt-controller");
	fdt_u32(w, "#interrupt-cells", 2);
	fdt_u32(w, "#address-cells", 0);
	fdt_u32(w, "phandle", FDT_PHANDLE_INTC);
}

/* The local APICs: part of the CPUs, so no device of the board. */
static void fdt_x86_lapic(struct fdt_writer *w)
{
	fdt_node(w, "interrupt-controller@%x", FDT_LAPIC_BASE);
	fdt_str(w, "compatible", "intel,ce4100-lapic");
	fdt_reg(w, FDT_LAPIC_BASE, FDT_LAPIC_SIZE);
	fdt_node_end(w);
}

static const struct fdt_special fdt_x86_specials[] = {
	{ .compatible = "intel,ce4100-ioapic",
	  .node = "interrupt-controller",
	  .body = fdt_x86_ioapic },
	{ 0 },
};

const struct fdt_arch fdt_x86_64 = {
	.arch = ARCH_X86_64,
	.compatible = "vmm,virt-x86-64",
	.specials = fdt_x86_specials,
	.irq = fdt_x86_irq,
	.extra = fdt_x86_lapic,
};
