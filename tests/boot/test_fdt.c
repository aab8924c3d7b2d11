/* SPDX-License-Identifier: MIT */
/* The device tree: well-formed, complete, and dtc has no complaint. */
#include "boot/fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/boards.h"
#include "tests/test.h"

static struct sample_board sample;
static uint8_t tree[1 << 17];

static int build(enum sample which, const struct fdt_chosen *chosen)
{
	struct err err = { 0 };
	int size;

	sample_board_make(&sample, which);
	size = fdt_build(&sample.board, chosen, tree, sizeof(tree), &err);
	CHECK(size > 0);
	CHECK_EQ(fdt_check_full(tree, (size_t)size), 0);
	return size;
}

static uint32_t cell(const char *path, const char *name, int i)
{
	int len, node = fdt_path_offset(tree, path);
	const fdt32_t *p = fdt_getprop(tree, node, name, &len);

	CHECK(p && len >= 4 * (i + 1));
	return fdt32_to_cpu(p[i]);
}

TEST(fdt_is_well_formed_for_every_board)
{
	for (enum sample s = 0; s < SAMPLE_TREES; s++)
		build(s, NULL);
}

TEST(fdt_chosen_says_what_the_loader_knows)
{
	const struct fdt_chosen chosen = {
		.cmdline = "console=ttyS0",
		.initrd_base = 0x123456000,
		.initrd_size = 0x789,
		.rng_seed = "12345678",
		.rng_seed_size = 8,
	};
	int node, len;

	build(SAMPLE_PC, &chosen);
	node = fdt_path_offset(tree, "/chosen");
	CHECK_STR(fdt_getprop(tree, node, "bootargs", NULL), "console=ttyS0");
	CHECK_EQ(cell("/chosen", "linux,initrd-start", 0), 1);
	CHECK_EQ(cell("/chosen", "linux,initrd-end", 1), 0x23456789);
	CHECK_MEM(fdt_getprop(tree, node, "rng-seed", &len), "12345678", 8);
	CHECK_EQ(len, 8);
	CHECK(fdt_path_offset(
		      tree, fdt_getprop(tree, node, "stdout-path", NULL)) > 0);
	build(SAMPLE_PC, NULL);
	node = fdt_path_offset(tree, "/chosen");
	CHECK(!fdt_getprop(tree, node, "bootargs", NULL));
	CHECK(!fdt_getprop(tree, node, "linux,initrd-start", NULL));
}

TEST(fdt_memory_and_cpus_are_the_boards)
{
	build(SAMPLE_FULL, NULL);
	CHECK_EQ(cell("/memory@0", "reg", 3), 0x40000000);
	CHECK_EQ(cell("/memory@100000000", "reg", 0), 1);
	CHECK_EQ(cell("/memory@100000000", "numa-node-id", 0), 1);
	CHECK_EQ(cell("/cpus/cpu@3", "reg", 0), 3);
	CHECK_EQ(cell("/cpus/cpu@3", "numa-node-id", 0), 1);
	CHECK(fdt_path_offset(tree, "/cpus/cpu@4") < 0);
	CHECK_EQ(cell("/distance-map", "distance-matrix", 2), 10);
	CHECK_EQ(cell("/distance-map", "distance-matrix", 3), 0);
	CHECK_EQ(cell("/distance-map", "distance-matrix", 4), 1);
	CHECK_EQ(cell("/distance-map", "distance-matrix", 5), 20);
	build(SAMPLE_HUGE, NULL);
	CHECK_EQ(cell("/cpus/cpu@256", "reg", 0), 598);
	CHECK(!fdt_getprop(tree, fdt_path_offset(tree, "/memory@0"),
			   "numa-node-id", NULL));
	CHECK(fdt_path_offset(tree, "/distance-map") < 0);
}

TEST(fdt_reserved_memory_lies_in_ram)
{
	struct err err = { 0 };

	sample_board_make(&sample, SAMPLE_PC);
	sample.board.nreserved = 2;
	sample.board.reserved[0] =
		(struct board_reserved){ "firmware", 0x100000, 0x2000 };
	sample.board.reserved[1] =
		(struct board_reserved){ "lapic", 0xfee00000, 0x1000 };
	CHECK(fdt_build(&sample.board, NULL, tree, sizeof(tree), &err) > 0);
	CHECK_EQ(cell("/reserved-memory/firmware@100000", "reg", 3), 0x2000);
	CHECK(fdt_path_offset(tree, "/reserved-memory/lapic@fee00000") < 0);
}

TEST(fdt_pci_windows_and_interrupts)
{
	build(SAMPLE_PC, NULL);
	CHECK_EQ(cell("/pcie@e0000000", "ranges", 0), 1u << 24);
	CHECK_EQ(cell("/pcie@e0000000", "ranges", 2), 0xc000);
	CHECK_EQ(cell("/pcie@e0000000", "ranges", 7 + 2), 0xc0000000);
	CHECK_EQ(cell("/pcie@e0000000", "ranges", 14), 0x43000000);
	CHECK_EQ(cell("/pcie@e0000000", "ranges", 14 + 1), 1);
	CHECK_EQ(cell("/pcie@e0000000", "bus-range", 1), 0);
	/* Slot 1's INTB, the second of its four entries of seven cells. */
	CHECK_EQ(cell("/pcie@e0000000", "interrupt-map", 5 * 7), 1 << 11);
	CHECK_EQ(cell("/pcie@e0000000", "interrupt-map", 5 * 7 + 3), 2);
	CHECK_EQ(cell("/pcie@e0000000", "interrupt-map", 5 * 7 + 5), 18);
}

TEST(fdt_too_small_a_buffer_is_an_error_at_every_size)
{
	int need = build(SAMPLE_FULL, NULL);
	struct err err = { 0 };

	for (int size = 0; size < need; size += 7) {
		uint8_t *exact = malloc((size_t)size + 1);
		int ret;

		CHECK(exact != NULL);
		ret = fdt_build(&sample.board, NULL, exact, (size_t)size, &err);
		free(exact);
		CHECK_EQ(ret, -ENOSPC);
	}
	CHECK(strstr(err.msg, "the device tree needs more than"));
}

TEST(fdt_of_a_target_without_one_is_refused)
{
	struct err err = { 0 };

	sample_board_make(&sample, SAMPLE_BARE);
	sample.board.arch = ARCH_IA64;
	CHECK_EQ(fdt_build(&sample.board, NULL, tree, sizeof(tree), &err),
		 -ENOTSUP);
	CHECK_STR(err.msg, "the ia64 machine has no device tree");
}

/* dtc checks the conventions that libfdt does not know of. */
TEST(fdt_passes_dtc_without_a_warning)
{
	if (system("command -v dtc >/dev/null 2>&1") != 0)
		SKIP_TEST("dtc is not installed (device-tree-compiler)");
	for (enum sample s = 0; s < SAMPLE_TREES; s++) {
		int size = build(s, NULL);
		FILE *p;

		/* Its exit status is the warnings' too. */
		p = popen("out=$(timeout 60 dtc -I dtb -O dts -o /dev/null - "
			  "2>&1) && test -z \"$out\" || "
			  "{ echo \"# $out\"; false; }",
			  "w");
		CHECK(p != NULL);
		CHECK_EQ(fwrite(tree, 1, (size_t)size, p), size);
		CHECK_EQ(pclose(p), 0);
	}
}
