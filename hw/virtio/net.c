/* SPDX-License-Identifier: MIT */
/* The virtio network device [5.1], over a back end of hw/net. */
#include "hw/virtio/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/virtio/queue.h"

/* Feature bits [5.1.3]. */
enum {
	NET_F_CSUM = 0,
	NET_F_GUEST_CSUM = 1,
	NET_F_CTRL_GUEST_OFFLOADS = 2,
	NET_F_MTU = 3,
	NET_F_MAC = 5,
	NET_F_GUEST_TSO4 = 7,
	NET_F_GUEST_TSO6 = 8,
	NET_F_GUEST_ECN = 9,
	NET_F_GUEST_UFO = 10,
	NET_F_HOST_TSO4 = 11,
	NET_F_HOST_TSO6 = 12,
	NET_F_HOST_ECN = 13,
	NET_F_HOST_UFO = 14,
	NET_F_MRG_RXBUF = 15,
	NET_F_STATUS = 16,
	NET_F_CTRL_VQ = 17,
	NET_F_CTRL_RX = 18,
	NET_F_CTRL_RX_EXTRA = 20,
	NET_F_MQ = 22,
	NET_F_CTRL_MAC_ADDR = 23,
};

/* The configuration space [5.1.4]. */
enum {
	CFG_MAC = 0,
	CFG_STATUS = 6,
	CFG_PAIRS = 8,
	CFG_MTU = 10,
	CFG_SIZE = 12
};
#define STATUS_LINK_UP 1

#define HDR_NUM_BUFFERS 10 /* offset of that field of the header [5.1.6] */

/* Commands on the control queue [5.1.6.5]: class, command, data; an answer. */
enum { CTRL_RX = 0, CTRL_MAC = 1, CTRL_MQ = 4, CTRL_OFFLOADS = 5 };
enum { CTRL_RX_LAST = 5, CTRL_MAC_TABLE = 0, CTRL_MAC_ADDR = 1 };
enum { CTRL_OK = 0, CTRL_ERR = 1 };

#define NET_QUEUE    256 /* entries */
#define NET_CTRL     64
#define NET_RX_SEGS  2
#define NET_TX_SEGS  20	 /* what Linux makes of a frame with all its pages */
#define NET_RX_BURST 256 /* frames before others on the loop get a turn */
/* How long a driver that is about to refill may take. */
#define NET_RX_PATIENCE_NS 1000000u

/* Which feature stands for which offload, towards the guest and from it. */
static const struct {
	unsigned offload, guest, host;
} net_offloads[] = {
	{ NETDEV_CSUM, NET_F_GUEST_CSUM, NET_F_CSUM },
	{ NETDEV_TSO4, NET_F_GUEST_TSO4, NET_F_HOST_TSO4 },
	{ NETDEV_TSO6, NET_F_GUEST_TSO6, NET_F_HOST_TSO6 },
	{ NETDEV_ECN, NET_F_GUEST_ECN, NET_F_HOST_ECN },
	{ NETDEV_UFO, NET_F_GUEST_UFO, NET_F_HOST_UFO },
};
#define NET_NOFFLOADS (sizeof(net_offloads) / sizeof(net_offloads[0]))

static struct virtio_net *net_of(struct virtio_device *v)
{
	return container_of(v, struct virtio_net, vdev);
}

/* ---- which queue is what [5.1.2]: the control queue's place depends */

static bool net_is_ctrl(const struct virtq *q)
{
	const struct virtio_net *n = net_of(q->vdev);

	return q->index == (virtio_has(&n->vdev, NET_F_MQ) ? 2 * n->npairs : 2);
}

static struct vnet_pair *net_pair(struct virtq *q)
{
	return &net_of(q->vdev)->pair[q->index / 2];
}

static bool net_is_rx(const struct virtq *q)
{
	return q->index % 2 == 0;
}

static struct virtq *net_rxq(struct vnet_pair *p)
{
	return p->net->vdev.queue[2 * p->index];
}

static struct virtq *net_txq(struct vnet_pair *p)
{
	return p->net->vdev.queue[2 * p->index + 1];
}

static void net_interest(struct vnet_pair *p, bool rd, bool wr)
{
	p->want_rd = rd;
	p->want_wr = wr;
	netdev_interest(p->net->nd, p->index, rd, wr);
}

/* ---- receiving */

/* The most that one frame may need of the pool. */
static size_t net_rx_need(const struct virtio_net *n)
{
	uint32_t off = __atomic_load_n(&n->offloads, __ATOMIC_RELAXED);

	if (off & (NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_UFO))
		return NETDEV_MAX_FRAME;
	/* an Ethernet header with a VLAN tag */
	return NETDEV_HDR + 18 + (n->nd->mtu > 1500 ? n->nd->mtu : 1500);
}

/* Takes buffers until a frame fits; false when the driver has too few. */
static bool net_rx_fill(struct vnet_pair *p)
{
	struct virtq *q = net_rxq(p);
	bool mergeable = virtio_has(&p->net->vdev, NET_F_MRG_RXBUF);
	unsigned limit = mergeable ? VNET_POOL : 1;
	size_t need = net_rx_need(p->net);
	struct virtq_elem *e;

	while (p->npool < limit && p->capacity < need) {
		e = virtq_pop(q);
		if (!e)
			return false;
		if (e->wr_len < NETDEV_HDR) {
			virtq_broken(q, "a receive buffer of %u bytes",
				     e->wr_len);
			p->rx_on = false;
			return false;
		}
		p->pool[p->npool++] = e;
		p->capacity += e->wr_len;
		p->making_do = false;
	}
	return true;
}

/*
 * The driver has given all that it has.  When it had more the last time it
 * ran short, wait until it refills: a large frame would be lost.  Otherwise
 * use what there is, for it may never be more: Linux refills a ring that is
 * half empty, and a short one holds too little before that.
 */
static bool net_rx_make_do(struct vnet_pair *p)
{
	struct clock *clock = p->net->vdev.dev.env->clock;

	if (p->npool >= p->last_dry)
		p->making_do = true;
	p->last_dry = p->npool;
	if (p->npool && !p->making_do)
		timer_arm(clock, &p->patience,
			  clock_now_ns(clock) + NET_RX_PATIENCE_NS);
	return p->npool && p->making_do;
}

/* The pool's memory, and behind it a place for what is too long. */
static unsigned net_rx_iov(struct vnet_pair *p)
{
	unsigned niov = 0;

	for (unsigned i = 0; i < p->npool; i++) {
		const struct virtq_elem *e = p->pool[i];

		for (unsigned k = 0; k < e->nwr && niov < VNET_IOV - 1; k++)
			p->iov[niov++] = e->wr[k];
	}
	p->iov[niov++] = (struct iovec){ p->spill, NETDEV_MAX_FRAME };
	return niov;
}

/* Bytes that net_rx_iov() covers of the guest's memory. */
static size_t net_rx_room(const struct vnet_pair *p, unsigned niov)
{
	size_t room = 0;

	for (unsigned i = 0; i + 1 < niov; i++)
		room += p->iov[i].iov_len;
	return room;
}

/* A frame of len bytes lies in the pool: gives the driver what it used. */
static void net_rx_deliver(struct vnet_pair *p, size_t len)
{
	struct virtq *q = net_rxq(p);
	uint8_t count[2];
	unsigned used = 0;
	size_t off = 0;

	while (off < len)
		off += p->pool[used++]->wr_len;
	count[0] = (uint8_t)used;
	count[1] = (uint8_t)(used >> 8);
	virtq_write(p->pool[0], HDR_NUM_BUFFERS, count, sizeof(count));
	for (unsigned i = 0; i < used; i++) {
		uint32_t part = p->pool[i]->wr_len;

		p->capacity -= part;
		if (part > len)
			part = (uint32_t)len;
		virtq_push(q, p->pool[i], part);
		len -= part;
	}
	p->npool -= used;
	memmove(p->pool, p->pool + used, p->npool * sizeof(p->pool[0]));
}

/* One frame; false when there is no more to do now. */
static bool net_rx_one(struct vnet_pair *p)
{
	unsigned niov = net_rx_iov(p);
	ssize_t len = netdev_recv(p->net->nd, p->index, p->iov, niov);

	if (len < 0)
		return false;
	/* Lost: a frame for which this driver has no room. */
	if (len > NETDEV_HDR && (size_t)len <= net_rx_room(p, niov))
		net_rx_deliver(p, (size_t)len);
	return true;
}

/* Buffers for a frame; false: wait for the driver's kick. */
static bool net_rx_ready(struct vnet_pair *p)
{
	while (!net_rx_fill(p)) {
		if (!p->rx_on)
			return false;
		if (!virtq_kicks_on(net_rxq(p)))
			return net_rx_make_do(p);
	}
	return true;
}

static void net_rx_run(struct vnet_pair *p)
{
	struct virtq *q = net_rxq(p);
	bool ready = p->rx_on && netdev_link(p->net->nd);

	if (p->rx_on)
		virtq_kicks_off(q);
	for (unsigned i = 0; i < NET_RX_BURST && ready; i++) {
		ready = net_rx_ready(p);
		if (ready && !net_rx_one(p))
			break;
	}
	if (p->rx_on)
		virtq_notify(q);
	/* A link that comes up, and a driver that refills, kick the queue. */
	net_interest(p, ready, p->want_wr);
}

static void net_readable(void *opaque, unsigned pair)
{
	struct virtio_net *n = opaque;

	net_rx_run(&n->pair[pair]);
}

/* ---- transmitting */

static void net_tx_run(struct vnet_pair *p)
{
	struct virtq *q = net_txq(p);
	struct virtq_elem *e;

	if (!p->tx_on)
		return;
	do {
		virtq_kicks_off(q);
		while ((e = virtq_pop(q))) {
			/* Too short for a header: nothing to send. */
			if (e->rd_len > NETDEV_HDR &&
			    netdev_send(p->net->nd, p->index, e->rd, e->nrd) <
				    0) {
				virtq_unpop(q, e);
				virtq_notify(q);
				net_interest(p, p->want_rd, true);
				return;
			}
			virtq_push(q, e, 0);
		}
		virtq_notify(q);
	} while (virtq_kicks_on(q));
}

static void net_writable(void *opaque, unsigned pair)
{
	struct virtio_net *n = opaque;
	struct vnet_pair *p = &n->pair[pair];

	net_interest(p, p->want_rd, false);
	if (p->tx_on)
		virtq_ring_serve(net_txq(p)); /* as a kick: for a turn */
}

/* ---- the control queue */

/* Offloads towards the guest that a word of feature bits names. */
static uint32_t net_guest_offloads(uint64_t bits)
{
	uint32_t off = 0;

	for (unsigned i = 0; i < NET_NOFFLOADS; i++)
		if (bits >> net_offloads[i].guest & 1)
			off |= net_offloads[i].offload;
	/* Segments are never without partial checksums. */
	return off & NETDEV_CSUM ? off : 0;
}

static int net_set_offloads(struct virtio_net *n, uint64_t bits)
{
	uint32_t off = net_guest_offloads(bits);
	int ret;

	/* More room before larger frames, and less only after them. */
	__atomic_or_fetch(&n->offloads, off, __ATOMIC_RELAXED);
	ret = netdev_set_offloads(n->nd, off);
	if (ret == 0)
		__atomic_store_n(&n->offloads, off, __ATOMIC_RELAXED);
	return ret;
}

static uint64_t net_all_guest_offloads(void)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < NET_NOFFLOADS; i++)
		bits |= VIRTIO_BIT(net_offloads[i].guest);
	return bits;
}

static int net_ctrl_offloads(struct virtio_net *n, const struct virtq_elem *e)
{
	uint8_t b[8];
	uint64_t bits = 0;

	if (!virtio_has(&n->vdev, NET_F_CTRL_GUEST_OFFLOADS) ||
	    virtq_read(e, 2, b, sizeof(b)) != sizeof(b))
		return CTRL_ERR;
	for (unsigned i = 0; i < 8; i++)
		bits |= (uint64_t)b[i] << 8 * i;
	if (bits & ~(n->vdev.features & net_all_guest_offloads()))
		return CTRL_ERR;
	return net_set_offloads(n, bits) == 0 ? CTRL_OK : CTRL_ERR;
}

/* Runs the receiving queues again, each on its loop. */
static void net_nudge(struct virtio_net *n)
{
	for (unsigned i = 0; i < n->npairs; i++)
		virtq_kick(net_rxq(&n->pair[i]));
}

static int net_ctrl_pairs(struct virtio_net *n, const struct virtq_elem *e)
{
	uint8_t b[2];

	if (!virtio_has(&n->vdev, NET_F_MQ) ||
	    virtq_read(e, 2, b, sizeof(b)) != sizeof(b))
		return CTRL_ERR;
	if (netdev_set_queues(n->nd, b[0] | (unsigned)b[1] << 8) < 0)
		return CTRL_ERR;
	net_nudge(n);
	return CTRL_OK;
}

/* Two tables, of unicast and of group addresses: checked, and all accepted,
 * since every frame that comes is given to the guest. */
static int net_ctrl_mac_table(const struct virtq_elem *e)
{
	uint64_t off = 2, entries;
	uint8_t b[4];

	for (int i = 0; i < 2; i++) {
		if (virtq_read(e, off, b, sizeof(b)) != sizeof(b))
			return CTRL_ERR;
		entries = b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 |
			  (uint64_t)b[3] << 24;
		off += 4 + 6 * entries;
		if (off > e->rd_len)
			return CTRL_ERR;
	}
	return CTRL_OK;
}

static int net_ctrl_mac(struct virtio_net *n, unsigned cmd,
			const struct virtq_elem *e)
{
	uint8_t mac[6];

	if (cmd == CTRL_MAC_TABLE && virtio_has(&n->vdev, NET_F_CTRL_RX))
		return net_ctrl_mac_table(e);
	if (cmd != CTRL_MAC_ADDR ||
	    !virtio_has(&n->vdev, NET_F_CTRL_MAC_ADDR) ||
	    virtq_read(e, 2, mac, sizeof(mac)) != sizeof(mac) || mac[0] & 1)
		return CTRL_ERR;
	virtio_config_set(&n->vdev, CFG_MAC, mac, sizeof(mac));
	return CTRL_OK;
}

static int net_ctrl(struct virtio_net *n, const struct virtq_elem *e)
{
	uint8_t b[3];
	size_t len = virtq_read(e, 0, b, sizeof(b));

	if (len < 2)
		return CTRL_ERR;
	switch (b[0]) {
	case CTRL_RX: /* promiscuous and so on: a byte, on or off */
		return virtio_has(&n->vdev, NET_F_CTRL_RX) &&
				       b[1] <= CTRL_RX_LAST && len == 3
			       ? CTRL_OK
			       : CTRL_ERR;
	case CTRL_MAC: return net_ctrl_mac(n, b[1], e);
	case CTRL_MQ: return b[1] == 0 ? net_ctrl_pairs(n, e) : CTRL_ERR;
	case CTRL_OFFLOADS:
		return b[1] == 0 ? net_ctrl_offloads(n, e) : CTRL_ERR;
	default: return CTRL_ERR;
	}
}

static void net_ctrl_run(struct virtio_net *n, struct virtq *q)
{
	struct virtq_elem *e;
	uint8_t ack;

	do {
		virtq_kicks_off(q);
		while ((e = virtq_pop(q))) {
			ack = (uint8_t)net_ctrl(n, e);
			virtq_push(q, e, (uint32_t)virtq_write(e, 0, &ack, 1));
		}
		virtq_notify(q);
	} while (virtq_kicks_on(q));
}

/* ---- what the core calls */

static void net_kick(struct virtq *q)
{
	if (net_is_ctrl(q))
		net_ctrl_run(net_of(q->vdev), q);
	else if (q->index / 2 >= net_of(q->vdev)->npairs)
		return; /* beyond the control queue of a driver without MQ */
	else if (net_is_rx(q))
		net_rx_run(net_pair(q));
	else
		net_tx_run(net_pair(q));
}

static void net_queue_start(struct virtq *q)
{
	struct vnet_pair *p;

	if (net_is_ctrl(q) || q->index / 2 >= net_of(q->vdev)->npairs)
		return;
	p = net_pair(q);
	if (net_is_rx(q)) {
		p->npool = p->last_dry = 0;
		p->capacity = 0;
		p->making_do = false;
		p->rx_on = true;
	} else {
		p->tx_on = true;
	}
}

/* Buffers of the pool were not touched yet: they go back to the ring. */
static void net_queue_stop(struct virtq *q)
{
	struct vnet_pair *p;

	if (net_is_ctrl(q) || q->index / 2 >= net_of(q->vdev)->npairs)
		return;
	p = net_pair(q);
	if (net_is_rx(q)) {
		p->rx_on = false;
		p->npool = 0;
		p->capacity = 0;
		timer_disarm(q->vdev->dev.env->clock, &p->patience);
		net_interest(p, false, p->want_wr);
	} else {
		p->tx_on = false;
		net_interest(p, p->want_rd, false);
	}
}

static uint64_t net_features(struct virtio_device *v)
{
	struct virtio_net *n = net_of(v);
	uint64_t f = VIRTIO_BIT(NET_F_MAC) | VIRTIO_BIT(NET_F_STATUS) |
		     VIRTIO_BIT(NET_F_MRG_RXBUF) | VIRTIO_BIT(NET_F_CTRL_VQ) |
		     VIRTIO_BIT(NET_F_CTRL_RX) |
		     VIRTIO_BIT(NET_F_CTRL_RX_EXTRA) |
		     VIRTIO_BIT(NET_F_CTRL_MAC_ADDR);

	for (unsigned i = 0; i < NET_NOFFLOADS; i++)
		if (n->nd->offloads & net_offloads[i].offload)
			f |= VIRTIO_BIT(net_offloads[i].guest) |
			     VIRTIO_BIT(net_offloads[i].host);
	if (n->nd->offloads)
		f |= VIRTIO_BIT(NET_F_CTRL_GUEST_OFFLOADS);
	if (n->npairs > 1)
		f |= VIRTIO_BIT(NET_F_MQ);
	if (n->nd->mtu)
		f |= VIRTIO_BIT(NET_F_MTU);
	return f;
}

/* What needs what: [5.1.3.1]. */
static bool net_features_set(struct virtio_device *v, uint64_t f)
{
	struct virtio_net *n = net_of(v);
	uint64_t ctrl = VIRTIO_BIT(NET_F_MQ) | VIRTIO_BIT(NET_F_CTRL_RX) |
			VIRTIO_BIT(NET_F_CTRL_RX_EXTRA) |
			VIRTIO_BIT(NET_F_CTRL_MAC_ADDR) |
			VIRTIO_BIT(NET_F_CTRL_GUEST_OFFLOADS);
	uint64_t guest = net_all_guest_offloads(), host = 0;

	for (unsigned i = 1; i < NET_NOFFLOADS; i++)
		host |= VIRTIO_BIT(net_offloads[i].host);
	guest &= ~VIRTIO_BIT(NET_F_GUEST_CSUM);
	if (!(f & VIRTIO_BIT(NET_F_CTRL_VQ)) && f & ctrl)
		return false;
	if (!(f & VIRTIO_BIT(NET_F_GUEST_CSUM)) && f & guest)
		return false;
	if (!(f & VIRTIO_BIT(NET_F_CSUM)) && f & host)
		return false;
	return net_set_offloads(n, f) == 0;
}

static void net_reset(struct virtio_device *v)
{
	struct virtio_net *n = net_of(v);

	net_set_offloads(n, 0);
	netdev_set_queues(n->nd, 1);
	virtio_config_set(v, CFG_MAC, n->mac.addr, sizeof(n->mac.addr));
}

static const struct virtio_ops net_ops = {
	.id = VIRTIO_ID_NET,
	.pci_class = 0x020000,
	.features = net_features,
	.features_set = net_features_set,
	.queue_start = net_queue_start,
	.queue_stop = net_queue_stop,
	.kick = net_kick,
	.reset = net_reset,
};

/* ---- the device */

void virtio_net_set_netdev(struct virtio_net *n, struct netdev *nd)
{
	n->nd = nd;
}

static void net_put16(struct virtio_net *n, unsigned off, unsigned val,
		      bool tell)
{
	uint8_t b[2] = { (uint8_t)val, (uint8_t)(val >> 8) };

	if (tell)
		virtio_config_update(&n->vdev, off, b, sizeof(b));
	else
		virtio_config_set(&n->vdev, off, b, sizeof(b));
}

static void net_link(void *opaque, bool up)
{
	struct virtio_net *n = opaque;

	net_put16(n, CFG_STATUS, up ? STATUS_LINK_UP : 0, true);
	net_nudge(n);
}

static int net_add_queues(struct virtio_net *n, struct err *err)
{
	struct virtio_device *v = &n->vdev;
	int ret = 0;

	for (unsigned i = 0; i < n->npairs && ret == 0; i++) {
		ret = virtio_add_queue(v, NET_QUEUE, false, NET_RX_SEGS, i,
				       err);
		if (ret == 0)
			ret = virtio_add_queue(v, NET_QUEUE, false, NET_TX_SEGS,
					       i, err);
	}
	return ret ? ret : virtio_add_queue(v, NET_CTRL, true, 4, 0, err);
}

/* On the main thread; what there is to do is its queue's. */
static void net_rx_patience(void *opaque)
{
	virtq_kick(net_rxq(opaque));
}

static int net_attach(struct virtio_net *n, struct err *err)
{
	struct netdev_client client = { .readable = net_readable,
					.writable = net_writable,
					.link = net_link,
					.opaque = n };
	struct loop *loops[NETDEV_MAX_QUEUES];

	for (unsigned i = 0; i < n->npairs; i++)
		loops[i] = n->vdev.queue[2 * i]->loop;
	return netdev_attach(n->nd, &client, loops, err);
}

static int net_make_pairs(struct virtio_net *n, struct err *err)
{
	n->pair = calloc(n->npairs, sizeof(*n->pair));
	for (unsigned i = 0; n->pair && i < n->npairs; i++) {
		n->pair[i].net = n;
		n->pair[i].index = i;
		n->pair[i].patience = (struct timer){ .fire = net_rx_patience,
						      .opaque = &n->pair[i] };
		n->pair[i].spill = malloc(NETDEV_MAX_FRAME);
		if (!n->pair[i].spill)
			return err_nomem(err, "a network device");
	}
	return n->pair ? 0 : err_nomem(err, "a network device");
}

static void net_free_pairs(struct virtio_net *n)
{
	for (unsigned i = 0; n->pair && i < n->npairs; i++)
		free(n->pair[i].spill);
	free(n->pair);
	n->pair = NULL;
}

static void net_fill_config(struct virtio_net *n)
{
	net_mac_derive(&n->mac, n->nd->name, n->vdev.dev.name);
	n->vdev.config_size = CFG_SIZE;
	virtio_config_set(&n->vdev, CFG_MAC, n->mac.addr, sizeof(n->mac.addr));
	net_put16(n, CFG_STATUS, netdev_link(n->nd) ? STATUS_LINK_UP : 0,
		  false);
	net_put16(n, CFG_PAIRS, n->npairs, false);
	net_put16(n, CFG_MTU, n->nd->mtu, false);
}

static int net_open(struct virtio_net *n, struct err *err)
{
	if (n->nd)
		return 0;
	n->nd = netdev_open(&n->cfg, err);
	n->owns_nd = n->nd;
	return n->nd ? 0 : -err->code;
}

static void net_close(struct virtio_net *n)
{
	if (!n->owns_nd)
		return;
	netdev_close(n->nd);
	n->nd = NULL;
	n->owns_nd = false;
}

static int net_realize(struct device *dev, struct err *err)
{
	struct virtio_net *n = container_of(dev, struct virtio_net, vdev.dev);
	int ret = net_open(n, err);

	if (ret < 0)
		return ret;
	n->npairs = n->nd->queues;
	ret = virtio_realize(&n->vdev, &net_ops, err);
	if (ret < 0) {
		net_close(n);
		return ret;
	}
	net_fill_config(n);
	ret = net_make_pairs(n, err);
	if (ret == 0)
		ret = net_add_queues(n, err);
	if (ret == 0)
		ret = net_attach(n, err);
	if (ret == 0)
		return 0;
	virtio_unrealize(&n->vdev);
	net_free_pairs(n);
	net_close(n);
	return ret;
}

static void net_unrealize(struct device *dev)
{
	struct virtio_net *n = container_of(dev, struct virtio_net, vdev.dev);

	netdev_detach(n->nd);
	virtio_unrealize(&n->vdev);
	net_free_pairs(n);
	net_close(n);
}

static const struct prop net_device_props[] = {
	NETDEV_PROPS(offsetof(struct virtio_net, cfg)),
	MAC_PROP(offsetof(struct virtio_net, mac)),
	VIRTIO_PROPS,
	{ 0 },
};

const struct device_class virtio_net_class = {
	.name = "virtio-net",
	.brief = "virtio network device",
	.size = sizeof(struct virtio_net),
	.space = SPACE_NONE,
	.props = net_device_props,
	.init = virtio_device_defaults,
	.realize = net_realize,
	.unrealize = net_unrealize,
	.reset = virtio_device_reset,
	.start = virtio_device_start,
	.stop = virtio_device_stop,
};
