/* SPDX-License-Identifier: MIT */
/* A tap interface of the host as a network back end. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* After <net/if.h>, whose names they share. */
#include <linux/if_tun.h>
#include <linux/sockios.h>

#include "hw/core/device.h"
#include "hw/core/log.h"
#include "hw/net/netdev.h"

extern char **environ;

struct tap_queue {
	struct tap *tap;
	unsigned index;
	struct loop *loop;
	struct loop_fd fd;
	bool enabled; /* atomic: attached to the interface, not a spare */
};

/* Descriptors are constant; a queue's watch belongs to its loop. */
struct tap {
	struct netdev nd;
	char ifname[IFNAMSIZ];
	bool created; /* it vanishes with us */
	struct tap_queue queue[NETDEV_MAX_QUEUES];
};

static struct tap *tap_of(struct netdev *n)
{
	return container_of(n, struct tap, nd);
}

/* ---- traffic */

static void tap_ready(void *opaque, uint32_t events)
{
	struct tap_queue *q = opaque;
	const struct netdev_client *c = &q->tap->nd.client;

	/* A spare queue, and an interface that was deleted, report errors for
	 * ever. */
	if (events & EPOLLERR && !(events & EPOLLIN)) {
		loop_mod(&q->fd, 0);
		if (__atomic_load_n(&q->enabled, __ATOMIC_RELAXED))
			guest_error(q->tap->nd.name, "the interface is gone");
		return;
	}
	if (events & EPOLLIN)
		c->readable(c->opaque, q->index);
	if (events & EPOLLOUT)
		c->writable(c->opaque, q->index);
}

static void tap_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	loop_mod(&tap_of(n)->queue[q].fd,
		 (rd ? (uint32_t)EPOLLIN : 0) | (wr ? (uint32_t)EPOLLOUT : 0));
}

static ssize_t tap_recv(struct netdev *n, unsigned q, const struct iovec *iov,
			unsigned niov)
{
	ssize_t k = readv(tap_of(n)->queue[q].fd.fd, iov, (int)niov);

	return k < 0 ? -errno : k;
}

static int tap_send(struct netdev *n, unsigned q, const struct iovec *iov,
		    unsigned niov)
{
	/*
	 * The kernel reads the guest's header once and checks it; a bad one,
	 * a short or an overlong frame is EINVAL, an interface that is down
	 * EIO: the frame is lost, as on a wire.
	 */
	if (writev(tap_of(n)->queue[q].fd.fd, iov, (int)niov) < 0 &&
	    (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	return 0;
}

static int tap_set_offloads(struct netdev *n, unsigned offloads)
{
	unsigned long flags = offloads;

	if (ioctl(tap_of(n)->queue[0].fd.fd, TUNSETOFFLOAD, flags) < 0)
		return -errno;
	return 0;
}

static int tap_set_queues(struct netdev *n, unsigned queues)
{
	struct tap *t = tap_of(n);
	struct ifreq ifr = { 0 };
	int ret = 0;

	/* The kernel spreads flows over all attached queues. */
	for (unsigned i = 0; i < n->queues && n->queues > 1; i++) {
		struct tap_queue *q = &t->queue[i];

		if (q->enabled == (i < queues))
			continue;
		ifr.ifr_flags = i < queues ? IFF_ATTACH_QUEUE
					   : IFF_DETACH_QUEUE;
		/* Never on while detached: then an error is to be expected. */
		if (i >= queues)
			__atomic_store_n(&q->enabled, false, __ATOMIC_RELAXED);
		if (ioctl(q->fd.fd, TUNSETQUEUE, &ifr) < 0)
			ret = -errno;
		else if (i < queues)
			__atomic_store_n(&q->enabled, true, __ATOMIC_RELAXED);
	}
	return ret;
}

static int tap_attach(struct netdev *n, struct loop *const *loop,
		      struct err *err)
{
	struct tap *t = tap_of(n);

	for (unsigned i = 0; i < n->queues; i++) {
		struct tap_queue *q = &t->queue[i];

		q->loop = loop[i];
		q->fd.events = 0;
		/* Muted, so that it touches nothing of the loop's thread. */
		if (loop_add(loop[i], &q->fd, err) < 0)
			return -err->code;
	}
	return 0;
}

static void tap_unwatch(void *arg)
{
	struct tap_queue *q = arg;

	loop_del(&q->fd);
}

static void tap_detach(struct netdev *n)
{
	struct tap *t = tap_of(n);

	for (unsigned i = 0; i < n->queues; i++)
		loop_call(t->queue[i].loop, tap_unwatch, &t->queue[i]);
}

static void tap_close(struct netdev *n)
{
	struct tap *t = tap_of(n);

	for (unsigned i = 0; i < NETDEV_MAX_QUEUES; i++)
		if (t->queue[i].fd.fd >= 0)
			close(t->queue[i].fd.fd);
	free(t);
}

static const struct netdev_ops tap_ops = {
	.attach = tap_attach,
	.detach = tap_detach,
	.interest = tap_interest,
	.recv = tap_recv,
	.send = tap_send,
	.set_offloads = tap_set_offloads,
	.set_queues = tap_set_queues,
	.close = tap_close,
};

/* ---- opening */

static int tap_fail(const struct tap *t, const char *what, struct err *err)
{
	int e = errno;

	err_set(err, e, "cannot %s '%s': %s", what, t->ifname, strerror(e));
	if (e == EPERM || e == EACCES)
		err_hint(err,
			 "have root run 'ip tuntap add dev %s mode tap user "
			 "$USER', or use --net user",
			 t->ifname[0] && !strchr(t->ifname, '%') ? t->ifname
								 : "tap0");
	if (e == EBUSY)
		err_hint(err, "another program uses it: name another one");
	if (e == EINVAL)
		err_hint(err, "'ip tuntap' lists those that are tap "
			      "interfaces: name another one");
	return -e;
}

static int tap_open_node(struct err *err)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	err_set(err, errno, "cannot open '/dev/net/tun': %s", strerror(errno));
	if (err->code == ENOENT || err->code == ENODEV)
		err_hint(err, "load the module: modprobe tun");
	else
		err_hint(err, "use --net user, which needs no privilege");
	return -err->code;
}

/* One descriptor of the interface; *flags is corrected to what it takes. */
static int tap_open_queue(struct tap *t, unsigned i, short *flags,
			  struct err *err)
{
	struct ifreq ifr = { 0 };
	int fd = tap_open_node(err);
	int hdr = NETDEV_HDR, one = 1;

	if (fd < 0)
		return fd;
	t->queue[i].fd.fd = fd;
	memcpy(ifr.ifr_name, t->ifname, IFNAMSIZ);
	ifr.ifr_flags = *flags;
	if (ioctl(fd, TUNSETIFF, &ifr) < 0) {
		/* An existing one has many queues or it has not. */
		if (errno != EINVAL || i || *flags & IFF_MULTI_QUEUE)
			return tap_fail(t, "open tap interface", err);
		*flags |= IFF_MULTI_QUEUE;
		ifr.ifr_flags = *flags;
		if (ioctl(fd, TUNSETIFF, &ifr) < 0)
			return tap_fail(t, "open tap interface", err);
	}
	memcpy(t->ifname, ifr.ifr_name, IFNAMSIZ);
	if (ioctl(fd, TUNSETVNETHDRSZ, &hdr) < 0)
		return tap_fail(t, "set up tap interface", err);
	/* The header is little-endian; older kernels know no other. */
	(void)ioctl(fd, TUNSETVNETLE, &one);
	return 0;
}

static void tap_probe_offloads(struct tap *t)
{
	static const unsigned sets[] = {
		NETDEV_CSUM | NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_ECN |
			NETDEV_UFO,
		NETDEV_CSUM | NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_ECN,
		NETDEV_CSUM,
	};

	for (unsigned i = 0; i < 3 && !t->nd.offloads; i++)
		if (tap_set_offloads(&t->nd, sets[i]) == 0)
			t->nd.offloads = sets[i];
	tap_set_offloads(&t->nd, 0); /* until the guest asks for them */
}

/* ---- the interface's own settings */

static int tap_set_up(struct tap *t, int sock, struct err *err)
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, t->ifname, IFNAMSIZ);
	if (ioctl(sock, SIOCGIFFLAGS, &ifr) < 0)
		return tap_fail(t, "look at tap interface", err);
	if (ifr.ifr_flags & IFF_UP)
		return 0;
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(sock, SIOCSIFFLAGS, &ifr) == 0)
		return 0;
	if (errno != EPERM)
		return tap_fail(t, "bring up tap interface", err);
	log_warn("%s is down, and only root can change that", t->nd.name);
	return 0;
}

static int tap_add_to_bridge(struct tap *t, int sock, const char *bridge,
			     struct err *err)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", bridge);
	ifr.ifr_ifindex = (int)if_nametoindex(t->ifname);
	if (ioctl(sock, SIOCBRADDIF, &ifr) == 0)
		return 0;
	if (errno == EBUSY && !t->created)
		return 0; /* it is in a bridge, as its owner put it */
	err_set(err, errno, "cannot add '%s' to bridge '%s': %s", t->ifname,
		bridge, strerror(errno));
	if (err->code == EPERM)
		err_hint(err,
			 "have root create the interface and run 'ip link set "
			 "%s master %s'",
			 t->ifname, bridge);
	if (err->code == ENODEV)
		err_hint(err, "create it: ip link add %s type bridge", bridge);
	return -err->code;
}

static void tap_mtu(struct tap *t, int sock, const struct netdev_config *c)
{
	struct ifreq ifr = { 0 };

	t->nd.mtu = (unsigned)c->mtu;
	memcpy(ifr.ifr_name, t->ifname, IFNAMSIZ);
	if (!c->mtu) {
		/* Worth telling the guest only if it is not the usual. */
		if (ioctl(sock, SIOCGIFMTU, &ifr) == 0 && ifr.ifr_mtu != 1500)
			t->nd.mtu = (unsigned)ifr.ifr_mtu;
		return;
	}
	ifr.ifr_mtu = (int)c->mtu;
	if (ioctl(sock, SIOCSIFMTU, &ifr) < 0)
		log_warn("%s: cannot set its MTU to %u: %s", t->nd.name,
			 t->nd.mtu, strerror(errno));
}

static int tap_run_script(struct tap *t, char *script, struct err *err)
{
	char *argv[] = { script, t->ifname, NULL };
	int status = 0, ret;
	pid_t pid;

	ret = posix_spawn(&pid, script, NULL, NULL, argv, environ);
	if (ret)
		return err_set(err, ret, "cannot run '%s': %s", script,
			       strerror(ret));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return 0;
	return err_set(err, EIO, "'%s %s' failed with %s %d", script, t->ifname,
		       WIFEXITED(status) ? "status" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status)
					 : WTERMSIG(status));
}

static int tap_set_up_all(struct tap *t, const struct netdev_config *c,
			  struct err *err)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = 0;

	if (sock < 0)
		return err_set(err, errno, "cannot make a socket: %s",
			       strerror(errno));
	tap_mtu(t, sock, c);
	if (c->bridge)
		ret = tap_add_to_bridge(t, sock, c->bridge, err);
	if (ret == 0)
		ret = tap_set_up(t, sock, err);
	close(sock);
	if (ret == 0 && c->script)
		ret = tap_run_script(t, c->script, err);
	return ret;
}

struct netdev *tap_open(const struct netdev_config *c, struct err *err)
{
	short flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	struct tap *t = calloc(1, sizeof(*t));
	int ret = 0;

	if (!t) {
		err_nomem(err, "a tap interface");
		return NULL;
	}
	t->nd.ops = &tap_ops;
	t->nd.queues = c->queues ? (unsigned)c->queues : 1;
	snprintf(t->ifname, IFNAMSIZ, "%s", c->ifname ? c->ifname : "vmtap%d");
	t->created = !c->ifname || !if_nametoindex(c->ifname);
	if (t->nd.queues > 1)
		flags |= IFF_MULTI_QUEUE;
	for (unsigned i = 0; i < NETDEV_MAX_QUEUES; i++) {
		t->queue[i] = (struct tap_queue){ .tap = t, .index = i };
		t->queue[i].enabled = true;
		t->queue[i].fd.fd = -1;
		t->queue[i].fd.ready = tap_ready;
		t->queue[i].fd.opaque = &t->queue[i];
	}
	for (unsigned i = 0; i < t->nd.queues && ret == 0; i++)
		ret = tap_open_queue(t, i, &flags, err);
	if (ret == 0) {
		snprintf(t->nd.name, sizeof(t->nd.name), "tap %s", t->ifname);
		tap_probe_offloads(t);
		ret = tap_set_up_all(t, c, err);
	}
	if (ret == 0)
		return &t->nd;
	tap_close(&t->nd);
	return NULL;
}
