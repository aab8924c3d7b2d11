/* SPDX-License-Identifier: MIT */
/* What x86_64's KVM can do, and how fast it runs a guest's kernel. */
#include "cpu/kvm/probe.h"

#include <sys/ioctl.h>
#include <time.h>

#include "cpu/kvm/x86_64_tiny.h"

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

/* What either vendor has, under its own name; a software KVM has none of it. */
enum { VMX, SVM, NEITHER };

/* A part of it: KVM's parameters tell, or, where svm is NULL, SVM has it. */
static const struct feature {
	const char *key, *name[NEITHER + 1];
	const char *vmx, *svm;
	const char *with, *without;
} features[] = {
	{ "nested_paging",
	  { "nested paging (EPT)", "nested paging (NPT)", "nested paging" },
	  "ept",
	  "npt",
	  "guests change page tables without exits",
	  "every change of a guest's page tables costs an exit" },
	{ "tagged_tlb",
	  { "tagged TLB (VPID)", "tagged TLB (ASID)", "tagged TLB" },
	  "vpid",
	  NULL,
	  "an exit need not flush the TLB",
	  NULL },
	{ "virtual_apic",
	  { "virtual APIC (APICv)", "virtual APIC (AVIC)", "virtual APIC" },
	  "enable_apicv",
	  "avic",
	  "interrupts are delivered without exits",
	  "interrupts and their ends cost exits" },
	/* V_TPR belongs to SVM: AMD APM volume 2, 15.21.2. */
	{ "tpr_acceleration",
	  { "TPR acceleration (FlexPriority)", "TPR acceleration (V_TPR)",
	    "TPR acceleration" },
	  "flexpriority",
	  NULL,
	  "task priorities change without exits",
	  NULL },
};

static bool feature_is_there(const struct feature *f, int v)
{
	if (v == SVM)
		return !f->svm || probe_module_flag("kvm_amd", f->svm);
	return v == VMX && probe_module_flag("kvm_intel", f->vmx);
}

void probe_arch_host(struct probe *p)
{
	static const char *const name[] = { "hardware virtualization (VMX)",
					    "hardware virtualization (SVM)",
					    "hardware virtualization" };
	int v = probe_cpuinfo("flags", "vmx")	? VMX
		: probe_cpuinfo("flags", "svm") ? SVM
						: NEITHER;

	probe_add(p, "hardware", name[v], v != NEITHER, 0,
		  v != NEITHER ? NULL
			       : "neither VMX nor SVM is offered: KVM, if "
				 "there is one, is a software one");
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const struct feature *f = &features[i];
		bool have = feature_is_there(f, v);

		probe_add(p, f->key, f->name[v], have, 0,
			  have ? f->with : f->without);
	}
}

/* ---- how fast it runs a kernel */

/*
 * It stops at an OUT, stops at the next one, counts down, stops again, and
 * starts over: the first pair of stops times an exit, the second an exit and
 * the loop.
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

/* Runs to the next OUT and says when that was; 0 if something else came. */
static uint64_t measure_stop(struct tiny *t)
{
	struct timespec ts;

	if (ioctl(t->vcpu, KVM_RUN, 0) || t->run->exit_reason != KVM_EXIT_IO)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* The loop's time, an exit's taken off, or 0 where the guest went astray. */
static uint64_t measure_loop_ns(struct tiny *t)
{
	uint64_t a = measure_stop(t), b = measure_stop(t), c = measure_stop(t);

	if (!a || !b || !c)
		return 0;
	return c - b > b - a ? c - b - (b - a) : 1;
}

uint64_t probe_arch_measure(int kvm_fd, unsigned loops)
{
	struct tiny t;
	uint64_t best = 0;

	if (tiny_open(&t, kvm_fd, measure_code, sizeof(measure_code), loops) <
	    0)
		goto out;
	/* Someone else may have had the CPU: only slow again is slow. */
	for (int i = 0; i < MEASURE_TRIES; i++) {
		uint64_t ns = measure_loop_ns(&t);

		if (!ns)
			break;
		if (2 * loops * 1000000000ull / ns > best)
			best = 2 * loops * 1000000000ull / ns;
		if (best >= PROBE_SLOW)
			break;
	}
out:
	tiny_close(&t);
	return best;
}
