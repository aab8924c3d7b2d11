/* SPDX-License-Identifier: MIT */
/* What every device is: a class, its state, and what it was handed. */
#ifndef HW_CORE_DEVICE_H
#define HW_CORE_DEVICE_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/bus.h"
#include "hw/core/clock.h"
#include "hw/core/err.h"
#include "hw/core/irq.h"
#include "hw/core/loop.h"
#include "hw/core/mem.h"
#include "hw/core/prop.h"

struct device;
struct pci_bus;

/* What a device may ask of the machine that holds it. */
enum vm_request {
	VM_POWEROFF, /* the guest is done; status is its exit status (0) */
	VM_RESET,    /* as --on-reboot says */
	VM_PANICKED, /* the guest's kernel says that it crashed */
};

/*
 * The world as a device sees it, handed over before realize().  Constant
 * from then on.  A test fills one with fakes.
 */
struct device_env {
	struct mem *mem;
	struct bus *mmio, *pio;
	struct irqchip *irqchip;
	struct clock *clock;
	struct loop *loop; /* the main thread's */
	unsigned ncpus;	   /* of the guest; 0: not known */
	/* From any thread; returns at once, the machine acts on it later. */
	void (*request)(void *opaque, enum vm_request what, int status);
	void *opaque;
};

enum device_space {
	SPACE_NONE, /* sits on no bus of its own: a virtio device, a back end */
	SPACE_MMIO,
	SPACE_PIO,
	SPACE_PCI,
	SPACE_VIO, /* a pSeries' bus of hypercalls; base: a unit address */
};

/* A kind of device: constant, one per file, listed in machine/virt. */
struct device_class {
	const char *name;	/* as in --device */
	const char *brief;	/* one line for --device help */
	const char *compatible; /* FDT; NULL: not described there */
	const char *acpi_hid;	/* ACPI _HID; NULL: not described there */
	size_t size;		/* of the structure that embeds struct device */
	enum device_space space;
	uint64_t region_size;	  /* of dev->region, if it has one */
	const struct prop *props; /* offsets into the whole structure */
	/* Defaults that are not zero; before the properties are parsed. */
	void (*init)(struct device *dev);
	/* Takes host resources; may fail, and then leaves nothing behind. */
	int (*realize)(struct device *dev, struct err *err);
	/* Undoes realize(); the VM is paused or gone. */
	void (*unrealize)(struct device *dev);
	/* Guest-visible state only; cannot fail; the VM is paused. */
	void (*reset)(struct device *dev);
	/* The guest starts to run / has stopped; optional. */
	void (*start)(struct device *dev);
	void (*stop)(struct device *dev);
	/* The user presses the power button, if this device has one: the guest
	 * is asked to shut down.  Main thread; optional. */
	void (*power_button)(struct device *dev);
};

struct device {
	/* constant from realize to unrealize: */
	const struct device_class *class;
	char name[32]; /* unique in the machine: "uart", "virtio-blk.0" */
	const struct device_env *env;
	struct irq irq; /* its wired interrupt, if the board gives one */
	bool realized;

	pthread_mutex_t lock; /* protects the state; held around region ops */
	pthread_t owner;      /* of lock, for assert_held() */
	bool held;

	struct region region; /* the primary one; realize() sets its ops */
};

/* Allocates a device of class c, zeroed, init()ed; NULL without memory. */
void *device_new(const struct device_class *c, const char *name);
/* Parses "key=value,..." by the class's table. */
int device_configure(struct device *dev, const char *props,
		     struct err *err) MUST_CHECK;
/* Calls the class's realize() and then reset(). */
int device_realize(struct device *dev, const struct device_env *env,
		   struct err *err) MUST_CHECK;
void device_reset(struct device *dev);
/* Unrealizes if need be, frees the properties and the device. */
void device_free(struct device *dev);

/* Makes dev->region ready to be put on a bus. */
void device_region(struct device *dev, const struct region_ops *ops);

void device_lock(struct device *dev);
void device_unlock(struct device *dev);

#ifdef NDEBUG
#define assert_held(dev) ((void)0)
#else
#define assert_held(dev) assert(device_is_held(dev))
#endif
bool device_is_held(const struct device *dev);

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

#endif
