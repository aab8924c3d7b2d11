/* SPDX-License-Identifier: MIT */
/* hw/core/mem: no byte outside a range is reachable. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hw/core/mem.h"
#include "tests/test.h"

static const struct mem_config plain;

static size_t host_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void ranges(struct mem *m)
{
	struct err err = { 0 };

	*m = (struct mem){ 0 };
	CHECK_EQ(mem_add_ram(m, 0x100000, 0x2000, &plain, &err), 0);
	CHECK_EQ(mem_add_ram(m, 0, 0x1000, &plain, &err), 0);
	CHECK_EQ(mem_add_ram(m, 0x1000, 0x1000, &plain, &err), 0);
}

TEST(mem_run_stays_inside_one_range)
{
	struct mem m;

	ranges(&m);
	CHECK(mem_run(&m, 0, 0x1000));
	CHECK(!mem_run(&m, 0, 0x1001)); /* the next range, but not this one */
	CHECK(mem_run(&m, 0x101fff, 1));
	CHECK(!mem_run(&m, 0x101fff, 2));
	CHECK(!mem_run(&m, 0x102000, 0));
	CHECK(!mem_run(&m, 0x100000, UINT64_MAX));
	CHECK(!mem_run(&m, UINT64_MAX, 2));
	CHECK_EQ(mem_size(&m), 0x4000);
	mem_destroy(&m);
}

TEST(mem_copies_across_adjacent_ranges_or_not_at_all)
{
	struct mem m;
	uint8_t in[32], out[32];
	struct iovec iov[2];
	unsigned n = 0;

	ranges(&m);
	memset(in, 0x5a, sizeof(in));
	CHECK_EQ(mem_write(&m, 0xff0, in, 32), 0);
	CHECK_EQ(mem_read(&m, 0xff0, out, 32), 0);
	CHECK_MEM(in, out, 32);
	CHECK_EQ(mem_iov(&m, 0xff0, 32, true, iov, &n, 2), 0);
	CHECK_EQ(n, 2);
	CHECK_EQ(iov[0].iov_len, 16);
	n = 1;
	CHECK_EQ(mem_iov(&m, 0xff0, 32, true, iov, &n, 2), -E2BIG);
	CHECK_EQ(mem_write(&m, 0x1ff0, in, 32), -EFAULT);
	CHECK_EQ(mem_read(&m, 0x1ff0, out, 16), 0);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(out[i], 0); /* the failed write left no bytes */
	mem_destroy(&m);
}

TEST(mem_refuses_overlap_and_odd_sizes)
{
	struct mem m;
	struct err err = { 0 };

	ranges(&m);
	CHECK_EQ(mem_add_ram(&m, 0x101000, 0x1000, &plain, &err), -EEXIST);
	CHECK_EQ(mem_add_ram(&m, 0xff000, 0x2000, &plain, &err), -EEXIST);
	CHECK_EQ(mem_add_ram(&m, 0x200000, 0x800, &plain, &err), -EINVAL);
	CHECK_EQ(mem_add_ram(&m, UINT64_MAX - 0xfff, 0x2000, &plain, &err),
		 -EINVAL);
	mem_destroy(&m);
}

TEST(mem_keeps_the_guest_out_of_readonly_memory)
{
	struct mem m = { 0 };
	struct err err = { 0 };
	void *rom = aligned_alloc(4096, 4096);
	uint32_t val;

	memset(rom, 0xee, 4096);
	CHECK_EQ(mem_add_host(&m, 0xfffff000, 4096, rom, true, &err), 0);
	CHECK_EQ(mem_load_le32(&m, 0xfffffffc, &val), 0);
	CHECK_EQ(val, 0xeeeeeeee);
	CHECK_EQ(mem_store_le32(&m, 0xfffffffc, 0), -EFAULT);
	CHECK(!mem_run_rw(&m, 0xfffff000, 1));
	CHECK_EQ(mem_size(&m), 0);
	mem_destroy(&m);
	free(rom);
}

TEST(mem_shared_ram_is_backed_by_a_file)
{
	struct mem m = { 0 };
	struct err err = { 0 };
	struct mem_config cfg = { .shared = true, .prealloc = true };

	CHECK_EQ(mem_add_ram(&m, 0, 0x10000, &cfg, &err), 0);
	CHECK(m.range[0].fd >= 0);
	CHECK_EQ(mem_set(&m, 0, 0xff, 0x10000), 0);
	mem_destroy(&m);
}

TEST(mem_discard_takes_whole_pages_inside_ram_only)
{
	const struct mem_config cfg = { 0 };
	const size_t page = host_page();
	const gpa_t base = 16 * page;
	struct mem m = { 0 };
	struct err err = { 0 };
	uint8_t *p;

	CHECK_EQ(mem_add_ram(&m, base, 4 * page, &cfg, &err), 0);
	p = mem_run(&m, base, 4 * page);
	memset(p, 1, 4 * page);
	CHECK_EQ(mem_discard(&m, base + page - 1, 2 * page + 1), -EPERM);
	CHECK_EQ(mem_discard_host(&m, p + page, page), -EPERM);
	CHECK_EQ(p[page], 1);
	mem_allow_discard(&m);
	CHECK_EQ(mem_discard(&m, base + page - 1, 2 * page + 1), 0);
	CHECK_EQ(p[page - 1], 1);
	CHECK_EQ(p[page], 0);
	CHECK_EQ(p[3 * page - 1], 0);
	CHECK_EQ(p[3 * page], 1);
	/* not a whole one */
	CHECK_EQ(mem_discard(&m, base + 3 * page + 1, page - 2), 0);
	CHECK_EQ(p[3 * page + page / 2], 1);
	CHECK_EQ(mem_discard(&m, base + 3 * page, page + 1), -EFAULT);
	CHECK_EQ(mem_discard_host(&m, p + 3 * page, page + 1), -EFAULT);
	CHECK_EQ(mem_discard_host(&m, p - 1, 1), -EFAULT);
	CHECK_EQ(mem_discard_host(&m, p + 3 * page, page), 0);
	CHECK_EQ(p[3 * page + page / 2], 0);
	mem_destroy(&m);
}

TEST(ram_agrees_with_the_host_below_two_mebibytes)
{
	const uint64_t bases[] = { 0, (2u << 20) - host_page(), 0x100000000 };
	struct mem_config cfg = { 0 };

	for (unsigned shared = 0; shared < 2; shared++) {
		struct err err = { 0 };
		struct mem m = { 0 };

		cfg.shared = shared;
		for (unsigned i = 0; i < 3; i++) {
			uint8_t *p;

			m.n = 0;
			CHECK_EQ(
				mem_add_ram(&m, bases[i], 4u << 20, &cfg, &err),
				0);
			p = mem_run(&m, bases[i], 4u << 20);
			CHECK_EQ(((uintptr_t)p - bases[i]) % (2u << 20), 0);
			p[0] = p[(4u << 20) - 1] = 1;
			mem_destroy(&m);
		}
	}
}

/* In a child: before they were reserved, touching them ended the process. */
static int huge_pages(enum mem_hugepages kind, bool shared)
{
	struct mem_config cfg = { .hugepages = kind, .shared = shared };
	const uint64_t size = UINT64_C(4) << 30;
	struct err err = { 0 };
	struct mem m = { 0 };
	uint8_t *p;

	if (mem_add_ram(&m, 0, size, &cfg, &err) < 0)
		return strstr(err.msg, "cannot map 4 GiB") && err.hint[0] ? 0
									  : 1;
	p = mem_run(&m, 0, size);
	for (uint64_t o = 0; o < size; o += UINT64_C(1) << 30)
		p[o] = 1;
	mem_destroy(&m);
	return 0;
}

TEST(ram_of_huge_pages_is_there_or_refused)
{
	for (unsigned i = 0; i < 4; i++) {
		int status;
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			signal(SIGBUS, SIG_DFL); /* not the sanitizer's */
			_exit(huge_pages(i % 2 ? MEM_HUGE_1G : MEM_HUGE_2M,
					 i / 2));
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
	}
}

TEST(ram_that_the_host_has_not_is_not_preallocated)
{
	const struct mem_config cfg = { .prealloc = true };
	struct err err = { 0 };
	struct mem m = { 0 };
	struct sysinfo si;

	CHECK_EQ(sysinfo(&si), 0);
	CHECK_EQ(mem_add_ram(&m, 0,
			     (uint64_t)(si.totalram + si.totalswap) *
					     si.mem_unit * 4 &
				     ~UINT64_C(4095),
			     &cfg, &err),
		 -ENOMEM);
	CHECK(strstr(err.msg, "of guest memory: the host has ") != NULL);
	mem_destroy(&m);
}

/* Records what an accelerator would be told. */
struct seen {
	unsigned maps, unmaps, slot;
	int refuse;
};

static int seen_map(void *opaque, const struct mem_range *r, struct err *err)
{
	struct seen *s = opaque;

	if (s->refuse)
		return err_set(err, s->refuse, "no slot");
	s->maps++;
	s->slot = r->slot;
	return 0;
}

static void seen_unmap(void *opaque, const struct mem_range *r)
{
	struct seen *s = opaque;

	s->unmaps++;
	s->slot = r->slot;
}

#define ROM 0x10000

TEST(mem_listener_hears_of_ranges_and_of_their_hiding)
{
	struct seen seen = { 0 };
	struct mem_listener l = { seen_map, seen_unmap, &seen };
	void *rom = aligned_alloc(4096, 4096);
	struct err err = { 0 };
	struct mem m;

	ranges(&m);
	CHECK_EQ(mem_listen(&m, &l, &err), 0);
	CHECK_EQ(seen.maps, 3);
	CHECK_EQ(mem_add_host(&m, ROM, 4096, rom, true, &err), 0);
	CHECK_EQ(seen.maps, 4);
	CHECK_EQ(seen.slot, 3);		      /* though it lies between */
	CHECK_EQ(mem_show(&m, ROM, true), 0); /* no change */
	CHECK_EQ(seen.maps, 4);
	CHECK_EQ(mem_show(&m, ROM, false), 0);
	CHECK_EQ(seen.unmaps, 1);
	CHECK_EQ(seen.slot, 3);
	CHECK(mem_run(&m, ROM, 4096) == rom); /* others still see it */
	seen.refuse = ENOMEM;
	CHECK_EQ(mem_show(&m, ROM, true), -ENOMEM);
	seen.refuse = 0;
	CHECK_EQ(mem_show(&m, ROM, true), 0);
	CHECK_EQ(seen.maps, 5);
	mem_remove(&m, ROM);
	CHECK_EQ(seen.unmaps, 2);
	CHECK(!mem_run(&m, ROM, 1));
	CHECK_EQ(mem_add_host(&m, ROM, 4096, rom, true, &err), 0);
	CHECK_EQ(seen.slot, 4); /* a number is not used again */
	mem_unlisten(&m);
	mem_remove(&m, ROM);
	CHECK_EQ(seen.unmaps, 2);
	mem_destroy(&m);
	free(rom);
}

TEST(mem_that_the_accelerator_refuses_is_not_there)
{
	struct seen seen = { .refuse = EINVAL };
	struct mem_listener l = { seen_map, seen_unmap, &seen };
	struct mem m = { 0 };
	struct err err = { 0 };

	CHECK_EQ(mem_listen(&m, &l, &err), 0);
	CHECK_EQ(mem_add_ram(&m, 0, 0x10000, &plain, &err), -EINVAL);
	CHECK_STR(err.msg, "no slot");
	CHECK(!mem_run(&m, 0, 1));
	mem_destroy(&m);
}
