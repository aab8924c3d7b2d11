// SPDX-License-Identifier: MIT
/* The ITS: messages become LPIs by tables in memory [IHI 0069, chapter 5]. */
#include "its.h"

#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define GITS_CTLR	0x0000
#define GITS_TYPER	0x0008
#define GITS_CBASER	0x0080
#define GITS_CWRITER	0x0088
#define GITS_CREADR	0x0090
#define GITS_BASER	0x0100
#define GITS_TRANSLATER 0x10040

#define GICR_CTLR      0x0000
#define GICR_TYPER     0x0008
#define GICR_PROPBASER 0x0070
#define GICR_PENDBASER 0x0078

#define KIB64	    0x10000ull
#define LPI_BITS    16
#define LPIS	    ((1u << LPI_BITS) - GIC_LPI)
#define EVENT_BITS  5
#define PRIORITY    0xa0
#define MAX_DEVICES 32

/* Write-back, allocating, inner shareable: where each register has it. */
#define BASER_CACHED (7ull << 59 | 1ull << 10)
#define LPI_CACHED   (7ull << 7 | 1ull << 10)

static uint8_t *its_config; /* a byte for each LPI */
static uint64_t (*its_queue)[4];
static uint32_t its_device[MAX_DEVICES]; /* those mapped by its_msi() */
static unsigned its_ndevices;

uint64_t its_target(unsigned cpu)
{
	uint64_t redist = gic_redist(cpu);

	if (mmio_read64(gic.its + GITS_TYPER) >> 19 & 1)
		return redist; /* aligned to 64 KiB */
	return (mmio_read64(redist + GICR_TYPER) >> 8 & 0xffff) << 16;
}

bool its_command(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
	uint64_t at = mmio_read64(gic.its + GITS_CWRITER) & 0xfffe0;
	uint64_t next = (at + 32) % KIB64, start = arch_ticks();
	uint64_t *c = its_queue[at / 32];

	c[0] = w0;
	c[1] = w1;
	c[2] = w2;
	c[3] = w3;
	arch_mb();
	mmio_write64(gic.its + GITS_CWRITER, next);
	while ((mmio_read64(gic.its + GITS_CREADR) & 0xfffe0) != next)
		if (arch_ticks() - start > arch_patience())
			return false;
	return true;
}

/* --- tables */

static bool its_tables(void)
{
	uint64_t typer = mmio_read64(gic.its + GITS_TYPER);
	unsigned devices = 1u << ((typer >> 13 & 31) + 1);

	for (unsigned i = 0; i < 8; i++) {
		uint64_t reg = gic.its + GITS_BASER + 8 * i;
		uint64_t v = mmio_read64(reg);
		unsigned type = v >> 56 & 7, entry = (v >> 48 & 31) + 1;
		uint64_t size = KIB64;

		if (!type)
			continue;
		if (type == 1) /* devices; the others: collections, vPEs */
			size = ALIGN_UP((uint64_t)devices * entry, KIB64);
		v = (v & (0xffull << 48)) | 1ull << 63 | BASER_CACHED |
		    2ull << 8 | (size / KIB64 - 1) |
		    (uintptr_t)alloc(size, KIB64);
		mmio_write64(reg, v);
		if (!(mmio_read64(reg) >> 63))
			return false;
	}
	return true;
}

static bool its_redist(unsigned cpu)
{
	uint64_t redist = gic_redist(cpu);
	uint64_t pending = (uintptr_t)alloc(KIB64, KIB64);

	if (!redist || !(mmio_read64(redist + GICR_TYPER) & 1))
		return false;
	mmio_write64(redist + GICR_PROPBASER,
		     (uintptr_t)its_config | LPI_CACHED | (LPI_BITS - 1));
	mmio_write64(redist + GICR_PENDBASER,
		     pending | LPI_CACHED | 1ull << 62); /* all zeros */
	mmio_write32(redist + GICR_CTLR, 1);
	arch_mb();
	return its_command(ITS_MAPC, 0, 1ull << 63 | its_target(cpu) | cpu,
			   0) &&
	       its_command(ITS_SYNC, 0, its_target(cpu), 0);
}

bool its_init(void)
{
	arch_map(gic.its, 2 * KIB64);
	its_config = alloc(KIB64, KIB64);
	its_queue = alloc(KIB64, KIB64);
	memset(its_config, PRIORITY, LPIS);
	arch_mb();
	if (!its_tables())
		return false;
	mmio_write64(gic.its + GITS_CBASER,
		     1ull << 63 | BASER_CACHED | (uintptr_t)its_queue | 15);
	mmio_write64(gic.its + GITS_CWRITER, 0);
	mmio_write32(gic.its + GITS_CTLR, 1);
	for (unsigned i = 0; i < machine.ncpus; i++)
		if (!its_redist(i))
			return false;
	return true;
}

/* --- messages */

bool its_map_device(uint32_t device)
{
	uint64_t table = (uintptr_t)alloc(4096, 4096);

	return its_command(ITS_MAPD | (uint64_t)device << 32, EVENT_BITS - 1,
			   1ull << 63 | table, 0);
}

bool its_map_event(uint32_t device, uint32_t event, uint32_t lpi,
		   unsigned collection)
{
	return its_command(ITS_MAPTI | (uint64_t)device << 32,
			   event | (uint64_t)lpi << 32, collection, 0);
}

void its_configure(uint32_t lpi, uint8_t priority, bool enable)
{
	its_config[lpi - GIC_LPI] = (priority & 0xfc) | 2 | enable;
	arch_mb();
}

static int its_find(uint32_t device)
{
	for (unsigned i = 0; i < its_ndevices; i++)
		if (its_device[i] == device)
			return i;
	if (its_ndevices == MAX_DEVICES || !its_map_device(device))
		return -1;
	its_device[its_ndevices] = device;
	return its_ndevices++;
}

bool its_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m)
{
	uint64_t inv = ITS_INV | (uint64_t)requester << 32;
	uint32_t lpi;
	int device;

	if (!its_config && !its_init())
		return false;
	device = its_find(requester);
	if (device < 0 || event >> EVENT_BITS)
		return false;
	lpi = GIC_LPI + (device << EVENT_BITS) + event;
	gic_attach(lpi, n, NULL);
	its_configure(lpi, PRIORITY, true);
	if (!its_map_event(requester, event, lpi, 0) ||
	    !its_command(inv, event, 0, 0) ||
	    !its_command(ITS_SYNC, 0, its_target(0), 0))
		return false;
	*m = (struct msi){ gic.its + GITS_TRANSLATER, event };
	return true;
}
