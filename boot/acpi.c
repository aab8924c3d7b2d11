/* SPDX-License-Identifier: MIT */
/* The ACPI tables of a board: those with fixed fields, and how all link. */
#include "boot/acpi.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/acpi_priv.h"
#include "hw/core/acpi_regs.h"

#define ACPI_ALIGN	  16
#define ACPI_HEADER_SIZE  36
#define ACPI_RSDP_SIZE	  36
#define ACPI_OFF_LENGTH	  4
#define ACPI_OFF_CHECKSUM 9

static const struct acpi_arch *const acpi_archs[] = { &acpi_x86_64, &acpi_arm64,
						      &acpi_ia64 };

const struct acpi_arch *acpi_arch(enum arch arch)
{
	for (size_t i = 0; i < sizeof(acpi_archs) / sizeof(*acpi_archs); i++)
		if (acpi_archs[i]->arch == arch)
			return acpi_archs[i];
	return NULL;
}

uint32_t acpi_gsi(const struct board *b, uint32_t irq)
{
	return irq + acpi_arch(b->arch)->gsi_base;
}

const struct board_dev *acpi_find_hid(const struct board *b, const char *hid)
{
	for (unsigned i = 0; i < b->ndevs; i++)
		if (b->devs[i].class->acpi_hid &&
		    !strcmp(b->devs[i].class->acpi_hid, hid))
			return &b->devs[i];
	return NULL;
}

/* ---- the frame of a table */

static void acpi_checksum(uint8_t *p, size_t n, size_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < n; i++)
		sum += p[i];
	p[at] = (uint8_t)-sum;
}

static void acpi_align(struct aml *a)
{
	while (a->len % ACPI_ALIGN && !a->full)
		aml_u8(a, 0);
}

size_t acpi_begin(struct aml *a, const char *signature, uint8_t revision)
{
	size_t at;

	acpi_align(a);
	at = a->len;
	aml_bytes(a, signature, 4);
	aml_u32(a, 0); /* length, acpi_end() */
	aml_u8(a, revision);
	aml_u8(a, 0); /* checksum, the same */
	aml_bytes(a, "VMM   ", 6);
	aml_bytes(a, "VIRT    ", 8);
	aml_u32(a, 1);
	aml_bytes(a, "VMM ", 4);
	aml_u32(a, 1);
	return at;
}

static void acpi_set32(uint8_t *p, uint32_t val)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> 8 * i);
}

static void acpi_set64(uint8_t *p, uint64_t val)
{
	acpi_set32(p, (uint32_t)val);
	acpi_set32(p + 4, (uint32_t)(val >> 32));
}

void acpi_end(const struct board *b, struct acpi_tables *t, struct aml *a,
	      size_t at)
{
	struct acpi_table *table = &t->table[t->n];

	if (a->full)
		return;
	assert(t->n < ACPI_MAX_TABLES);
	*table = (struct acpi_table){ .data = a->buf + at,
				      .size = (uint32_t)(a->len - at),
				      .address = b->acpi.base + at };
	for (unsigned i = 0; i < 4; i++)
		table->name[i] = (char)tolower(table->data[i]);
	acpi_set32(table->data + ACPI_OFF_LENGTH, table->size);
	acpi_checksum(table->data, table->size, ACPI_OFF_CHECKSUM);
	t->n++;
}

/* Generic address structure, ACPI 6.4, section 5.2.3.2: 1 or 4 bytes. */
static void acpi_gas(struct aml *a, const struct board_dev *d, uint64_t off,
		     uint8_t bytes)
{
	aml_u8(a, d->space == SPACE_PIO ? AML_SYSTEM_IO : AML_SYSTEM_MEMORY);
	aml_u8(a, (uint8_t)(8 * bytes));
	aml_u8(a, 0);
	aml_u8(a, bytes == 4 ? 3 : 1); /* accessed as a whole */
	aml_u64(a, d->base + off);
}

static void acpi_zeros(struct aml *a, unsigned n)
{
	while (n--)
		aml_u8(a, 0);
}

/* ---- FADT, section 5.2.9 */

#define FADT_WBINVD	(1u << 0)
#define FADT_PWR_BUTTON (1u << 4) /* it is a device, as */
#define FADT_SLP_BUTTON (1u << 5) /* a sleep button would be */
#define FADT_RESET_REG	(1u << 10)
#define FADT_HW_REDUCED (1u << 20)
#define FADT_NO_VGA	(1u << 2) /* IAPC_BOOT_ARCH */
#define FADT_NO_RTC	(1u << 5)
#define FADT_SIZE	276
#define RTC_CENTURY	0x32

static uint16_t fadt_boot_arch(const struct board *b)
{
	if (b->arch != ARCH_X86_64)
		return 0;
	return FADT_NO_VGA | (acpi_find_hid(b, "PNP0B00") ? 0 : FADT_NO_RTC);
}

static void acpi_ged_register(struct aml *a, const struct board_dev *ged,
			      uint64_t off)
{
	if (ged)
		acpi_gas(a, ged, off, 1);
	else
		acpi_zeros(a, 12);
}

static void acpi_fadt(const struct board *b, struct acpi_tables *t,
		      struct aml *a, uint64_t dsdt)
{
	const struct board_dev *ged = acpi_find_hid(b, "ACPI0013");
	size_t at = acpi_begin(a, "FACP", 6);

	/* Offsets of the table stand at the right: 36 here. */
	acpi_zeros(a, 4);				     /* no FACS */
	aml_u32(a, dsdt <= UINT32_MAX ? (uint32_t)dsdt : 0); /* 40 */
	acpi_zeros(a, 64);				     /* 44: PM1 ... */
	aml_u8(a, acpi_find_hid(b, "PNP0B00") ? RTC_CENTURY : 0); /* 108 */
	aml_u16(a, fadt_boot_arch(b));				  /* 109 */
	aml_u8(a, 0);
	aml_u32(a, FADT_WBINVD | FADT_PWR_BUTTON | FADT_SLP_BUTTON |
			   FADT_HW_REDUCED | (ged ? FADT_RESET_REG : 0));
	acpi_ged_register(a, ged, ACPI_GED_RESET); /* 116 */
	aml_u8(a, ACPI_GED_RESET_VALUE);	   /* 128 */
	aml_u16(a, acpi_arch(b->arch)->fadt_arm_boot);
	aml_u8(a, 4);	   /* 131: minor revision, 6.4 */
	acpi_zeros(a, 8);  /* 132: X_FACS */
	aml_u64(a, dsdt);  /* 140: X_DSDT */
	acpi_zeros(a, 96); /* 148: X_PM1a_EVT_BLK ... */
	acpi_ged_register(a, ged, ACPI_GED_SLEEP_CONTROL); /* 244 */
	acpi_ged_register(a, ged, ACPI_GED_SLEEP_STATUS);  /* 256 */
	aml_bytes(a, "VMM     ", 8); /* 268: hypervisor vendor */
	assert(a->full || a->len - at == FADT_SIZE);
	acpi_end(b, t, a, at);
}

/* ---- MADT, MCFG, SPCR, SRAT, SLIT */

static void acpi_madt(const struct board *b, struct acpi_tables *t,
		      struct aml *a)
{
	size_t at = acpi_begin(a, "APIC", 5);

	acpi_arch(b->arch)->madt(b, a);
	acpi_end(b, t, a, at);
}

/* PCI Firmware 3.3, section 4.1.2. */
static void acpi_mcfg(const struct board *b, struct acpi_tables *t,
		      struct aml *a)
{
	size_t at;

	if (!b->pci.present || !b->pci.ecam.size)
		return;
	at = acpi_begin(a, "MCFG", 1);
	acpi_zeros(a, 8);
	aml_u64(a, b->pci.ecam.base);
	aml_u16(a, 0); /* segment */
	aml_u8(a, 0);  /* first and last bus */
	aml_u8(a, (uint8_t)(b->pci.buses - 1));
	aml_u32(a, 0);
	acpi_end(b, t, a, at);
}

/* Serial ports that a kernel may use before it has drivers. */
static const struct acpi_uart {
	const char *hid;
	uint8_t interface; /* DBG2's subtypes of a serial port */
	uint8_t bytes;	   /* of a register */
} acpi_uarts[] = {
	{ "PNP0501", 0x00, 1 },	 /* 16550 */
	{ "ARMH0011", 0x03, 4 }, /* PL011 */
};

/* The first of them on the board, or NULL. */
static const struct board_dev *acpi_find_uart(const struct board *b,
					      const struct acpi_uart **kind)
{
	for (size_t i = 0; i < sizeof(acpi_uarts) / sizeof(*acpi_uarts); i++) {
		const struct board_dev *d = acpi_find_hid(b, acpi_uarts[i].hid);

		*kind = &acpi_uarts[i];
		if (d)
			return d;
	}
	return NULL;
}

static void acpi_spcr(const struct board *b, struct acpi_tables *t,
		      struct aml *a)
{
	const struct acpi_uart *kind;
	const struct board_dev *d = acpi_find_uart(b, &kind);
	bool wired = d && d->irq != BOARD_NO_IRQ;
	size_t at;

	if (!d)
		return;
	at = acpi_begin(a, "SPCR", 2);
	aml_u8(a, kind->interface);
	acpi_zeros(a, 3);
	acpi_gas(a, d, 0, kind->bytes);
	aml_u8(a, wired ? acpi_arch(b->arch)->spcr_interrupt : 0);
	aml_u8(a, 0); /* no 8259 */
	aml_u32(a, wired ? acpi_gsi(b, d->irq) : 0);
	aml_u8(a, 7); /* 115200 bit/s, */
	aml_u8(a, 0); /* no parity, */
	aml_u8(a, 1); /* one stop bit, */
	aml_u8(a, 0); /* no flow control, */
	aml_u8(a, 3); /* an ANSI terminal */
	aml_u8(a, 0);
	aml_u32(a, UINT32_MAX); /* not a PCI device */
	acpi_zeros(a, 3 + 4 + 1 + 4);
	acpi_end(b, t, a, at);
}

/* Microsoft's Debug Port Table 2: the same port, for debuggers. */
#define DBG2_DEVICE_AT	 44
#define DBG2_DEVICE_SIZE 22 /* without address, size and path */
#define DBG2_SERIAL	 0x8000
#define GAS_SIZE	 12

static void acpi_dbg2(const struct board *b, struct acpi_tables *t,
		      struct aml *a)
{
	const struct acpi_uart *kind;
	const struct board_dev *d = acpi_find_uart(b, &kind);
	const size_t path_at = DBG2_DEVICE_SIZE + GAS_SIZE + 4;
	char name[ACPI_NAME_SIZE], path[sizeof("\\_SB.") + sizeof(name)];
	size_t at, n;

	if (!d)
		return;
	acpi_dev_name(b, d, name);
	snprintf(path, sizeof(path), "\\_SB.%s", name);
	n = strlen(path) + 1;
	at = acpi_begin(a, "DBG2", 0);
	aml_u32(a, DBG2_DEVICE_AT);
	aml_u32(a, 1); /* device */
	aml_u8(a, 0);  /* revision */
	aml_u16(a, (uint16_t)(path_at + n));
	aml_u8(a, 1); /* address */
	aml_u16(a, (uint16_t)n);
	aml_u16(a, (uint16_t)path_at);
	aml_u16(a, 0); /* no data */
	aml_u16(a, 0); /* of an OEM */
	aml_u16(a, DBG2_SERIAL);
	aml_u16(a, kind->interface);
	aml_u16(a, 0);
	aml_u16(a, DBG2_DEVICE_SIZE);
	aml_u16(a, DBG2_DEVICE_SIZE + GAS_SIZE);
	acpi_gas(a, d, 0, kind->bytes);
	aml_u32(a, (uint32_t)d->size);
	aml_bytes(a, path, n);
	assert(a->full || a->len - at == DBG2_DEVICE_AT + path_at + n);
	acpi_end(b, t, a, at);
}

static void acpi_srat(const struct board *b, struct acpi_tables *t,
		      struct aml *a)
{
	size_t at = acpi_begin(a, "SRAT", 3);

	aml_u32(a, 1);
	acpi_zeros(a, 8);
	for (unsigned i = 0; i < b->ncpus; i++)
		acpi_arch(b->arch)->srat_cpu(&b->cpus[i], i, a);
	for (unsigned i = 0; i < b->nram; i++) {
		aml_u8(a, 1); /* memory affinity */
		aml_u8(a, 40);
		aml_u32(a, b->ram[i].node);
		aml_u16(a, 0);
		aml_u64(a, b->ram[i].base);
		aml_u64(a, b->ram[i].size);
		aml_u32(a, 0);
		aml_u32(a, 1); /* enabled */
		aml_u64(a, 0);
	}
	acpi_end(b, t, a, at);
}

static void acpi_slit(const struct board *b, struct acpi_tables *t,
		      struct aml *a)
{
	uint32_t n = board_nodes(b);
	size_t at = acpi_begin(a, "SLIT", 1);

	aml_u64(a, n);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < n; j++)
			aml_u8(a, board_distance(b, i, j));
	acpi_end(b, t, a, at);
}

/* ---- XSDT and RSDP: the root */

static uint64_t acpi_xsdt(const struct board *b, struct acpi_tables *t,
			  struct aml *a, unsigned first)
{
	size_t at = acpi_begin(a, "XSDT", 1);

	for (unsigned i = first; i < t->n; i++)
		aml_u64(a, t->table[i].address);
	acpi_end(b, t, a, at);
	return b->acpi.base + at;
}

/* ACPI 6.4, section 5.2.5.3; its place was kept at the blob's start. */
static void acpi_rsdp(const struct board *b, struct acpi_tables *t,
		      uint64_t xsdt)
{
	uint8_t *p = t->blob;

	memcpy(p, "RSD PTR ", 8);
	memcpy(p + 9, "VMM   ", 6);
	p[15] = 2;
	acpi_set32(p + 20, ACPI_RSDP_SIZE);
	acpi_set64(p + 24, xsdt);
	acpi_checksum(p, 20, 8);
	acpi_checksum(p, ACPI_RSDP_SIZE, 32);
	t->table[0] = (struct acpi_table){ .name = "rsdp",
					   .data = p,
					   .size = ACPI_RSDP_SIZE,
					   .address = b->acpi.base };
}

static uint64_t acpi_dsdt_table(const struct board *b, struct acpi_tables *t,
				struct aml *a)
{
	size_t at = acpi_begin(a, "DSDT", 2); /* 64-bit integers */

	acpi_dsdt(b, a);
	acpi_end(b, t, a, at);
	return b->acpi.base + at;
}

static void acpi_all(const struct board *b, struct acpi_tables *t,
		     struct aml *a)
{
	uint64_t dsdt, xsdt;

	acpi_zeros(a, ACPI_RSDP_SIZE);
	t->n = 1;
	dsdt = acpi_dsdt_table(b, t, a);
	acpi_fadt(b, t, a, dsdt);
	acpi_madt(b, t, a);
	acpi_mcfg(b, t, a);
	acpi_spcr(b, t, a);
	acpi_dbg2(b, t, a);
	if (acpi_arch(b->arch)->processors)
		acpi_pptt(b, t, a);
	if (acpi_arch(b->arch)->tables)
		acpi_arch(b->arch)->tables(b, t, a);
	if (board_nodes(b) > 1) {
		acpi_srat(b, t, a);
		acpi_slit(b, t, a);
	}
	/* The DSDT is the FADT's, not the XSDT's. */
	xsdt = acpi_xsdt(b, t, a, 2);
	if (!a->full)
		acpi_rsdp(b, t, xsdt);
}

int acpi_build(const struct board *b, struct acpi_tables *out, struct err *err)
{
	struct aml a;

	*out = (struct acpi_tables){ 0 };
	if (!b->acpi.size || !acpi_arch(b->arch))
		return err_set(err, ENOTSUP,
			       "the %s machine has no ACPI tables",
			       arch_name(b->arch));
	out->blob = calloc(1, b->acpi.size);
	if (!out->blob)
		return err_nomem(err, "the ACPI tables");
	aml_init(&a, out->blob, b->acpi.size);
	acpi_all(b, out, &a);
	if (aml_done(&a) < 0) {
		acpi_free(out);
		return err_set(err, ENOSPC,
			       "the ACPI tables need more than the %" PRIu64
			       " bytes that the board has for them",
			       b->acpi.size);
	}
	out->size = a.len;
	return 0;
}

void acpi_free(struct acpi_tables *t)
{
	free(t->blob);
	*t = (struct acpi_tables){ 0 };
}

int acpi_write(const struct board *b, const struct mem *mem, struct err *err)
{
	struct acpi_tables t;
	int ret = acpi_build(b, &t, err);

	if (ret < 0)
		return ret;
	if (mem_write(mem, b->acpi.base, t.blob, t.size) < 0)
		ret = err_set(err, EFAULT,
			      "the ACPI tables at 0x%" PRIx64
			      " do not lie in guest memory",
			      b->acpi.base);
	acpi_free(&t);
	return ret;
}

int acpi_dump(const struct board *b,
	      int (*each)(void *opaque, const struct acpi_table *t,
			  struct err *err),
	      void *opaque, struct err *err)
{
	struct acpi_tables t;
	int ret = acpi_build(b, &t, err);

	for (unsigned i = 0; ret == 0 && i < t.n; i++)
		ret = each(opaque, &t.table[i], err);
	acpi_free(&t);
	return ret;
}

static int acpi_dump_file(void *opaque, const struct acpi_table *t,
			  struct err *err)
{
	char path[PATH_MAX];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.dat", (const char *)opaque,
		 t->name);
	f = fopen(path, "we");
	if (!f)
		return err_set(err, errno, "cannot create '%s': %s", path,
			       strerror(errno));
	ok = fwrite(t->data, 1, t->size, f) == t->size;
	ok = fclose(f) == 0 && ok;
	if (!ok)
		return err_set(err, EIO, "cannot write '%s'", path);
	return 0;
}

int acpi_dump_dir(const struct board *b, const char *dir, struct err *err)
{
	return acpi_dump(b, acpi_dump_file, (void *)(uintptr_t)dir, err);
}
