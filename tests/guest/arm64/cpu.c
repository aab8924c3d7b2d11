// SPDX-License-Identifier: MIT
/* Boot information, traps, PSCI, time and other CPUs of arm64 guests. */
#include "arch.h"
#include "arm64.h"
#include "fdt.h"
#include "gic.h"
#include "guest.h"

#define TRAP_STACK 16384
#define USER_STACK 32768

enum { TRAP_SYNC, TRAP_IRQ, TRAP_FIQ, TRAP_SERROR }; /* kind % 4 */
#define FROM_EL0(kind) ((kind) / 4 == 2)

#define EC_SVC		 0x15
#define EC_INSN_ABORT	 0x20
#define EC_INSN_ABORT_EL 0x21
#define EC_PC_ALIGN	 0x22

extern uint8_t image_end[];
struct caught caught;
bool psci_smc;
struct timers timers;

void guest_start(void *fdt);
void trap(struct frame *f, unsigned kind);
/* start.S */
void cpu_start(void);
uint64_t smccc_call(const uint64_t arg[4], bool smc);
void cpu_main(void *arg);
void machine_main(void);

static uint8_t trap_stack[TRAP_STACK] __attribute__((aligned(16)));
static uint8_t user_stack[USER_STACK] __attribute__((aligned(16)));

/* What start.S enters EL0 by; the boot CPU's. */
struct cpu cpu0 = {
	.trap_sp = (uintptr_t)trap_stack + TRAP_STACK,
	.user_sp = (uintptr_t)user_stack + USER_STACK,
	.entry = guest_start,
};

/* --- traps */

static void trap_sync(struct frame *f, unsigned kind)
{
	uint64_t esr = sysreg_read("esr_el1");
	unsigned class = ESR_CLASS(esr);
	uint64_t (*fn)(void *arg, struct frame *f);

	if (class == EC_SVC) {
		fn = (void *)(uintptr_t)f->x[8];
		f->x[0] = fn((void *)(uintptr_t)f->x[0], f);
		return;
	}
	if (!caught.on)
		guest_die("exception at EL%u: esr %lx, pc %lx, far %lx, sp %lx",
			  !FROM_EL0(kind), esr, f->pc, sysreg_read("far_el1"),
			  f->sp);
	caught.esr = esr;
	caught.far = sysreg_read("far_el1");
	caught.pc = f->pc;
	caught.el1 = !FROM_EL0(kind);
	caught.count++;
	if (class == EC_INSN_ABORT || class == EC_INSN_ABORT_EL ||
	    class == EC_PC_ALIGN)
		f->pc = f->x[30];
	else
		f->pc += 4;
}

/* Called by the vectors. */
void trap(struct frame *f, unsigned kind)
{
	if (kind % 4 == TRAP_SYNC)
		trap_sync(f, kind);
	else if (kind % 4 == TRAP_IRQ)
		gic_irq();
	else
		guest_die("%s at pc %lx, esr %lx",
			  kind % 4 == TRAP_FIQ ? "FIQ" : "SError", f->pc,
			  sysreg_read("esr_el1"));
}

static uint64_t el1_irq(void *arg, struct frame *f)
{
	if (arg)
		f->pstate &= ~(uint64_t)PSTATE_I;
	else
		f->pstate |= PSTATE_I;
	return 0;
}

void cpu_irq(bool on)
{
	el1_call(el1_irq, (void *)(uintptr_t)on);
}

static uint64_t el1_wfi(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
	return 0;
}

void cpu_wfi(void)
{
	el1_call(el1_wfi, NULL);
}

/* --- PSCI */

static uint64_t el1_psci(void *arg, struct frame *f)
{
	(void)f;
	return smccc_call(arg, psci_smc);
}

int64_t psci(uint32_t fn, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t arg[4] = { fn, a, b, c };
	uint64_t ret = el1_call(el1_psci, arg);

	/* The 32-bit functions answer in 32 bits. */
	return fn >> 30 & 1 ? (int64_t)ret : (int32_t)ret;
}

void arch_poweroff(void)
{
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
}

/* --- boot information */

#define MADT_GICC 11

/* Every enabled CPU is a GICC; the rest is the interrupt controller's. */
void arch_madt(const uint8_t *table, const uint8_t *entry)
{
	(void)table;
	if (entry[0] == MADT_GICC && (get32(entry + 12) & 1) &&
	    machine.ncpus < MAX_CPUS)
		machine.cpu[machine.ncpus++] = get64(entry + 68);
	gic_madt(entry);
}

/* What only arm64 has in the tables that acpi_read() found. */
static void boot_acpi(void)
{
	const uint8_t *fadt = (const void *)acpi_find("FACP");
	const uint8_t *gtdt = (const void *)acpi_find("GTDT");

	if (fadt)
		psci_smc = !(get16(fadt + 129) & 2); /* ARM boot flags */
	if (gtdt) {
		timers.physical = get32(gtdt + 56);
		timers.virtual = get32(gtdt + 64);
	}
}

void arch_fdt_node(const struct fdt_node *n)
{
	if (fdt_is(n, "arm,psci-0.2") || fdt_is(n, "arm,psci-1.0")) {
		psci_smc = !strcmp(fdt_string(n, "method"), "smc");
	} else if (fdt_is(n, "arm,armv8-timer")) {
		timers.physical = arch_fdt_irq(n, 1);
		timers.virtual = arch_fdt_irq(n, 2);
	} else {
		gic_fdt(n);
	}
}

uint32_t arch_fdt_irq(const struct fdt_node *n, unsigned i)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(n, "interrupts", &len);
	uint64_t kind;

	/* Three cells: SPI (0) or PPI (1), number, trigger. */
	if (!p || len < 12 * (i + 1))
		return 0;
	kind = fdt_cells(p + 12 * i, 1);
	return fdt_cells(p + 12 * i + 4, 1) + (kind ? 16 : 32);
}

void arch_boot(void)
{
	machine.entry = "Linux, arm64";
	machine.image_end = (uintptr_t)image_end;
	if (!fdt_read_chosen())
		return;
	/* As Linux chooses: by the device tree unless it is told otherwise. */
	if (machine.efi.table && cmdline_has("acpi=force")) {
		machine.entry = "Linux, arm64, with ACPI";
		efi_read();
		acpi_read();
		boot_acpi();
	} else {
		fdt_read();
	}
}

void guest_start(void *fdt)
{
	machine.fdt = fdt;
	machine_main();
}

/* --- time */

uint64_t arch_ticks(void)
{
	uint64_t v;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(v) : : "memory");
	return v;
}

uint64_t arch_ticks_hz(void)
{
	return sysreg_read("cntfrq_el0");
}

/* An emulated host on a busy machine answers late. */
uint64_t arch_patience(void)
{
	return 60 * arch_ticks_hz();
}

void arch_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

void arch_mb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

void arch_rmb(void)
{
	__asm__ volatile("dmb oshld" : : : "memory");
}

/* --- other CPUs */

struct started {
	struct cpu cpu;
	void (*entry)(void *);
	void *arg;
	volatile bool alive;
	uint8_t trap_stack[TRAP_STACK] __attribute__((aligned(16)));
	uint8_t user_stack[USER_STACK] __attribute__((aligned(16)));
};

void cpu_main(void *arg)
{
	struct started *s = arg;

	s->alive = true;
	s->entry(s->arg);
	for (;;)
		cpu_wfi();
}

bool arch_cpu_start(unsigned cpu, void (*entry)(void *), void *arg)
{
	struct started *s = alloc(sizeof(*s), 64);
	uint64_t start = arch_ticks();

	s->cpu.trap_sp = (uintptr_t)s->trap_stack + TRAP_STACK;
	s->cpu.user_sp = (uintptr_t)s->user_stack + USER_STACK;
	s->cpu.entry = cpu_main;
	s->cpu.arg = s;
	s->cpu.index = cpu;
	s->entry = entry;
	s->arg = arg;
	arch_mb();
	if (psci(PSCI_CPU_ON, machine.cpu[cpu], (uintptr_t)cpu_start,
		 (uintptr_t)&s->cpu) != 0)
		return false;
	while (!s->alive && arch_ticks() - start < arch_patience())
		arch_relax();
	return s->alive;
}

/* --- what it is */

/* Implementer, part number and name. */
static const struct {
	uint16_t implementer, part;
	char name[14];
} cpu_names[] = {
	{ 0x41, 0xd03, "Cortex-A53" },	{ 0x41, 0xd07, "Cortex-A57" },
	{ 0x41, 0xd08, "Cortex-A72" },	{ 0x41, 0xd0b, "Cortex-A76" },
	{ 0x41, 0xd0c, "Neoverse N1" }, { 0x41, 0xd40, "Neoverse V1" },
	{ 0x41, 0xd49, "Neoverse N2" }, { 0x41, 0xd4f, "Neoverse V2" },
	{ 0x00, 0x051, "QEMU's max" },	{ 0xc0, 0xac3, "Ampere-1" },
};

static const char *cpu_name(uint64_t midr)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cpu_names); i++)
		if (cpu_names[i].implementer == (midr >> 24 & 0xff) &&
		    cpu_names[i].part == (midr >> 4 & 0xfff))
			return cpu_names[i].name;
	return "unknown";
}

static uint64_t el1_midr(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	return sysreg_read("midr_el1");
}

void arch_describe(char *cpu, size_t cpu_size, char *irq, size_t irq_size)
{
	uint64_t midr = el1_call(el1_midr, NULL);
	uint32_t version = psci(PSCI_VERSION, 0, 0, 0);

	snprintf(cpu, cpu_size,
		 "%s, implementer %x part %x r%up%u, PSCI %u.%u by %s",
		 cpu_name(midr), (unsigned)(midr >> 24 & 0xff),
		 (unsigned)(midr >> 4 & 0xfff), (unsigned)(midr >> 20 & 15),
		 (unsigned)(midr & 15), version >> 16, version & 0xffff,
		 psci_smc ? "smc" : "hvc");
	gic_describe(irq, irq_size);
}
