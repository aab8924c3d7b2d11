/* SPDX-License-Identifier: MIT */
/* KVM's registers of an x86_64 vCPU, and struct x86_regs. */
#include <cpuid.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu/kvm/x86_64.h"

/* ---- general registers, segments, control registers */

/* KVM orders them rax rbx rcx rdx rsi rdi rsp rbp. */
static void kvm_x86_gprs(struct kvm_regs *k, __u64 **gpr)
{
	__u64 *order[] = { &k->rax, &k->rcx, &k->rdx, &k->rbx, &k->rsp, &k->rbp,
			   &k->rsi, &k->rdi, &k->r8,  &k->r9,  &k->r10, &k->r11,
			   &k->r12, &k->r13, &k->r14, &k->r15 };

	memcpy(gpr, order, sizeof(order));
}

static void kvm_x86_seg_get(const struct kvm_segment *k, struct x86_seg *s)
{
	s->base = k->base;
	s->limit = k->limit;
	s->sel = k->selector;
	s->attr = (uint16_t)(k->type | k->s << 4 | k->dpl << 5 |
			     k->present << 7 | k->avl << 12 | k->l << 13 |
			     k->db << 14 | k->g << 15);
}

static void kvm_x86_seg_set(struct kvm_segment *k, const struct x86_seg *s)
{
	*k = (struct kvm_segment){
		.base = s->base,
		.limit = s->limit,
		.selector = s->sel,
		.type = s->attr & 0xf,
		.s = s->attr >> 4 & 1,
		.dpl = s->attr >> 5 & 3,
		.present = s->attr >> 7 & 1,
		.avl = s->attr >> 12 & 1,
		.l = s->attr >> 13 & 1,
		.db = s->attr >> 14 & 1,
		.g = s->attr >> 15 & 1,
		.unusable = !(s->attr >> 7 & 1),
	};
}

int kvm_x86_get(struct kvm_vcpu *v, struct x86_regs *r)
{
	struct kvm_regs k;
	struct kvm_sregs s;
	__u64 *gpr[16];

	if (ioctl(v->fd, KVM_GET_REGS, &k) < 0 ||
	    ioctl(v->fd, KVM_GET_SREGS, &s) < 0)
		return -errno;
	kvm_x86_gprs(&k, gpr);
	for (unsigned i = 0; i < 16; i++)
		r->gpr[i] = *gpr[i];
	r->rip = k.rip;
	r->rflags = k.rflags;
	kvm_x86_seg_get(&s.es, &r->es);
	kvm_x86_seg_get(&s.cs, &r->cs);
	kvm_x86_seg_get(&s.ss, &r->ss);
	kvm_x86_seg_get(&s.ds, &r->ds);
	kvm_x86_seg_get(&s.fs, &r->fs);
	kvm_x86_seg_get(&s.gs, &r->gs);
	kvm_x86_seg_get(&s.ldt, &r->ldtr);
	kvm_x86_seg_get(&s.tr, &r->tr);
	r->gdtr = (struct x86_table){ s.gdt.base, s.gdt.limit };
	r->idtr = (struct x86_table){ s.idt.base, s.idt.limit };
	r->cr0 = s.cr0;
	r->cr2 = s.cr2;
	r->cr3 = s.cr3;
	r->cr4 = s.cr4;
	r->cr8 = s.cr8;
	r->efer = s.efer;
	r->apic_base = s.apic_base;
	return 0;
}

static void kvm_x86_sregs(struct kvm_sregs *s, const struct x86_regs *r)
{
	kvm_x86_seg_set(&s->es, &r->es);
	kvm_x86_seg_set(&s->cs, &r->cs);
	kvm_x86_seg_set(&s->ss, &r->ss);
	kvm_x86_seg_set(&s->ds, &r->ds);
	kvm_x86_seg_set(&s->fs, &r->fs);
	kvm_x86_seg_set(&s->gs, &r->gs);
	kvm_x86_seg_set(&s->ldt, &r->ldtr);
	kvm_x86_seg_set(&s->tr, &r->tr);
	s->gdt = (struct kvm_dtable){ .base = r->gdtr.base,
				      .limit = r->gdtr.limit };
	s->idt = (struct kvm_dtable){ .base = r->idtr.base,
				      .limit = r->idtr.limit };
	s->cr0 = r->cr0;
	s->cr2 = r->cr2;
	s->cr3 = r->cr3;
	s->cr4 = r->cr4;
	s->cr8 = r->cr8;
	s->efer = r->efer;
	s->apic_base = r->apic_base;
}

int kvm_x86_set(struct kvm_vcpu *v, const struct x86_regs *r)
{
	struct kvm_regs k;
	struct kvm_sregs s;
	__u64 *gpr[16];

	if (ioctl(v->fd, KVM_GET_SREGS, &s) < 0)
		return -errno;
	kvm_x86_sregs(&s, r);
	kvm_x86_gprs(&k, gpr);
	for (unsigned i = 0; i < 16; i++)
		*gpr[i] = r->gpr[i];
	k.rip = r->rip;
	k.rflags = r->rflags;
	if (ioctl(v->fd, KVM_SET_SREGS, &s) < 0 ||
	    ioctl(v->fd, KVM_SET_REGS, &k) < 0)
		return -errno;
	return 0;
}

/* ---- x87 and SSE */

/* FXSAVE keeps one bit of a tag: whether the register is in use. */
static uint32_t kvm_x86_tags(uint8_t used)
{
	uint32_t tags = 0;

	for (unsigned i = 0; i < 8; i++)
		tags |= (used >> i & 1 ? 0u : 3u) << 2 * i;
	return tags;
}

static uint8_t kvm_x86_used(uint32_t tags)
{
	uint8_t used = 0;

	for (unsigned i = 0; i < 8; i++)
		used |= (uint8_t)(((tags >> 2 * i & 3) != 3) << i);
	return used;
}

static int kvm_x86_get_fpu(struct kvm_vcpu *v, struct x86_regs *r)
{
	struct kvm_fpu f;

	if (ioctl(v->fd, KVM_GET_FPU, &f) < 0)
		return -errno;
	memcpy(r->st, f.fpr, sizeof(r->st));
	memcpy(r->xmm, f.xmm, sizeof(r->xmm));
	r->fctrl = f.fcw;
	r->fstat = f.fsw;
	r->ftag = kvm_x86_tags(f.ftwx);
	r->fop = f.last_opcode;
	r->fioff = (uint32_t)f.last_ip;
	r->fiseg = (uint32_t)(f.last_ip >> 32);
	r->fooff = (uint32_t)f.last_dp;
	r->foseg = (uint32_t)(f.last_dp >> 32);
	r->mxcsr = f.mxcsr;
	return 0;
}

static int kvm_x86_set_fpu(struct kvm_vcpu *v, const struct x86_regs *r)
{
	struct kvm_fpu f = {
		.fcw = (uint16_t)r->fctrl,
		.fsw = (uint16_t)r->fstat,
		.ftwx = kvm_x86_used(r->ftag),
		.last_opcode = (uint16_t)r->fop,
		.last_ip = (uint64_t)r->fiseg << 32 | r->fioff,
		.last_dp = (uint64_t)r->foseg << 32 | r->fooff,
		.mxcsr = r->mxcsr & 0xffff, /* others are reserved */
	};

	memcpy(f.fpr, r->st, sizeof(r->st));
	memcpy(f.xmm, r->xmm, sizeof(r->xmm));
	return ioctl(v->fd, KVM_SET_FPU, &f) < 0 ? -errno : 0;
}

/* ---- AVX and AVX-512, from XSAVE's area as the host lays it out */

#define XSAVE_BV 512 /* XSTATE_BV: SDM volume 1, 13.4.2 */

static const struct kvm_x86_component {
	unsigned number; /* SDM volume 1, 13.1 */
	uint16_t off, size;
} kvm_x86_components[] = {
	{ 2, offsetof(struct x86_regs, ymmh), 256 },
	{ 5, offsetof(struct x86_regs, k), 64 },
	{ 6, offsetof(struct x86_regs, zmmh), 512 },
	{ 7, offsetof(struct x86_regs, zmm16), 1024 },
};

static unsigned kvm_x86_ncomponents(const struct kvm_x86_vcpu *a)
{
	return a->avx512 ? 4 : a->avx ? 1 : 0;
}

/* Where the component is, or NULL where KVM's area does not have it. */
static uint8_t *kvm_x86_component(struct kvm_x86_vcpu *a,
				  const struct kvm_x86_component *c)
{
	uint32_t size, at, ecx, edx;

	__cpuid_count(0xd, c->number, size, at, ecx, edx);
	if (size != c->size || at > a->xsave_size || size > a->xsave_size - at)
		return NULL;
	return (uint8_t *)&a->xsave + at;
}

static int kvm_x86_read_xsave(struct kvm_vcpu *v)
{
	struct kvm_x86_vcpu *a = v->arch;
	unsigned long how = a->xsave_size > sizeof(a->xsave) ? KVM_GET_XSAVE2
							     : KVM_GET_XSAVE;

	return ioctl(v->fd, how, &a->xsave) < 0 ? -errno : 0;
}

static int kvm_x86_get_vectors(struct kvm_vcpu *v, struct x86_regs *r)
{
	struct kvm_x86_vcpu *a = v->arch;
	unsigned n = kvm_x86_ncomponents(a);
	uint64_t present;
	int ret = n ? kvm_x86_read_xsave(v) : 0;

	r->has_avx = a->avx;
	r->has_avx512 = a->avx512;
	if (!n || ret < 0)
		return ret;
	memcpy(&present, (uint8_t *)&a->xsave + XSAVE_BV, sizeof(present));
	for (unsigned i = 0; i < n; i++) {
		const struct kvm_x86_component *c = &kvm_x86_components[i];
		const uint8_t *from = kvm_x86_component(a, c);
		uint8_t *to = (uint8_t *)r + c->off;

		/* One that is not there is in its initial state. */
		if (from && present >> c->number & 1)
			memcpy(to, from, c->size);
		else
			memset(to, 0, c->size);
	}
	return 0;
}

static int kvm_x86_set_vectors(struct kvm_vcpu *v, const struct x86_regs *r)
{
	struct kvm_x86_vcpu *a = v->arch;
	uint64_t present, was;
	int ret;

	if (!kvm_x86_ncomponents(a))
		return 0;
	ret = kvm_x86_read_xsave(v);
	if (ret < 0)
		return ret;
	memcpy(&present, (uint8_t *)&a->xsave + XSAVE_BV, sizeof(present));
	was = present;
	for (unsigned i = 0; i < kvm_x86_ncomponents(a); i++) {
		const struct kvm_x86_component *c = &kvm_x86_components[i];
		const uint8_t *from = (const uint8_t *)r + c->off;
		uint8_t *to = kvm_x86_component(a, c);

		if (!to || !memcmp(from, (uint8_t *)&a->seen + c->off, c->size))
			continue;
		memcpy(to, from, c->size);
		present |= UINT64_C(1) << c->number;
		was = 0;
	}
	if (was)
		return 0; /* nothing changed */
	memcpy((uint8_t *)&a->xsave + XSAVE_BV, &present, sizeof(present));
	return ioctl(v->fd, KVM_SET_XSAVE, &a->xsave) < 0 ? -errno : 0;
}

/* ---- MSRs and debug registers: only what is changed is written */

/* The time stamp counter goes on meanwhile: an old one is not put back. */
static const struct kvm_x86_msr {
	uint32_t number; /* SDM volume 4 */
	uint16_t off;
} kvm_x86_msrs[] = {
#define MSR(number, field)                               \
	{                                                \
		number, offsetof(struct x86_regs, field) \
	}
	MSR(0x010, tsc),
	MSR(0x174, sysenter_cs),
	MSR(0x175, sysenter_esp),
	MSR(0x176, sysenter_eip),
	MSR(0x1a0, misc_enable),
	MSR(0x277, pat),
	MSR(0xc0000081, star),
	MSR(0xc0000082, lstar),
	MSR(0xc0000083, cstar),
	MSR(0xc0000084, fmask),
	MSR(0xc0000102, kernel_gs_base),
	MSR(0xc0000103, tsc_aux),
};
#define NMSRS (sizeof(kvm_x86_msrs) / sizeof(*kvm_x86_msrs))

struct kvm_x86_msr_list {
	struct kvm_msrs head;
	struct kvm_msr_entry entry[NMSRS];
};

/* One that this KVM does not know ends the call, and reads as 0. */
static void kvm_x86_get_msrs(struct kvm_vcpu *v, struct x86_regs *r)
{
	struct kvm_x86_msr_list m;

	for (unsigned done = 0; done < NMSRS; done++) {
		memset(&m, 0, sizeof(m));
		m.head.nmsrs = NMSRS - done;
		for (unsigned i = done; i < NMSRS; i++)
			m.entry[i - done].index = kvm_x86_msrs[i].number;
		for (int n = ioctl(v->fd, KVM_GET_MSRS, &m), i = 0; i < n; i++)
			memcpy((char *)r + kvm_x86_msrs[done++].off,
			       &m.entry[i].data, sizeof(uint64_t));
	}
}

static int kvm_x86_set_msrs(struct kvm_vcpu *v, const struct x86_regs *r)
{
	const struct kvm_x86_vcpu *a = v->arch;

	for (unsigned i = 0; i < NMSRS; i++) {
		const struct kvm_x86_msr *msr = &kvm_x86_msrs[i];
		struct kvm_x86_msr_list m = { .head.nmsrs = 1,
					      .entry[0].index = msr->number };

		memcpy(&m.entry[0].data, (const char *)r + msr->off,
		       sizeof(uint64_t));
		if (memcmp((const char *)&a->seen + msr->off, &m.entry[0].data,
			   sizeof(uint64_t)) &&
		    ioctl(v->fd, KVM_SET_MSRS, &m) != 1)
			return -EINVAL;
	}
	return 0;
}

static int kvm_x86_get_debug(struct kvm_vcpu *v, struct x86_regs *r)
{
	struct kvm_debugregs d;

	if (ioctl(v->fd, KVM_GET_DEBUGREGS, &d) < 0)
		return -errno;
	memcpy(r->dr, d.db, sizeof(r->dr));
	r->dr6 = d.dr6;
	r->dr7 = d.dr7;
	return 0;
}

static int kvm_x86_set_debug(struct kvm_vcpu *v, const struct x86_regs *r)
{
	const struct kvm_x86_vcpu *a = v->arch;
	struct kvm_debugregs d = { .dr6 = r->dr6, .dr7 = r->dr7 };

	if (!memcmp(r->dr, a->seen.dr, sizeof(r->dr)) &&
	    r->dr6 == a->seen.dr6 && r->dr7 == a->seen.dr7)
		return 0;
	memcpy(d.db, r->dr, sizeof(d.db));
	return ioctl(v->fd, KVM_SET_DEBUGREGS, &d) < 0 ? -errno : 0;
}

/* ---- all of them */

int kvm_x86_regs_init(struct vcpu *c, struct kvm_vcpu *v, struct x86_cpuid *id)
{
	int size = kvm_check(kvm_of(c), KVM_CAP_XSAVE2);
	size_t bytes = sizeof(struct kvm_xsave);
	struct kvm_x86_vcpu *a;

	if (size > 0 && (size_t)size > bytes)
		bytes = (size_t)size;
	a = calloc(1, offsetof(struct kvm_x86_vcpu, xsave) + bytes);
	if (!a)
		return -ENOMEM;
	v->arch = a;
	a->xsave_size = bytes;
	a->avx = x86_feature_has(id, "avx") && kvm_x86_read_xsave(v) == 0;
	a->avx512 = a->avx && x86_feature_has(id, "avx512f");
	return 0;
}

int kvm_arch_get_regs(struct kvm_vcpu *v, void *regs)
{
	struct kvm_x86_vcpu *a = v->arch;
	struct x86_regs *r = regs;
	int ret = kvm_x86_get(v, r);

	if (!ret)
		ret = kvm_x86_get_fpu(v, r);
	if (!ret)
		ret = kvm_x86_get_vectors(v, r);
	if (!ret)
		ret = kvm_x86_get_debug(v, r);
	if (ret < 0)
		return ret;
	kvm_x86_get_msrs(v, r);
	r->orig_rax = UINT64_MAX;
	a->seen = *r;
	return 0;
}

int kvm_arch_set_regs(struct kvm_vcpu *v, const void *regs)
{
	const struct x86_regs *r = regs;
	int ret = kvm_x86_set(v, r);

	/* XSAVE's area has x87 and SSE too, as they were. */
	if (!ret)
		ret = kvm_x86_set_vectors(v, r);
	if (!ret)
		ret = kvm_x86_set_fpu(v, r);
	if (!ret)
		ret = kvm_x86_set_debug(v, r);
	return ret ? ret : kvm_x86_set_msrs(v, r);
}
