/* SPDX-License-Identifier: MIT */
/* What UEFI firmware would have left for a kernel, written without any. */
#include "boot/efi.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "boot/aml.h"
#include "boot/image.h"
#include "boot/loader.h"
#include "hw/sal/code.h"

/* Where each thing lies in the area. */
#define AT_SYSTEM_TABLE 0x000
#define AT_CONFIG	0x100
#define AT_RT_PROPS	0x200
#define AT_MEMRESERVE	0x240
#define AT_VENDOR	0x300 /* Linux maps 100 characters, come what may */
#define AT_MAP		0x1000

/* ---- the system table: UEFI 2.10, section 4.3 */

#define SYSTEM_TABLE_SIZE 120
#define EFI_REVISION	  (2u << 16 | 100) /* 2.10 */
#define VENDOR		  "vmm"

/* Linux's; it keeps here what a kexec'd kernel may not use. */
#define GUID_MEMRESERVE "888eb0c6-8ede-4ff5-a8f0-9aee5cb977c2"
#define GUID_ACPI_20	"8868e871-e4f1-11d3-bc22-0080c73c8881"
#define GUID_RT_PROPS	"eb66918a-7eef-402a-842e-931d21c38ae9"
#define GUID_SAL	"eb9d2d32-2d88-11d3-9a16-0090273fc14d"
/* The paravirtual interface of vmm's ia64 engine; docs/ia64.md. */
#define GUID_PARAVIRT "5f3c7e12-9d0b-4c68-a1f7-2be4630d98a5"
#define CONFIG_SIZE   24 /* a GUID and an address */
#define RT_PROPS_SIZE 8

/* ---- what a board's tables have beyond the common ones */

#define PAGE	     4096
#define ATTR_UC	     UINT64_C(1)
#define ATTR_WB	     UINT64_C(8) /* cacheable; so Linux takes it for memory */
#define ATTR_RUNTIME (UINT64_C(1) << 63)

#define TYPE_RUNTIME_CODE 5
#define TYPE_RUNTIME_DATA 6
#define TYPE_MMIO	  11
#define TYPE_PORTS	  12 /* the I/O port space in memory */
#define TYPE_PAL_CODE	  13

/* EFI_RT_SUPPORTED_ of hw/sal: all but wake-ups, ConvertPointer, capsules */
#define EFI_SAL_SERVICES 0x27f3

#define EFI_MAX_TABLES	2
#define EFI_MAX_REGIONS 4

/* A descriptor of the memory map. */
struct efi_region {
	uint32_t type;
	uint64_t base, size, attributes;
};

struct efi_contents {
	gpa_t rsdp;
	gpa_t runtime;	   /* the table of runtime services; 0: none */
	uint32_t services; /* EFI_RT_SUPPORTED_ */
	struct {
		const char *guid;
		gpa_t address;
	} table[EFI_MAX_TABLES];
	unsigned ntables;
	struct efi_region region[EFI_MAX_REGIONS];
	unsigned nregions;
};

static void efi_add_table(struct efi_contents *c, const char *guid,
			  gpa_t address)
{
	assert(c->ntables < EFI_MAX_TABLES);
	c->table[c->ntables].guid = guid;
	c->table[c->ntables++].address = address;
}

static void efi_add_region(struct efi_contents *c, uint32_t type, uint64_t base,
			   uint64_t size, uint64_t attributes)
{
	assert(c->nregions < EFI_MAX_REGIONS);
	c->region[c->nregions++] =
		(struct efi_region){ type, base, size, attributes };
}

/* Where the RTC is, if GetTime() can be had: alone in pages of any kernel. */
static gpa_t efi_rtc(const struct board *b)
{
	unsigned i = 0;
	const struct board_dev *rtc = board_next_class(b, "pl031", &i);

	return rtc && rtc->base % EFI_RUNTIME_SIZE == 0 ? rtc->base : 0;
}

/* Services that read the PL031, in the area behind the tables. */
static void efi_by_rtc(const struct board *b, gpa_t at, struct efi_contents *c)
{
	gpa_t rtc = efi_rtc(b);

	if (!rtc)
		return;
	c->runtime = at;
	c->services = EFI_RUNTIME_TIME;
	efi_add_region(c, TYPE_MMIO, rtc, EFI_RUNTIME_SIZE,
		       ATTR_UC | ATTR_RUNTIME);
	efi_add_region(c, TYPE_RUNTIME_CODE, at, EFI_RUNTIME_SIZE,
		       ATTR_WB | ATTR_RUNTIME);
}

/* ia64: services of the machine's firmware, which has a place of its own. */
static void efi_by_sal(const struct board *b, struct efi_contents *c)
{
	gpa_t fw = b->ia64.firmware.base;

	if (!b->ia64.firmware.size)
		return;
	c->runtime = fw + SAL_AT_RUNTIME;
	c->services = EFI_SAL_SERVICES;
	efi_add_table(c, GUID_SAL, fw + SAL_AT_TABLE);
	if (b->ia64.paravirt)
		efi_add_table(c, GUID_PARAVIRT, fw + SAL_AT_PV);
	efi_add_region(c, TYPE_PAL_CODE, fw, SAL_PART, ATTR_WB | ATTR_RUNTIME);
	efi_add_region(c, TYPE_RUNTIME_CODE, fw + SAL_PART, SAL_PART,
		       ATTR_WB | ATTR_RUNTIME);
	efi_add_region(c, TYPE_RUNTIME_DATA, fw + SAL_MIN_STATE,
		       SAL_SIZE - SAL_MIN_STATE, ATTR_WB | ATTR_RUNTIME);
	efi_add_region(c, TYPE_PORTS, b->ia64.ports.base, b->ia64.ports.size,
		       ATTR_UC | ATTR_RUNTIME);
}

/* ---- the system table, continued */

static void efi_config(uint8_t *area, unsigned *n, const char *guid,
		       uint64_t address)
{
	uint8_t *p = area + AT_CONFIG + *n * CONFIG_SIZE;

	uuid_bytes(guid, p);
	put_le64(p + 16, address);
	++*n;
}

/* UTF-16, with its zero. */
static void efi_vendor(uint8_t *p)
{
	for (const char *s = VENDOR; *s; s++, p += 2)
		put_le16(p, (uint16_t)*s);
}

static void efi_system_table(uint8_t *area, gpa_t at,
			     const struct efi_contents *c)
{
	uint8_t *p = area + AT_SYSTEM_TABLE;
	unsigned tables = 0;

	_Static_assert(AT_CONFIG + (3 + EFI_MAX_TABLES) * CONFIG_SIZE <=
			       AT_RT_PROPS,
		       "");
	efi_vendor(area + AT_VENDOR);
	put_le16(area + AT_RT_PROPS, 1); /* version */
	put_le16(area + AT_RT_PROPS + 2, RT_PROPS_SIZE);
	put_le32(area + AT_RT_PROPS + 4, c->services);
	/* An empty list is zero, and so is what Linux starts from. */
	efi_config(area, &tables, GUID_ACPI_20, c->rsdp);
	efi_config(area, &tables, GUID_RT_PROPS, at + AT_RT_PROPS);
	efi_config(area, &tables, GUID_MEMRESERVE, at + AT_MEMRESERVE);
	for (unsigned i = 0; i < c->ntables; i++)
		efi_config(area, &tables, c->table[i].guid,
			   c->table[i].address);

	memcpy(p, "IBI SYST", 8);
	put_le32(p + 8, EFI_REVISION);
	put_le32(p + 12, SYSTEM_TABLE_SIZE);
	put_le64(p + 24, at + AT_VENDOR);
	put_le32(p + 32, 1); /* the firmware's revision */
	/* No consoles, no boot services: 40 to 103 but for 88. */
	put_le64(p + 88, c->runtime);
	put_le64(p + 104, tables);
	put_le64(p + 112, at + AT_CONFIG);
	put_le32(p + 16, (uint32_t)crc32(0, p, SYSTEM_TABLE_SIZE));
}

/* ---- the memory map: section 7.2.3 */

#define DESC_SIZE    40
#define DESC_VERSION 1
/* By enum boot_map_type. */
static const uint32_t efi_types[] = {
	[BOOT_MAP_RAM] = 7,	 /* EfiConventionalMemory */
	[BOOT_MAP_RESERVED] = 0, /* EfiReservedMemoryType */
	[BOOT_MAP_ACPI] = 9,	 /* EfiACPIReclaimMemory: Linux keeps it */
};

static bool efi_is_ram(const struct board *b, uint64_t addr)
{
	for (unsigned i = 0; i < b->nram; i++)
		if (addr - b->ram[i].base < b->ram[i].size)
			return true;
	return addr - b->firmware_ram.base < b->firmware_ram.size;
}

static uint8_t *efi_desc(uint8_t *p, const struct efi_region *r)
{
	assert(r->base % PAGE == 0 && r->size % PAGE == 0);
	put_le32(p, r->type);
	put_le64(p + 8, r->base);
	if (r->attributes & ATTR_RUNTIME)
		put_le64(p + 16, r->base); /* where it runs */
	put_le64(p + 24, r->size / PAGE);
	put_le64(p + 32, r->attributes);
	return p + DESC_SIZE;
}

/* The region that says more of what begins at base, or NULL. */
static const struct efi_region *efi_region_at(const struct efi_contents *c,
					      uint64_t base)
{
	for (unsigned i = 0; i < c->nregions; i++)
		if (c->region[i].base == base)
			return &c->region[i];
	return NULL;
}

/*
 * What is no RAM is ACPI's to tell of, but for the regions there: those come
 * first.  Returns the map's size in bytes.
 */
static uint32_t efi_map(const struct board *b, const struct boot_map *map,
			const struct efi_contents *c, uint8_t *to)
{
	uint8_t *p = to;

	for (unsigned i = 0; i < c->nregions; i++)
		if (!efi_is_ram(b, c->region[i].base))
			p = efi_desc(p, &c->region[i]);
	for (unsigned i = 0; i < map->n; i++) {
		const struct boot_map_entry *e = &map->entry[i];
		const struct efi_region *special = efi_region_at(c, e->base);
		const struct efi_region r = { .type = efi_types[e->type],
					      .base = e->base,
					      .size = e->size,
					      .attributes = ATTR_WB };

		if (efi_is_ram(b, e->base))
			p = efi_desc(p, special ? special : &r);
	}
	return (uint32_t)(p - to);
}

void efi_build(const struct board *b, const struct boot_map *map, gpa_t at,
	       gpa_t rsdp, uint8_t area[EFI_AREA_SIZE],
	       struct efi_handover *out)
{
	gpa_t runtime = at + EFI_TABLES_SIZE;
	struct efi_contents c = { .rsdp = rsdp };
	struct boot_map all = *map;

	_Static_assert(AT_MAP + (BOOT_MAP_MAX + EFI_MAX_REGIONS) * DESC_SIZE <=
			       EFI_TABLES_SIZE,
		       "");
	efi_by_rtc(b, runtime, &c);
	efi_by_sal(b, &c);
	boot_map_add(&all, at, EFI_TABLES_SIZE, BOOT_MAP_ACPI);
	boot_map_add(&all, runtime, EFI_RUNTIME_SIZE, BOOT_MAP_ACPI);
	for (unsigned i = 0; i < c.nregions; i++)
		if (efi_is_ram(b, c.region[i].base))
			boot_map_add(&all, c.region[i].base, c.region[i].size,
				     BOOT_MAP_ACPI);
	memset(area, 0, EFI_AREA_SIZE);
	efi_system_table(area, at, &c);
	if (efi_rtc(b))
		efi_runtime_build(runtime, efi_rtc(b), area + EFI_TABLES_SIZE);
	*out = (struct efi_handover){
		.system_table = at + AT_SYSTEM_TABLE,
		.map = at + AT_MAP,
		.map_size = efi_map(b, &all, &c, area + AT_MAP),
		.desc_size = DESC_SIZE,
		.desc_version = DESC_VERSION,
	};
}

int loader_put_efi(struct loader *l, struct err *err)
{
	struct space *room = loader_tables(l);
	gpa_t at = space_high(room, 0, UINT64_C(1) << 32, EFI_AREA_SIZE,
			      EFI_AREA_ALIGN);
	uint8_t *area = NULL;

	if (at != UINT64_MAX)
		area = mem_run_rw(l->mem, at, EFI_AREA_SIZE);
	if (!area) {
		err_set(err, ENOMEM,
			"the EFI tables, %u KiB, find no room beside the "
			"kernel and the initrd",
			EFI_AREA_SIZE >> 10);
		err_hint(err, "give the guest more memory with --memory");
		return -ENOMEM;
	}
	space_take(room, at, EFI_AREA_SIZE);
	efi_build(l->board, &l->map, at, l->board->acpi.base, area, &l->efi);
	return 0;
}
