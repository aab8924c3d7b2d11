/* SPDX-License-Identifier: MIT */
/* The board's devices: made, wired to what the host gives them, freed. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "hw/apic/ioapic.h"
#include "hw/char/chardev.h"
#include "hw/char/debugcon.h"
#include "hw/char/pl011.h"
#include "hw/char/uart16550.h"
#include "hw/flash/cfi01.h"
#include "hw/gic/gicv2.h"
#include "hw/misc/fw_cfg.h"
#include "hw/pci/host.h"
#include "hw/pci/pci.h"
#include "hw/sal/sal.h"
#include "hw/sapic/sapic.h"
#include "hw/spapr/events.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/system.h"
#include "hw/spapr/vio.h"
#include "hw/spapr/vty.h"
#include "hw/spapr/xive.h"
#include "hw/virtio/console.h"
#include "hw/virtio/mmio.h"
#include "hw/virtio/pci.h"
#include "hw/virtio/virtio.h"
#include "hw/xics/xics.h"
#include "machine/virt/vm_priv.h"

/* ---- wiring: what a class is handed beyond device_env, before realize */

typedef int vm_wire_fn(struct vm *vm, unsigned i, struct device *dev,
		       struct err *err);

static int wire_chardev(struct vm *vm, unsigned i, const char *spec,
			const char *option, struct err *err)
{
	vm->devs[i].chr = chardev_open(spec, vm->loop, err);
	if (!vm->devs[i].chr)
		return err_prefix(err, "%s: ", option);
	return 0;
}

static int wire_uart16550(struct vm *vm, unsigned i, struct device *dev,
			  struct err *err)
{
	int ret = wire_chardev(vm, i, vm->cfg->serial, "--serial", err);

	if (!ret)
		uart16550_set_chardev((struct uart16550 *)dev, vm->devs[i].chr);
	return ret;
}

static int wire_pl011(struct vm *vm, unsigned i, struct device *dev,
		      struct err *err)
{
	int ret = wire_chardev(vm, i, vm->cfg->serial, "--serial", err);

	if (!ret)
		pl011_set_chardev((struct pl011 *)dev, vm->devs[i].chr);
	return ret;
}

static int wire_debugcon(struct vm *vm, unsigned i, struct device *dev,
			 struct err *err)
{
	int ret = wire_chardev(vm, i, "stdio", "--device debugcon", err);

	if (!ret)
		debugcon_set_chardev((struct debugcon *)dev, vm->devs[i].chr);
	return ret;
}

static int wire_cfi01(struct vm *vm, unsigned i, struct device *dev,
		      struct err *err)
{
	(void)err;
	cfi01_set_base((struct cfi01 *)dev, vm->board->devs[i].base);
	return 0;
}

static int wire_fw_cfg(struct vm *vm, unsigned i, struct device *dev,
		       struct err *err)
{
	const char *initrd[] = { vm->cfg->initrd, NULL };
	const struct boot_config b = { .kernel = vm->cfg->kernel,
				       .initrd = *initrd ? initrd : NULL,
				       .cmdline = vm_cmdline(vm) };
	int ret = fw_items_make(vm->board, &b, &vm->fw_items, err);

	(void)i;
	for (unsigned k = 0; k < vm->fw_items.n && !ret; k++) {
		const struct fw_item *item = &vm->fw_items.item[k];
		const struct fw_cfg_item to = { .file = item->file,
						.key = item->key,
						.data = item->data,
						.size = (uint32_t)item->size };

		ret = fw_cfg_add((struct fw_cfg *)dev, &to, err);
	}
	return ret;
}

static int wire_ioapic(struct vm *vm, unsigned i, struct device *dev,
		       struct err *err)
{
	(void)i, (void)err;
	vm->env.irqchip = ioapic_setup(dev, vm->avm->irqchip);
	vm->eoi = vm->env.irqchip;
	return 0;
}

static void vm_cpu_lines(void *opaque, unsigned cpu, bool irq, bool fiq)
{
	struct vm *vm = opaque;

	vm->accel->vcpu_lines(&vm->cpus.cpu[cpu], irq, fiq);
}

static int wire_gicv2_dist(struct vm *vm, unsigned i, struct device *dev,
			   struct err *err)
{
	struct gicv2_config c = { .nspis = vm->board->nlines,
				  .frame = gicv2m_frame(vm->board),
				  .cpu_lines = vm_cpu_lines,
				  .opaque = vm };

	(void)i, (void)err;
	vm->gic = gicv2_setup(dev, &c);
	vm->env.irqchip = vm->gic;
	return 0;
}

static int wire_gicv2_cpu(struct vm *vm, unsigned i, struct device *dev,
			  struct err *err)
{
	(void)i, (void)err;
	gicv2_cpu_setup(dev, vm->gic);
	return 0;
}

static int wire_pci_host(struct vm *vm, unsigned i, struct device *dev,
			 struct err *err)
{
	(void)i, (void)err;
	pci_host_setup(dev, &vm->board->pci);
	vm->pci = pci_host_bus(dev);
	if (vm->sal)
		sal_set_pci(vm->sal, vm->pci);
	return 0;
}

static int wire_cf8(struct vm *vm, unsigned i, struct device *dev,
		    struct err *err)
{
	(void)i, (void)err;
	pci_cf8_setup(dev, vm->pci);
	return 0;
}

static int wire_virtio_pci(struct vm *vm, unsigned i, struct device *dev,
			   struct err *err)
{
	(void)err;
	virtio_pci_set_device((struct virtio_pci *)dev,
			      (struct virtio_device *)vm->devs[i].function);
	return 0;
}

static int wire_virtio_mmio(struct vm *vm, unsigned i, struct device *dev,
			    struct err *err)
{
	(void)err;
	virtio_mmio_set_device((struct virtio_mmio *)dev,
			       (struct virtio_device *)vm->devs[i].function);
	return 0;
}

static int wire_vty(struct vm *vm, unsigned i, struct device *dev,
		    struct err *err)
{
	const char *own = vty_console(dev);
	int ret = wire_chardev(vm, i, own ? own : vm->cfg->serial,
			       own ? "--device spapr-vty" : "--serial", err);

	if (!ret)
		vty_set_chardev(dev, vm->devs[i].chr);
	return ret;
}

static const struct {
	const struct device_class *class;
	vm_wire_fn *wire;
} wiring[] = {
	{ &uart16550_class, wire_uart16550 },
	{ &pl011_class, wire_pl011 },
	{ &debugcon_class, wire_debugcon },
	{ &cfi01_class, wire_cfi01 },
	{ &fw_cfg_mmio_class, wire_fw_cfg },
	{ &ioapic_class, wire_ioapic },
	{ &gicv2_dist_class, wire_gicv2_dist },
	{ &gicv2_cpu_class, wire_gicv2_cpu },
	{ &pci_host_ecam_class, wire_pci_host },
	{ &pci_host_calls_class, wire_pci_host },
	{ &pci_cf8_class, wire_cf8 },
	{ &sapic_class, vm_wire_sapic },
	{ &iosapic_class, vm_wire_iosapic },
	{ &sal_class, vm_wire_sal },
	{ &efi_nvram_class, vm_wire_efi_nvram },
	{ &xics_class, vm_wire_xics },
	{ &spapr_xive_class, vm_wire_xive },
	{ &spapr_system_class, vm_wire_system },
	{ &spapr_vio_class, vm_wire_vio },
	{ &spapr_phb_class, vm_wire_phb },
	{ &spapr_events_class, vm_wire_events },
	{ &spapr_nvram_class, vm_wire_nvram },
	{ &spapr_vty_class, wire_vty },
	{ &virtio_pci_class, wire_virtio_pci },
	{ &virtio_mmio_class, wire_virtio_mmio },
};

static int vm_wire(struct vm *vm, unsigned i, struct device *dev,
		   struct err *err)
{
	for (size_t k = 0; k < sizeof(wiring) / sizeof(*wiring); k++)
		if (wiring[k].class == dev->class)
			return wiring[k].wire(vm, i, dev, err);
	return 0;
}

/* ---- I/O threads */

static struct loop *vm_find_loop(const struct vm *vm, const char *name,
				 size_t len)
{
	for (unsigned i = 0; i < vm->nio; i++)
		if (strlen(vm->cfg->iothreads[i]) == len &&
		    !memcmp(vm->cfg->iothreads[i], name, len))
			return vm->io[i].loop;
	return NULL;
}

/* An I/O thread that polls must take no CPU from the guest's. */
static bool vm_has_spare_cpus(const struct vm *vm)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 &&
	       (unsigned)CPU_COUNT(&set) > vm->board->ncpus;
}

/* "iothread=a:b": the loops of those names serve the queues in turn. */
static int vm_set_loops(struct vm *vm, struct virtio_device *v, struct err *err)
{
	struct loop *loops[VIRTIO_MAX_QUEUES];
	const char *p = v->iothread;
	unsigned n = 0;

	if (!p)
		return 0;
	for (;; p++) {
		size_t len = strcspn(p, ":");
		struct loop *l = vm_find_loop(vm, p, len);

		if (!l) {
			err_set(err, ENOENT,
				"%s: there is no I/O thread '%.*s'",
				v->dev.name, (int)len, p);
			err_hint(err, "make it with --iothread %.*s", (int)len,
				 p);
			return -ENOENT;
		}
		if (n < VIRTIO_MAX_QUEUES)
			loops[n++] = l;
		p += len;
		if (!*p)
			break;
	}
	v->may_poll = vm_has_spare_cpus(vm);
	return virtio_set_loops(v, loops, n) < 0
		       ? err_nomem(err, "a device's queues")
		       : 0;
}

/* ---- making them */

static struct device *vm_device_new(const struct device_class *class,
				    const char *name, const char *props,
				    struct err *err)
{
	struct device *dev = device_new(class, name);

	if (!dev) {
		err_nomem(err, name);
		return NULL;
	}
	if (device_configure(dev, props, err) < 0) {
		err_prefix(err, "%s: ", name);
		device_free(dev);
		return NULL;
	}
	return dev;
}

static int vm_function_make(struct vm *vm, unsigned i, struct err *err)
{
	const struct board_dev *b = &vm->board->devs[i];
	struct device *dev = vm_device_new(b->function, b->function_name,
					   b->function_props, err);
	int ret;

	if (!dev)
		return -err->code;
	vm->devs[i].function = dev;
	ret = vm_set_loops(vm, (struct virtio_device *)dev, err);
	if (!ret)
		ret = vm_wire(vm, i, dev, err);
	if (!ret)
		ret = device_realize(dev, &vm->env, err);
	return ret;
}

/* Puts a realized device on its bus. */
static int vm_place(struct vm *vm, const struct board_dev *b,
		    struct device *dev, struct err *err)
{
	switch (b->space) {
	case SPACE_MMIO: return bus_add(&vm->mmio, b->base, &dev->region, err);
	case SPACE_PIO: return bus_add(&vm->pio, b->base, &dev->region, err);
	case SPACE_PCI:
	case SPACE_VIO:
	case SPACE_NONE: break;
	}
	return 0;
}

static int vm_device_make(struct vm *vm, unsigned i, struct err *err)
{
	const struct board_dev *b = &vm->board->devs[i];
	struct device *dev;
	int ret = 0;

	if (b->function)
		ret = vm_function_make(vm, i, err);
	if (ret < 0)
		return ret;
	dev = vm_device_new(b->class, b->name, b->props, err);
	if (!dev)
		return -err->code;
	vm->devs[i].dev = dev;
	if (b->space == SPACE_PCI)
		ret = pci_attach(vm->pci, (struct pci_device *)dev, b->devfn,
				 err);
	if (b->space == SPACE_VIO)
		ret = vio_attach(vm->vio, dev, (uint32_t)b->base, err);
	if (!ret)
		ret = vm_wire(vm, i, dev, err);
	if (b->irq != BOARD_NO_IRQ && b->space != SPACE_PCI)
		dev->irq = (struct irq){ vm->env.irqchip, b->irq };
	if (!ret)
		ret = device_realize(dev, &vm->env, err);
	if (!ret)
		ret = vm_place(vm, b, dev, err);
	return ret;
}

int vm_devices_make(struct vm *vm, struct err *err)
{
	vm->devs = calloc(vm->board->ndevs, sizeof(*vm->devs));
	if (!vm->devs)
		return err_nomem(err, "the devices");
	for (unsigned i = 0; i < vm->board->ndevs; i++) {
		int ret;

		if (vm->board->devs[i].in_kernel)
			continue;
		ret = vm_device_make(vm, i, err);
		if (ret < 0)
			return ret;
	}
	return vm->pci ? pci_assign_bars(vm->pci, err) : 0;
}

/* Transports before what they carry, and hosts after their functions. */
void vm_devices_free(struct vm *vm)
{
	for (unsigned i = vm->board->ndevs; i-- > 0;) {
		struct vm_dev *d = &vm->devs[i];

		if (d->dev && vm->board->devs[i].space == SPACE_PCI)
			pci_detach((struct pci_device *)d->dev);
		if (d->dev && vm->board->devs[i].space == SPACE_VIO)
			vio_detach(d->dev);
		device_free(d->dev);
		device_free(d->function);
		if (d->chr)
			chardev_close(d->chr);
	}
	free(vm->devs);
	vm->devs = NULL;
	fw_items_free(&vm->fw_items);
}

static void vm_each(struct vm *vm, void (*fn)(struct device *dev))
{
	for (unsigned i = 0; i < vm->board->ndevs; i++) {
		if (vm->devs[i].function)
			fn(vm->devs[i].function);
		if (vm->devs[i].dev)
			fn(vm->devs[i].dev);
	}
}

int vm_devices_reset(struct vm *vm, struct err *err)
{
	vm_each(vm, device_reset);
	return vm->pci ? pci_assign_bars(vm->pci, err) : 0;
}

static void device_start(struct device *dev)
{
	if (dev->class->start)
		dev->class->start(dev);
}

static void device_stop(struct device *dev)
{
	if (dev->class->stop)
		dev->class->stop(dev);
}

void vm_devices_start(struct vm *vm)
{
	vm_each(vm, device_start);
}

void vm_devices_stop(struct vm *vm)
{
	vm_each(vm, device_stop);
}

static void device_press(struct device *dev)
{
	if (dev->class->power_button)
		dev->class->power_button(dev);
}

void vm_devices_power_button(struct vm *vm)
{
	vm_each(vm, device_press);
}

struct chardev *vm_chardev(const struct vm *vm, unsigned n)
{
	for (unsigned i = 0; i < vm->board->ndevs; i++) {
		const struct vm_dev *d = &vm->devs[i];
		struct chardev *c = d->chr;

		if (c && n-- == 0)
			return c;
		if (!d->function || d->function->class != &virtio_console_class)
			continue;
		for (unsigned k = 0;; k++) {
			c = virtio_console_chardev(
				(struct virtio_console *)d->function, k);
			if (!c)
				break;
			if (n-- == 0)
				return c;
		}
	}
	return NULL;
}
