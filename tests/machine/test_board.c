/* SPDX-License-Identifier: MIT */
/* machine/virt/board: what is placed fits, and nothing overlaps. */
#include <errno.h>
#include <stdlib.h>

#include "machine/virt/virt.h"
#include "tests/test.h"

#define GIB UINT64_C(0x40000000)

static void config(struct vm_config *c, uint64_t memory, uint64_t cpus)
{
	struct err err = { 0 };

	vm_config_init(c);
	c->arch = ARCH_X86_64;
	c->memory.size = memory;
	c->cpus.count = cpus;
	CHECK_EQ(vm_config_check(c, &err), 0);
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
		if (strcmp(b->reserved[i].name, "bios")) /* inside RAM */
			s[n++] = (struct span){ SPACE_MMIO, b->reserved[i].base,
						b->reserved[i].size,
						b->reserved[i].name };
	s[n++] = (struct span){ SPACE_MMIO, b->pci.mmio32.base,
				b->pci.mmio32.size, "mmio32" };
	s[n++] = (struct span){ SPACE_MMIO, b->pci.mmio64.base,
				b->pci.mmio64.size, "mmio64" };
	s[n++] = (struct span){ SPACE_PIO, b->pci.pio.base, b->pci.pio.size,
				"pio" };
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
	c.arch = ARCH_IA64;
	CHECK(!board_make(&c, 40, &err));
	CHECK_STR(err.msg, "there is no virt machine for ia64 yet");
	vm_config_free(&c);
}
