/* SPDX-License-Identifier: MIT */
/* A virtio driver for device tests: split and packed rings, kicks, interrupts.
 */
#include "tests/support/vdriver.h"

#include "tests/test.h"

enum { FLAG_AVAIL = 1 << 7, FLAG_USED = 1 << 15 };

/* ---- guest memory */

static void put16(struct vdriver *d, gpa_t gpa, uint16_t val)
{
	uint16_t *p = mem_run(&d->rig->mem, gpa, 2);

	assert_non_null(p);
	__atomic_store_n(p, val, __ATOMIC_RELEASE);
}

static uint16_t get16(struct vdriver *d, gpa_t gpa)
{
	uint16_t *p = mem_run(&d->rig->mem, gpa, 2);

	assert_non_null(p);
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static uint32_t get32(struct vdriver *d, gpa_t gpa)
{
	uint32_t val;

	assert_int_equal(mem_load_le32(&d->rig->mem, gpa, &val), 0);
	return val;
}

gpa_t vdriver_alloc(struct vdriver *d, uint64_t len, uint64_t align)
{
	gpa_t at = (d->brk + align - 1) & ~(align - 1);

	assert_int_equal(mem_set(&d->rig->mem, at, 0, len), 0);
	d->brk = at + len;
	return at;
}

void vdq_desc(struct vdriver *d, gpa_t table, unsigned i, uint64_t addr,
	      uint32_t len, uint16_t flags, uint16_t next)
{
	gpa_t at = table + 16 * (gpa_t)i;

	assert_int_equal(mem_store_le64(&d->rig->mem, at, addr), 0);
	assert_int_equal(mem_store_le32(&d->rig->mem, at + 8, len), 0);
	assert_int_equal(mem_store_le16(&d->rig->mem, at + 12, flags), 0);
	assert_int_equal(mem_store_le16(&d->rig->mem, at + 14, next), 0);
}

/* ---- the device */

static void vdriver_queue_irq(void *opaque, struct virtq *q)
{
	struct vdriver *d = opaque;

	__atomic_fetch_add(&d->q[q->index].irqs, 1, __ATOMIC_RELAXED);
}

static void vdriver_config_irq(void *opaque)
{
	struct vdriver *d = opaque;

	__atomic_fetch_add(&d->config_irqs, 1, __ATOMIC_RELAXED);
}

static const struct virtio_transport_ops vdriver_transport = {
	.queue_irq = vdriver_queue_irq,
	.config_irq = vdriver_config_irq,
};

void vdriver_init(struct vdriver *d, struct rig *r, struct virtio_device *v)
{
	*d = (struct vdriver){ .rig = r, .v = v, .brk = RIG_RAM + 0x1000 };
	virtio_attach(v, &vdriver_transport, d);
}

void vdriver_status(struct vdriver *d, uint8_t status)
{
	device_lock(&d->v->dev);
	virtio_set_status(d->v, status);
	device_unlock(&d->v->dev);
}

void vdriver_reset(struct vdriver *d)
{
	vdriver_status(d, 0);
	assert_int_equal(virtio_status(d->v), 0);
}

bool vdriver_needs_reset(const struct vdriver *d)
{
	return virtio_status(d->v) & VIRTIO_NEEDS_RESET;
}

bool vdriver_negotiate(struct vdriver *d, uint64_t features)
{
	uint8_t want = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK;

	features |= VIRTIO_BIT(VIRTIO_F_VERSION_1);
	d->packed = features >> VIRTIO_F_RING_PACKED & 1;
	d->event_idx = features >> VIRTIO_F_EVENT_IDX & 1;
	vdriver_reset(d);
	vdriver_status(d, VIRTIO_ACKNOWLEDGE);
	vdriver_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	device_lock(&d->v->dev);
	virtio_accept(d->v, 0, (uint32_t)features);
	virtio_accept(d->v, 1, (uint32_t)(features >> 32));
	device_unlock(&d->v->dev);
	vdriver_status(d, want);
	return virtio_status(d->v) & VIRTIO_FEATURES_OK;
}

void vdriver_queue(struct vdriver *d, unsigned i, unsigned size)
{
	struct virtq *q = virtio_queue(d->v, i);
	struct vdq *vq = &d->q[i];

	assert_non_null(q);
	if (!size)
		size = q->max_size;
	*vq = (struct vdq){ .q = q,
			    .size = (uint16_t)size,
			    .avail_wrap = true,
			    .used_wrap = true,
			    .nfree = size,
			    .room = size };
	for (unsigned k = 0; k < size; k++)
		vq->free[k] = (uint16_t)(size - 1 - k);
	vq->desc = vdriver_alloc(d, 16 * size, 16);
	vq->driver = vdriver_alloc(d, d->packed ? 4 : 6 + 2 * size, 4);
	vq->device = vdriver_alloc(d, d->packed ? 4 : 6 + 8 * size, 4);
	device_lock(&d->v->dev);
	virtq_set_size(q, size);
	for (unsigned half = 0; half < 2; half++) {
		unsigned shift = 32 * half;

		virtq_set_addr(q, &q->desc, half,
			       (uint32_t)(vq->desc >> shift));
		virtq_set_addr(q, &q->driver, half,
			       (uint32_t)(vq->driver >> shift));
		virtq_set_addr(q, &q->device, half,
			       (uint32_t)(vq->device >> shift));
	}
	virtq_enable(q);
	device_unlock(&d->v->dev);
}

void vdriver_ready(struct vdriver *d)
{
	vdriver_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER |
				  VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK);
	assert_true(virtio_status(d->v) & VIRTIO_DRIVER_OK);
}

void vdriver_start(struct vdriver *d, uint64_t features)
{
	uint64_t offered = virtio_offered(d->v, 0) |
			   (uint64_t)virtio_offered(d->v, 1) << 32;

	assert_true(vdriver_negotiate(d, features & offered));
	for (unsigned i = 0; i < d->v->nqueues; i++)
		vdriver_queue(d, i, 0);
	vdriver_ready(d);
}

void vdriver_config(struct vdriver *d, unsigned off, void *buf, unsigned len)
{
	device_lock(&d->v->dev);
	virtio_config_read(d->v, off, buf, len);
	device_unlock(&d->v->dev);
}

void vdriver_config_write(struct vdriver *d, unsigned off, const void *buf,
			  unsigned len)
{
	device_lock(&d->v->dev);
	virtio_config_write(d->v, off, buf, len);
	device_unlock(&d->v->dev);
}

/* ---- making requests available */

static gpa_t vdq_table(struct vdriver *d, const struct vbuf *bufs, unsigned n)
{
	gpa_t table = vdriver_alloc(d, 16 * n, 16);

	for (unsigned k = 0; k < n; k++) {
		uint16_t flags = bufs[k].write ? VDESC_WRITE : 0;

		if (d->packed)
			vdq_desc(d, table, k, bufs[k].gpa, bufs[k].len, 0,
				 flags);
		else
			vdq_desc(d, table, k, bufs[k].gpa, bufs[k].len,
				 k + 1 < n ? flags | VDESC_NEXT : flags,
				 (uint16_t)(k + 1));
	}
	return table;
}

void vdq_avail_idx(struct vdriver *d, unsigned i, uint16_t idx)
{
	put16(d, d->q[i].driver + 2, idx);
}

void vdq_avail_split(struct vdriver *d, unsigned i, uint16_t head)
{
	struct vdq *vq = &d->q[i];

	put16(d, vq->driver + 4 + 2 * (vq->avail % vq->size), head);
	vdq_avail_idx(d, i, ++vq->avail);
	vq->added++;
	vq->added_entries++;
}

static int vdq_add_split(struct vdriver *d, unsigned i, const struct vbuf *bufs,
			 unsigned n, uint16_t extra)
{
	struct vdq *vq = &d->q[i];
	uint16_t head = vq->free[vq->nfree - 1];

	vq->chain[head] = (uint16_t)n;
	vq->room -= n;
	for (unsigned k = 0; k < n; k++) {
		uint16_t at = vq->free[--vq->nfree];
		uint16_t next = k + 1 < n ? vq->free[vq->nfree - 1] : 0;
		uint16_t flags = extra | (bufs[k].write ? VDESC_WRITE : 0) |
				 (k + 1 < n ? VDESC_NEXT : 0);

		vq->next[at] = next;
		vdq_desc(d, vq->desc, at, bufs[k].gpa, bufs[k].len, flags,
			 next);
	}
	vdq_avail_split(d, i, head);
	return head;
}

static int vdq_add_packed(struct vdriver *d, unsigned i,
			  const struct vbuf *bufs, unsigned n, uint16_t extra)
{
	struct vdq *vq = &d->q[i];
	uint16_t id = vq->free[--vq->nfree], first_flags = 0;
	uint16_t first = vq->avail;

	vq->chain[id] = (uint16_t)n;
	vq->room -= n;
	for (unsigned k = 0; k < n; k++) {
		uint16_t flags = extra | (bufs[k].write ? VDESC_WRITE : 0) |
				 (k + 1 < n ? VDESC_NEXT : 0) |
				 (vq->avail_wrap ? FLAG_AVAIL : FLAG_USED);
		gpa_t at = vq->desc + 16 * (gpa_t)vq->avail;

		assert_int_equal(mem_store_le64(&d->rig->mem, at, bufs[k].gpa),
				 0);
		assert_int_equal(
			mem_store_le32(&d->rig->mem, at + 8, bufs[k].len), 0);
		put16(d, at + 12, id);
		if (k)
			put16(d, at + 14, flags);
		else
			first_flags = flags;
		if (++vq->avail == vq->size) {
			vq->avail = 0;
			vq->avail_wrap = !vq->avail_wrap;
		}
	}
	put16(d, vq->desc + 16 * (gpa_t)first + 14, first_flags);
	vq->added++;
	vq->added_entries += n;
	return id;
}

int vdq_add(struct vdriver *d, unsigned i, const struct vbuf *bufs, unsigned n)
{
	struct vdq *vq = &d->q[i];
	struct vbuf table = { 0 };
	uint16_t extra = 0;

	if (vq->indirect) {
		table = (struct vbuf){ vdq_table(d, bufs, n), 16 * n, false };
		bufs = &table;
		n = 1;
		extra = VDESC_INDIRECT;
	}
	if (n > vq->room)
		return -1;
	return d->packed ? vdq_add_packed(d, i, bufs, n, extra)
			 : vdq_add_split(d, i, bufs, n, extra);
}

/* ---- kicks */

static bool passed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

bool vdq_wants_kick(struct vdriver *d, unsigned i)
{
	struct vdq *vq = &d->q[i];
	uint16_t event, flags;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!d->packed && !d->event_idx)
		return !(get16(d, vq->device) & 1);
	if (!d->packed)
		return passed(get16(d, vq->device + 4 + 8 * vq->size),
			      vq->avail, (uint16_t)(vq->avail - vq->added));
	event = get16(d, vq->device);
	flags = get16(d, vq->device + 2);
	if (flags != 2)
		return flags == 0;
	if (event >> 15 != vq->avail_wrap)
		event = (uint16_t)((event & 0x7fff) - vq->size);
	else
		event &= 0x7fff;
	return passed(event, vq->avail,
		      (uint16_t)(vq->avail - vq->added_entries));
}

void vdq_kick_only(struct vdriver *d, unsigned i)
{
	virtq_kick(d->q[i].q);
}

void vdq_kick(struct vdriver *d, unsigned i)
{
	struct vdq *vq = &d->q[i];

	if (vdq_wants_kick(d, i)) {
		vq->kicks++;
		vdq_kick_only(d, i);
	}
	vq->added = vq->added_entries = 0;
	rig_poll(d->rig);
}

/* ---- completions */

static bool vdq_get_split(struct vdriver *d, unsigned i, unsigned *token,
			  uint32_t *len)
{
	struct vdq *vq = &d->q[i];
	gpa_t entry = vq->device + 4 + 8 * (gpa_t)(vq->used % vq->size);
	uint32_t head;
	uint16_t at;

	if (get16(d, vq->device + 2) == vq->used)
		return false;
	head = get32(d, entry);
	*len = get32(d, entry + 4);
	assert_true(head < vq->size);
	*token = head;
	at = (uint16_t)head;
	for (unsigned k = 0; k < vq->chain[head]; k++) {
		vq->free[vq->nfree++] = at;
		at = vq->next[at];
	}
	vq->room += vq->chain[head];
	vq->used++;
	return true;
}

static bool vdq_get_packed(struct vdriver *d, unsigned i, unsigned *token,
			   uint32_t *len)
{
	struct vdq *vq = &d->q[i];
	gpa_t at = vq->desc + 16 * (gpa_t)vq->used;
	uint16_t flags = get16(d, at + 14), id;

	if (!!(flags & FLAG_AVAIL) != vq->used_wrap ||
	    !!(flags & FLAG_USED) != vq->used_wrap)
		return false;
	id = get16(d, at + 12);
	/* The length counts only with the flag that something was written. */
	*len = flags & VDESC_WRITE ? get32(d, at + 8) : 0;
	assert_true(id < vq->size);
	*token = id;
	vq->used = (uint16_t)(vq->used + vq->chain[id]);
	if (vq->used >= vq->size) {
		vq->used = (uint16_t)(vq->used - vq->size);
		vq->used_wrap = !vq->used_wrap;
	}
	vq->room += vq->chain[id];
	vq->free[vq->nfree++] = id;
	return true;
}

bool vdq_get(struct vdriver *d, unsigned i, unsigned *token, uint32_t *len)
{
	return d->packed ? vdq_get_packed(d, i, token, len)
			 : vdq_get_split(d, i, token, len);
}

void vdq_want_irqs(struct vdriver *d, unsigned i, bool quiet, bool lazy,
		   uint16_t event)
{
	struct vdq *vq = &d->q[i];

	if (d->packed) {
		put16(d, vq->driver, event);
		put16(d, vq->driver + 2, quiet ? 1 : lazy ? 2 : 0);
	} else {
		put16(d, vq->driver, quiet);
		put16(d, vq->driver + 4 + 2 * vq->size, event);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

unsigned vdq_take_irqs(struct vdriver *d, unsigned i)
{
	return __atomic_exchange_n(&d->q[i].irqs, 0, __ATOMIC_RELAXED);
}

uint32_t vdq_do(struct vdriver *d, unsigned i, const struct vbuf *bufs,
		unsigned n)
{
	int token = vdq_add(d, i, bufs, n);
	unsigned got;
	uint32_t len;

	assert_true(token >= 0);
	vdq_kick(d, i);
	for (unsigned round = 0; round < 1000; round++) {
		if (vdq_get(d, i, &got, &len)) {
			assert_int_equal(got, token);
			return len;
		}
		rig_poll(d->rig);
	}
	fail_msg("queue %u does not complete a request", i);
	return 0;
}
