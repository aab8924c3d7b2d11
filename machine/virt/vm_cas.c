/* SPDX-License-Identifier: MIT */
/* ibm,client-architecture-support: the kernel says what it can, firmware gets
 * the tree that goes with it. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "boot/fdt.h"
#include "hw/core/log.h"
#include "hw/spapr/cas.h"
#include "machine/virt/vm_priv.h"

/* What SLOF has room for, and more than a tree has. */
#define CAS_TREE    (2u << 20)
#define CAS_VERSION 1

/*
 * The whole tree: firmware takes away what is no longer in it.  What only the
 * loader knew, and what the firmware wrote since, stays as it is.
 */
static long cas_answer(struct vm *vm, gpa_t gpa, uint64_t room, void *buf)
{
	static const struct fdt_firmware none;
	struct board_found found = { 0 };
	struct fdt_chosen chosen = { .found = &found, .firmware = &none };
	struct err err = { 0 };
	uint32_t version = htobe32(CAS_VERSION);
	int size;

	if (vm_spapr_found(vm, &found, &err) < 0)
		return H_HARDWARE;
	size = fdt_build(vm->board, &chosen, buf, CAS_TREE, &err);
	vm_spapr_found_free(&found);
	if (size < 0)
		return H_HARDWARE;
	if (room < sizeof(version) || room - sizeof(version) < (uint64_t)size)
		return H_RESOURCE;
	if (mem_write(&vm->mem, gpa, &version, sizeof(version)) < 0 ||
	    mem_write(&vm->mem, gpa + sizeof(version), buf, (size_t)size) < 0)
		return H_PARAMETER;
	return H_SUCCESS;
}

/* The vectors, and a buffer for the answer with its length. */
static long h_cas(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		  uint64_t out[HCALL_REGS])
{
	struct vm *vm = opaque;
	const char *option = NULL;
	struct cas c, other;
	void *buf;
	long ret;

	(void)cpu, (void)out;
	if (cas_read(&vm->mem, in[0], &c) < 0)
		return H_PARAMETER;
	switch (cas_weigh(&c, vm->board, &other, &option)) {
	case CAS_SUITS: break;
	case CAS_OTHER: vm_remake(vm, &other); return H_HARDWARE;
	case CAS_NONE:
		guest_error("the guest's kernel",
			    "it does not know what this machine has; run it "
			    "with %s",
			    option);
		return H_HARDWARE;
	}
	buf = malloc(CAS_TREE);
	if (!buf)
		return H_NO_MEM;
	ret = cas_answer(vm, in[1], in[2], buf);
	free(buf);
	return ret;
}

const struct hcall vm_cas_hcalls[] = {
	{ 0xf002, "H_CAS", h_cas },
	{ 0 },
};
