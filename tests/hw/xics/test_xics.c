/* SPDX-License-Identifier: MIT */
/* XICS against LoPAR, chapter 6: arbitration, levels, messages, masking. */
#include <errno.h>

#include "hw/core/log.h"
#include "tests/support/xics_rig.h"
#include "tests/test.h"

#define IPI    2
#define SRC(i) (XICS_RIG_SRC + (i))

/* What H_XIRR answers: the priority it found, and what was presented. */
#define XIRR(cppr, xisr) ((uint32_t)(cppr) << 24 | (xisr))

static uint32_t accept_irq(struct xics_rig *x, unsigned cpu)
{
	return xics_accept(x->dev, cpu);
}

static void end_irq(struct xics_rig *x, unsigned cpu, uint32_t xirr)
{
	CHECK_EQ(xics_eoi(x->dev, cpu, xirr), 0);
}

static void level_source(struct xics_rig *x, unsigned i)
{
	CHECK_EQ(x->ics->ops->level(x->ics, SRC(i), true), 0);
}

static void drive(struct xics_rig *x, unsigned i, bool level)
{
	x->chip->ops->set_line(x->chip, SRC(i), level);
}

TEST(xics_is_masked_after_reset)
{
	uint32_t server, xirr;
	uint8_t priority, mfrr;
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 1, 2, 5);
	xics_rig_msi(&x, 1);
	CHECK(x.line[2]);
	CHECK_EQ(xics_ipi(x.dev, 1, 4), 0);
	device_reset(x.dev);
	CHECK(!x.line[1] && !x.line[2]);
	for (unsigned i = 0; i < XICS_RIG_CPUS; i++) {
		CHECK_EQ(xics_poll(x.dev, i, &xirr, &mfrr), 0);
		CHECK_EQ(xirr, 0);
		CHECK_EQ(mfrr, 0xff);
	}
	CHECK_EQ(x.ics->ops->get(x.ics, SRC(1), &server, &priority), 0);
	CHECK_EQ(server, 0);
	CHECK_EQ(priority, 0xff);
	xics_set_cppr(x.dev, 2, 0xff); /* nothing is left of before */
	CHECK(!x.line[2]);
	xics_rig_free(&x);
}

TEST(xics_message_goes_to_its_server_and_is_taken_once)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 7, 3, 5);
	xics_rig_msi(&x, 7);
	CHECK(x.line[3] && !x.line[0]);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, 0));
	CHECK_EQ(accept_irq(&x, 3), XIRR(0xff, SRC(7)));
	CHECK(!x.line[3]);
	CHECK_EQ(accept_irq(&x, 3), XIRR(5, 0));
	end_irq(&x, 3, XIRR(0xff, SRC(7)));
	CHECK(!x.line[3]);
	CHECK_EQ(accept_irq(&x, 3), XIRR(0xff, 0));
	xics_rig_free(&x);
}

TEST(xics_more_favored_takes_the_place_and_the_other_comes_back)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 0, 0, 7);
	xics_rig_on(&x, 1, 0, 6);
	xics_rig_on(&x, 2, 0, 7);
	xics_rig_msi(&x, 0);
	xics_rig_msi(&x, 1);
	xics_rig_msi(&x, 2);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(1)));
	CHECK(!x.line[0]); /* 7 is not more favored than 6 */
	end_irq(&x, 0, XIRR(0xff, SRC(1)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(0)));
	end_irq(&x, 0, XIRR(0xff, SRC(0)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(2)));
	end_irq(&x, 0, XIRR(0xff, SRC(2)));
	CHECK(!x.line[0]);
	xics_rig_free(&x);
}

TEST(xics_equal_priority_does_not_displace)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 9, 0, 5);
	xics_rig_on(&x, 3, 0, 5);
	xics_rig_msi(&x, 9);
	xics_rig_msi(&x, 3);
	CHECK_EQ(xics_ipi(x.dev, 0, 5), 0);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(9)));
	end_irq(&x, 0, XIRR(0xff, SRC(9)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, IPI)); /* before the source */
	CHECK_EQ(xics_ipi(x.dev, 0, 0xff), 0);
	end_irq(&x, 0, XIRR(0xff, IPI));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(3)));
	xics_rig_free(&x);
}

TEST(xics_cppr_holds_back_and_rejects)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 0, 1, 5);
	xics_set_cppr(x.dev, 1, 5);
	xics_rig_msi(&x, 0);
	CHECK(!x.line[1]); /* only what is more favored than CPPR */
	xics_set_cppr(x.dev, 1, 6);
	CHECK(x.line[1]);
	xics_set_cppr(x.dev, 1, 5);
	CHECK(!x.line[1]);
	CHECK_EQ(accept_irq(&x, 1), XIRR(5, 0));
	xics_set_cppr(x.dev, 1, 0xff);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(0)));
	xics_rig_free(&x);
}

TEST(xics_nests_by_priority)
{
	struct xics_rig x;
	uint32_t outer, inner;

	xics_rig_make(&x);
	xics_rig_on(&x, 0, 0, 7);
	xics_rig_on(&x, 1, 0, 3);
	xics_rig_msi(&x, 0);
	outer = accept_irq(&x, 0);
	xics_rig_msi(&x, 0); /* again, while it is handled: it waits */
	CHECK(!x.line[0]);
	xics_rig_msi(&x, 1);
	CHECK(x.line[0]);
	inner = accept_irq(&x, 0);
	CHECK_EQ(inner, XIRR(7, SRC(1)));
	end_irq(&x, 0, inner); /* back to 7 */
	CHECK(!x.line[0]);
	end_irq(&x, 0, outer);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(0)));
	xics_rig_free(&x);
}

TEST(xics_ipi_is_mfrr)
{
	uint32_t xirr;
	uint8_t mfrr;
	struct xics_rig x;

	xics_rig_make(&x);
	CHECK_EQ(xics_ipi(x.dev, 2, 4), 0);
	CHECK(x.line[2]);
	CHECK_EQ(xics_poll(x.dev, 2, &xirr, &mfrr), 0);
	CHECK_EQ(xirr, XIRR(0xff, IPI));
	CHECK_EQ(mfrr, 4);
	CHECK_EQ(accept_irq(&x, 2), XIRR(0xff, IPI));
	end_irq(&x, 2, XIRR(0xff, IPI));
	CHECK(x.line[2]); /* it stands until MFRR takes it back */
	CHECK_EQ(accept_irq(&x, 2), XIRR(0xff, IPI));
	CHECK_EQ(xics_ipi(x.dev, 2, 0xff), 0);
	end_irq(&x, 2, XIRR(0xff, IPI));
	CHECK(!x.line[2]);
	CHECK_EQ(xics_ipi(x.dev, XICS_RIG_CPUS, 4), (uint64_t)-EINVAL);
	CHECK_EQ(xics_poll(x.dev, XICS_RIG_CPUS, &xirr, &mfrr),
		 (uint64_t)-EINVAL);
	xics_rig_free(&x);
}

TEST(xics_ipi_displaces_a_source_and_is_displaced)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 0, 0, 5);
	xics_rig_on(&x, 1, 0, 1);
	xics_rig_msi(&x, 0);
	CHECK_EQ(xics_ipi(x.dev, 0, 4), 0);
	xics_rig_msi(&x, 1);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(1)));
	end_irq(&x, 0, XIRR(0xff, SRC(1)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, IPI));
	CHECK_EQ(xics_ipi(x.dev, 0, 0xff), 0);
	end_irq(&x, 0, XIRR(0xff, IPI));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(0)));
	xics_rig_free(&x);
}

TEST(xics_level_comes_again_after_its_end)
{
	struct xics_rig x;

	xics_rig_make(&x);
	level_source(&x, 5);
	xics_rig_on(&x, 5, 1, 5);
	drive(&x, 5, true);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(5)));
	xics_set_cppr(x.dev, 1, 0xff);
	CHECK(!x.line[1]); /* sent, and not ended */
	end_irq(&x, 1, XIRR(0xff, SRC(5)));
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(5)));
	drive(&x, 5, false);
	end_irq(&x, 1, XIRR(0xff, SRC(5)));
	CHECK(!x.line[1]);
	xics_rig_free(&x);
}

TEST(xics_rejected_level_that_fell_is_gone)
{
	struct xics_rig x;

	xics_rig_make(&x);
	level_source(&x, 5);
	xics_rig_on(&x, 5, 1, 5);
	drive(&x, 5, true);
	xics_set_cppr(x.dev, 1, 0);
	drive(&x, 5, false);
	xics_set_cppr(x.dev, 1, 0xff);
	CHECK(!x.line[1]);
	xics_rig_free(&x);
}

TEST(xics_line_of_a_message_source_counts_its_edges)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 5, 1, 5);
	drive(&x, 5, true);
	drive(&x, 5, true);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(5)));
	end_irq(&x, 1, XIRR(0xff, SRC(5)));
	CHECK(!x.line[1]);
	drive(&x, 5, false);
	CHECK(!x.line[1]);
	drive(&x, 5, true);
	CHECK(x.line[1]);
	xics_rig_free(&x);
}

TEST(xics_masked_source_waits_and_gets_its_priority_back)
{
	uint32_t server;
	uint8_t priority;
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 5, 1, 6);
	CHECK_EQ(x.ics->ops->enable(x.ics, SRC(5), false), 0);
	CHECK_EQ(x.ics->ops->enable(x.ics, SRC(5), false), 0);
	xics_rig_msi(&x, 5);
	CHECK(!x.line[1]);
	CHECK_EQ(x.ics->ops->get(x.ics, SRC(5), &server, &priority), 0);
	CHECK_EQ(server, 1);
	CHECK_EQ(priority, 0xff);
	CHECK_EQ(x.ics->ops->enable(x.ics, SRC(5), true), 0);
	CHECK_EQ(x.ics->ops->get(x.ics, SRC(5), &server, &priority), 0);
	CHECK_EQ(priority, 6);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(5)));
	CHECK_EQ(accept_irq(&x, 1), XIRR(6, 0));
	xics_rig_free(&x);
}

TEST(xics_source_that_moves_takes_what_waits_along)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 70, 0, 5);
	xics_rig_on(&x, 130, 0, 5);
	xics_set_cppr(x.dev, 0, 1);
	xics_rig_msi(&x, 70);
	xics_rig_msi(&x, 130);
	xics_rig_on(&x, 70, 1, 5);
	CHECK(x.line[1]);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(70)));
	xics_set_cppr(x.dev, 0, 0xff);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(130)));
	CHECK(!x.line[0]);
	xics_rig_free(&x);
}

TEST(xics_presented_source_that_moved_is_given_back_to_the_new_server)
{
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 0, 0, 5);
	xics_rig_on(&x, 1, 1, 6);
	xics_rig_on(&x, 2, 0, 3);
	xics_rig_msi(&x, 0);
	xics_rig_msi(&x, 1);
	/* Each will be given back where the other is presented. */
	xics_rig_on(&x, 0, 1, 4);
	xics_rig_on(&x, 1, 0, 2);
	xics_rig_msi(&x, 2);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(0)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(1)));
	end_irq(&x, 0, XIRR(0xff, SRC(1)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(2)));
	xics_rig_free(&x);
}

TEST(xics_refuses_what_does_not_exist)
{
	static const uint32_t none[] = { 0, 2, SRC(0) - 1, SRC(XICS_RIG_N),
					 UINT32_MAX };
	uint32_t server;
	uint8_t priority;
	struct xics_rig x;

	log_threshold = LOG_LEVEL_ERROR;
	xics_rig_make(&x);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		const struct msi_msg msg = { .data = none[i] };
		const struct ics_ops *ops = x.ics->ops;

		CHECK_EQ(ops->set(x.ics, none[i], 0, 5), (uint64_t)-EINVAL);
		CHECK_EQ(ops->get(x.ics, none[i], &server, &priority),
			 (uint64_t)-EINVAL);
		CHECK_EQ(ops->enable(x.ics, none[i], true), (uint64_t)-EINVAL);
		CHECK_EQ(ops->level(x.ics, none[i], true), (uint64_t)-EINVAL);
		x.chip->ops->set_line(x.chip, none[i], true);
		x.chip->ops->send(x.chip, &msg);
	}
	CHECK_EQ(x.ics->ops->set(x.ics, SRC(0), XICS_RIG_CPUS, 5),
		 (uint64_t)-EINVAL);
	CHECK_EQ(xics_eoi(x.dev, 0, XIRR(3, 17)), (uint64_t)-EINVAL);
	CHECK_EQ(accept_irq(&x, 0), XIRR(3, 0)); /* the priority counts */
	CHECK_EQ(x.told, 0);
	xics_rig_free(&x);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(xics_eventfd_raises_the_source_of_its_message)
{
	static const struct msi_msg first = { .data = SRC(20) };
	static const struct msi_msg second = { .data = SRC(21) };
	struct err err = { 0 };
	struct msi_route r;
	struct xics_rig x;

	xics_rig_make(&x);
	xics_rig_on(&x, 20, 0, 5);
	xics_rig_on(&x, 21, 1, 5);
	CHECK_EQ(msi_route_init(&r, x.chip, &err), 0);
	CHECK_EQ(msi_route_set(&r, &first), 0);
	msi_send(&r);
	rig_poll(&x.r);
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(20)));
	msi_send(&r);
	CHECK_EQ(msi_route_set(&r, &second), 0);
	msi_send(&r);
	rig_poll(&x.r);
	CHECK_EQ(accept_irq(&x, 1), XIRR(0xff, SRC(21)));
	end_irq(&x, 0, XIRR(0xff, SRC(20)));
	CHECK_EQ(accept_irq(&x, 0), XIRR(0xff, SRC(20)));
	msi_route_destroy(&r);
	xics_rig_free(&x);
}

/* ---- any thread raises */

#define RAISES 20000

static void *raiser(void *opaque)
{
	struct xics_rig *x = opaque;

	for (unsigned i = 0; i < RAISES; i++)
		xics_rig_msi(x, i % 8);
	return NULL;
}

/* Each source stays within its server, and none is lost at the end. */
TEST(xics_is_raised_by_any_thread)
{
	pthread_t t[2];
	struct xics_rig x;
	unsigned seen = 0;

	xics_rig_make(&x);
	for (unsigned i = 0; i < 8; i++)
		xics_rig_on(&x, i, 0, (uint8_t)(3 + i % 3));
	for (unsigned i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, raiser, &x), 0);
	for (unsigned i = 0; i < RAISES; i++) {
		uint32_t xirr = accept_irq(&x, 0);

		if (xirr & 0xffffff)
			CHECK_EQ(xics_eoi(x.dev, 0, xirr), 0);
		xics_rig_on(&x, i % 8, 0, (uint8_t)(3 + i % 3));
	}
	for (unsigned i = 0; i < 2; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	for (unsigned i = 0; i < 8; i++)
		xics_rig_msi(&x, i);
	for (uint32_t xirr; (xirr = accept_irq(&x, 0)) & 0xffffff;) {
		seen |= 1u << ((xirr & 0xffffff) - SRC(0));
		CHECK_EQ(xics_eoi(x.dev, 0, xirr), 0);
	}
	CHECK_EQ(seen, 0xff);
	CHECK(!x.line[0]);
	xics_rig_free(&x);
}
