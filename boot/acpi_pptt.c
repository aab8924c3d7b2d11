/* SPDX-License-Identifier: MIT */
/* The PPTT: sockets, cores and threads, as ACPI 6.3 section 5.2.29 has it. */
#include "boot/acpi_priv.h"

#define PPTT_NODE_SIZE 20
#define PPTT_PACKAGE   0x01 /* a physical package */
#define PPTT_ID_VALID  0x02 /* it is the UID of a device in the DSDT */
#define PPTT_THREAD    0x04 /* shares its core with others */
#define PPTT_LEAF      0x08
#define PPTT_ALIKE     0x10 /* all below are of one implementation */

/* A node below parent; returns its place in the table, as children name it. */
static uint32_t pptt_node(struct aml *a, size_t table, uint32_t flags,
			  uint32_t parent, uint32_t uid)
{
	uint32_t at = (uint32_t)(a->len - table);

	aml_u8(a, 0); /* processor hierarchy node */
	aml_u8(a, PPTT_NODE_SIZE);
	aml_u16(a, 0);
	aml_u32(a, flags | PPTT_ALIKE);
	aml_u32(a, parent);
	aml_u32(a, uid);
	aml_u32(a, 0); /* caches: the CPU's own registers tell of them */
	return at;
}

void acpi_pptt(const struct board *b, struct acpi_tables *t, struct aml *a)
{
	const uint32_t leaf = PPTT_ID_VALID | PPTT_LEAF;
	size_t at = acpi_begin(a, "PPTT", 2);
	uint32_t socket = 0, core = 0;

	for (unsigned i = 0; i < b->ncpus; i++) {
		const struct board_cpu *c = &b->cpus[i], *last = c - !!i;
		bool new_socket = !i || c->socket != last->socket;
		bool new_core = new_socket || c->core != last->core;

		if (new_socket)
			socket = pptt_node(a, at, PPTT_PACKAGE | PPTT_ID_VALID,
					   0, c->socket);
		if (b->threads <= 1) {
			pptt_node(a, at, leaf, socket, i);
			continue;
		}
		if (new_core)
			core = pptt_node(a, at, 0, socket, 0);
		pptt_node(a, at, leaf | PPTT_THREAD, core, i);
	}
	acpi_end(b, t, a, at);
}
