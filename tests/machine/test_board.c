/* SPDX-License-Identifier: MIT */
/* machine/virt/board: what is placed fits, and nothing overlaps. */
#include <errno.h>
#include <stdlib.h>

#include "cpu/accel.h"
#include "cpu/target.h"
#include "machine/virt/virt.h"
#include "tests/test.h"

#define GIB UINT64_C(0x40000000)

static void config_for(struct vm_config *c, enum arch arch, uint64_t memory,
		       uint64_t cpus)
{
	struct err err = { 0 };

	vm_config_init(c);
	c->arch = arch;
	c->memory.size = memory;
	c->cpus.count = cpus;
	CHECK_EQ(vm_config_check(c, &err), 0);
}

static void config(struct vm_config *c, uint64_t memory, uint64_t cpus)
{
	config_for(c, ARCH_X86_64, memory, cpus);
}

struct span {
	enum device_space space;
	uint64_t base, size;
	const char *name;
};

static unsigned spans(const struct board *b, struct span *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->nram; i++)
		s[n++] = (struct span){ SPACE_MMIO, b->ram[i].base,
					b->ram[i].size, "ram" };
	for (unsigned i = 0; i < b->nreserved; i++)
		if (strcmp(b->reserved[i].name, "bios") && /* inside RAM */
		    strcmp(b->reserved[i].name, "acpi"))
			s[n++] = (struct span){ SPACE_MMIO, b->reserved[i].base,
						b->reserved[i].size,
						b->reserved[i].name };
	s[n++] = (struct span){ SPACE_MMIO, b->pci.mmio32.base,
				b->pci.mmio32.size, "mmio32" };
	s[n++] = (struct span){ SPACE_MMIO, b->pci.mmio64.base,
				b->pci.mmio64.size, "mmio64" };
	s[n++] = (struct span){ SPACE_PIO, b->pci.pio.base, b->pci.pio.size,
				"pio" };
	s[n++] = (struct span){ SPACE_MMIO, b->platform.base, b->platform.size,
				"platform" };
	for (unsigned i = 0; i < b->ndevs; i++)
		if (b->devs[i].space == SPACE_MMIO ||
		    b->devs[i].space == SPACE_PIO)
			s[n++] = (struct span){ b->devs[i].space,
						b->devs[i].base,
						b->devs[i].size,
						b->devs[i].name };
	return n;
}

static void check_disjoint(const struct board *b)
{
	struct span s[128];
	unsigned n = spans(b, s);
	uint64_t limit = UINT64_C(1) << b->phys_bits;

	for (unsigned i = 0; i < n; i++) {
		if (!s[i].size)
			continue;
		CHECK(s[i].size <= limit && s[i].base <= limit - s[i].size);
		for (unsigned j = i + 1; j < n; j++) {
			if (s[j].space != s[i].space || !s[j].size)
				continue;
			if (s[i].base < s[j].base + s[j].size &&
			    s[j].base < s[i].base + s[i].size)
				fail_msg("%s overlaps %s", s[i].name,
					 s[j].name);
		}
	}
}

static void check_irqs(const struct board *b)
{
	for (unsigned i = 0; i < b->ndevs; i++) {
		if (b->devs[i].irq == BOARD_NO_IRQ)
			continue;
		CHECK(b->devs[i].irq < b->nlines);
		for (unsigned j = i + 1; j < b->ndevs; j++)
			if (b->devs[j].irq == b->devs[i].irq)
				CHECK(b->devs[i].space == SPACE_PCI &&
				      b->devs[j].space == SPACE_PCI);
	}
}

TEST(board_places_nothing_on_top_of_anything)
{
	static const uint64_t sizes[] = { GIB / 16, 3 * GIB, 3 * GIB + 4096,
					  60 * GIB, 1020 * GIB };

	for (unsigned i = 0; i < 5; i++) {
		struct vm_config c;
		struct err err = { 0 };
		struct board *b;
		uint64_t ram = 0;

		config(&c, sizes[i], 4);
		b = board_make(&c, 40, &err);
		CHECK(b);
		check_disjoint(b);
		check_irqs(b);
		for (unsigned k = 0; k < b->nram; k++)
			ram += b->ram[k].size;
		CHECK_EQ(ram, sizes[i]);
		CHECK_EQ(b->ncpus, 4);
		board_free(b);
		vm_config_free(&c);
	}
}

static const char *const arm64_chips[] = { "gicv3-its", "gicv3", "gicv2m",
					   "gicv2", "software" };

/* Every controller, with as many CPUs as it serves, in every size of RAM. */
TEST(board_of_arm64_places_nothing_on_top_of_anything)
{
	static const uint64_t sizes[] = { GIB / 64,  GIB,	3 * GIB + 4096,
					  255 * GIB, 256 * GIB, 1020 * GIB };
	static const unsigned bits[] = { 36, 40, 42, 48 };

	for (unsigned i = 0; i < 5 * 6 * 4; i++) {
		uint64_t size = sizes[i % 6];
		unsigned phys = bits[i / 6 % 4];
		unsigned chip = i / 24;
		struct vm_config c;
		struct err err = { 0 };
		struct board *b;

		config_for(&c, ARCH_ARM64, size,
			   chip > 1    ? 8
			   : phys > 40 ? 512
				       : 123);
		c.irqchip = virt_irqchip_index(arm64_chips[chip]);
		b = board_make(&c, phys, &err);
		if (size > (UINT64_C(1) << phys) - GIB) {
			CHECK(!b);
			vm_config_free(&c);
			continue;
		}
		if (!b)
			fail_msg("%s", err.msg);
		CHECK(b->phys_bits <= phys);
		CHECK_EQ(b->ram[0].base, GIB);
		check_disjoint(b);
		check_irqs(b);
		board_free(b);
		vm_config_free(&c);
	}
}

static const struct board_dev *dev(const struct board *b, const char *name)
{
	const struct board_dev *d = board_find(b, name);

	if (!d)
		fail_msg("the board has no %s", name);
	return d;
}

/* The numbers of QEMU's virt, on which firmware relies. */
TEST(board_of_arm64_has_the_map_of_virt)
{
	struct vm_config c;
	struct err err = { 0 };
	struct board *b;

	config_for(&c, ARCH_ARM64, GIB, 20);
	b = board_make(&c, 48, &err);
	CHECK(b);
	CHECK_STR(b->irqchip, "gicv3-its");
	CHECK_EQ(dev(b, "gic")->base, 0x08000000);
	CHECK_EQ(dev(b, "gic-redist")->base, 0x080a0000);
	CHECK_EQ(dev(b, "gic-redist")->size, 20 * 0x20000);
	CHECK_EQ(dev(b, "its")->base, 0x08080000);
	CHECK(!board_find(b, "gicv2m"));
	CHECK_EQ(dev(b, "pci")->base, 0x4010000000);
	CHECK_EQ(b->pci.buses, 256);
	CHECK_EQ(b->pci.mmio32.base, 0x10000000);
	CHECK_EQ(b->pci.mmio32.base + b->pci.mmio32.size, 0x3eff0000);
	CHECK_EQ(dev(b, "pci-io")->base, b->pci.pio_mmio);
	CHECK_EQ(b->pci.pio_mmio, 0x3eff0000);
	CHECK_EQ(b->pci.mmio64.base, 0x8000000000);
	CHECK_EQ(b->platform.base, 0x0c000000);
	CHECK_EQ(b->platform.size, 0x02000000);
	CHECK_EQ(b->phys_bits, 40);
	CHECK_EQ(b->cpus[15].hw_id, 15);
	CHECK_EQ(b->cpus[16].hw_id, 0x100);
	board_free(b);
	c.memory.size = 300 * GIB;
	c.cpus.count = 512;
	c.cpus.cores = 512;
	b = board_make(&c, 48, &err);
	CHECK(b);
	CHECK_EQ(dev(b, "gic-redist")->size, 123 * 0x20000);
	CHECK_EQ(dev(b, "gic-redist.1")->base, 301 * GIB);
	CHECK_EQ(dev(b, "gic-redist.1")->size, 389 * 0x20000);
	CHECK(dev(b, "pci")->base > 301 * GIB);
	CHECK_EQ(b->cpus[511].hw_id, 0x1f0f);
	board_free(b);
	vm_config_free(&c);
}

TEST(board_of_arm64_has_flash_for_firmware_only)
{
	struct vm_config c;
	struct err err = { 0 };
	struct board *b;

	config_for(&c, ARCH_ARM64, GIB, 1);
	b = board_make(&c, 48, &err);
	CHECK(b && !board_find(b, "flash0") && !board_find(b, "flash1"));
	board_free(b);
	c.firmware = strdup("a,b");
	c.pflash = strdup("vars");
	b = board_make(&c, 48, &err);
	CHECK(b);
	CHECK_EQ(dev(b, "flash0")->base, 0);
	CHECK_EQ(dev(b, "flash0")->size, 0x4000000);
	CHECK_STR(dev(b, "flash0")->props, "readonly=on,file=a,,b");
	CHECK_EQ(dev(b, "flash1")->base, 0x4000000);
	CHECK_STR(dev(b, "flash1")->props, "file=vars");
	board_free(b);
	vm_config_free(&c);
}

TEST(board_of_arm64_keeps_to_what_guest_addresses_reach)
{
	struct vm_config c;
	struct err err = { 0 };
	struct board *b;

	config_for(&c, ARCH_ARM64, GIB, 1);
	b = board_make(&c, 36, &err);
	CHECK(b);
	CHECK_EQ(dev(b, "pci")->base, 0x3f000000);
	CHECK_EQ(b->pci.buses, 16);
	CHECK_EQ(b->pci.mmio64.size, 0);
	CHECK_EQ(b->phys_bits, 32);
	board_free(b);
	c.cpus.count = 124;
	CHECK(!board_make(&c, 36, &err));
	CHECK_STR(err.msg, "--cpus: a machine with this interrupt controller "
			   "(gicv3-its) has 123 CPUs at most");
	c.irqchip = virt_irqchip_index("gicv2m");
	c.cpus.count = 9;
	CHECK(!board_make(&c, 48, &err));
	CHECK_STR(err.msg, "--cpus: a machine with this interrupt controller "
			   "(gicv2m) has 8 CPUs at most");
	CHECK_STR(err.hint, "--irqchip gicv3-its serves 512, where the host "
			    "has it");
	vm_config_free(&c);
}

/* The dictionary of --irqchip has every target's words. */
TEST(board_takes_each_irqchip_of_its_target_and_no_other)
{
	for (unsigned a = 0; a < ARCH_COUNT; a++) {
		const struct virt_target *t = virt_target((enum arch)a);
		unsigned n = 0, taken = 0;
		struct vm_config c;
		struct err err;

		if (!t)
			continue;
		for (const char *const *w = t->irqchips; *w; w++, n++)
			CHECK_STR(vm_irqchip_names[virt_irqchip_index(*w)], *w);
		config_for(&c, (enum arch)a, GIB, 1);
		for (c.irqchip = 1; vm_irqchip_names[c.irqchip]; c.irqchip++)
			taken += virt_irqchip_check(&c, &err) == 0;
		CHECK_EQ(taken, n);
		vm_config_free(&c);
	}
}

/* ---- what --irqchip auto takes, of an accelerator that has these */

static const char *host_irqchips;

static bool host_has_irqchip(const struct target *t, const char *name)
{
	char word[32];

	(void)t;
	snprintf(word, sizeof(word), " %s ", name);
	return strstr(host_irqchips, word);
}

static const struct accel host = { .name = "kvm",
				   .has_irqchip = host_has_irqchip };

static int choose(enum arch arch, const char *asked, const char *has,
		  const char **got, struct err *err)
{
	struct vm_config c;
	int ret;

	config_for(&c, arch, GIB, 1);
	c.irqchip = virt_irqchip_index(asked);
	host_irqchips = has;
	ret = virt_irqchip_choose(&c, &host, target_find(arch), err);
	*got = vm_irqchip_names[c.irqchip];
	vm_config_free(&c);
	return ret;
}

TEST(board_irqchip_auto_is_the_best_that_the_host_has)
{
	static const struct {
		enum arch arch;
		const char *asked, *has, *got;
	} hosts[] = {
		{ ARCH_ARM64, "auto", " gicv3-its gicv3 software ",
		  "gicv3-its" },
		{ ARCH_ARM64, "auto", " gicv3 software ", "gicv3" },
		{ ARCH_ARM64, "auto", " gicv2m gicv2 software ", "gicv2m" },
		/* a KVM without a VGIC */
		{ ARCH_ARM64, "auto", " software ", "software" },
		{ ARCH_ARM64, "gicv2", " gicv2m gicv2 software ", "gicv2" },
		{ ARCH_ARM64, "software", " gicv3-its gicv3 software ",
		  "software" },
		{ ARCH_X86_64, "auto", " kernel split ", "kernel" },
	};
	struct err err = { 0 };
	const char *got;

	for (unsigned i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		CHECK_EQ(choose(hosts[i].arch, hosts[i].asked, hosts[i].has,
				&got, &err),
			 0);
		CHECK_STR(got, hosts[i].got);
	}
	CHECK_EQ(choose(ARCH_ARM64, "gicv3", " software ", &got, &err),
		 -ENOTSUP);
	CHECK_STR(err.msg, "--irqchip gicv3: this host's kvm offers no such "
			   "interrupt controller");
	CHECK_EQ(choose(ARCH_ARM64, "auto", "", &got, &err), -ENOTSUP);
	CHECK_STR(err.msg, "this host's kvm offers no interrupt controller of "
			   "the arm64 machine's");
}

TEST(board_says_how_much_memory_the_host_can_address)
{
	struct vm_config c;
	struct err err = { 0 };

	config(&c, 64 * GIB, 1);
	CHECK(!board_make(&c, 36, &err));
	CHECK_STR(err.msg, "--memory: this host's guests can have 63 GiB at "
			   "most (36-bit physical addresses)");
	vm_config_free(&c);
}

TEST(board_names_cpus_by_their_place)
{
	struct vm_config c;
	struct err err = { 0 };
	struct board *b;

	config(&c, GIB, 0);
	c.cpus = (struct vm_cpus){ .sockets = 2, .cores = 3, .threads = 2 };
	CHECK_EQ(vm_config_check(&c, &err), 0);
	b = board_make(&c, 40, &err);
	CHECK(b);
	CHECK_EQ(b->ncpus, 12);
	CHECK_EQ(b->cpus[11].hw_id, 8 + 5);
	CHECK_EQ(b->cpus[11].socket, 1);
	CHECK_EQ(b->cpus[11].core, 2);
	CHECK_EQ(b->cpus[11].thread, 1);
	board_free(b);
	vm_config_free(&c);
}

TEST(board_has_no_machine_for_a_target_without_a_table)
{
	struct vm_config c;
	struct err err = { 0 };

	config(&c, GIB, 1);
	c.arch = ARCH_COUNT;
	CHECK(!board_make(&c, 40, &err));
	CHECK_STR(err.msg, "there is no virt machine for unknown yet");
	vm_config_free(&c);
}
