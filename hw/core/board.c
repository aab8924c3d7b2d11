/* SPDX-License-Identifier: MIT */
/* The board: look-ups that every walker shares. */
#include "hw/core/board.h"

#include <string.h>

static const char *const arch_names[ARCH_COUNT] = {
	[ARCH_X86_64] = "x86_64",
	[ARCH_ARM64] = "arm64",
	[ARCH_PPC64LE] = "ppc64le",
	[ARCH_IA64] = "ia64",
};

const char *arch_name(enum arch a)
{
	return a < ARCH_COUNT ? arch_names[a] : "unknown";
}

enum arch arch_from_name(const char *name)
{
	enum arch a;

	for (a = 0; a < ARCH_COUNT; a++)
		if (!strcmp(name, arch_names[a]))
			break;
	return a;
}

const struct board_dev *board_find(const struct board *b, const char *name)
{
	for (unsigned i = 0; i < b->ndevs; i++)
		if (!strcmp(b->devs[i].name, name))
			return &b->devs[i];
	return NULL;
}

const struct board_dev *board_next_class(const struct board *b,
					 const char *class_name, unsigned *i)
{
	while (*i < b->ndevs) {
		const struct board_dev *d = &b->devs[(*i)++];

		if (!strcmp(d->class->name, class_name))
			return d;
	}
	return NULL;
}

uint32_t board_intx(const struct board *b, unsigned slot, unsigned pin)
{
	return b->pci.intx[(slot + pin) % 4];
}

uint32_t board_servers(const struct board *b)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < b->ncpus; i++)
		if (b->cpus[i].hw_id >= n)
			n = (uint32_t)b->cpus[i].hw_id + 1;
	return n;
}

uint32_t board_nodes(const struct board *b)
{
	uint32_t last = 0;

	for (unsigned i = 0; i < b->nram; i++)
		last = b->ram[i].node > last ? b->ram[i].node : last;
	for (unsigned i = 0; i < b->ncpus; i++)
		last = b->cpus[i].node > last ? b->cpus[i].node : last;
	return last + 1;
}

uint8_t board_distance(const struct board *b, uint32_t from, uint32_t to)
{
	if (b->distance[from][to])
		return b->distance[from][to];
	return from == to ? 10 : 20;
}

struct board_range board_ram_run(const struct board *b, unsigned *i)
{
	struct board_range run = { 0 };

	if (*i < b->nram)
		run.base = b->ram[*i].base;
	while (*i < b->nram && b->ram[*i].base == run.base + run.size)
		run.size += b->ram[(*i)++].size;
	return run;
}

struct board_range board_first_ram(const struct board *b)
{
	unsigned i = 0;

	return board_ram_run(b, &i);
}

uint64_t board_ram_size(const struct board *b)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < b->nram; i++)
		sum += b->ram[i].size;
	return sum;
}

uint64_t board_ram_top(const struct board *b)
{
	const struct board_ram *last = &b->ram[b->nram - 1];

	return b->nram ? last->base + last->size : 0;
}
