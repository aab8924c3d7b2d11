/* SPDX-License-Identifier: MIT */
/* hw/core/bus: overlaps, edges, sizes, doorbells. */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/bus.h"
#include "tests/test.h"

struct seen {
	uint64_t off, val;
	unsigned size, writes;
};

static uint64_t seen_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque;
	return 0x1122334455667788 + off + size - 1;
}

static void seen_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct seen *s = opaque;

	*s = (struct seen){ off, val, size, s->writes + 1 };
}

static const struct region_ops ops_1_4 = {
	.read = seen_read, .write = seen_write, .min_size = 1, .max_size = 4
};

static struct region region(const char *name, uint64_t size, struct seen *s)
{
	return (struct region){
		.name = name, .size = size, .ops = &ops_1_4, .opaque = s
	};
}

TEST(bus_names_both_owners_of_an_overlap)
{
	struct bus b;
	struct seen s = { 0 };
	struct region a = region("uart", 0x1000, &s),
		      c = region("rtc", 0x1000, &s);
	struct err err = { 0 };

	bus_init(&b, "mmio", 0);
	CHECK_EQ(bus_add(&b, 0x9000000, &a, &err), 0);
	CHECK_EQ(bus_add(&b, 0x9000fff, &c, &err), -EEXIST);
	CHECK_STR(err.msg, "rtc at mmio 0x9000fff overlaps uart at 0x9000000");
	CHECK_EQ(bus_add(&b, 0x8fff001, &c, &err), -EEXIST);
	CHECK_EQ(bus_add(&b, 0x9001000, &c, &err), 0);
	bus_destroy(&b);
}

TEST(bus_reaches_the_last_address_and_no_further)
{
	struct bus b, pio;
	struct seen s = { 0 };
	struct region a = region("top", 0x1000, &s), p = region("p", 2, &s);
	struct err err = { 0 };
	uint64_t val;

	bus_init(&b, "mmio", 0);
	CHECK_EQ(bus_add(&b, UINT64_MAX - 0xffe, &a, &err), -EINVAL);
	CHECK_EQ(bus_add(&b, UINT64_MAX - 0xfff, &a, &err), 0);
	CHECK(bus_read(&b, UINT64_MAX, 1, &val));
	CHECK_EQ(val, (0x88 + 0xfff) & 0xff);
	bus_init(&pio, "pio", 0x10000);
	CHECK_EQ(bus_add(&pio, 0xffff, &p, &err), -EINVAL);
	CHECK_EQ(bus_add(&pio, 0xfffe, &p, &err), 0);
	bus_destroy(&b);
	bus_destroy(&pio);
}

TEST(bus_answers_what_no_region_takes_with_ones)
{
	struct bus b;
	struct seen s = { 0 };
	struct region a = region("a", 6, &s);
	struct err err = { 0 };
	uint64_t val = 0;

	bus_init(&b, "mmio", 0);
	CHECK_EQ(bus_add(&b, 0x100, &a, &err), 0);
	CHECK(!bus_read(&b, 0xff, 1, &val));
	CHECK_EQ(val, 0xff);
	CHECK(!bus_read(&b, 0x104, 4, &val)); /* runs past the end */
	CHECK_EQ(val, 0xffffffff);
	CHECK(!bus_read(&b, 0x100, 8, &val)); /* a size it does not take */
	CHECK_EQ(val, UINT64_MAX);
	CHECK(!bus_read(&b, 0x101, 2, &val)); /* not aligned */
	CHECK(!bus_read(&b, 0x100, 3, &val));
	CHECK(!bus_write(&b, 0x104, 4, 1));
	CHECK(!bus_write(&b, 0x106, 1, 1));
	CHECK_EQ(s.writes, 0);
	CHECK(bus_write(&b, 0x104, 2, 0xabcdef));
	CHECK_EQ(s.off, 4);
	CHECK_EQ(s.val, 0xcdef);
	bus_destroy(&b);
}

TEST(bus_forgets_a_removed_region)
{
	struct bus b;
	struct seen s = { 0 };
	struct region r[40];
	struct err err = { 0 };
	uint64_t val;

	bus_init(&b, "mmio", 0);
	for (unsigned i = 0; i < 40; i++) {
		unsigned at = i * 7 % 40; /* not in order */

		r[at] = region("r", 16, &s);
		CHECK_EQ(bus_add(&b, 0x1000 + 16 * at, &r[at], &err), 0);
	}
	for (unsigned i = 0; i < 40; i += 2)
		bus_remove(&r[i]);
	for (unsigned i = 0; i < 40; i++)
		CHECK_EQ(bus_read(&b, 0x1000 + 16 * i + 15, 1, &val), i % 2);
	bus_destroy(&b);
}

static unsigned heard;
static int hear_add(void *opaque, const struct bus *b, uint64_t addr,
		    const struct doorbell *d)
{
	(void)b, (void)d;
	CHECK_EQ(addr, *(uint64_t *)opaque);
	heard++;
	return 0;
}

static void hear_del(void *opaque, const struct bus *b, uint64_t addr,
		     const struct doorbell *d)
{
	(void)b, (void)d;
	CHECK_EQ(addr, *(uint64_t *)opaque);
	heard--;
}

TEST(doorbell_rings_without_the_handler_and_follows_its_region)
{
	struct bus b;
	struct seen s = { 0 };
	struct region a = region("a", 0x100, &s);
	struct err err = { 0 };
	struct doorbell d = { .off = 0x50,
			      .size = 4,
			      .match = true,
			      .value = 3,
			      .fd = eventfd(0, EFD_NONBLOCK) };
	uint64_t want = 0x1050, n = 0;
	struct bus_listener l = { hear_add, hear_del, &want };

	heard = 0;
	bus_init(&b, "mmio", 0);
	CHECK_EQ(region_doorbell_add(&a, &d), 0);
	CHECK_EQ(region_doorbell_add(&a, &d), -EEXIST);
	CHECK_EQ(bus_add(&b, 0x1000, &a, &err), 0);
	CHECK(bus_write(&b, 0x1050, 4, 3));
	CHECK_EQ(s.writes, 0);
	CHECK_EQ(read(d.fd, &n, 8), 8);
	CHECK(bus_write(&b, 0x1050, 4, 2)); /* another value */
	CHECK(bus_write(&b, 0x1050, 2, 3)); /* another size */
	CHECK_EQ(s.writes, 2);

	bus_listen(&b, &l);
	CHECK_EQ(heard, 1);
	bus_remove(&a);
	CHECK_EQ(heard, 0);
	want = 0x2050;
	CHECK_EQ(bus_add(&b, 0x2000, &a, &err), 0);
	CHECK_EQ(heard, 1);
	region_doorbell_del(&a, &d);
	CHECK_EQ(heard, 0);
	CHECK(bus_write(&b, 0x2050, 4, 3));
	CHECK_EQ(s.writes, 3);
	bus_destroy(&b);
	close(d.fd);
}
