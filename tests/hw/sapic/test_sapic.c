/* SPDX-License-Identifier: MIT */
/* SAPICs against the manual, volume 2, 5.8, without a processor. */
#include "tests/support/sapic_rig.h"
#include "tests/test.h"

#define MASKED (UINT64_C(1) << 16)
#define LEVEL  (UINT64_C(1) << 15)
#define REMOTE (UINT64_C(1) << 14)
#define TO(id) ((uint64_t)(id) << 56)

static uint64_t ivr(struct sapic_rig *x, unsigned cpu)
{
	return sapic_rig_get(x, cpu, SAPIC_IVR);
}

static void eoi(struct sapic_rig *x, unsigned cpu)
{
	sapic_rig_put(x, cpu, SAPIC_EOI, 0);
}

TEST(sapic_registers_after_reset)
{
	struct sapic_rig x;
	uint64_t val;

	sapic_rig_make(&x);
	for (unsigned i = 0; i < SAPIC_RIG_CPUS; i++) {
		CHECK_EQ(sapic_rig_get(&x, i, SAPIC_LID), (uint64_t)i << 24);
		CHECK_EQ(sapic_rig_get(&x, i, SAPIC_ITV), MASKED);
		CHECK_EQ(sapic_rig_get(&x, i, SAPIC_PMV), MASKED);
		CHECK_EQ(sapic_rig_get(&x, i, SAPIC_CMCV), MASKED);
		CHECK_EQ(sapic_rig_get(&x, i, SAPIC_LRR1), MASKED);
		CHECK_EQ(sapic_rig_get(&x, i, SAPIC_TPR), 0);
		CHECK_EQ(ivr(&x, i), SAPIC_SPURIOUS);
	}
	CHECK(!sapic_read(x.dev, 0, 75, &val));
	CHECK(!sapic_write(x.dev, 0, SAPIC_IVR, 0));
	CHECK(!sapic_write(x.dev, 0, SAPIC_IRR0, 0));
	sapic_rig_free(&x);
}

TEST(sapic_interrupt_waits_is_taken_and_ended)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	sapic_rig_ipi(&x, 2, 0, 0x51);
	CHECK(x.line[2] && !x.line[0]);
	CHECK_EQ(sapic_rig_get(&x, 2, SAPIC_IRR0 + 1), UINT64_C(1) << 0x11);
	CHECK_EQ(ivr(&x, 2), 0x51);
	CHECK(!x.line[2]);
	CHECK_EQ(sapic_rig_get(&x, 2, SAPIC_IRR0 + 1), 0);
	sapic_rig_ipi(&x, 2, 0, 0x51); /* waits behind itself */
	CHECK(!x.line[2]);
	CHECK_EQ(ivr(&x, 2), SAPIC_SPURIOUS);
	eoi(&x, 2);
	CHECK(x.line[2]);
	CHECK_EQ(ivr(&x, 2), 0x51);
	eoi(&x, 2);
	CHECK(!x.line[2]);
	sapic_rig_free(&x);
}

TEST(sapic_order_is_nmi_extint_then_the_larger_vector)
{
	static const uint8_t order[] = { 2, 0, 0xff, 0x80, 0x7f, 0x40, 0x10 };
	struct sapic_rig x;

	sapic_rig_make(&x);
	for (unsigned i = 7; i-- > 2;)
		sapic_rig_ipi(&x, 0, 0, order[i]);
	sapic_rig_ipi(&x, 0, 0, SAPIC_MODE_EXTINT << 8 | 0x33);
	sapic_rig_ipi(&x, 0, 0, SAPIC_MODE_NMI << 8);
	for (unsigned i = 0; i < 7; i++) {
		CHECK_EQ(ivr(&x, 0), order[i]);
		CHECK(!x.line[0]); /* what waits is less urgent */
		eoi(&x, 0);
		CHECK_EQ(x.line[0], i < 6);
	}
	sapic_rig_free(&x);
}

TEST(sapic_more_urgent_one_interrupts_and_ends_first)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	sapic_rig_ipi(&x, 0, 0, 0x40);
	CHECK_EQ(ivr(&x, 0), 0x40);
	sapic_rig_ipi(&x, 0, 0, 0x30);
	CHECK(!x.line[0]);
	sapic_rig_ipi(&x, 0, 0, 0x41);
	CHECK(x.line[0]);
	CHECK_EQ(ivr(&x, 0), 0x41);
	eoi(&x, 0);
	CHECK(!x.line[0]); /* 0x40 is still there */
	eoi(&x, 0);
	CHECK_EQ(ivr(&x, 0), 0x30);
	sapic_rig_free(&x);
}

TEST(sapic_tpr_masks_classes_and_all)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	sapic_rig_put(&x, 0, SAPIC_TPR, 0x50);
	sapic_rig_ipi(&x, 0, 0, 0x5f);
	CHECK(!x.line[0]);
	sapic_rig_ipi(&x, 0, 0, 0x60);
	CHECK(x.line[0]);
	sapic_rig_put(&x, 0, SAPIC_TPR, MASKED);
	CHECK(!x.line[0]);
	CHECK_EQ(sapic_rig_get(&x, 0, SAPIC_TPR), MASKED);
	sapic_rig_ipi(&x, 0, 0, SAPIC_MODE_EXTINT << 8);
	CHECK(!x.line[0]);
	sapic_rig_ipi(&x, 0, 0, SAPIC_MODE_NMI << 8);
	CHECK(x.line[0]);
	CHECK_EQ(ivr(&x, 0), SAPIC_NMI);
	eoi(&x, 0);
	sapic_rig_put(&x, 0, SAPIC_TPR, 0xf0);
	CHECK_EQ(ivr(&x, 0), SAPIC_EXTINT); /* no class masks it */
	eoi(&x, 0);
	CHECK_EQ(ivr(&x, 0), SAPIC_SPURIOUS);
	sapic_rig_put(&x, 0, SAPIC_TPR, 0);
	CHECK_EQ(ivr(&x, 0), 0x60);
	sapic_rig_free(&x);
}

TEST(sapic_own_sources_follow_their_registers)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	sapic_fire(x.dev, 1, SAPIC_SRC_ITM);
	CHECK(!x.line[1]);
	sapic_rig_put(&x, 1, SAPIC_ITV, 0xef);
	CHECK(!x.line[1]); /* what was masked is lost */
	sapic_fire(x.dev, 1, SAPIC_SRC_ITM);
	CHECK(x.line[1]);
	CHECK_EQ(ivr(&x, 1), 0xef);
	eoi(&x, 1);
	sapic_rig_put(&x, 1, SAPIC_PMV, 0x21);
	sapic_rig_put(&x, 1, SAPIC_CMCV, 0x20);
	sapic_fire(x.dev, 1, SAPIC_SRC_CMC);
	sapic_fire(x.dev, 1, SAPIC_SRC_PMU);
	CHECK_EQ(ivr(&x, 1), 0x21);
	eoi(&x, 1);
	CHECK_EQ(ivr(&x, 1), 0x20);
	eoi(&x, 1);
	sapic_rig_put(&x, 1, SAPIC_LRR0, SAPIC_MODE_NMI << 8);
	sapic_fire(x.dev, 1, SAPIC_SRC_LINT0);
	CHECK_EQ(ivr(&x, 1), SAPIC_NMI);
	eoi(&x, 1);
	sapic_rig_put(&x, 1, SAPIC_LRR1, SAPIC_MODE_INIT << 8);
	sapic_fire(x.dev, 1, SAPIC_SRC_LINT1);
	CHECK_EQ(x.events[1], 1);
	CHECK_EQ(x.event[1], SAPIC_MODE_INIT);
	CHECK(!x.line[1]);
	sapic_rig_free(&x);
}

TEST(sapic_block_delivers_each_mode_and_ignores_the_rest)
{
	struct sapic_rig x;
	uint64_t val;

	sapic_rig_make(&x);
	sapic_rig_ipi(&x, 3, 0, SAPIC_MODE_INIT << 8 | 9);
	CHECK_EQ(x.event[3], SAPIC_MODE_INIT);
	sapic_rig_ipi(&x, 3, 0, SAPIC_MODE_PMI << 8 | 7);
	CHECK_EQ(x.event[3], SAPIC_MODE_PMI);
	CHECK_EQ(x.event_vector[3], 7);
	CHECK_EQ(x.events[3], 2);
	sapic_rig_ipi(&x, 3, 0, 0x0e); /* no vector for a program */
	sapic_rig_ipi(&x, 3, 0, 3 << 8 | 0x40);
	sapic_rig_ipi(&x, 3, 1, 0x40); /* another eid */
	sapic_rig_ipi(&x, 9, 0, 0x40); /* nobody */
	bus_write(&x.r.mmio, SAPIC_RIG_BLOCK + (3 << 12), 4, 0x40);
	CHECK(!x.line[3]);
	CHECK_EQ(x.events[3], 2);
	/* Who has a new identifier answers to that. */
	sapic_rig_put(&x, 3, SAPIC_LID, UINT64_C(0x09010000));
	sapic_rig_ipi(&x, 9, 1, 0x40);
	CHECK_EQ(ivr(&x, 3), 0x40);
	CHECK(bus_read(&x.r.mmio, SAPIC_RIG_BLOCK + SAPIC_INTA, 1, &val));
	CHECK_EQ(val, SAPIC_SPURIOUS);
	sapic_rig_free(&x);
}

TEST(sapic_redirection_goes_to_the_lowest_task_priority)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	/* Nobody told a priority: the one that is named gets it. */
	bus_write(&x.r.mmio, SAPIC_RIG_BLOCK + (1 << 12 | 8), 8, 0x40);
	CHECK_EQ(ivr(&x, 1), 0x40);
	for (unsigned i = 0; i < SAPIC_RIG_CPUS; i++) {
		bus_set_cpu(i);
		bus_write(&x.r.mmio, SAPIC_RIG_BLOCK + SAPIC_XTP, 1,
			  i == 2 ? 3 : 4 + i);
	}
	bus_set_cpu(0);
	bus_write(&x.r.mmio, SAPIC_RIG_BLOCK + (1 << 12 | 8), 8, 0x50);
	CHECK(!x.line[1]);
	CHECK_EQ(ivr(&x, 2), 0x50);
	sapic_rig_free(&x);
}

TEST(sapic_messages_of_devices_are_writes_to_the_block)
{
	const struct msi_msg msg = { .addr = SAPIC_RIG_BLOCK | 3 << 12,
				     .data = 0x61 };
	const struct msi_msg bad = { .addr = 0xfed00000, .data = 0x61 };
	struct msi_route route;
	struct err err = { 0 };
	struct sapic_rig x;

	sapic_rig_make(&x);
	x.chip->ops->send(x.chip, &msg);
	CHECK_EQ(ivr(&x, 3), 0x61);
	eoi(&x, 3);
	x.chip->ops->send(x.chip, &bad);
	CHECK(!x.line[3]);
	CHECK_EQ(msi_route_init(&route, x.chip, &err), 0);
	CHECK_EQ(msi_route_set(&route, &msg), 0);
	msi_send(&route);
	rig_poll(&x.r);
	CHECK_EQ(ivr(&x, 3), 0x61);
	msi_route_destroy(&route);
	sapic_rig_free(&x);
}

/* ---- the I/O SAPIC */

TEST(iosapic_registers)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	CHECK_EQ(sapic_rig_window(&x, 0, 1), 0x00170020);
	CHECK_EQ(sapic_rig_window(&x, 0, 0x10), MASKED);
	sapic_rig_rte(&x, 0, 23, UINT64_MAX);
	CHECK_EQ(sapic_rig_window(&x, 0, 0x3e), 0x1a7ff);
	CHECK_EQ(sapic_rig_window(&x, 0, 0x3f), 0xffff0000);
	CHECK_EQ(sapic_rig_window(&x, 0, 0x40), 0);
	CHECK_EQ(sapic_rig_window(&x, 1, 0x3e), MASKED);
	sapic_rig_free(&x);
}

TEST(iosapic_edge_is_one_message)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	x.chip->ops->set_line(x.chip, 3, true); /* masked: lost */
	x.chip->ops->set_line(x.chip, 3, false);
	sapic_rig_rte(&x, 0, 3, TO(1) | 0x44);
	CHECK(!x.line[1]);
	x.chip->ops->set_line(x.chip, 3, true);
	CHECK_EQ(ivr(&x, 1), 0x44);
	eoi(&x, 1);
	x.chip->ops->set_line(x.chip, 3, true);
	CHECK(!x.line[1]);
	x.chip->ops->set_line(x.chip, 3, false);
	x.chip->ops->set_line(x.chip, 3, true);
	CHECK(x.line[1]);
	sapic_rig_free(&x);
}

TEST(iosapic_level_comes_again_until_it_falls)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	sapic_rig_rte(&x, 0, 5, TO(2) | LEVEL | MASKED | 0x52);
	x.chip->ops->set_line(x.chip, 5, true);
	CHECK(!x.line[2]);
	sapic_rig_rte(&x, 0, 5, TO(2) | LEVEL | 0x52);
	CHECK_EQ(sapic_rig_window(&x, 0, 0x1a) & REMOTE, REMOTE);
	CHECK_EQ(ivr(&x, 2), 0x52);
	eoi(&x, 2);
	CHECK(!x.line[2]); /* sent, not ended at the I/O SAPIC */
	bus_write(&x.r.mmio, SAPIC_RIG_IO + 0x40, 4, 0x53);
	CHECK(!x.line[2]);
	bus_write(&x.r.mmio, SAPIC_RIG_IO + 0x40, 4, 0x52);
	CHECK_EQ(ivr(&x, 2), 0x52);
	x.chip->ops->set_line(x.chip, 5, false);
	eoi(&x, 2);
	bus_write(&x.r.mmio, SAPIC_RIG_IO + 0x40, 4, 0x52);
	CHECK(!x.line[2]);
	CHECK_EQ(sapic_rig_window(&x, 0, 0x1a) & REMOTE, 0);
	sapic_rig_free(&x);
}

TEST(iosapics_share_the_lines_and_the_modes)
{
	struct sapic_rig x;

	sapic_rig_make(&x);
	sapic_rig_rte(&x, 1, 0, TO(1) | SAPIC_MODE_NMI << 8 | 0x99);
	x.chip->ops->set_line(x.chip, 24, true);
	CHECK_EQ(ivr(&x, 1), SAPIC_NMI);
	eoi(&x, 1);
	sapic_rig_rte(&x, 1, 1, TO(1) | SAPIC_MODE_PMI << 8 | 4);
	x.chip->ops->set_line(x.chip, 25, true);
	CHECK_EQ(x.event[1], SAPIC_MODE_PMI);
	CHECK_EQ(x.event_vector[1], 4);
	x.chip->ops->set_line(x.chip, 24 + 24, true); /* nobody's */
	device_reset(x.io[1]);
	CHECK_EQ(sapic_rig_window(&x, 1, 0x10), MASKED);
	sapic_rig_free(&x);
}
