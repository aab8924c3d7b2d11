/* SPDX-License-Identifier: MIT */
/* ACPI's view of arm64: interrupt controllers, timers, who sends MSIs. */
#include <assert.h>

#include "boot/acpi_priv.h"

/*
 * Where the architecture has its interrupts (BSA, table 5: recommended PPI
 * assignments): KVM puts them there, and so do boards.
 */
#define PPI_PMU		  23
#define PPI_HYP_TIMER	  26
#define PPI_VIRT_TIMER	  27
#define PPI_SECURE_TIMER  29
#define PPI_PHYS_TIMER	  30
#define FIRST_SPI	  32
#define SPCR_GIC	  8    /* interrupt type: a GIC's GSIV */
#define PSCI_BY_HVC	  0x03 /* ARM_BOOT_ARCH: PSCI_COMPLIANT, USE_HVC */
#define GTDT_NONE	  UINT64_MAX /* no such register frame */
#define GTDT_LEVEL_ALWAYS 4	     /* level, active high, in any state */

/* ---- MADT: ACPI 6.4, sections 5.2.12.14 to 5.2.12.18 */

#define MADT_GICC     11
#define MADT_GICD     12
#define MADT_GIC_MSI  13
#define MADT_GICR     14
#define MADT_ITS      15
#define GICC_SIZE     80
#define GICC_ENABLED  1
#define ITS_ID	      0
#define GIC_VERSION_2 2
#define GIC_VERSION_3 3

static const struct board_dev *arm_part(const struct board *b, const char *name)
{
	unsigned i = 0;

	return board_next_class(b, name, &i);
}

static void arm_madt_cpu(const struct board *b, unsigned uid, struct aml *a)
{
	const struct board_dev *cpu_interface = arm_part(b, "gicv2-cpu");
	size_t at = a->len;

	aml_u8(a, MADT_GICC);
	aml_u8(a, GICC_SIZE);
	aml_u16(a, 0);
	aml_u32(a, uid); /* of the CPU interface, */
	aml_u32(a, uid); /* of the processor */
	aml_u32(a, GICC_ENABLED);
	aml_u32(a, 0); /* PSCI: no parking protocol */
	aml_u32(a, b->pmu ? PPI_PMU : 0);
	aml_u64(a, 0); /* parked address */
	aml_u64(a, cpu_interface ? cpu_interface->base : 0);
	aml_u64(a, 0); /* GICV, */
	aml_u64(a, 0); /* GICH: */
	aml_u32(a, 0); /* the guest has no EL2 */
	aml_u64(a, 0); /* GICR: in structures of their own */
	aml_u64(a, b->cpus[uid].hw_id);
	aml_u8(a, 0); /* efficiency class: all alike */
	aml_u8(a, 0);
	aml_u16(a, 0); /* no statistical profiling */
	assert(a->full || a->len - at == GICC_SIZE);
}

static void arm_madt_dist(const struct board_dev *d, uint8_t version,
			  struct aml *a)
{
	aml_u8(a, MADT_GICD);
	aml_u8(a, 24);
	aml_u16(a, 0);
	aml_u32(a, 0); /* its id */
	aml_u64(a, d->base);
	aml_u32(a, 0); /* interrupts from GSI 0 */
	aml_u8(a, version);
	aml_u8(a, 0);
	aml_u16(a, 0);
}

static void arm_madt_redist(const struct board_dev *d, struct aml *a)
{
	aml_u8(a, MADT_GICR);
	aml_u8(a, 16);
	aml_u16(a, 0);
	aml_u64(a, d->base);
	aml_u32(a, (uint32_t)d->size);
}

/* The frame's own MSI_TYPER tells which SPIs it has. */
static void arm_madt_msi_frame(const struct board_dev *d, struct aml *a)
{
	aml_u8(a, MADT_GIC_MSI);
	aml_u8(a, 24);
	aml_u16(a, 0);
	aml_u32(a, 0); /* its id */
	aml_u64(a, d->base);
	aml_u32(a, 0); /* no other SPIs than that */
	aml_u16(a, 0);
	aml_u16(a, 0);
}

static void arm_madt_its(const struct board_dev *d, struct aml *a)
{
	aml_u8(a, MADT_ITS);
	aml_u8(a, 20);
	aml_u16(a, 0);
	aml_u32(a, ITS_ID);
	aml_u64(a, d->base);
	aml_u32(a, 0);
}

static void arm_madt(const struct board *b, struct aml *a)
{
	const struct board_dev *d;
	unsigned i = 0;

	aml_u32(a, 0); /* no local APIC, */
	aml_u32(a, 0); /* no 8259s */
	for (unsigned cpu = 0; cpu < b->ncpus; cpu++)
		arm_madt_cpu(b, cpu, a);
	d = arm_part(b, "gicv2-dist");
	if (d)
		arm_madt_dist(d, GIC_VERSION_2, a);
	d = arm_part(b, "gicv3-dist");
	if (d)
		arm_madt_dist(d, GIC_VERSION_3, a);
	while ((d = board_next_class(b, "gicv3-redist", &i)))
		arm_madt_redist(d, a);
	d = arm_part(b, "gicv2m");
	if (d)
		arm_madt_msi_frame(d, a);
	d = arm_part(b, "gic-its");
	if (d)
		arm_madt_its(d, a);
}

/* ---- GTDT: section 5.2.24 */

#define GTDT_SIZE 104

static void arm_timer(struct aml *a, uint32_t gsiv)
{
	aml_u32(a, gsiv);
	aml_u32(a, GTDT_LEVEL_ALWAYS);
}

static void arm_gtdt(const struct board *b, struct acpi_tables *t,
		     struct aml *a)
{
	size_t at = acpi_begin(a, "GTDT", 3);

	aml_u64(a, GTDT_NONE);
	aml_u32(a, 0);
	arm_timer(a, PPI_SECURE_TIMER);
	arm_timer(a, PPI_PHYS_TIMER);
	arm_timer(a, PPI_VIRT_TIMER);
	arm_timer(a, PPI_HYP_TIMER);
	aml_u64(a, GTDT_NONE);
	aml_u32(a, 0); /* platform timers, */
	aml_u32(a, 0); /* from here; */
	aml_u32(a, 0); /* no virtual timer */
	aml_u32(a, 0); /* of EL2 */
	assert(a->full || a->len - at == GTDT_SIZE);
	acpi_end(b, t, a, at);
}

/* ---- IORT: DEN0049D, IO Remapping Table */

#define IORT_ITS_GROUP	   0
#define IORT_ROOT_COMPLEX  2
#define IORT_NODES_AT	   48
#define IORT_ITS_SIZE	   24
#define IORT_ROOT_SIZE	   36
#define IORT_MAPPING_SIZE  20
#define IORT_COHERENT	   1 /* cache-coherent attribute */
#define IORT_CPM_DACS	   3 /* memory access flags of such a device */
#define IORT_ADDRESS_BITS  64
#define IORT_REQUESTER_IDS 0x10000

/* Which ITS, of those that the MADT names by id. */
static void arm_iort_its(struct aml *a)
{
	aml_u8(a, IORT_ITS_GROUP);
	aml_u16(a, IORT_ITS_SIZE);
	aml_u8(a, 0);  /* revision */
	aml_u32(a, 0); /* reserved */
	aml_u32(a, 0); /* no mappings */
	aml_u32(a, 0);
	aml_u32(a, 1);
	aml_u32(a, ITS_ID);
}

/* A requester id is the device id that the ITS sees. */
static void arm_iort_root(struct aml *a)
{
	aml_u8(a, IORT_ROOT_COMPLEX);
	aml_u16(a, IORT_ROOT_SIZE + IORT_MAPPING_SIZE);
	aml_u8(a, 1);
	aml_u32(a, 0);
	aml_u32(a, 1); /* a mapping, */
	aml_u32(a, IORT_ROOT_SIZE);
	aml_u32(a, IORT_COHERENT);
	aml_u8(a, 0); /* allocation hints */
	aml_u16(a, 0);
	aml_u8(a, IORT_CPM_DACS);
	aml_u32(a, 0); /* no ATS */
	aml_u32(a, 0); /* segment */
	aml_u32(a, IORT_ADDRESS_BITS);

	aml_u32(a, 0); /* which starts at id 0, */
	aml_u32(a, IORT_REQUESTER_IDS - 1);
	aml_u32(a, 0);
	aml_u32(a, IORT_NODES_AT); /* and leads to the ITS */
	aml_u32(a, 0);
}

static void arm_iort(const struct board *b, struct acpi_tables *t,
		     struct aml *a)
{
	size_t at;

	if (!b->pci.present || !arm_part(b, "gic-its"))
		return;
	at = acpi_begin(a, "IORT", 0);
	aml_u32(a, 2);
	aml_u32(a, IORT_NODES_AT);
	aml_u32(a, 0);
	assert(a->full || a->len - at == IORT_NODES_AT);
	arm_iort_its(a);
	arm_iort_root(a);
	acpi_end(b, t, a, at);
}

static void arm_tables(const struct board *b, struct acpi_tables *t,
		       struct aml *a)
{
	arm_gtdt(b, t, a);
	arm_iort(b, t, a);
}

/* SRAT's GICC affinity: section 5.2.16.4. */
static void arm_srat_cpu(const struct board_cpu *c, unsigned uid, struct aml *a)
{
	aml_u8(a, 3);
	aml_u8(a, 18);
	aml_u32(a, c->node);
	aml_u32(a, uid);
	aml_u32(a, 1); /* enabled */
	aml_u32(a, 0); /* clock domain */
}

const struct acpi_arch acpi_arm64 = {
	.arch = ARCH_ARM64,
	.gsi_base = FIRST_SPI,
	.fadt_arm_boot = PSCI_BY_HVC,
	.spcr_interrupt = SPCR_GIC,
	.processors = true,
	.madt = arm_madt,
	.tables = arm_tables,
	.srat_cpu = arm_srat_cpu,
};
