/* SPDX-License-Identifier: MIT */
/* The DSDT: the board's devices in AML. */
#include <stdio.h>
#include <string.h>

#include "boot/acpi_priv.h"
#include "hw/core/acpi_regs.h"

static void acpi_name_int(struct aml *a, const char *name, uint64_t val)
{
	aml_name(a, name);
	aml_int(a, val);
}

static void acpi_name_hid(struct aml *a, const char *name, const char *hid)
{
	aml_name(a, name);
	aml_hid(a, hid);
}

/* ---- resources of one device */

static void acpi_crs_irq(const struct board *b, const struct board_dev *d,
			 struct aml *a)
{
	if (d->irq != BOARD_NO_IRQ)
		aml_interrupt(a, acpi_gsi(b, d->irq),
			      d->trigger == TRIGGER_LEVEL,
			      d->polarity == POLARITY_LOW);
}

static void acpi_crs_window(const struct board_dev *d, struct aml *a)
{
	if (!d->size)
		return;
	if (d->space == SPACE_PIO)
		aml_io(a, (uint16_t)d->base, (uint8_t)d->size);
	else if (d->space == SPACE_MMIO)
		aml_memory(a, d->base, d->size);
}

static void acpi_crs(const struct board *b, const struct board_dev *d,
		     struct aml *a)
{
	size_t m;

	aml_name(a, "_CRS");
	m = aml_resources(a);
	acpi_crs_window(d, a);
	acpi_crs_irq(b, d, a);
	aml_resources_end(a, m);
}

/* ---- the PCI root */

/* Every slot's four pins: the address is slot << 16 | any function. */
static void acpi_prt(const struct board *b, struct aml *a)
{
	size_t all, one;

	aml_name(a, "_PRT");
	all = aml_package(a, 32 * 4);
	for (unsigned slot = 0; slot < 32; slot++)
		for (unsigned pin = 0; pin < 4; pin++) {
			one = aml_package(a, 4);
			aml_int(a, slot << 16 | 0xffff);
			aml_int(a, pin);
			aml_int(a, 0); /* no link device: a GSI follows */
			aml_int(a, acpi_gsi(b, board_intx(b, slot, pin)));
			aml_end(a, one);
		}
	aml_end(a, all);
}

static void acpi_pci_crs(const struct board_pci *pci, struct aml *a)
{
	size_t m;

	aml_name(a, "_CRS");
	m = aml_resources(a);
	aml_bus_numbers(a, 0, (uint16_t)pci->buses);
	if (pci->pio.size && pci->pio_mmio)
		aml_io_window_mmio(a, pci->pio.base, pci->pio.size,
				   pci->pio_mmio);
	else if (pci->pio.size)
		aml_io_window(a, (uint32_t)pci->pio.base,
			      (uint32_t)pci->pio.size);
	if (pci->mmio32.size)
		aml_memory_window(a, pci->mmio32.base, pci->mmio32.size);
	if (pci->mmio64.size)
		aml_memory_window(a, pci->mmio64.base, pci->mmio64.size);
	aml_resources_end(a, m);
}

static void acpi_dword_of_arg3(struct aml *a, unsigned off, const char *name)
{
	aml_op(a, AML_CREATE_DWORD);
	aml_op(a, AML_ARG3);
	aml_int(a, off);
	aml_path(a, name);
}

/* name |= bits */
static void acpi_or_into(struct aml *a, const char *name, unsigned bits)
{
	aml_op(a, AML_OR);
	aml_path(a, name);
	aml_int(a, bits);
	aml_path(a, name);
}

/*
 * PCI Firmware 3.3, section 4.5.1: Arg0 is the UUID, Arg1 the revision, Arg3
 * holds status, what the OS supports, and what it asks to control, of which
 * it is granted all that there is.
 */
static void acpi_osc(struct aml *a)
{
	enum {
		BAD_UUID = 4,
		BAD_REVISION = 8,
		MASKED = 0x10,
		GRANTED = 0x1f /* hot plug, SHPC, PME, AER, the capability */
	};
	size_t method = aml_method(a, "_OSC", 4, true), m, inner;

	acpi_dword_of_arg3(a, 0, "CDW1");
	m = aml_if(a);
	aml_op(a, AML_EQUAL);
	aml_op(a, AML_ARG0);
	aml_uuid(a, "33db4d5b-1ff7-401c-9657-7441c03dd766");
	acpi_dword_of_arg3(a, 8, "CDW3");
	inner = aml_if(a);
	aml_op(a, AML_NOT);
	aml_op(a, AML_EQUAL);
	aml_op(a, AML_ARG1);
	aml_int(a, 1);
	acpi_or_into(a, "CDW1", BAD_REVISION);
	aml_end(a, inner);
	aml_op(a, AML_AND);
	aml_path(a, "CDW3");
	aml_int(a, GRANTED);
	aml_op(a, AML_LOCAL0);
	inner = aml_if(a);
	aml_op(a, AML_NOT);
	aml_op(a, AML_EQUAL);
	aml_op(a, AML_LOCAL0);
	aml_path(a, "CDW3");
	acpi_or_into(a, "CDW1", MASKED);
	aml_end(a, inner);
	aml_op(a, AML_STORE);
	aml_op(a, AML_LOCAL0);
	aml_path(a, "CDW3");
	aml_end(a, m);
	m = aml_else(a);
	acpi_or_into(a, "CDW1", BAD_UUID);
	aml_end(a, m);
	aml_op(a, AML_RETURN);
	aml_op(a, AML_ARG3);
	aml_end(a, method);
}

static void acpi_pci(const struct board *b, const struct board_dev *d,
		     struct aml *a)
{
	(void)d;
	acpi_name_hid(a, "_CID", "PNP0A03");
	acpi_name_int(a, "_SEG", 0);
	acpi_name_int(a, "_BBN", 0);
	acpi_name_int(a, "_CCA", 1);
	if (board_nodes(b) > 1)
		acpi_name_int(a, "_PXM", 0); /* near the first node */
	acpi_pci_crs(&b->pci, a);
	acpi_prt(b, a);
	acpi_osc(a);
}

/* ---- the event device; what it signals is under \_SB */

static void acpi_ged(const struct board *b, const struct board_dev *d,
		     struct aml *a)
{
	size_t m, inner;

	/* Its registers are RES0's: only interrupts may be listed here. */
	aml_name(a, "_CRS");
	m = aml_resources(a);
	acpi_crs_irq(b, d, a);
	aml_resources_end(a, m);
	aml_region(a, "GEDR", AML_SYSTEM_MEMORY, d->base + ACPI_GED_SELECT, 4);
	aml_field32(a, "GEDR", "ESEL");
	m = aml_method(a, "_EVT", 1, true);
	aml_op(a, AML_STORE);
	aml_path(a, "ESEL");
	aml_op(a, AML_LOCAL0);
	inner = aml_if(a);
	aml_op(a, AML_AND);
	aml_op(a, AML_LOCAL0);
	aml_int(a, ACPI_GED_POWER_BUTTON);
	aml_op(a, AML_ZERO);
	aml_op(a, AML_NOTIFY);
	aml_path(a, "\\_SB.PWRB");
	aml_int(a, 0x80);
	aml_end(a, inner);
	aml_end(a, m);
}

static void acpi_power_button(struct aml *a)
{
	size_t m = aml_device(a, "PWRB");

	acpi_name_hid(a, "_HID", "PNP0C0C");
	acpi_name_int(a, "_UID", 0);
	aml_end(a, m);
}

/* ---- every device */

static void acpi_dma(const struct board *b, const struct board_dev *d,
		     struct aml *a)
{
	acpi_name_int(a, "_CCA", 1); /* its accesses are cache-coherent */
	acpi_crs(b, d, a);
}

/* Devices that are more than a _HID, a _UID and their resources. */
static const struct acpi_special {
	const char *hid;
	const char *name; /* NULL: by its place on the board */
	void (*body)(const struct board *b, const struct board_dev *d,
		     struct aml *a);
	bool registers_in_res0; /* its _CRS does not list them */
} acpi_specials[] = {
	{ "PNP0A08", "PCI0", acpi_pci, true },
	{ "ACPI0013", "GED0", acpi_ged, true },
	{ "LNRO0005", NULL, acpi_dma, false },
	{ "QEMU0002", NULL, acpi_dma, false },
	{ NULL, NULL, acpi_crs, false },
};

static const struct acpi_special *acpi_special(const char *hid)
{
	const struct acpi_special *s = acpi_specials;

	while (s->hid && strcmp(s->hid, hid))
		s++;
	return s;
}

void acpi_dev_name(const struct board *b, const struct board_dev *d,
		   char name[ACPI_NAME_SIZE])
{
	const char *special = acpi_special(d->class->acpi_hid)->name;
	unsigned i = (unsigned)(d - b->devs);

	if (special)
		snprintf(name, ACPI_NAME_SIZE, "%s", special);
	else
		snprintf(name, ACPI_NAME_SIZE, "D%03X", i & 0xfff);
}

static void acpi_device(const struct board *b, const struct board_dev *d,
			struct aml *a)
{
	char name[ACPI_NAME_SIZE];
	size_t m;

	if (!d->class->acpi_hid)
		return;
	acpi_dev_name(b, d, name);
	m = aml_device(a, name);
	acpi_name_hid(a, "_HID", d->class->acpi_hid);
	acpi_name_int(a, "_UID", d->uid);
	acpi_special(d->class->acpi_hid)->body(b, d, a);
	aml_end(a, m);
}

/*
 * Motherboard resources: the configuration space, which a kernel trusts only
 * if it is reserved here, and registers that their device may not list.
 */
static void acpi_reserved(const struct board *b, struct aml *a)
{
	size_t m = aml_device(a, "RES0"), crs;

	acpi_name_hid(a, "_HID", "PNP0C02");
	acpi_name_int(a, "_UID", 0);
	aml_name(a, "_CRS");
	crs = aml_resources(a);
	for (unsigned i = 0; i < b->ndevs; i++) {
		const char *hid = b->devs[i].class->acpi_hid;

		if (hid && acpi_special(hid)->registers_in_res0)
			acpi_crs_window(&b->devs[i], a);
	}
	aml_resources_end(a, crs);
	aml_end(a, m);
}

static void acpi_s5(struct aml *a)
{
	size_t m;

	aml_name(a, "\\_S5");
	m = aml_package(a, 2);
	aml_int(a, ACPI_GED_SLP_TYP_S5);
	aml_int(a, 0);
	aml_end(a, m);
}

/* A CPU; its uid is what the MADT and the PPTT call it. */
static void acpi_processor(unsigned uid, struct aml *a)
{
	char name[8];
	size_t m;

	snprintf(name, sizeof(name), "C%03X", uid & 0xfff);
	m = aml_device(a, name);
	acpi_name_hid(a, "_HID", "ACPI0007");
	acpi_name_int(a, "_UID", uid);
	aml_end(a, m);
}

/* A socket with its CPUs, from number *cpu on. */
static void acpi_socket(const struct board *b, unsigned *cpu, struct aml *a)
{
	const uint32_t socket = b->cpus[*cpu].socket;
	char name[8];
	size_t m;

	snprintf(name, sizeof(name), "S%03X", socket & 0xfff);
	m = aml_device(a, name);
	acpi_name_hid(a, "_HID", "ACPI0010"); /* processor container */
	acpi_name_int(a, "_UID", socket);
	while (*cpu < b->ncpus && b->cpus[*cpu].socket == socket)
		acpi_processor((*cpu)++, a);
	aml_end(a, m);
}

void acpi_dsdt(const struct board *b, struct aml *a)
{
	bool ged = acpi_find_hid(b, "ACPI0013");
	bool processors = acpi_arch(b->arch)->processors;
	size_t m;

	if (ged)
		acpi_s5(a);
	m = aml_scope(a, "\\_SB");
	if (ged)
		acpi_power_button(a);
	acpi_reserved(b, a);
	for (unsigned i = 0; i < b->ndevs; i++)
		acpi_device(b, &b->devs[i], a);
	for (unsigned cpu = 0; cpu < b->ncpus && processors;)
		acpi_socket(b, &cpu, a);
	aml_end(a, m);
}
