/* SPDX-License-Identifier: MIT */
/* ACPI's view of x86 interrupt controllers. */
#include "boot/acpi_priv.h"

#define LAPIC_BASE	0xfee00000u
#define LAPIC_MAX_ID	254 /* above, x2APIC structures; 255 is "all" */
#define LAPIC_ENABLED	1
#define ISA_IRQS	16
#define MADT_LAPIC	0 /* structure types, ACPI 6.4, table 5.45 */
#define MADT_IOAPIC	1
#define MADT_OVERRIDE	2
#define MADT_LAPIC_NMI	4
#define MADT_X2APIC	9
#define MADT_X2APIC_NMI 10
#define ALL_CPUS	UINT32_MAX
#define NMI_LINT	1

static void x86_madt_cpu(const struct board_cpu *c, unsigned uid, struct aml *a)
{
	if (c->hw_id <= LAPIC_MAX_ID) {
		aml_u8(a, MADT_LAPIC);
		aml_u8(a, 8);
		aml_u8(a, (uint8_t)uid);
		aml_u8(a, (uint8_t)c->hw_id);
		aml_u32(a, LAPIC_ENABLED);
		return;
	}
	aml_u8(a, MADT_X2APIC);
	aml_u8(a, 16);
	aml_u16(a, 0);
	aml_u32(a, (uint32_t)c->hw_id);
	aml_u32(a, LAPIC_ENABLED);
	aml_u32(a, uid);
}

static void x86_madt_ioapic(const struct board_dev *d, struct aml *a)
{
	aml_u8(a, MADT_IOAPIC);
	aml_u8(a, 12);
	aml_u8(a, 0); /* its id, */
	aml_u8(a, 0);
	aml_u32(a, (uint32_t)d->base);
	aml_u32(a, 0); /* and first GSI */
}

/* An ISA interrupt is edge-triggered and active high unless we say so. */
static void x86_madt_override(const struct board_dev *d, struct aml *a)
{
	bool low = d->polarity == POLARITY_LOW;
	bool level = d->trigger == TRIGGER_LEVEL;

	aml_u8(a, MADT_OVERRIDE);
	aml_u8(a, 10);
	aml_u8(a, 0); /* ISA */
	aml_u8(a, (uint8_t)d->irq);
	aml_u32(a, d->irq);
	aml_u16(a, (uint16_t)((low ? 3 : 1) | (level ? 3 : 1) << 2));
}

static void x86_madt_overrides(const struct board *b, struct aml *a)
{
	uint32_t told = 0; /* devices may share one */

	for (unsigned i = 0; i < b->ndevs; i++) {
		const struct board_dev *d = &b->devs[i];

		if (d->irq >= ISA_IRQS || told >> d->irq & 1 ||
		    (d->trigger == TRIGGER_EDGE &&
		     d->polarity == POLARITY_HIGH))
			continue;
		told |= 1u << d->irq;
		x86_madt_override(d, a);
	}
}

static void x86_madt_nmi(const struct board *b, struct aml *a)
{
	aml_u8(a, MADT_LAPIC_NMI);
	aml_u8(a, 6);
	aml_u8(a, (uint8_t)ALL_CPUS);
	aml_u16(a, 0);
	aml_u8(a, NMI_LINT);
	if (b->cpus[b->ncpus - 1].hw_id <= LAPIC_MAX_ID)
		return;
	aml_u8(a, MADT_X2APIC_NMI);
	aml_u8(a, 12);
	aml_u16(a, 0);
	aml_u32(a, ALL_CPUS);
	aml_u8(a, NMI_LINT);
	aml_u8(a, 0);
	aml_u16(a, 0);
}

static void x86_madt(const struct board *b, struct aml *a)
{
	const struct board_dev *d;
	unsigned i = 0;

	aml_u32(a, LAPIC_BASE);
	aml_u32(a, 0); /* no 8259s */
	for (unsigned cpu = 0; cpu < b->ncpus; cpu++)
		x86_madt_cpu(&b->cpus[cpu], cpu, a);
	d = board_next_class(b, "ioapic", &i);
	if (d)
		x86_madt_ioapic(d, a);
	x86_madt_overrides(b, a);
	x86_madt_nmi(b, a);
}

/* ACPI 6.4, tables 5.57 and 5.59. */
static void x86_srat_cpu(const struct board_cpu *c, unsigned uid, struct aml *a)
{
	(void)uid;
	if (c->hw_id <= LAPIC_MAX_ID) {
		aml_u8(a, 0);
		aml_u8(a, 16);
		aml_u8(a, (uint8_t)c->node);
		aml_u8(a, (uint8_t)c->hw_id);
		aml_u32(a, 1); /* enabled */
		aml_u8(a, 0);  /* SAPIC */
		aml_u8(a, (uint8_t)(c->node >> 8));
		aml_u16(a, (uint16_t)(c->node >> 16));
		aml_u32(a, 0); /* clock domain */
		return;
	}
	aml_u8(a, 2);
	aml_u8(a, 24);
	aml_u16(a, 0);
	aml_u32(a, c->node);
	aml_u32(a, (uint32_t)c->hw_id);
	aml_u32(a, 1);
	aml_u32(a, 0);
	aml_u32(a, 0);
}

const struct acpi_arch acpi_x86_64 = {
	.arch = ARCH_X86_64,
	.spcr_interrupt = 2, /* the I/O APIC */
	.madt = x86_madt,
	.srat_cpu = x86_srat_cpu,
};
