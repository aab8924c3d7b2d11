/* SPDX-License-Identifier: MIT */
/* Linux KVM as an accelerator: what is the same on every host. */
#include "cpu/kvm/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define KVM_PATH "/dev/kvm"
/* Interrupts a thread inside KVM_RUN; its handler does nothing. */
#define KVM_KICK_SIGNAL SIGUSR1

static int kvm_fd = -1;

int kvm_system_fd(void)
{
	return kvm_fd;
}

int kvm_check(const struct kvm_vm *vm, unsigned cap)
{
	int ret = ioctl(vm ? vm->fd : kvm_fd, KVM_CHECK_EXTENSION, cap);

	return ret < 0 ? 0 : ret;
}

int kvm_error(struct err *err, const char *what)
{
	return err_set(err, errno, "KVM refused %s: %s", what, strerror(errno));
}

void kvm_crash(struct vcpu_exit *x, const char *fmt, ...)
{
	va_list ap;

	x->kind = VMEXIT_CRASH;
	va_start(ap, fmt);
	vsnprintf(x->crash.why, sizeof(x->crash.why), fmt, ap);
	va_end(ap);
}

static void kvm_kicked(int sig)
{
	(void)sig;
}

static int kvm_open_error(struct err *err)
{
	err_set(err, errno, "cannot open " KVM_PATH ": %s", strerror(errno));
	if (err->code == EACCES || err->code == EPERM)
		err_hint(err, "join the group that owns it: "
			      "sudo usermod -aG kvm $USER, then log in again");
	else
		err_hint(err, "load the module (modprobe kvm_intel, kvm_amd or "
			      "kvm_hv) and enable virtualization in the "
			      "firmware; inside a VM, enable nesting");
	return -err->code;
}

static int kvm_probe(const struct target *t, struct err *err)
{
	struct sigaction sa = { .sa_handler = kvm_kicked };
	int version;

	if (t->arch != kvm_arch)
		return err_set(err, ENOTSUP,
			       "KVM on this %s host cannot run %s guests",
			       arch_name(kvm_arch), arch_name(t->arch));
	if (kvm_fd >= 0)
		return 0;
	kvm_fd = open(KVM_PATH, O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		return kvm_open_error(err);
	version = ioctl(kvm_fd, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		close(kvm_fd);
		kvm_fd = -1;
		return err_set(err, ENOTSUP,
			       KVM_PATH " speaks version %d of the KVM "
					"interface, not %d",
			       version, KVM_API_VERSION);
	}
	sigaction(KVM_KICK_SIGNAL, &sa, NULL);
	return 0;
}

static unsigned kvm_phys_bits(const struct target *t)
{
	(void)t;
	return kvm_arch_phys_bits();
}

static bool kvm_has_irqchip(const struct target *t, const char *name)
{
	(void)t;
	return kvm_arch_has_irqchip(name);
}

static int kvm_memory_error(const struct mem_range *r, int code,
			    struct err *err)
{
	char text[32];

	err_set(err, code, "KVM refused %s of guest memory: %s",
		format_size(r->size, text, sizeof(text)), strerror(code));
	err_hint(err, "give the guest less memory with --memory");
	return -code;
}

static void kvm_host(const struct target *t, struct accel_host *h)
{
	(void)t;
	kvm_arch_host(h);
}

/* size 0: the slot is empty. */
static int kvm_memory_slot(struct kvm_vm *vm, const struct mem_range *r,
			   uint64_t size)
{
	struct kvm_userspace_memory_region s = {
		.slot = r->slot,
		.flags = r->readonly ? KVM_MEM_READONLY : 0,
		.guest_phys_addr = r->base,
		.memory_size = size,
		.userspace_addr = (uintptr_t)r->host,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &s);
}

static int kvm_memory_map(void *opaque, const struct mem_range *r,
			  struct err *err)
{
	if (kvm_memory_slot(opaque, r, r->size) < 0)
		return kvm_memory_error(r, errno, err);
	return 0;
}

static void kvm_memory_unmap(void *opaque, const struct mem_range *r)
{
	kvm_memory_slot(opaque, r, 0);
}

/* ---- doorbells: ioeventfd */

static int kvm_doorbell(struct kvm_vm *vm, const struct bus *bus, uint64_t addr,
			const struct doorbell *d, bool add)
{
	struct kvm_ioeventfd e = {
		.datamatch = d->value,
		.addr = addr,
		.len = d->size,
		.fd = d->fd,
		.flags = (d->match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0) |
			 (bus == vm->vm.cfg->pio ? KVM_IOEVENTFD_FLAG_PIO : 0) |
			 (add ? 0 : KVM_IOEVENTFD_FLAG_DEASSIGN),
	};

	return ioctl(vm->fd, KVM_IOEVENTFD, &e) < 0 ? -errno : 0;
}

static int kvm_doorbell_add(void *opaque, const struct bus *bus, uint64_t addr,
			    const struct doorbell *d)
{
	return kvm_doorbell(opaque, bus, addr, d, true);
}

static void kvm_doorbell_del(void *opaque, const struct bus *bus, uint64_t addr,
			     const struct doorbell *d)
{
	kvm_doorbell(opaque, bus, addr, d, false);
}

/* ---- interrupts: lines, routes and irqfd */

static struct kvm_vm *kvm_chip(struct irqchip *c)
{
	return container_of(c, struct kvm_vm, chip);
}

static void kvm_set_line(struct irqchip *c, unsigned line, bool level)
{
	struct kvm_irq_level l = { .irq = kvm_arch_line(line), .level = level };
	struct kvm_vm *vm = kvm_chip(c);

	if (vm->set_line)
		vm->set_line(vm, line, level);
	else
		ioctl(vm->fd, KVM_IRQ_LINE, &l);
}

static int kvm_irqfd(struct kvm_vm *vm, const struct msi_route *r, bool add)
{
	struct kvm_irqfd f = { .fd = (uint32_t)r->fd,
			       .gsi = r->gsi,
			       .flags = add ? 0 : KVM_IRQFD_FLAG_DEASSIGN };

	return ioctl(vm->fd, KVM_IRQFD, &f) < 0 ? -errno : 0;
}

static struct kvm_irq_routing_entry *kvm_route_find(struct kvm_vm *vm,
						    uint32_t gsi)
{
	for (uint32_t i = vm->nlines; i < vm->routes->nr; i++)
		if (vm->routes->entries[i].gsi == gsi)
			return &vm->routes->entries[i];
	return NULL;
}

static int kvm_gsi_alloc(struct kvm_vm *vm, uint32_t *gsi)
{
	for (uint32_t g = 0; g < KVM_MAX_ROUTES; g++) {
		uint64_t bit = UINT64_C(1) << g % 64;

		if (vm->gsi_used[g / 64] & bit)
			continue;
		vm->gsi_used[g / 64] |= bit;
		*gsi = g;
		return 0;
	}
	return -ENOSPC;
}

static struct kvm_irq_routing_entry *kvm_route_add(struct kvm_vm *vm)
{
	size_t size = sizeof(*vm->routes) +
		      (vm->routes->nr + 1) * sizeof(vm->routes->entries[0]);
	struct kvm_irq_routing *all = realloc(vm->routes, size);
	struct kvm_irq_routing_entry *e;

	if (!all)
		return NULL;
	vm->routes = all;
	e = &all->entries[all->nr++];
	memset(e, 0, sizeof(*e));
	return e;
}

static void kvm_route_fill(struct kvm_vm *vm, struct kvm_irq_routing_entry *e,
			   uint32_t gsi, const struct msi_msg *msg)
{
	uint32_t line;

	*e = (struct kvm_irq_routing_entry){ .type = KVM_IRQ_ROUTING_MSI };
	if (kvm_arch_msi_line(vm, msg, &line)) {
		kvm_arch_line_route(e, line);
		e->gsi = gsi;
		return;
	}
	e->gsi = gsi;
	e->u.msi.address_lo = (uint32_t)msg->addr;
	e->u.msi.address_hi = (uint32_t)(msg->addr >> 32);
	e->u.msi.data = msg->data;
	if (kvm_check(vm, KVM_CAP_MSI_DEVID)) {
		e->flags = KVM_MSI_VALID_DEVID;
		e->u.msi.devid = msg->devid;
	}
}

/*
 * Puts the message into the table; the VM's lock is held.  KVM takes all of
 * the table or nothing: a message that it refuses must not stay in there.
 */
static int kvm_route_write(struct kvm_vm *vm, struct msi_route *r,
			   const struct msi_msg *msg)
{
	struct kvm_irq_routing_entry *e = kvm_route_find(vm, r->gsi), was;
	bool had = e;
	int ret;

	if (!e)
		e = kvm_route_add(vm);
	if (!e)
		return -ENOMEM;
	was = *e;
	kvm_route_fill(vm, e, r->gsi, msg);
	if (ioctl(vm->fd, KVM_SET_GSI_ROUTING, vm->routes) == 0)
		return 0;
	ret = -errno;
	*e = was;
	if (!had)
		vm->routes->nr--; /* it was the last */
	return ret;
}

/*
 * A host whose KVM has no table of routes: the GSI is the line.  One that is
 * bound already is moved.
 */
static int kvm_route_line(struct kvm_vm *vm, struct msi_route *r,
			  const struct msi_msg *msg)
{
	uint32_t line;
	int ret = 0;

	if (!kvm_arch_msi_line(vm, msg, &line))
		return -EINVAL;
	if (r->live && r->gsi == line)
		return 0;
	if (r->live)
		ret = kvm_irqfd(vm, r, false);
	r->gsi = line;
	return ret ? ret : kvm_irqfd(vm, r, true);
}

static int kvm_route(struct irqchip *c, struct msi_route *r,
		     const struct msi_msg *msg)
{
	struct kvm_vm *vm = kvm_chip(c);
	int ret = 0;

	if (msg && !vm->routes)
		return kvm_route_line(vm, r, msg);
	if (!msg)
		return r->live ? kvm_irqfd(vm, r, false) : 0;
	pthread_mutex_lock(&vm->lock);
	if (!r->priv) {
		ret = kvm_gsi_alloc(vm, &r->gsi);
		if (!ret)
			r->priv = vm; /* the GSI is the route's */
	}
	if (!ret)
		ret = kvm_route_write(vm, r, msg);
	pthread_mutex_unlock(&vm->lock);
	if (!ret && !r->live)
		ret = kvm_irqfd(vm, r, true);
	return ret;
}

static void kvm_route_free(struct irqchip *c, struct msi_route *r)
{
	struct kvm_vm *vm = kvm_chip(c);
	struct kvm_irq_routing_entry *e;

	if (!r->priv)
		return;
	pthread_mutex_lock(&vm->lock);
	e = kvm_route_find(vm, r->gsi);
	if (e)
		*e = vm->routes->entries[--vm->routes->nr];
	vm->gsi_used[r->gsi / 64] &= ~(UINT64_C(1) << r->gsi % 64);
	pthread_mutex_unlock(&vm->lock);
	r->priv = NULL;
}

static void kvm_send(struct irqchip *c, const struct msi_msg *msg)
{
	struct kvm_vm *vm = kvm_chip(c);
	uint32_t line;
	struct kvm_msi m = { .address_lo = (uint32_t)msg->addr,
			     .address_hi = (uint32_t)(msg->addr >> 32),
			     .data = msg->data };

	if (kvm_arch_msi_line(vm, msg, &line)) {
		kvm_set_line(c, line, true);
		kvm_set_line(c, line, false);
		return;
	}
	if (kvm_check(vm, KVM_CAP_MSI_DEVID)) {
		m.flags = KVM_MSI_VALID_DEVID;
		m.devid = msg->devid;
	}
	ioctl(vm->fd, KVM_SIGNAL_MSI, &m);
}

static const struct irqchip_ops kvm_chip_ops = {
	.set_line = kvm_set_line,
	.route = kvm_route,
	.route_free = kvm_route_free,
	.send = kvm_send,
};

/* The GSIs of lines are taken, and routed unless the chip is split off. */
static int kvm_routes_init(struct kvm_vm *vm, struct err *err)
{
	bool split = vm->vm.cfg->split_irqchip;
	uint32_t n = vm->chip.nlines;

	if (!kvm_check(vm, KVM_CAP_IRQ_ROUTING))
		return 0;
	vm->nlines = split ? 0 : n;
	vm->routes = calloc(1, sizeof(*vm->routes) +
				       n * sizeof(vm->routes->entries[0]));
	if (!vm->routes)
		return err_nomem(err, "interrupt routes");
	for (uint32_t i = 0; i < n; i++) {
		if (!split) {
			kvm_arch_line_route(&vm->routes->entries[i], i);
			vm->routes->nr++;
			vm->gsi_used[i / 64] |= UINT64_C(1) << i % 64;
		}
	}
	return 0;
}

/* ---- the VM */

static void kvm_vm_free(struct kvm_vm *vm)
{
	unsigned n = vm->vcpu_fds ? vm->vm.cfg->board->ncpus : 0;

	kvm_arch_vm_destroy(vm);
	for (unsigned i = 0; i < n; i++)
		if (vm->vcpu_fds[i] >= 0)
			close(vm->vcpu_fds[i]);
	if (vm->fd >= 0)
		close(vm->fd);
	pthread_mutex_destroy(&vm->lock);
	free(vm->vcpu_fds);
	free(vm->routes);
	free(vm->arch);
	free(vm);
}

static void kvm_vm_destroy(struct accel_vm *avm)
{
	struct kvm_vm *vm = (struct kvm_vm *)avm;

	bus_listen(avm->cfg->mmio, NULL);
	bus_listen(avm->cfg->pio, NULL);
	mem_unlisten(avm->cfg->mem);
	kvm_vm_free(vm);
}

static int kvm_vm_open(struct kvm_vm *vm, struct err *err)
{
	const struct board *b = vm->vm.cfg->board;
	int size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < 0)
		return kvm_error(err, "the size of a vCPU's mapping");
	vm->run_size = (size_t)size;
	do {
		vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, kvm_arch_vm_type(b));
	} while (vm->fd < 0 && errno == EINTR);
	if (vm->fd < 0)
		return kvm_error(err, "a new VM");
	vm->vcpu_fds = malloc(b->ncpus * sizeof(*vm->vcpu_fds));
	if (!vm->vcpu_fds)
		return err_nomem(err, "the virtual CPUs");
	for (unsigned i = 0; i < b->ncpus; i++)
		vm->vcpu_fds[i] = -1;
	return 0;
}

static struct accel_vm *kvm_vm_create(const struct target *t,
				      const struct accel_config *cfg,
				      struct err *err)
{
	struct kvm_vm *vm = calloc(1, sizeof(*vm));

	if (!vm) {
		err_nomem(err, "the VM");
		return NULL;
	}
	vm->vm = (struct accel_vm){ .accel = &accel_kvm,
				    .target = t,
				    .cfg = cfg,
				    .irqchip = &vm->chip };
	vm->chip = (struct irqchip){ .ops = &kvm_chip_ops, .name = "kvm" };
	vm->listener =
		(struct bus_listener){ kvm_doorbell_add, kvm_doorbell_del, vm };
	vm->fd = -1;
	pthread_mutex_init(&vm->lock, NULL);
	vm->mem_listener =
		(struct mem_listener){ kvm_memory_map, kvm_memory_unmap, vm };
	if (kvm_vm_open(vm, err) < 0 ||
	    mem_listen(cfg->mem, &vm->mem_listener, err) < 0 ||
	    kvm_arch_vm_init(vm, err) < 0 || kvm_routes_init(vm, err) < 0) {
		mem_unlisten(cfg->mem);
		kvm_vm_free(vm);
		return NULL;
	}
	bus_listen(cfg->mmio, &vm->listener);
	bus_listen(cfg->pio, &vm->listener);
	return &vm->vm;
}

static void kvm_vm_clock(struct accel_vm *avm, bool stop)
{
	struct kvm_vm *vm = (struct kvm_vm *)avm;

	if (vm->clock)
		vm->clock(vm, stop);
}

static int kvm_vm_reset(struct accel_vm *avm, struct err *err)
{
	return kvm_arch_vm_reset((struct kvm_vm *)avm, err);
}

static int kvm_chip_save(struct accel_vm *avm, struct chip_state *out,
			 struct err *err)
{
	struct kvm_vm *vm = (struct kvm_vm *)avm;

	if (!vm->chip_save)
		return err_set(err, ENOTSUP,
			       "this interrupt controller cannot be saved");
	return vm->chip_save(vm, out, err);
}

static int kvm_chip_restore(struct accel_vm *avm, const struct chip_state *s,
			    struct err *err)
{
	struct kvm_vm *vm = (struct kvm_vm *)avm;

	if (!vm->chip_restore)
		return err_set(err, ENOTSUP,
			       "this interrupt controller cannot be restored");
	return vm->chip_restore(vm, s, err);
}

/* ---- vCPUs */

static void kvm_vcpu_destroy(struct vcpu *c)
{
	struct kvm_vcpu *v = c->priv;

	if (v->run)
		munmap(v->run, kvm_of(c)->run_size);
	free(v->arch);
	free(v);
	c->priv = NULL;
}

int kvm_vcpu_open(struct kvm_vm *vm, unsigned index, unsigned long id,
		  struct err *err)
{
	int *fd = &vm->vcpu_fds[index];

	if (*fd >= 0)
		return *fd;
	*fd = ioctl(vm->fd, KVM_CREATE_VCPU, id);
	if (*fd >= 0)
		return *fd;
	err_set(err, errno, "KVM refused vcpu%u: %s", index, strerror(errno));
	err_hint(err,
		 "this host's KVM offers %d virtual CPUs, and ids up to %d",
		 kvm_check(vm, KVM_CAP_MAX_VCPUS),
		 kvm_check(vm, KVM_CAP_MAX_VCPU_ID) - 1);
	return -err->code;
}

static int kvm_vcpu_create(struct vcpu *c, struct err *err)
{
	struct kvm_vm *vm = kvm_of(c);
	struct kvm_vcpu *v = calloc(1, sizeof(*v));

	if (!v)
		return err_nomem(err, "a virtual CPU");
	c->priv = v;
	v->fd = kvm_vcpu_open(vm, c->index, kvm_arch_vcpu_id(c), err);
	if (v->fd < 0)
		goto fail;
	v->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->fd, 0);
	if (v->run == MAP_FAILED) {
		v->run = NULL;
		kvm_error(err, "a vCPU's mapping");
		goto fail;
	}
	if (kvm_arch_vcpu_init(c, v, err) < 0)
		goto fail;
	return 0;
fail:
	kvm_vcpu_destroy(c);
	return -err->code;
}

/* Lets KVM complete the access that the last exit was for, and no more. */
static void kvm_vcpu_settle(struct kvm_vcpu *v)
{
	v->owed = false;
	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	ioctl(v->fd, KVM_RUN, 0);
	__atomic_store_n(&v->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
}

static int kvm_vcpu_reset(struct vcpu *c, const struct boot_start *start,
			  bool first, struct err *err)
{
	if (!first)
		kvm_vcpu_settle(c->priv);
	return kvm_arch_vcpu_reset(c, c->priv, start, first, err);
}

static void kvm_vcpu_kick(struct vcpu *c)
{
	struct kvm_vcpu *v = c->priv;

	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(c->thread, KVM_KICK_SIGNAL);
}

static void kvm_exit_debug(struct vcpu *c, struct kvm_vcpu *v,
			   struct vcpu_exit *x)
{
	x->kind = VMEXIT_DEBUG;
	x->stop = (struct vcpu_stop){ .slot = -1 };
	kvm_arch_debug_exit(c, v, &x->stop);
}

static void kvm_exit_mmio(const struct kvm_run *run, struct vcpu_exit *x)
{
	x->kind = VMEXIT_MMIO;
	x->mmio.addr = run->mmio.phys_addr;
	x->mmio.size = run->mmio.len < 8 ? (uint8_t)run->mmio.len : 8;
	x->mmio.write = run->mmio.is_write;
	x->mmio.val = 0;
	if (x->mmio.write)
		memcpy(&x->mmio.val, run->mmio.data, x->mmio.size);
}

static void kvm_exit_pio(struct kvm_run *run, struct vcpu_exit *x)
{
	x->kind = VMEXIT_PIO;
	x->pio.port = run->io.port;
	x->pio.size = run->io.size;
	x->pio.write = run->io.direction == KVM_EXIT_IO_OUT;
	x->pio.count = run->io.count;
	x->pio.data = (char *)run + run->io.data_offset;
}

static void kvm_exit_system(const struct kvm_run *run, struct vcpu_exit *x)
{
	switch (run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN: x->kind = VMEXIT_POWEROFF; break;
	case KVM_SYSTEM_EVENT_RESET: x->kind = VMEXIT_RESET; break;
	case KVM_SYSTEM_EVENT_CRASH: x->kind = VMEXIT_PANIC; break;
	default:
		kvm_crash(x, "system event %u, which vmm does not know",
			  run->system_event.type);
	}
}

static void kvm_exit_internal(const struct kvm_run *run, struct vcpu_exit *x)
{
	static const char *const what[] = {
		[0] = "an unspecified internal error",
		[KVM_INTERNAL_ERROR_EMULATION] =
			"an instruction that KVM cannot emulate",
		[KVM_INTERNAL_ERROR_SIMUL_EX] = "simultaneous exceptions",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] =
			"an exit while an event was delivered",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] =
			"an exit reason that KVM did not expect",
	};
	uint32_t sub = run->internal.suberror;

	kvm_crash(x, "KVM internal error %u: %s", sub,
		  sub < sizeof(what) / sizeof(*what) ? what[sub] : "unknown");
}

static void kvm_exit(struct vcpu *c, struct kvm_vcpu *v, struct vcpu_exit *x)
{
	struct kvm_run *run = v->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO: kvm_exit_pio(run, x); break;
	case KVM_EXIT_MMIO: kvm_exit_mmio(run, x); break;
	case KVM_EXIT_INTR: x->kind = VMEXIT_AGAIN; break;
	case KVM_EXIT_DEBUG: kvm_exit_debug(c, v, x); break;
	case KVM_EXIT_SYSTEM_EVENT: kvm_exit_system(run, x); break;
	case KVM_EXIT_SHUTDOWN: kvm_crash(x, "triple fault (shutdown)"); break;
	case KVM_EXIT_INTERNAL_ERROR: kvm_exit_internal(run, x); break;
	case KVM_EXIT_FAIL_ENTRY:
		kvm_crash(x,
			  "the hardware refused to enter the guest, "
			  "reason 0x%" PRIx64,
			  (uint64_t)run->fail_entry
				  .hardware_entry_failure_reason);
		break;
	default:
		if (!kvm_arch_exit(c, v, x))
			kvm_crash(x, "KVM exit %u, which vmm does not know",
				  run->exit_reason);
	}
}

static void kvm_vcpu_run(struct vcpu *c, struct vcpu_exit *x)
{
	struct kvm_vcpu *v = c->priv;
	int ret = ioctl(v->fd, KVM_RUN, 0) < 0 ? errno : 0;

	v->debug_fresh = false;
	kvm_arch_ran(c, v, ret == EINTR);
	if (ret && kvm_arch_is_exit(v, ret))
		ret = 0;
	switch (ret) {
	case 0:
		kvm_exit(c, v, x);
		v->owed = x->kind == VMEXIT_MMIO || x->kind == VMEXIT_PIO ||
			  x->kind == VMEXIT_HCALL;
		break;
	case EINTR:
		__atomic_store_n(&v->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		x->kind = VMEXIT_AGAIN;
		break;
	case EAGAIN: x->kind = VMEXIT_AGAIN; break;
	default: kvm_crash(x, "KVM_RUN failed: %s", strerror(ret));
	}
}

static void kvm_vcpu_finish(struct vcpu *c, const struct vcpu_exit *x)
{
	struct kvm_vcpu *v = c->priv;

	if (x->kind == VMEXIT_HCALL) {
		v->run->papr_hcall.ret = (uint64_t)x->hcall.ret;
		memcpy(v->run->papr_hcall.args, x->hcall.out,
		       sizeof(x->hcall.out));
		return;
	}
	memcpy(v->run->mmio.data, &x->mmio.val, x->mmio.size);
}

static int kvm_get_regs(struct vcpu *c, void *regs)
{
	struct kvm_vcpu *v = c->priv;

	if (v->owed)
		kvm_vcpu_settle(v);
	return kvm_arch_get_regs(v, regs);
}

static int kvm_set_regs(struct vcpu *c, const void *regs)
{
	struct kvm_vcpu *v = c->priv;

	v->debug_fresh = false; /* the guest's own may be among them */
	return kvm_arch_set_regs(v, regs);
}

static void kvm_debug_caps(struct vcpu *c, struct debug_caps *caps)
{
	*caps = (struct debug_caps){ 0 };
	if (kvm_check(kvm_of(c), KVM_CAP_SET_GUEST_DEBUG))
		kvm_arch_debug_caps(c, caps);
}

static int kvm_debug_set(struct vcpu *c, const struct vcpu_debug *d)
{
	struct kvm_vcpu *v = c->priv;
	struct vcpu_debug was = v->debug;
	int ret;

	bool none = !d->step && !d->sw_break && !d->nslots;

	/*
	 * As before.  A step is asked for anew each time, for KVM notes where
	 * it begins, and interrupts are blocked from there; and the guest, if
	 * it ran, may have changed its own registers, which stand beside the
	 * debugger's.
	 */
	if ((none || (v->debug_fresh && !d->step && !d->irqs_blocked)) &&
	    !memcmp(&was, d, sizeof(was)))
		return 0;
	v->debug = *d;
	ret = kvm_arch_debug_set(c, v);
	if (ret < 0)
		v->debug = was;
	v->debug_fresh = !ret;
	return ret;
}

static int kvm_debug_reflect(struct vcpu *c, const struct vcpu_stop *s)
{
	struct kvm_vcpu *v = c->priv;

	v->debug_fresh = false;
	return kvm_arch_debug_reflect(c, v, s);
}

static int kvm_vcpu_nmi(struct vcpu *c)
{
	return kvm_arch_nmi(c->priv);
}

static void kvm_mem_sync(struct accel_vm *vm, const void *host, size_t n)
{
	(void)vm;
	kvm_arch_mem_sync(host, n);
}

/* By PSCI on arm64, by INIT and SIPI on x86_64. */
static bool kvm_vcpu_off(struct vcpu *c)
{
	const struct kvm_vcpu *v = c->priv;
	struct kvm_mp_state mp;

	return ioctl(v->fd, KVM_GET_MP_STATE, &mp) == 0 &&
	       (mp.mp_state == KVM_MP_STATE_STOPPED ||
		mp.mp_state == KVM_MP_STATE_UNINITIALIZED);
}

const struct accel accel_kvm = {
	.name = "kvm",
	.probe = kvm_probe,
	.phys_bits = kvm_phys_bits,
	.has_irqchip = kvm_has_irqchip,
	.host = kvm_host,
	.vm_create = kvm_vm_create,
	.vm_destroy = kvm_vm_destroy,
	.vm_reset = kvm_vm_reset,
	.vm_clock = kvm_vm_clock,
	.mem_sync = kvm_mem_sync,
	.chip_save = kvm_chip_save,
	.chip_restore = kvm_chip_restore,
	.vcpu_create = kvm_vcpu_create,
	.vcpu_destroy = kvm_vcpu_destroy,
	.vcpu_reset = kvm_vcpu_reset,
	.vcpu_run = kvm_vcpu_run,
	.vcpu_finish = kvm_vcpu_finish,
	.vcpu_kick = kvm_vcpu_kick,
	.vcpu_lines = kvm_arch_vcpu_lines,
	.vcpu_nmi = kvm_vcpu_nmi,
	.vcpu_off = kvm_vcpu_off,
	.debug_caps = kvm_debug_caps,
	.debug_set = kvm_debug_set,
	.debug_reflect = kvm_debug_reflect,
	.get_regs = kvm_get_regs,
	.set_regs = kvm_set_regs,
};
