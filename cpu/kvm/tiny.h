/* SPDX-License-Identifier: MIT */
/* A VM of one vCPU and a little memory, to try what this host's KVM does. */
#ifndef CPU_KVM_TINY_H
#define CPU_KVM_TINY_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kvm.h>

struct tiny {
	int vm, vcpu;
	uint8_t *mem; /* the guest's, from address 0 */
	size_t mem_size;
	struct kvm_run *run;
	size_t run_size;
};

/*
 * The steps of making one, in this order, between which an architecture has
 * its own: the VM (type as of KVM_CREATE_VM), size bytes of zeroed memory, the
 * vCPU with its kvm_run.  Each 0, or -1 where KVM refuses; tiny_close() follows
 * in either case.  Any thread.
 */
int tiny_vm(struct tiny *t, int kvm_fd, unsigned long type);
int tiny_memory(struct tiny *t, size_t size);
int tiny_vcpu(struct tiny *t, int kvm_fd);
void tiny_close(struct tiny *t);

#endif
