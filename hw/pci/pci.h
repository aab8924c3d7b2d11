/* SPDX-License-Identifier: MIT */
/* PCI functions: configuration space, BARs, capabilities, INTx, the bus. */
#ifndef HW_PCI_PCI_H
#define HW_PCI_PCI_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/device.h"
#include "hw/core/err.h"
#include "hw/pci/msi.h"

/*
 * A PCI device of any family embeds struct pci_device first, and its class
 * has .space = SPACE_PCI.  The order of its life:
 *
 *	machine:   device_new(), pci_attach(bus, d, devfn), device_realize()
 *	realize(): pci_device_init(), then pci_bar_add(), pci_msix_add(), ...
 *	reset():   pci_device_reset(), then its own state
 *	machine:   pci_assign_bars() once everything is reset
 *	machine:   pci_detach(d), device_free()
 *	unrealize(): its own things, then pci_device_exit()
 *
 * Addresses are assigned to BARs by pci_assign_bars() because there is no
 * firmware, but decoding is off until the guest sets the command register,
 * and so is bus mastering, without which no MSI leaves the function.
 *
 * Configuration accesses hold the device's lock (dev.lock), like every
 * region of it.  References: PCI Local Bus 3.0, chapter 6 and 7.5 of the
 * PCI Express Base Specification.
 */

#define PCI_DEVFN(slot, fn) ((uint8_t)((slot) << 3 | (fn)))
#define PCI_SLOT(devfn)	    ((devfn) >> 3)
#define PCI_FN(devfn)	    ((devfn)&7)

/* The conventional space; what lies above it to 4095 reads as zero. */
#define PCI_CFG_SIZE  256
#define PCI_ECAM_SIZE 4096
#define PCI_NUM_BARS  6

struct dma_space;
struct pci_device;

enum pci_bar_type {
	PCI_BAR_NONE,
	PCI_BAR_IO,
	PCI_BAR_MEM32,
	PCI_BAR_MEM64,		/* takes BAR n and n + 1 */
	PCI_BAR_MEM64_PREFETCH, /* the same; placed above 4 GiB */
};

struct pci_bar {
	enum pci_bar_type type;
	struct region *region; /* the device's; constant from realize() */
	/* dev.lock: */
	bool mapped;
	uint64_t base; /* where it is mapped */
	/* pci_assign_bars(): */
	uint64_t assigned;
};

/* What a function does beyond the generic code; each is optional. */
struct pci_ops {
	/*
	 * Before the generic read.  True when it filled *val itself.  off is
	 * below PCI_ECAM_SIZE, size is 1, 2 or 4, naturally aligned.
	 */
	bool (*config_read)(struct pci_device *d, unsigned off, unsigned size,
			    uint32_t *val);
	/* The same for writes; true when nothing is left to do. */
	bool (*config_write)(struct pci_device *d, unsigned off, unsigned size,
			     uint32_t val);
	/* After the generic code stored a write. */
	void (*config_written)(struct pci_device *d, unsigned off,
			       unsigned size);
};

/* What the header of configuration space says of a function. */
struct pci_ids {
	uint16_t vendor, device;
	uint16_t subsys_vendor, subsys;
	uint32_t class_code; /* base class << 16 | subclass << 8 | interface */
	uint8_t revision;
	uint8_t pin; /* 0: no INTx, 1: INTA, ... */
};

struct pci_device {
	struct device dev;
	/* constant from attach: */
	struct pci_bus *bus;
	uint8_t devfn;
	/* constant from realize to unrealize: */
	const struct pci_ops *ops; /* may be NULL */
	struct pci_bar bar[PCI_NUM_BARS];
	uint8_t wmask[PCI_CFG_SIZE];   /* bits that the guest may write */
	uint8_t w1cmask[PCI_CFG_SIZE]; /* bits that writing 1 clears */
	uint8_t initial[PCI_CFG_SIZE]; /* what reset() restores */
	uint16_t cap_end;	       /* first byte that no capability uses */
	uint16_t cap_last;	       /* offset of the chain's last "next" */
	uint8_t pm, msi_cap, msix_cap, pcie; /* their offsets, or 0 */
	struct pci_msi msi, msix;
	/* dev.lock: */
	uint8_t config[PCI_CFG_SIZE];
	/* bus->lock: */
	bool intx_allowed; /* neither the command register nor MSI forbids */
	bool intx_level;   /* as the device drives it */
	bool intx_out;	   /* as it leaves the function */
};

/* The root bus.  Its functions are constant while the VM runs. */
struct pci_bus {
	struct board_pci windows;
	const struct dma_space *dma; /* of its functions; NULL: all memory */
	/* atomic: pci_bus_isolate() */
	bool no_mmio, no_dma;
	struct pci_device *dev[256]; /* by devfn */
	pthread_mutex_t lock;	     /* INTx only; taken after dev.lock */
	unsigned intx_count[4];	     /* functions that assert root pin i */
};

/* windows is copied. */
void pci_bus_init(struct pci_bus *bus, const struct board_pci *windows);
void pci_bus_destroy(struct pci_bus *bus);

/*
 * Puts d, which is not realized yet, at devfn; -EBUSY names who is there
 * already.  Ends with pci_detach(), before device_free(); a d that is not
 * attached is fine.  While the VM is paused or not yet started.
 */
int pci_attach(struct pci_bus *bus, struct pci_device *d, uint8_t devfn,
	       struct err *err) MUST_CHECK;
void pci_detach(struct pci_device *d);
/* The lowest free slot's function 0, or -ENOSPC. */
int pci_free_slot(const struct pci_bus *bus);

/*
 * Gives every BAR of every function a naturally aligned address out of the
 * windows: 64-bit prefetchable ones above 4 GiB, the rest below, ports in
 * the I/O window; the same every time.  -ENOSPC names the function whose BAR
 * finds no room.  After realize and after every reset; the VM is paused.
 */
int pci_assign_bars(struct pci_bus *bus, struct err *err) MUST_CHECK;

/*
 * What is at devfn, with the addresses of pci_assign_bars(); false: nothing.
 * While the VM is paused or not yet started.
 */
bool pci_describe(const struct pci_bus *bus, uint8_t devfn,
		  struct board_pci_fn *fn);

/*
 * A configuration access to bus/devfn, as ECAM or port 0xcf8 decode it; off
 * is below PCI_ECAM_SIZE, size 1, 2 or 4.  Where there is no function a read
 * yields all ones.  Takes the function's lock; any thread.
 */
uint32_t pci_config_read(struct pci_bus *bus, unsigned busnr, uint8_t devfn,
			 unsigned off, unsigned size);
void pci_config_write(struct pci_bus *bus, unsigned busnr, uint8_t devfn,
		      unsigned off, unsigned size, uint32_t val);

/*
 * Cuts every function off from the CPU's accesses, from memory and from
 * sending messages, or lets it again, whatever their own registers say: EEH.
 * Takes each function's lock; the caller has none of them and is no loop.
 */
void pci_bus_isolate(struct pci_bus *bus, bool mmio, bool dma);

/* ---- for the device's class, see the order above */

/* Fills the header.  d is attached.  ops may be NULL. */
void pci_device_init(struct pci_device *d, const struct pci_ids *ids,
		     const struct pci_ops *ops);
/* Unmaps the BARs, frees the vectors; safe on a half-realized device. */
void pci_device_exit(struct pci_device *d);
/*
 * Configuration space as after a reset: no decoding, no bus mastering, BARs
 * zero, MSI and MSI-X off and masked, INTx down.
 */
void pci_device_reset(struct pci_device *d);

/*
 * Backs BAR n by r, which stays the caller's and whose ops are set; its
 * size must be a power of two, at least 16 for memory and 4 for ports.
 */
void pci_bar_add(struct pci_device *d, unsigned n, enum pci_bar_type type,
		 struct region *r);

/*
 * A capability of len bytes (with its two-byte header).  Returns its offset,
 * zeroed and not writable, or -ENOSPC.  The caller fills d->initial and
 * d->wmask behind the header, before the first reset.
 */
int pci_cap_add(struct pci_device *d, uint8_t id, unsigned len,
		struct err *err) MUST_CHECK;
/* Power management (PM 1.2): D0 and D3hot, state kept; no PME. */
int pci_pm_add(struct pci_device *d, struct err *err) MUST_CHECK;
/* PCI Express: a root complex integrated endpoint, so that drivers see PCIe. */
int pci_express_add(struct pci_device *d, struct err *err) MUST_CHECK;

/* Fields of d->initial (before the first reset) and of any such array. */
void pci_put16(uint8_t *config, unsigned off, uint16_t val);
void pci_put32(uint8_t *config, unsigned off, uint32_t val);
uint16_t pci_get16(const uint8_t *config, unsigned off);
uint32_t pci_get32(const uint8_t *config, unsigned off);

/* ---- while it runs */

/* Drives the INTx line; from any thread, takes bus->lock only. */
void pci_set_irq(struct pci_device *d, bool level);
/* Whether the guest lets the function do DMA and send MSIs. */
bool pci_bus_master(const struct pci_device *d);
/* The requester id: bus << 8 | devfn. */
uint32_t pci_requester(const struct pci_device *d);

#endif
