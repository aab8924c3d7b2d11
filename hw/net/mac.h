/* SPDX-License-Identifier: MIT */
/* The Ethernet address of a network device: a property, or derived. */
#ifndef HW_NET_MAC_H
#define HW_NET_MAC_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/prop.h"

struct net_mac {
	bool set; /* by the property */
	uint8_t addr[6];
};

/* The entry "mac" of the table of a structure that holds one at that offset. */
#define MAC_PROP(at)                                                       \
	{                                                                  \
		.name = "mac", .arg = "ADDR", .kind = PROP_CUSTOM,         \
		.off = (at), .parse = net_mac_parse, .show = net_mac_show, \
		.brief = "the device's address (default: derived, and "    \
			 "stable)"                                         \
	}

int net_mac_parse(void *base, const struct prop *p, const char *val,
		  struct err *err);
bool net_mac_show(const void *base, const struct prop *p, char *buf,
		  size_t len);

/*
 * Unless it is set: an address that stays from one start to the next, and
 * differs between the devices of one VM, the interfaces of one host, and hosts.
 */
void net_mac_derive(struct net_mac *m, const char *netdev, const char *device);

#endif
