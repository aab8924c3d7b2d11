/* SPDX-License-Identifier: MIT */
/* The inside of a running machine, shared by the files of machine/virt. */
#ifndef MACHINE_VIRT_VM_PRIV_H
#define MACHINE_VIRT_VM_PRIV_H

#include <pthread.h>
#include <signal.h>

#include "boot/boot.h"
#include "boot/fw_items.h"
#include "cpu/accel.h"
#include "hw/core/device.h"
#include "hw/spapr/cas.h"
#include "hw/spapr/hcall.h"
#include "hw/spapr/rtas.h"
#include "hw/spapr/tce.h"
#include "machine/virt/virt.h"

struct chardev;
struct vio_bus;

/* A device of the board, and what it carries. */
struct vm_dev {
	struct device *dev;	 /* NULL: the accelerator's */
	struct device *function; /* behind a virtio transport, or NULL */
	struct chardev *chr;	 /* opened for either of them, or NULL */
};

struct vm {
	/* constant once the machine is made: */
	const struct vm_config *cfg;
	const struct vm_watcher *watcher; /* or NULL */
	const struct virt_target *layout;
	const struct target *target;
	const struct accel *accel;
	struct board *board;
	struct mem mem;
	struct bus mmio, pio;
	struct accel_config accel_cfg;
	struct accel_vm *avm;
	struct vcpus cpus;
	const cpu_set_t **pins;
	struct device_env env;
	struct vm_dev *devs; /* as board->devs */
	struct fw_items fw_items;
	struct pci_bus *pci;  /* NULL: the board has none */
	struct hcalls hcalls; /* ppc64le: what its guest calls */
	struct rtas rtas;
	struct vio_bus *vio;
	struct ics *ics; /* whose sources RTAS configures */
	struct tce_tables tces;
	struct device *sapic, *sal; /* ia64 */
	struct irqchip *eoi; /* a chip in hw/ that hears of EOIs, or NULL */
	struct irqchip *gic; /* hw/gic's own, which hears of PPIs, or NULL */
	struct iothread *io;
	unsigned nio;

	/* the main thread: */
	struct loop *loop;
	struct clock clock;
	uint64_t started_ns; /* CLOCK_MONOTONIC */
	struct loop_fd clock_fd, event_fd, signal_fd;
	sigset_t old_mask;
	struct timer timeout, speed_check;
	bool booted; /* RAM is no longer as it was mapped */
	bool ended;
	bool expected; /* --expect has matched */
	bool again;    /* it has ended to be made anew, as "other" says */
	int status;

	/* atomic: bits of enum vm_request, and who asked with what */
	unsigned requests;
	int request_status;
	struct cas other; /* set before that request */
};

/* vm_clock.c */
int vm_clock_init(struct vm *vm, struct err *err);
void vm_clock_destroy(struct vm *vm);

/* vm_devices.c: every device of the board, in order. */
int vm_devices_make(struct vm *vm, struct err *err);
void vm_devices_free(struct vm *vm);
int vm_devices_reset(struct vm *vm, struct err *err);
void vm_devices_start(struct vm *vm);
void vm_devices_stop(struct vm *vm);
/* Asks the guest to shut down, by every button that its machine has: it was
 * told of one of them. */
void vm_devices_power_button(struct vm *vm);
/* Character device number n of all that serve guest output, or NULL. */
struct chardev *vm_chardev(const struct vm *vm, unsigned n);

/* vm_spapr.c: before the devices; nothing on machines of other kinds. */
int vm_spapr_init(struct vm *vm, struct err *err) MUST_CHECK;
void vm_spapr_free(struct vm *vm);
/* vcpu_events.hcall */
long vm_hcall(void *opaque, unsigned cpu, uint64_t nr,
	      const uint64_t in[VCPU_HCALL_REGS],
	      uint64_t out[VCPU_HCALL_REGS]);
/* Wiring of a pSeries' own devices, see vm_devices.c. */
int vm_wire_system(struct vm *vm, unsigned i, struct device *dev,
		   struct err *err);
int vm_wire_xics(struct vm *vm, unsigned i, struct device *dev,
		 struct err *err);
int vm_wire_xive(struct vm *vm, unsigned i, struct device *dev,
		 struct err *err);
int vm_wire_vio(struct vm *vm, unsigned i, struct device *dev, struct err *err);
int vm_wire_phb(struct vm *vm, unsigned i, struct device *dev, struct err *err);
int vm_wire_events(struct vm *vm, unsigned i, struct device *dev,
		   struct err *err);
int vm_wire_nvram(struct vm *vm, unsigned i, struct device *dev,
		  struct err *err);
/* vm_ia64.c: of its own devices; vcpu_events.reg_read and .reg_write */
int vm_wire_sapic(struct vm *vm, unsigned i, struct device *dev,
		  struct err *err);
int vm_wire_iosapic(struct vm *vm, unsigned i, struct device *dev,
		    struct err *err);
int vm_wire_sal(struct vm *vm, unsigned i, struct device *dev, struct err *err);
int vm_wire_efi_nvram(struct vm *vm, unsigned i, struct device *dev,
		      struct err *err);
bool vm_reg_read(void *opaque, unsigned cpu, unsigned reg, uint64_t *val);
bool vm_reg_write(void *opaque, unsigned cpu, unsigned reg, uint64_t val);
extern const struct hcall vm_cas_hcalls[]; /* vm_cas.c; the VM */
/*
 * What a pSeries' tree tells of the devices there are; of PCI functions
 * nothing where firmware looks for itself.  Any thread then.
 */
int vm_spapr_found(struct vm *vm, struct board_found *found,
		   struct err *err) MUST_CHECK;
void vm_spapr_found_free(struct board_found *found);

/* vm.c: the command line of the kernel; NULL: none. */
const char *vm_cmdline(const struct vm *vm);
/* vm.c: ends the main loop with a status; the first caller decides. */
void vm_end(struct vm *vm, int status);
/* Ends the machine and makes it anew, with what a kernel needs: H_CAS.  A
 * vCPU's thread. */
void vm_remake(struct vm *vm, const struct cas *other);

#endif
