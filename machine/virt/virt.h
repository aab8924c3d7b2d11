/* SPDX-License-Identifier: MIT */
/* The virt machine: each target's map, and the board resolved from it. */
#ifndef MACHINE_VIRT_VIRT_H
#define MACHINE_VIRT_VIRT_H

#include "hw/core/board.h"
#include "machine/virt/config.h"

struct accel;
struct target;

/* A device at its fixed place. */
struct board_slot {
	const char *name;
	const struct device_class *class;
	enum device_space space;
	uint64_t base;
	uint64_t size; /* 0: the class's */
	uint32_t irq;
	enum board_trigger trigger;
	enum board_polarity polarity;
	/* Whether this configuration has it; NULL: always. */
	bool (*wanted)(const struct board *b, const struct vm_config *cfg);
	/* Whether the accelerator supplies it; NULL: never. */
	bool (*in_kernel)(const struct board *b);
	/* Where the layout moves it, or how large it makes it; optional. */
	void (*place)(const struct board *b, struct board_dev *d);
	/* Optional: how many there may be, each at the next base and irq; 0 is
	 * one. */
	unsigned many;
	/* Writes its properties into buf; NULL: it has none. */
	void (*props)(const struct vm_config *cfg, char *buf, size_t len);
};

/* One target of the virt machine: a table and a layout. */
struct virt_target {
	enum arch arch;
	const struct board_slot *slots;	   /* ends with a NULL name */
	const struct board_slot *optional; /* at --device's request */
	/* What --irqchip takes beside auto, best first; NULL ends it. */
	const char *const *irqchips;
	/*
	 * RAM, windows, reserved ranges, CPU ids; what a configuration cannot
	 * have on this target.  phys_bits, irqchip and the topology are set.
	 */
	int (*layout)(struct board *b, const struct vm_config *cfg,
		      struct err *err);
	/* virtio-mmio: the first slot, their distance, an interrupt each. */
	uint64_t virtio_base, virtio_stride;
	const uint32_t *virtio_irqs;
	unsigned nvirtio;
	enum board_trigger virtio_trigger;
	const char *cmdline; /* the kernel's, where the user gives none */
	bool dtb;	     /* a kernel is handed a device tree */
	bool flash;	     /* there are banks for firmware */
	bool ram_firmware;   /* firmware is put into RAM */
	bool numa;	     /* its tables tell of nodes */
	bool distances;	     /* and of any distance between them */
};

extern const struct virt_target virt_x86_64;
extern const struct virt_target virt_arm64;
extern const struct virt_target virt_ppc64le;
extern const struct virt_target virt_ia64;

/* Whether board b has that interrupt controller, as --irqchip names it. */
bool virt_irqchip_is(const struct board *b, const char *name);
/*
 * Refuses an --irqchip that the target has not.  Nothing of the host is asked:
 * what its accelerator lacks is told where the machine is made.
 */
int virt_irqchip_check(const struct vm_config *cfg, struct err *err) MUST_CHECK;
/*
 * Makes of --irqchip auto the best of the target's that accel has, and leaves
 * one that was asked for; -ENOTSUP where accel has not that, or none of them.
 * cfg has passed virt_irqchip_check(), and its target has a machine.
 */
int virt_irqchip_choose(struct vm_config *cfg, const struct accel *accel,
			const struct target *t, struct err *err) MUST_CHECK;
/* The same of what boots, by options that not every target has. */
int virt_boot_check(const struct vm_config *cfg, struct err *err) MUST_CHECK;
/* In how many sockets the CPUs of each node of --numa are one; 0: in none. */
unsigned virt_numa_sockets(const struct vm_config *cfg);
/* Refuses nodes that do not add up to the machine. */
int virt_numa_check(const struct vm_config *cfg, struct err *err) MUST_CHECK;
/* Gives the RAM and the CPUs of a board that is laid out to the nodes. */
void virt_numa_resolve(const struct vm_config *cfg, struct board *b);
/* The index of a name in vm_irqchip_names[]. */
int virt_irqchip_index(const char *name);

/* A slot's props(), for a clock: --rtc in the clocks' own words. */
void virt_rtc_props(const struct vm_config *cfg, char *buf, size_t len);

/* NULL when the virt machine has no such target (yet). */
const struct virt_target *virt_target(enum arch a);

/*
 * Resolves a checked configuration into a board for a guest-physical address
 * width of phys_bits.  An irqchip of auto is the target's best.  Touches
 * nothing of the host.  NULL with the reason in *err.  Free with board_free().
 */
struct board *board_make(const struct vm_config *cfg, unsigned phys_bits,
			 struct err *err);
void board_free(struct board *b);

/*
 * What --device takes on a target: the name and the class of the i-th, in the
 * order of the help; NULL past the last.
 */
const struct device_class *virt_nth_device(enum arch a, size_t i,
					   const char **name);
/* By name; or NULL with err filled, which proposes the nearest name. */
const struct device_class *virt_find_device(enum arch a, const char *name,
					    struct err *err);

/*
 * Parses the properties of every device that cfg asks for, by its class's
 * table, and drops them again: so that a mistake is told in the words of the
 * command line, before anything is made.
 */
int virt_devices_check(const struct vm_config *cfg, struct err *err) MUST_CHECK;

/* Virtio devices, which --device takes by name; NULL ends the list. */
extern const struct device_class *const virt_functions[];
/* One of them, which is known to be there. */
const struct device_class *virt_function(const char *name);
/* One of them, or of the target's optional slots, by name; or NULL. */
const struct device_class *virt_device_class(enum arch a, const char *name);

/* ppc64le: what a POWER9 with either KVM has, where no accelerator tells. */
extern const struct board_ppc virt_power9;

#endif
