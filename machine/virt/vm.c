/* SPDX-License-Identifier: MIT */
/* A running machine: made, started, reset, ended. */
#include "machine/virt/vm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "boot/acpi.h"
#include "boot/demo.h"
#include "cpu/probe.h"
#include "hw/apic/ioapic.h"
#include "hw/char/chardev.h"
#include "hw/gic/gicv2.h"
#include "hw/sapic/sapic.h"
#include "machine/virt/exit_status.h"
#include "machine/virt/vm_priv.h"

/* Among vm->requests, beside the bits of enum vm_request. */
#define VM_CRASHED  (1u << 31)
#define VM_TIMEDOUT (1u << 30)
#define VM_REMAKE   (1u << 29)

/* Any thread, maybe with a device's lock: leaves it to the main loop. */
static void vm_ask(struct vm *vm, unsigned what)
{
	__atomic_fetch_or(&vm->requests, what, __ATOMIC_ACQ_REL);
	vcpus_halt(&vm->cpus, VCPUS_MACHINE);
	eventfd_write(vm->event_fd.fd, 1);
}

void vm_end(struct vm *vm, int status)
{
	if (vm->ended)
		return;
	vm->ended = true;
	vm->status = status;
	vm_ask(vm, 0);
}

/* ---- the kernel */

static int vm_no_demo(const struct vm *vm, struct err *err)
{
	err_set(err, ENOENT,
		"this vmm was built without the demonstration guest for %s",
		arch_name(vm->board->arch));
	err_hint(err, "give a kernel with --kernel");
	return -ENOENT;
}

/* Firmware that boots what it finds has no use for the kernel's default. */
const char *vm_cmdline(const struct vm *vm)
{
	const struct vm_config *cfg = vm->cfg;

	if (cfg->append || (cfg->firmware && !cfg->kernel))
		return cfg->append;
	return vm->layout->cmdline;
}

static int vm_load(struct vm *vm, struct boot_start *start, struct err *err)
{
	const struct vm_config *cfg = vm->cfg;
	const char *initrd[] = { cfg->initrd, NULL };
	struct board_found found = { 0 };
	struct boot_config b = {
		.firmware = cfg->firmware && vm->layout->flash,
		.ram_firmware = vm->layout->flash ? NULL : cfg->firmware,
		.kernel = cfg->kernel,
		.initrd = cfg->initrd ? initrd : NULL,
		.cmdline = vm_cmdline(vm),
		.dtb = cfg->dtb,
		.entry = (enum boot_entry)cfg->kernel_entry,
		.kaslr = cfg->kaslr == VM_KASLR_ON ||
			 (cfg->kaslr == VM_KASLR_AUTO && !cfg->debugged),
		.found = &found,
		.acpi_only = cfg->acpi == VM_ACPI_ON,
		.ram_zero = !vm->booted,
	};
	int ret = 0;

	if (!cfg->kernel && !cfg->firmware) {
		b.kernel = "the demonstration guest";
		b.kernel_data = demo_guest(vm->board->arch, &b.kernel_size);
		if (!b.kernel_data)
			return vm_no_demo(vm, err);
	}
	vm->booted = true;
	if (vm->board->acpi.size)
		ret = acpi_write(vm->board, &vm->mem, err);
	if (!ret)
		ret = vm_spapr_found(vm, &found, err);
	if (!ret)
		ret = boot_load(vm->board, &vm->mem, &b, start, err);
	vm_spapr_found_free(&found);
	return ret;
}

static void vm_request(void *opaque, enum vm_request what, int status);

/* The machine as its watcher sees it, before the first instruction. */
static int vm_show(struct vm *vm, const struct boot_start *start,
		   struct err *err)
{
	const struct vm_parts parts = {
		.cpus = &vm->cpus,
		.target = vm->target,
		.board = vm->board,
		.mem = &vm->mem,
		.start = start,
		.request = vm_request,
		.opaque = vm,
	};

	if (!vm->watcher || !vm->watcher->ready)
		return 0;
	return vm->watcher->ready(vm->watcher->opaque, &parts, err);
}

static int vm_boot(struct vm *vm, bool first, struct err *err)
{
	struct boot_start start = { 0 };
	int ret = vm_load(vm, &start, err);

	if (!ret && first)
		ret = vcpus_wait(&vm->cpus, err);
	if (!ret)
		ret = vcpus_reset(&vm->cpus, &start, first, err);
	if (!ret && first)
		ret = vm_show(vm, &start, err);
	if (ret < 0)
		return ret;
	log_info("entering the kernel by %s at 0x%llx", start.protocol,
		 (unsigned long long)start.pc);
	vm_devices_start(vm);
	vcpus_resume(&vm->cpus, VCPUS_MACHINE);
	return 0;
}

/* ---- what the guest asks for */

/* Everything back to the board's initial state; disks keep their data. */
static void vm_reset(struct vm *vm)
{
	struct err err = { 0 };

	if (vm_devices_reset(vm, &err) < 0 ||
	    vm->accel->vm_reset(vm->avm, &err) < 0 ||
	    vm_boot(vm, false, &err) < 0) {
		log_error("cannot reset the machine: %s", err.msg);
		vm_end(vm, EXIT_CANNOT_RUN);
	}
}

static unsigned vm_take(struct vm *vm, unsigned what)
{
	return __atomic_fetch_and(&vm->requests, ~what, __ATOMIC_ACQ_REL) &
	       what;
}

static void vm_dump(struct vm *vm, struct vcpu *c)
{
	void *regs = calloc(1, vm->target->regs_size);

	if (regs && vm->accel->get_regs(c, regs) == 0)
		target_dump(vm->target, regs, &vm->mem, stderr);
	free(regs);
}

/* Where a guest hangs is what whoever set the timeout wants to know. */
static void vm_dump_all(struct vm *vm)
{
	for (unsigned i = 0; i < vm->cpus.n; i++) {
		if (vcpu_waits(&vm->cpus.cpu[i])) {
			fprintf(stderr, "vmm: vcpu%u was off\n", i);
			continue;
		}
		fprintf(stderr, "vmm: vcpu%u was at:\n", i);
		vm_dump(vm, &vm->cpus.cpu[i]);
	}
}

/*
 * The loop goes on until the last vCPU has parked: one of them may be resetting
 * a device, and wait for this thread to end what the device does.
 */
static void vm_leave(struct vm *vm)
{
	if (vcpus_parked(&vm->cpus, VCPUS_MACHINE))
		loop_stop(vm->loop);
	else /* a reset that was under way let them run again */
		vcpus_halt(&vm->cpus, VCPUS_MACHINE);
}

/* Something was asked for, or the last vCPU has parked. */
static void vm_event(void *opaque, uint32_t events)
{
	struct vm *vm = opaque;
	uint64_t n;

	(void)events;
	if (read(vm->event_fd.fd, &n, sizeof(n)) < 0)
		return;
	if (vm->ended)
		vm_leave(vm);
	else if (vm_take(vm, VM_CRASHED))
		vm_end(vm, EXIT_CRASH);
	else if (vm_take(vm, 1u << VM_PANICKED))
		vm_end(vm, EXIT_PANIC);
	else if (vm_take(vm, 1u << VM_POWEROFF))
		vm_end(vm, vm->request_status);
	else if (!vcpus_parked(&vm->cpus, VCPUS_MACHINE))
		return;
	else if (vm_take(vm, VM_TIMEDOUT)) {
		vm_dump_all(vm);
		vm_end(vm, EXIT_TIMEOUT);
	} else if (vm_take(vm, VM_REMAKE)) {
		vm->again = true;
		vm_end(vm, EXIT_POWEROFF);
	} else if (vm_take(vm, 1u << VM_RESET)) {
		if (vm->cfg->on_reboot == VM_ON_REBOOT_EXIT)
			vm_end(vm, EXIT_RESET);
		else
			vm_reset(vm);
	}
}

void vm_remake(struct vm *vm, const struct cas *other)
{
	vm->other = *other;
	vm_ask(vm, VM_REMAKE);
}

static void vm_panicked(struct vm *vm)
{
	if (vm->cfg->on_panic == VM_ON_PANIC_EXIT)
		vm_ask(vm, 1u << VM_PANICKED);
}

static void vm_request(void *opaque, enum vm_request what, int status)
{
	struct vm *vm = opaque;

	if (what == VM_PANICKED) {
		vm_panicked(vm);
		return;
	}
	if (what == VM_POWEROFF)
		vm->request_status = status;
	vm_ask(vm, 1u << what);
}

static void vm_vcpu_request(void *opaque, enum vm_request what)
{
	vm_request(opaque, what, EXIT_POWEROFF);
}

static void vm_vcpus_parked(void *opaque)
{
	struct vm *vm = opaque;

	eventfd_write(vm->event_fd.fd, 1);
}

static void vm_crashed(void *opaque, struct vcpu *c, const char *why)
{
	struct vm *vm = opaque;

	/* One report at a time, and whole. */
	flockfile(stderr);
	fprintf(stderr, "vmm: vcpu%u crashed: %s\n", c->index, why);
	vm_dump(vm, c);
	funlockfile(stderr);
	vm_ask(vm, VM_CRASHED);
}

static void vm_eoi(void *opaque, uint32_t vector)
{
	struct vm *vm = opaque;

	if (vm->eoi)
		ioapic_eoi(vm->eoi, (uint8_t)vector);
}

static void vm_ppi(void *opaque, unsigned cpu, unsigned intid, bool level)
{
	struct vm *vm = opaque;

	if (vm->gic)
		gicv2_ppi(vm->gic, cpu, intid, level);
	if (vm->sapic)
		sapic_fire(vm->sapic, cpu, (enum sapic_source)intid);
}

/* ---- what the user asks for */

static void vm_timer(struct vm *vm, struct timer *t, void (*fire)(void *opaque),
		     uint64_t after_s)
{
	*t = (struct timer){ .fire = fire, .opaque = vm };
	timer_arm(&vm->clock, t,
		  clock_now_ns(&vm->clock) + after_s * 1000000000);
}

/* A vCPU that does not park within this is not waited for. */
#define VM_PARK_S 2

static void vm_timed_out(void *opaque)
{
	vm_end(opaque, EXIT_TIMEOUT);
}

/* First all vCPUs park, so that it can be told where they were. */
static void vm_timeout(void *opaque)
{
	struct vm *vm = opaque;

	fprintf(stderr, "vmm: timeout: the guest ran for %llu s\n",
		(unsigned long long)vm->cfg->timeout_s);
	vm_timer(vm, &vm->timeout, vm_timed_out, VM_PARK_S);
	vm_ask(vm, VM_TIMEDOUT);
}

/*
 * A guest that is still here after a second is not one of those that a slow
 * KVM serves well.  Asked that late, it costs start-up nothing.
 */
static void vm_speed_check(void *opaque)
{
	uint64_t speed;

	(void)opaque;
	if (probe_guest_speed(&speed) != SPEED_EMULATED)
		return;
	fprintf(stderr,
		"vmm: this host's KVM executes guest kernel code in software, "
		"at %.1f million instructions a second: kernels take minutes "
		"to boot, or stop\n"
		"vmm: use a host with hardware virtualization, or enable "
		"nesting; 'vmm check' tells more\n",
		(double)speed / 1e6);
}

static void vm_signalled(void *opaque, uint32_t events)
{
	struct signalfd_siginfo si;
	struct vm *vm = opaque;

	(void)events;
	if (read(vm->signal_fd.fd, &si, sizeof(si)) != sizeof(si))
		return;
	if (si.ssi_signo == SIGPWR)
		vm_devices_power_button(vm);
	else
		vm_end(vm, 128 + (int)si.ssi_signo);
}

static void vm_quit(void *opaque)
{
	vm_end(opaque, EXIT_POWEROFF);
}

static void vm_expected(void *opaque, const char *line)
{
	struct vm *vm = opaque;

	log_info("expected line: %s", line);
	vm->expected = true;
	/* It may be among the last that the guest said before it ended. */
	if (vm->ended && vm->status == EXIT_UNEXPECTED)
		vm->status = EXIT_POWEROFF;
	vm_end(vm, EXIT_POWEROFF);
}

static void vm_unexpected(void *opaque, const char *line)
{
	struct vm *vm = opaque;

	fprintf(stderr, "vmm: --fail-on matched: %s\n", line);
	/* It may be among the last that the guest said before it ended. */
	if (vm->ended && vm->status == EXIT_POWEROFF && !vm->expected)
		vm->status = EXIT_UNEXPECTED;
	vm_end(vm, EXIT_UNEXPECTED);
}

static void vm_panic_line(void *opaque, const char *line)
{
	struct vm *vm = opaque;

	log_info("the guest's kernel panicked: %s", line);
	vm_panicked(vm);
}

/* ---- making and ending it */

static int vm_watch(struct vm *vm, struct chardev *c, struct err *err)
{
	const struct vm_config *cfg = vm->cfg;
	int ret;

	chardev_set_quit(c, vm_quit, vm);
	ret = chardev_watch_panic(c, vm_panic_line, vm, err);
	if (!ret && cfg->expect)
		ret = chardev_watch(c, cfg->expect, vm_expected, vm, err);
	if (!ret && cfg->fail_on)
		ret = chardev_watch(c, cfg->fail_on, vm_unexpected, vm, err);
	return ret;
}

/* Every console, once: several may share the terminal. */
static int vm_watches(struct vm *vm, struct err *err)
{
	struct chardev *c;
	int ret = 0;

	for (unsigned i = 0; !ret && (c = vm_chardev(vm, i)); i++) {
		unsigned first = 0;

		while (vm_chardev(vm, first) != c)
			first++;
		if (first == i)
			ret = vm_watch(vm, c, err);
	}
	return ret;
}

static int vm_add_fd(struct vm *vm, struct loop_fd *f, int fd,
		     void (*ready)(void *, uint32_t), const char *what,
		     struct err *err)
{
	*f = (struct loop_fd){
		.fd = fd, .events = EPOLLIN, .ready = ready, .opaque = vm
	};
	if (fd < 0)
		return err_set(err, errno, "cannot make %s: %s", what,
			       strerror(errno));
	return loop_add(vm->loop, f, err);
}

/* The main loop; signals that end the VM are blocked in every thread. */
static int vm_loop(struct vm *vm, struct err *err)
{
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGPWR);
	pthread_sigmask(SIG_BLOCK, &set, &vm->old_mask);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* of the guest's disks and flash */
	vm->loop = loop_new(err);
	if (!vm->loop)
		return -err->code;
	loop_claim(vm->loop); /* vCPUs may call before it runs */
	ret = vm_add_fd(vm, &vm->event_fd,
			eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), vm_event,
			"an eventfd", err);
	if (!ret)
		ret = vm_add_fd(vm, &vm->signal_fd,
				signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
				vm_signalled, "a signalfd", err);
	if (!ret)
		ret = vm_clock_init(vm, err);
	return ret;
}

static void vm_loop_free(struct vm *vm)
{
	vm_clock_destroy(vm);
	if (vm->loop) {
		loop_del(&vm->event_fd);
		loop_del(&vm->signal_fd);
		if (vm->event_fd.fd >= 0)
			close(vm->event_fd.fd);
		if (vm->signal_fd.fd >= 0)
			close(vm->signal_fd.fd);
		loop_free(vm->loop);
	}
	pthread_sigmask(SIG_SETMASK, &vm->old_mask, NULL);
}

static int vm_memory(struct vm *vm, struct err *err)
{
	const struct board_range *fw = &vm->board->firmware_ram;
	struct mem_config how = vm->cfg->memory.how;
	const struct mem_config small = { .shared = how.shared };
	unsigned i = 0;
	int ret = 0;

	if (how.hugepages == MEM_HUGE_AUTO && vm->board->ram_thp)
		how.hugepages = MEM_HUGE_THP;
	/* By runs: what a device is told to read may span two nodes. */
	while (!ret && i < vm->board->nram) {
		const struct board_range r = board_ram_run(vm->board, &i);

		ret = mem_add_ram(&vm->mem, r.base, r.size, &how, err);
	}
	if (!ret && fw->size)
		ret = mem_add_ram(&vm->mem, fw->base, fw->size, &small, err);
	return ret;
}

static int vm_iothreads(struct vm *vm, struct err *err)
{
	vm->io = calloc(vm->cfg->niothreads + 1, sizeof(*vm->io));
	if (!vm->io)
		return err_nomem(err, "the I/O threads");
	for (; vm->nio < vm->cfg->niothreads; vm->nio++) {
		int ret = iothread_start(&vm->io[vm->nio],
					 vm->cfg->iothreads[vm->nio], err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/* vcpus_create()'s view of --pin. */
static int vm_pins(struct vm *vm, struct err *err)
{
	vm->pins = calloc(vm->board->ncpus, sizeof(*vm->pins));
	if (!vm->pins)
		return err_nomem(err, "the virtual CPUs");
	for (unsigned i = 0; i < vm->cfg->npins; i++)
		vm->pins[vm->cfg->pins[i].vcpu] = &vm->cfg->pins[i].cpus;
	return 0;
}

static int vm_accelerate(struct vm *vm, struct err *err)
{
	const struct vcpu_events events = {
		.mmio = &vm->mmio,
		.pio = &vm->pio,
		.eoi = vm_eoi,
		.ppi = vm_ppi,
		.reg_read = vm_reg_read,
		.reg_write = vm_reg_write,
		.hcall = vm_hcall,
		.request = vm_vcpu_request,
		.crashed = vm_crashed,
		.parked = vm_vcpus_parked,
		.opaque = vm,
	};
	int ret = vm_pins(vm, err);

	if (ret < 0)
		return ret;
	vm->accel_cfg = (struct accel_config){
		.board = vm->board,
		.mem = &vm->mem,
		.mmio = &vm->mmio,
		.pio = &vm->pio,
		.cpu = vm->cfg->cpu,
		.split_irqchip = virt_irqchip_is(vm->board, "split"),
	};
	vm->avm = vm->accel->vm_create(vm->target, &vm->accel_cfg, err);
	if (!vm->avm)
		return -err->code;
	return vcpus_create(&vm->cpus, vm->avm, vm->board->ncpus, &events,
			    vm->pins, err);
}

/* What needs no host resources but the accelerator's word. */
static int vm_resolve(struct vm *vm, struct err *err)
{
	struct vm_config cfg = *vm->cfg; /* its pointers stay vm->cfg's */
	struct accel_host host = { 0 };

	vm->layout = virt_target((enum arch)cfg.arch);
	vm->target = target_find((enum arch)cfg.arch);
	if (!vm->layout || !vm->target)
		return err_set(err, ENOTSUP,
			       "there is no virt machine for %s yet",
			       arch_name((enum arch)cfg.arch));
	vm->accel = accel_find(
		cfg.accel == VM_ACCEL_AUTO ? NULL : vm_accel_names[cfg.accel],
		vm->target, err);
	if (!vm->accel)
		return -err->code;
	if (virt_irqchip_check(&cfg, err) < 0 ||
	    virt_irqchip_choose(&cfg, vm->accel, vm->target, err) < 0)
		return -err->code;
	vm->accel->host(vm->target, &host);
	cfg.no_pmu = !host.pmu;
	cfg.ppc = host.ppc;
	vm->board = board_make(&cfg, vm->accel->phys_bits(vm->target), err);
	return vm->board ? 0 : -err->code;
}

static int vm_make(struct vm *vm, struct err *err)
{
	int ret = vm_resolve(vm, err);

	if (!ret)
		ret = vm_loop(vm, err);
	if (!ret)
		ret = vm_memory(vm, err);
	if (!ret)
		ret = vm_accelerate(vm, err);
	if (ret < 0)
		return ret;
	vm->env = (struct device_env){
		.mem = &vm->mem,
		.mmio = &vm->mmio,
		.pio = &vm->pio,
		.irqchip = vm->avm->irqchip,
		.clock = &vm->clock,
		.loop = vm->loop,
		.ncpus = vm->board->ncpus,
		.request = vm_request,
		.opaque = vm,
	};
	ret = vm_iothreads(vm, err);
	if (!ret)
		ret = vm_spapr_init(vm, err);
	if (!ret)
		ret = vm_devices_make(vm, err);
	if (!ret)
		ret = vm_watches(vm, err);
	if (!ret)
		ret = vm_boot(vm, true, err);
	return ret;
}

static void vm_free(struct vm *vm)
{
	vcpus_stop(&vm->cpus);
	if (vm->devs)
		vm_devices_free(vm);
	for (unsigned i = 0; i < vm->nio; i++)
		iothread_stop(&vm->io[i]);
	vm_spapr_free(vm);
	vcpus_destroy(&vm->cpus);
	if (vm->avm)
		vm->accel->vm_destroy(vm->avm);
	vm_loop_free(vm);
	bus_destroy(&vm->mmio);
	bus_destroy(&vm->pio);
	mem_destroy(&vm->mem);
	board_free(vm->board);
	free(vm->pins);
	free(vm->io);
}

/* After the last vCPU: what the console said last may still decide. */
static void vm_settle(struct vm *vm)
{
	struct chardev *c;

	vcpus_stop(&vm->cpus);
	vm_devices_stop(vm);
	if (vm->cfg->expect && vm->status == EXIT_POWEROFF && !vm->expected &&
	    !vm->again)
		vm->status = EXIT_UNEXPECTED;
	for (unsigned i = 0; (c = vm_chardev(vm, i)); i++)
		chardev_flush(c);
	if (vm->status == EXIT_UNEXPECTED && vm->cfg->expect && !vm->expected)
		fprintf(stderr, "vmm: --expect: no line matched '%s'\n",
			vm->cfg->expect);
}

/* What a kernel asked for is from then on as if the user had. */
static void vm_other(const struct vm *vm, struct vm_config *cfg)
{
	const struct board_ppc *p = &vm->board->ppc;

	if (p->xive_esb && vm->other.xive == CAS_OLD)
		cfg->irqchip = virt_irqchip_index("kernel-xics");
	cfg->mmu = vm->other.mmu == CAS_OLD ? VM_MMU_HASH : VM_MMU_RADIX;
	log_info("the machine is made anew with --irqchip %s and mmu=%s, which "
		 "the guest's kernel needs",
		 vm_irqchip_names[cfg->irqchip], vm_mmu_names[cfg->mmu]);
}

/* Once; *again: it is to be made again, as *cfg then says. */
static int vm_run_once(struct vm_config *cfg, const struct vm_watcher *watcher,
		       bool *again, struct err *err)
{
	struct vm vm = { .cfg = cfg,
			 .watcher = watcher,
			 .event_fd.fd = -1,
			 .signal_fd.fd = -1,
			 .clock_fd.fd = -1 };
	int ret;

	bus_init(&vm.mmio, "mmio", 0);
	bus_init(&vm.pio, "pio", 0x10000);
	pthread_sigmask(SIG_SETMASK, NULL, &vm.old_mask);
	ret = vm_make(&vm, err);
	if (!ret) {
		if (cfg->timeout_s)
			vm_timer(&vm, &vm.timeout, vm_timeout, cfg->timeout_s);
		if (!vm.target->interpreted)
			vm_timer(&vm, &vm.speed_check, vm_speed_check, 1);
		loop_run(vm.loop);
		if (watcher && watcher->ended)
			watcher->ended(watcher->opaque, vm.status);
		vm_settle(&vm);
		ret = vm.status;
	}
	*again = vm.again && ret == EXIT_POWEROFF;
	if (*again)
		vm_other(&vm, cfg);
	vm_free(&vm);
	return ret;
}

int vm_run(const struct vm_config *cfg, const struct vm_watcher *watcher,
	   struct err *err)
{
	struct vm_config now = *cfg; /* its pointers stay cfg's */
	bool again;
	int ret;

	if (cfg->name)
		prctl(PR_SET_NAME, cfg->name);
	do {
		ret = vm_run_once(&now, watcher, &again, err);
	} while (again);
	return ret;
}
