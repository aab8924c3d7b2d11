/* SPDX-License-Identifier: MIT */
/* A machine of toy CPUs under the debugger, and a client to talk to it. */
#ifndef TESTS_GDBSTUB_RIG_H
#define TESTS_GDBSTUB_RIG_H

#include <stdatomic.h>

#include "cpu/x86_64/debug.h"
#include "cpu/x86_64/regs.h"
#include "gdbstub/gdbstub.h"
#include "gdbstub/packet.h"
#include "tests/test.h"

#define TOY_CHIP 2 /* registers of the interrupt controller */
#define TOY_CPUS 4

/*
 * The toy's instructions, at x86's registers and INT3: each CPU loops over a
 * page of them at TOY_CODE + index * 0x1000, and counts in r15.
 */
enum {
	TOY_NOP = 0x90,
	TOY_STORE = 0xaa, /* the byte in al to [rdi] */
	TOY_LOOP = 0xeb,  /* back to the page's first byte */
	TOY_INT3 = 0xcc,  /* the guest's own: counted in r14 */
	TOY_CRASH = 0x0f,
};
#define TOY_BAD_CR0 0x80000000u /* a value that it does not take */
#define TOY_RAM	    (1u << 20)
#define TOY_CODE    0x10000u
#define TOY_DATA    0x20000u
#define TOY_ROM	    0x200000u /* a page of NOPs */

struct toy {
	struct vcpu_debug debug;
	struct x86_debug_regs hw; /* while debug has slots */
	struct x86_regs regs;	  /* r13: its own debug exceptions */
	unsigned nmis;
	bool off;     /* the guest has not started it; it runs all the same */
	bool resumed; /* nothing was executed since: breakpoints do not hit */
	atomic_int kicked;
};

struct stub_rig {
	struct mem mem;
	struct board board;
	struct board_cpu ids[TOY_CPUS];
	struct bus mmio, pio;
	struct accel_vm vm;
	struct target target;
	struct vcpus cpus;
	struct gdbstub *stub;
	char folder[32], path[64];
	int fd; /* the client's, or -1 */
	struct packet_in in;
	uint64_t chip[TOY_CHIP];
	bool chip_forgets; /* its first register, when it is restored */
	bool no_sw_break, no_watches;
	bool clock_still;
	unsigned clock_stops;
	uint64_t kaslr_text; /* see gdbstub_machine */
	bool no_step;	     /* steps are planned by target->steps() */
	bool no_plan;	     /* ... which the target has not */
	bool loop_escapes;   /* steps do not end behind TOY_LOOP */
	bool loop_faults;    /* TOY_LOOP is an interrupt, as steps know it */
	/*
	 * All begin to run at once, and none parks before it has stopped for a
	 * reason of its own: what one hits, the others hit as well.
	 */
	bool together;
	/*
	 * The toys go to memory itself, past the host's cache, in which what
	 * the stub writes and has read stays until it is synced.
	 */
	bool uncached;
	atomic_uint entered;
	atomic_int off, reset, crashes, status;
};

/* wait: as --wait-gdb.  The client is connected, without acknowledgements. */
void stub_rig_init(struct stub_rig *r, unsigned ncpus, bool wait);
void stub_rig_destroy(struct stub_rig *r);
void stub_rig_connect(struct stub_rig *r);
void stub_rig_hang_up(struct stub_rig *r);
struct toy *stub_rig_toy(struct stub_rig *r, unsigned cpu);

/* Sends a packet; sends bytes as they are. */
void stub_send(struct stub_rig *r, const char *content);
void stub_send_raw(struct stub_rig *r, const void *bytes, size_t n);
/* The next packet's content, valid until the next one; NULL: it ended. */
const char *stub_recv(struct stub_rig *r);
/* The answer to a packet. */
const char *stub_ask(struct stub_rig *r, const char *content);

#define ASK(r, content, answer) CHECK_STR(stub_ask(r, content), answer)

#endif
