/* SPDX-License-Identifier: MIT */
/* Network back ends: what all kinds share, and the options. */
#include "hw/net/netdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct netdev *netdev_open(const struct netdev_config *c, struct err *err)
{
	return c->kind == NETDEV_TAP ? tap_open(c, err) : user_open(c, err);
}

void netdev_close(struct netdev *n)
{
	if (n)
		n->ops->close(n);
}

int netdev_attach(struct netdev *n, const struct netdev_client *client,
		  struct loop *const *loop, struct err *err)
{
	int ret;

	if (n->attached)
		return err_set(err, EBUSY, "%s already has a device", n->name);
	n->client = *client;
	ret = n->ops->attach(n, loop, err);
	n->attached = ret == 0;
	return ret;
}

void netdev_detach(struct netdev *n)
{
	if (n->attached)
		n->ops->detach(n);
	n->attached = false;
}

void netdev_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	n->ops->interest(n, q, rd, wr);
}

ssize_t netdev_recv(struct netdev *n, unsigned q, const struct iovec *iov,
		    unsigned niov)
{
	return n->ops->recv(n, q, iov, niov);
}

int netdev_send(struct netdev *n, unsigned q, const struct iovec *iov,
		unsigned niov)
{
	if (!netdev_link(n))
		return 0;
	return n->ops->send(n, q, iov, niov);
}

int netdev_set_offloads(struct netdev *n, unsigned offloads)
{
	return n->ops->set_offloads
		       ? n->ops->set_offloads(n, offloads & n->offloads)
		       : 0;
}

int netdev_set_queues(struct netdev *n, unsigned queues)
{
	if (!queues || queues > n->queues)
		return -EINVAL;
	return n->ops->set_queues ? n->ops->set_queues(n, queues) : 0;
}

void netdev_set_link(struct netdev *n, bool up)
{
	bool was = !__atomic_exchange_n(&n->down, !up, __ATOMIC_ACQ_REL);

	if (was != up && n->attached && n->client.link)
		n->client.link(n->client.opaque, up);
}

bool netdev_link(const struct netdev *n)
{
	return !__atomic_load_n(&n->down, __ATOMIC_ACQUIRE);
}

/* ---- options */

static const char *const netdev_kinds[] = { "user", "tap", NULL };

static int netdev_parse_hostfwd(void *base, const struct prop *p,
				const char *val, struct err *err)
{
	struct netdev_config *c = base;
	char **grown;

	if (!*val)
		return err_set(err, EINVAL, "%s must not be empty", p->name);
	grown = reallocarray(c->hostfwd, c->nhostfwd + 1, sizeof(*grown));
	if (!grown)
		return err_nomem(err, p->name);
	c->hostfwd = grown;
	grown[c->nhostfwd] = strdup(val);
	if (!grown[c->nhostfwd])
		return err_nomem(err, p->name);
	c->nhostfwd++;
	return 0;
}

/* "a,hostfwd=b": as it could stand behind "hostfwd=". */
static bool netdev_show_hostfwd(const void *base, const struct prop *p,
				char *buf, size_t len)
{
	const struct netdev_config *c = base;
	size_t used = 0;

	for (unsigned i = 0; i < c->nhostfwd && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s%s%s",
					 i ? "," : "", i ? p->name : "",
					 i ? "=" : "", c->hostfwd[i]);
	return c->nhostfwd != 0;
}

void netdev_config_free(struct netdev_config *c)
{
	prop_free(c, net_props);
	for (unsigned i = 0; i < c->nhostfwd; i++)
		free(c->hostfwd[i]);
	free(c->hostfwd);
	c->hostfwd = NULL;
	c->nhostfwd = 0;
}

#define NET_OFF(field) offsetof(struct netdev_config, field)

const struct prop net_props[] = {
	{ .name = "kind",
	  .kind = PROP_ENUM,
	  .off = NET_OFF(kind),
	  .choices = netdev_kinds,
	  .brief = "what it is connected to",
	  .detail = "user, the default, is a network inside vmm that reaches "
		    "out through the host's own connections and needs no "
		    "privilege.  tap is an interface of the host." },
	{ .name = "hostfwd",
	  .arg = "[tcp|udp]:[ADDR]:PORT-[ADDR]:PORT",
	  .kind = PROP_CUSTOM,
	  .parse = netdev_parse_hostfwd,
	  .show = netdev_show_hostfwd,
	  .many = true,
	  .brief = "user: forward a port of the host to one of the guest",
	  .detail = "May be given several times.  Without addresses the port "
		    "is forwarded from every interface of the host to the "
		    "address that the guest gets by DHCP." },
	{ .name = "net",
	  .arg = "ADDR/BITS",
	  .kind = PROP_STR,
	  .off = NET_OFF(net),
	  .brief = "user: the guest's network (default 10.0.2.0/24)",
	  .detail = "The guest gets the network's address 15 by DHCP." },
	{ .name = "host",
	  .arg = "ADDR",
	  .kind = PROP_STR,
	  .off = NET_OFF(host),
	  .brief = "user: the host as the guest sees it (default: address 2)" },
	{ .name = "dns",
	  .arg = "ADDR",
	  .kind = PROP_STR,
	  .off = NET_OFF(dns),
	  .brief = "user: the name server as the guest sees it (default: "
		   "address 3)" },
	{ .name = "restrict",
	  .kind = PROP_BOOL,
	  .off = NET_OFF(restricted),
	  .brief = "user: let nothing out but answers to hostfwd" },
	{ .name = "ifname",
	  .arg = "NAME",
	  .kind = PROP_STR,
	  .min = 1,
	  .max = 15,
	  .off = NET_OFF(ifname),
	  .brief = "tap: the interface, created if there is none" },
	{ .name = "bridge",
	  .arg = "NAME",
	  .kind = PROP_STR,
	  .min = 1,
	  .max = 15,
	  .off = NET_OFF(bridge),
	  .brief = "tap: add the interface to this bridge" },
	{ .name = "script",
	  .arg = "PATH",
	  .kind = PROP_STR,
	  .min = 1,
	  .off = NET_OFF(script),
	  .brief = "tap: run this with the interface's name once it is open" },
	{ .name = "queues",
	  .arg = "n",
	  .kind = PROP_UINT,
	  .min = 1,
	  .max = NETDEV_MAX_QUEUES,
	  .off = NET_OFF(queues),
	  .brief = "tap: pairs of queues (default 1)" },
	{ .name = "mtu",
	  .arg = "n",
	  .kind = PROP_UINT,
	  .min = 68,
	  .max = 65521,
	  .off = NET_OFF(mtu),
	  .brief = "largest packet of the guest's interface" },
	{ 0 },
};
