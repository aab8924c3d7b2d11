/* SPDX-License-Identifier: MIT */
/* Interrupts on ppc64le hosts: KVM's XICS, and a vCPU's input without any. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cpu/kvm/ppc64le.h"
#include "hw/spapr/rtas.h"

#define PRIORITY_SHIFT KVM_XICS_PRIORITY_SHIFT

int kvm_ppc_attr(int chip, unsigned request, uint32_t group, uint64_t attr,
		 const void *val)
{
	struct kvm_device_attr a = { .group = group,
				     .attr = attr,
				     .addr = (uintptr_t)val };

	return ioctl(chip, request, &a) < 0 ? -errno : 0;
}

/* ---- sources: struct ics, over KVM's attributes of them */

static int ics_read(struct ics *s, uint32_t source, uint64_t *val)
{
	const struct kvm_ppc *p = container_of(s, struct kvm_ppc, ics);

	return kvm_ppc_attr(p->chip, KVM_GET_DEVICE_ATTR,
			    KVM_DEV_XICS_GRP_SOURCES, source, val) < 0
		       ? -EINVAL
		       : 0;
}

static int ics_write(struct ics *s, uint32_t source, uint64_t val)
{
	const struct kvm_ppc *p = container_of(s, struct kvm_ppc, ics);

	return kvm_ppc_attr(p->chip, KVM_SET_DEVICE_ATTR,
			    KVM_DEV_XICS_GRP_SOURCES, source, &val) < 0
		       ? -EINVAL
		       : 0;
}

static int kvm_ics_set(struct ics *s, uint32_t source, uint32_t server,
		       uint8_t priority)
{
	uint64_t val;
	int ret = ics_read(s, source, &val);

	if (ret)
		return ret;
	val &= ~(KVM_XICS_DESTINATION_MASK |
		 (uint64_t)KVM_XICS_PRIORITY_MASK << PRIORITY_SHIFT |
		 KVM_XICS_MASKED);
	val |= server | (uint64_t)priority << PRIORITY_SHIFT;
	return ics_write(s, source, val);
}

static int kvm_ics_get(struct ics *s, uint32_t source, uint32_t *server,
		       uint8_t *priority)
{
	uint64_t val;
	int ret = ics_read(s, source, &val);

	if (ret)
		return ret;
	*server = (uint32_t)(val & KVM_XICS_DESTINATION_MASK);
	*priority = val & KVM_XICS_MASKED ? ICS_MASKED
					  : (uint8_t)(val >> PRIORITY_SHIFT &
						      KVM_XICS_PRIORITY_MASK);
	return 0;
}

static int kvm_ics_enable(struct ics *s, uint32_t source, bool on)
{
	uint64_t val;
	int ret = ics_read(s, source, &val);

	if (ret)
		return ret;
	val = on ? val & ~KVM_XICS_MASKED : val | KVM_XICS_MASKED;
	return ics_write(s, source, val);
}

/* Its reset state: to the first CPU, never presented. */
static int ics_init(struct ics *s, uint32_t source, bool level)
{
	return ics_write(s, source,
			 KVM_XICS_MASKED |
				 (uint64_t)ICS_MASKED << PRIORITY_SHIFT |
				 (level ? KVM_XICS_LEVEL_SENSITIVE : 0));
}

static int kvm_ics_level(struct ics *s, uint32_t source, bool level)
{
	struct kvm_ppc *p = container_of(s, struct kvm_ppc, ics);
	const struct board *b = p->vm->vm.cfg->board;
	uint32_t i = source - b->ppc.first_source;

	if (i >= b->nlines)
		return -EINVAL;
	p->level[i] = level;
	return ics_init(s, source, level);
}

static const struct ics_ops kvm_ics_ops = {
	.set = kvm_ics_set,
	.get = kvm_ics_get,
	.enable = kvm_ics_enable,
	.level = kvm_ics_level,
};

/* ---- the chip */

/* So that KVM answers these itself, and no interrupt is lost in between. */
static int kvm_ppc_tokens(struct kvm_vm *vm, struct err *err)
{
	static const char *const names[] = { "ibm,set-xive", "ibm,get-xive",
					     "ibm,int-on", "ibm,int-off" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct kvm_rtas_token_args t = { .token =
							 rtas_token(names[i]) };

		strncpy(t.name, names[i], sizeof(t.name) - 1);
		if (ioctl(vm->fd, KVM_PPC_RTAS_DEFINE_TOKEN, &t) < 0)
			return kvm_error(err, "an RTAS token");
	}
	return 0;
}

int kvm_ppc_irqchip_reset(struct kvm_vm *vm, struct err *err)
{
	struct kvm_ppc *p = kvm_ppc_of(vm);
	const struct board *b = vm->vm.cfg->board;

	if (p->xive)
		return kvm_ppc_xive_reset(p->xive) < 0
			       ? kvm_error(err, "the interrupt controller's "
						"reset")
			       : 0;
	for (unsigned i = 0; p->chip >= 0 && i < b->nlines; i++)
		if (ics_init(&p->ics, b->ppc.first_source + i, p->level[i]) < 0)
			return kvm_error(err, "an interrupt source");
	return 0;
}

int kvm_ppc_irqchip_init(struct kvm_vm *vm, struct err *err)
{
	struct kvm_create_device d = { .type = KVM_DEV_TYPE_XICS };
	const struct board *b = vm->vm.cfg->board;
	struct kvm_ppc *p = kvm_ppc_of(vm);

	if (!strcmp(b->irqchip, "xive"))
		return kvm_ppc_xive_init(vm, err);
	if (strcmp(b->irqchip, "kernel-xics")) {
		vm->vm.irqchip = NULL;
		return 0;
	}
	p->level = calloc(b->nlines, sizeof(*p->level));
	if (!p->level)
		return err_nomem(err, "the interrupt controller");
	if (ioctl(vm->fd, KVM_CREATE_DEVICE, &d) < 0)
		return kvm_error(err, "its interrupt controller (XICS)");
	p->chip = (int)d.fd;
	p->ics.ops = &kvm_ics_ops;
	vm->vm.ics = &p->ics;
	vm->chip.nlines = b->nlines;
	if (kvm_ppc_tokens(vm, err) < 0)
		return -err->code;
	return kvm_ppc_irqchip_reset(vm, err);
}

void kvm_ppc_irqchip_destroy(struct kvm_ppc *p)
{
	kvm_ppc_xive_destroy(p->xive);
	p->xive = NULL;
	if (p->chip >= 0)
		close(p->chip);
	p->chip = -1;
	free(p->level);
	p->level = NULL;
}

int kvm_ppc_irqchip_connect(struct kvm_vm *vm, int vcpu, uint32_t server,
			    struct err *err)
{
	struct kvm_ppc *p = kvm_ppc_of(vm);
	struct kvm_enable_cap cap = { .cap = p->xive ? KVM_CAP_PPC_IRQ_XIVE
						     : KVM_CAP_IRQ_XICS,
				      .args = { (uint64_t)p->chip, server } };

	if (p->chip >= 0 && ioctl(vcpu, KVM_ENABLE_CAP, &cap) < 0)
		return kvm_error(err, "a virtual CPU's part of the interrupt "
				      "controller");
	return 0;
}

/* As a CPU starts: it takes nothing, and nobody has called it. */
int kvm_ppc_icp_reset(const struct kvm_ppc *p, int vcpu)
{
	const uint64_t state = UINT64_C(0xff) << KVM_REG_PPC_ICP_MFRR_SHIFT |
			       UINT64_C(0xff) << KVM_REG_PPC_ICP_PPRI_SHIFT;

	const uint64_t context[2] = { 0, 0 };

	if (p->xive)
		return kvm_ppc_set(vcpu, KVM_REG_PPC_VP_STATE, context);
	return p->chip < 0 ? 0
			   : kvm_ppc_set(vcpu, KVM_REG_PPC_ICP_STATE, &state);
}

/* ---- lines and messages: KVM has no table of routes here */

void kvm_arch_line_route(struct kvm_irq_routing_entry *e, uint32_t line)
{
	e->gsi = line;
	e->type = KVM_IRQ_ROUTING_IRQCHIP;
	e->u.irqchip.pin = line;
}

uint32_t kvm_arch_line(uint32_t line)
{
	return line;
}

/* A message's data is its source's number. */
bool kvm_arch_msi_line(const struct kvm_vm *vm, const struct msi_msg *msg,
		       uint32_t *line)
{
	(void)vm;
	*line = msg->data;
	return true;
}

void kvm_arch_vcpu_lines(struct vcpu *c, bool irq, bool fiq)
{
	struct kvm_vcpu *v = c->priv;
	struct kvm_interrupt i = { irq ? (uint32_t)KVM_INTERRUPT_SET_LEVEL
				       : (uint32_t)KVM_INTERRUPT_UNSET };

	(void)fiq;
	if (kvm_ppc_of(kvm_of(c))->chip < 0)
		ioctl(v->fd, KVM_INTERRUPT, &i);
}
