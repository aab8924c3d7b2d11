/* SPDX-License-Identifier: MIT */
/* "monitor COMMAND": what gdb has no packet for. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gdbstub/priv.h"

#define XP_MAX 1024 /* bytes */

static void monitor_cpus(struct gdbstub *s, struct packet_out *o)
{
	const struct target *t = s->m.target;

	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		void *regs = regs_get(s, i);

		packet_fmt(o, "%c vcpu%u  id 0x%" PRIx64 "  at 0x%" PRIx64 "\n",
			   i == s->current ? '*' : ' ', i,
			   s->m.board->cpus[i].hw_id,
			   regs ? t->code_address(regs) : 0);
	}
}

static void monitor_range(struct packet_out *o, uint64_t base, uint64_t size,
			  const char *what)
{
	if (size)
		packet_fmt(o, "%016" PRIx64 "-%016" PRIx64 "  %s\n", base,
			   base + size - 1, what);
}

static void monitor_mem(struct gdbstub *s, struct packet_out *o)
{
	for (unsigned i = 0; i < s->m.mem->n; i++) {
		const struct mem_range *r = &s->m.mem->range[i];

		monitor_range(o, r->base, r->size,
			      r->readonly ? "read-only" : "RAM");
	}
}

static void monitor_space(struct gdbstub *s, struct packet_out *o,
			  enum device_space space)
{
	const struct board *b = s->m.board;

	for (unsigned i = 0; i < b->ndevs; i++) {
		char what[96];

		if (b->devs[i].space != space)
			continue;
		snprintf(what, sizeof(what), "%s (%s)", b->devs[i].name,
			 b->devs[i].class->name);
		monitor_range(o, b->devs[i].base, b->devs[i].size, what);
	}
}

static void monitor_mtree(struct gdbstub *s, struct packet_out *o)
{
	const struct board_pci *pci = &s->m.board->pci;

	packet_str(o, "memory:\n");
	monitor_mem(s, o);
	monitor_space(s, o, SPACE_MMIO);
	monitor_range(o, pci->mmio32.base, pci->mmio32.size, "PCI, 32 bits");
	monitor_range(o, pci->mmio64.base, pci->mmio64.size, "PCI, 64 bits");
	packet_str(o, "ports:\n");
	monitor_space(s, o, SPACE_PIO);
	monitor_range(o, pci->pio.base, pci->pio.size, "PCI");
}

static void monitor_devices(struct gdbstub *s, struct packet_out *o)
{
	const struct board *b = s->m.board;

	for (unsigned i = 0; i < b->ndevs; i++) {
		const struct board_dev *d = &b->devs[i];

		packet_fmt(o, "%-16s %-16s", d->name, d->class->name);
		if (d->space == SPACE_PCI)
			packet_fmt(o, " PCI %02x.%u", d->devfn >> 3,
				   d->devfn & 7);
		else if (d->size)
			packet_fmt(o, " %s 0x%" PRIx64,
				   d->space == SPACE_PIO ? "port" : "at",
				   d->base);
		if (d->function)
			packet_fmt(o, ": %s (%s)", d->function_name,
				   d->function->name);
		packet_str(o, "\n");
	}
}

static void monitor_irq(struct gdbstub *s, struct packet_out *o)
{
	const struct board *b = s->m.board;

	packet_fmt(o, "%s, %u lines\n", b->irqchip, b->nlines);
	for (unsigned i = 0; i < b->ndevs; i++)
		if (b->devs[i].irq != BOARD_NO_IRQ)
			packet_fmt(o, "%4u  %-5s  %s\n", b->devs[i].irq,
				   b->devs[i].trigger == TRIGGER_LEVEL ? "level"
								       : "edge",
				   b->devs[i].name);
}

static void monitor_exits(struct gdbstub *s, struct packet_out *o)
{
	static const char *const names[VMEXIT_KINDS] = {
		[VMEXIT_AGAIN] = "kicked", [VMEXIT_MMIO] = "mmio",
		[VMEXIT_PIO] = "pio",	   [VMEXIT_EOI] = "eoi",
		[VMEXIT_POWEROFF] = "off", [VMEXIT_RESET] = "reset",
		[VMEXIT_PANIC] = "panic",  [VMEXIT_CRASH] = "crash",
		[VMEXIT_DEBUG] = "debug",  [VMEXIT_HCALL] = "hcall",
	};

	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		packet_fmt(o, "vcpu%u:", i);
		for (unsigned k = 0; k < VMEXIT_KINDS; k++)
			if (s->m.cpus->cpu[i].exits[k])
				packet_fmt(o, " %s %" PRIu64, names[k],
					   s->m.cpus->cpu[i].exits[k]);
		packet_str(o, "\n");
	}
}

static const struct {
	const char *name;
	void (*show)(struct gdbstub *s, struct packet_out *o);
} monitor_infos[] = {
	{ "cpus", monitor_cpus },	{ "mem", monitor_mem },
	{ "mtree", monitor_mtree },	{ "irq", monitor_irq },
	{ "devices", monitor_devices }, { "exits", monitor_exits },
};

static void monitor_info(struct gdbstub *s, const char *args,
			 struct packet_out *o)
{
	size_t n = sizeof(monitor_infos) / sizeof(*monitor_infos);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(args, monitor_infos[i].name)) {
			monitor_infos[i].show(s, o);
			return;
		}
	}
	packet_str(o, "info takes one of:");
	for (size_t i = 0; i < n; i++)
		packet_fmt(o, " %s", monitor_infos[i].name);
	packet_str(o, "\n");
}

static bool monitor_number(const char **p, uint64_t *val)
{
	while (**p == ' ')
		(*p)++;
	if (!strncmp(*p, "0x", 2) || !strncmp(*p, "0X", 2))
		*p += 2;
	return packet_number(p, val);
}

/* xp ADDRESS [BYTES]: physical memory. */
static void monitor_xp(struct gdbstub *s, const char *args,
		       struct packet_out *o)
{
	uint64_t addr, len = 64;
	uint8_t row[16];

	if (!monitor_number(&args, &addr) ||
	    (*args && !monitor_number(&args, &len)) || *args) {
		packet_str(o, "xp ADDRESS [BYTES], both hexadecimal\n");
		return;
	}
	if (len > XP_MAX)
		len = XP_MAX;
	for (uint64_t at = 0; at < len; at += sizeof(row)) {
		size_t n = len - at < sizeof(row) ? (size_t)(len - at)
						  : sizeof(row);

		if (mem_read(s->m.mem, addr + at, row, n) < 0) {
			packet_fmt(o, "%016" PRIx64 ": no memory\n", addr + at);
			return;
		}
		packet_fmt(o, "%016" PRIx64 ":", addr + at);
		for (size_t i = 0; i < n; i++)
			packet_fmt(o, " %02x", row[i]);
		packet_str(o, "\n");
	}
}

static void monitor_translate(struct gdbstub *s, const char *args,
			      struct packet_out *o)
{
	void *regs = regs_get(s, s->current);
	uint64_t addr;
	gpa_t gpa;

	if (!monitor_number(&args, &addr) || *args)
		packet_str(o, "translate ADDRESS, hexadecimal\n");
	else if (!regs || !s->m.target->translate(regs, s->m.mem, addr, &gpa))
		packet_fmt(o, "0x%" PRIx64 " is not mapped on vcpu%u\n", addr,
			   s->current);
	else
		packet_fmt(o, "0x%" PRIx64 " is at physical 0x%" PRIx64 "%s\n",
			   addr, gpa,
			   mem_run(s->m.mem, gpa, 1) ? "" : ", no memory");
}

static void monitor_reset(struct gdbstub *s, const char *args,
			  struct packet_out *o)
{
	(void)args, (void)o;
	s->awaits_reset = true; /* session_was_reset() answers */
	s->m.request(s->m.opaque, VM_RESET, 0);
}

static void monitor_quit(struct gdbstub *s, const char *args,
			 struct packet_out *o)
{
	(void)args;
	s->m.request(s->m.opaque, VM_POWEROFF, 0);
	packet_str(o, "the machine is being switched off\n");
}

static void monitor_nmi(struct gdbstub *s, const char *args,
			struct packet_out *o)
{
	struct vcpu *c = &s->m.cpus->cpu[s->current];
	const struct accel *accel = c->vm->accel;
	int ret;

	(void)args;
	/* What was written into registers must not undo it. */
	regs_forget(s);
	ret = accel->vcpu_nmi ? accel->vcpu_nmi(c) : -ENOTSUP;
	if (ret == -ENOTSUP)
		packet_str(o, "there are no NMIs on this machine\n");
	else if (ret < 0)
		packet_fmt(o, "vcpu%u: no NMI: %s\n", c->index, strerror(-ret));
	else
		packet_fmt(o, "vcpu%u takes an NMI when it goes on\n",
			   c->index);
}

/* Tells the registers that are not the same in both, CHIP_TOLD at most. */
#define CHIP_TOLD 16

static void monitor_chip_compare(const struct chip_state *was,
				 const struct chip_state *is,
				 struct packet_out *o)
{
	const struct chip_reg *r;
	unsigned n = 0;
	size_t i = 0;

	while ((r = chip_state_differs(was, is, &i)))
		if (n++ < CHIP_TOLD)
			packet_fmt(o, "%s 0x%x of vcpu%u differs\n",
				   chip_part_name(r->part), r->offset, r->cpu);
	packet_fmt(o, "%zu registers were saved, reset and restored; %u %s\n",
		   was->n, n, n == 1 ? "differs" : "differ");
}

/* What devices raise meanwhile is lost: for a machine that is quiet. */
static void monitor_chip(struct gdbstub *s, const char *args,
			 struct packet_out *o)
{
	struct accel_vm *vm = s->m.cpus->cpu[0].vm;
	const struct accel *accel = vm->accel;
	struct chip_state was = { 0 }, is = { 0 };
	struct err err = { 0 };
	int ret = -ENOTSUP;

	(void)args;
	if (accel->chip_save)
		ret = accel->chip_save(vm, &was, &err);
	else
		err_set(&err, ENOTSUP, "the accelerator has none to save");
	if (!ret)
		ret = accel->vm_reset(vm, &err);
	if (!ret)
		ret = accel->chip_restore(vm, &was, &err);
	if (!ret)
		ret = accel->chip_save(vm, &is, &err);
	if (ret < 0)
		packet_fmt(o, "%s\n", err.msg);
	else
		monitor_chip_compare(&was, &is, o);
	chip_state_free(&was);
	chip_state_free(&is);
}

static void monitor_help(struct gdbstub *s, const char *args,
			 struct packet_out *o);

static const struct {
	const char *name, *brief;
	void (*run)(struct gdbstub *s, const char *args, struct packet_out *o);
} monitor_commands[] = {
	{ "help", "this list", monitor_help },
	{ "info", "cpus, mem, mtree, irq, devices or exits", monitor_info },
	{ "xp", "ADDRESS [BYTES]: physical memory", monitor_xp },
	{ "translate", "ADDRESS: the physical one behind it",
	  monitor_translate },
	{ "nmi", "a non-maskable interrupt for the current vCPU", monitor_nmi },
	{ "chip", "saves the interrupt controller, resets and restores it",
	  monitor_chip },
	{ "reset", "resets the machine, which stays stopped", monitor_reset },
	{ "quit", "ends vmm with status 0", monitor_quit },
};

#define MONITOR_N (sizeof(monitor_commands) / sizeof(*monitor_commands))

static void monitor_help(struct gdbstub *s, const char *args,
			 struct packet_out *o)
{
	(void)s, (void)args;
	for (size_t i = 0; i < MONITOR_N; i++)
		packet_fmt(o, "%-10s %s\n", monitor_commands[i].name,
			   monitor_commands[i].brief);
}

void monitor_run(struct gdbstub *s, const char *line, struct packet_out *text)
{
	while (*line == ' ')
		line++;
	for (size_t i = 0; i < MONITOR_N; i++) {
		size_t n = strlen(monitor_commands[i].name);
		const char *args = line + n;

		if (strncmp(line, monitor_commands[i].name, n) ||
		    (*args && *args != ' '))
			continue;
		while (*args == ' ')
			args++;
		monitor_commands[i].run(s, args, text);
		return;
	}
	packet_fmt(text,
		   "there is no command '%s'; 'monitor help' lists them\n",
		   line);
}
