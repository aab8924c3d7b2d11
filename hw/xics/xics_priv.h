/* SPDX-License-Identifier: MIT */
/* The inside of XICS, shared by its files.  Everything under dev.lock. */
#ifndef HW_XICS_XICS_PRIV_H
#define HW_XICS_XICS_PRIV_H

#include "hw/core/msi_fds.h"
#include "hw/xics/xics.h"

#define XISR_MASK 0xffffffu
#define CPPR_IDLE 0xff

/* A source: where it goes, and whether it has something to say. */
struct xics_source {
	uint32_t server;
	uint8_t priority;
	uint8_t saved; /* what enable() gives back */
	bool level;    /* kept over a reset, like line */
	bool line;     /* the input, as its device drives it */
	bool latch;    /* a message that no server has yet */
	bool sent;     /* a level that a server has, until its EOI */
};

/* A presentation controller. */
struct xics_server {
	uint8_t cppr, mfrr;
	uint8_t pending; /* priority of what is in xisr */
	uint32_t xisr;	 /* 0: nothing */
	bool out;	 /* the CPU's input, as last told */
	uint64_t *ready; /* its sources that wait, a bit each */
};

struct xics {
	struct device dev; /* dev.lock is the chip's */
	struct irqchip chip;
	struct ics ics;
	struct xics_config cfg; /* constant from setup */
	unsigned ncpus, words;	/* constant from realize */
	struct xics_server *server;
	struct xics_source *source;
	uint64_t *ready; /* the servers' bits */
	struct msi_fds fds;
};

/* The source of that number, or NULL. */
struct xics_source *xics_source(struct xics *s, uint32_t nr);

/* ics.c: the source waits from now on, or not; its server is told. */
void xics_refresh(struct xics *s, uint32_t nr);
/* A server takes a waiting source, gives it back, or is done with it. */
void xics_taken(struct xics *s, uint32_t nr);
void xics_given_back(struct xics *s, uint32_t nr);
void xics_ended(struct xics *s, uint32_t nr);
extern const struct irqchip_ops xics_chip_ops;
extern const struct ics_ops xics_ics_ops;
int xics_sources_init(struct xics *s, struct err *err);
void xics_sources_reset(struct xics *s);

/* icp.c: presents the best that a server has, if it is better. */
void xics_present(struct xics *s, unsigned server);

#endif
