// SPDX-License-Identifier: MIT
/*
 * What a reset of the machine leaves of the interrupt controller and the timer:
 * nothing.  The guest reads their registers into RAM, which outlives a reset,
 * writes to all of them, and resets the machine; then it reads them again.
 *
 * Command line: kept: nothing is reset; what was written is read, before and
 * after the place where a debugger stops.
 */
#include "arch.h"
#include "arm64.h"
#include "gic.h"
#include "guest.h"
#include "mark.h"
#include "stop.h"

#define VALUES 4096

/* In the middle of RAM, where no loader writes. */
struct kept {
	uint64_t n;
	uint64_t values[VALUES];
};

static struct kept *kept;
static bool second;
static unsigned nvalues, ndiffer;

static void value(const char *block, uint64_t off, uint64_t v)
{
	unsigned i = nvalues++;

	if (i >= VALUES)
		return;
	if (!second) {
		kept->values[i] = v;
	} else if (kept->values[i] != v) {
		ndiffer++;
		printf("# %s %lx was %lx, is %lx\n", block, off,
		       kept->values[i], v);
	}
}

/* Words [from, end) of a frame of registers. */
static void words(const char *block, uint64_t base, uint64_t from, uint64_t end)
{
	for (uint64_t off = from; off < end; off += 4)
		value(block, off, mmio_read32(base + off));
}

static void fill(uint64_t base, uint64_t from, uint64_t end, uint32_t val)
{
	for (uint64_t off = from; off < end; off += 4)
		mmio_write32(base + off, val);
}

static void block_done(const char *what)
{
	if (second)
		tap(!ndiffer, "%s is as it was", what);
	ndiffer = 0;
}

/* ---- the registers of interrupts, which both frames of a GICv3 have */

#define GROUPS	   0x080, 0x100
#define ENABLED	   0x100, 0x180
#define PENDING	   0x200, 0x280
#define ACTIVE	   0x300, 0x380
#define PRIORITIES 0x400, 0x800
#define TARGETS	   0x800, 0xc00
#define EDGES	   0xc00, 0xd00
#define ROUTES(n)  0x6100, 0x6000 + 8 * (n)
#define SGIS	   0xf10, 0xf20 /* pending, by their senders */

static void irqs_read(const char *block, uint64_t base)
{
	words(block, base, GROUPS);
	words(block, base, ENABLED);
	words(block, base, PENDING);
	words(block, base, ACTIVE);
	words(block, base, PRIORITIES);
	words(block, base, EDGES);
}

static void irqs_dirty(uint64_t base)
{
	fill(base, EDGES, 0x55555555);
	fill(base, PRIORITIES, 0x50607080);
	fill(base, GROUPS, 0x5a5a5a5a);
	fill(base, ENABLED, 0xf0f0f0f0);
	fill(base, ACTIVE, 0x00ff0f00);
	fill(base, PENDING, 0x0ff0f00f);
}

/* ---- GICv2 */

#define GICC_BINARY_POINT 0x08
#define GICC_ALIASED	  0x1c

static void v2_read(void)
{
	words("GICD", gic.dist, 0, 4);
	irqs_read("GICD", gic.dist);
	words("GICD", gic.dist, TARGETS);
	words("GICD", gic.dist, SGIS);
	block_done("the distributor");
	words("GICC", gic.cpu, 0, GICC_BINARY_POINT + 4);
	words("GICC", gic.cpu, GICC_ALIASED, GICC_ALIASED + 4);
	words("GICC", gic.cpu, 0x14, 0x18); /* running priority */
	block_done("the CPU interface");
}

static void v2_dirty(void)
{
	mmio_write32(gic.dist, 1);
	irqs_dirty(gic.dist);
	fill(gic.dist, 0x820, 0x800 + gic_lines(), 0x01010101);
	mmio_write32(gic.dist + 0xf00, 2 << 24 | 3); /* SGI 3 to itself */
	mmio_write32(gic.cpu, 1);
	mmio_write32(gic.cpu + 4, 0xf0);
	mmio_write32(gic.cpu + GICC_BINARY_POINT, 5);
	mmio_write32(gic.cpu + GICC_ALIASED, 6);
	mmio_read32(gic.cpu + 0xc); /* one becomes active */
}

/* ---- GICv3 */

#define GICR_SGI   0x10000
#define GITS_CTLR  0x00
#define GITS_QUEUE 0x80 /* CBASER, CWRITER, CREADR */
#define NICC	   8

static uint64_t icc_read(void *arg, struct frame *f)
{
	uint64_t *v = arg;

	(void)f;
	sysreg_write("icc_sre_el1", 7);
	v[0] = sysreg_read("icc_pmr_el1");
	v[1] = sysreg_read("icc_bpr0_el1");
	v[2] = sysreg_read("icc_bpr1_el1");
	v[3] = sysreg_read("icc_ctlr_el1");
	v[4] = sysreg_read("icc_igrpen0_el1");
	v[5] = sysreg_read("icc_igrpen1_el1");
	v[6] = sysreg_read("icc_ap1r0_el1");
	v[7] = sysreg_read("icc_rpr_el1");
	return 0;
}

static uint64_t icc_dirty(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	sysreg_write("icc_pmr_el1", 0xf0);
	sysreg_write("icc_bpr0_el1", 6);
	sysreg_write("icc_bpr1_el1", 6);
	sysreg_write("icc_ctlr_el1", 3); /* EOImode, CBPR */
	sysreg_write("icc_igrpen0_el1", 1);
	sysreg_write("icc_igrpen1_el1", 1);
	return sysreg_read("icc_iar1_el1");
}

static void v3_read(void)
{
	uint64_t r = gic_redist(0), icc[NICC];

	words("GICD", gic.dist, 0, 4);
	irqs_read("GICD", gic.dist);
	words("GICD", gic.dist, ROUTES(gic_lines()));
	block_done("the distributor");
	words("GICR", r, 0, 0x14);
	if (gic.its)
		words("GICR", r, 0x70, 0x80); /* tables of LPIs */
	irqs_read("GICR", r + GICR_SGI);
	block_done("the redistributor");
	el1_call(icc_read, icc);
	for (unsigned i = 0; i < NICC; i++)
		value("ICC", i, icc[i]);
	block_done("the CPU interface");
	if (!gic.its)
		return;
	words("GITS", gic.its, GITS_CTLR, GITS_CTLR + 4);
	words("GITS", gic.its, GITS_QUEUE, GITS_QUEUE + 0x18);
	block_done("the ITS");
}

static void v3_dirty(void)
{
	uint64_t r = gic_redist(0), ram = (uintptr_t)kept + 0x100000;

	mmio_write32(gic.dist, 0x12);
	irqs_dirty(gic.dist);
	fill(gic.dist, ROUTES(gic_lines()), 1);
	irqs_dirty(r + GICR_SGI);
	mmio_write64(r + 0x70, ram | 0xf);
	mmio_write64(r + 0x78, ram + 0x10000);
	if (gic.its) {
		mmio_write32(r, 1);
		mmio_write64(gic.its + GITS_QUEUE, 1ull << 63 | ram | 0xf);
		mmio_write32(gic.its + GITS_CTLR, 1);
	}
	el1_call(icc_dirty, NULL);
}

/* ---- the virtual timer */

static void timer_read(void)
{
	value("CNTV_CTL", 0, sysreg_read("cntv_ctl_el0") & 3);
	block_done("the timer");
}

static void timer_dirty(void)
{
	sysreg_write("cntv_cval_el0", 0);
	sysreg_write("cntv_ctl_el0", 1);
}

static void chip_read(void)
{
	if (gic.version == 3)
		v3_read();
	else
		v2_read();
}

static void chip_dirty(void)
{
	if (gic.version == 3)
		v3_dirty();
	else
		v2_dirty();
}

static int compare_done(void)
{
	tap(nvalues == kept->n && nvalues < VALUES,
	    "%u registers were compared", nvalues);
	return tap_done();
}

static int test_kept(void)
{
	chip_dirty();
	chip_read();
	kept->n = nvalues;
	stop_here();
	second = true;
	nvalues = 0;
	chip_read();
	return compare_done();
}

int guest_main(void)
{
	if (!gic.version) {
		tap(false, "there is a GIC");
		return tap_done();
	}
	kept = (void *)(uintptr_t)(machine.mem[0].base +
				   machine.mem[0].size / 2);
	if (cmdline_has("kept"))
		return test_kept();
	second = mark_came_back();
	chip_read();
	timer_read();
	if (second)
		return compare_done();
	kept->n = nvalues;
	chip_dirty();
	timer_dirty();
	mark_reset();
}
