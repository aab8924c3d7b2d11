/* SPDX-License-Identifier: MIT */
/* A VM of one vCPU and a little memory, to try what this host's KVM does. */
#include "cpu/kvm/tiny.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int tiny_vm(struct tiny *t, int kvm_fd, unsigned long type)
{
	*t = (struct tiny){ .vcpu = -1, .mem = MAP_FAILED, .run = MAP_FAILED };
	t->vm = ioctl(kvm_fd, KVM_CREATE_VM, type);
	return t->vm < 0 ? -1 : 0;
}

int tiny_memory(struct tiny *t, size_t size)
{
	struct kvm_userspace_memory_region region = { .memory_size = size };

	t->mem_size = size;
	t->mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->mem == MAP_FAILED)
		return -1;
	region.userspace_addr = (uintptr_t)t->mem;
	return ioctl(t->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -1 : 0;
}

int tiny_vcpu(struct tiny *t, int kvm_fd)
{
	int run_size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	t->vcpu = ioctl(t->vm, KVM_CREATE_VCPU, 0);
	if (t->vcpu < 0 || run_size <= 0)
		return -1;
	t->run_size = (size_t)run_size;
	t->run = mmap(NULL, t->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      t->vcpu, 0);
	return t->run == MAP_FAILED ? -1 : 0;
}

void tiny_close(struct tiny *t)
{
	if (t->run != MAP_FAILED)
		munmap(t->run, t->run_size);
	if (t->mem != MAP_FAILED)
		munmap(t->mem, t->mem_size);
	if (t->vcpu >= 0)
		close(t->vcpu);
	if (t->vm >= 0)
		close(t->vm);
}
