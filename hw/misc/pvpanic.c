/* SPDX-License-Identifier: MIT */
/* How a guest kernel says that it panicked: a port of one byte. */
#include "hw/misc/pvpanic.h"

#include "hw/core/log.h"

static uint64_t pvpanic_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque, (void)off, (void)size;
	return PVPANIC_PANICKED | PVPANIC_CRASHLOADED;
}

static void pvpanic_write(void *opaque, uint64_t off, uint64_t val,
			  unsigned size)
{
	struct device *dev = opaque;

	(void)off, (void)size;
	if (val & PVPANIC_PANICKED)
		dev->env->request(dev->env->opaque, VM_PANICKED, 0);
	else if (val & PVPANIC_CRASHLOADED)
		guest_error(dev->name, "the guest's kernel panicked and starts "
				       "its crash kernel");
}

static const struct region_ops pvpanic_ops = {
	.read = pvpanic_read,
	.write = pvpanic_write,
	.min_size = 1,
	.max_size = 1,
};

static int pvpanic_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &pvpanic_ops);
	return 0;
}

const struct device_class pvpanic_class = {
	.name = "pvpanic",
	.brief = "lets the guest's kernel report a panic",
	.acpi_hid = "QEMU0001",
	.size = sizeof(struct device),
	.space = SPACE_PIO,
	.region_size = 1,
	.realize = pvpanic_realize,
};
