/* SPDX-License-Identifier: MIT */
/* A VM of one vCPU and four pages, to try what x86_64's KVM does. */
#include "cpu/kvm/x86_64_tiny.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	TINY_PML4 = 0x1000,
	TINY_PDPT = 0x2000,
	TINY_PD = 0x3000,
	TINY_SIZE = 0x4000
};

static void tiny_fill(uint8_t *mem, const uint8_t *code, size_t size)
{
	const uint64_t table = 3; /* present, writable */

	memcpy(mem, code, size);
	memcpy(mem + TINY_PML4, &(uint64_t){ TINY_PDPT | table }, 8);
	memcpy(mem + TINY_PDPT, &(uint64_t){ TINY_PD | table }, 8);
	memcpy(mem + TINY_PD, &(uint64_t){ 0x80 | table }, 8);
}

static int tiny_cpuid(int kvm_fd, int vcpu)
{
	struct kvm_cpuid2 *c;
	int ret;

	c = calloc(1, sizeof(*c) + 256 * sizeof(c->entries[0]));
	if (!c)
		return -1;
	c->nent = 256;
	ret = ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, c);
	if (!ret)
		ret = ioctl(vcpu, KVM_SET_CPUID2, c);
	free(c);
	return ret;
}

static int tiny_registers(int vcpu, uint64_t rbx)
{
	struct kvm_segment code = { .limit = 0xffffffff,
				    .selector = 8,
				    .type = 11,
				    .present = 1,
				    .s = 1,
				    .l = 1,
				    .g = 1 };
	struct kvm_segment data = { .limit = 0xffffffff,
				    .selector = 16,
				    .type = 3,
				    .present = 1,
				    .s = 1,
				    .db = 1,
				    .g = 1 };
	struct kvm_regs regs = { .rip = 0, .rflags = 2, .rbx = rbx };
	struct kvm_sregs s;

	if (ioctl(vcpu, KVM_GET_SREGS, &s))
		return -1;
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr0 = 0x80050033; /* PG, WP, AM, NE, ET, MP, PE */
	s.cr3 = TINY_PML4;
	s.cr4 = 0x20;	/* PAE */
	s.efer = 0x500; /* LME, LMA */
	if (ioctl(vcpu, KVM_SET_SREGS, &s))
		return -1;
	return ioctl(vcpu, KVM_SET_REGS, &regs);
}

int tiny_open(struct tiny *t, int kvm_fd, const uint8_t *code, size_t size,
	      uint64_t rbx)
{
	if (tiny_vm(t, kvm_fd, 0) < 0)
		return -1;
	/* Where VMX needs three pages for itself: out of the guest's way. */
	ioctl(t->vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	if (tiny_memory(t, TINY_SIZE) < 0)
		return -1;
	tiny_fill(t->mem, code, size);
	if (tiny_vcpu(t, kvm_fd) < 0 || tiny_cpuid(kvm_fd, t->vcpu))
		return -1;
	return tiny_registers(t->vcpu, rbx);
}
