/* SPDX-License-Identifier: MIT */
/* A VM of one vCPU and four pages, to try what x86_64's KVM does. */
#ifndef CPU_KVM_X86_64_TINY_H
#define CPU_KVM_X86_64_TINY_H

#include "cpu/kvm/tiny.h"

/*
 * Makes one whose vCPU is about to execute the code (less than 4 KiB) at 0 in
 * 64-bit ring 0, identity-mapped, without descriptor tables.  0, or -1 where
 * KVM refuses; tiny_close() follows in either case.
 */
int tiny_open(struct tiny *t, int kvm_fd, const uint8_t *code, size_t size,
	      uint64_t rbx);

#endif
