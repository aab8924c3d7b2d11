/* SPDX-License-Identifier: MIT */
/* Power button, sleep and reset of hardware-reduced ACPI, as registers. */
#include "hw/acpi/ged.h"

#include "hw/core/log.h"

#define SLP_EN	      0x20 /* ACPI 6.4, table 4.19 */
#define SLP_TYP_SHIFT 2
#define SLP_TYP_MASK  7
#define WAK_STS	      0x80

struct acpi_ged {
	struct device dev; /* dev.lock protects everything below */
	uint32_t pending;
	uint8_t sleep_control, sleep_status;
};

void acpi_ged_raise(struct device *ged, uint32_t events)
{
	struct acpi_ged *s = (struct acpi_ged *)ged;

	device_lock(ged);
	s->pending |= events;
	irq_set(&ged->irq, s->pending != 0);
	device_unlock(ged);
}

static uint64_t ged_select(struct acpi_ged *s)
{
	uint32_t pending = s->pending;

	s->pending = 0;
	irq_set(&s->dev.irq, false);
	return pending;
}

static uint64_t ged_read(void *opaque, uint64_t off, unsigned size)
{
	struct acpi_ged *s = opaque;

	switch (off) {
	case ACPI_GED_SELECT: return size == 4 ? ged_select(s) : 0;
	case ACPI_GED_SLEEP_CONTROL: return s->sleep_control;
	case ACPI_GED_SLEEP_STATUS: return s->sleep_status;
	default: return 0;
	}
}

static void ged_sleep(struct acpi_ged *s, uint8_t val)
{
	const struct device_env *env = s->dev.env;
	unsigned type = val >> SLP_TYP_SHIFT & SLP_TYP_MASK;

	s->sleep_control = val & ~SLP_EN; /* which is write-only */
	if (!(val & SLP_EN))
		return;
	if (type == ACPI_GED_SLP_TYP_S5)
		env->request(env->opaque, VM_POWEROFF, 0);
	else
		guest_error(s->dev.name, "sleep type %u does not exist", type);
}

static void ged_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct acpi_ged *s = opaque;
	const struct device_env *env = s->dev.env;

	if (size != 1)
		return;
	switch (off) {
	case ACPI_GED_SLEEP_CONTROL: ged_sleep(s, (uint8_t)val); break;
	case ACPI_GED_SLEEP_STATUS: s->sleep_status &= ~(val & WAK_STS); break;
	case ACPI_GED_RESET:
		if (val == ACPI_GED_RESET_VALUE)
			env->request(env->opaque, VM_RESET, 0);
		break;
	}
}

static const struct region_ops ged_ops = {
	.read = ged_read,
	.write = ged_write,
	.min_size = 1,
	.max_size = 4,
};

static void ged_power_button(struct device *dev)
{
	acpi_ged_raise(dev, ACPI_GED_POWER_BUTTON);
}

static int ged_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &ged_ops);
	return 0;
}

static void ged_reset(struct device *dev)
{
	struct acpi_ged *s = (struct acpi_ged *)dev;

	s->pending = 0;
	s->sleep_control = s->sleep_status = 0;
	irq_set(&dev->irq, false);
}

const struct device_class acpi_ged_class = {
	.name = "acpi-ged",
	.brief = "ACPI event device: power button, power-off, reset",
	.acpi_hid = "ACPI0013",
	.size = sizeof(struct acpi_ged),
	.space = SPACE_MMIO,
	.region_size = ACPI_GED_SIZE,
	.realize = ged_realize,
	.reset = ged_reset,
	.power_button = ged_power_button,
};
