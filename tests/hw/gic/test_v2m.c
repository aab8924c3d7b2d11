/* SPDX-License-Identifier: MIT */
/* The GICv2m frame: its range, its messages, what is not for it. */
#include <stdio.h>

#include "hw/core/log.h"
#include "hw/gic/gic.h"
#include "tests/support/rig.h"
#include "tests/test.h"

#define FIRST  0 /* the rig's chip has 64 lines: all are the frame's */
#define TYPER  0x008
#define SETSPI 0x040
#define IIDR   0xfcc

static void frame_make(struct rig *r)
{
	rig_init(r);
	rig_device(r, &gicv2m_class, NULL, FIRST);
}

TEST(v2m_tells_its_range)
{
	struct rig r;

	frame_make(&r);
	CHECK_EQ(rig_read32(&r, TYPER), (32 + FIRST) << 16 | 64);
	CHECK_EQ(rig_read32(&r, IIDR) >> 16 & 0xf, 0);
	CHECK_EQ(rig_read32(&r, SETSPI), 0);
	rig_destroy(&r);
}

TEST(v2m_write_is_an_edge_of_the_named_spi)
{
	struct rig r;

	frame_make(&r);
	for (unsigned n = 0; n < GICV2M_SPIS; n++) {
		rig_write32(&r, SETSPI, GIC_SPI(FIRST) + n);
		for (unsigned i = 0; i < RIG_LINES; i++)
			CHECK_EQ(rig_take_rises(&r, i), i == FIRST + n);
		CHECK_EQ(r.level[FIRST + n], false);
	}
	rig_destroy(&r);
}

TEST(v2m_takes_the_ten_bits_of_an_interrupt_id)
{
	struct rig r;

	frame_make(&r);
	rig_write32(&r, SETSPI, 0xfffffc00 | GIC_SPI(FIRST));
	CHECK_EQ(rig_take_rises(&r, FIRST), 1);
	rig_destroy(&r);
}

TEST(v2m_ignores_ids_outside_its_range)
{
	static const uint32_t ids[] = { 0, 31, 32 + 64, 1019, 1023 };
	struct rig r;

	log_threshold = LOG_LEVEL_ERROR;
	frame_make(&r);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		rig_write32(&r, SETSPI, ids[i]);
	for (unsigned i = 0; i < RIG_LINES; i++)
		CHECK_EQ(rig_take_rises(&r, i), 0);
	rig_destroy(&r);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(v2m_takes_words_only_and_ignores_the_rest)
{
	struct rig r;

	frame_make(&r);
	rig_write8(&r, SETSPI, GIC_SPI(FIRST));
	rig_write16(&r, SETSPI, GIC_SPI(FIRST));
	rig_write64(&r, SETSPI, GIC_SPI(FIRST));
	rig_write32(&r, SETSPI + 4, GIC_SPI(FIRST));
	rig_write32(&r, TYPER, 0);
	rig_write32(&r, IIDR, 0);
	CHECK_EQ(rig_take_rises(&r, FIRST), 0);
	CHECK_EQ(rig_read32(&r, TYPER), 0x00200040);
	CHECK_EQ(rig_read8(&r, TYPER), 0xff);
	CHECK_EQ(rig_read64(&r, TYPER), UINT64_MAX);
	CHECK_EQ(rig_read32(&r, 0xffc), 0);
	rig_destroy(&r);
}

TEST(v2m_frame_of_a_board_decodes_messages)
{
	struct board_dev dev = { .class = &gicv2m_class,
				 .base = 0x8020000,
				 .irq = 80 };
	struct board b = { .devs = &dev, .ndevs = 1 };
	struct gicv2m_frame f = gicv2m_frame(&b);
	struct msi_msg msg = { .addr = 0x8020040, .data = 112 };

	CHECK_EQ(f.spi, 80);
	CHECK_EQ(f.nspis, 64);
	CHECK_EQ(gicv2m_spi(&f, &msg), 80);
	msg.data = 175;
	CHECK_EQ(gicv2m_spi(&f, &msg), 143);
	msg.data = 176;
	CHECK_EQ(gicv2m_spi(&f, &msg), -1);
	msg.data = 111;
	CHECK_EQ(gicv2m_spi(&f, &msg), -1);
	msg = (struct msi_msg){ .addr = 0x8020044, .data = 112 };
	CHECK_EQ(gicv2m_spi(&f, &msg), -1);
	msg = (struct msi_msg){ .addr = 0x8020040 + (UINT64_C(1) << 32),
				.data = 112 };
	CHECK_EQ(gicv2m_spi(&f, &msg), -1);
	b.ndevs = 0;
	f = gicv2m_frame(&b);
	CHECK_EQ(f.nspis, 0);
	CHECK_EQ(gicv2m_spi(&f, &(struct msi_msg){ .addr = 0x40 }), -1);
}
