/* SPDX-License-Identifier: MIT */
/* The virtual I/O bus of a pSeries guest, and what its devices share. */
#ifndef HW_SPAPR_VIO_H
#define HW_SPAPR_VIO_H

#include "hw/core/device.h"
#include "hw/spapr/hcall.h"

/*
 * LoPAR chapter 17.  A device of any kind embeds struct vio_dev first, and its
 * class has .space = SPACE_VIO.  Hypercalls name it by its unit address, which
 * is the "reg" of its node below /vdevice; it has an interrupt of its own,
 * an edge.  The order of its life:
 *
 *	machine:   device_new(), vio_attach(bus, dev, unit), device_realize()
 *	machine:   vio_detach(dev), device_free()
 *
 * Devices come and go while the guest does not run.
 */
#define VIO_MAX_DEVS 64

struct vio_dev {
	struct device dev;
	/* constant from attach: */
	struct vio_bus *bus;
	uint32_t unit;
	/* dev.lock: */
	bool signal; /* H_VIO_SIGNAL: the guest wants interrupts */
};

struct vio_bus {
	struct vio_dev *dev[VIO_MAX_DEVS]; /* in the order they came */
	unsigned n;
};

/* The bus is a device of the machine: "spapr-vio", below the others. */
extern const struct device_class spapr_vio_class;
struct vio_bus *vio_bus_of(struct device *vio);
/* H_VIO_SIGNAL; the opaque is a struct vio_bus. */
extern const struct hcall vio_hcalls[];

/* -EBUSY where the unit address is taken, naming by whom; -ENOSPC. */
int vio_attach(struct vio_bus *bus, struct device *dev, uint32_t unit,
	       struct err *err) MUST_CHECK;
/* One that is not attached is fine. */
void vio_detach(struct device *dev);

/* The device at that unit address, if it is of class c; or NULL. */
struct vio_dev *vio_find(const struct vio_bus *bus, uint64_t unit,
			 const struct device_class *c);

#endif
