/* SPDX-License-Identifier: MIT */
/* The software GICv2's CPU interface: priorities, groups, ends. */
#include "hw/core/log.h"
#include "tests/hw/gic/gic_test.h"

#define A 40
#define B 41

/* Two SPIs, edges, for CPU 0. */
static void two_on(struct gic_rig *g, uint8_t prio_a, uint8_t prio_b)
{
	gic_on(g, 1);
	spi_on(g, A, prio_a, 1, true);
	spi_on(g, B, prio_b, 1, true);
}

static void pulse(struct gic_rig *g, unsigned id)
{
	irq_pulse(&(struct irq){ g->chip, id - 32 });
}

TEST(gicv2_highest_priority_is_taken_first)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	pulse(&g, A);
	pulse(&g, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), B);
	CHECK_EQ(ack(&g, 0), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x80);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), A);
	CHECK(!g.irq[0]);
	CHECK_EQ(ack(&g, 0), 1023);
	eoi(&g, 0, B);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), A);
	gic_rig_free(&g);
}

TEST(gicv2_lowest_id_is_first_among_equals)
{
	struct gic_rig g;

	gic_on(&g, 1);
	for (unsigned id = 32; id < 32 + GIC_RIG_SPIS; id++) {
		spi_on(&g, id, 0x80, 1, true);
		pulse(&g, id);
	}
	hit_bit(&g, 0, D_ISENABLER, 30);
	gic_rig_dist_byte(&g, 0, D_IPRIORITYR + 30, 0x80);
	gicv2_ppi(g.chip, 0, 30, true);
	CHECK_EQ(ack(&g, 0), 30);
	gicv2_ppi(g.chip, 0, 30, false);
	eoi(&g, 0, 30);
	for (unsigned id = 32; id < 32 + GIC_RIG_SPIS; id++) {
		CHECK_EQ(ack(&g, 0), id);
		eoi(&g, 0, id);
	}
	CHECK_EQ(ack(&g, 0), 1023);
	gic_rig_free(&g);
}

TEST(gicv2_priority_of_a_pending_interrupt_changes)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	pulse(&g, A);
	pulse(&g, B);
	gic_rig_dist_byte(&g, 0, D_IPRIORITYR + A, 0x10);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), A);
	gic_rig_dist_byte(&g, 0, D_IPRIORITYR + A, 0xf0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), B);
	CHECK_EQ(ack(&g, 0), B);
	gic_rig_free(&g);
}

TEST(gicv2_mask_lets_higher_priorities_pass_only)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0xf8);
	pulse(&g, A);
	gic_rig_cpu_set(&g, 0, C_PMR, 0xa0);
	CHECK(!g.irq[0]);
	CHECK_EQ(ack(&g, 0), 1023);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), A); /* pending nevertheless */
	gic_rig_cpu_set(&g, 0, C_PMR, 0xa8);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), A);
	eoi(&g, 0, A);
	gic_rig_cpu_set(&g, 0, C_PMR, 0xff);
	pulse(&g, B); /* the lowest priority never passes */
	CHECK(!g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_higher_group_priority_preempts)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	pulse(&g, A);
	CHECK_EQ(ack(&g, 0), A);
	pulse(&g, B);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x80);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_APR0), 1u << 16 | 1u << 20);
	eoi(&g, 0, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xa0);
	eoi(&g, 0, A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	gic_rig_free(&g);
}

TEST(gicv2_binary_point_decides_what_preempts)
{
	static const struct {
		uint8_t point, a, b;
		bool preempts;
	} want[] = {
		{ 2, 0x88, 0x80, true }, { 3, 0x88, 0x80, false },
		{ 3, 0x90, 0x88, true }, { 4, 0x90, 0x80, false },
		{ 4, 0xa0, 0x98, true }, { 5, 0xb8, 0x80, false },
		{ 5, 0xc0, 0xb8, true }, { 6, 0xf0, 0x80, false },
		{ 6, 0x80, 0x78, true }, { 7, 0xf0, 0x00, false },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct gic_rig g;

		two_on(&g, want[i].a, want[i].b);
		gic_rig_cpu_set(&g, 0, C_BPR, want[i].point);
		pulse(&g, A);
		CHECK_EQ(ack(&g, 0), A);
		pulse(&g, B);
		CHECK_EQ(g.irq[0], want[i].preempts);
		eoi(&g, 0, A);
		CHECK(g.irq[0]);
		gic_rig_free(&g);
	}
}

TEST(gicv2_subpriority_still_orders_what_is_pending)
{
	struct gic_rig g;

	two_on(&g, 0x88, 0x80);
	gic_rig_cpu_set(&g, 0, C_BPR, 7);
	pulse(&g, A);
	pulse(&g, B);
	CHECK_EQ(ack(&g, 0), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0); /* no bit is the group's */
	gic_rig_free(&g);
}

TEST(gicv2_group_1_has_a_binary_point_of_its_own)
{
	struct gic_rig g;

	two_on(&g, 0x90, 0x80);
	set_group1(&g, 0, A, true);
	set_group1(&g, 0, B, true);
	gic_rig_cpu_set(&g, 0, C_BPR, 7);
	gic_rig_cpu_set(&g, 0, C_ABPR, 4);
	pulse(&g, A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_NSAPR0), 1u << 18);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_APR0), 0);
	pulse(&g, B);
	CHECK(g.irq[0]); /* [7:4] */
	gic_rig_cpu_set(&g, 0, C_ABPR, 5);
	CHECK(g.irq[0]); /* 0x80 is below the 0x90 that runs */
	gic_rig_cpu_set(&g, 0, C_AEOIR, A);
	pulse(&g, A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x80);
	gic_rig_cpu_set(&g, 0, C_AEOIR, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x80); /* [7:5] of 0x90 */
	pulse(&g, B);
	CHECK(!g.irq[0]);
	gic_rig_cpu_set(&g, 0, C_AEOIR, A);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0 | CTLR_GROUP1 | CTLR_CBPR);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0); /* GICC_BPR rules both */
	gic_rig_free(&g);
}

TEST(gicv2_groups_are_enabled_apart)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	set_group1(&g, 0, B, true);
	pulse(&g, A);
	pulse(&g, B);
	gic_rig_dist_set(&g, 0, D_CTLR, CTLR_GROUP0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), A); /* B is not forwarded */
	gic_rig_dist_set(&g, 0, D_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
	/* Forwarded, but of a group that the interface does not signal. */
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0);
	CHECK(!g.irq[0] && !g.fiq[0]);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), 1023);
	CHECK_EQ(ack(&g, 0), 1023);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP1);
	CHECK(g.irq[0]);
	set_group1(&g, 0, B, false); /* while it is pending */
	CHECK(!g.irq[0]);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0);
	CHECK_EQ(ack(&g, 0), B);
	gic_rig_free(&g);
}

TEST(gicv2_group_1_is_acknowledged_through_the_alias)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	set_group1(&g, 0, B, true);
	pulse(&g, B);
	CHECK(g.irq[0]);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), 1022);
	CHECK_EQ(ack(&g, 0), 1022);
	CHECK(g.irq[0]); /* it is as it was */
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AHPPIR), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x80);
	gic_rig_cpu_set(&g, 0, C_AEOIR, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0 | CTLR_GROUP1 | CTLR_ACKCTL);
	pulse(&g, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_HPPIR), B);
	CHECK_EQ(ack(&g, 0), B);
	eoi(&g, 0, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	gic_rig_free(&g);
}

TEST(gicv2_group_0_is_hidden_from_the_alias)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	set_group1(&g, 0, A, true);
	pulse(&g, A);
	pulse(&g, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AHPPIR), 1023);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), 1023);
	CHECK_EQ(ack(&g, 0), B);
	gic_rig_cpu_set(&g, 0, C_AEOIR, B); /* not through there */
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x80);
	CHECK(get_bit(&g, 0, D_ISACTIVER, B));
	gic_rig_free(&g);
}

TEST(gicv2_end_drops_the_highest_of_both_groups)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	set_group1(&g, 0, B, true);
	pulse(&g, A);
	CHECK_EQ(ack(&g, 0), A);
	pulse(&g, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_AIAR), B);
	gic_rig_cpu_set(&g, 0, C_AEOIR, B);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_APR0), 1u << 20);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_NSAPR0), 0);
	eoi(&g, 0, A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_APR0), 0);
	gic_rig_free(&g);
}

TEST(gicv2_group_0_is_fiq_if_the_guest_says_so)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	set_group1(&g, 0, A, true);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0 | CTLR_GROUP1 | CTLR_FIQEN);
	pulse(&g, A);
	CHECK(g.irq[0] && !g.fiq[0]);
	pulse(&g, B);
	CHECK(!g.irq[0] && g.fiq[0]);
	CHECK_EQ(ack(&g, 0), B);
	CHECK(!g.irq[0] && !g.fiq[0]);
	eoi(&g, 0, B);
	CHECK(g.irq[0] && !g.fiq[0]);
	pulse(&g, B);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
	CHECK(g.irq[0] && !g.fiq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_end_and_deactivation_can_be_apart)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0xa0);
	gic_rig_cpu_set(&g, 0, C_DIR, A); /* nothing to deactivate */
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0 | CTLR_EOI);
	pulse(&g, A);
	CHECK_EQ(ack(&g, 0), A);
	eoi(&g, 0, A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	CHECK(get_bit(&g, 0, D_ISACTIVER, A));
	pulse(&g, A);
	CHECK(!g.irq[0]);
	pulse(&g, B); /* of the same priority, which has dropped */
	CHECK_EQ(ack(&g, 0), B);
	gic_rig_cpu_set(&g, 0, C_DIR, A);
	CHECK(!get_bit(&g, 0, D_ISACTIVER, A));
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xa0);
	eoi(&g, 0, B);
	CHECK(g.irq[0]);
	CHECK_EQ(ack(&g, 0), A);
	gic_rig_free(&g);
}

TEST(gicv2_dir_counts_in_its_mode_only)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0xa0);
	pulse(&g, A);
	CHECK_EQ(ack(&g, 0), A);
	gic_rig_cpu_set(&g, 0, C_DIR, A);
	CHECK(get_bit(&g, 0, D_ISACTIVER, A));
	gic_rig_free(&g);
}

TEST(gicv2_other_cpu_may_deactivate_an_spi)
{
	struct gic_rig g;

	gic_on(&g, 2);
	spi_on(&g, A, 0xa0, 1, true);
	gic_rig_cpu_set(&g, 0, C_CTLR, CTLR_GROUP0 | CTLR_EOI);
	gic_rig_cpu_set(&g, 1, C_CTLR, CTLR_GROUP0 | CTLR_EOI);
	pulse(&g, A);
	CHECK_EQ(ack(&g, 0), A);
	pulse(&g, A);
	eoi(&g, 0, A);
	CHECK(!g.irq[0]);
	gic_rig_cpu_set(&g, 1, C_DIR, A);
	CHECK(g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_end_of_nothing_is_ignored)
{
	static const uint32_t ids[] = { 1023, 1022, 1020, 192, 0xffffffff };
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	pulse(&g, A);
	CHECK_EQ(ack(&g, 0), A);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		eoi(&g, 0, ids[i]);
		CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xa0);
	}
	hit_bit(&g, 0, D_ICACTIVER, A); /* and then its end: */
	eoi(&g, 0, A);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	eoi(&g, 0, A); /* nothing runs */
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0xff);
	gic_rig_free(&g);
}

TEST(gicv2_active_priorities_can_be_restored)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	gic_rig_cpu_set(&g, 0, C_APR0, 1u << 18);
	gic_rig_cpu_set(&g, 0, C_NSAPR0, 1u << 10);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x50);
	pulse(&g, B);
	CHECK(!g.irq[0]);
	gic_rig_cpu_set(&g, 0, C_NSAPR0, 0);
	CHECK_EQ(gic_rig_cpu(&g, 0, C_RPR), 0x90);
	CHECK(g.irq[0]);
	gic_rig_free(&g);
}

TEST(gicv2_tells_a_cpu_of_changes_only)
{
	struct gic_rig g;

	two_on(&g, 0xa0, 0x80);
	g.told = 0;
	pulse(&g, A);
	pulse(&g, B);
	pulse(&g, A);
	CHECK_EQ(g.told, 1);
	CHECK_EQ(ack(&g, 0), B);
	CHECK_EQ(g.told, 2);
	gic_rig_free(&g);
}
