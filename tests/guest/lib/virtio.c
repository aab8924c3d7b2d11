// SPDX-License-Identifier: MIT
/* Virtio drivers: device life cycle and rings. */
#include "virtio.h"

#include "arch.h"
#include "guest.h"
#include "virtio_transport.h"

struct vdev vdev[MAX_VDEVS];
unsigned nvdevs;

void virtio_add(const struct vdev *v)
{
	if (nvdevs == MAX_VDEVS)
		return;
	vdev[nvdevs] = *v;
	vdev[nvdevs].mask = ~0ull;
	vdev[nvdevs].irq = nvdevs % 4;
	nvdevs++;
}

void virtio_scan(void)
{
	nvdevs = 0;
	pci_scan();
	virtio_pci_scan();
	virtio_mmio_scan();
}

struct vdev *virtio_find(unsigned id, unsigned nth)
{
	for (unsigned i = 0; i < nvdevs; i++)
		if (vdev[i].id == id && !nth--)
			return &vdev[i];
	return NULL;
}

const char *virtio_transport(const struct vdev *v)
{
	return v->pci ? "pci" : "mmio";
}

bool virtio_reset(struct vdev *v)
{
	uint64_t start = arch_ticks();

	v->ops->set_status(v, 0);
	while (v->ops->status(v))
		if (arch_ticks() - start > arch_patience())
			return false;
	return true;
}

bool virtio_start(struct vdev *v, uint64_t want)
{
	if (!virtio_reset(v))
		return false;
	v->ops->set_status(v, STATUS_ACKNOWLEDGE);
	v->ops->set_status(v, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	v->features = v->ops->features(v) & (want | F_VERSION_1) & v->mask;
	v->ops->set_features(v, v->features);
	v->ops->set_status(v, STATUS_ACKNOWLEDGE | STATUS_DRIVER |
				      STATUS_FEATURES_OK);
	return v->ops->status(v) & STATUS_FEATURES_OK;
}

void virtio_ok(struct vdev *v)
{
	v->ops->set_status(v, v->ops->status(v) | STATUS_DRIVER_OK);
}

uint8_t virtio_config8(struct vdev *v, unsigned off)
{
	return mmio_read8(v->config + off);
}

uint16_t virtio_config16(struct vdev *v, unsigned off)
{
	return mmio_read16(v->config + off);
}

uint32_t virtio_config32(struct vdev *v, unsigned off)
{
	return mmio_read32(v->config + off);
}

uint64_t virtio_config64(struct vdev *v, unsigned off)
{
	uint64_t val;
	uint8_t gen;

	do {
		gen = v->ops->generation(v);
		val = virtio_config32(v, off) |
		      (uint64_t)virtio_config32(v, off + 4) << 32;
	} while (gen != v->ops->generation(v));
	return val;
}

/* --- what the transports share */

uint64_t virtio_selected(uint64_t select, uint64_t reg)
{
	uint64_t low;

	mmio_write32(select, 0);
	low = mmio_read32(reg);
	mmio_write32(select, 1);
	return low | (uint64_t)mmio_read32(reg) << 32;
}

void virtio_set_selected(uint64_t select, uint64_t reg, uint64_t val)
{
	mmio_write32(select, 0);
	mmio_write32(reg, val);
	mmio_write32(select, 1);
	mmio_write32(reg, val >> 32);
}

void virtio_set_halves(uint64_t reg, uint64_t val)
{
	mmio_write32(reg, val);
	mmio_write32(reg + 4, val >> 32);
}

/* --- queues */

static void vq_clear(struct vq *q)
{
	size_t n = q->size;

	memset((void *)q->desc, 0, 16 * n);
	memset((void *)q->avail, 0, 6 + 2 * n);
	memset((void *)q->used, 0, 6 + 8 * n);
	for (unsigned i = 0; i < n; i++)
		q->next[i] = i + 1;
	q->nfree = n;
	q->free = 0;
	q->avail_idx = q->used_idx = q->kicked = 0;
	q->avail_wrap = q->used_wrap = true;
	/* No interrupts, in both formats [2.7.7, 2.8.10]. */
	if (!q->irq)
		q->avail[q->packed] = 1;
}

static void vq_place(struct vq *q)
{
	q->dev->ops->queue_set(q->dev, q, (uintptr_t)q->desc,
			       (uintptr_t)q->avail, (uintptr_t)q->used);
}

void vq_restart(struct vq *q)
{
	q->packed = virtio_has(q->dev, F_RING_PACKED);
	q->event_idx = virtio_has(q->dev, F_EVENT_IDX);
	q->indirect = virtio_has(q->dev, F_INDIRECT);
	vq_clear(q);
	vq_place(q);
}

struct vq *vq_setup(struct vdev *v, unsigned n, unsigned size, bool irq)
{
	unsigned max = v->ops->queue_size(v, n);
	struct vq *q = v->queue[n];

	if (!max)
		return NULL;
	if (!q) {
		q = v->queue[n] = alloc(sizeof(*q), 64);
		q->dev = v;
		q->index = n;
		q->desc = alloc(16 * VQ_MAX_SIZE, 4096);
		q->avail = alloc(6 + 2 * VQ_MAX_SIZE, 64);
		q->used = alloc(6 + 8 * VQ_MAX_SIZE, 4096);
		q->table = alloc(sizeof(*q->table) * VQ_MAX_SIZE, 64);
	}
	max = max > VQ_MAX_SIZE ? VQ_MAX_SIZE : max;
	q->size = size && size < max ? size : max;
	q->irq = irq;
	vq_restart(q);
	return q;
}

/*
 * What stands there already is not written again: the device's CPU keeps its
 * copy of that line of the cache.
 */
static void vq_describe(volatile struct split_desc *at, struct split_desc d)
{
	if (at->addr != d.addr)
		at->addr = d.addr;
	if (at->len != d.len)
		at->len = d.len;
	if (at->flags != d.flags)
		at->flags = d.flags;
	if (at->next != d.next)
		at->next = d.next;
}

static void vq_table(struct vq *q, unsigned id, const struct vbuf *buf,
		     unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct split_desc d = { (uintptr_t)buf[i].addr, buf[i].len,
					buf[i].write ? DESC_WRITE : 0, 0 };

		if (i + 1 < n && !q->packed) {
			d.flags |= DESC_NEXT;
			d.next = i + 1;
		}
		/* A packed table [2.8.7] ignores NEXT; id and flags change
		 * places there. */
		if (q->packed) {
			d.next = d.flags;
			d.flags = 0;
		}
		vq_describe(&q->table[id][i], d);
	}
}

static void vq_add_split(struct vq *q, const struct vbuf *buf, unsigned n,
			 bool table, uint32_t token)
{
	unsigned head = q->free, i = head, slots = table ? 1 : n;

	q->taken[head] = slots;
	q->token[head] = token;
	if (table)
		vq_table(q, head, buf, n);
	for (unsigned k = 0; k < slots; k++) {
		struct split_desc d = { (uintptr_t)buf[k].addr, buf[k].len,
					buf[k].write ? DESC_WRITE : 0, 0 };

		i = k ? q->next[i] : head;
		if (table) {
			d.addr = (uintptr_t)q->table[head];
			d.len = 16 * n;
			d.flags = DESC_INDIRECT;
		} else if (k + 1 < n) {
			d.flags |= DESC_NEXT;
			d.next = q->next[i];
		}
		vq_describe(&q->desc[i], d);
	}
	q->free = q->next[i];
	q->nfree -= slots;
	q->avail[2 + q->avail_idx % q->size] = head;
	q->avail_idx++;
}

static uint16_t vq_packed_flags(bool wrap)
{
	return wrap ? DESC_AVAIL : DESC_USED;
}

static void vq_add_packed(struct vq *q, const struct vbuf *buf, unsigned n,
			  bool table, uint32_t token)
{
	unsigned id = q->free, slots = table ? 1 : n, first = q->avail_idx;
	uint16_t first_flags = 0;

	q->free = q->next[id];
	q->taken[id] = slots;
	q->token[id] = token;
	if (table)
		vq_table(q, id, buf, n);
	for (unsigned k = 0; k < slots; k++) {
		volatile struct packed_desc *d = &q->pdesc[q->avail_idx];
		uint16_t flags = vq_packed_flags(q->avail_wrap);

		if (table) {
			d->addr = (uintptr_t)q->table[id];
			d->len = 16 * n;
			flags |= DESC_INDIRECT;
		} else {
			d->addr = (uintptr_t)buf[k].addr;
			d->len = buf[k].len;
			flags |= buf[k].write ? DESC_WRITE : 0;
			flags |= k + 1 < n ? DESC_NEXT : 0;
		}
		d->id = id;
		if (k)
			d->flags = flags;
		else
			first_flags = flags;
		if (++q->avail_idx == q->size) {
			q->avail_idx = 0;
			q->avail_wrap = !q->avail_wrap;
		}
	}
	q->nfree -= slots;
	arch_mb();
	q->pdesc[first].flags = first_flags; /* hands all of it over */
}

bool vq_add(struct vq *q, const struct vbuf *buf, unsigned n, uint32_t token)
{
	bool table = q->indirect && n > 1 && n <= VQ_INDIRECT;

	if (q->nfree < (table ? 1 : n))
		return false;
	if (q->packed)
		vq_add_packed(q, buf, n, table, token);
	else
		vq_add_split(q, buf, n, table, token);
	return true;
}

void vq_notify(struct vq *q)
{
	if (q->dev->pci)
		mmio_write16(q->notify, q->notify_data);
	else
		mmio_write32(q->notify, q->notify_data);
}

/* [2.7.10, 2.8.10] */
static bool vq_wants_kick(struct vq *q)
{
	uint16_t event, was = q->kicked;

	arch_mb();
	if (!q->packed) {
		q->avail[1] = q->avail_idx; /* all that was added, at once */
		arch_mb();
	}
	q->kicked = q->avail_idx;
	if (q->packed)
		/* Suppression by descriptor: kicking once too often is fine. */
		return q->used[1] != 1;
	if (!q->event_idx)
		return !(q->used[0] & 1);
	event = q->used[2 + 4 * q->size];
	return (uint16_t)(q->avail_idx - event - 1) <
	       (uint16_t)(q->avail_idx - was);
}

void vq_kick(struct vq *q)
{
	if (vq_wants_kick(q))
		vq_notify(q);
}

static bool vq_get_split(struct vq *q, uint32_t *token, uint32_t *len)
{
	const volatile struct split_used *u;
	unsigned head, last;

	if (q->used[1] == q->used_idx)
		return false;
	arch_rmb();
	u = (const volatile void *)(q->used + 2);
	u += q->used_idx % q->size;
	head = u->id % q->size;
	*len = u->len;
	*token = q->token[head];
	last = head;
	for (unsigned k = 1; k < q->taken[head]; k++)
		last = q->next[last];
	q->next[last] = q->free;
	q->free = head;
	q->nfree += q->taken[head];
	q->used_idx++;
	if (q->event_idx && q->irq)
		q->avail[2 + q->size] = q->used_idx;
	return true;
}

static bool vq_get_packed(struct vq *q, uint32_t *token, uint32_t *len)
{
	const volatile struct packed_desc *d = &q->pdesc[q->used_idx];
	uint16_t flags = d->flags, id;

	if (!(flags & DESC_AVAIL) != !(flags & DESC_USED) ||
	    !(flags & DESC_USED) != !q->used_wrap)
		return false;
	arch_rmb();
	id = d->id % q->size;
	*len = d->len;
	*token = q->token[id];
	q->used_idx += q->taken[id];
	if (q->used_idx >= q->size) {
		q->used_idx -= q->size;
		q->used_wrap = !q->used_wrap;
	}
	q->nfree += q->taken[id];
	q->next[id] = q->free;
	q->free = id;
	return true;
}

bool vq_get(struct vq *q, uint32_t *token, uint32_t *len)
{
	return q->packed ? vq_get_packed(q, token, len)
			 : vq_get_split(q, token, len);
}

bool vq_wait(struct vq *q, uint32_t *token, uint32_t *len)
{
	uint64_t start = arch_ticks();

	while (!vq_get(q, token, len)) {
		if (arch_ticks() - start > arch_patience())
			return false;
		arch_relax();
	}
	return true;
}
