/* SPDX-License-Identifier: MIT */
/* The PCI host bridge by RTAS against LoPAR, over XICS and a probe. */
#include "hw/spapr/phb.h"

#include <errno.h>
#include <linux/pci_regs.h>

#include "hw/core/dma.h"
#include "tests/support/pci_rig.h"
#include "tests/support/xics_rig.h"
#include "tests/test.h"

#define BUID	 UINT64_C(0x800000020000000)
#define HI	 ((uint32_t)(BUID >> 32))
#define LO	 ((uint32_t)BUID)
#define DEVFN	 PCI_DEVFN(2, 0)
#define ADDR	 ((uint32_t)DEVFN << 8)
#define NOBODY	 (ADDR + 0x800) /* the slot behind it */
#define CPU32	 UINT64_C(0x200080000000)
#define MMIO64	 UINT64_C(0x210000000000)
#define MSI	 (XICS_RIG_SRC + 16)
#define NMSI	 21
#define PARAM	 ((uint64_t)RTAS_PARAMETER)
#define HARDWARE ((uint64_t)RTAS_HARDWARE)

struct phb_rig {
	struct xics_rig x;
	struct tce_tables tces;
	struct device *phb;
	struct pci_bus *bus;
	struct pci_probe *probe, *other;
	struct rtas_args a;
};

static struct pci_probe *phb_rig_add(struct phb_rig *p, uint8_t devfn)
{
	struct pci_device *d = device_new(&pci_probe_class, "probe");
	struct err err = { 0 };

	CHECK_EQ(pci_attach(p->bus, d, devfn, &err), 0);
	CHECK_EQ(device_realize(&d->dev, &p->x.r.env, &err), 0);
	return container_of(d, struct pci_probe, pci);
}

static void phb_rig_make(struct phb_rig *p)
{
	static const struct board_pci windows = {
		.present = true,
		.buses = 1,
		.mmio32 = { 0x80000000, 0x80000000 },
		.mmio32_cpu = CPU32,
		.mmio64 = { MMIO64, 0x10000000000 },
		.pio = { 0, 0x10000 },
		.pio_mmio = 0x200000000000,
		.intx = { XICS_RIG_SRC, XICS_RIG_SRC + 1, XICS_RIG_SRC + 2,
			  XICS_RIG_SRC + 3 },
	};
	struct phb_config c = {
		.pci = &windows,
		.buid = BUID,
		.msi_first = MSI,
		.nmsi = NMSI,
		.tces = &p->tces,
	};
	struct err err = { 0 };

	*p = (struct phb_rig){ 0 };
	xics_rig_make(&p->x);
	c.ics = p->x.ics;
	tce_init(&p->tces, &p->x.r.mem);
	p->phb = device_new(&spapr_phb_class, "pci");
	spapr_phb_setup(p->phb, &c);
	p->bus = spapr_phb_bus(p->phb);
	CHECK_EQ(device_realize(p->phb, &p->x.r.env, &err), 0);
	p->probe = phb_rig_add(p, DEVFN);
	p->other = phb_rig_add(p, PCI_DEVFN(5, 0));
	CHECK_EQ(pci_assign_bars(p->bus, &err), 0);
}

static void phb_rig_free(struct phb_rig *p)
{
	pci_rig_remove(&p->other->pci);
	pci_rig_remove(&p->probe->pci);
	device_free(p->phb);
	tce_destroy(&p->tces);
	xics_rig_free(&p->x);
}

/* Calls with nret results; the arguments are in p->a. */
static int32_t call(struct phb_rig *p, const char *name, unsigned nret)
{
	memset(p->a.ret, 0, sizeof(p->a.ret));
	for (const struct rtas_call *c = phb_rtas; c->name; c++)
		if (!strcmp(c->name, name)) {
			p->a.nargs = c->nargs;
			p->a.nret = nret ? nret : c->nret;
			return c->fn(p->phb, 0, &p->a);
		}
	fail_msg("no %s", name);
	return 0;
}

#define CALL(p, name, ...)                                      \
	((p)->a = (struct rtas_args){ .arg = { __VA_ARGS__ } }, \
	 call(p, name, 0))

static uint32_t cfg_read(struct phb_rig *p, uint32_t addr, unsigned size)
{
	CHECK_EQ(CALL(p, "ibm,read-pci-config", addr, HI, LO, size), RTAS_OK);
	return p->a.ret[1];
}

static void cfg_write(struct phb_rig *p, uint32_t addr, unsigned size,
		      uint32_t val)
{
	CHECK_EQ(CALL(p, "ibm,write-pci-config", addr, HI, LO, size, val),
		 RTAS_OK);
}

/* ---- configuration */

TEST(phb_configuration_by_both_forms)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(cfg_read(&p, ADDR, 4), 0x56781234);
	CHECK_EQ(cfg_read(&p, ADDR | 2, 2), 0x5678);
	CHECK_EQ(cfg_read(&p, ADDR | 1, 1), 0x12);
	CHECK_EQ(CALL(&p, "read-pci-config", ADDR, 2), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0x1234);
	cfg_write(&p, ADDR | PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(cfg_read(&p, ADDR | PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
	CHECK_EQ(CALL(&p, "write-pci-config", ADDR | PCI_COMMAND, 1, 0),
		 RTAS_OK);
	CHECK_EQ(cfg_read(&p, ADDR | PCI_COMMAND, 2), 0);
	phb_rig_free(&p);
}

TEST(phb_configuration_of_nothing_is_ones)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(cfg_read(&p, NOBODY, 4), 0xffffffff);
	CHECK_EQ(cfg_read(&p, NOBODY, 2), 0xffff);
	CHECK_EQ(cfg_read(&p, ADDR | 1 << 16, 1), 0xff); /* bus 1 */
	cfg_write(&p, NOBODY, 4, 0);
	/* Extended space: register 0x100 is bits 31 to 28, and all zero. */
	CHECK_EQ(cfg_read(&p, ADDR | 1u << 28, 4), 0);
	phb_rig_free(&p);
}

TEST(phb_configuration_refuses_sizes_and_other_bridges)
{
	static const uint32_t bad[] = { 0, 3, 8, UINT32_MAX };
	struct phb_rig p;

	phb_rig_make(&p);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(CALL(&p, "read-pci-config", ADDR, bad[i]), PARAM);
		CHECK_EQ(CALL(&p, "write-pci-config", ADDR, bad[i], 0), PARAM);
	}
	CHECK_EQ(CALL(&p, "read-pci-config", ADDR | 2, 4), PARAM);
	CHECK_EQ(CALL(&p, "read-pci-config", ADDR | 1, 2), PARAM);
	CHECK_EQ(CALL(&p, "ibm,read-pci-config", ADDR, HI, LO + 1, 4), PARAM);
	CHECK_EQ(CALL(&p, "ibm,read-pci-config", ADDR, 0, LO, 4), PARAM);
	CHECK_EQ(CALL(&p, "ibm,write-pci-config", ADDR, 0, LO, 4, 0), PARAM);
	phb_rig_free(&p);
}

TEST(phb_bars_reach_the_cpu_by_the_windows)
{
	struct board_pci_fn fn;
	struct phb_rig p;
	uint64_t val;

	phb_rig_make(&p);
	cfg_write(&p, ADDR | PCI_COMMAND, 2,
		  PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	CHECK(pci_describe(p.bus, DEVFN, &fn));
	CHECK(!pci_describe(p.bus, DEVFN + 8, &fn));
	CHECK(pci_describe(p.bus, DEVFN, &fn));
	CHECK_EQ(fn.vendor, 0x1234);
	CHECK_EQ(fn.device, 0x5678);
	CHECK_EQ(fn.subsys_vendor, 0x9abc);
	CHECK_EQ(fn.subsys, 0xdef0);
	CHECK_EQ(fn.class_code, 0xff0102);
	CHECK_EQ(fn.revision, 7);
	CHECK_EQ(fn.pin, 1);
	CHECK_EQ(fn.msi, 4);
	CHECK_EQ(fn.msix, 4);
	CHECK(fn.bar[0].kind == BAR_MEM64 && fn.bar[0].prefetch);
	CHECK_EQ(fn.bar[0].size, 0x4000);
	CHECK(fn.bar[1].kind == BAR_NONE);
	CHECK(fn.bar[2].kind == BAR_MEM32 && !fn.bar[2].prefetch);
	CHECK(fn.bar[3].kind == BAR_IO);
	CHECK_EQ(fn.bar[3].size, 32);
	CHECK_EQ(cfg_read(&p, ADDR | 0x18, 4), fn.bar[2].base);
	CHECK_EQ(cfg_read(&p, ADDR | 0x14, 4), fn.bar[0].base >> 32);
	CHECK(fn.bar[2].base >= 0x80000000 && fn.bar[2].base < UINT32_MAX);
	/* The probe's regions answer 1000 * BAR and the offset. */
	CHECK(bus_read(&p.x.r.mmio, CPU32 + (fn.bar[2].base - 0x80000000) + 4,
		       4, &val));
	CHECK_EQ(val, 2004);
	CHECK(!bus_read(&p.x.r.mmio, fn.bar[2].base, 4, &val));
	CHECK(bus_read(&p.x.r.mmio, fn.bar[0].base + 8, 4, &val));
	CHECK_EQ(val, 8);
	CHECK(bus_read(&p.x.r.pio, fn.bar[3].base + 2, 2, &val));
	CHECK_EQ(val, 3002);
	phb_rig_free(&p);
}

TEST(phb_intx_is_a_level_at_its_source)
{
	struct phb_rig p;

	phb_rig_make(&p);
	xics_rig_on(&p.x, 2, 1, 5); /* slot 2, INTA: the third */
	pci_set_irq(&p.probe->pci, true);
	CHECK_EQ(xics_accept(p.x.dev, 1), 0xff000000 | (XICS_RIG_SRC + 2));
	CHECK_EQ(xics_eoi(p.x.dev, 1, 0xff000000 | (XICS_RIG_SRC + 2)), 0);
	CHECK(p.x.line[1]);
	pci_set_irq(&p.probe->pci, false);
	phb_rig_free(&p);
}

/* ---- messages */

enum { QUERY, CHANGE, RESET, MSI_FN, MSIX_FN, MSI32_FN };

static int32_t change_msi(struct phb_rig *p, uint32_t addr, uint32_t fn,
			  uint32_t n)
{
	p->a = (struct rtas_args){ .arg = { addr, HI, LO, fn, n, 41 } };
	return call(p, "ibm,change-msi", 4);
}

static uint32_t source(struct phb_rig *p, uint32_t addr, uint32_t vector)
{
	CHECK_EQ(CALL(p, "ibm,query-interrupt-source-number", addr, HI, LO,
		      vector),
		 RTAS_OK);
	CHECK_EQ(p->a.ret[2], 1);
	return p->a.ret[1];
}

TEST(phb_msix_vectors_raise_their_sources)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 3), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 3);
	CHECK_EQ(p.a.ret[2], 42);
	CHECK_EQ(p.a.ret[3], 2);
	CHECK_EQ(source(&p, ADDR, 0), MSI);
	CHECK_EQ(source(&p, ADDR, 2), MSI + 2);
	CHECK_EQ(CALL(&p, "ibm,query-interrupt-source-number", ADDR, HI, LO, 3),
		 PARAM);
	xics_rig_on(&p.x, 16 + 2, 3, 5);
	cfg_write(&p, ADDR | PCI_COMMAND, 2,
		  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	cfg_write(&p, ADDR | (p.probe->pci.msix_cap + PCI_MSIX_FLAGS), 2,
		  PCI_MSIX_FLAGS_ENABLE);
	device_lock(&p.probe->pci.dev);
	pci_msix_table_write(&p.probe->pci, 2 * 16 + PCI_MSIX_ENTRY_VECTOR_CTRL,
			     0, 4);
	device_unlock(&p.probe->pci.dev);
	msix_notify(&p.probe->pci, 2);
	rig_poll(&p.x.r);
	CHECK_EQ(xics_accept(p.x.dev, 3), 0xff000000 | (MSI + 2));
	phb_rig_free(&p);
}

TEST(phb_msi_vectors_are_aligned_and_raise_their_sources)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(change_msi(&p, ADDR + 0x1800, MSIX_FN, 1), RTAS_OK);
	CHECK_EQ(change_msi(&p, ADDR, MSI_FN, 3), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 2); /* a power of two */
	CHECK_EQ(p.a.ret[3], 1);
	CHECK_EQ(source(&p, ADDR, 1), MSI + 3);
	xics_rig_on(&p.x, 16 + 3, 0, 5);
	cfg_write(&p, ADDR | PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	cfg_write(
		&p, ADDR | (p.probe->pci.msi_cap + PCI_MSI_FLAGS), 2,
		cfg_read(&p, ADDR | (p.probe->pci.msi_cap + PCI_MSI_FLAGS), 2) |
			PCI_MSI_FLAGS_ENABLE);
	msi_notify(&p.probe->pci, 1);
	rig_poll(&p.x.r);
	CHECK_EQ(xics_accept(p.x.dev, 0), 0xff000000 | (MSI + 3));
	CHECK_EQ(change_msi(&p, ADDR, MSI_FN, 0), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0);
	CHECK(!msi_enabled(&p.probe->pci));
	CHECK_EQ(change_msi(&p, ADDR, MSI32_FN, 4), RTAS_OK);
	CHECK_EQ(source(&p, ADDR, 0), MSI + 4);
	phb_rig_free(&p);
}

TEST(phb_messages_are_changed_queried_and_given_back)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(change_msi(&p, ADDR, QUERY, 0), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0);
	CHECK_EQ(p.a.ret[3], 0);
	CHECK_EQ(change_msi(&p, ADDR, CHANGE, 4), RTAS_OK);
	CHECK_EQ(p.a.ret[3], 1); /* never MSI-X */
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 100), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 4);	    /* it has no more */
	CHECK_EQ(source(&p, ADDR, 0), MSI); /* the former were given back */
	CHECK_EQ(change_msi(&p, ADDR, QUERY, 0), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 4);
	CHECK_EQ(p.a.ret[3], 2);
	CHECK_EQ(change_msi(&p, ADDR, RESET, 0), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 1), RTAS_OK);
	device_reset(p.phb);
	CHECK_EQ(change_msi(&p, ADDR, QUERY, 0), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0);
	phb_rig_free(&p);
}

/* Linux asks for a power of two, and then for what it needs. */
TEST(phb_function_that_asks_again_stays_enabled)
{
	struct phb_rig p;
	uint32_t flags;

	phb_rig_make(&p);
	flags = ADDR | (p.probe->pci.msix_cap + PCI_MSIX_FLAGS);
	cfg_write(&p, flags, 2, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 4), RTAS_OK);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 3), RTAS_OK);
	CHECK_EQ(cfg_read(&p, flags, 2), 0xc003);
	CHECK_EQ(change_msi(&p, ADDR, MSI_FN, 1), RTAS_OK);
	CHECK_EQ(cfg_read(&p, flags, 2), 0x4003); /* another kind */
	cfg_write(&p, flags, 2, PCI_MSIX_FLAGS_ENABLE);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 1), RTAS_OK);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 0), RTAS_OK);
	CHECK_EQ(cfg_read(&p, flags, 2), 3);
	phb_rig_free(&p);
}

TEST(phb_sources_run_out_and_come_back)
{
	struct pci_probe *more[4];
	struct phb_rig p;

	phb_rig_make(&p);
	for (unsigned i = 0; i < 4; i++)
		more[i] = phb_rig_add(&p, PCI_DEVFN(10 + i, 0));
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(change_msi(&p, (10 + i) << 11, MSIX_FN, 4), RTAS_OK);
	CHECK_EQ(change_msi(&p, ADDR, MSIX_FN, 4), RTAS_OK); /* 20 of 21 */
	CHECK_EQ(change_msi(&p, 5 << 11, MSIX_FN, 2), HARDWARE);
	CHECK_EQ(p.a.ret[1], 0);
	CHECK_EQ(change_msi(&p, 5 << 11, MSIX_FN, 1), RTAS_OK);
	CHECK_EQ(change_msi(&p, 12 << 11, MSIX_FN, 0), RTAS_OK);
	CHECK_EQ(change_msi(&p, 5 << 11, MSI_FN, 4), RTAS_OK);
	CHECK_EQ(source(&p, 5 << 11, 0), MSI + 8);
	for (unsigned i = 0; i < 4; i++)
		pci_rig_remove(&more[i]->pci);
	phb_rig_free(&p);
}

TEST(phb_messages_refuse_what_is_not_there)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(change_msi(&p, NOBODY, MSIX_FN, 1), PARAM);
	CHECK_EQ(change_msi(&p, ADDR | 1 << 16, MSIX_FN, 1), PARAM);
	CHECK_EQ(change_msi(&p, ADDR, 6, 1), PARAM);
	CHECK_EQ(CALL(&p, "ibm,change-msi", ADDR, HI, LO + 1, 4, 1, 1), PARAM);
	CHECK_EQ(CALL(&p, "ibm,query-interrupt-source-number", ADDR, HI, LO, 0),
		 PARAM);
	CHECK_EQ(CALL(&p, "ibm,query-interrupt-source-number", NOBODY, HI, LO,
		      0),
		 PARAM);
	phb_rig_free(&p);
}

/* ---- DMA windows */

TEST(phb_has_a_32_bit_window_from_the_start)
{
	struct hcalls h = { 0 };
	struct err err = { 0 };
	struct phb_rig p;
	uint64_t in[HCALL_REGS] = { PHB_LIOBN, 0x3ffff000, RIG_RAM | 3 };
	uint64_t out[HCALL_REGS];
	uint8_t byte;

	phb_rig_make(&p);
	CHECK_EQ(hcalls_add(&h, tce_hcalls, &p.tces, &err), 0);
	CHECK_EQ(hcall_run(&h, 0, 0x20, in, out), H_SUCCESS);
	CHECK_EQ(tce_read(&p.tces, PHB_LIOBN, 0x3fffffff, &byte, 1), 0);
	in[1] = 0x40000000;
	CHECK_EQ(hcall_run(&h, 0, 0x20, in, out), (uint64_t)H_PARAMETER);
	CHECK_EQ(CALL(&p, "ibm,reset-pe-dma-window", ADDR, HI, LO), RTAS_OK);
	CHECK(tce_read(&p.tces, PHB_LIOBN, 0x3fffffff, &byte, 1) < 0);
	hcalls_free(&h);
	phb_rig_free(&p);
}

TEST(phb_makes_and_removes_a_64_bit_window)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(CALL(&p, "ibm,query-pe-dma-window", ADDR, HI, LO), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 1);
	CHECK_EQ(p.a.ret[2], 0x4000); /* 64M of pages for 17M of RAM */
	CHECK_EQ(p.a.ret[3], 7);
	CHECK_EQ(call(&p, "ibm,query-pe-dma-window", 6), RTAS_OK);
	CHECK_EQ(p.a.ret[2], 0);
	CHECK_EQ(p.a.ret[3], 0x4000);
	CHECK_EQ(p.a.ret[4], 7);
	CHECK_EQ(CALL(&p, "ibm,create-pe-dma-window", ADDR, HI, LO, 16, 26),
		 RTAS_OK);
	CHECK_EQ(p.a.ret[1], PHB_LIOBN64);
	CHECK_EQ(p.a.ret[2], PHB_WINDOW64_BASE >> 32);
	CHECK_EQ(p.a.ret[3], 0);
	CHECK_EQ(CALL(&p, "ibm,create-pe-dma-window", ADDR, HI, LO, 16, 26),
		 HARDWARE);
	CHECK_EQ(CALL(&p, "ibm,query-pe-dma-window", ADDR, HI, LO), RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0);
	CHECK_EQ(CALL(&p, "ibm,remove-pe-dma-window", PHB_LIOBN), PARAM);
	CHECK_EQ(CALL(&p, "ibm,remove-pe-dma-window", PHB_LIOBN64), RTAS_OK);
	CHECK_EQ(CALL(&p, "ibm,remove-pe-dma-window", PHB_LIOBN64), PARAM);
	CHECK_EQ(CALL(&p, "ibm,create-pe-dma-window", ADDR, HI, LO, 12, 24),
		 RTAS_OK);
	CHECK_EQ(CALL(&p, "ibm,reset-pe-dma-window", ADDR, HI, LO), RTAS_OK);
	CHECK(!tce_remove(&p.tces, PHB_LIOBN64));
	phb_rig_free(&p);
}

TEST(phb_windows_are_bounded)
{
	static const uint32_t bad[][2] = {
		{ 12, 27 }, { 13, 24 }, { 16, 15 },	    { 24, 63 },
		{ 12, 64 }, { 0, 10 },	{ UINT32_MAX, 24 }, { 12, UINT32_MAX },
	};
	struct phb_rig p;

	phb_rig_make(&p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_EQ(CALL(&p, "ibm,create-pe-dma-window", ADDR, HI, LO,
			      bad[i][0], bad[i][1]),
			 PARAM);
	CHECK_EQ(CALL(&p, "ibm,create-pe-dma-window", ADDR, HI, LO + 1, 12, 24),
		 PARAM);
	CHECK_EQ(CALL(&p, "ibm,query-pe-dma-window", ADDR, HI + 1, LO), PARAM);
	CHECK_EQ(CALL(&p, "ibm,reset-pe-dma-window", ADDR, HI + 1, LO), PARAM);
	phb_rig_free(&p);
}

/* ---- EEH */

static uint32_t pe_state(struct phb_rig *p)
{
	CHECK_EQ(CALL(p, "ibm,read-slot-reset-state2", ADDR, HI, LO), RTAS_OK);
	CHECK_EQ(p->a.ret[2], 1);
	return p->a.ret[1];
}

TEST(phb_endpoint_is_the_bus_and_runs)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 1), RTAS_OK);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", NOBODY, HI, LO, 1), PARAM);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 4), PARAM);
	CHECK_EQ(CALL(&p, "ibm,get-config-addr-info2", ADDR, HI, LO, 0),
		 RTAS_OK);
	CHECK_EQ(p.a.ret[1], 0);
	CHECK_EQ(CALL(&p, "ibm,get-config-addr-info2", ADDR, HI, LO, 1),
		 RTAS_OK);
	CHECK_EQ(p.a.ret[1], 2);
	CHECK_EQ(CALL(&p, "ibm,get-config-addr-info2", ADDR, HI, LO, 2), PARAM);
	CHECK_EQ(CALL(&p, "ibm,get-config-addr-info2", NOBODY, HI, LO, 0),
		 PARAM);
	CHECK_EQ(pe_state(&p), 0);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", ADDR, HI, LO, 0, 0, 0, 0, 2),
		 1);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", ADDR, HI, LO, 0, 0, 0, 0, 0),
		 PARAM);
	phb_rig_free(&p);
}

TEST(phb_reset_resets_functions_and_hides_them)
{
	struct phb_rig p;
	uint32_t bar;

	phb_rig_make(&p);
	bar = cfg_read(&p, ADDR | 0x18, 4);
	cfg_write(&p, ADDR | PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(CALL(&p, "ibm,set-slot-reset", 0, HI, LO, 1), RTAS_OK);
	CHECK_EQ(pe_state(&p), 1);
	CHECK_EQ(cfg_read(&p, ADDR, 4), 0xffffffff);
	cfg_write(&p, ADDR | PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(CALL(&p, "ibm,configure-pe", 0, HI, LO), HARDWARE);
	CHECK_EQ(CALL(&p, "ibm,set-slot-reset", 0, HI, LO, 0), RTAS_OK);
	CHECK_EQ(pe_state(&p), 0);
	CHECK_EQ(cfg_read(&p, ADDR | PCI_COMMAND, 2), 0);
	CHECK_EQ(cfg_read(&p, ADDR | 0x18, 4), 0);
	CHECK_EQ(CALL(&p, "ibm,configure-pe", 0, HI, LO), RTAS_OK);
	CHECK_EQ(cfg_read(&p, ADDR | 0x18, 4), bar);
	CHECK_EQ(CALL(&p, "ibm,set-slot-reset", 0, HI, LO, 2), PARAM);
	CHECK_EQ(CALL(&p, "ibm,set-slot-reset", 0, HI, LO, 3), RTAS_OK);
	CHECK_EQ(pe_state(&p), 1);
	device_reset(p.phb);
	CHECK_EQ(pe_state(&p), 0);
	phb_rig_free(&p);
}

TEST(phb_frozen_endpoint_is_thawed_in_order)
{
	struct phb_rig p;

	phb_rig_make(&p);
	spapr_phb_freeze(p.phb);
	CHECK_EQ(pe_state(&p), 2);
	CHECK_EQ(cfg_read(&p, ADDR, 4), 0xffffffff);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 3), PARAM);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 2), RTAS_OK);
	CHECK_EQ(pe_state(&p), 4);
	CHECK_EQ(cfg_read(&p, ADDR, 4), 0x56781234);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 3), RTAS_OK);
	CHECK_EQ(pe_state(&p), 0);
	phb_rig_free(&p);
}

TEST(phb_frozen_endpoint_has_a_log_that_is_told_once)
{
	struct phb_rig p;
	uint8_t log[256];
	uint32_t len;

	phb_rig_make(&p);
	spapr_phb_freeze(p.phb);
	/* Where the log cannot be it is not lost. */
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", 0, HI, LO, 0, 0, 0x1000, 256,
		      1),
		 PARAM);
	CHECK_EQ(mem_set(&p.x.r.mem, RIG_RAM, 0xee, 0x200), 0);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", 0, HI, LO, 0, 0, RIG_RAM,
		      256, 1),
		 RTAS_OK);
	CHECK_EQ(mem_read(&p.x.r.mem, RIG_RAM, log, sizeof(log)), 0);
	len = 8 + ((uint32_t)log[6] << 8 | log[7]);
	CHECK_EQ(log[0], 6);
	CHECK_EQ(log[1], 4 << 5 | 1 << 3 | 1 << 2);
	CHECK_EQ(log[2], 2 << 4);
	CHECK_EQ(log[3], 0xe0);
	CHECK_MEM(log + len - 24, "UD\0\x18\1", 5);
	CHECK_MEM(log + len - 16, "\x08\0\0\0\x20\0\0\0", 8);
	CHECK_EQ(log[len - 1], 2); /* it is frozen */
	CHECK_EQ(log[len], 0xee);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", 0, HI, LO, 0, 0, RIG_RAM,
		      256, 2),
		 1);
	/* The next one is cut to where it goes; a reset forgets one. */
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", 0, HI, LO, 2), RTAS_OK);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", 0, HI, LO, 3), RTAS_OK);
	spapr_phb_freeze(p.phb);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", 0, HI, LO, 0, 0,
		      RIG_RAM + 0x100, 4, 2),
		 RTAS_OK);
	CHECK_EQ(mem_read(&p.x.r.mem, RIG_RAM + 0x100, log, 8), 0);
	CHECK_MEM(log, "\6\x8c\x20\xe0\xee", 5);
	device_reset(p.phb);
	spapr_phb_freeze(p.phb);
	device_reset(p.phb);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", 0, HI, LO, 0, 0, RIG_RAM,
		      256, 2),
		 1);
	phb_rig_free(&p);
}

static void put_tce(struct phb_rig *p, uint64_t ioba, uint64_t tce)
{
	const uint64_t in[HCALL_REGS] = { PHB_LIOBN, ioba, tce };
	uint64_t out[HCALL_REGS];

	for (const struct hcall *h = tce_hcalls; h->name; h++)
		if (!strcmp(h->name, "H_PUT_TCE"))
			CHECK_EQ(h->fn(&p->tces, 0, in, out), H_SUCCESS);
}

TEST(phb_frozen_endpoint_has_neither_mmio_nor_dma)
{
	struct phb_rig p;
	struct iovec iov[2];
	unsigned n = 0;
	uint64_t bar, val;

	phb_rig_make(&p);
	put_tce(&p, 0, RIG_RAM | TCE_READ | TCE_WRITE);
	cfg_write(&p, ADDR | PCI_COMMAND, 2,
		  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	bar = CPU32 - 0x80000000 + (cfg_read(&p, ADDR | 0x18, 4) & ~15u);
	CHECK(bus_read(&p.x.r.mmio, bar, 4, &val));
	CHECK(pci_bus_master(&p.probe->pci));
	CHECK_EQ(p.bus->dma->iov(p.bus->dma->opaque, 16, 16, true, iov, &n, 2),
		 0);
	CHECK_EQ(n, 1);
	spapr_phb_freeze(p.phb);
	CHECK(!bus_read(&p.x.r.mmio, bar, 4, &val));
	CHECK(!pci_bus_master(&p.probe->pci));
	CHECK_EQ(p.bus->dma->iov(p.bus->dma->opaque, 16, 16, true, iov, &n, 2),
		 (uint64_t)-EFAULT);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 2), RTAS_OK);
	CHECK(bus_read(&p.x.r.mmio, bar, 4, &val));
	CHECK(!pci_bus_master(&p.probe->pci));
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, LO, 3), RTAS_OK);
	CHECK(pci_bus_master(&p.probe->pci));
	spapr_phb_freeze(p.phb);
	device_reset(p.phb);
	cfg_write(&p, ADDR | PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	CHECK(pci_bus_master(&p.probe->pci));
	phb_rig_free(&p);
}

TEST(phb_eeh_calls_are_of_this_bridge)
{
	struct phb_rig p;

	phb_rig_make(&p);
	CHECK_EQ(CALL(&p, "ibm,set-eeh-option", ADDR, HI, 0, 1), PARAM);
	CHECK_EQ(CALL(&p, "ibm,get-config-addr-info2", ADDR, HI, 0, 0), PARAM);
	CHECK_EQ(CALL(&p, "ibm,read-slot-reset-state2", ADDR, HI, 0), PARAM);
	CHECK_EQ(CALL(&p, "ibm,set-slot-reset", ADDR, HI, 0, 1), PARAM);
	CHECK_EQ(CALL(&p, "ibm,configure-pe", ADDR, HI, 0), PARAM);
	CHECK_EQ(CALL(&p, "ibm,slot-error-detail", ADDR, HI, 0, 0, 0, 0, 0, 1),
		 PARAM);
	phb_rig_free(&p);
}
