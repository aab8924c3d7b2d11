/* SPDX-License-Identifier: MIT */
/* TCE tables: hypercalls against LoPAR 14.5.4.2, and what devices see. */
#include "hw/spapr/tce.h"

#include <endian.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define GET	 0x1c
#define PUT	 0x20
#define STUFF	 0x138
#define INDIRECT 0x13c

#define LIOBN 7
#define BASE  UINT64_C(0x8000000)
#define PAGES 16
#define END   (BASE + (PAGES << 12))
#define RW    (TCE_READ | TCE_WRITE)
#define PARAM ((uint64_t)H_PARAMETER)

struct tce_rig {
	struct rig r;
	struct tce_tables all;
	struct hcalls h;
	uint64_t out[HCALL_REGS];
};

static void tce_rig_make(struct tce_rig *t)
{
	struct err err = { 0 };

	*t = (struct tce_rig){ 0 };
	rig_init(&t->r);
	tce_init(&t->all, &t->r.mem);
	CHECK_EQ(tce_add(&t->all, LIOBN, BASE, 12, PAGES), 0);
	CHECK_EQ(hcalls_add(&t->h, tce_hcalls, &t->all, &err), 0);
}

static void tce_rig_free(struct tce_rig *t)
{
	hcalls_free(&t->h);
	tce_destroy(&t->all);
	rig_destroy(&t->r);
}

static uint64_t hcall(struct tce_rig *t, uint64_t nr, uint64_t liobn,
		      uint64_t ioba, uint64_t a, uint64_t b)
{
	const uint64_t in[HCALL_REGS] = { liobn, ioba, a, b };

	return (uint64_t)hcall_run(&t->h, 0, nr, in, t->out);
}

static uint64_t get(struct tce_rig *t, uint64_t ioba)
{
	CHECK_EQ(hcall(t, GET, LIOBN, ioba, 0, 0), H_SUCCESS);
	return t->out[0];
}

TEST(tce_put_is_got_and_stuffed)
{
	struct tce_rig t;

	tce_rig_make(&t);
	CHECK_EQ(get(&t, BASE), 0);
	CHECK_EQ(hcall(&t, PUT, LIOBN, BASE + 0x3000, RIG_RAM | RW, 0), 0);
	CHECK_EQ(get(&t, BASE + 0x2000), 0);
	CHECK_EQ(get(&t, BASE + 0x3000), RIG_RAM | RW);
	CHECK_EQ(get(&t, BASE + 0x4000), 0);
	CHECK_EQ(hcall(&t, STUFF, LIOBN, BASE, RIG_RAM | TCE_READ, PAGES), 0);
	CHECK_EQ(get(&t, END - 0x1000), RIG_RAM | TCE_READ);
	tce_clear(&t.all, LIOBN);
	CHECK_EQ(get(&t, END - 0x1000), 0);
	tce_rig_free(&t);
}

TEST(tce_list_is_big_endian_and_one_page)
{
	uint64_t list[3] = { htobe64(RIG_RAM | RW),
			     htobe64((RIG_RAM + 0x5000) | TCE_READ), 0 };
	struct tce_rig t;

	tce_rig_make(&t);
	CHECK_EQ(mem_write(&t.r.mem, RIG_RAM + 0x1000, list, sizeof(list)), 0);
	CHECK_EQ(hcall(&t, INDIRECT, LIOBN, BASE + 0x1000, RIG_RAM + 0x1000, 2),
		 0);
	CHECK_EQ(get(&t, BASE), 0);
	CHECK_EQ(get(&t, BASE + 0x1000), RIG_RAM | RW);
	CHECK_EQ(get(&t, BASE + 0x2000), (RIG_RAM + 0x5000) | TCE_READ);
	CHECK_EQ(get(&t, BASE + 0x3000), 0);
	CHECK_EQ(hcall(&t, INDIRECT, LIOBN, BASE, RIG_RAM + 0x1008, 1), PARAM);
	CHECK_EQ(hcall(&t, INDIRECT, LIOBN, BASE, RIG_RAM + 0x1000, 513),
		 PARAM);
	CHECK_EQ(hcall(&t, INDIRECT, LIOBN, BASE, RIG_RAM + 0x1000, UINT64_MAX),
		 PARAM);
	CHECK_EQ(hcall(&t, INDIRECT, LIOBN, BASE, 0x1000, 1), PARAM);
	CHECK_EQ(get(&t, BASE), 0);
	tce_rig_free(&t);
}

TEST(tce_addresses_outside_the_window_are_refused)
{
	static const uint64_t bad[] = { 0,
					BASE - 0x1000,
					END,
					BASE + 0x800,
					BASE + (UINT64_C(1) << 32),
					UINT64_MAX };
	struct tce_rig t;

	tce_rig_make(&t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_EQ(hcall(&t, PUT, LIOBN, bad[i], RW, 0), PARAM);
		CHECK_EQ(hcall(&t, GET, LIOBN, bad[i], 0, 0), PARAM);
		CHECK_EQ(hcall(&t, STUFF, LIOBN, bad[i], RW, 1), PARAM);
		CHECK_EQ(hcall(&t, INDIRECT, LIOBN, bad[i], RIG_RAM, 1), PARAM);
	}
	CHECK_EQ(hcall(&t, PUT, LIOBN + 1, BASE, RW, 0), PARAM);
	CHECK_EQ(hcall(&t, GET, LIOBN + (UINT64_C(1) << 32), BASE, 0, 0),
		 PARAM);
	CHECK_EQ(hcall(&t, STUFF, LIOBN, BASE, RW, PAGES + 1), PARAM);
	CHECK_EQ(hcall(&t, STUFF, LIOBN, BASE + 0x1000, RW, PAGES), PARAM);
	CHECK_EQ(hcall(&t, STUFF, LIOBN, BASE, RW, UINT64_MAX), PARAM);
	/* An entry with bits between the page and the permissions. */
	CHECK_EQ(hcall(&t, PUT, LIOBN, BASE, RIG_RAM | 4, 0), PARAM);
	CHECK_EQ(get(&t, BASE), 0);
	tce_rig_free(&t);
}

TEST(tce_devices_see_memory_page_by_page)
{
	uint8_t buf[0x1800], back[sizeof(buf)];
	struct tce_rig t;

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i * 7);
	tce_rig_make(&t);
	hcall(&t, PUT, LIOBN, BASE, (RIG_RAM + 0x9000) | RW, 0);
	hcall(&t, PUT, LIOBN, BASE + 0x1000, (RIG_RAM + 0x2000) | RW, 0);
	CHECK_EQ(tce_write(&t.all, LIOBN, BASE + 0x400, buf, sizeof(buf)), 0);
	CHECK_EQ(mem_read(&t.r.mem, RIG_RAM + 0x9400, back, 0xc00), 0);
	CHECK_EQ(mem_read(&t.r.mem, RIG_RAM + 0x2000, back + 0xc00, 0xc00), 0);
	CHECK_MEM(buf, back, sizeof(buf));
	memset(back, 0, sizeof(back));
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE + 0x400, back, sizeof(back)), 0);
	CHECK_MEM(buf, back, sizeof(buf));
	tce_rig_free(&t);
}

TEST(tce_permissions_and_holes_stop_devices)
{
	const uint64_t bad = (uint64_t)-EFAULT;
	struct tce_rig t;
	uint8_t buf[32] = { 0 };

	tce_rig_make(&t);
	hcall(&t, PUT, LIOBN, BASE, RIG_RAM | TCE_READ, 0);
	hcall(&t, PUT, LIOBN, BASE + 0x1000, RIG_RAM | TCE_WRITE, 0);
	hcall(&t, PUT, LIOBN, BASE + 0x2000, 0x5000 | RW, 0); /* no RAM */
	hcall(&t, PUT, LIOBN, END - 0x1000, RIG_RAM | RW, 0);
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE, buf, 32), 0);
	CHECK_EQ(tce_write(&t.all, LIOBN, BASE, buf, 32), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE + 0x1000, buf, 32), bad);
	CHECK_EQ(tce_write(&t.all, LIOBN, BASE + 0x1000, buf, 32), 0);
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE + 0x2000, buf, 32), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE + 0x3000, buf, 1), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE + 0xff0, buf, 32), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN, END - 16, buf, 16), 0);
	CHECK_EQ(tce_read(&t.all, LIOBN, END - 16, buf, 17), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN, BASE - 1, buf, 1), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN, UINT64_MAX, buf, 2), bad);
	CHECK_EQ(tce_read(&t.all, LIOBN + 1, BASE, buf, 1), bad);
	tce_rig_free(&t);
}

TEST(tce_iovecs_are_bounded)
{
	struct iovec iov[2];
	unsigned n = 0;
	struct tce_rig t;

	tce_rig_make(&t);
	hcall(&t, PUT, LIOBN, BASE, (RIG_RAM + 0x9000) | RW, 0);
	hcall(&t, PUT, LIOBN, BASE + 0x1000, (RIG_RAM + 0x2000) | RW, 0);
	hcall(&t, PUT, LIOBN, BASE + 0x2000, (RIG_RAM + 0x7000) | RW, 0);
	CHECK_EQ(tce_iov(&t.all, LIOBN, BASE + 0xf00, 0x200, true, iov, &n, 2),
		 0);
	CHECK_EQ(n, 2);
	CHECK(iov[0].iov_base == mem_run(&t.r.mem, RIG_RAM + 0x9f00, 0x100));
	CHECK_EQ(iov[0].iov_len, 0x100);
	CHECK(iov[1].iov_base == mem_run(&t.r.mem, RIG_RAM + 0x2000, 0x100));
	n = 0;
	CHECK_EQ(tce_iov(&t.all, LIOBN, BASE, 0x2001, true, iov, &n, 2),
		 (uint64_t)-E2BIG);
	tce_rig_free(&t);
}

TEST(tce_tables_have_numbers_and_pages_of_their_own)
{
	struct tce_rig t;
	uint8_t byte;

	tce_rig_make(&t);
	CHECK_EQ(tce_add(&t.all, LIOBN, 0, 12, 1), (uint64_t)-EEXIST);
	CHECK_EQ(tce_add(&t.all, 8, UINT64_C(1) << 59, 16, 4), 0);
	CHECK_EQ(hcall(&t, PUT, 8, (UINT64_C(1) << 59) | 0x10000,
		       (RIG_RAM + 0x10000) | RW, 0),
		 0);
	CHECK_EQ(hcall(&t, PUT, 8, UINT64_C(1) << 59, (RIG_RAM + 0x1000) | RW,
		       0),
		 PARAM); /* not on a page of 64K */
	CHECK_EQ(mem_set(&t.r.mem, RIG_RAM + 0x1fffe, 0x5a, 1), 0);
	CHECK_EQ(tce_read(&t.all, 8, (UINT64_C(1) << 59) + 0x1fffe, &byte, 1),
		 0);
	CHECK_EQ(byte, 0x5a);
	CHECK(tce_remove(&t.all, 8));
	CHECK(!tce_remove(&t.all, 8));
	CHECK_EQ(hcall(&t, GET, 8, UINT64_C(1) << 59, 0, 0), PARAM);
	for (unsigned i = 1; i < TCE_MAX_TABLES; i++)
		CHECK_EQ(tce_add(&t.all, 100 + i, 0, 12, 1), 0);
	CHECK_EQ(tce_add(&t.all, 99, 0, 12, 1), (uint64_t)-ENOSPC);
	tce_rig_free(&t);
}

/* ---- tables that an accelerator has */

struct kernel {
	struct tce_kernel k;
	int fd; /* a copy; -1: it refuses */
	uint64_t base, n;
};

static bool kernel_open(struct tce_kernel *k, uint32_t liobn, uint64_t base,
			unsigned shift, uint64_t n, int *fd)
{
	struct kernel *s = container_of(k, struct kernel, k);

	(void)liobn, (void)shift;
	s->base = base;
	s->n = n;
	if (s->fd < 0)
		return false;
	*fd = memfd_create("tce", MFD_CLOEXEC);
	CHECK(*fd >= 0 && ftruncate(*fd, (off_t)(n * 8)) == 0);
	s->fd = dup(*fd);
	return true;
}

TEST(tce_entries_of_the_accelerator_count_at_once)
{
	struct kernel k = { .k = { kernel_open } };
	uint64_t tce = RIG_RAM | TCE_READ, back;
	struct tce_tables all;
	char got[5] = "";
	struct rig r;

	rig_init(&r);
	tce_init(&all, &r.mem);
	all.kernel = &k.k;
	CHECK_EQ(mem_write(&r.mem, RIG_RAM + 8, "data", 4), 0);
	CHECK_EQ(tce_add(&all, 5, 0x10000, 12, 512), 0);
	CHECK_EQ(k.base, 0x10000);
	CHECK_EQ(k.n, 512);
	CHECK_EQ(tce_read(&all, 5, 0x11008, got, 4), (uint64_t)-EFAULT);
	CHECK_EQ(pwrite(k.fd, &tce, 8, 8), 8);
	CHECK_EQ(tce_read(&all, 5, 0x11008, got, 4), 0);
	CHECK_STR(got, "data");
	tce_clear(&all, 5);
	CHECK_EQ(pread(k.fd, &back, 8, 8), 8);
	CHECK_EQ(back, 0);
	CHECK(tce_remove(&all, 5));
	close(k.fd);
	/* One that it refuses is ours. */
	k.fd = -1;
	CHECK_EQ(tce_add(&all, 5, 0, 12, 512), 0);
	CHECK_EQ(tce_read(&all, 5, 8, got, 4), (uint64_t)-EFAULT);
	tce_destroy(&all);
	rig_destroy(&r);
}
