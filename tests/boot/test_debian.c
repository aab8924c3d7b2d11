/* SPDX-License-Identifier: MIT */
/* Loads Debian's own kernels where the labs have fetched them. */
#include <glob.h>
#include <stdlib.h>

#include "boot/image.h"
#include "tests/boot/images.h"
#include "tests/test.h"

/* The kernels of unpacked linux-image packages below the project's cache. */
static int find_kernels(const char *arch, glob_t *g)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char pattern[512];

	snprintf(pattern, sizeof(pattern),
		 "%s%s/vmm/pkg/linux-image-*_%s/boot/vmlinuz-*",
		 cache ? cache : (home ? home : ""), cache ? "" : "/.cache",
		 arch);
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
	delta = moved.start.kaslr_text - plain.start.kernel_base -
		UINT64_C(0xffffffff80000000);
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

	if (find_kernels("amd64", &g))
		SKIP_TEST("no linux-image package of amd64 in the cache: the "
			  "x86_64 lab fetches them (make test)");
	for (size_t i = 0; i < g.gl_pathc; i++)
		check_kernel(g.gl_pathv[i]);
	globfree(&g);
}

/* Whatever form they have: Image, packed, zboot, zImage. */
static void check_arm_kernel(const char *path, bool aarch32)
{
	struct images_arm a;
	uint64_t base;

	images_arm_open(&a, 256u << 20);
	a.r.board.aarch32 = aarch32;
	a.r.cfg.kernel = path;
	if (boot_load(&a.r.board, &a.r.mem, &a.r.cfg, &a.r.start, &a.r.err) < 0)
		fail_msg("%s", a.r.err.msg);
	base = a.r.start.kernel_base;
	CHECK_EQ(a.r.start.pc, base);
	CHECK_EQ(a.r.start.mode, aarch32 ? BOOT_ARM32 : BOOT_ARM64);
	if (aarch32)
		CHECK_EQ(get_le32(images_rig_at(&a.r, base + 0x24, 4)),
			 0x016f2818);
	else
		CHECK_EQ(get_le32(images_rig_at(&a.r, base + 56, 4)),
			 0x644d5241);
	images_arm_close(&a);
}

static void check_arm_kernels(const char *arch, bool aarch32)
{
	glob_t g;

	if (find_kernels(arch, &g))
		SKIP_TEST("no linux-image package for Arm in the cache: the "
			  "arm64 lab fetches them (make test)");
	for (size_t i = 0; i < g.gl_pathc; i++)
		check_arm_kernel(g.gl_pathv[i], aarch32);
	globfree(&g);
}

TEST(debian_kernels_of_arm64_load)
{
	check_arm_kernels("arm64", false);
}

TEST(debian_kernels_of_armhf_load)
{
	check_arm_kernels("armhf", true);
}
