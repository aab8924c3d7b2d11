/* SPDX-License-Identifier: MIT */
/* Fuzzes what a pSeries guest calls: hypercalls and RTAS, with any arguments.
 * make-spapr-seeds knows how an input is read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/ppc64/calls.h"
#include "hw/core/log.h"
#include "hw/spapr/cas.h"
#include "hw/spapr/events.h"
#include "hw/spapr/memop.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/system.h"
#include "hw/spapr/vlan.h"
#include "hw/spapr/vty.h"
#include "hw/spapr/xics_calls.h"
#include "hw/spapr/xive.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/pci_rig.h"
#include "tests/support/vio_rig.h"
#include "tests/support/xics_rig.h"

#define BUID	0x800000020000000ull
#define VTY	0x71000000
#define PUT_TCE 0x20
#define CAS	0xf002
#define MEMOP	0xf001
#define MEMOP_N 0x10000 /* elements: more of them only take longer */

static struct xics_rig xics;
static struct vio_rig vio; /* its rig is another; its device the network */
static struct tce_tables tces;
static struct rtas rtas;
static struct device *phb, *vty, *nvram, *events, *xive, *platform;
static struct pci_probe *probe;

/* The input, consumed; zeroes behind its end. */
static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint64_t in_bytes(unsigned n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | in8();
	return v;
}

/* ---- a network without anybody */

static int wire_attach(struct netdev *n, struct loop *const *loop,
		       struct err *err)
{
	(void)n, (void)loop, (void)err;
	return 0;
}

static void wire_detach(struct netdev *n)
{
	(void)n;
}

static void wire_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	(void)n, (void)q, (void)rd, (void)wr;
}

static ssize_t wire_recv(struct netdev *n, unsigned q, const struct iovec *iov,
			 unsigned niov)
{
	(void)n, (void)q, (void)niov;
	if (in8() & 1)
		return -EAGAIN;
	memset(iov->iov_base, 0xff, 64);
	return NETDEV_HDR + in8();
}

static int wire_send(struct netdev *n, unsigned q, const struct iovec *iov,
		     unsigned niov)
{
	volatile uint8_t last;

	(void)n, (void)q, (void)niov;
	last = ((uint8_t *)iov->iov_base)[iov->iov_len - 1];
	(void)last;
	return in8() & 1 ? -EAGAIN : 0;
}

static const struct netdev_ops wire_ops = {
	.attach = wire_attach,
	.detach = wire_detach,
	.interest = wire_interest,
	.recv = wire_recv,
	.send = wire_send,
};
static struct netdev wire;

/* ---- an interrupt chip, told of what is there and of nothing else */

static struct board_cpu cpus[] = { { .hw_id = 0 },
				   { .hw_id = 1 },
				   { .hw_id = 4 } };
static const struct board board = { .ncpus = 3,
				    .cpus = cpus,
				    .nlines = XICS_RIG_N,
				    .ppc = { .first_source = XICS_RIG_SRC,
					     .page_shift = 16,
					     .radix = true,
					     .xive_esb = 0x200200000000 } };

static int chip_answer(uint32_t source)
{
	if (source > 4 && source - XICS_RIG_SRC >= XICS_RIG_N)
		abort();
	return in8() & 1 ? -EINVAL : 0;
}

static int chip_route(struct xive_hw *x, uint32_t source,
		      const struct xive_route *r)
{
	(void)x;
	if (r->eisn >> 31 || (!r->masked && r->priority >= XIVE_PRIORITIES))
		abort();
	return chip_answer(source);
}

static int chip_queue(struct xive_hw *x, uint32_t server, uint8_t priority,
		      gpa_t base, unsigned shift)
{
	(void)x;
	if (priority >= XIVE_PRIORITIES)
		abort();
	if (shift && !mem_run_rw(&xics.r.mem, base, UINT64_C(1) << shift))
		abort();
	return chip_answer(server);
}

static int chip_queue_at(struct xive_hw *x, uint32_t server, uint8_t priority,
			 uint32_t *toggle, uint32_t *index)
{
	(void)x, (void)priority;
	*toggle = *index = in8();
	return chip_answer(server);
}

static int chip_sync(struct xive_hw *x, uint32_t source)
{
	(void)x;
	return chip_answer(source);
}

static uint64_t chip_esb(struct xive_hw *x, uint32_t source, uint32_t off,
			 bool store, uint64_t val)
{
	(void)x, (void)store, (void)val;
	if (off % 8 || off >= 4096)
		abort();
	return (uint64_t)chip_answer(source);
}

static bool chip_level(struct xive_hw *x, uint32_t source)
{
	(void)x;
	return chip_answer(source);
}

static int chip_reset(struct xive_hw *x)
{
	(void)x;
	return chip_answer(0);
}

static const struct xive_hw_ops chip_ops = {
	chip_route, chip_queue, chip_queue_at, chip_sync,
	chip_esb,   chip_level, chip_reset,
};
static struct xive_hw chip = { &chip_ops };

/* ---- what firmware is told; the answer is the machine's and not here */

static long h_cas(void *opaque, unsigned cpu, const uint64_t reg[HCALL_REGS],
		  uint64_t out[HCALL_REGS])
{
	const char *option = NULL;
	struct cas c, other;

	(void)opaque, (void)cpu, (void)out;
	if (cas_read(&xics.r.mem, reg[0], &c) < 0)
		return H_PARAMETER;
	if ((cas_weigh(&c, &board, &other, &option) == CAS_NONE) != !!option)
		abort();
	return H_SUCCESS;
}

static const struct hcall cas_hcalls[] = {
	{ CAS, "H_CAS", h_cas },
	{ 0 },
};

static void check(int ret)
{
	if (ret < 0)
		abort();
}

/* ---- CPUs, of which nothing is done but what the calls ask */

static struct board_cpu papr_cpu[4] = {
	{ .hw_id = 0 }, { .hw_id = 1 }, { .hw_id = 2 }, { .hw_id = 3 }
};
static const struct board partition = { .cpus = papr_cpu, .ncpus = 4 };
static struct papr_cpus papr;

static void cpus_lpcr(struct papr_cpus *p, unsigned cpu)
{
	(void)p, (void)cpu;
}

static int cpus_mmu(struct papr_cpus *p, const struct papr_mmu *mmu)
{
	p->prtbl = mmu->prtbl;
	return 0;
}

static int cpus_characteristics(struct papr_cpus *p, uint64_t out[2])
{
	(void)p;
	out[0] = out[1] = 0;
	return 0;
}

static void cpus_one(struct papr_cpus *p, unsigned cpu)
{
	if (cpu >= p->board->ncpus)
		abort();
}

static const struct papr_ops cpus_ops = {
	cpus_lpcr, cpus_mmu, cpus_characteristics, cpus_one, cpus_one,
};

static bool hash_entry(void *opaque, uint64_t index, uint64_t pte[2])
{
	(void)opaque;
	if (index >= 1 << 14)
		abort();
	pte[0] = pte[1] = index;
	return true;
}

static void make_cpus(void)
{
	struct err err;

	papr_cpus_init(&papr, &cpus_ops, &partition, &xics.r.mem);
	papr.hash = (struct ppc64_hash){ .read = hash_entry, .shift = 18 };
	check(papr.areas ? 0 : -1);
	check(hcalls_add(&vio.h, papr_hcalls, &papr, &err));
}

/* ---- the machine */

static struct device *add(const struct device_class *c,
			  const struct device_env *env)
{
	struct device *dev = device_new(c, c->name);
	struct err err;

	check(device_configure(dev, NULL, &err));
	check(device_realize(dev, env, &err));
	return dev;
}

static void make_phb(void)
{
	static const struct board_pci windows = {
		.present = true,
		.buses = 1,
		.mmio32 = { 0x80000000, 0x80000000 },
		.mmio32_cpu = 0x200080000000,
		.mmio64 = { 0x210000000000, 0x10000000000 },
		.pio = { 0, 0x10000 },
		.intx = { XICS_RIG_SRC, XICS_RIG_SRC, XICS_RIG_SRC,
			  XICS_RIG_SRC },
	};
	const struct phb_config c = { .pci = &windows,
				      .buid = BUID,
				      .ics = xics.ics,
				      .msi_first = XICS_RIG_SRC + 16,
				      .nmsi = 32,
				      .tces = &tces };
	struct err err;

	tce_init(&tces, &xics.r.mem);
	phb = device_new(&spapr_phb_class, "pci");
	spapr_phb_setup(phb, &c);
	check(device_realize(phb, &xics.r.env, &err));
	probe = device_new(&pci_probe_class, "probe");
	check(pci_attach(spapr_phb_bus(phb), &probe->pci, 0x10, &err));
	check(device_realize(&probe->pci.dev, &xics.r.env, &err));
	check(pci_assign_bars(spapr_phb_bus(phb), &err));
}

static void make_vio(void)
{
	struct err err;

	vio_rig_make(&vio);
	wire = (struct netdev){ .ops = &wire_ops, .name = "w", .queues = 1 };
	vio.r.dev = device_new(&spapr_vlan_class, "vlan");
	vlan_set_netdev(vio.r.dev, &wire);
	check(vio_attach(vio_bus_of(vio.bus), vio.r.dev, VIO_RIG_UNIT, &err));
	check(device_realize(vio.r.dev, &vio.r.env, &err));
	vty = device_new(&spapr_vty_class, "vty");
	check(vio_attach(vio_bus_of(vio.bus), vty, VTY, &err));
	check(device_realize(vty, &vio.r.env, &err));
	check(hcalls_add(&vio.h, vty_hcalls, vio_bus_of(vio.bus), &err));
	check(hcalls_add(&vio.h, vlan_hcalls, vio_bus_of(vio.bus), &err));
}

static void make_xive(void)
{
	struct err err;

	xive = device_new(&spapr_xive_class, "xive");
	spapr_xive_setup(xive, &board, &chip);
	check(device_realize(xive, &xics.r.env, &err));
	check(hcalls_add(&vio.h, xive_hcalls, xive, &err));
}

static void make(void)
{
	struct err err;

	xics_rig_make(&xics);
	make_phb();
	make_vio();
	nvram = add(&spapr_nvram_class, &xics.r.env);
	events = add(&spapr_events_class, &xics.r.env);
	platform = add(&spapr_system_class, &xics.r.env);
	make_xive();
	make_cpus();
	rtas = (struct rtas){ .mem = &xics.r.mem };
	check(hcalls_add(&vio.h, xics_hcalls, xics.dev, &err));
	check(hcalls_add(&vio.h, rtas_hcalls, &rtas, &err));
	check(hcalls_add(&vio.h, cas_hcalls, NULL, &err));
	check(hcalls_add(&vio.h, memop_hcalls, &xics.r.env, &err));
	check(hcalls_add(&vio.h, spapr_system_hcalls, platform, &err));
	check(rtas_add(&rtas, spapr_system_rtas, platform, &err));
	check(rtas_add(&rtas, vio_rtas, vio_bus_of(vio.bus), &err));
	check(rtas_add(&rtas, ics_rtas, xics.ics, &err));
	check(rtas_add(&rtas, phb_rtas, phb, &err));
	check(rtas_add(&rtas, nvram_rtas, nvram, &err));
	check(rtas_add(&rtas, spapr_events_rtas, events, &err));
}

/* As if it were new; what the memory holds is the input's own. */
static void begin(void)
{
	static bool made;
	struct err err;

	if (!made)
		make();
	made = true;
	device_reset(xics.dev);
	device_reset(&probe->pci.dev);
	check(pci_assign_bars(spapr_phb_bus(phb), &err));
	device_reset(phb);
	device_reset(vio.r.dev);
	device_reset(vty);
	device_reset(events);
	device_reset(xive);
	for (unsigned i = 0; i < partition.ncpus; i++)
		papr_cpu_reset(&papr, i);
	papr.lpcr = papr.prtbl = 0;
	check(mem_set(&vio.r.mem, RIG_RAM, 0, 0x20000));
	check(mem_set(&xics.r.mem, RIG_RAM, 0, 0x20000));
	for (unsigned i = 0; i < 32; i++)
		vio_rig_call(&vio, PUT_TCE, VIO_RIG_UNIT, i << 12,
			     (RIG_RAM + (i << 12)) | 3, 0);
}

/* ---- what a guest does */

/* Of the kind that means something, more often than chance would have it. */
static uint64_t argument(void)
{
	switch (in8() % 10) {
	case 0: return VIO_RIG_UNIT;
	case 1: return VTY;
	case 2: return in8();
	case 3: return in_bytes(8);
	case 4: return (uint64_t)in8() << 12;
	case 5: return RIG_RAM + in_bytes(2);
	case 6: return 1ull << 63 | in_bytes(2) << 32 | in_bytes(3);
	case 7: return XICS_RIG_SRC + in8();
	case 8: return 0xff000000u | (XICS_RIG_SRC + in8());
	default: return in8() & 1 ? PHB_LIOBN : UINT64_MAX - in8();
	}
}

/* The call of that number, or the next one: seeds outlive new calls. */
static uint64_t some_hcall(void)
{
	uint64_t nr = in_bytes(2);
	size_t i = 0;

	nr = nr & 0x8000 ? nr & 0xf003 : nr & 0x3ff;
	while (i < vio.h.n - 1 && vio.h.entry[i].call->nr < nr)
		i++;
	return vio.h.entry[i].call->nr;
}

static void do_hcall(void)
{
	uint64_t reg[HCALL_REGS], out[HCALL_REGS];
	uint64_t nr = some_hcall();

	for (unsigned i = 0; i < HCALL_REGS; i++)
		reg[i] = left ? argument() : 0;
	if (nr == MEMOP && reg[3] <= MEMOP_MAX)
		reg[3] %= MEMOP_N;
	hcall_run(&vio.h, in8() % XICS_RIG_CPUS, nr, reg, out);
}

static uint32_t rtas_argument(void)
{
	switch (in8() % 8) {
	case 0: return 0x1000; /* the probe's address */
	case 1: return (uint32_t)(BUID >> 32);
	case 2: return (uint32_t)BUID;
	case 3: return in8();
	case 4: return (uint32_t)in_bytes(4);
	case 5: return RIG_RAM + (uint32_t)in_bytes(2);
	case 6: return XICS_RIG_SRC + in8();
	default: return 0x1000u | in8();
	}
}

/* A call that is well formed, of any arguments; or any cells. */
static void do_rtas(void)
{
	uint32_t cell[3 + RTAS_CELLS];
	uint8_t token = in8() % 48, how = in8();
	gpa_t at = RIG_RAM + (gpa_t)(in8() & 3) * 0x1000;

	if (how & 7 && rtas.entry[token].call) {
		const struct rtas_call *c = rtas.entry[token].call;

		cell[1] = __builtin_bswap32(c->nargs);
		cell[2] = __builtin_bswap32(c->nret);
	} else {
		cell[1] = __builtin_bswap32(in8() % 20);
		cell[2] = __builtin_bswap32(in8() % 20);
	}
	cell[0] = __builtin_bswap32(RTAS_TOKEN(token));
	for (unsigned i = 3; i < 3 + RTAS_CELLS; i++)
		cell[i] = __builtin_bswap32(left ? rtas_argument() : 0);
	/* The calls about PCI: what most of them begin with. */
	if (how & 8) {
		cell[3] = __builtin_bswap32(0x1000u | (how & 4 ? in8() : 0));
		cell[4] = __builtin_bswap32((uint32_t)(BUID >> 32));
		cell[5] = __builtin_bswap32((uint32_t)BUID);
	}
	check(mem_write(&xics.r.mem, at, cell, sizeof(cell)));
	rtas_run(&rtas, in8() % XICS_RIG_CPUS, how == 255 ? in_bytes(8) : at);
}

static void do_host(void)
{
	switch (in8() % 7) {
	case 0: xics_rig_msi(&xics, in8()); break;
	case 1:
		xics.chip->ops->set_line(xics.chip, XICS_RIG_SRC + in8(),
					 in8() & 1);
		break;
	case 2: pci_set_irq(&probe->pci, in8() & 1); break;
	case 3: msix_notify(&probe->pci, in8()); break;
	case 4: events->class->power_button(events); break;
	case 5:
		if (wire.client.readable)
			wire.client.readable(wire.client.opaque, 0);
		break;
	case 6: spapr_phb_freeze(phb); break;
	}
	rig_poll(&xics.r);
	rig_poll(&vio.r);
}

static void do_memory(void)
{
	gpa_t at = RIG_RAM + (in_bytes(2) & 0x7fff);
	uint8_t buf[32];

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = in8();
	check(mem_write(&vio.r.mem, at, buf, sizeof(buf)));
	check(mem_write(&xics.r.mem, at, buf, sizeof(buf)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	in = bytes;
	left = size < 4096 ? size : 4096;
	log_threshold = -1; /* what guests do wrong is not news here */
	begin();
	while (left) {
		switch (in8() % 8) {
		case 0:
		case 1:
		case 2: do_hcall(); break;
		case 3:
		case 4:
		case 5: do_rtas(); break;
		case 6: do_host(); break;
		case 7: do_memory(); break;
		}
	}
	return 0;
}
