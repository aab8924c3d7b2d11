/* SPDX-License-Identifier: MIT */
/* Virtio behind an IOMMU: rings and buffers by a pSeries' TCEs. */
#include <errno.h>

#include "hw/core/dma.h"
#include "hw/spapr/tce.h"
#include "tests/hw/virtio/echo.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

#define PLATFORM VIRTIO_BIT(VIRTIO_F_ACCESS_PLATFORM)
#define LIOBN	 1
#define PAGE	 4096
#define PAGES	 (RIG_RAM_SIZE / PAGE)
#define PUT_TCE	 0x20
#define BOTH	 (TCE_READ | TCE_WRITE)

/* The window is where RAM is, so that a ring's address is the same. */
struct bench {
	struct rig r;
	struct tce_tables tces;
	struct dma_space dma;
	struct echo *s;
	struct vdriver d;
	uint64_t asked; /* bytes, by requests of more than there is */
};

static int bench_iov(void *opaque, uint64_t addr, uint64_t len, bool write,
		     struct iovec *iov, unsigned *n, unsigned max)
{
	struct bench *b = opaque;

	return tce_iov(&b->tces, LIOBN, addr, len, write, iov, n, max);
}

static void map(struct bench *b, gpa_t bus, gpa_t to, unsigned access)
{
	const uint64_t in[HCALL_REGS] = { LIOBN, bus, to | access };
	uint64_t out[HCALL_REGS];

	for (const struct hcall *h = tce_hcalls; h->name; h++)
		if (h->nr == PUT_TCE)
			CHECK_EQ(h->fn(&b->tces, 0, in, out), H_SUCCESS);
}

static void bench(struct bench *b, const char *props)
{
	rig_init(&b->r);
	tce_init(&b->tces, &b->r.mem);
	CHECK_EQ(tce_add(&b->tces, LIOBN, RIG_RAM, 12, PAGES), 0);
	for (unsigned i = 0; i < PAGES; i++)
		map(b, RIG_RAM + i * PAGE, RIG_RAM + i * PAGE, BOTH);
	b->dma = (struct dma_space){ bench_iov, b };
	b->s = container_of(rig_device(&b->r, &echo_class, props, 0),
			    struct echo, vdev.dev);
	b->s->vdev.dma = &b->dma;
	vdriver_init(&b->d, &b->r, &b->s->vdev);
}

static void bench_free(struct bench *b)
{
	rig_destroy(&b->r);
	tce_destroy(&b->tces);
}

/* Two pages of the bus are each other's in memory. */
static void bench_swap(struct bench *b, gpa_t page)
{
	map(b, page, page + PAGE, BOTH);
	map(b, page + PAGE, page, BOTH);
}

TEST(virtio_buffers_are_where_the_iommu_says)
{
	static const char *const props[] = { "access-platform",
					     "access-platform,packed" };

	for (unsigned i = 0; i < 2; i++) {
		struct bench b;
		char got[9] = "";
		gpa_t page, out;

		bench(&b, props[i]);
		vdriver_start(&b.d, PLATFORM | VIRTIO_BIT(34));
		page = vdriver_alloc(&b.d, 2 * PAGE, PAGE);
		out = vdriver_alloc(&b.d, 8, 16);
		bench_swap(&b, page);
		/* "abcdefgh" across the bus's two pages. */
		CHECK_EQ(mem_write(&b.r.mem, page + 2 * PAGE - 4, "abcd", 4),
			 0);
		CHECK_EQ(mem_write(&b.r.mem, page, "efgh", 4), 0);
		CHECK_EQ(vdq_do(&b.d, 0,
				(struct vbuf[]){ { page + PAGE - 4, 8, false },
						 { out, 8, true } },
				2),
			 8);
		CHECK_EQ(mem_read(&b.r.mem, out, got, 8), 0);
		CHECK_STR(got, "abcdefgh");
		bench_free(&b);
	}
}

TEST(virtio_without_the_feature_goes_round_the_iommu)
{
	struct bench b;
	char got[9] = "";
	gpa_t page, out;

	bench(&b, "access-platform");
	vdriver_start(&b.d, 0);
	page = vdriver_alloc(&b.d, 2 * PAGE, PAGE);
	out = vdriver_alloc(&b.d, 8, 16);
	bench_swap(&b, page);
	CHECK_EQ(mem_write(&b.r.mem, page, "abcdefgh", 8), 0);
	vdq_do(&b.d, 0, (struct vbuf[]){ { page, 8, false }, { out, 8, true } },
	       2);
	CHECK_EQ(mem_read(&b.r.mem, out, got, 8), 0);
	CHECK_STR(got, "abcdefgh");
	bench_free(&b);
}

TEST(virtio_breaks_where_the_iommu_lets_it_not)
{
	for (unsigned i = 0; i < 3; i++) {
		struct bench b;
		gpa_t page;

		bench(&b, "access-platform");
		vdriver_start(&b.d, PLATFORM);
		page = vdriver_alloc(&b.d, 2 * PAGE, PAGE);
		if (i == 0)
			map(&b, page + PAGE, page, 0);
		else if (i == 1)
			map(&b, page + PAGE, page, TCE_READ);
		else /* a page that is no RAM */
			map(&b, page + PAGE, 0, BOTH);
		CHECK(vdq_add(&b.d, 0,
			      (struct vbuf[]){ { page + PAGE - 8, 16, true } },
			      1) >= 0);
		vdq_kick(&b.d, 0);
		CHECK(vdriver_needs_reset(&b.d));
		bench_free(&b);
	}
}

TEST(virtio_rings_lie_in_one_piece_behind_the_iommu)
{
	struct bench b;
	gpa_t page;

	bench(&b, "access-platform,queue-size=512");
	CHECK(vdriver_negotiate(&b.d, PLATFORM));
	vdriver_queue(&b.d, 0, 0);
	page = b.d.q[0].desc & ~(gpa_t)(PAGE - 1);
	bench_swap(&b, page);
	vdriver_ready(&b.d);
	rig_poll(&b.r);
	CHECK(vdriver_needs_reset(&b.d));
	bench_free(&b);
}

/* Memory without end, in one piece; never touched. */
static int endless_iov(void *opaque, uint64_t addr, uint64_t len, bool write,
		       struct iovec *iov, unsigned *n, unsigned max)
{
	struct bench *b = opaque;

	if (len <= RIG_RAM_SIZE)
		return bench_iov(b, addr, len, write, iov, n, max);
	b->asked += len;
	if (*n == max)
		return -E2BIG;
	iov[(*n)++] = (struct iovec){ b, len };
	return 0;
}

/* To go through the pages of each buffer would keep the loop for seconds. */
TEST(virtio_asks_no_iommu_for_more_than_a_request_may_have)
{
	struct vbuf v[16];
	struct bench b;

	bench(&b, "access-platform");
	b.dma.iov = endless_iov;
	b.asked = 0;
	vdriver_start(&b.d, PLATFORM);
	for (unsigned i = 0; i < 16; i++)
		v[i] = (struct vbuf){ RIG_RAM, UINT32_MAX, true };
	CHECK(vdq_add(&b.d, 0, v, 16) >= 0);
	vdq_kick(&b.d, 0);
	CHECK(vdriver_needs_reset(&b.d));
	CHECK_EQ(b.asked, UINT32_MAX);
	bench_free(&b);
}
