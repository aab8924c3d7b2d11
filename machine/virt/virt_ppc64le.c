/* SPDX-License-Identifier: MIT */
/* The ppc64le virt machine: a pSeries, as LoPAR has it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hw/misc/isa_debug_exit.h"
#include "hw/pci/host.h"
#include "hw/spapr/events.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/system.h"
#include "hw/spapr/vio.h"
#include "hw/spapr/vlan.h"
#include "hw/spapr/vscsi.h"
#include "hw/spapr/vty.h"
#include "hw/spapr/xive.h"
#include "hw/xics/xics.h"
#include "machine/virt/virt.h"

#define GIB UINT64_C(0x40000000)
#define MIB UINT64_C(0x100000)
#define KIB UINT64_C(0x400)

/* Interrupt sources: numbers as the device tree has them. */
#define PPC_SOURCES	 1024
#define PPC_SOURCE_FIRST 0x1000
#define PPC_IRQ_EVENTS	 (PPC_SOURCE_FIRST + 1)
#define PPC_IRQ_INTX	 (PPC_SOURCE_FIRST + 4)
#define PPC_IRQ_VTY	 (PPC_SOURCE_FIRST + 16)
#define PPC_IRQ_VSCSI	 (PPC_SOURCE_FIRST + 32)
#define PPC_IRQ_VLAN	 (PPC_SOURCE_FIRST + 48)
#define PPC_MSI_FIRST	 256 /* among them */

/* Unit addresses; the first is what firmware gives to the first terminal. */
#define PPC_VTY	   0x71000000
#define PPC_VSCSI  0x71000100
#define PPC_VLAN   0x71000200
#define PPC_NVRAM  0x71000300
#define PPC_VIO_OF 16 /* devices of a kind */

/* PCI: where the CPU sees it, far above RAM, and where the bus does. */
#define PPC_PHB_UNIT	 UINT64_C(0x800000020000000)
#define PPC_PCI_IO	 UINT64_C(0x200000000000)
#define PPC_PCI_IO_LEN	 (64 * KIB)
#define PPC_PCI_MEM	 UINT64_C(0x200080000000)
#define PPC_PCI_BUS	 UINT64_C(0x80000000)
#define PPC_PCI_LEN	 UINT64_C(0x80000000)
#define PPC_PCI_HIGH	 UINT64_C(0x210000000000)
#define PPC_PCI_HIGH_LEN (1024 * GIB)

/* XIVE's pages. */
#define PPC_XIVE_ESB  UINT64_C(0x200200000000)
#define PPC_XIVE_TIMA UINT64_C(0x200300000000)

/* RTAS is entered with 32-bit addresses, and far below what they reach. */
#define PPC_RTAS_SIZE (64 * KIB)
#define PPC_RTAS_MAX  (512 * MIB)

/*
 * A hash page table is a 128th of RAM or more, and 16 MiB at least.  Real mode
 * of a hash guest uses one entry of each group of eight, a page each.
 */
#define PPC_HTAB_MIN   24
#define PPC_HTAB_MAX   46
#define PPC_HTAB_RATIO 7

/* ---- what a POWER9 has, where no accelerator tells */

const struct board_ppc virt_power9 = {
	.pvr = 0x004e1202,
	.timebase_hz = 512000000,
	.page_shift = 16,
	.hash = true,
	.has_radix = true,
	.kvm_hv = true,
	.kvm_pr = true,
	.has_nested = true,
	.has_xics = true,
	.slbs = 32,
	.tera_segments = true,
	.real_pages = true,
	.segment = {
		{ 12, 0x000, { { 12, 0 }, { 16, 7 }, { 24, 0x38 } } },
		{ 16, 0x110, { { 16, 1 }, { 24, 8 } } },
		{ 24, 0x100, { { 24, 0 } } },
		{ 34, 0x120, { { 34, 3 } } },
	},
	.radix_page = { 0x0000000c, 0xa0000010, 0x20000015, 0x4000001e },
};

/* ---- the layout */

static uint64_t ppc_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int ppc_kvm(const struct board_ppc *p, const struct vm_config *cfg,
		   struct err *err)
{
	bool pr = cfg->kvm_type == VM_KVM_PR;

	if (cfg->kvm_type == VM_KVM_AUTO || (pr ? p->kvm_pr : p->kvm_hv))
		return 0;
	err_set(err, ENOTSUP, "--machine kvm-type=%s: this host has no %s",
		vm_kvm_type_names[cfg->kvm_type], pr ? "KVM-PR" : "KVM-HV");
	err_hint(err, pr ? "load kvm_pr, of a kernel that has it (Debian's "
			   "have not), or leave kvm-type out"
			 : "load kvm_hv, on a host whose hypervisor lets it, "
			   "or leave kvm-type out");
	return -ENOTSUP;
}

/*
 * KVM-PR's page tables are hash ones whatever the host has, and what it tells
 * of them before a VM has CPUs is this.
 */
static void ppc_pr(struct board_ppc *p)
{
	p->pr = true;
	p->has_radix = p->has_nested = false;
	p->hash = true;
	memset(p->radix_page, 0, sizeof(p->radix_page));
	p->slbs = 64;
	p->tera_segments = p->real_pages = false;
	memset(p->segment, 0, sizeof(p->segment));
	p->segment[0] = (struct board_ppc_segment){ 12, 0, { { 12, 0 } } };
	p->segment[1] = (struct board_ppc_segment){ 24, 0x100, { { 24, 0 } } };
}

/*
 * KVM-HV gives a hash guest's page table to the hardware: the guest's page lies
 * in one page of the host, whose address is put in place of the guest's.  What
 * the tree does not tell of, the guest does not use.
 */
static void ppc_pages(struct board_ppc *p, const struct vm_config *cfg)
{
	unsigned most = mem_huge_shift(cfg->memory.how.hugepages), n = 0;

	if (!p->real_pages)
		return;
	if (!most)
		most = p->page_shift;
	for (unsigned i = 0; i < BOARD_PPC_SIZES; i++) {
		struct board_ppc_segment s = p->segment[i];
		unsigned k = 0;

		p->segment[i].shift = 0;
		if (!s.shift || s.shift > most)
			continue;
		for (unsigned j = 0; j < BOARD_PPC_SIZES; j++)
			if (s.page[j].shift <= most)
				s.page[k++] = s.page[j];
		while (k < BOARD_PPC_SIZES)
			s.page[k++].shift = 0;
		p->segment[n++] = s;
	}
}

/* KVM-HV alone can, and its hypercalls are for radix guests. */
static int ppc_nested(struct board_ppc *p, const struct vm_config *cfg,
		      struct err *err)
{
	p->nested = cfg->nested;
	if (!p->nested || (p->has_nested && p->radix))
		return 0;
	err_set(err, ENOTSUP,
		p->has_nested ? "--machine nested=on: a hash guest has no "
				"guests"
			      : "--machine nested=on: this host's KVM has no "
				"guests of guests");
	err_hint(err, "leave %s out", p->has_nested ? "mmu" : "nested");
	return -ENOTSUP;
}

static int ppc_mmu(struct board *b, const struct vm_config *cfg,
		   struct err *err)
{
	struct board_ppc *p = &b->ppc;

	*p = cfg->ppc.pvr ? cfg->ppc : virt_power9;
	p->kvm_type = (uint8_t)cfg->kvm_type; /* enum vm_kvm_type is KVM's */
	if (ppc_kvm(p, cfg, err) < 0)
		return -err->code;
	if (p->kvm_pr && (p->kvm_type == VM_KVM_PR || !p->kvm_hv))
		ppc_pr(p);
	else
		p->calls_taken = false;
	p->radix = cfg->mmu == VM_MMU_RADIX ||
		   (cfg->mmu == VM_MMU_AUTO && p->has_radix);
	ppc_pages(p, cfg);
	if (p->radix ? p->has_radix : p->hash)
		return ppc_nested(p, cfg, err);
	err_set(err, ENOTSUP,
		"--machine mmu=%s: this host's KVM has no such guests",
		p->radix ? "radix" : "hash");
	err_hint(err, "leave mmu out, and the guest gets what there is");
	return -ENOTSUP;
}

static int ppc_ram(struct board *b, uint64_t size, struct err *err)
{
	uint64_t limit = UINT64_C(1) << b->phys_bits, rma = size;
	struct board_ppc *p = &b->ppc;
	char most[32];

	if (size > limit)
		return err_set(err, EINVAL,
			       "--memory: this host's guests can have %s at "
			       "most (%u-bit physical addresses)",
			       format_size(limit, most, sizeof(most)),
			       b->phys_bits);
	if (!p->radix) {
		p->htab_shift = PPC_HTAB_MIN;
		while (p->htab_shift < PPC_HTAB_MAX &&
		       UINT64_C(1) << (p->htab_shift + PPC_HTAB_RATIO) < size)
			p->htab_shift++;
		rma = ppc_min(rma, UINT64_C(1) << (12 + p->htab_shift - 7));
	}
	b->ram[b->nram++] = (struct board_ram){ .base = 0, .size = rma };
	if (size > rma)
		b->ram[b->nram++] =
			(struct board_ram){ .base = rma, .size = size - rma };
	return 0;
}

static void ppc_rtas(struct board *b)
{
	uint64_t end = ppc_min(b->ram[0].size, PPC_RTAS_MAX);

	b->ppc.rtas =
		(struct board_range){ end - PPC_RTAS_SIZE, PPC_RTAS_SIZE };
	b->reserved[b->nreserved++] =
		(struct board_reserved){ "firmware", b->ppc.rtas.base,
					 b->ppc.rtas.size };
}

static int ppc_pci(struct board *b, struct err *err)
{
	uint64_t end = PPC_PCI_HIGH + PPC_PCI_HIGH_LEN;

	if (b->phys_bits < 64 && end > UINT64_C(1) << b->phys_bits)
		return err_set(err, ENOTSUP,
			       "this host's guests have %u bits of physical "
			       "address, too few for PCI",
			       b->phys_bits);
	b->pci = (struct board_pci){
		.present = true,
		.buses = 1,
		.mmio32 = { PPC_PCI_BUS, PPC_PCI_LEN },
		.mmio32_cpu = PPC_PCI_MEM,
		.mmio64 = { PPC_PCI_HIGH, PPC_PCI_HIGH_LEN },
		.pio = { 0, PPC_PCI_IO_LEN },
		.pio_mmio = PPC_PCI_IO,
	};
	for (unsigned pin = 0; pin < 4; pin++)
		b->pci.intx[pin] = PPC_IRQ_INTX + pin;
	b->ppc.phb_unit = PPC_PHB_UNIT;
	b->ppc.msi_first = PPC_SOURCE_FIRST + PPC_MSI_FIRST;
	b->ppc.nmsi = PPC_SOURCES - PPC_MSI_FIRST;
	return 0;
}

/* KVM gives the hardware a queue's page as it is: in one page of the host. */
static int ppc_xive(struct board *b, const struct vm_config *cfg,
		    struct err *err)
{
	if (!virt_irqchip_is(b, "xive"))
		return 0;
	b->ppc.xive_esb = PPC_XIVE_ESB;
	b->ppc.xive_tima = PPC_XIVE_TIMA;
	if (b->ppc.page_shift >= XIVE_QUEUE ||
	    cfg->memory.how.hugepages >= MEM_HUGE_2M)
		return 0;
	err_set(err, ENOTSUP,
		"--irqchip xive: KVM needs memory in pages of 64 KiB or more, "
		"and this host's have %u KiB",
		1u << (b->ppc.page_shift - 10));
	err_hint(err, "add hugepages=2M to --memory, or run a kernel of 64K "
		      "pages on the host");
	return -ENOTSUP;
}

/*
 * Kernels are asked for by firmware alone.  A debugger's machine is one to its
 * end: his addresses are of this one.
 */
static void ppc_others(struct board *b, const struct vm_config *cfg)
{
	struct board_ppc *p = &b->ppc;

	if (!cfg->firmware || cfg->debugged)
		return;
	p->other_xive = p->xive_esb && p->has_xics;
	p->other_mmu = cfg->mmu == VM_MMU_AUTO && p->has_radix && p->hash &&
		       !p->nested;
}

static int ppc_layout(struct board *b, const struct vm_config *cfg,
		      struct err *err)
{
	int ret = ppc_mmu(b, cfg, err);

	if (!ret)
		ret = ppc_ram(b, cfg->memory.size, err);
	if (ret < 0)
		return ret;
	ppc_rtas(b);
	b->nlines = PPC_SOURCES;
	b->ppc.first_source = PPC_SOURCE_FIRST;
	ret = ppc_xive(b, cfg, err);
	ppc_others(b, cfg);
	return ret ? ret : ppc_pci(b, err);
}

/* ---- devices */

static bool xics_in_kernel(const struct board *b)
{
	return !virt_irqchip_is(b, "xics");
}

static bool has_xics(const struct board *b, const struct vm_config *cfg)
{
	(void)cfg;
	return !virt_irqchip_is(b, "xive");
}

static bool has_xive(const struct board *b, const struct vm_config *cfg)
{
	return !has_xics(b, cfg);
}

/* SLOF keeps its settings there, and boots nothing without. */
static bool has_nvram(const struct board *b, const struct vm_config *cfg)
{
	(void)b;
	for (unsigned i = 0; i < cfg->ndevices; i++)
		if (!strcmp(cfg->devices[i].name, "spapr-nvram"))
			return false;
	return cfg->firmware;
}

static const struct board_slot ppc_slots[] = {
	{ .name = "xics",
	  .class = &xics_class,
	  .irq = BOARD_NO_IRQ,
	  .wanted = has_xics,
	  .in_kernel = xics_in_kernel },
	{ .name = "xive",
	  .class = &spapr_xive_class,
	  .irq = BOARD_NO_IRQ,
	  .wanted = has_xive },
	{ .name = "system",
	  .class = &spapr_system_class,
	  .irq = BOARD_NO_IRQ,
	  .props = virt_rtc_props },
	{ .name = "events",
	  .class = &spapr_events_class,
	  .irq = PPC_IRQ_EVENTS },
	{ .name = "pci", .class = &spapr_phb_class, .irq = BOARD_NO_IRQ },
	{ .name = "pci-io",
	  .class = &pci_io_window_class,
	  .space = SPACE_MMIO,
	  .base = PPC_PCI_IO,
	  .irq = BOARD_NO_IRQ },
	{ .name = "vdevice", .class = &spapr_vio_class, .irq = BOARD_NO_IRQ },
	{ .name = "vty",
	  .class = &spapr_vty_class,
	  .space = SPACE_VIO,
	  .base = PPC_VTY,
	  .irq = PPC_IRQ_VTY },
	{ .name = "nvram",
	  .class = &spapr_nvram_class,
	  .space = SPACE_VIO,
	  .base = PPC_NVRAM,
	  .irq = BOARD_NO_IRQ,
	  .wanted = has_nvram },
	{ 0 },
};

#define VIO(class_, base_, irq_, many_)                                   \
	.class = &class_, .space = SPACE_VIO, .base = base_, .irq = irq_, \
	.many = many_

static const struct board_slot ppc_optional[] = {
	{ .name = "spapr-vty",
	  VIO(spapr_vty_class, PPC_VTY + 1, PPC_IRQ_VTY + 1, PPC_VIO_OF - 1) },
	{ .name = "spapr-vscsi",
	  VIO(spapr_vscsi_class, PPC_VSCSI, PPC_IRQ_VSCSI, PPC_VIO_OF) },
	{ .name = "spapr-vlan",
	  VIO(spapr_vlan_class, PPC_VLAN, PPC_IRQ_VLAN, PPC_VIO_OF) },
	{ .name = "spapr-nvram",
	  VIO(spapr_nvram_class, PPC_NVRAM, BOARD_NO_IRQ, 1) },
	/* A port, which the CPU finds in the PCI I/O window. */
	{ .name = "isa-debug-exit",
	  .class = &isa_debug_exit_class,
	  .space = SPACE_PIO,
	  .base = DEBUG_EXIT_PORT,
	  .irq = BOARD_NO_IRQ },
	{ 0 },
};

static const char *const ppc_irqchips[] = { "kernel-xics", "xics", "xive",
					    NULL };

const struct virt_target virt_ppc64le = {
	.arch = ARCH_PPC64LE,
	.irqchips = ppc_irqchips,
	.slots = ppc_slots,
	.optional = ppc_optional,
	.layout = ppc_layout,
	.cmdline = "console=hvc0",
	.dtb = true,
	.ram_firmware = true,
	.numa = true,
};
