/* SPDX-License-Identifier: MIT */
/* What probe.c asks of the file of its architecture. */
#ifndef CPU_KVM_PROBE_H
#define CPU_KVM_PROBE_H

#include <stdbool.h>

#include "cpu/probe.h"

/* A capability, and what having or lacking it means to a user. */
struct probe_cap {
	int cap; /* KVM_CAP_... */
	const char *key, *name;
	const char *with, *without; /* may be NULL */
	bool needed;
	bool number; /* the answer is a number to show */
};

/* This architecture's, ended by a NULL key. */
extern const struct probe_cap probe_arch_caps[];

/* Adds what the CPU and KVM's module say about themselves. */
void probe_arch_host(struct probe *p);
/* True where the CPU shows that KVM has hardware to rely on. */
bool probe_arch_has_extension(void);
/*
 * A tiny guest's kernel-mode instructions a second, measured over a loop of
 * 2 * loops of them; 0 where it cannot be.  kvm_fd is an open /dev/kvm.
 */
uint64_t probe_arch_measure(int kvm_fd, unsigned loops);
/* Fewer than this is software: emulators reach 0.5 to 2 million. */
#define PROBE_SLOW 10000000ull

void probe_add(struct probe *p, const char *key, const char *name, bool have,
	       uint64_t value, const char *means);
/* True when a line of /proc/cpuinfo that begins with field holds word. */
bool probe_cpuinfo(const char *field, const char *word);
/* True when a parameter of a module is Y or 1. */
bool probe_module_flag(const char *module, const char *param);

#endif
