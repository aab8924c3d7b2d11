/* SPDX-License-Identifier: MIT */
/* What the writers of the flattened device tree share. */
#ifndef BOOT_FDT_PRIV_H
#define BOOT_FDT_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/board.h"

enum {
	/* The interrupt controller that every irq of the board refers to. */
	FDT_PHANDLE_INTC = 1,
	FDT_PHANDLE_MSI, /* and the one that PCI's messages do */
	FDT_PHANDLE_CLOCK,
	FDT_PHANDLE_GPIO,
	FDT_PHANDLE_CPU0 = 0x100, /* and so on */
};

struct fdt_firmware;
struct err;

/* A tree being written, front to back; the first failure sticks. */
struct fdt_writer {
	void *fdt;
	int ret; /* libfdt's */
	const struct board *b;
	const struct board_found *found;     /* of the machine; NULL: nothing */
	const struct fdt_firmware *firmware; /* it is for; NULL: none */
};

void fdt_node(struct fdt_writer *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void fdt_node_end(struct fdt_writer *w);
void fdt_flag(struct fdt_writer *w, const char *name);
void fdt_str(struct fdt_writer *w, const char *name, const char *val);
void fdt_u32(struct fdt_writer *w, const char *name, uint32_t val);
void fdt_u64(struct fdt_writer *w, const char *name, uint64_t val);
void fdt_bytes(struct fdt_writer *w, const char *name, const void *p,
	       size_t size);
/* n cells of 32 bits, in the host's order. */
void fdt_cells(struct fdt_writer *w, const char *name, const uint32_t *cells,
	       size_t n);
/* "reg" of two cells of address and two of size. */
void fdt_reg(struct fdt_writer *w, uint64_t base, uint64_t size);

#define FDT_MAX_IRQ_CELLS 4

/* A placed device that is more than compatible, reg and interrupts. */
struct fdt_special {
	const char *compatible;
	const char *node; /* its generic name */
	/* NULL: reg and interrupts. */
	void (*body)(struct fdt_writer *w, const struct board_dev *d);
	const char *also; /* a more general compatible, or NULL */
	bool child;	  /* another's body writes it, by fdt_children() */
};

/* What differs between targets: a table entry each. */
struct fdt_arch {
	enum arch arch;
	const char *compatible;		    /* of the root */
	const struct fdt_special *specials; /* ends with a NULL compatible */
	/* An interrupt specifier of the controller; returns its cells. */
	unsigned (*irq)(uint32_t irq, enum board_trigger trigger,
			enum board_polarity polarity, uint32_t *cells);
	unsigned intc_address_cells; /* of the controller's node */
	/* Whether FDT_PHANDLE_MSI exists; NULL: it does not. */
	bool (*msi)(const struct board *b);
	/* Whether a CPU has a node of its own; NULL: each does. */
	bool (*cpu_node)(const struct board *b, unsigned index);
	/* Properties of a CPU's node; optional. */
	void (*cpu)(struct fdt_writer *w, unsigned index);
	/* Nodes inside /cpus beside the CPUs; optional. */
	void (*cpus)(struct fdt_writer *w);
	/* Properties of ram[index]'s node, of the root, of /chosen; optional.
	 */
	void (*memory)(struct fdt_writer *w, unsigned index);
	void (*root)(struct fdt_writer *w);
	void (*chosen)(struct fdt_writer *w);
	bool associativity; /* and no words of NUMA by cpu() and memory() */
	bool map_reserved;  /* the kernel may map what it may not use */
	/* Nodes of the root that no placed device stands for; optional. */
	void (*extra)(struct fdt_writer *w);
	/* See fdt_fits(); optional. */
	int (*fits)(const struct board *b, const void *dtb, struct err *err);
};

extern const struct fdt_arch fdt_x86_64;
extern const struct fdt_arch fdt_arm64;
extern const struct fdt_arch fdt_ppc64le;

/* reg and interrupts of a device. */
void fdt_device_body(struct fdt_writer *w, const struct board_dev *d);
/* The same, of a device whose DMA the CPUs' caches see. */
void fdt_coherent_body(struct fdt_writer *w, const struct board_dev *d);
/* "ranges" and "interrupt-map" of the PCI host. */
void fdt_pci_ranges(struct fdt_writer *w);
void fdt_pci_interrupts(struct fdt_writer *w);
/* The nodes of the devices that are children, where they belong. */
void fdt_children(struct fdt_writer *w);

#endif
