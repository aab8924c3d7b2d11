/* SPDX-License-Identifier: MIT */
/* Loads Debian's own kernels where the labs have fetched them. */
#include <glob.h>
#include <stdlib.h>

#include "boot/image.h"
#include "tests/boot/images.h"
#include "tests/test.h"

/* The kernels of unpacked linux-image packages below the project's cache. */
static int find_kernels(glob_t *g)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char pattern[512];

	snprintf(pattern, sizeof(pattern),
		 "%s%s/vmm/pkg/linux-image-*amd64*/boot/vmlinuz-*",
		 cache ? cache : (home ? home : ""), cache ? "" : "/.cache");
	return glob(pattern, 0, NULL, g);
}

/* Same seed, same kernel: what differs is what the relocations changed. */
static void check_kernel(const char *path)
{
	struct images_rig plain, moved;
	const uint8_t *a, *b;
	uint64_t delta, changed = 0, size;

	images_rig_open(&plain, 256u << 20);
	images_rig_open(&moved, 256u << 20);
	plain.cfg.kernel = moved.cfg.kernel = path;
	plain.cfg.cmdline = "mem=256M"; /* stays in place in memory */
	moved.cfg.cmdline = "mem=256M";
	moved.cfg.kaslr = true;
	CHECK_EQ(boot_load(&plain.board, &plain.mem, &plain.cfg, &plain.start,
			   &plain.err),
		 0);
	CHECK_EQ(boot_load(&moved.board, &moved.mem, &moved.cfg, &moved.start,
			   &moved.err),
		 0);
	CHECK_EQ(plain.start.pc, plain.start.kernel_base);
	CHECK_EQ(moved.start.kernel_base, plain.start.kernel_base);
	size = plain.start.kernel_size;
	CHECK_EQ(moved.start.kernel_size, size);
	delta = moved.start.kaslr_offset;
	CHECK(delta != 0);
	a = images_rig_at(&plain, plain.start.kernel_base, size);
	b = images_rig_at(&moved, moved.start.kernel_base, size);
	for (uint64_t i = 0; i + 4 <= size; i += 4)
		changed += get_le32(a + i) != get_le32(b + i);
	CHECK(changed > 50000);
	CHECK(changed < size / 8);
	images_rig_close(&plain);
	images_rig_close(&moved);
}

TEST(debian_kernels_load_and_relocate)
{
	glob_t g;

	if (find_kernels(&g))
		SKIP_TEST("no linux-image package of amd64 in the cache: the "
			  "x86_64 lab fetches them (make test)");
	for (size_t i = 0; i < g.gl_pathc; i++)
		check_kernel(g.gl_pathv[i]);
	globfree(&g);
}
