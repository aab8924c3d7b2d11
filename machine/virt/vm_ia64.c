/* SPDX-License-Identifier: MIT */
/* An ia64 machine's own devices: how they and its CPUs reach each other. */
#include "cpu/ia64/pal.h"
#include "hw/sal/sal.h"
#include "hw/sapic/sapic.h"
#include "machine/virt/vm_priv.h"

static void vm_sapic_line(void *opaque, unsigned cpu, bool level)
{
	struct vm *vm = opaque;

	if (vm->cpus.cpu) /* or it could not be made */
		vm->accel->vcpu_lines(&vm->cpus.cpu[cpu], level, false);
}

static void vm_sapic_event(void *opaque, unsigned cpu, enum sapic_mode mode,
			   uint8_t vector)
{
	struct vm *vm = opaque;

	if (vm->cpus.cpu && vm->accel->vcpu_event)
		vm->accel->vcpu_event(
			&vm->cpus.cpu[cpu],
			mode == SAPIC_MODE_INIT ? VCPU_INIT : VCPU_PMI, vector);
}

int vm_wire_sapic(struct vm *vm, unsigned i, struct device *dev,
		  struct err *err)
{
	const struct sapic_config c = { .block = vm->board->devs[i].base,
					.cpu_line = vm_sapic_line,
					.cpu_event = vm_sapic_event,
					.opaque = vm };

	(void)err;
	vm->env.irqchip = sapic_setup(dev, &c);
	vm->sapic = dev;
	return 0;
}

int vm_wire_iosapic(struct vm *vm, unsigned i, struct device *dev,
		    struct err *err)
{
	unsigned nth = 0;

	(void)err;
	for (unsigned k = 0; k < i; k++)
		nth += vm->board->devs[k].class == dev->class;
	iosapic_setup(dev, vm->sapic, nth * IOSAPIC_PINS);
	return 0;
}

static int vm_sal_copy(void *opaque, unsigned cpu, uint64_t gva, void *buf,
		       size_t len, bool write)
{
	struct vm *vm = opaque;

	return vm->accel->vcpu_copy(&vm->cpus.cpu[cpu], gva, buf, len, write);
}

int vm_wire_sal(struct vm *vm, unsigned i, struct device *dev, struct err *err)
{
	const struct sal_config c = { .area = vm->board->ia64.firmware.base,
				      .platform_hz = IA64_BASE_HZ,
				      .board = vm->board,
				      .copy = vm_sal_copy,
				      .opaque = vm };

	(void)i, (void)err;
	sal_setup(dev, &c);
	vm->sal = dev;
	return 0;
}

int vm_wire_efi_nvram(struct vm *vm, unsigned i, struct device *dev,
		      struct err *err)
{
	(void)i, (void)err;
	efi_nvram_setup(dev, vm->sal);
	return 0;
}

bool vm_reg_read(void *opaque, unsigned cpu, unsigned reg, uint64_t *val)
{
	struct vm *vm = opaque;

	return vm->sapic && sapic_read(vm->sapic, cpu, reg, val);
}

bool vm_reg_write(void *opaque, unsigned cpu, unsigned reg, uint64_t val)
{
	struct vm *vm = opaque;

	return vm->sapic && sapic_write(vm->sapic, cpu, reg, val);
}
