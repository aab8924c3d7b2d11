/* SPDX-License-Identifier: MIT */
/* The flattened device tree as a machine's description (Devicetree 0.4). */
#ifndef GUEST_FDT_H
#define GUEST_FDT_H

#include <stdbool.h>
#include <stdint.h>

struct fdt_node {
	const char *name; /* with its unit address; "" for the root */
	const uint8_t *props;
	const struct fdt_node *parent; /* NULL for the root */
};

/* What the tree at machine.fdt says in /chosen: true if it is a tree. */
bool fdt_read_chosen(void);
/* Then fills machine from the rest of it. */
void fdt_read(void);
/* Calls visit for every node, parents first. */
void fdt_walk(void (*visit)(const struct fdt_node *n));

/* A property's value and its length in bytes, or NULL. */
const void *fdt_prop(const struct fdt_node *n, const char *name, uint32_t *len);
/* As a string, or "". */
const char *fdt_string(const struct fdt_node *n, const char *name);
/* As one cell, or absent. */
uint32_t fdt_u32(const struct fdt_node *n, const char *name, uint32_t absent);
/* As one number of all its cells; 0 where there is none. */
uint64_t fdt_number(const struct fdt_node *n, const char *name);
/* A number of that many big-endian cells. */
uint64_t fdt_cells(const void *p, unsigned cells);
/* True if this is one of the node's compatible strings. */
bool fdt_is(const struct fdt_node *n, const char *compatible);
/* The i-th address and size of reg, in the parent's cells; false: no such. */
bool fdt_reg(const struct fdt_node *n, unsigned i, uint64_t *base,
	     uint64_t *size);

/* Takes the buses and windows of a PCI host bridge. */
void fdt_pci_windows(const struct fdt_node *n);

/* Of each architecture: nodes that only it knows; interrupt specifiers. */
void arch_fdt_node(const struct fdt_node *n);
/* The i-th specifier of n cells as a number of the machine's; 0: none. */
uint32_t arch_fdt_irq(const struct fdt_node *n, unsigned i);

#endif
