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

const char *const netdev_kinds[] = { "user", "tap", NULL };

int netdev_hostfwd_parse(void *base, const struct prop *p, const char *val,
			 struct err *err)
{
	struct netdev_config *c = (void *)((char *)base + p->off);
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
bool netdev_hostfwd_show(const void *base, const struct prop *p, char *buf,
			 size_t len)
{
	const struct netdev_config *c =
		(const void *)((const char *)base + p->off);
	size_t used = 0;

	for (unsigned i = 0; i < c->nhostfwd && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s%s%s",
					 i ? "," : "", i ? p->name : "",
					 i ? "=" : "", c->hostfwd[i]);
	return c->nhostfwd != 0;
}

void netdev_hostfwd_release(void *base, const struct prop *p)
{
	struct netdev_config *c = (void *)((char *)base + p->off);

	for (unsigned i = 0; i < c->nhostfwd; i++)
		free(c->hostfwd[i]);
	free(c->hostfwd);
	c->hostfwd = NULL;
	c->nhostfwd = 0;
}

void netdev_config_free(struct netdev_config *c)
{
	prop_free(c, net_props);
}

const struct prop net_props[] = { NETDEV_PROPS(0), { 0 } };
