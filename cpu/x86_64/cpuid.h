/* SPDX-License-Identifier: MIT */
/* What CPUID tells the guest: the host's, the model's, the board's. */
#ifndef CPU_X86_64_CPUID_H
#define CPU_X86_64_CPUID_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/err.h"

/* One answer; the layout of KVM's struct kvm_cpuid_entry2 without padding. */
struct x86_cpuid_entry {
	uint32_t leaf, sub;
	bool indexed; /* answers this sub-leaf only */
	uint32_t eax, ebx, ecx, edx;
};

#define X86_CPUID_MAX 256

struct x86_cpuid {
	struct x86_cpuid_entry e[X86_CPUID_MAX];
	unsigned n;
};

/* The answer to (leaf, sub), or NULL. */
struct x86_cpuid_entry *x86_cpuid_find(struct x86_cpuid *c, uint32_t leaf,
				       uint32_t sub);

/* Widths of the parts of an APIC id, bits: SDM volume 3, 9.9.3.2. */
struct x86_topology {
	unsigned thread_bits, core_bits;
};
void x86_topology(unsigned cores, unsigned threads, struct x86_topology *t);
/* The APIC id of vCPU number index. */
uint32_t x86_apic_id(unsigned cores, unsigned threads, unsigned index);

/*
 * Narrows c, which holds what the accelerator supports, to the CPU that spec
 * asks for: "host", or a model's name, then ",+feature" and ",-feature".
 * NULL is "host".  Models are the psABI's x86-64-v1 to -v4.  A feature that is
 * asked for and not supported is an error.  What builds on a feature that goes
 * goes with it, and the XSAVE area shrinks accordingly.
 */
int x86_cpuid_select(struct x86_cpuid *c, const char *spec,
		     struct err *err) MUST_CHECK;

/* Whether c has a feature of that name (as in /proc/cpuinfo). */
bool x86_feature_has(struct x86_cpuid *c, const char *name);

/*
 * Fills in what differs between vCPUs and between boards: APIC ids and the
 * topology leaves (1, 4, 0xb, 0x1f; AMD: 0x80000008, 0x8000001d, 0x8000001e).
 */
void x86_cpuid_place(struct x86_cpuid *c, const struct board *b,
		     unsigned index);

#endif
