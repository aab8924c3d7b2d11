/* SPDX-License-Identifier: MIT */
/* The virtual I/O bus of a pSeries guest, and what its devices share. */
#ifndef HW_SPAPR_VIO_H
#define HW_SPAPR_VIO_H

#include "hw/core/device.h"
#include "hw/spapr/hcall.h"
#include "hw/spapr/rtas.h"
#include "hw/spapr/tce.h"

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

/* What a device with DMA sees: a window of its own, whose LIOBN is its unit
 * address, from bus address 0 on, by pages of 4 KiB. */
#define VIO_WINDOW 0x10000000u

struct crq;

struct vio_dev {
	struct device dev;
	/* constant from attach: */
	struct vio_bus *bus;
	uint32_t unit;
	struct tce_tables *tces; /* the bus's, kept when it is detached */
	struct crq *crq; /* constant from realize on; NULL: it has none */
	/* atomic: H_VIO_SIGNAL, the guest wants interrupts */
	bool signal;
	/* atomic: ibm,set-tce-bypass, its addresses are the guest's own */
	bool bypass;
};

struct vio_bus {
	struct vio_dev *dev[VIO_MAX_DEVS]; /* in the order they came */
	unsigned n;
	struct tce_tables *tces; /* NULL: no device has DMA */
};

/* The bus is a device of the machine: "spapr-vio", below the others. */
extern const struct device_class spapr_vio_class;
struct vio_bus *vio_bus_of(struct device *vio);
/* The machine's TCE tables, before any device with DMA is realized. */
void vio_set_tces(struct device *vio, struct tce_tables *tces);
/* H_VIO_SIGNAL; the opaque is a struct vio_bus. */
extern const struct hcall vio_hcalls[];
/* quiesce and ibm,set-tce-bypass, which are SLOF's; the same opaque. */
extern const struct rtas_call vio_rtas[];

/* -EBUSY where the unit address is taken, naming by whom; -ENOSPC. */
int vio_attach(struct vio_bus *bus, struct device *dev, uint32_t unit,
	       struct err *err) MUST_CHECK;
/* One that is not attached is fine. */
void vio_detach(struct device *dev);

/* The device at that unit address, or NULL. */
struct vio_dev *vio_at(const struct vio_bus *bus, uint64_t unit);
/* The same, if it is of class c. */
struct vio_dev *vio_find(const struct vio_bus *bus, uint64_t unit,
			 const struct device_class *c);

/* ---- for devices; DMA from any thread */

/* Makes the DMA window, in realize(); vio_dma_exit() ends it. */
int vio_dma_init(struct vio_dev *v, struct err *err) MUST_CHECK;
void vio_dma_exit(struct vio_dev *v);
/* Its reset: no entry is valid, none is gone round, no interrupt wanted. */
void vio_reset(struct vio_dev *v);
/*
 * Whether [addr, addr + len) lies in the device's window, or, where it needs
 * none, below 4 GiB.
 */
bool vio_in_window(const struct vio_dev *v, uint64_t addr, uint64_t len);
/* 0 or -EFAULT; see tce_read(). */
int vio_read(struct vio_dev *v, uint64_t addr, void *buf,
	     size_t len) MUST_CHECK;
int vio_write(struct vio_dev *v, uint64_t addr, const void *buf,
	      size_t len) MUST_CHECK;
/* As mem_iov(). */
int vio_iov(struct vio_dev *v, uint64_t addr, uint64_t len, bool write,
	    struct iovec *iov, unsigned *n, unsigned max) MUST_CHECK;
/* Interrupts, if the guest wants that.  Any thread. */
void vio_signal(struct vio_dev *v);

#endif
