/* SPDX-License-Identifier: MIT */
/* The flattened device tree of a pSeries (LoPAR appendix B), as its own. */
#include <stdio.h>
#include <string.h>

#include "boot/fdt.h"
#include "boot/fdt_priv.h"
#include "hw/spapr/cas.h"
#include "hw/spapr/errlog.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/rtas.h"
#include "hw/spapr/vio.h"
#include "hw/spapr/vlan.h"
#include "hw/spapr/xive.h"

/* Where a node of the bus of hypercalls names its own connector. */
#define DRC_VIO 0x30000000u

/* ---- interrupts */

/* LoPAR B.6.9.1.2: the source, and 0 for an edge or 1 for a level. */
static unsigned ppc_irq(uint32_t irq, enum board_trigger trigger,
			enum board_polarity polarity, uint32_t *cells)
{
	(void)polarity;
	cells[0] = irq;
	cells[1] = trigger == TRIGGER_LEVEL;
	return 2;
}

static void ppc_xics(struct fdt_writer *w)
{
	const uint32_t servers[] = { 0, board_servers(w->b) };

	fdt_node(w, "interrupt-controller");
	fdt_str(w, "device_type", "PowerPC-External-Interrupt-Presentation");
	fdt_str(w, "compatible", "IBM,ppc-xicp");
	fdt_flag(w, "interrupt-controller");
	fdt_cells(w, "ibm,interrupt-server-ranges", servers, 2);
	fdt_u32(w, "#interrupt-cells", 2);
	fdt_u32(w, "#address-cells", 0);
	fdt_u32(w, "phandle", FDT_PHANDLE_INTC);
	fdt_node_end(w);
}

/* LoPAR B.6.9.2: the pages of user and kernel, in this order. */
#define TIMA_USER 3
#define TIMA_OS	  2

static void ppc_xive(struct fdt_writer *w)
{
	const struct board_ppc *p = &w->b->ppc;
	const uint32_t sources[] = { 0, board_servers(w->b) };
	uint64_t page = UINT64_C(1) << p->page_shift;
	uint64_t user = p->xive_tima + TIMA_USER * page;
	uint64_t os = p->xive_tima + TIMA_OS * page;
	const uint32_t reg[] = {
		(uint32_t)(user >> 32), (uint32_t)user, 0, (uint32_t)page,
		(uint32_t)(os >> 32),	(uint32_t)os,	0, (uint32_t)page
	};

	fdt_node(w, "interrupt-controller@%llx", (unsigned long long)user);
	fdt_str(w, "device_type", "power-ivpe");
	fdt_str(w, "compatible", spapr_xive_class.compatible);
	fdt_cells(w, "reg", reg, 8);
	fdt_flag(w, "interrupt-controller");
	fdt_u32(w, "ibm,xive-eq-sizes", XIVE_QUEUE);
	fdt_cells(w, "ibm,xive-lisn-ranges", sources, 2);
	fdt_u32(w, "#interrupt-cells", 2);
	fdt_u32(w, "#address-cells", 0);
	fdt_u32(w, "phandle", FDT_PHANDLE_INTC);
	fdt_node_end(w);
}

/* ---- CPUs */

/* A bit of ibm,pa-features, as LoPAR counts: bit 0 is the highest. */
#define PA(bit) (0x80u >> (bit))

/* LoPAR C.6.2, table 259: what POWER8 has; transactions are not for guests. */
static const uint8_t ppc_features_207[] = {
	[0] = PA(0) | PA(1) | PA(2) | PA(3) | PA(5) | PA(6),
	[1] = PA(2) | PA(3) | PA(4) | PA(5) | PA(6) | PA(7),
	[2] = PA(0) | PA(1) | PA(5) | PA(6) | PA(7),
	[3] = PA(0) | PA(1),
	[5] = PA(0) | PA(1) | PA(2) | PA(3),
	[6] = PA(0),
	[16] = PA(0), /* vectors */
	[18] = PA(0), /* ... and scalars */
	[20] = PA(0),
	[23] = 0,
};

/* ... and POWER9. */
static const uint8_t ppc_features_300[] = {
	[0] = PA(0) | PA(1) | PA(2) | PA(3) | PA(5) | PA(6),
	[1] = PA(3) | PA(4) | PA(5) | PA(6) | PA(7),
	[2] = PA(0) | PA(1) | PA(5) | PA(6) | PA(7),
	[3] = PA(0) | PA(1),
	[5] = PA(0) | PA(1) | PA(2) | PA(3),
	[6] = PA(0),
	[16] = PA(0),
	[18] = PA(0),
	[20] = PA(0),
	[24] = PA(0), /* a wide decrementer */
	[26] = PA(0),
	[28] = PA(0),
	[30] = PA(0),
	[32] = PA(0), /* little-endian atomics */
	[34] = PA(0) | PA(1),
	[36] = PA(0),
	[38] = PA(0), /* copy and paste */
	[40] = PA(0), /* radix trees */
	[42] = PA(0),
	[44] = PA(0),
	[46] = PA(0), /* vectored system calls */
	[48] = PA(0),
	[50] = PA(0),
	[52] = PA(0),
	[54] = PA(0),
	[56] = PA(0),
	[58] = PA(0),
	[60] = PA(0),
	[62] = PA(0), /* random numbers */
	[65] = 0,
};
#define PA_RADIX 40

#define PVR_POWER9 0x4e /* and what comes after: POWER8's are below */

/* The property: its length, the kind of its bytes (0), the bytes. */
static void ppc_pa_features(struct fdt_writer *w)
{
	const struct board_ppc *p = &w->b->ppc;
	bool v3 = p->pvr >> 16 >= PVR_POWER9;
	const uint8_t *from = v3 ? ppc_features_300 : ppc_features_207;
	size_t n = v3 ? sizeof(ppc_features_300) : sizeof(ppc_features_207);
	uint8_t list[2 + sizeof(ppc_features_300)] = { (uint8_t)n, 0 };

	memcpy(list + 2, from, n);
	if (v3 && !p->radix)
		list[2 + PA_RADIX] &= (uint8_t)~PA(0);
	fdt_bytes(w, "ibm,pa-features", list, 2 + n);
}

/* LoPAR C.6.2: base page, SLB encoding, count, (page, PTE encoding)... */
static void ppc_segment_pages(struct fdt_writer *w)
{
	uint32_t cells[BOARD_PPC_SIZES * (3 + 2 * BOARD_PPC_SIZES)];
	size_t n = 0;

	for (unsigned i = 0; i < BOARD_PPC_SIZES; i++) {
		const struct board_ppc_segment *s = &w->b->ppc.segment[i];
		size_t count;

		if (!s->shift)
			break;
		cells[n++] = s->shift;
		cells[n++] = s->slb_encoding;
		count = n++;
		cells[count] = 0;
		for (unsigned k = 0; k < BOARD_PPC_SIZES; k++) {
			if (!s->page[k].shift)
				break;
			cells[n++] = s->page[k].shift;
			cells[n++] = s->page[k].encoding;
			cells[count]++;
		}
	}
	if (n)
		fdt_cells(w, "ibm,segment-page-sizes", cells, n);
}

static void ppc_hash(struct fdt_writer *w)
{
	const struct board_ppc *p = &w->b->ppc;
	const uint32_t none = UINT32_MAX;
	const uint32_t segments[] = { 28, p->tera_segments ? 40 : none, none,
				      none };
	const uint32_t pft[] = { 0, p->htab_shift };

	fdt_cells(w, "ibm,processor-segment-sizes", segments, 4);
	ppc_segment_pages(w);
	fdt_u32(w, "slb-size", p->slbs);
	fdt_u32(w, "ibm,slb-size", p->slbs);
	if (p->htab_shift)
		fdt_cells(w, "ibm,pft-size", pft, 2);
}

static void ppc_radix(struct fdt_writer *w)
{
	const uint32_t *page = w->b->ppc.radix_page;
	size_t n = 0;

	while (n < BOARD_PPC_SIZES && page[n])
		n++;
	if (n)
		fdt_cells(w, "ibm,processor-radix-AP-encodings", page, n);
}

/* Form 1: LoPAR 15.3; each level of it is the node. */
static void ppc_associativity(struct fdt_writer *w, uint32_t node,
			      const uint32_t *cpu)
{
	const uint32_t cells[] = { cpu ? 5 : 4, node, node,
				   node,	node, cpu ? *cpu : 0 };

	fdt_cells(w, "ibm,associativity", cells, cells[0] + 1);
}

static void ppc_threads(struct fdt_writer *w, unsigned first)
{
	uint32_t servers[8], pairs[16];
	unsigned n = 0;

	for (; n < w->b->threads && n < 8; n++) {
		servers[n] = (uint32_t)w->b->cpus[first + n].hw_id;
		pairs[2 * n] = servers[n];
		pairs[2 * n + 1] = 0;
	}
	fdt_cells(w, "ibm,ppc-interrupt-server#s", servers, n);
	fdt_cells(w, "ibm,ppc-interrupt-gserver#s", pairs, 2 * n);
}

/* A node is a core: of its threads the first. */
static bool ppc_cpu_node(const struct board *b, unsigned index)
{
	return !b->cpus[index].thread;
}

static void ppc_cpu(struct fdt_writer *w, unsigned index)
{
	const struct board_ppc *p = &w->b->ppc;
	uint32_t id = (uint32_t)w->b->cpus[index].hw_id;

	fdt_str(w, "status", "okay");
	fdt_flag(w, "64-bit");
	fdt_u32(w, "cpu-version", p->pvr);
	fdt_u32(w, "timebase-frequency", p->timebase_hz);
	/* Nobody measures by it, and lscpu prints it. */
	fdt_u32(w, "clock-frequency", p->timebase_hz);
	fdt_u32(w, "d-cache-block-size", 128);
	fdt_u32(w, "i-cache-block-size", 128);
	fdt_u32(w, "d-cache-line-size", 128);
	fdt_u32(w, "i-cache-line-size", 128);
	fdt_u32(w, "d-cache-size", 32 << 10);
	fdt_u32(w, "i-cache-size", 32 << 10);
	ppc_threads(w, index);
	ppc_pa_features(w);
	fdt_u32(w, "ibm,vmx", 2); /* and VSX */
	fdt_u32(w, "ibm,dfp", 1);
	fdt_u32(w, "ibm,purr", 1);
	fdt_u32(w, "ibm,spurr", 1);
	ppc_hash(w);
	ppc_radix(w);
	ppc_associativity(w, w->b->cpus[index].node, &id);
	fdt_u32(w, "ibm,chip-id", w->b->cpus[index].socket);
}

static void ppc_memory(struct fdt_writer *w, unsigned index)
{
	ppc_associativity(w, w->b->ram[index].node, NULL);
}

/* ---- RTAS: LoPAR 7.2, B.6.3 */

#define LMB_SIZE 0x10000000u

static bool ppc_has_class(const struct board *b, const char *name)
{
	unsigned i = 0;

	return !name || board_next_class(b, name, &i);
}

static void ppc_rtas(struct fdt_writer *w)
{
	static const char functions[] =
		"hcall-pft\0hcall-term\0hcall-dabr\0hcall-interrupt\0"
		"hcall-tce\0hcall-vio\0hcall-splpar\0hcall-set-mode\0"
		"hcall-sprg0\0hcall-copy\0hcall-debug\0hcall-multi-tce";
	static const uint32_t reference[] = { 4 };
	const uint32_t domains[] = { 4, board_nodes(w->b), board_nodes(w->b),
				     board_nodes(w->b), board_nodes(w->b) };
	const struct board_range *r = &w->b->ppc.rtas;
	uint64_t top = board_ram_top(w->b);
	/*
	 * LoPAR B.6.3.1: the highest address that memory may come to, the size
	 * of its blocks, processors.  Linux sizes its dynamic DMA window by it.
	 */
	const uint32_t capacity[] = { (uint32_t)(top >> 32), (uint32_t)top, 0,
				      LMB_SIZE, w->b->sockets * w->b->cores };

	fdt_node(w, "rtas");
	fdt_bytes(w, "ibm,hypertas-functions", functions, sizeof(functions));
	fdt_u32(w, "rtas-version", 1);
	fdt_u32(w, "rtas-size", (uint32_t)r->size);
	fdt_u32(w, "linux,rtas-base", (uint32_t)r->base);
	fdt_u32(w, "linux,rtas-entry", (uint32_t)r->base);
	fdt_u32(w, "rtas-error-log-max", RTAS_ERROR_LOG_MAX);
	fdt_u32(w, "rtas-event-scan-rate", 0);
	fdt_cells(w, "ibm,lrdr-capacity", capacity, 5);
	fdt_flag(w, "ibm,extended-os-term");
	fdt_flag(w, "ibm,change-msix-capable");
	fdt_cells(w, "ibm,associativity-reference-points", reference, 1);
	fdt_cells(w, "ibm,max-associativity-domains", domains, 5);
	for (unsigned i = 0; rtas_names[i].name; i++)
		if (ppc_has_class(w->b, rtas_names[i].owner))
			fdt_u32(w, rtas_names[i].name, RTAS_TOKEN(i));
	fdt_node_end(w);
}

/* ---- the virtual I/O bus: LoPAR chapter 17 */

/* The device's DMA window: LoPAR B.6.14, addresses and sizes of two cells. */
static void ppc_vio_dma(struct fdt_writer *w, const struct board_dev *d)
{
	const uint32_t window[] = { (uint32_t)d->base, 0, 0, 0, VIO_WINDOW };

	fdt_u32(w, "ibm,#dma-address-cells", 2);
	fdt_u32(w, "ibm,#dma-size-cells", 2);
	fdt_cells(w, "ibm,my-dma-window", window, 5);
}

/* Below it firmware finds disks, whose addresses are SRP's: 64 bits. */
static void ppc_vscsi(struct fdt_writer *w, const struct board_dev *d)
{
	ppc_vio_dma(w, d);
	fdt_u32(w, "#address-cells", 2);
	fdt_u32(w, "#size-cells", 0);
}

static void ppc_vlan(struct fdt_writer *w, const struct board_dev *d)
{
	ppc_vio_dma(w, d);
	fdt_u32(w, "ibm,mac-address-filters", VLAN_FILTERS);
	for (unsigned i = 0; w->found && i < w->found->nmacs; i++)
		if (!strcmp(w->found->mac[i].name, d->name))
			fdt_bytes(w, "local-mac-address", w->found->mac[i].addr,
				  6);
}

static void ppc_nvram(struct fdt_writer *w, const struct board_dev *d)
{
	(void)d;
	fdt_u32(w, "#bytes", NVRAM_SIZE);
}

/* The nodes' names and types, as firmware gives them, and what else is said. */
static const struct ppc_vio {
	const char *compatible, *node, *type;
	void (*body)(struct fdt_writer *w, const struct board_dev *d);
} ppc_vio[] = {
	{ "hvterm1", "vty", "serial", NULL },
	{ "IBM,v-scsi", "v-scsi", "vscsi", ppc_vscsi },
	{ "IBM,l-lan", "l-lan", "network", ppc_vlan },
	{ "qemu,spapr-nvram", "nvram", "nvram", ppc_nvram },
	{ NULL, "vio", "vio", NULL },
};

static const struct ppc_vio *ppc_vio_of(const struct board_dev *d)
{
	const struct ppc_vio *v = ppc_vio;

	while (v->compatible && strcmp(v->compatible, d->class->compatible))
		v++;
	return v;
}

static void ppc_vio_name(const struct board_dev *d, char *name, size_t size)
{
	snprintf(name, size, "%s@%x", ppc_vio_of(d)->node, (unsigned)d->base);
}

static void ppc_vio_device(struct fdt_writer *w, const struct board_dev *d)
{
	uint32_t irq[FDT_MAX_IRQ_CELLS];
	char name[32];

	ppc_vio_name(d, name, sizeof(name));
	fdt_node(w, "%s", name);
	fdt_str(w, "device_type", ppc_vio_of(d)->type);
	fdt_str(w, "compatible", d->class->compatible);
	fdt_u32(w, "reg", (uint32_t)d->base);
	fdt_u32(w, "ibm,my-drc-index", DRC_VIO | (uint32_t)d->base);
	if (d->irq != BOARD_NO_IRQ)
		fdt_cells(w, "interrupts", irq,
			  ppc_irq(d->irq, d->trigger, d->polarity, irq));
	if (ppc_vio_of(d)->body)
		ppc_vio_of(d)->body(w, d);
	fdt_node_end(w);
}

static void ppc_vdevice(struct fdt_writer *w)
{
	fdt_node(w, "vdevice");
	fdt_str(w, "device_type", "vdevice");
	fdt_str(w, "compatible", "IBM,vdevice");
	fdt_u32(w, "#address-cells", 1);
	fdt_u32(w, "#size-cells", 0);
	fdt_u32(w, "#interrupt-cells", 2);
	fdt_flag(w, "interrupt-controller");
	for (unsigned i = 0; i < w->b->ndevs; i++)
		if (w->b->devs[i].space == SPACE_VIO)
			ppc_vio_device(w, &w->b->devs[i]);
	fdt_node_end(w);
}

/* What has no address: Linux calls H_RANDOM where this tells of it. */
static void ppc_facilities(struct fdt_writer *w)
{
	static const char type[] = "ibm,platform-facilities";

	fdt_node(w, "%s", type);
	fdt_str(w, "device_type", type);
	fdt_node(w, "ibm,random-v1");
	fdt_str(w, "compatible", "ibm,random");
	fdt_node_end(w);
	fdt_node_end(w);
}

/* ---- events: LoPAR B.6.11 */

static void ppc_events(struct fdt_writer *w)
{
	uint32_t irq[FDT_MAX_IRQ_CELLS];
	const struct board_dev *d;
	unsigned i = 0, n;

	d = board_next_class(w->b, "spapr-events", &i);
	if (!d)
		return;
	n = ppc_irq(d->irq, d->trigger, d->polarity, irq);
	fdt_node(w, "event-sources");
	fdt_u32(w, "#address-cells", 0);
	fdt_flag(w, "interrupt-controller");
	fdt_u32(w, "#interrupt-cells", 2);
	fdt_cells(w, "interrupt-ranges", (const uint32_t[]){ d->irq, 1 }, 2);
	fdt_node(w, "epow-events");
	fdt_cells(w, "interrupts", irq, n);
	fdt_node_end(w);
	fdt_node_end(w);
}

/* ---- PCI: IEEE 1275's binding, LoPAR B.6.6; guests do not probe */

/* The first cell of an address: where from, and whose register. */
static uint32_t ppc_pci_space(const struct board_pci_fn *fn, unsigned bar)
{
	uint32_t space = (uint32_t)fn->bar[bar].kind << 24;

	if (fn->bar[bar].prefetch)
		space |= 1u << 30;
	return space | (uint32_t)fn->devfn << 8 | (0x10 + 4 * bar);
}

/* "reg", where BARs have no address, and "assigned-addresses". */
static void ppc_pci_bars(struct fdt_writer *w, const struct board_pci_fn *fn)
{
	uint32_t reg[7 * 5] = { (uint32_t)fn->devfn << 8 }, given[6 * 5];
	size_t n = 5, k = 0;

	for (unsigned i = 0; i < 6; i++) {
		uint64_t base = fn->bar[i].base, size = fn->bar[i].size;
		uint32_t space = ppc_pci_space(fn, i);

		if (fn->bar[i].kind == BAR_NONE)
			continue;
		memcpy(reg + n,
		       (const uint32_t[]){ space, 0, 0, (uint32_t)(size >> 32),
					   (uint32_t)size },
		       20);
		memcpy(given + k,
		       (const uint32_t[]){
			       space | 1u << 31, (uint32_t)(base >> 32),
			       (uint32_t)base, (uint32_t)(size >> 32),
			       (uint32_t)size },
		       20);
		n += 5;
		k += 5;
	}
	fdt_cells(w, "reg", reg, n);
	if (k)
		fdt_cells(w, "assigned-addresses", given, k);
}

static void ppc_pci_function(struct fdt_writer *w,
			     const struct board_pci_fn *fn)
{
	unsigned slot = fn->devfn >> 3, function = fn->devfn & 7;

	if (function)
		fdt_node(w, "pci%x,%x@%x,%x", fn->vendor, fn->device, slot,
			 function);
	else
		fdt_node(w, "pci%x,%x@%x", fn->vendor, fn->device, slot);
	fdt_u32(w, "vendor-id", fn->vendor);
	fdt_u32(w, "device-id", fn->device);
	fdt_u32(w, "revision-id", fn->revision);
	fdt_u32(w, "class-code", fn->class_code);
	fdt_u32(w, "subsystem-vendor-id", fn->subsys_vendor);
	fdt_u32(w, "subsystem-id", fn->subsys);
	fdt_u32(w, "ibm,pci-config-space-type", 1);
	if (fn->pin)
		fdt_u32(w, "interrupts", fn->pin);
	if (fn->msi)
		fdt_u32(w, "ibm,req#msi", fn->msi);
	if (fn->msix)
		fdt_u32(w, "ibm,req#msi-x", fn->msix);
	ppc_pci_bars(w, fn);
	fdt_node_end(w);
}

static void ppc_pci_dma(struct fdt_writer *w)
{
	const uint32_t window[] = { PHB_LIOBN, 0, PHB_WINDOW_BASE, 0,
				    PHB_WINDOW_SIZE };
	const uint32_t calls[] = { rtas_token("ibm,query-pe-dma-window"),
				   rtas_token("ibm,create-pe-dma-window"),
				   rtas_token("ibm,remove-pe-dma-window") };
	const uint32_t more[] = { 1, rtas_token("ibm,reset-pe-dma-window") };

	fdt_u32(w, "ibm,#dma-address-cells", 2);
	fdt_u32(w, "ibm,#dma-size-cells", 2);
	fdt_cells(w, "ibm,dma-window", window, 5);
	fdt_cells(w, "ibm,ddw-applicable", calls, 3);
	fdt_cells(w, "ibm,ddw-extensions", more, 2);
}

static void ppc_pci(struct fdt_writer *w)
{
	static const uint32_t buses[] = { 0, 0 };
	unsigned i = 0;

	if (!board_next_class(w->b, "spapr-phb", &i))
		return;
	fdt_node(w, "pci@%llx", (unsigned long long)w->b->ppc.phb_unit);
	fdt_str(w, "device_type", "pci");
	fdt_str(w, "compatible", "IBM,Logical_PHB");
	fdt_reg(w, w->b->ppc.phb_unit, 0);
	fdt_u32(w, "#address-cells", 3);
	fdt_u32(w, "#size-cells", 2);
	fdt_cells(w, "bus-range", buses, 2);
	fdt_flag(w, "used-by-rtas");
	fdt_u32(w, "ibm,pci-config-space-type", 1);
	fdt_u32(w, "ibm,pe-total-#msi", w->b->ppc.nmsi);
	fdt_pci_ranges(w);
	fdt_pci_interrupts(w);
	ppc_pci_dma(w);
	for (i = 0; w->found && i < w->found->nfns; i++)
		ppc_pci_function(w, &w->found->fn[i]);
	fdt_node_end(w);
}

/* ---- /chosen */

/*
 * What ibm,client-architecture-support comes to, with firmware or without:
 * LoPAR B.6.2.3, table 244, as the board is.
 */
#define VEC5_BYTES 27
#define VEC5_ASSOC 5
#define VEC5_FORM1 0x80

static void ppc_vec5(struct fdt_writer *w)
{
	uint8_t vec[VEC5_BYTES] = { 0 };

	vec[VEC5_ASSOC] = VEC5_FORM1;
	for (unsigned i = CAS_XIVE; i < VEC5_BYTES; i++)
		vec[i] = cas_byte(w->b, i);
	fdt_bytes(w, "ibm,architecture-vec-5", vec, sizeof(vec));
}

/* What a kernel may ask firmware for, before: byte and value. */
static void ppc_firmware(struct fdt_writer *w)
{
	const struct fdt_firmware *fw = w->firmware;
	const uint32_t kernel[] = { (uint32_t)(fw->kernel_base >> 32),
				    (uint32_t)fw->kernel_base,
				    (uint32_t)(fw->kernel_size >> 32),
				    (uint32_t)fw->kernel_size };
	uint8_t support[2 * (VEC5_BYTES - CAS_XIVE)];
	size_t n = 0;

	for (uint8_t i = CAS_XIVE; i < VEC5_BYTES; i++) {
		support[n++] = i;
		support[n++] = cas_support(w->b, i);
	}
	fdt_bytes(w, "ibm,arch-vec-5-platform-support", support, n);
	if (fw->kernel_size)
		fdt_cells(w, "qemu,boot-kernel", kernel, 4);
}

static void ppc_chosen(struct fdt_writer *w)
{
	char name[32], path[48];

	ppc_vec5(w);
	if (w->firmware)
		ppc_firmware(w);
	for (unsigned i = 0; i < w->b->ndevs; i++) {
		const struct board_dev *d = &w->b->devs[i];

		if (d->space != SPACE_VIO ||
		    strcmp(ppc_vio_of(d)->type, "serial"))
			continue;
		ppc_vio_name(d, name, sizeof(name));
		snprintf(path, sizeof(path), "/vdevice/%s", name);
		fdt_str(w, "stdout-path", path);
		fdt_str(w, "linux,stdout-path", path);
		return;
	}
}

/* Linux knows a pSeries by the type of its root. */
static void ppc_root(struct fdt_writer *w)
{
	/* LoPAR B.6.2.1: priorities that are not the guest's, and how many. */
	static const uint32_t reserved[] = { XIVE_PRIORITIES, 0xf8 };

	fdt_str(w, "device_type", "chrp");
	if (w->b->ppc.xive_esb)
		fdt_cells(w, "ibm,plat-res-int-priorities", reserved, 2);
}

static void ppc_extra(struct fdt_writer *w)
{
	fdt_node(w, "hypervisor");
	fdt_str(w, "compatible", "linux,kvm");
	fdt_node_end(w);
	ppc_rtas(w);
	if (w->b->ppc.xive_esb)
		ppc_xive(w);
	else
		ppc_xics(w);
	ppc_vdevice(w);
	ppc_facilities(w);
	ppc_events(w);
	ppc_pci(w);
}

static const struct fdt_special ppc_specials[] = { { 0 } };

const struct fdt_arch fdt_ppc64le = {
	.arch = ARCH_PPC64LE,
	.compatible = "IBM,pSeries",
	.specials = ppc_specials,
	.irq = ppc_irq,
	.cpu_node = ppc_cpu_node,
	.cpu = ppc_cpu,
	.memory = ppc_memory,
	.root = ppc_root,
	.chosen = ppc_chosen,
	.extra = ppc_extra,
	.associativity = true,
	.map_reserved = true,
};
