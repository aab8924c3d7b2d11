/* SPDX-License-Identifier: MIT */
/* What kernels say of themselves to firmware, read and weighed. */
#include "hw/spapr/cas.h"

#include <endian.h>
#include <errno.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define AT    RIG_RAM
#define END   (RIG_RAM2 + RIG_RAM2_SIZE)
#define PAIRS 2

struct vectors {
	uint32_t pvr[2 * PAIRS]; /* the last ends the list */
	uint8_t more;		 /* vectors, less one */
	uint8_t four[4][3];	 /* of two bytes each */
	uint8_t len;		 /* of the fifth, less one */
	uint8_t five[30];	 /* LoPAR's byte 1 and up */
} __attribute__((packed));

static struct vectors vectors(uint8_t xive, uint8_t mmu)
{
	struct vectors v = { .pvr = { htobe32(0xffff0000), htobe32(0x004e0000),
				      0, htobe32(0x0f000005) },
			     .more = 4,
			     .four = { { 1 }, { 1 }, { 1 }, { 1 } },
			     .len = 29 };

	v.five[CAS_XIVE - 1] = xive;
	v.five[CAS_MMU - 1] = mmu;
	return v;
}

static int read_at(struct rig *r, const void *v, size_t size, gpa_t at,
		   struct cas *c)
{
	CHECK_EQ(mem_write(&r->mem, at, v, size), 0);
	return cas_read(&r->mem, at, c);
}

TEST(cas_reads_what_a_kernel_knows)
{
	struct vectors v = vectors(CAS_NEW | 0x15, CAS_EITHER);
	struct cas c;
	struct rig r;

	rig_init(&r);
	CHECK_EQ(read_at(&r, &v, sizeof(v), AT, &c), 0);
	CHECK_EQ(c.xive, CAS_NEW);
	CHECK_EQ(c.mmu, CAS_EITHER);
	/* What is not said is what there always was. */
	v.len = CAS_XIVE - 2; /* ends one before byte 23 */
	CHECK_EQ(read_at(&r, &v, sizeof(v), AT, &c), 0);
	CHECK_EQ(c.xive, CAS_OLD);
	CHECK_EQ(c.mmu, CAS_OLD);
	v = vectors(CAS_NEW, CAS_NEW);
	v.more = 3;
	CHECK_EQ(read_at(&r, &v, sizeof(v), AT, &c), 0);
	CHECK_EQ(c.mmu, CAS_OLD);
	rig_destroy(&r);
}

TEST(cas_vectors_may_not_leave_memory)
{
	struct vectors v = vectors(CAS_NEW, CAS_NEW);
	struct cas c;
	struct rig r;

	rig_init(&r);
	for (size_t cut = 1; cut < sizeof(v); cut++) {
		int ret = read_at(&r, &v, sizeof(v) - cut,
				  END - (sizeof(v) - cut), &c);

		/* Only the byte of the MMU is looked at. */
		CHECK_EQ(ret, cut <= 30 - CAS_MMU ? 0 : -EFAULT);
	}
	CHECK_EQ(cas_read(&r.mem, 0, &c), -EFAULT);
	/* A list of CPUs without an end. */
	CHECK_EQ(mem_set(&r.mem, AT, 0xff, 0x10000), 0);
	CHECK_EQ(cas_read(&r.mem, AT, &c), -EFAULT);
	rig_destroy(&r);
}

TEST(cas_says_what_to_change_where_a_kernel_does_not_suit)
{
	struct board b = { .ppc = { .radix = true } };
	struct cas c = { CAS_EITHER, CAS_EITHER }, other;
	const char *option = NULL;

	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_SUITS);
	c.mmu = CAS_OLD;
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_NONE);
	CHECK_STR(option, "--machine virt,mmu=hash");
	c.xive = CAS_NEW;
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_NONE);
	CHECK_STR(option, "--irqchip xive");
	b.ppc.xive_esb = 1 << 30;
	b.ppc.radix = false;
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_SUITS);
	c.xive = CAS_OLD;
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_NONE);
	CHECK_STR(option, "--irqchip xics");
}

/* Where the user left it open the kernel chooses; what suits it stays. */
TEST(cas_gives_a_kernel_the_other_board_where_that_is_open)
{
	struct board b = { .ppc = { .radix = true,
				    .xive_esb = 1 << 30,
				    .other_xive = true } };
	struct cas c = { CAS_OLD, CAS_NEW }, other;
	const char *option = NULL;

	CHECK_EQ(cas_support(&b, CAS_XIVE), CAS_EITHER);
	CHECK_EQ(cas_support(&b, CAS_MMU), CAS_NEW);
	CHECK_EQ(cas_byte(&b, CAS_XIVE), CAS_NEW);
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_OTHER);
	CHECK_EQ(other.xive, CAS_OLD);
	CHECK_EQ(other.mmu, CAS_NEW);
	c.mmu = CAS_OLD; /* which is not open */
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_NONE);
	CHECK_STR(option, "--machine virt,mmu=hash");
	b.ppc.other_mmu = true;
	CHECK_EQ(cas_support(&b, CAS_MMU), CAS_EITHER);
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_OTHER);
	CHECK_EQ(other.mmu, CAS_OLD);
	/* A hash board that may be radix has that kind's other bytes, too. */
	b.ppc.radix = false;
	CHECK_EQ(cas_support(&b, CAS_RADIX_GTSE), CAS_NEW);
	CHECK_EQ(cas_byte(&b, CAS_RADIX_GTSE), CAS_OLD);
	c = (struct cas){ CAS_EITHER, CAS_EITHER };
	CHECK_EQ(cas_weigh(&c, &b, &other, &option), CAS_SUITS);
}
