/* SPDX-License-Identifier: MIT */
/* The software GICv2's distributor: registers, states, SGIs, targets. */
#include <errno.h>

#include "hw/core/log.h"
#include "tests/hw/gic/gic_test.h"

#define SPI 40

TEST(gicv2_tells_what_it_is)
{
	struct gic_rig g;

	gic_rig_make(&g, 4);
	CHECK_EQ(gic_rig_dist(&g, 0, D_TYPER), (4 - 1) << 5 | 5);
	CHECK_EQ(gic_rig_dist(&g, 0, 0xfe8) >> 4 & 0xf, 2);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_IIDR) >> 16 & 0xf, 2);
	CHECK_EQ(g.chip->nlines, 160);
	gic_rig_free(&g);
}

TEST(gicv2_starts_with_everything_off)
{
	struct gic_rig g;

	gic_rig_make(&g, 2);
	CHECK_EQ(gic_rig_dist(&g, 0, D_CTLR), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ISENABLER), 0xffff); /* SGIs are on */
	CHECK_EQ(gic_rig_dist(&g, 0, D_ISENABLER + 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ICFGR), 0xaaaaaaaa);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ICFGR + 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR), 0x01010101);
	CHECK_EQ(gic_rig_dist(&g, 1, D_ITARGETSR + 28), 0x02020202);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR + 32), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_CTLR), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_PMR), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_BPR), 2);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_ABPR), 3);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), 1023);
	CHECK_EQ(ack(&g, 0), 1023);
	CHECK_EQ(g.told, 0);
	gic_rig_free(&g);
}

TEST(gicv2_keeps_the_writable_bits_only)
{
	struct gic_rig g;

	gic_rig_make(&g, 4);
	for (unsigned off = 0; off < 0x1000; off += 4)
		if (off < D_ICACTIVER || off >= D_IPRIORITYR)
			if (off != D_SGIR)
				gic_rig_dist_set(&g, 0, off, 0xffffffff);
	CHECK_EQ(gic_rig_dist(&g, 0, D_CTLR), 3);
	CHECK_EQ(gic_rig_dist(&g, 0, D_TYPER), (4 - 1) << 5 | 5);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IGROUPR + 5 * 4), 0xffffffff);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IGROUPR + 6 * 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ISENABLER + 6 * 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IPRIORITYR + 188), 0xf8f8f8f8);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IPRIORITYR + 192), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR + 188), 0x0f0f0f0f);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR), 0x01010101);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR + 192), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ICFGR + 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ICFGR + 8), 0xaaaaaaaa);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ICFGR + 48), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, 0xe00), 0); /* no Security Extensions */
	gic_rig_cpu_set(&g, 0, C_CTLR, 0xffffffff);
	gic_rig_cpu_set(&g, 0, C_PMR, 0xffffffff);
	gic_rig_cpu_set(&g, 0, C_BPR, 0);
	gic_rig_cpu_set(&g, 0, C_ABPR, 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_CTLR), 0x3ff);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_PMR), 0xf8);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_BPR), 2);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_ABPR), 3);
	gic_rig_free(&g);
}

TEST(gicv2_takes_bytes_where_there_are_bytes_and_words_elsewhere)
{
	struct gic_rig g;
	uint64_t val;

	log_threshold = LOG_LEVEL_ERROR;
	gic_rig_make(&g, 2);
	gic_rig_dist_byte(&g, 0, D_IPRIORITYR + SPI + 1, 0x58);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IPRIORITYR + SPI), 0x5800);
	CHECK(bus_read(&g.r.mmio, GIC_RIG_DIST + D_IPRIORITYR + SPI + 1, 1,
		       &val));
	CHECK_EQ(val, 0x58);
	gic_rig_dist_byte(&g, 0, D_CTLR, 3);
	CHECK_EQ(gic_rig_dist(&g, 0, D_CTLR), 0);
	CHECK(bus_write(&g.r.mmio, GIC_RIG_DIST + D_IPRIORITYR, 2, 0x1010));
	CHECK_EQ(gic_rig_dist(&g, 0, D_IPRIORITYR), 0);
	CHECK(bus_read(&g.r.mmio, GIC_RIG_DIST + D_TYPER, 2, &val));
	CHECK_EQ(val, 0);
	CHECK(!bus_read(&g.r.mmio, GIC_RIG_DIST + D_TYPER, 8, &val));
	CHECK_EQ(val, UINT64_MAX);
	CHECK(!bus_read(&g.r.mmio, GIC_RIG_DIST + 2, 4, &val));
	CHECK(!bus_read(&g.r.mmio, GIC_RIG_CPU + C_PMR, 1, &val));
	CHECK(!bus_write(&g.r.mmio, GIC_RIG_CPU + C_PMR, 1, 0xff));
	CHECK_EQ(gic_rig_cpu(&g, 0, C_PMR), 0);
	gic_rig_free(&g);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(gicv2_reads_zero_where_there_is_nothing)
{
	struct gic_rig g;

	log_threshold = LOG_LEVEL_ERROR;
	gic_rig_make(&g, 2);
	gic_rig_dist_set(&g, 0, 0x00c, 0xffffffff);
	gic_rig_dist_set(&g, 0, 0x1000, 0xffffffff);
	gic_rig_dist_set(&g, 0, 0xfffc, 0xffffffff);
	CHECK_EQ(gic_rig_dist(&g, 0, 0x00c), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, 0x1000), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, 0xfffc), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_SGIR), 0);
	gic_rig_cpu_set(&g, 0, 0xfffc, 0xffffffff);
	CHECK_EQ(gic_rig_cpu(&g, 0, 0x2000), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_EOIR), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_DIR), 0);
	gic_rig_free(&g);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(gicv2_level_is_pending_while_the_line_is_high)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 1, false);
	spi_line(&g, SPI, true);
	CHECK(g.irq[0] && get_bit(&g, 0, D_ISPENDR, SPI));
	spi_line(&g, SPI, false);
	CHECK(!g.irq[0] && !get_bit(&g, 0, D_ISPENDR, SPI));
	spi_line(&g, SPI, true);
	hit_bit(&g, 0, D_ICPENDR, SPI); /* the line holds it */
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), SPI);
	CHECK(!g.irq[0]);
	CHECK(get_bit(&g, 0, D_ISACTIVER, SPI)); /* active and pending */
	CHECK(get_bit(&g, 0, D_ISPENDR, SPI));
	eoi(&g, 0, SPI);
	CHECK(g.irq[0]); /* again, for the line is still high */
	CHECK_EQ(ack(&g, 0), SPI);
	spi_line(&g, SPI, false);
	eoi(&g, 0, SPI);
	CHECK(!g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_edge_is_pending_until_taken)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 1, true);
	spi_line(&g, SPI, true);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), SPI);
	spi_line(&g, SPI, true); /* no edge */
	spi_line(&g, SPI, false);
	CHECK(!get_bit(&g, 0, D_ISPENDR, SPI));
	eoi(&g, 0, SPI);
	CHECK_EQ(ack(&g, 0), 1023);
	spi_line(&g, SPI, true);
	hit_bit(&g, 0, D_ICPENDR, SPI);
	CHECK(!g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_edge_while_active_is_taken_after_its_end)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 1, true);
	irq_pulse(&(struct irq){ g.chip, SPI - 32 });
	CHECK_EQ(ack(&g, 0), SPI);
	irq_pulse(&(struct irq){ g.chip, SPI - 32 });
	irq_pulse(&(struct irq){ g.chip, SPI - 32 }); /* one edge is kept */
	CHECK(get_bit(&g, 0, D_ISACTIVER, SPI));
	CHECK(get_bit(&g, 0, D_ISPENDR, SPI));
	CHECK(!g.irq[0]);
	eoi(&g, 0, SPI);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), SPI);
	eoi(&g, 0, SPI);
	CHECK_EQ(ack(&g, 0), 1023);
	gic_rig_free(&g);
}

TEST(gicv2_disabled_interrupt_stays_pending)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 1, true);
	irq_pulse(&(struct irq){ g.chip, SPI - 32 });
	hit_bit(&g, 0, D_ICENABLER, SPI);
	CHECK(!get_bit(&g, 0, D_ISENABLER, SPI));
	CHECK(!g.irq[0] && get_bit(&g, 0, D_ISPENDR, SPI));
	CHECK_EQ(ack(&g, 0), 1023);
	hit_bit(&g, 0, D_ISENABLER, SPI);
	CHECK(g.irq[0]);
	hit_bit(&g, 0, D_ICENABLER, SPI);
	hit_bit(&g, 0, D_ICPENDR, SPI);
	irq_pulse(&(struct irq){ g.chip, SPI - 32 }); /* while disabled */
	hit_bit(&g, 0, D_ISENABLER, SPI);
	CHECK_EQ(ack(&g, 0), SPI);
	gic_rig_free(&g);
}

TEST(gicv2_software_makes_pending_and_active)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 1, false);
	hit_bit(&g, 0, D_ISPENDR, SPI);
	CHECK(g.irq[0]);
	spi_line(&g, SPI, true);
	spi_line(&g, SPI, false); /* the latch remains */
	CHECK_EQ(ack(&g, 0), SPI);
	eoi(&g, 0, SPI);
	CHECK(!g.irq[0]);
	hit_bit(&g, 0, D_ISACTIVER, SPI);
	hit_bit(&g, 0, D_ISPENDR, SPI);
	CHECK(!g.irq[0]);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff); /* no CPU took it */
	hit_bit(&g, 0, D_ICACTIVER, SPI);
	CHECK(g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_config_change_follows_the_line)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 1, false);
	spi_line(&g, SPI, true);
	set_edge(&g, SPI, true); /* no edge was seen */
	CHECK(!g.irq[0]);
	set_edge(&g, SPI, false);
	CHECK(g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_sgi_names_its_source)
{
	struct gic_rig g;

	gic_on(&g, 4);
	gic_rig_dist_set(&g, 2, D_SGIR, 1 << 16 | 5); /* to CPU 0 */
	gic_rig_dist_set(&g, 1, D_SGIR, 1 << 16 | 5);
	CHECK(g.irq[0] && !g.irq[1] && !g.irq[2] && !g.irq[3]);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), 1 << 10 | 5);
	CHECK_EQ(ack(&g, 0), 1 << 10 | 5);
	CHECK(!g.irq[0]); /* the other is active and pending */
	CHECK(get_bit(&g, 0, D_ISPENDR, 5));
	eoi(&g, 0, 1 << 10 | 5);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), 2 << 10 | 5);
	eoi(&g, 0, 2 << 10 | 5);
	CHECK_EQ(ack(&g, 0), 1023);
	gic_rig_free(&g);
}

TEST(gicv2_sgi_filters_choose_the_targets)
{
	static const struct {
		uint32_t val;
		uint8_t cpus;
	} want[] = {
		{ 0x00060003, 0x6 }, { 0x00ff0003, 0xf }, { 0x00000003, 0 },
		{ 0x01ff0003, 0xd }, { 0x02ff0003, 0x2 }, { 0x03ff0003, 0 },
		{ 0x00f08003, 0x0 }, { 0x00018003, 0x1 },
	};
	struct gic_rig g;

	gic_on(&g, 4);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		gic_rig_dist_set(&g, 1, D_SGIR, want[i].val);
		for (unsigned cpu = 0; cpu < 4; cpu++) {
			CHECK_EQ(g.irq[cpu], want[i].cpus >> cpu & 1);
			if (g.irq[cpu]) {
				CHECK_EQ(ack(&g, cpu), 1 << 10 | 3);
				eoi(&g, cpu, 1 << 10 | 3);
			}
		}
	}
	gic_rig_free(&g);
}

TEST(gicv2_sgi_pending_registers_hold_sources)
{
	struct gic_rig g;

	gic_on(&g, 4);
	gic_rig_dist_byte(&g, 0, D_SPENDSGIR + 7, 0xfa); /* CPUs 1 and 3 */
	CHECK_EQ(gic_rig_dist(&g, 0, D_SPENDSGIR + 4), 0x0a000000);
	CHECK_EQ(gic_rig_dist(&g, 0, D_CPENDSGIR + 4), 0x0a000000);
	CHECK_EQ(gic_rig_dist(&g, 1, D_SPENDSGIR + 4), 0); /* banked */
	gic_rig_dist_byte(&g, 0, D_CPENDSGIR + 7, 0x02);
	CHECK_EQ(ack(&g, 0), 3 << 10 | 7);
	gic_rig_dist_set(&g, 0, D_SPENDSGIR + 4, 0x04000000);
	gic_rig_dist_set(&g, 0, D_CPENDSGIR + 4, 0x04000000);
	eoi(&g, 0, 3 << 10 | 7);
	CHECK_EQ(ack(&g, 0), 1023);
	hit_bit(&g, 0, D_ISPENDR, 7); /* not for SGIs */
	CHECK(!g.irq[0]);
	gic_rig_dist_byte(&g, 0, D_SPENDSGIR + 7, 1);
	hit_bit(&g, 0, D_ICPENDR, 7);
	CHECK(g.irq[0]);
	hit_bit(&g, 0, D_ICENABLER, 7); /* SGIs are always enabled */
	CHECK(g.irq[0] && get_bit(&g, 0, D_ISENABLER, 7));
	gic_rig_free(&g);
}

TEST(gicv2_ppi_is_each_cpus_own)
{
	struct gic_rig g;

	gic_on(&g, 2);
	hit_bit(&g, 1, D_ISENABLER, 27);
	CHECK(!get_bit(&g, 0, D_ISENABLER, 27));
	gic_rig_dist_byte(&g, 1, D_IPRIORITYR + 27, 0x40);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IPRIORITYR + 24), 0);
	gicv2_ppi(g.chip, 0, 27, true);
	CHECK(!g.irq[0] && !g.irq[1]);
	gicv2_ppi(g.chip, 1, 27, true);
	CHECK(!g.irq[0] && g.irq[1]);
	CHECK_EQ(ack(&g, 1), 27);
	CHECK_EQ(gic_rig_cpu(&g, 1, C_RPR), 0x40);
	gicv2_ppi(g.chip, 1, 27, false);
	eoi(&g, 1, 27);
	CHECK(!g.irq[1]);
	CHECK(get_bit(&g, 0, D_ISPENDR, 27)); /* CPU 0's is high still */
	gicv2_ppi(g.chip, 1, 15, true);	      /* there are no such inputs */
	gicv2_ppi(g.chip, 1, 32, true);
	gicv2_ppi(g.chip, 2, 27, true);
	CHECK(!g.irq[1]);
	gic_rig_free(&g);
}

TEST(gicv2_spi_goes_to_its_targets_and_the_first_takes_it)
{
	struct gic_rig g;

	gic_on(&g, 4);
	spi_on(&g, SPI, 0xa0, 0x6, false);
	spi_line(&g, SPI, true);
	CHECK(!g.irq[0] && g.irq[1] && g.irq[2] && !g.irq[3]);
	CHECK_EQ(ack(&g, 2), SPI);
	CHECK(!g.irq[1] && !g.irq[2]);
	CHECK_EQ(ack(&g, 1), 1023); /* too late */
	spi_line(&g, SPI, false);
	eoi(&g, 2, SPI);
	spi_line(&g, SPI, true);
	gic_rig_dist_byte(&g, 0, D_ITARGETSR + SPI, 0x8);
	CHECK(!g.irq[1] && !g.irq[2] && g.irq[3]);
	gic_rig_dist_byte(&g, 0, D_ITARGETSR + SPI, 0xf0); /* none is there */
	CHECK(!g.irq[3]);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR + SPI), 0);
	gic_rig_free(&g);
}

TEST(gicv2_with_one_cpu_has_no_targets)
{
	struct gic_rig g;

	gic_on(&g, 1);
	spi_on(&g, SPI, 0xa0, 0, false);
	gic_rig_dist_byte(&g, 0, D_ITARGETSR + SPI, 0x2);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ITARGETSR + SPI), 0);
	spi_line(&g, SPI, true);
	CHECK_EQ(ack(&g, 0), SPI);
	gic_rig_free(&g);
}

TEST(gicv2_disabled_distributor_forwards_nothing_and_forgets_nothing)
{
	struct gic_rig g;

	gic_on(&g, 2);
	spi_on(&g, SPI, 0xa0, 2, true);
	gic_rig_dist_set(&g, 0, D_CTLR, 0);
	irq_pulse(&(struct irq){ g.chip, SPI - 32 });
	CHECK(!g.irq[1]);
	CHECK_EQ(ack(&g, 1), 1023);
	CHECK_EQ(gic_rig_cpu(&g, 1, C_HPPIR), 1023);
	gic_rig_dist_set(&g, 0, D_CTLR, 1);
	CHECK(g.irq[1]);
	CHECK_EQ(ack(&g, 1), SPI);
	gic_rig_free(&g);
}

TEST(gicv2_last_interrupt_works_and_lines_past_it_do_not)
{
	struct gic_rig g;
	unsigned last = 32 + GIC_RIG_SPIS - 1;

	gic_on(&g, 1);
	spi_on(&g, last, 0xa0, 1, false);
	spi_line(&g, last + 1, true);
	CHECK(!g.irq[0]);
	spi_line(&g, last, true);
	CHECK_EQ(ack(&g, 0), last);
	gic_rig_free(&g);
}

TEST(gicv2_reset_keeps_the_inputs_only)
{
	struct gic_rig g;

	gic_on(&g, 2);
	spi_on(&g, SPI, 0xa0, 1, false);
	spi_on(&g, SPI + 1, 0x20, 1, true);
	spi_line(&g, SPI, true);
	irq_pulse(&(struct irq){ g.chip, SPI + 1 - 32 });
	gic_rig_dist_set(&g, 1, D_SGIR, 2 << 16 | 3);
	CHECK_EQ(ack(&g, 0), SPI + 1);
	CHECK(g.irq[1]);
	device_reset(g.dist);
	CHECK(!g.irq[0] && !g.irq[1]);
	CHECK_EQ(gic_rig_dist(&g, 0, D_CTLR), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ISENABLER + 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ISACTIVER + 4), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ISPENDR + 4), bit_of(SPI));
	CHECK_EQ(gic_rig_dist(&g, 1, D_ISPENDR), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_IPRIORITYR + SPI), 0);
	CHECK_EQ(gic_rig_dist(&g, 0, D_ICFGR + 8), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_PMR), 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_CTLR), 0);
	gic_rig_free(&g);
}

static void no_lines(void *opaque, unsigned cpu, bool irq, bool fiq)
{
	(void)opaque, (void)cpu, (void)irq, (void)fiq;
}

TEST(gicv2_refuses_more_cpus_than_it_has_interfaces)
{
	struct gicv2_config c = { .nspis = 32, .cpu_lines = no_lines };
	struct device *dev = device_new(&gicv2_dist_class, "gic");
	struct err err = { 0 };
	struct rig r;

	rig_init(&r);
	r.env.ncpus = 9;
	gicv2_setup(dev, &c);
	CHECK_EQ(device_realize(dev, &r.env, &err), -EINVAL);
	CHECK(strstr(err.msg, "gic: a GICv2 serves 1 to 8 CPUs"));
	device_free(dev);
	rig_destroy(&r);
}
