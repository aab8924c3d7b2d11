/* SPDX-License-Identifier: MIT */
/* The Ethernet address of a network device: a property, or derived. */
#include "hw/net/mac.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int net_mac_parse(void *base, const struct prop *p, const char *val,
		  struct err *err)
{
	struct net_mac *mac = (struct net_mac *)((char *)base + p->off);
	unsigned m[6];
	int end = 0;

	if (sscanf(val, "%2x:%2x:%2x:%2x:%2x:%2x%n", &m[0], &m[1], &m[2], &m[3],
		   &m[4], &m[5], &end) != 6 ||
	    end != 17 || val[end]) {
		err_set(err, EINVAL, "%s must be six bytes, not '%.160s'",
			p->name, val);
		err_hint(err, "write it as 52:54:00:12:34:56");
		return -EINVAL;
	}
	if (m[0] & 1)
		return err_set(err, EINVAL,
			       "%s '%s' is a group address, not a device's",
			       p->name, val);
	for (int i = 0; i < 6; i++)
		mac->addr[i] = (uint8_t)m[i];
	mac->set = true;
	return 0;
}

bool net_mac_show(const void *base, const struct prop *p, char *buf, size_t len)
{
	const struct net_mac *mac =
		(const struct net_mac *)((const char *)base + p->off);
	const uint8_t *m = mac->addr;

	if (mac->set)
		snprintf(buf, len, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
			 m[2], m[3], m[4], m[5]);
	return mac->set;
}

static uint64_t mac_hash(uint64_t h, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) /* FNV-1a */
		h = (h ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
	return h;
}

void net_mac_derive(struct net_mac *m, const char *netdev, const char *device)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	FILE *f;
	char id[64];

	if (m->set)
		return;
	f = fopen("/etc/machine-id", "re");
	if (f) {
		h = mac_hash(h, id, fread(id, 1, sizeof(id), f));
		fclose(f);
	}
	h = mac_hash(h, netdev, strlen(netdev));
	h = mac_hash(h, device, strlen(device));
	m->addr[0] = 0x52;
	m->addr[1] = 0x54;
	m->addr[2] = 0x00;
	m->addr[3] = (uint8_t)(h >> 40);
	m->addr[4] = (uint8_t)(h >> 24);
	m->addr[5] = (uint8_t)(h >> 8);
}
