/* SPDX-License-Identifier: MIT */
/* What x86_64's KVM can do, and how fast it runs a guest's kernel. */
#include "cpu/kvm/probe.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/kvm.h>

const struct probe_cap probe_arch_caps[] = {
	{ .cap = KVM_CAP_IRQCHIP,
	  .key = "irqchip",
	  .name = "interrupt controllers in KVM",
	  .needed = true },
	{ .cap = KVM_CAP_SPLIT_IRQCHIP,
	  .key = "split_irqchip",
	  .name = "split irqchip",
	  .with = "--irqchip split works",
	  .without = "--irqchip split does not work" },
	{ .cap = KVM_CAP_X2APIC_API,
	  .key = "x2apic_api",
	  .name = "32-bit APIC ids",
	  .with = "more than 255 CPUs are possible" },
	{ .cap = KVM_CAP_TSC_DEADLINE_TIMER,
	  .key = "tsc_deadline",
	  .name = "TSC deadline timer",
	  .with = "guests program their timer with one MSR write" },
	{ .cap = KVM_CAP_ADJUST_CLOCK,
	  .key = "kvmclock",
	  .name = "kvmclock",
	  .with = "guests know the time without exits" },
	{ .cap = KVM_CAP_GET_TSC_KHZ, .key = "tsc_khz", .name = "TSC rate" },
	{ .cap = KVM_CAP_TSC_CONTROL,
	  .key = "tsc_scaling",
	  .name = "TSC scaling",
	  .with = "a guest keeps its TSC rate on another host" },
	{ .cap = KVM_CAP_XSAVE2,
	  .key = "xsave2",
	  .name = "large XSAVE areas",
	  .with = "guests may use AMX" },
	{ .cap = KVM_CAP_X86_DISABLE_EXITS,
	  .key = "disable_exits",
	  .name = "HLT and PAUSE without exits" },
	{ .cap = KVM_CAP_PIT2, .key = "pit", .name = "8254 timer in KVM" },
	{ .cap = KVM_CAP_NESTED_STATE,
	  .key = "nested",
	  .name = "nested virtualization",
	  .with = "guests can use KVM themselves" },
	{ 0 },
};

bool probe_arch_has_extension(void)
{
	return probe_cpuinfo("flags", "vmx") || probe_cpuinfo("flags", "svm");
}

/* ---- hardware, by the flags of /proc/cpuinfo and KVM's parameters */

static void probe_vendor(struct probe *p, bool vmx)
{
	bool npt, avic;

	if (vmx) {
		npt = probe_module_flag("kvm_intel", "ept");
		avic = probe_module_flag("kvm_intel", "enable_apicv");
		probe_add(p, "tagged_tlb", "tagged TLB (VPID)",
			  probe_module_flag("kvm_intel", "vpid"), 0,
			  "an exit need not flush the TLB");
		probe_add(p, "tpr_acceleration",
			  "TPR acceleration (FlexPriority)",
			  probe_module_flag("kvm_intel", "flexpriority"), 0,
			  "task priorities change without exits");
	} else {
		npt = probe_module_flag("kvm_amd", "npt");
		avic = probe_module_flag("kvm_amd", "avic");
		probe_add(p, "tagged_tlb", "tagged TLB (ASID)", true, 0,
			  "an exit need not flush the TLB");
	}
	probe_add(p, "nested_paging",
		  vmx ? "nested paging (EPT)" : "nested paging (NPT)", npt, 0,
		  npt ? "guests change page tables without exits"
		      : "every change of a guest's page tables costs an exit");
	probe_add(p, "virtual_apic",
		  vmx ? "virtual APIC (APICv)" : "virtual APIC (AVIC)", avic, 0,
		  avic ? "interrupts are delivered without exits"
		       : "interrupts and their ends cost exits");
}

void probe_arch_host(struct probe *p)
{
	bool vmx = probe_cpuinfo("flags", "vmx");
	bool svm = probe_cpuinfo("flags", "svm");

	probe_add(p, "hardware",
		  vmx	? "hardware virtualization (VMX)"
		  : svm ? "hardware virtualization (SVM)"
			: "hardware virtualization",
		  vmx || svm, 0,
		  vmx || svm ? NULL
			     : "neither VMX nor SVM is offered: KVM, if there "
			       "is one, is a software one");
	if (vmx || svm)
		probe_vendor(p, vmx);
	else
		probe_add(p, "nested_paging", "nested paging", false, 0, NULL);
}

/* ---- the tiny guest */

/*
 * 64-bit ring 0, identity-mapped by one 2 MiB page.  It stops at an OUT,
 * stops at the next one, counts down, stops again, and starts over: the
 * first pair of stops times an exit, the second an exit and the loop.
 */
#define MEASURE_TRIES 3

static const uint8_t measure_code[] = {
	0xba, 0x10, 0, 0, 0, /*    mov $0x10, %edx */
	0xee,		     /* 1: out %al, %dx */
	0xee,		     /*    out %al, %dx */
	0x89, 0xd9,	     /*    mov %ebx, %ecx */
	0xff, 0xc9,	     /* 2: dec %ecx */
	0x75, 0xfc,	     /*    jnz 2b */
	0xee,		     /*    out %al, %dx */
	0xeb, 0xf5,	     /*    jmp 1b */
};

enum {
	MEASURE_PML4 = 0x1000,
	MEASURE_PDPT = 0x2000,
	MEASURE_PD = 0x3000,
	MEASURE_SIZE = 0x4000
};

struct measure {
	int vm, vcpu;
	uint8_t *mem;
	struct kvm_run *run;
	size_t run_size;
};

static void measure_fill(uint8_t *mem)
{
	const uint64_t table = 3; /* present, writable */

	memcpy(mem, measure_code, sizeof(measure_code));
	memcpy(mem + MEASURE_PML4, &(uint64_t){ MEASURE_PDPT | table }, 8);
	memcpy(mem + MEASURE_PDPT, &(uint64_t){ MEASURE_PD | table }, 8);
	memcpy(mem + MEASURE_PD, &(uint64_t){ 0x80 | table }, 8);
}

static int measure_cpuid(int kvm_fd, int vcpu)
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

static int measure_registers(int vcpu, unsigned loops)
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
	struct kvm_regs regs = { .rip = 0, .rflags = 2, .rbx = loops };
	struct kvm_sregs s;

	if (ioctl(vcpu, KVM_GET_SREGS, &s))
		return -1;
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr0 = 0x80050033; /* PG, WP, AM, NE, ET, MP, PE */
	s.cr3 = MEASURE_PML4;
	s.cr4 = 0x20;	/* PAE */
	s.efer = 0x500; /* LME, LMA */
	if (ioctl(vcpu, KVM_SET_SREGS, &s))
		return -1;
	return ioctl(vcpu, KVM_SET_REGS, &regs);
}

static int measure_open(struct measure *m, int kvm_fd, unsigned loops)
{
	struct kvm_userspace_memory_region region = { .memory_size =
							      MEASURE_SIZE };
	int size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	m->vm = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (m->vm < 0 || size <= 0)
		return -1;
	/* Where VMX needs three pages for itself: out of the guest's way. */
	ioctl(m->vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	m->mem = mmap(NULL, MEASURE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->mem == MAP_FAILED)
		return -1;
	measure_fill(m->mem);
	region.userspace_addr = (uintptr_t)m->mem;
	if (ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region))
		return -1;
	m->vcpu = ioctl(m->vm, KVM_CREATE_VCPU, 0);
	if (m->vcpu < 0)
		return -1;
	m->run_size = size;
	m->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu,
		      0);
	if (m->run == MAP_FAILED || measure_cpuid(kvm_fd, m->vcpu))
		return -1;
	return measure_registers(m->vcpu, loops);
}

static void measure_close(struct measure *m)
{
	if (m->run != MAP_FAILED)
		munmap(m->run, m->run_size);
	if (m->mem != MAP_FAILED)
		munmap(m->mem, MEASURE_SIZE);
	if (m->vcpu >= 0)
		close(m->vcpu);
	if (m->vm >= 0)
		close(m->vm);
}

/* Runs to the next OUT and says when that was; 0 if something else came. */
static uint64_t measure_stop(struct measure *m)
{
	struct timespec ts;

	if (ioctl(m->vcpu, KVM_RUN, 0) || m->run->exit_reason != KVM_EXIT_IO)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* The loop's time, an exit's taken off, or 0 where the guest went astray. */
static uint64_t measure_loop_ns(struct measure *m)
{
	uint64_t a = measure_stop(m), b = measure_stop(m), c = measure_stop(m);

	if (!a || !b || !c)
		return 0;
	return c - b > b - a ? c - b - (b - a) : 1;
}

uint64_t probe_arch_measure(int kvm_fd, unsigned loops)
{
	struct measure m = {
		.vm = -1, .vcpu = -1, .mem = MAP_FAILED, .run = MAP_FAILED
	};
	uint64_t best = 0;

	if (measure_open(&m, kvm_fd, loops) < 0)
		goto out;
	/* Someone else may have had the CPU: only slow again is slow. */
	for (int i = 0; i < MEASURE_TRIES; i++) {
		uint64_t ns = measure_loop_ns(&m);

		if (!ns)
			break;
		if (2 * loops * 1000000000ull / ns > best)
			best = 2 * loops * 1000000000ull / ns;
		if (best >= PROBE_SLOW)
			break;
	}
out:
	measure_close(&m);
	return best;
}
