/* SPDX-License-Identifier: MIT */
/* The virtual Ethernet of a pSeries guest. */
#include "hw/spapr/vlan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/log.h"

#define VLAN_PAGE      4096
#define VLAN_POOLS     8    /* sizes of buffers */
#define VLAN_POOL      4096 /* buffers of a size */
#define VLAN_OUT       64   /* frames that wait for the loop */
#define VLAN_BURST     64   /* frames in one turn of the loop */
#define VLAN_MAX_FRAME (NETDEV_MAX_FRAME - NETDEV_HDR)
#define VLAN_HANDLE    8  /* bytes before a frame in its buffer */
#define VLAN_ENTRY     16 /* of the receive queue */
#define VLAN_DESCS     6  /* of a frame out */
#define VLAN_HEADER    14 /* Ethernet's: the shortest frame */

/* A buffer descriptor: LoPAR 17.4.3, table 229. */
#define DESC_VALID   (UINT64_C(1) << 63)
#define DESC_TOGGLE  (UINT64_C(1) << 62)
#define DESC_LEN(d)  ((uint32_t)((d) >> 32) & 0xffffff)
#define DESC_ADDR(d) ((uint32_t)(d))

/* The first byte of an entry of the receive queue. */
#define ENTRY_TOGGLE 0x80
#define ENTRY_VALID  0x40

/* H_MULTICAST_CTRL's flags. */
#define MCAST_RECV_MODIFY   0x80000
#define MCAST_FILTER_MODIFY 0x40000
#define MCAST_RECV	    0x20000
#define MCAST_FILTER	    0x10000
enum { MCAST_KEEP, MCAST_ADD, MCAST_REMOVE, MCAST_CLEAR };

struct vlan_pool {
	uint32_t len; /* bytes of each buffer */
	unsigned n;
	uint32_t addr[VLAN_POOL];
};

struct vlan_frame {
	size_t len; /* with NETDEV_HDR */
	uint8_t *data;
};

struct vlan {
	struct vio_dev vio;
	struct netdev_config cfg; /* properties */
	struct net_mac mac;
	/* constant from realize on: */
	struct netdev *nd;
	bool owns_nd;
	struct loop_fd wake;

	pthread_mutex_t lock; /* of all below; vCPUs and the loop */
	bool open;
	uint8_t now_mac[6];
	uint32_t list; /* page of buffers; its end counts what was dropped */
	uint64_t rxq;  /* descriptor */
	uint32_t rxq_next;
	uint64_t dropped;
	struct vlan_pool pool[VLAN_POOLS]; /* ascending by len; len 0: none */
	bool group, filter;
	uint8_t filters[VLAN_FILTERS][6];
	unsigned nfilters;
	struct vlan_frame out[VLAN_OUT];
	unsigned out_head, out_len;

	/* the loop's: */
	bool want_rd, want_wr;
	uint8_t in[NETDEV_MAX_FRAME];
};

static struct vlan *vlan_of(struct device *dev)
{
	return container_of(dev, struct vlan, vio.dev);
}

const uint8_t *vlan_mac(const struct device *dev)
{
	return vlan_of((struct device *)dev)->mac.addr;
}

void vlan_set_netdev(struct device *dev, struct netdev *nd)
{
	vlan_of(dev)->nd = nd;
}

static void vlan_wake(struct vlan *s)
{
	if (eventfd_write(s->wake.fd, 1) < 0)
		log_warn("%s: %s", s->vio.dev.name, strerror(errno));
}

/* ---- buffers; under the lock */

static bool vlan_has_buffers(const struct vlan *s)
{
	for (unsigned i = 0; i < VLAN_POOLS; i++)
		if (s->pool[i].n)
			return true;
	return false;
}

/* The pool of that size, made if there is room for it; or NULL. */
static struct vlan_pool *vlan_pool(struct vlan *s, uint32_t len)
{
	struct vlan_pool *last = &s->pool[VLAN_POOLS - 1];
	unsigned i = 0;

	while (i < VLAN_POOLS && s->pool[i].len && s->pool[i].len < len)
		i++;
	if (i < VLAN_POOLS && s->pool[i].len == len)
		return &s->pool[i];
	if (i == VLAN_POOLS || last->len)
		return NULL;
	memmove(&s->pool[i + 1], &s->pool[i],
		(VLAN_POOLS - 1 - i) * sizeof(*s->pool));
	s->pool[i].len = len;
	s->pool[i].n = 0;
	return &s->pool[i];
}

static bool vlan_take(struct vlan *s, size_t len, uint32_t *addr)
{
	for (unsigned i = 0; i < VLAN_POOLS; i++) {
		struct vlan_pool *p = &s->pool[i];

		if (p->n && p->len >= len + VLAN_HANDLE) {
			*addr = p->addr[--p->n];
			return true;
		}
	}
	return false;
}

/* ---- frames in */

static bool mac_is_group(const uint8_t *mac)
{
	return mac[0] & 1;
}

static bool vlan_accepts(const struct vlan *s, const uint8_t *mac)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };

	if (!mac_is_group(mac))
		return !memcmp(mac, s->now_mac, 6);
	if (!memcmp(mac, all, 6))
		return true;
	if (!s->group || !s->filter)
		return s->group;
	for (unsigned i = 0; i < s->nfilters; i++)
		if (!memcmp(s->filters[i], mac, 6))
			return true;
	return false;
}

static void put_be(uint8_t *p, unsigned n, uint64_t v)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static void vlan_drop(struct vlan *s)
{
	uint8_t count[8];

	put_be(count, 8, ++s->dropped);
	if (vio_write(&s->vio, s->list + VLAN_PAGE - 8, count, 8) < 0)
		guest_error(s->vio.dev.name, "its buffer list is not there");
}

/* The first byte of an entry goes last: it says that the others are there. */
static bool vlan_tell(struct vlan *s, const uint8_t handle[VLAN_HANDLE],
		      size_t len)
{
	uint8_t entry[VLAN_ENTRY] = { ENTRY_VALID | ENTRY_TOGGLE };
	uint64_t at = DESC_ADDR(s->rxq) + s->rxq_next;

	if (s->rxq & DESC_TOGGLE)
		entry[0] ^= ENTRY_TOGGLE;
	put_be(entry + 2, 2, VLAN_HANDLE);
	put_be(entry + 4, 4, len);
	memcpy(entry + 8, handle, VLAN_HANDLE);
	if (vio_write(&s->vio, at + 1, entry + 1, VLAN_ENTRY - 1) < 0)
		return false;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (vio_write(&s->vio, at, entry, 1) < 0)
		return false;
	s->rxq_next += VLAN_ENTRY;
	if (s->rxq_next >= DESC_LEN(s->rxq)) {
		s->rxq_next = 0;
		s->rxq ^= DESC_TOGGLE;
	}
	return true;
}

static bool vlan_deliver(struct vlan *s, const uint8_t *frame, size_t len)
{
	uint8_t handle[VLAN_HANDLE];
	uint32_t addr;

	if (!vlan_take(s, len, &addr)) {
		vlan_drop(s);
		return false;
	}
	if (vio_read(&s->vio, addr, handle, VLAN_HANDLE) < 0 ||
	    vio_write(&s->vio, addr + VLAN_HANDLE, frame, len) < 0 ||
	    !vlan_tell(s, handle, len)) {
		guest_error(s->vio.dev.name, "a buffer is not there");
		vlan_drop(s);
		return false;
	}
	return true;
}

/* One frame; false where none waits. */
static bool vlan_receive(struct vlan *s, bool *told)
{
	struct iovec iov = { s->in, sizeof(s->in) };
	ssize_t len = netdev_recv(s->nd, 0, &iov, 1);

	if (len == -EAGAIN)
		return false;
	if (len < NETDEV_HDR + VLAN_HEADER)
		return true;
	pthread_mutex_lock(&s->lock);
	if (s->open && vlan_accepts(s, s->in + NETDEV_HDR))
		*told |= vlan_deliver(s, s->in + NETDEV_HDR,
				      (size_t)len - NETDEV_HDR);
	pthread_mutex_unlock(&s->lock);
	return true;
}

/* ---- the loop's turns */

static void vlan_interest(struct vlan *s, bool rd, bool wr)
{
	if (rd == s->want_rd && wr == s->want_wr)
		return;
	s->want_rd = rd;
	s->want_wr = wr;
	netdev_interest(s->nd, 0, rd, wr);
}

static bool vlan_wants_frames(struct vlan *s)
{
	bool want;

	pthread_mutex_lock(&s->lock);
	want = s->open && vlan_has_buffers(s) && netdev_link(s->nd);
	pthread_mutex_unlock(&s->lock);
	return want;
}

/* While the driver has buffers; what it has none for waits in the host. */
static void vlan_receive_all(struct vlan *s)
{
	bool told = false;

	for (unsigned i = 0; i < VLAN_BURST && vlan_wants_frames(s); i++)
		if (!vlan_receive(s, &told))
			break;
	if (told)
		vio_signal(&s->vio);
	vlan_interest(s, vlan_wants_frames(s), s->want_wr);
}

static bool vlan_next_out(struct vlan *s, struct vlan_frame *f)
{
	pthread_mutex_lock(&s->lock);
	*f = s->out_len ? s->out[s->out_head] : (struct vlan_frame){ 0 };
	pthread_mutex_unlock(&s->lock);
	return f->data;
}

static void vlan_out_gone(struct vlan *s)
{
	pthread_mutex_lock(&s->lock);
	free(s->out[s->out_head].data);
	s->out_head = (s->out_head + 1) % VLAN_OUT;
	s->out_len--;
	pthread_mutex_unlock(&s->lock);
}

/* As many as there are at first: others have their turn before those that
 * vCPUs add meanwhile. */
static void vlan_send_all(struct vlan *s)
{
	struct vlan_frame f;
	bool full = false;
	unsigned i = 0;

	for (; i < VLAN_OUT && !full && vlan_next_out(s, &f); i++) {
		struct iovec iov = { f.data, f.len };

		full = netdev_send(s->nd, 0, &iov, 1) == -EAGAIN;
		if (!full)
			vlan_out_gone(s);
	}
	if (i == VLAN_OUT)
		vlan_wake(s);
	vlan_interest(s, s->want_rd, full);
}

static void vlan_ready(void *opaque, uint32_t events)
{
	struct vlan *s = opaque;
	eventfd_t n;

	(void)events;
	if (eventfd_read(s->wake.fd, &n) < 0)
		return;
	vlan_send_all(s);
	vlan_receive_all(s);
}

static void vlan_readable(void *opaque, unsigned q)
{
	(void)q;
	vlan_receive_all(opaque);
}

static void vlan_writable(void *opaque, unsigned q)
{
	(void)q;
	vlan_send_all(opaque);
}

/* Any thread. */
static void vlan_link(void *opaque, bool up)
{
	(void)up;
	vlan_wake(opaque);
}

/* ---- hypercalls: R4 is the unit address */

static struct vlan *vlan_find(void *bus, uint64_t unit)
{
	struct vio_dev *v = vio_find(bus, unit, &spapr_vlan_class);

	return v ? container_of(v, struct vlan, vio) : NULL;
}

static void mac_decode(uint64_t val, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)(val >> (40 - 8 * i));
}

static void vlan_forget(struct vlan *s)
{
	s->open = false;
	s->dropped = 0;
	s->nfilters = 0;
	s->group = s->filter = false;
	for (unsigned i = 0; i < VLAN_POOLS; i++)
		s->pool[i].len = s->pool[i].n = 0;
}

/* R5: buffer list, R6: receive queue, R7: filter list, R8: address. */
static long h_register(void *opaque, unsigned cpu,
		       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	uint64_t rxq = in[2];
	long ret = H_RESOURCE;

	(void)cpu, (void)out;
	if (!s || in[1] % VLAN_PAGE ||
	    !vio_in_window(&s->vio, in[1], VLAN_PAGE) || in[3] % VLAN_PAGE ||
	    !vio_in_window(&s->vio, in[3], VLAN_PAGE) || !(rxq & DESC_VALID) ||
	    DESC_ADDR(rxq) % VLAN_ENTRY || !DESC_LEN(rxq) ||
	    DESC_LEN(rxq) % VLAN_ENTRY ||
	    !vio_in_window(&s->vio, DESC_ADDR(rxq), DESC_LEN(rxq)))
		return H_PARAMETER;
	pthread_mutex_lock(&s->lock);
	if (!s->open) {
		vlan_forget(s);
		s->open = true;
		s->list = (uint32_t)in[1];
		s->rxq = rxq & ~DESC_TOGGLE;
		s->rxq_next = 0;
		mac_decode(in[4], s->now_mac);
		ret = H_SUCCESS;
	}
	pthread_mutex_unlock(&s->lock);
	return ret;
}

static long h_free(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		   uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	long ret;

	(void)cpu, (void)out;
	if (!s)
		return H_PARAMETER;
	pthread_mutex_lock(&s->lock);
	ret = s->open ? H_SUCCESS : H_RESOURCE;
	vlan_forget(s);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

/* The lock is held. */
static long vlan_add(struct vlan *s, uint64_t desc)
{
	struct vlan_pool *p = s->open ? vlan_pool(s, DESC_LEN(desc)) : NULL;

	if (!p || p->n == VLAN_POOL)
		return H_RESOURCE;
	p->addr[p->n++] = DESC_ADDR(desc);
	return H_SUCCESS;
}

/* R5: the buffer's descriptor. */
static long h_add_buffer(void *opaque, unsigned cpu,
			 const uint64_t in[HCALL_REGS],
			 uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	bool first;
	long ret;

	(void)cpu, (void)out;
	if (!s || !(in[1] & DESC_VALID) ||
	    DESC_LEN(in[1]) < VLAN_HANDLE + VLAN_HEADER ||
	    !vio_in_window(&s->vio, DESC_ADDR(in[1]), DESC_LEN(in[1])))
		return H_PARAMETER;
	pthread_mutex_lock(&s->lock);
	first = !vlan_has_buffers(s);
	ret = vlan_add(s, in[1]);
	pthread_mutex_unlock(&s->lock);
	if (first && ret == H_SUCCESS)
		vlan_wake(s);
	return ret;
}

/* R5: the size of a buffer to be given back; its handle is the result. */
static long h_free_buffer(void *opaque, unsigned cpu,
			  const uint64_t in[HCALL_REGS],
			  uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	uint8_t handle[VLAN_HANDLE] = { 0 };
	long ret = H_NOT_FOUND;

	(void)cpu;
	if (!s)
		return H_PARAMETER;
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < VLAN_POOLS; i++) {
		struct vlan_pool *p = &s->pool[i];

		if (!p->n || p->len != in[1])
			continue;
		ret = vio_read(&s->vio, p->addr[--p->n], handle, VLAN_HANDLE) <
				      0
			      ? H_HARDWARE
			      : H_SUCCESS;
	}
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < VLAN_HANDLE; i++)
		out[0] = out[0] << 8 | handle[i];
	return ret;
}

/* Gathers a frame behind room for the back end's header; NULL: no memory. */
static uint8_t *vlan_gather(struct vlan *s, const uint64_t *desc, unsigned n,
			    size_t len, long *ret)
{
	uint8_t *data = calloc(1, NETDEV_HDR + len), *p = data + NETDEV_HDR;

	*ret = H_HARDWARE;
	for (unsigned i = 0; data && i < n; i++) {
		if (vio_read(&s->vio, DESC_ADDR(desc[i]), p,
			     DESC_LEN(desc[i])) < 0) {
			*ret = H_PARAMETER;
			free(data);
			return NULL;
		}
		p += DESC_LEN(desc[i]);
	}
	return data;
}

static long vlan_queue(struct vlan *s, uint8_t *data, size_t len)
{
	long ret = H_BUSY;

	pthread_mutex_lock(&s->lock);
	if (!s->open)
		ret = H_DROPPED;
	else if (s->out_len < VLAN_OUT) {
		s->out[(s->out_head + s->out_len++) % VLAN_OUT] =
			(struct vlan_frame){ len, data };
		ret = H_SUCCESS;
	}
	pthread_mutex_unlock(&s->lock);
	if (ret == H_SUCCESS)
		vlan_wake(s);
	else
		free(data);
	return ret;
}

/* R5 to R10: descriptors, the first that is not valid ends them. */
static long h_send(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		   uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	uint8_t *data;
	size_t len = 0;
	unsigned n;
	long ret;

	(void)cpu, (void)out;
	if (!s)
		return H_PARAMETER;
	for (n = 0; n < VLAN_DESCS && in[1 + n] & DESC_VALID; n++)
		len += DESC_LEN(in[1 + n]);
	if (len < VLAN_HEADER || len > VLAN_MAX_FRAME)
		return H_PARAMETER;
	data = vlan_gather(s, in + 1, n, len, &ret);
	return data ? vlan_queue(s, data, NETDEV_HDR + len) : ret;
}

/* The lock is held. */
static long vlan_filter(struct vlan *s, unsigned what, const uint8_t mac[6])
{
	unsigned i = 0;

	if (what == MCAST_CLEAR)
		s->nfilters = 0;
	if (what == MCAST_KEEP || what == MCAST_CLEAR)
		return H_SUCCESS;
	if (!mac_is_group(mac))
		return H_PARAMETER;
	while (i < s->nfilters && memcmp(s->filters[i], mac, 6))
		i++;
	if (what == MCAST_REMOVE) {
		if (i == s->nfilters)
			return H_NOT_FOUND;
		memcpy(s->filters[i], s->filters[--s->nfilters], 6);
		return H_SUCCESS;
	}
	if (i == VLAN_FILTERS)
		return H_CONSTRAINED;
	memcpy(s->filters[i], mac, 6);
	s->nfilters += i == s->nfilters;
	return H_SUCCESS;
}

/* R5: flags, R6: a group address. */
static long h_multicast(void *opaque, unsigned cpu,
			const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	uint8_t mac[6];
	long ret;

	(void)cpu, (void)out;
	if (!s)
		return H_PARAMETER;
	mac_decode(in[2], mac);
	pthread_mutex_lock(&s->lock);
	if (in[1] & MCAST_RECV_MODIFY)
		s->group = in[1] & MCAST_RECV;
	if (in[1] & MCAST_FILTER_MODIFY)
		s->filter = in[1] & MCAST_FILTER;
	ret = vlan_filter(s, in[1] & 3, mac);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

/* R5: the address. */
static long h_change_mac(void *opaque, unsigned cpu,
			 const uint64_t in[HCALL_REGS],
			 uint64_t out[HCALL_REGS])
{
	struct vlan *s = vlan_find(opaque, in[0]);
	uint8_t mac[6];

	(void)cpu, (void)out;
	mac_decode(in[1], mac);
	if (!s || mac_is_group(mac))
		return H_PARAMETER;
	pthread_mutex_lock(&s->lock);
	memcpy(s->now_mac, mac, 6);
	pthread_mutex_unlock(&s->lock);
	return H_SUCCESS;
}

const struct hcall vlan_hcalls[] = {
	{ 0x114, "H_REGISTER_LOGICAL_LAN", h_register },
	{ 0x118, "H_FREE_LOGICAL_LAN", h_free },
	{ 0x11c, "H_ADD_LOGICAL_LAN_BUFFER", h_add_buffer },
	{ 0x120, "H_SEND_LOGICAL_LAN", h_send },
	{ 0x130, "H_MULTICAST_CTRL", h_multicast },
	{ 0x14c, "H_CHANGE_LOGICAL_LAN_MAC", h_change_mac },
	{ 0x1d4, "H_FREE_LOGICAL_LAN_BUFFER", h_free_buffer },
	{ 0 },
};

/* ---- the device */

static void vlan_drop_out(struct vlan *s)
{
	struct vlan_frame f;

	while (vlan_next_out(s, &f))
		vlan_out_gone(s);
}

static int vlan_attach(struct vlan *s, struct err *err)
{
	const struct netdev_client client = { .readable = vlan_readable,
					      .writable = vlan_writable,
					      .link = vlan_link,
					      .opaque = s };
	struct loop *loop = s->vio.dev.env->loop;
	struct loop *loops[NETDEV_MAX_QUEUES];
	int ret;

	for (unsigned i = 0; i < NETDEV_MAX_QUEUES; i++)
		loops[i] = loop;
	s->wake =
		(struct loop_fd){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				  .events = EPOLLIN,
				  .ready = vlan_ready,
				  .opaque = s };
	if (s->wake.fd < 0)
		return err_set(err, errno, "cannot make an eventfd: %s",
			       strerror(errno));
	ret = loop_add(loop, &s->wake, err);
	if (ret < 0) {
		close(s->wake.fd);
		return ret;
	}
	ret = netdev_attach(s->nd, &client, loops, err);
	if (ret < 0) {
		loop_del(&s->wake);
		close(s->wake.fd);
	}
	return ret;
}

static void vlan_close(struct vlan *s)
{
	if (s->owns_nd)
		netdev_close(s->nd);
	s->nd = NULL;
}

static int vlan_realize(struct device *dev, struct err *err)
{
	struct vlan *s = vlan_of(dev);
	int ret;

	if (!s->nd) {
		s->nd = netdev_open(&s->cfg, err);
		s->owns_nd = s->nd;
	}
	if (!s->nd)
		return -err->code;
	net_mac_derive(&s->mac, s->nd->name, dev->name);
	pthread_mutex_init(&s->lock, NULL);
	ret = vio_dma_init(&s->vio, err);
	if (ret == 0) {
		ret = vlan_attach(s, err);
		if (ret == 0)
			return 0;
		vio_dma_exit(&s->vio);
	}
	pthread_mutex_destroy(&s->lock);
	vlan_close(s);
	return ret;
}

static void vlan_unrealize(struct device *dev)
{
	struct vlan *s = vlan_of(dev);

	netdev_detach(s->nd);
	loop_del(&s->wake);
	close(s->wake.fd);
	vlan_drop_out(s);
	vio_dma_exit(&s->vio);
	pthread_mutex_destroy(&s->lock);
	vlan_close(s);
}

static void vlan_reset(struct device *dev)
{
	struct vlan *s = vlan_of(dev);

	pthread_mutex_lock(&s->lock);
	vlan_forget(s);
	memcpy(s->now_mac, s->mac.addr, 6);
	pthread_mutex_unlock(&s->lock);
	vlan_drop_out(s);
	vio_reset(&s->vio);
}

static const struct prop vlan_props[] = {
	NETDEV_PROPS(offsetof(struct vlan, cfg)),
	MAC_PROP(offsetof(struct vlan, mac)),
	{ 0 },
};

const struct device_class spapr_vlan_class = {
	.name = "spapr-vlan",
	.brief = "pSeries virtual Ethernet",
	.compatible = "IBM,l-lan",
	.size = sizeof(struct vlan),
	.space = SPACE_VIO,
	.props = vlan_props,
	.realize = vlan_realize,
	.unrealize = vlan_unrealize,
	.reset = vlan_reset,
};
