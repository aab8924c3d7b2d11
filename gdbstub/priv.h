/* SPDX-License-Identifier: MIT */
/* What the files of gdbstub/ share.  All of it belongs to the stub's thread. */
#ifndef GDBSTUB_PRIV_H
#define GDBSTUB_PRIV_H

#include "gdbstub/gdbstub.h"
#include "gdbstub/packet.h"
#include "hw/core/loop.h"

/* Kinds of breakpoints, as in Z0 to Z4. */
enum break_kind { BREAK_SW, BREAK_HW, BREAK_WRITE, BREAK_READ, BREAK_ACCESS };

struct breakpoint {
	enum break_kind kind;
	uint64_t addr; /* virtual */
	uint64_t len;  /* watched bytes; BREAK_SW, BREAK_HW: gdb's kind */
	unsigned cpu;  /* the vCPU whose address it is */
	bool step;     /* the end of a step that the accelerator cannot do */
	bool fault;    /* ... in an interrupt; it may be left out */
	bool real;     /* the address is a physical one */
	int slot;      /* of vcpu_debug while planted there, or -1 */
	/* BREAK_SW while planted in memory: */
	uint8_t *host; /* NULL: it is not; a debug register may stand in */
	unsigned size;
	uint8_t insn[8], was[8];
};

#define BREAKS_MAX 4096

/* What gdb wants of a vCPU. */
enum run_action { RUN_HOLD, RUN_GO, RUN_STEP };

struct stub_cpu {
	uint8_t *regs; /* target->regs_size bytes */
	bool fetched;
	enum run_action action;
	bool pending;			 /* its stop is yet to be told */
	uint64_t range_start, range_end; /* RUN_STEP inside of it; or 0, 0 */
	bool passes; /* what is planted for another address; see breaks_alone()
		      */
};

enum stub_state {
	STUB_RUNNING,
	STUB_STOPPING, /* asked to park; not all have */
	STUB_STOPPED,
};

struct gdbstub {
	struct gdbstub_machine m;
	struct iothread thread;
	struct debug_caps caps;

	/* server.c */
	char *path; /* of a unix socket, to unlink */
	struct loop_fd listener, rx, tx, event; /* fd -1: none */
	struct packet_in in;
	struct packet_out wire; /* not sent yet: from sent on */
	size_t sent;

	/* session.c */
	bool noack, knows_swbreak, knows_hwbreak, knows_errors;
	bool physical;		/* memory by physical addresses */
	bool step_irqs;		/* steps may enter interrupt handlers */
	bool awaits_reset;	/* "monitor reset" is yet to be answered */
	struct packet_out out;	/* the reply that is being made */
	struct packet_out xfer; /* the object that gdb reads piece by piece */

	/* run.c */
	enum stub_state state;
	bool owes_reply;  /* gdb waits to hear of a stop */
	bool interrupted; /* it is to be one by SIGINT */
	bool leaving;	  /* when all have parked, the connection is over */
	bool clock_still; /* the guest's clocks */
	unsigned current; /* the vCPU of registers and memory */
	struct stub_cpu *cpu;
	struct vcpus_debugger debugger;

	/* breaks.c */
	struct breakpoint *breaks;
	unsigned nbreaks, breaks_cap;
	bool unmaskable; /* the instruction that a planned step is over */
};

/* ---- server.c */

/* Sends s->out as a packet and empties it. */
void server_send(struct gdbstub *s);
/* Ends the connection: no breakpoint is left and the machine runs on. */
void server_drop(struct gdbstub *s);

/* ---- session.c */

void session_begin(struct gdbstub *s);
/* One packet's content. */
void session_packet(struct gdbstub *s, const uint8_t *data, size_t len);
/* The machine was reset: gdb hears of it if it asked for that. */
void session_was_reset(struct gdbstub *s);
/* An error reply, in words where gdb understands them. */
void session_error(struct gdbstub *s, int code, const char *fmt, ...)
	PRINTF(3, 4);

/* ---- run.c */

int run_init(struct gdbstub *s, bool wait, struct err *err) MUST_CHECK;
void run_free(struct gdbstub *s);
/* A connection begins: the machine stops; and ends: it goes on. */
void run_attach(struct gdbstub *s);
void run_detach(struct gdbstub *s);
void run_interrupt(struct gdbstub *s);
/* The vCPUs or their debugger's callbacks have news. */
void run_event(struct gdbstub *s);
/* Lets the vCPUs go as their actions say. */
void run_resume(struct gdbstub *s);
/* The answer to '?': why the current vCPU stopped. */
void run_reason(struct gdbstub *s);
void run_vcont(struct gdbstub *s, const char *args);

/* ---- regs.c */

/* The registers of a vCPU, or NULL where they cannot be had. */
void *regs_get(struct gdbstub *s, unsigned cpu);
/* Forgets what was read of all: they run, or something changed them. */
void regs_forget(struct gdbstub *s);
void regs_read_all(struct gdbstub *s);
/* Writing takes effect at once; false where the vCPU does not take it. */
bool regs_write_all(struct gdbstub *s, const char *hex);
bool regs_read(struct gdbstub *s, uint64_t number);
bool regs_write(struct gdbstub *s, uint64_t number, const char *hex);
/* The target description, of what the current vCPU has. */
void regs_describe(struct gdbstub *s, struct packet_out *xml);

/* ---- memory.c */

/* Bytes read: as many as are mapped from addr on, up to len. */
size_t memory_read(struct gdbstub *s, uint64_t addr, void *buf, size_t len);
/* All or nothing: 0, -EFAULT (not mapped), -EROFS (ROM, flash). */
int memory_write(struct gdbstub *s, uint64_t addr, const void *buf, size_t len);
/*
 * The host's pointer to bytes that lie in one page and that the guest itself
 * could write to; NULL with -EFAULT or -EROFS in *why.
 */
uint8_t *memory_host_rw(struct gdbstub *s, uint64_t addr, size_t len, int *why);
/*
 * What the guest wrote there is what the host reads from now on; and bytes for
 * it, data or code.  host as of memory_host_rw().
 */
void memory_sync(struct gdbstub *s, const uint8_t *host, size_t len);
void memory_put(struct gdbstub *s, uint8_t *host, const void *bytes,
		size_t len);
/* gdb's CRC-32 of guest memory; false where it cannot be read. */
bool memory_crc(struct gdbstub *s, uint64_t addr, uint64_t len, uint32_t *crc);
/* 1: found, at *at; 0: not; -1: memory cannot be read. */
int memory_search(struct gdbstub *s, uint64_t addr, uint64_t len,
		  const uint8_t *what, size_t n, uint64_t *at);
void memory_map(struct gdbstub *s, struct packet_out *xml);

/* ---- breaks.c */

/* 0, or -ENOSPC, -EINVAL, -ENOTSUP, -ENOMEM. */
int breaks_insert(struct gdbstub *s, enum break_kind kind, uint64_t addr,
		  uint64_t len);
void breaks_remove(struct gdbstub *s, enum break_kind kind, uint64_t addr,
		   uint64_t len);
void breaks_clear(struct gdbstub *s);
/*
 * Into memory and debug registers, and each vCPU's step; out of them.  False
 * where a step was asked for that cannot be done here.
 */
bool breaks_plant(struct gdbstub *s);
void breaks_unplant(struct gdbstub *s);
/*
 * A vCPU that has to run alone, or -1: one that passes, for what it passes is
 * out of memory meanwhile; or one whose step is done by breakpoints at its
 * ends, for others would meet them.
 */
int breaks_alone(struct gdbstub *s);
/*
 * Whether a vCPU that stopped at pc has met what is planted for an address that
 * is not its own: another one of the same memory.
 */
bool breaks_shared(struct gdbstub *s, unsigned cpu, uint64_t pc);
/* Memory was loaded anew: what was planted is no longer there. */
void breaks_lost(struct gdbstub *s);
/* The one that a stop is for, or NULL. */
const struct breakpoint *breaks_find(const struct gdbstub *s,
				     const struct vcpu_stop *stop);

/* ---- monitor.c */

void monitor_run(struct gdbstub *s, const char *line, struct packet_out *text);

#endif
