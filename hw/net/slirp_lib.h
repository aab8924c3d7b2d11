/* SPDX-License-Identifier: MIT */
/* libslirp's functions, found when they are first needed. */
#ifndef HW_NET_SLIRP_LIB_H
#define HW_NET_SLIRP_LIB_H

#include <slirp/libslirp.h>

#include "hw/core/err.h"

/*
 * Linking libslirp brings in glib and costs every start of vmm three
 * milliseconds, whether it has a network or not: a dynamic build opens the
 * library at first use instead.  A static build links it.
 */
struct slirp_lib {
	Slirp *(*new)(const SlirpConfig *cfg, const SlirpCb *cb, void *opaque);
	void (*cleanup)(Slirp *s);
	void (*pollfds_fill)(Slirp *s, uint32_t *timeout, SlirpAddPollCb add,
			     void *opaque);
	void (*pollfds_poll)(Slirp *s, int select_error,
			     SlirpGetREventsCb revents, void *opaque);
	void (*input)(Slirp *s, const uint8_t *pkt, int len);
	int (*add_hostfwd)(Slirp *s, int is_udp, struct in_addr host_addr,
			   int host_port, struct in_addr guest_addr,
			   int guest_port);
};

/* NULL, with a message, where there is none.  Main thread. */
const struct slirp_lib *slirp_lib_get(struct err *err);

#endif
