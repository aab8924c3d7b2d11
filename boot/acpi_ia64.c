/* SPDX-License-Identifier: MIT */
/* ACPI's view of ia64: I/O SAPICs and the local one of each CPU. */
#include "boot/acpi_priv.h"

#define MADT_IOSAPIC   6 /* structure types, ACPI 6.4, table 5.45 */
#define MADT_LSAPIC    7
#define LSAPIC_SIZE    20 /* with a name of three characters */
#define LSAPIC_ENABLED 1
#define IOSAPIC_SIZE   16
#define IOSAPIC_WIRES  24
#define SPCR_IOSAPIC   4 /* interrupt type */

/* An identifier is id << 8 | eid. */
static void ia64_madt_cpu(const struct board_cpu *c, unsigned uid,
			  struct aml *a)
{
	aml_u8(a, MADT_LSAPIC);
	aml_u8(a, LSAPIC_SIZE);
	aml_u8(a, (uint8_t)uid);
	aml_u8(a, (uint8_t)(c->hw_id >> 8));
	aml_u8(a, (uint8_t)c->hw_id);
	aml_u8(a, 0);
	aml_u16(a, 0);
	aml_u32(a, LSAPIC_ENABLED);
	aml_u32(a, uid);
	aml_bytes(a, "CPU", 4);
}

static void ia64_madt(const struct board *b, struct aml *a)
{
	const struct board_dev *d;
	unsigned i = 0, n = 0;

	aml_u32(a, (uint32_t)b->ia64.interrupt_block);
	aml_u32(a, 0); /* no 8259s */
	for (unsigned cpu = 0; cpu < b->ncpus; cpu++)
		ia64_madt_cpu(&b->cpus[cpu], cpu, a);
	for (; (d = board_next_class(b, "iosapic", &i)); n++) {
		aml_u8(a, MADT_IOSAPIC);
		aml_u8(a, IOSAPIC_SIZE);
		aml_u8(a, (uint8_t)n);
		aml_u8(a, 0);
		aml_u32(a, n * IOSAPIC_WIRES);
		aml_u64(a, d->base);
	}
}

/* ACPI 6.4, table 5.57. */
static void ia64_srat_cpu(const struct board_cpu *c, unsigned uid,
			  struct aml *a)
{
	(void)uid;
	aml_u8(a, 0);
	aml_u8(a, 16);
	aml_u8(a, (uint8_t)c->node);
	aml_u8(a, (uint8_t)(c->hw_id >> 8));
	aml_u32(a, 1); /* enabled */
	aml_u8(a, (uint8_t)c->hw_id);
	aml_u8(a, (uint8_t)(c->node >> 8));
	aml_u16(a, (uint16_t)(c->node >> 16));
	aml_u32(a, 0); /* clock domain */
}

const struct acpi_arch acpi_ia64 = {
	.arch = ARCH_IA64,
	.spcr_interrupt = SPCR_IOSAPIC,
	.madt = ia64_madt,
	.srat_cpu = ia64_srat_cpu,
};
