/* SPDX-License-Identifier: MIT */
/* Messages of devices through the software GICv2: eventfds and writes. */
#include "hw/core/log.h"
#include "tests/hw/gic/gic_test.h"

#define ADDR (GIC_RIG_FRAME + GICV2M_SETSPI)
#define ID   GIC_SPI(GIC_RIG_MSI) /* 112 */

static const struct msi_msg first = { .addr = ADDR, .data = ID };
static const struct msi_msg second = { .addr = ADDR, .data = ID + 1 };

static void msi_on(struct gic_rig *g)
{
	gic_on(g, 2);
	for (unsigned n = 0; n < GICV2M_SPIS; n++)
		spi_on(g, ID + n, 0xa0, 1, true);
}

static uint32_t take(struct gic_rig *g)
{
	uint32_t id = ack(g, 0);

	eoi(g, 0, id);
	return id;
}

TEST(gicv2_eventfd_raises_the_spi_of_its_message)
{
	struct msi_route r;
	struct err err = { 0 };
	struct gic_rig g;

	msi_on(&g);
	CHECK_EQ(msi_route_init(&r, g.chip, &err), 0);
	CHECK_EQ(msi_route_set(&r, &first), 0);
	msi_send(&r);
	rig_poll(&g.r);
	CHECK(g.irq[0] && !g.irq[1]);
	CHECK_EQ(take(&g), ID);
	rig_poll(&g.r);
	CHECK_EQ(take(&g), 1023);
	msi_send(&r);
	msi_send(&r);
	rig_poll(&g.r);
	CHECK_EQ(take(&g), ID);
	CHECK_EQ(take(&g), 1023);
	msi_route_destroy(&r);
	gic_rig_free(&g);
}

TEST(gicv2_message_changes_take_effect_in_order)
{
	struct msi_route r;
	struct err err = { 0 };
	struct gic_rig g;

	msi_on(&g);
	CHECK_EQ(msi_route_init(&r, g.chip, &err), 0);
	CHECK_EQ(msi_route_set(&r, &first), 0);
	msi_send(&r);
	CHECK_EQ(msi_route_set(&r, &second), 0);
	CHECK_EQ(take(&g), ID); /* was raised before the change */
	msi_send(&r);
	CHECK_EQ(msi_route_set(&r, NULL), 0);
	CHECK_EQ(take(&g), ID + 1);
	msi_send(&r); /* while masked: it waits */
	rig_poll(&g.r);
	CHECK_EQ(take(&g), 1023);
	CHECK_EQ(msi_route_set(&r, &second), 0);
	rig_poll(&g.r);
	CHECK_EQ(take(&g), ID + 1);
	msi_route_destroy(&r);
	gic_rig_free(&g);
}

TEST(gicv2_serves_more_routes_than_one_turn_takes)
{
	enum { N = 3 * GICV2M_SPIS };
	struct msi_route r[N];
	struct err err = { 0 };
	struct gic_rig g;

	msi_on(&g);
	for (unsigned i = 0; i < N; i++) {
		struct msi_msg msg = { .addr = ADDR,
				       .data = ID + i % GICV2M_SPIS };

		CHECK_EQ(msi_route_init(&r[i], g.chip, &err), 0);
		CHECK_EQ(msi_route_set(&r[i], &msg), 0);
	}
	for (unsigned i = 0; i < N; i++)
		msi_send(&r[i]);
	rig_poll(&g.r);
	for (unsigned n = 0; n < GICV2M_SPIS; n++)
		CHECK_EQ(take(&g), ID + n);
	CHECK_EQ(take(&g), 1023);
	msi_route_destroy(&r[7]);
	CHECK_EQ(msi_route_init(&r[7], g.chip, &err), 0); /* its slot again */
	CHECK_EQ(msi_route_set(&r[7], &second), 0);
	CHECK_EQ(r[7].gsi, 7);
	msi_send(&r[7]);
	rig_poll(&g.r);
	CHECK_EQ(take(&g), ID + 1);
	for (unsigned i = 0; i < N; i++)
		msi_route_destroy(&r[i]);
	gic_rig_free(&g);
}

TEST(gicv2_message_for_nobody_is_dropped)
{
	static const struct msi_msg none[] = {
		{ .addr = ADDR, .data = ID - 1 },
		{ .addr = ADDR, .data = ID + GICV2M_SPIS },
		{ .addr = ADDR + 4, .data = ID },
		{ .addr = 0, .data = ID },
	};
	struct msi_route r;
	struct err err = { 0 };
	struct gic_rig g;

	log_threshold = LOG_LEVEL_ERROR;
	msi_on(&g);
	CHECK_EQ(msi_route_init(&r, g.chip, &err), 0);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		CHECK_EQ(msi_route_set(&r, &none[i]), 0);
		msi_send(&r);
		rig_poll(&g.r);
		g.chip->ops->send(g.chip, &none[i]);
		CHECK_EQ(take(&g), 1023);
	}
	CHECK_EQ(msi_route_set(&r, &first), 0);
	rig_poll(&g.r);
	CHECK_EQ(take(&g), 1023); /* none of them comes late */
	msi_route_destroy(&r);
	gic_rig_free(&g);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(gicv2_message_is_sent_at_once_and_by_the_frame)
{
	struct gic_rig g;

	msi_on(&g);
	g.chip->ops->send(g.chip, &second);
	CHECK_EQ(take(&g), ID + 1);
	CHECK(bus_write(&g.r.mmio, ADDR, 4, ID + 63));
	CHECK_EQ(take(&g), ID + 63);
	CHECK_EQ(take(&g), 1023);
	gic_rig_free(&g);
}
