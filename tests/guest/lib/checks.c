// SPDX-License-Identifier: MIT
/* What every platform guest checks: memory, tables, PCI, a reset. */
#include "checks.h"

#include "arch.h"
#include "blk.h"
#include "guest.h"
#include "virtio.h"

/* --- memory */

static bool mem_overlaps(unsigned i, unsigned k)
{
	const struct mem_entry *a = &machine.mem[i], *b = &machine.mem[k];

	return a->base < b->base + b->size && b->base < a->base + a->size;
}

/* Writes a word, or says whether it is another now. */
static bool mem_word(uint64_t at, bool written)
{
	volatile uint64_t *p = (void *)at;

	if (written)
		return *p != (at ^ 0x5555);
	*p = at ^ 0x5555;
	return false;
}

/* Writes words from first on, or says how many are others now. */
static unsigned mem_touch_one(const struct mem_entry *e, uint64_t first,
			      uint64_t step, bool written)
{
	uint64_t last = ((e->base + e->size) & -8ull) - 8, at = e->base;
	unsigned bad = 0;

	if (at < first)
		at = first;
	if (e->type != MEM_RAM || at > last)
		return 0;
	if (!written)
		arch_map(at, last + 8 - at);
	for (at = ALIGN_UP(at, 8); at < last; at += step)
		bad += mem_word(at, written);
	return bad + mem_word(last, written);
}

/* All at once: what is written to one place shows in no other. */
static unsigned mem_touch(uint64_t usable)
{
	/* Tables of what is mapped take 8 bytes for each 2 MiB. */
	uint64_t first = (uint64_t)alloc(0, 1) + (1 << 20) + (usable >> 18);
	uint64_t step = 2 << 20;
	unsigned bad = 0;

	/* 256 places of a machine that has more than its host may have */
	if (usable >> 33)
		step = ALIGN_UP(usable >> 8, step);

	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < machine.nmem; i++)
			bad += mem_touch_one(&machine.mem[i], first, step,
					     pass);
	return bad;
}

void check_memory(void)
{
	const char *want = cmdline_get("mem");
	uint64_t usable = 0;
	bool overlap = false;

	for (unsigned i = 0; i < machine.nmem; i++) {
		usable += machine.mem[i].type == MEM_RAM ? machine.mem[i].size
							 : 0;
		for (unsigned k = 0; k < i; k++)
			overlap |= mem_overlaps(i, k);
	}
	tap(machine.nmem > 0, "the memory map has %u entries", machine.nmem);
	tap(!overlap, "no two of them overlap");
	if (want)
		tap(usable <= parse_num(want) &&
			    usable + (1 << 20) >= parse_num(want),
		    "%lu KiB are usable", usable >> 10);
	tap(mem_touch(usable) == 0, "all of it holds what is written");
}

/* --- tables */

static bool sums_to_zero(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (n--)
		sum += *b++;
	return !sum;
}

void check_acpi(void)
{
	tap(machine.rsdp && sums_to_zero((void *)machine.rsdp, 20),
	    "the RSDP's checksum is right");
	for (unsigned i = 0; i < machine.ntables; i++)
		tap(sums_to_zero(machine.table[i], machine.table[i]->length),
		    "the checksum of %.*s is right", 4,
		    machine.table[i]->signature);
}

/* --- PCI */

void check_pci(bool bridge)
{
	bool bars = true;

	if (!machine.ecam) {
		tap_skip("PCI", "there is none");
		return;
	}
	pci_scan();
	tap(npci && (pci[0].class >> 8 == 0x0600) == bridge,
	    bridge ? "00:00.0 is a host bridge" : "there are functions");
	tap(mmio_read32(machine.ecam + (31 << 15) + (7 << 12)) == 0xffffffff,
	    "a function that is not there reads as ones");
	for (unsigned i = 0; i < npci; i++) {
		pci_enable(&pci[i]);
		for (unsigned b = 0; b < 6; b++) {
			const struct pci_bar *bar = &pci[i].bar[b];

			if (bar->size &&
			    (bar->size & (bar->size - 1) || !bar->base ||
			     bar->base & (bar->size - 1)))
				bars = false;
		}
	}
	tap(bars, "the BARs of %u functions have sizes and places", npci);
}

/* --- a reset */

/* The first disk's first sector counts the boots. */
int check_reset(void (*reset)(const char *how))
{
	uint8_t *sector = alloc(512, 512);
	struct vdev *v;
	struct vq *q;

	virtio_scan();
	v = virtio_find(VIRTIO_BLK, 0);
	if (!v || !virtio_start(v, 0))
		guest_die("no disk");
	q = vq_setup(v, 0, 0, false);
	virtio_ok(v);
	blk_do(q, BLK_IN, 0, sector, 512, 1);
	if (strcmp((char *)sector, "second boot")) {
		memcpy(sector, "second boot", 12);
		blk_do(q, BLK_OUT, 0, sector, 512, 1);
		printf("# resetting\n");
		reset(cmdline_get("twice"));
	}
	tap(true, "the machine came back after a reset");
	return tap_done();
}
