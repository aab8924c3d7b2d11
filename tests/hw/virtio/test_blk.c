/* SPDX-License-Identifier: MIT */
/* virtio-blk over real files: requests, their errors, bad drivers. */
#include "hw/virtio/blk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/vdriver.h"
#include "tests/test.h"

#define SIZE (1u << 20)
#define ALL  UINT64_MAX

enum { T_IN, T_OUT, T_FLUSH = 4, T_ID = 8, T_DISCARD = 11, T_ZEROES = 13 };
#define BARRIER 0x80000000u
enum { S_OK, S_IOERR, S_UNSUPP, S_NONE = 0xff };
enum { F_FLUSH = 9, F_WCE = 11, F_MQ = 12, F_DISCARD = 13 };

/* A device over a file whose sectors hold their own numbers. */
struct bed {
	struct rig rig;
	struct vdriver d;
	struct virtio_blk *s;
	char path[64];
	gpa_t header, status, data;
};

static void bed_init(struct bed *b, const char *props)
{
	uint8_t sector[512];
	char text[256];
	int fd;

	strcpy(b->path, "/var/tmp/vmm-test-blk-XXXXXX");
	fd = mkstemp(b->path);
	CHECK(fd >= 0);
	for (unsigned i = 0; i < SIZE / 512; i++) {
		memset(sector, (int)i, sizeof(sector));
		CHECK_EQ(write(fd, sector, 512), 512);
	}
	close(fd);
	rig_init(&b->rig);
	snprintf(text, sizeof(text), "file=%s%s%s", b->path, *props ? "," : "",
		 props);
	b->s = (struct virtio_blk *)rig_device(&b->rig, &virtio_blk_class, text,
					       0);
	vdriver_init(&b->d, &b->rig, &b->s->vdev);
	b->header = vdriver_alloc(&b->d, 16, 16);
	b->status = vdriver_alloc(&b->d, 1, 1);
	b->data = vdriver_alloc(&b->d, 65536, 4096);
}

static void bed_start(struct bed *b, const char *props)
{
	bed_init(b, props);
	vdriver_start(&b->d, ALL);
}

static void bed_end(struct bed *b)
{
	rig_destroy(&b->rig);
	unlink(b->path);
}

static void bed_header(struct bed *b, gpa_t at, uint32_t type, uint64_t sector)
{
	CHECK_EQ(mem_store_le32(&b->rig.mem, at, type), 0);
	CHECK_EQ(mem_store_le64(&b->rig.mem, at + 8, sector), 0);
}

static uint8_t bed_byte(struct bed *b, gpa_t at)
{
	uint8_t v;

	CHECK_EQ(mem_read(&b->rig.mem, at, &v, 1), 0);
	return v;
}

/* As vdq_do(), for requests that take the host a while. */
static uint32_t bed_request(struct bed *b, const struct vbuf *v, unsigned n)
{
	int token = vdq_add(&b->d, 0, v, n);
	unsigned got;
	uint32_t len;

	CHECK(token >= 0);
	vdq_kick(&b->d, 0);
	UNTIL((rig_poll(&b->rig), vdq_get(&b->d, 0, &got, &len)));
	CHECK_EQ(got, token);
	return len;
}

/* One ordinary request; its status. */
static uint8_t bed_do(struct bed *b, uint32_t type, uint64_t sector,
		      uint32_t len)
{
	uint32_t what = type & ~BARRIER;
	bool out = what == T_OUT || what >= T_DISCARD;
	struct vbuf v[3] = { { b->header, 16, false },
			     { b->data, len, !out },
			     { b->status, 1, true } };

	bed_header(b, b->header, type, sector);
	CHECK_EQ(mem_set(&b->rig.mem, b->status, S_NONE, 1), 0);
	if (!len)
		v[1] = v[2];
	CHECK_EQ(bed_request(b, v, len ? 3 : 2), out ? 1 : len + 1);
	return bed_byte(b, b->status);
}

static uint8_t bed_range(struct bed *b, uint32_t type, uint64_t sector,
			 uint32_t n, uint32_t flags)
{
	CHECK_EQ(mem_store_le64(&b->rig.mem, b->data, sector), 0);
	CHECK_EQ(mem_store_le32(&b->rig.mem, b->data + 8, n), 0);
	CHECK_EQ(mem_store_le32(&b->rig.mem, b->data + 12, flags), 0);
	return bed_do(b, type, 0, 16);
}

static uint8_t bed_sector(struct bed *b, unsigned sector)
{
	uint8_t v;
	int fd = open(b->path, O_RDONLY);

	CHECK_EQ(pread(fd, &v, 1, sector * 512 + 100), 1);
	close(fd);
	return v;
}

static const char *const bed_variants[] = {
	"aio=threads", "aio=auto",    "cache=none",
	"packed=on",   "in-order=on", "queues=4,snapshot=on",
};
#define BED_VARIANTS (sizeof(bed_variants) / sizeof(bed_variants[0]))

TEST(blk_reads_writes_and_flushes)
{
	struct bed b;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		bed_start(&b, bed_variants[i]);
		CHECK_EQ(bed_do(&b, T_IN, 7, 1024), S_OK);
		CHECK_EQ(bed_byte(&b, b.data), 7);
		CHECK_EQ(bed_byte(&b, b.data + 1023), 8);
		CHECK_EQ(mem_set(&b.rig.mem, b.data, 0xaa, 4096), 0);
		CHECK_EQ(bed_do(&b, T_OUT, 7, 512), S_OK);
		CHECK_EQ(bed_do(&b, T_FLUSH, 0, 0), S_OK);
		CHECK_EQ(bed_do(&b, T_IN, 6, 1536), S_OK);
		CHECK_EQ(bed_byte(&b, b.data + 511), 6);
		CHECK_EQ(bed_byte(&b, b.data + 512), 0xaa);
		CHECK_EQ(bed_byte(&b, b.data + 1024), 8);
		CHECK_EQ(bed_sector(&b, 7),
			 strstr(bed_variants[i], "snapshot") ? 7 : 0xaa);
		CHECK_EQ(bed_do(&b, T_IN, SIZE / 512 - 1, 512), S_OK);
		bed_end(&b);
	}
}

TEST(blk_refuses_what_lies_outside_and_survives)
{
	struct bed b;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		bed_start(&b, bed_variants[i]);
		CHECK_EQ(bed_do(&b, T_IN, SIZE / 512, 512), S_IOERR);
		CHECK_EQ(bed_do(&b, T_IN, SIZE / 512 - 1, 1024), S_IOERR);
		CHECK_EQ(bed_do(&b, T_OUT, UINT64_MAX, 512), S_IOERR);
		CHECK_EQ(bed_do(&b, T_IN, UINT64_MAX / 512, 65536), S_IOERR);
		CHECK_EQ(bed_do(&b, T_IN, 0, 511), S_IOERR);
		CHECK_EQ(bed_do(&b, T_OUT, 0, 513), S_IOERR);
		CHECK_EQ(bed_do(&b, 77, 0, 512), S_UNSUPP);
		CHECK_EQ(bed_do(&b, T_DISCARD, 0, 16), S_UNSUPP);
		CHECK_EQ(bed_do(&b, T_IN, 0, 0), S_OK);
		CHECK_EQ(bed_do(&b, T_IN, 3, 512), S_OK);
		CHECK_EQ(bed_byte(&b, b.data), 3);
		CHECK(!vdriver_needs_reset(&b.d));
		bed_end(&b);
	}
}

/* As SLOF asks for each sector. */
TEST(blk_takes_a_barrier_that_it_does_not_offer_for_none)
{
	struct bed b;

	bed_start(&b, "");
	CHECK_EQ(bed_do(&b, BARRIER | T_IN, 3, 512), S_OK);
	CHECK_EQ(bed_byte(&b, b.data), 3);
	CHECK_EQ(bed_do(&b, BARRIER | T_OUT, 5, 512), S_OK);
	CHECK_EQ(bed_do(&b, T_IN, 5, 512), S_OK);
	CHECK_EQ(bed_byte(&b, b.data), 3);
	CHECK_EQ(bed_do(&b, BARRIER | 77, 0, 512), S_UNSUPP);
	bed_end(&b);
}

TEST(blk_takes_any_layout_of_buffers)
{
	struct bed b;
	gpa_t d;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		/* header in three pieces, data and status in one */
		struct vbuf in[4], out[2];

		bed_start(&b, bed_variants[i]);
		d = b.data + 1;
		in[0] = (struct vbuf){ b.header, 3, false };
		in[1] = (struct vbuf){ b.header + 3, 12, false };
		in[2] = (struct vbuf){ b.header + 15, 1, false };
		in[3] = (struct vbuf){ d, 513, true };
		bed_header(&b, b.header, T_IN, 9);
		CHECK_EQ(bed_request(&b, in, 4), 513);
		CHECK_EQ(bed_byte(&b, d), 9);
		CHECK_EQ(bed_byte(&b, d + 511), 9);
		CHECK_EQ(bed_byte(&b, d + 512), S_OK);
		/* header and data in one */
		bed_header(&b, d, T_OUT, 9);
		CHECK_EQ(mem_set(&b.rig.mem, d + 16, 0x55, 512), 0);
		out[0] = (struct vbuf){ d, 16 + 512, false };
		out[1] = (struct vbuf){ b.status, 1, true };
		CHECK_EQ(bed_request(&b, out, 2), 1);
		CHECK_EQ(bed_byte(&b, b.status), S_OK);
		CHECK_EQ(bed_do(&b, T_IN, 9, 1024), S_OK);
		CHECK_EQ(bed_byte(&b, b.data + 511), 0x55);
		CHECK_EQ(bed_byte(&b, b.data + 512), 10);
		/* the status behind a buffer of no length */
		in[0] = (struct vbuf){ b.header, 16, false };
		in[1] = (struct vbuf){ d, 513, true };
		in[2] = (struct vbuf){ d, 0, true };
		bed_header(&b, b.header, T_IN, 11);
		CHECK_EQ(bed_request(&b, in, 3), 513);
		CHECK_EQ(bed_byte(&b, d + 511), 11);
		CHECK_EQ(bed_byte(&b, d + 512), S_OK);
		bed_end(&b);
	}
}

TEST(blk_says_who_it_is)
{
	char id[20];
	uint64_t capacity;
	uint32_t size;
	struct bed b;

	bed_start(&b, "serial=root-disk,logical-block-size=4096");
	vdriver_config(&b.d, 0, &capacity, 8);
	CHECK_EQ(capacity, SIZE / 512);
	vdriver_config(&b.d, 20, &size, 4);
	CHECK_EQ(size, 4096);
	CHECK_EQ(bed_do(&b, T_ID, 0, 20), S_OK);
	CHECK_EQ(mem_read(&b.rig.mem, b.data, id, 20), 0);
	CHECK_STR(id, "root-disk");
	CHECK_EQ(bed_do(&b, T_ID, 0, 19), S_IOERR);
	CHECK_EQ(bed_do(&b, T_IN, 1, 4096), S_IOERR); /* no whole block */
	CHECK_EQ(bed_do(&b, T_IN, 8, 512), S_IOERR);
	CHECK_EQ(bed_do(&b, T_IN, 8, 4096), S_OK);
	bed_end(&b);
}

TEST(blk_discards_and_writes_zeroes)
{
	uint32_t limit;
	struct bed b;

	bed_start(&b, "discard=on");
	vdriver_config(&b.d, 36, &limit, 4);
	CHECK_EQ(bed_range(&b, T_ZEROES, 5, 2, 0), S_OK);
	CHECK_EQ(bed_sector(&b, 4), 4);
	CHECK_EQ(bed_sector(&b, 5), 0);
	CHECK_EQ(bed_sector(&b, 6), 0);
	CHECK_EQ(bed_sector(&b, 7), 7);
	CHECK_EQ(bed_range(&b, T_ZEROES, 16, 8, 1), S_OK);
	CHECK_EQ(bed_sector(&b, 20), 0);
	CHECK_EQ(bed_range(&b, T_DISCARD, 32, 64, 0), S_OK);
	CHECK_EQ(bed_sector(&b, 50), 0);
	CHECK_EQ(bed_sector(&b, 96), 96);
	CHECK_EQ(bed_range(&b, T_DISCARD, 0, 0, 0), S_OK);
	CHECK_EQ(bed_range(&b, T_DISCARD, 0, 1, 1), S_UNSUPP);
	CHECK_EQ(bed_range(&b, T_ZEROES, 0, 1, 2), S_UNSUPP);
	CHECK_EQ(bed_range(&b, T_ZEROES, SIZE / 512, 1, 0), S_IOERR);
	CHECK_EQ(bed_range(&b, T_ZEROES, UINT64_MAX, 2, 0), S_IOERR);
	CHECK_EQ(bed_range(&b, T_DISCARD, 0, limit + 1, 0), S_IOERR);
	CHECK_EQ(bed_do(&b, T_DISCARD, 0, 8), S_IOERR);
	CHECK_EQ(bed_do(&b, T_DISCARD, 0, 16 * 33), S_IOERR);
	CHECK_EQ(bed_sector(&b, 1), 1);
	/* two ranges in one request */
	CHECK_EQ(mem_set(&b.rig.mem, b.data, 0, 64), 0);
	CHECK_EQ(mem_store_le64(&b.rig.mem, b.data, 200), 0);
	CHECK_EQ(mem_store_le32(&b.rig.mem, b.data + 8, 8), 0);
	CHECK_EQ(mem_store_le64(&b.rig.mem, b.data + 16, 216), 0);
	CHECK_EQ(mem_store_le32(&b.rig.mem, b.data + 24, 8), 0);
	CHECK_EQ(bed_do(&b, T_ZEROES, 0, 32), S_OK);
	CHECK_EQ(bed_sector(&b, 200), 0);
	CHECK_EQ(bed_sector(&b, 208), 208);
	CHECK_EQ(bed_sector(&b, 220), 0);
	bed_end(&b);
}

TEST(blk_that_is_readonly_takes_no_writes)
{
	struct bed b;

	bed_start(&b, "readonly=on");
	CHECK(virtio_offered(&b.s->vdev, 0) & 1u << 5);
	CHECK_EQ(bed_do(&b, T_OUT, 0, 512), S_IOERR);
	CHECK_EQ(bed_range(&b, T_ZEROES, 0, 1, 0), S_IOERR);
	CHECK_EQ(bed_do(&b, T_FLUSH, 0, 0), S_OK);
	CHECK_EQ(bed_do(&b, T_IN, 1, 512), S_OK);
	bed_end(&b);
}

/* Linux has it since 4.7, qemu-user has not. */
static bool dsync_works(void)
{
	struct iovec v = { (char[]){ 0 }, 1 };
	FILE *f = tmpfile();
	bool works = f && pwritev2(fileno(f), &v, 1, 0, RWF_DSYNC) == 1;

	if (f)
		fclose(f);
	return works;
}

TEST(blk_lets_the_driver_choose_write_through)
{
	uint8_t on = 0xff, off = 0;
	struct bed b;

	if (!dsync_works())
		SKIP_TEST("this host has no RWF_DSYNC");
	bed_start(&b, "");
	vdriver_config(&b.d, 32, &on, 1);
	CHECK_EQ(on, 1);
	vdriver_config_write(&b.d, 32, &off, 1);
	vdriver_config(&b.d, 32, &on, 1);
	CHECK_EQ(on, 0);
	CHECK(!b.s->writeback);
	CHECK_EQ(bed_do(&b, T_OUT, 0, 512), S_OK);
	vdriver_config_write(&b.d, 0, &off, 1);
	vdriver_reset(&b.d);
	vdriver_config(&b.d, 32, &on, 1);
	CHECK_EQ(on, 1);
	/* without FLUSH writes go through as well */
	vdriver_start(&b.d, 0);
	CHECK_EQ(bed_do(&b, T_OUT, 0, 512), S_OK);
	/* who cannot flush begins so, and may still choose */
	vdriver_reset(&b.d);
	vdriver_start(&b.d, VIRTIO_BIT(F_WCE));
	vdriver_config(&b.d, 32, &on, 1);
	CHECK_EQ(on, 0);
	CHECK(!b.s->writeback);
	vdriver_reset(&b.d);
	vdriver_start(&b.d, VIRTIO_BIT(F_WCE) | VIRTIO_BIT(F_FLUSH));
	vdriver_config(&b.d, 32, &on, 1);
	CHECK_EQ(on, 1);
	CHECK(b.s->writeback);
	bed_end(&b);
}

TEST(blk_serves_a_full_ring_each_request_once)
{
	static bool seen[1024];
	unsigned n, got, token;
	struct bed b;
	uint32_t len;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		unsigned last;

		bed_start(&b, bed_variants[i]);
		last = b.s->vdev.nqueues - 1;
		memset(seen, 0, sizeof(seen));
		for (n = 0;; n++) {
			gpa_t h = vdriver_alloc(&b.d, 16, 16);
			gpa_t p = vdriver_alloc(&b.d, 513, 1);
			struct vbuf v[2] = { { h, 16, false },
					     { p, 513, true } };

			bed_header(&b, h, T_IN, n);
			if (vdq_add(&b.d, last, v, 2) < 0)
				break;
		}
		CHECK(n >= 100);
		vdq_kick(&b.d, last);
		for (got = 0; got < n; rig_poll(&b.rig))
			while (vdq_get(&b.d, last, &token, &len)) {
				CHECK_EQ(len, 513);
				CHECK(!seen[token]);
				seen[token] = true;
				got++;
			}
		CHECK(vdq_take_irqs(&b.d, last) >= 1);
		bed_end(&b);
	}
}

TEST(blk_is_reset_with_requests_in_flight)
{
	struct bed b;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		bed_start(&b, bed_variants[i]);
		for (unsigned k = 0; k < 50; k++) {
			gpa_t h = vdriver_alloc(&b.d, 16, 16);
			gpa_t p = vdriver_alloc(&b.d, 4097, 1);
			struct vbuf v[2] = { { h, 16, false },
					     { p, 4097, true } };

			bed_header(&b, h, T_IN, k);
			CHECK(vdq_add(&b.d, 0, v, 2) >= 0);
		}
		vdq_kick_only(&b.d, 0);
		if (i % 2)
			rig_poll(&b.rig);
		vdriver_reset(&b.d);
		vdriver_start(&b.d, ALL);
		CHECK_EQ(bed_do(&b, T_IN, 5, 512), S_OK);
		CHECK_EQ(bed_byte(&b, b.data), 5);
		bed_end(&b);
	}
}

/* Asks 64 times for zeroes on all of the disk, half of it a range; the device
 * has seen it then.  status: where the answers come, S_NONE so far. */
static void bed_ask_zeroes(struct bed *b, gpa_t status[64])
{
	for (unsigned i = 0; i < 2; i++) {
		gpa_t at = b->data + 16 * i;

		CHECK_EQ(mem_store_le64(&b->rig.mem, at, i * SIZE / 1024), 0);
		CHECK_EQ(mem_store_le32(&b->rig.mem, at + 8, SIZE / 1024), 0);
		CHECK_EQ(mem_store_le32(&b->rig.mem, at + 12, 0), 0);
	}
	for (unsigned k = 0; k < 64; k++) {
		gpa_t header = vdriver_alloc(&b->d, 16, 16);

		status[k] = vdriver_alloc(&b->d, 1, 1);
		CHECK_EQ(mem_set(&b->rig.mem, status[k], S_NONE, 1), 0);
		bed_header(b, header, T_ZEROES, 0);
		CHECK(vdq_add(&b->d, 0,
			      (struct vbuf[]){ { header, 16, false },
					       { b->data, 32, false },
					       { status[k], 1, true } },
			      3) >= 0);
	}
	/* Each round gives the threads four more at most. */
	vdq_kick_only(&b->d, 0);
	rig_rounds(&b->rig, 2);
}

static unsigned bed_answers(struct bed *b, const gpa_t status[64], uint8_t s)
{
	unsigned n = 0;

	for (unsigned k = 0; k < 64; k++)
		n += bed_byte(b, status[k]) == s;
	return n;
}

TEST(blk_reset_does_not_wait_for_zeroes_not_begun)
{
	gpa_t status[64];
	struct bed b;

	bed_start(&b, "");
	bed_ask_zeroes(&b, status);
	vdriver_reset(&b.d);
	CHECK(bed_answers(&b, status, S_IOERR) >= 32);
	vdriver_start(&b.d, ALL);
	CHECK_EQ(bed_range(&b, T_ZEROES, 5, 2, 0), S_OK);
	bed_end(&b);
}

TEST(blk_pause_keeps_zeroes_not_begun)
{
	unsigned token, done;
	gpa_t status[64];
	struct bed b;
	uint32_t len;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		bed_start(&b, bed_variants[i]);
		bed_ask_zeroes(&b, status);
		for (unsigned pauses = 0; pauses < 2; pauses++) {
			virtio_device_stop(&b.s->vdev.dev);
			CHECK_EQ(bed_answers(&b, status, S_IOERR), 0);
			CHECK(bed_answers(&b, status, S_NONE) >= 16);
			virtio_device_start(&b.s->vdev.dev);
		}
		for (done = 0; done < 64; rig_poll(&b.rig))
			while (vdq_get(&b.d, 0, &token, &len)) {
				CHECK_EQ(len, 1);
				done++;
			}
		CHECK_EQ(bed_answers(&b, status, S_OK), 64);
		CHECK_EQ(bed_do(&b, T_IN, SIZE / 512 - 1, 512), S_OK);
		CHECK_EQ(bed_byte(&b, b.data), 0);
		bed_end(&b);
	}
}

TEST(blk_that_is_reset_in_a_pause_forgets_what_it_kept)
{
	gpa_t status[64];
	unsigned before;
	struct bed b;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		bed_start(&b, bed_variants[i]);
		bed_ask_zeroes(&b, status);
		virtio_device_stop(&b.s->vdev.dev);
		before = bed_answers(&b, status, S_NONE);
		CHECK(before >= 32);
		vdriver_reset(&b.d);
		virtio_device_start(&b.s->vdev.dev);
		vdriver_start(&b.d, ALL);
		CHECK_EQ(bed_do(&b, T_IN, 5, 512), S_OK);
		CHECK_EQ(bed_range(&b, T_ZEROES, 5, 2, 0), S_OK);
		CHECK_EQ(bed_answers(&b, status, S_NONE), before);
		bed_end(&b);
	}
}

/* Sees how much of the ring each round of the loop gives back. */
struct round {
	struct loop_idle idle;
	struct bed *b;
	uint16_t seen, most;
};

static bool round_look(void *opaque)
{
	struct round *r = opaque;
	uint16_t used = 0, n;

	CHECK_EQ(mem_load_le16(&r->b->rig.mem, r->b->d.q[0].q->device + 2,
			       &used),
		 0);
	n = (uint16_t)(used - r->seen);
	r->seen = used;
	r->most = n > r->most ? n : r->most;
	return false;
}

TEST(blk_requests_that_end_at_once_take_turns)
{
	struct round r = { .idle = { .run = round_look, .opaque = &r } };
	struct bed b;

	bed_init(&b, "queue-size=1024");
	vdriver_start(&b.d, ALL);
	r.b = &b;
	loop_idle_add(b.rig.loop, &r.idle);
	for (unsigned i = 0; i < 1024; i++)
		CHECK(vdq_add(&b.d, 0, &(struct vbuf){ b.status, 1, true },
			      1) >= 0);
	vdq_kick(&b.d, 0);
	for (unsigned i = 0; r.seen < 1024; i++) {
		CHECK(i < 10000);
		rig_poll(&b.rig);
	}
	CHECK(r.most <= 600);
	loop_idle_del(b.rig.loop, &r.idle);
	bed_end(&b);
}

TEST(blk_stops_at_requests_it_cannot_answer)
{
	struct vbuf v[2];
	struct bed b;

	/* no byte for the status */
	bed_start(&b, "");
	v[0] = (struct vbuf){ b.header, 16, false };
	CHECK(vdq_add(&b.d, 0, v, 1) >= 0);
	vdq_kick(&b.d, 0);
	CHECK(vdriver_needs_reset(&b.d));
	vdriver_start(&b.d, ALL);
	CHECK_EQ(bed_do(&b, T_IN, 5, 512), S_OK);
	bed_end(&b);

	/* a short header can be answered */
	bed_start(&b, "");
	v[0] = (struct vbuf){ b.header, 15, false };
	v[1] = (struct vbuf){ b.status, 1, true };
	CHECK_EQ(bed_request(&b, v, 2), 1);
	CHECK_EQ(bed_byte(&b, b.status), S_IOERR);
	CHECK_EQ(bed_request(&b, v + 1, 1), 1);
	CHECK_EQ(bed_byte(&b, b.status), S_IOERR);
	CHECK(!vdriver_needs_reset(&b.d));
	bed_end(&b);
}

TEST(blk_tells_the_guest_of_a_file_that_shrank)
{
	struct bed b;

	for (unsigned i = 0; i < BED_VARIANTS; i++) {
		bed_start(&b, bed_variants[i]);
		CHECK_EQ(truncate(b.path, 4096), 0);
		CHECK_EQ(bed_do(&b, T_IN, 100, 512), S_IOERR);
		CHECK_EQ(bed_do(&b, T_IN, 1, 512), S_OK);
		bed_end(&b);
	}
}

TEST(blk_serves_queues_on_io_threads)
{
	struct iothread t[2] = { 0 };
	struct device *dev;
	struct err err = { 0 };
	char text[128];
	struct bed b;

	bed_init(&b, "");
	device_free(b.rig.dev);
	b.rig.dev = NULL;
	CHECK_EQ(iothread_start(&t[0], "a", &err), 0);
	CHECK_EQ(iothread_start(&t[1], "b", &err), 0);
	dev = device_new(&virtio_blk_class, "virtio-blk.1");
	b.s = (struct virtio_blk *)dev;
	snprintf(text, sizeof(text), "file=%s,queues=3", b.path);
	CHECK_EQ(device_configure(dev, text, &err), 0);
	CHECK_EQ(virtio_set_loops(&b.s->vdev,
				  (struct loop *[]){ t[0].loop, t[1].loop }, 2),
		 0);
	CHECK_EQ(device_realize(dev, &b.rig.env, &err), 0);
	CHECK(b.s->vdev.queue[1]->loop == t[1].loop);
	vdriver_init(&b.d, &b.rig, &b.s->vdev);
	vdriver_start(&b.d, ALL);
	for (unsigned k = 0; k < 300; k++) {
		gpa_t h = vdriver_alloc(&b.d, 16, 16);
		gpa_t p = vdriver_alloc(&b.d, 513, 1);
		struct vbuf v[2] = { { h, 16, false }, { p, 513, true } };

		bed_header(&b, h, T_IN, k);
		CHECK(vdq_add(&b.d, k % 3, v, 2) >= 0);
	}
	for (unsigned q = 0; q < 3; q++)
		vdq_kick(&b.d, q);
	for (unsigned q = 0; q < 3; q++) {
		unsigned token, got = 0;
		uint32_t len;

		for (; got < 100; got++)
			UNTIL(vdq_get(&b.d, q, &token, &len));
	}
	vdriver_reset(&b.d);
	device_free(dev);
	iothread_stop(&t[0]);
	iothread_stop(&t[1]);
	bed_end(&b);
}
