/* SPDX-License-Identifier: MIT */
/* hw/virtio/balloon: pages taken, reported, counted. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/virtio/balloon.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

#define RAM	 0x40000000 /* that can be given back, unlike the rig's own */
#define RAM_SIZE 0x200000
#define PFN	 (RAM >> 12)
#define TAGS	 (VIRTIO_BIT(1) | VIRTIO_BIT(2) | VIRTIO_BIT(5))

struct bench {
	struct rig r;
	struct virtio_balloon *s;
	struct vdriver d;
	uint8_t *ram;
};

static void bench(struct bench *b, bool shared, uint64_t features)
{
	const struct mem_config cfg = { .shared = shared };
	struct err err = { 0 };

	rig_init(&b->r);
	assert_int_equal(mem_add_ram(&b->r.mem, RAM, RAM_SIZE, &cfg, &err), 0);
	b->ram = mem_run(&b->r.mem, RAM, RAM_SIZE);
	memset(b->ram, 0x77, RAM_SIZE);
	rig_device(&b->r, &virtio_balloon_class, NULL, 0);
	b->s = container_of(b->r.dev, struct virtio_balloon, vdev.dev);
	vdriver_init(&b->d, &b->r, &b->s->vdev);
	vdriver_start(&b->d, features);
}

/* The same, where a page of the device's is one that the host can take. */
static void bench_pages(struct bench *b, bool shared, uint64_t features)
{
	if (sysconf(_SC_PAGESIZE) != 4096)
		SKIP_TEST("this host takes memory back in larger pages");
	bench(b, shared, features);
}

static bool page_resident(struct bench *b, unsigned page)
{
	unsigned char vec;

	assert_int_equal(mincore(b->ram + 4096 * (size_t)page, 4096, &vec), 0);
	return vec & 1;
}

static void put_pfns(struct bench *b, const uint32_t *pfn, unsigned n)
{
	CHECK_EQ(mem_write(&b->r.mem, RIG_RAM2, pfn, 4 * n), 0);
}

static void check_inflate(bool shared)
{
	const uint32_t pfn[] = { PFN + 9, PFN + 3, PFN + 5,
				 PFN + 4, PFN + 3, PFN + 511 };
	struct vbuf buf = { RIG_RAM2, sizeof(pfn), false };
	struct bench b;

	bench_pages(&b, shared, TAGS);
	put_pfns(&b, pfn, 6);
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 0);
	for (unsigned i = 0; i < RAM_SIZE / 4096; i++) {
		bool gone = (i >= 3 && i <= 5) || i == 9 || i == 511;

		CHECK_EQ(page_resident(&b, i), !gone);
		CHECK_EQ(b.ram[4096 * (size_t)i + 5], gone ? 0 : 0x77);
	}
	CHECK_EQ(vdq_do(&b.d, 1, &buf, 1), 0); /* and back */
	rig_destroy(&b.r);
}

TEST(balloon_gives_private_memory_back)
{
	check_inflate(false);
}

/* qemu-user takes it for advice. */
static bool remove_works(void)
{
	char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool works;

	assert_true(p != MAP_FAILED);
	*p = 1;
	works = !madvise(p, 65536, MADV_REMOVE) && !*p;
	munmap(p, 65536);
	return works;
}

TEST(balloon_gives_shared_memory_back)
{
	if (!remove_works())
		SKIP_TEST("this host's MADV_REMOVE removes nothing");
	check_inflate(true);
}

TEST(balloon_ignores_page_numbers_outside_memory)
{
	const uint32_t pfn[] = { 0, UINT32_MAX, RIG_ROM >> 12,
				 PFN + RAM_SIZE / 4096, PFN + 1 };
	struct vbuf buf = { RIG_RAM2, sizeof(pfn) + 3, false };
	struct bench b;

	bench_pages(&b, false, TAGS);
	put_pfns(&b, pfn, 5);
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 0);
	CHECK_EQ(b.ram[4096], 0);
	CHECK_EQ(b.ram[0], 0x77);
	CHECK(!vdriver_needs_reset(&b.d));
	buf.len = RIG_RAM2_SIZE; /* more than it will look at */
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 0);
	rig_destroy(&b.r);
}

/* Sees how many pages each round of the loop takes. */
struct round {
	struct loop_idle idle;
	struct bench *b;
	unsigned resident, most;
};

static bool round_look(void *opaque)
{
	struct round *r = opaque;
	unsigned char vec[RAM_SIZE / 4096];
	unsigned n = 0, gone;

	CHECK_EQ(mincore(r->b->ram, RAM_SIZE, vec), 0);
	for (unsigned i = 0; i < RAM_SIZE / 4096; i++)
		n += vec[i] & 1;
	gone = r->resident - n;
	r->most = gone > r->most ? gone : r->most;
	r->resident = n;
	return false;
}

/* Pages of no use make a request long: only every 16th is one that we see. */
TEST(balloon_long_requests_take_turns)
{
	struct round r = { .idle = { .run = round_look, .opaque = &r } };
	uint32_t n = RAM_SIZE / 4096 / 2 * 16, len = 4 * n;
	unsigned token;
	uint32_t got;
	struct bench b;
	gpa_t at;

	bench_pages(&b, false, TAGS);
	r.b = &b;
	at = vdriver_alloc(&b.d, len, 4);
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(mem_store_le32(&b.r.mem, at + 4 * i,
					i % 16 ? 0 : PFN + i / 16 * 2),
			 0);
	round_look(&r);
	CHECK_EQ(r.resident, RAM_SIZE / 4096);
	r.most = 0;
	loop_idle_add(b.r.loop, &r.idle);
	CHECK(vdq_add(&b.d, 0, &(struct vbuf){ at, len, false }, 1) >= 0);
	vdq_kick(&b.d, 0);
	for (unsigned i = 0; !vdq_get(&b.d, 0, &token, &got); i++) {
		CHECK(i < 1000);
		rig_poll(&b.r);
	}
	rig_poll(&b.r);
	CHECK_EQ(r.resident, RAM_SIZE / 4096 / 2);
	CHECK_EQ(r.most, 2048 / 16);
	loop_idle_del(b.r.loop, &r.idle);
	rig_destroy(&b.r);
}

TEST(balloon_request_that_a_pause_cuts_goes_on)
{
	uint32_t n = 16384, len = 4 * n, got;
	struct bench b;
	unsigned token;
	gpa_t at;

	bench_pages(&b, false, TAGS);
	at = vdriver_alloc(&b.d, len, 4);
	CHECK_EQ(mem_store_le32(&b.r.mem, at + len - 4, PFN + 7), 0);
	CHECK(vdq_add(&b.d, 0, &(struct vbuf){ at, len, false }, 1) >= 0);
	b.s->vdev.ops->kick(b.s->vdev.queue[0]);
	CHECK(b.s->work[0].e != NULL);
	CHECK_EQ(b.ram[7 * 4096], 0x77);
	virtio_device_stop(&b.s->vdev.dev);
	CHECK(b.s->work[0].e == NULL);
	virtio_device_start(&b.s->vdev.dev);
	for (unsigned i = 0; !vdq_get(&b.d, 0, &token, &got); i++) {
		CHECK(i < 1000);
		rig_poll(&b.r);
	}
	CHECK_EQ(b.ram[7 * 4096], 0);
	vdriver_reset(&b.d);
	rig_destroy(&b.r);
}

/* Buffers may overlap, so a request of 4 GiB costs the guest nothing. */
TEST(balloon_large_reports_take_turns)
{
	const uint64_t ram = 256 << 20;
	const struct mem_config cfg = { 0 };
	struct balloon_info info;
	struct err err = { 0 };
	struct vbuf v[15];
	unsigned token;
	uint32_t got;
	struct bench b;

	bench(&b, false, TAGS);
	CHECK_EQ(mem_add_ram(&b.r.mem, 2ull << 30, ram, &cfg, &err), 0);
	for (unsigned i = 0; i < 15; i++)
		v[i] = (struct vbuf){ 2ull << 30, (uint32_t)ram, true };
	CHECK(vdq_add(&b.d, 4, v, 15) >= 0);
	b.s->vdev.ops->kick(b.s->vdev.queue[4]);
	virtio_balloon_info(b.s, &info);
	CHECK(info.reported > 0);
	CHECK(info.reported < 128 << 20); /* two pieces at most */
	for (unsigned i = 0; !vdq_get(&b.d, 4, &token, &got); i++) {
		CHECK(i < 1000);
		rig_poll(&b.r);
	}
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.reported, 15 * ram);
	rig_destroy(&b.r);
}

static void check_reporting(unsigned queue, uint64_t features)
{
	struct vbuf bufs[] = { { RAM + 0x3000, 0x4000, true },
			       { RAM + 0x10800, 0x2000, true } };
	struct balloon_info info;
	struct bench b;

	bench_pages(&b, false, features);
	CHECK_EQ(vdq_do(&b.d, queue, bufs, 2), 0);
	for (unsigned i = 0; i < 0x20; i++)
		/* Of the second, only 0x11000 to 0x12000 is a whole page. */
		CHECK_EQ(b.ram[4096 * (size_t)i],
			 (i >= 3 && i < 7) || i == 0x11 ? 0 : 0x77);
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.reported, 0x6000);
	rig_destroy(&b.r);
}

TEST(balloon_takes_reported_pages_on_whichever_queue)
{
	check_reporting(4, TAGS);
	check_reporting(3, TAGS);
	check_reporting(2, VIRTIO_BIT(5));
}

TEST(balloon_tells_its_target_and_learns_the_actual_size)
{
	struct balloon_info info;
	uint32_t val;
	struct bench b;

	bench(&b, false, TAGS);
	virtio_balloon_set_target(b.s, 0x123456);
	CHECK_EQ(b.d.config_irqs, 1);
	vdriver_config(&b.d, 0, &val, 4);
	CHECK_EQ(le32toh(val), 0x123);
	val = htole32(0x100);
	vdriver_config_write(&b.d, 4, &val, 4);
	vdriver_config_write(&b.d, 0, &val, 4); /* the host's to write */
	vdriver_config_write(&b.d, 6, &val, 4); /* across its end */
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.target, 0x123000);
	CHECK_EQ(info.actual, 0x100000);
	virtio_balloon_set_target(b.s, UINT64_MAX);
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.target, (uint64_t)UINT32_MAX << 12);
	vdriver_reset(&b.d);
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.actual, 0);
	rig_destroy(&b.r);
}

static void put_stat(struct bench *b, unsigned i, uint16_t tag, uint64_t val)
{
	CHECK_EQ(mem_store_le16(&b->r.mem, RIG_RAM2 + 10 * i, tag), 0);
	CHECK_EQ(mem_store_le64(&b->r.mem, RIG_RAM2 + 10 * i + 2, val), 0);
}

TEST(balloon_asks_for_statistics)
{
	struct vbuf buf = { RIG_RAM2, 35, false };
	struct balloon_info info;
	struct bench b;
	unsigned token;
	uint32_t len;

	bench(&b, false, TAGS);
	virtio_balloon_ask(b.s); /* there is no buffer yet */
	rig_advance_s(&b.r, 5);
	put_stat(&b, 0, 4, 1000);
	put_stat(&b, 1, 5, 2000);
	put_stat(&b, 2, 99, 1); /* one that we do not know */
	CHECK(vdq_add(&b.d, 2, &buf, 1) >= 0);
	vdq_kick(&b.d, 2);
	CHECK(!vdq_get(&b.d, 2, &token, &len)); /* we keep it */
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.stat[BALLOON_FREE], 1000);
	CHECK_EQ(info.stat[BALLOON_TOTAL], 2000);
	CHECK_EQ(info.stat[BALLOON_CACHES], UINT64_MAX);
	CHECK_EQ(info.stat_ns, 5000000000);
	/* A pause gives it to the ring and takes it again. */
	virtio_device_stop(&b.s->vdev.dev);
	virtio_device_start(&b.s->vdev.dev);
	CHECK(!vdq_get(&b.d, 2, &token, &len));
	virtio_balloon_ask(b.s);
	CHECK(vdq_get(&b.d, 2, &token, &len));
	CHECK_EQ(vdq_take_irqs(&b.d, 2), 1);
	put_stat(&b, 0, 4, 3000);
	CHECK(vdq_add(&b.d, 2, &buf, 1) >= 0);
	vdq_kick(&b.d, 2);
	virtio_balloon_info(b.s, &info);
	CHECK_EQ(info.stat[BALLOON_FREE], 3000);
	vdriver_reset(&b.d);
	virtio_balloon_ask(b.s); /* the buffer is gone */
	rig_destroy(&b.r);
}

/* What --log info shows of it. */
static void log_text(char *text, size_t size, const char *path)
{
	FILE *f = fopen(path, "re");

	CHECK(f != NULL);
	text[fread(text, 1, size - 1, f)] = 0;
	fclose(f);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

TEST(balloon_of_a_size_tells_of_the_guests_memory_in_time)
{
	struct vbuf buf = { RIG_RAM2, 20, false };
	char path[] = "/tmp/vmm-test-XXXXXX", text[1024];
	struct err err = { 0 };
	uint32_t val = 0, len;
	unsigned token;
	struct bench b;

	CHECK(close(mkstemp(path)) == 0);
	CHECK_EQ(log_open(LOG_LEVEL_INFO, path, &err), 0);
	rig_init(&b.r);
	rig_device(&b.r, &virtio_balloon_class, "size=3M,stats=7", 0);
	b.s = container_of(b.r.dev, struct virtio_balloon, vdev.dev);
	vdriver_init(&b.d, &b.r, &b.s->vdev);
	vdriver_start(&b.d, TAGS);
	vdriver_config(&b.d, 0, &val, 4);
	CHECK_EQ(le32toh(val), (3 << 20) / 4096);
	put_stat(&b, 0, 2, 77);
	put_stat(&b, 1, 4, 5 << 20);
	CHECK(vdq_add(&b.d, 2, &buf, 1) >= 0);
	vdq_kick(&b.d, 2);
	rig_advance_s(&b.r, 6);
	CHECK(!vdq_get(&b.d, 2, &token, &len));
	for (unsigned i = 0; i < 2; i++) { /* once and again */
		rig_advance_s(&b.r, 7);
		CHECK(vdq_get(&b.d, 2, &token, &len));
		CHECK(vdq_add(&b.d, 2, &buf, 1) >= 0);
		vdq_kick(&b.d, 2);
	}
	log_text(text, sizeof(text), path);
	CHECK_EQ(count(text, "in the balloon 0K, reported 0K, major-faults 77, "
			     "free 5120K\n"),
		 2); /* what nobody asked for is not told */
	rig_destroy(&b.r);
	log_close();
	unlink(path);
}

TEST(balloon_features_follow_the_properties)
{
	struct rig r;
	struct device *dev;

	rig_init(&r);
	dev = rig_device(&r, &virtio_balloon_class,
			 "deflate-on-oom=off,free-page-reporting=off", 0);
	CHECK_EQ(virtio_offered(container_of(dev, struct virtio_device, dev),
				0) &
			 0xff,
		 2);
	rig_destroy(&r);
}
