/* SPDX-License-Identifier: MIT */
/* What only arm64 guests use: EL1, system registers, PSCI. */
#ifndef GUEST_ARM64_H
#define GUEST_ARM64_H

#include <stdbool.h>
#include <stdint.h>

/* What a trap interrupted; start.S knows the layout. */
struct frame {
	uint64_t x[31];
	uint64_t pc, pstate, sp;
};

/* A CPU as it is started; start.S knows the layout. */
struct cpu {
	uint64_t trap_sp, user_sp;
	void (*entry)(void *arg);
	void *arg;
	uint64_t index; /* into machine.cpu */
};

#define PSTATE_I 0x80

/* A system register by its name; most are for EL1 only. */
#define sysreg_read(name)                                     \
	({                                                    \
		uint64_t v_;                                  \
		__asm__ volatile("mrs %0, " name : "=r"(v_)); \
		v_;                                           \
	})
#define sysreg_write(name, val)                    \
	__asm__ volatile("msr " name ", %0\n\tisb" \
			 :                         \
			 : "r"((uint64_t)(val))    \
			 : "memory")

/* Runs fn at EL1, interrupts masked.  frame is what it returns to. */
uint64_t el1_call(uint64_t (*fn)(void *arg, struct frame *frame), void *arg);
/* This CPU's index into machine.cpu. */
static inline unsigned cpu_index(void)
{
	return sysreg_read("tpidrro_el0");
}

/*
 * While on, an exception is noted, and what raised it skipped (a bad jump
 * returns to its caller); otherwise it ends the guest.
 */
struct caught {
	volatile bool on;
	volatile unsigned count;
	volatile uint64_t esr, far, pc;
	volatile bool el1; /* from there, not from EL0 */
};
extern struct caught caught;
#define ESR_CLASS(esr) ((esr) >> 26 & 63)

/* PSCI (DEN 0022), through the conduit that the tables name. */
#define PSCI_VERSION	0x84000000
#define PSCI_CPU_OFF	0x84000002
#define PSCI_CPU_ON	0xc4000003
#define PSCI_AFFINITY	0xc4000004
#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_RESET	0x84000009
#define PSCI_FEATURES	0x8400000a
#define PSCI_RESET2	0xc4000012
int64_t psci(uint32_t fn, uint64_t a, uint64_t b, uint64_t c);
extern bool psci_smc; /* by smc, not hvc */

/* The generic timer's interrupts as INTIDs; 0: the tables have none. */
struct timers {
	uint32_t physical, virtual;
};
extern struct timers timers;

/* Masks interrupts on this CPU, or takes them again. */
void cpu_irq(bool on);
/* Waits for an interrupt at EL1. */
void cpu_wfi(void);

#endif
