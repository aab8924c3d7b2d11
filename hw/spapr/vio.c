/* SPDX-License-Identifier: MIT */
/* The virtual I/O bus: who is at which unit address. */
#include "hw/spapr/vio.h"

#include <errno.h>
#include <string.h>

#define VIO_PAGE_SHIFT 12

struct spapr_vio {
	struct device dev;
	struct vio_bus bus;
};

struct vio_bus *vio_bus_of(struct device *vio)
{
	return &container_of(vio, struct spapr_vio, dev)->bus;
}

void vio_set_tces(struct device *vio, struct tce_tables *tces)
{
	vio_bus_of(vio)->tces = tces;
}

const struct device_class spapr_vio_class = {
	.name = "spapr-vio",
	.brief = "the virtual I/O bus of pSeries machines",
	.compatible = "IBM,vdevice",
	.size = sizeof(struct spapr_vio),
	.space = SPACE_NONE,
};

struct vio_dev *vio_at(const struct vio_bus *bus, uint64_t unit)
{
	for (unsigned i = 0; i < bus->n; i++)
		if (bus->dev[i]->unit == unit)
			return bus->dev[i];
	return NULL;
}

int vio_attach(struct vio_bus *bus, struct device *dev, uint32_t unit,
	       struct err *err)
{
	struct vio_dev *v = container_of(dev, struct vio_dev, dev);
	const struct vio_dev *other = vio_at(bus, unit);

	if (other)
		return err_set(err, EBUSY, "%s: VIO unit 0x%x is %s's",
			       dev->name, unit, other->dev.name);
	if (bus->n == VIO_MAX_DEVS)
		return err_set(err, ENOSPC, "%s: the VIO bus holds %u devices",
			       dev->name, VIO_MAX_DEVS);
	v->bus = bus;
	v->unit = unit;
	bus->dev[bus->n++] = v;
	return 0;
}

void vio_detach(struct device *dev)
{
	struct vio_dev *v = container_of(dev, struct vio_dev, dev);
	struct vio_bus *bus = v->bus;
	unsigned i = 0;

	if (!bus)
		return;
	while (bus->dev[i] != v)
		i++;
	for (bus->n--; i < bus->n; i++)
		bus->dev[i] = bus->dev[i + 1];
	v->bus = NULL;
}

struct vio_dev *vio_find(const struct vio_bus *bus, uint64_t unit,
			 const struct device_class *c)
{
	struct vio_dev *v = vio_at(bus, unit);

	return v && v->dev.class == c ? v : NULL;
}

/* ---- DMA and interrupts */

int vio_dma_init(struct vio_dev *v, struct err *err)
{
	int ret = tce_add(v->bus->tces, v->unit, 0, VIO_PAGE_SHIFT,
			  VIO_WINDOW >> VIO_PAGE_SHIFT);

	v->tces = v->bus->tces;
	return ret < 0 ? err_set(err, -ret, "%s: cannot make a DMA window: %s",
				 v->dev.name, strerror(-ret))
		       : 0;
}

void vio_dma_exit(struct vio_dev *v)
{
	tce_remove(v->tces, v->unit);
}

void vio_reset(struct vio_dev *v)
{
	__atomic_store_n(&v->signal, false, __ATOMIC_RELAXED);
	__atomic_store_n(&v->bypass, false, __ATOMIC_RELAXED);
	tce_clear(v->tces, v->unit);
}

static bool vio_bypass(const struct vio_dev *v)
{
	return __atomic_load_n(&v->bypass, __ATOMIC_RELAXED);
}

bool vio_in_window(const struct vio_dev *v, uint64_t addr, uint64_t len)
{
	uint64_t end = vio_bypass(v) ? UINT64_C(1) << 32 : VIO_WINDOW;

	return len <= end && addr <= end - len;
}

int vio_read(struct vio_dev *v, uint64_t addr, void *buf, size_t len)
{
	if (vio_bypass(v))
		return mem_read(v->dev.env->mem, addr, buf, len);
	return tce_read(v->tces, v->unit, addr, buf, len);
}

int vio_write(struct vio_dev *v, uint64_t addr, const void *buf, size_t len)
{
	if (vio_bypass(v))
		return mem_write(v->dev.env->mem, addr, buf, len);
	return tce_write(v->tces, v->unit, addr, buf, len);
}

int vio_iov(struct vio_dev *v, uint64_t addr, uint64_t len, bool write,
	    struct iovec *iov, unsigned *n, unsigned max)
{
	if (vio_bypass(v))
		return mem_iov(v->dev.env->mem, addr, len, write, iov, n, max);
	return tce_iov(v->tces, v->unit, addr, len, write, iov, n, max);
}

void vio_signal(struct vio_dev *v)
{
	if (__atomic_load_n(&v->signal, __ATOMIC_RELAXED))
		irq_pulse(&v->dev.irq);
}

/* ---- H_VIO_SIGNAL: unit, mode (LoPAR 17.2.1.3.1) */

static long h_vio_signal(void *opaque, unsigned cpu,
			 const uint64_t in[HCALL_REGS],
			 uint64_t out[HCALL_REGS])
{
	struct vio_dev *v = vio_at(opaque, in[0]);

	(void)cpu, (void)out;
	if (!v || in[1] > 1)
		return H_PARAMETER;
	__atomic_store_n(&v->signal, (bool)in[1], __ATOMIC_RELAXED);
	return H_SUCCESS;
}

/* ---- "quiesce": firmware has ended, and no device writes to its memory */

static int32_t vio_quiesce(void *opaque, unsigned cpu, struct rtas_args *a)
{
	const struct vio_bus *bus = opaque;

	(void)cpu, (void)a;
	for (unsigned i = 0; i < bus->n; i++)
		if (bus->dev[i]->tces)
			vio_reset(bus->dev[i]);
	return RTAS_OK;
}

/* ---- "ibm,set-tce-bypass": unit, whether; SLOF makes no entries of TCEs */

static int32_t vio_set_bypass(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct vio_dev *v = vio_at(opaque, a->arg[0]);

	(void)cpu;
	if (!v || !v->tces || a->arg[1] > 1)
		return RTAS_PARAMETER;
	__atomic_store_n(&v->bypass, (bool)a->arg[1], __ATOMIC_RELAXED);
	return RTAS_OK;
}

const struct rtas_call vio_rtas[] = {
	{ .name = "ibm,set-tce-bypass",
	  .nargs = 2,
	  .nret = 0,
	  .most_ret = 1,
	  .fn = vio_set_bypass },
	{ .name = "quiesce",
	  .nargs = 0,
	  .nret = 0,
	  .most_ret = 1,
	  .fn = vio_quiesce },
	{ 0 },
};

const struct hcall vio_hcalls[] = {
	{ 0x104, "H_VIO_SIGNAL", h_vio_signal },
	{ 0 },
};
