/* SPDX-License-Identifier: MIT */
/*
 * KVM-PR, which runs guests as programs: a guest's hash page table is in our
 * memory, where KVM-HV has it in the kernel's.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpu/kvm/ppc64le.h"

/*
 * Without one Linux takes "sc 1" for a program's system call.  A hypervisor
 * answers H_PRIVILEGE, for a program may not call it.
 */
bool kvm_pr_calls_taken(void)
{
	const long self = getpid(); /* no call while registers have names */
	register long nr __asm__("r0") = SYS_getpid;
	register long r3 __asm__("r3") = 0;

	__asm__ volatile("sc 1"
			 : "+r"(nr), "+r"(r3)
			 :
			 : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11",
			   "r12", "ctr", "xer", "cr0", "cr1", "cr5", "cr6",
			   "cr7", "memory");
	return r3 != self;
}

static bool kvm_pr_hash_entry(void *opaque, uint64_t index, uint64_t pte[2])
{
	const struct kvm_ppc *p = opaque;

	if (index >= UINT64_C(1) << (p->papr.hash.shift - 4))
		return false;
	for (unsigned i = 0; i < 2; i++)
		pte[i] = be64toh(__atomic_load_n(&p->table[2 * index + i],
						 __ATOMIC_RELAXED));
	return true;
}

int kvm_pr_reset(struct kvm_ppc *p, unsigned shift, struct err *err)
{
	size_t size = (size_t)1 << shift;
	void *table;

	if (!p->table) {
		if (posix_memalign(&table, size, size))
			return err_nomem(err, "a hash page table");
		p->table = table;
	}
	memset(p->table, 0, size);
	p->papr.hash = (struct ppc64_hash){
		.read = kvm_pr_hash_entry,
		.opaque = p,
		.shift = shift,
	};
	return 0;
}

/*
 * KVM takes SDR1 for our address, the PVR for one that has its interrupts
 * elsewhere (HIOR), and an SLB whose entries are not valid for none.
 */
int kvm_pr_vcpu_reset(const struct kvm_ppc *p, int fd)
{
	const uint64_t hior = 0;
	struct kvm_sregs s;

	if (ioctl(fd, KVM_GET_SREGS, &s) < 0)
		return -errno;
	memset(s.u.s.ppc64.slb, 0, sizeof(s.u.s.ppc64.slb));
	s.u.s.sdr1 = ppc64_sdr1((uintptr_t)p->table, p->papr.hash.shift);
	if (ioctl(fd, KVM_SET_SREGS, &s) < 0)
		return -errno;
	return kvm_ppc_set(fd, KVM_REG_PPC_HIOR, &hior);
}
