/* SPDX-License-Identifier: MIT */
/* Command/response queues: messages between a VIO device and its driver. */
#include "hw/spapr/crq.h"

#include <endian.h>
#include <string.h>

#define CRQ_PAGE     4096
#define CRQ_MAX_SIZE (1u << 20) /* bytes; drivers take a page */

void crq_init(struct crq *q)
{
	pthread_mutex_init(&q->lock, NULL);
}

void crq_destroy(struct crq *q)
{
	pthread_mutex_destroy(&q->lock);
}

void crq_reset(struct crq *q)
{
	pthread_mutex_lock(&q->lock);
	q->open = false;
	pthread_mutex_unlock(&q->lock);
}

/* The first byte goes last: it says that the others are there. */
static bool crq_append(struct vio_dev *v, const uint8_t msg[CRQ_MSG])
{
	struct crq *q = v->crq;
	uint64_t at = q->base + q->next;
	uint8_t taken;

	if (!q->open || vio_read(v, at, &taken, 1) < 0 || taken ||
	    vio_write(v, at + 1, msg + 1, CRQ_MSG - 1) < 0)
		return false;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (vio_write(v, at, msg, 1) < 0)
		return false;
	q->next = (q->next + CRQ_MSG) % q->size;
	return true;
}

bool crq_send(struct vio_dev *v, const uint8_t msg[CRQ_MSG])
{
	bool sent;

	pthread_mutex_lock(&v->crq->lock);
	sent = crq_append(v, msg);
	pthread_mutex_unlock(&v->crq->lock);
	if (sent)
		vio_signal(v);
	return sent;
}

/* ---- hypercalls: R4 is the unit address */

static struct vio_dev *crq_dev(void *bus, uint64_t unit)
{
	struct vio_dev *v = vio_at(bus, unit);

	return v && v->crq ? v : NULL;
}

/* R5: the address, R6: the size. */
static long h_reg_crq(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		      uint64_t out[HCALL_REGS])
{
	struct vio_dev *v = crq_dev(opaque, in[0]);
	long ret = H_RESOURCE;

	(void)cpu, (void)out;
	if (!v || in[1] % CRQ_PAGE || !in[2] || in[2] % CRQ_PAGE ||
	    in[2] > CRQ_MAX_SIZE || !vio_in_window(v, in[1], in[2]))
		return H_PARAMETER;
	pthread_mutex_lock(&v->crq->lock);
	if (!v->crq->open) {
		v->crq->open = true;
		v->crq->base = in[1];
		v->crq->size = (uint32_t)in[2];
		v->crq->next = 0;
		ret = H_SUCCESS;
	}
	pthread_mutex_unlock(&v->crq->lock);
	return ret;
}

static long h_free_crq(void *opaque, unsigned cpu,
		       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct vio_dev *v = crq_dev(opaque, in[0]);

	(void)cpu, (void)out;
	if (!v)
		return H_PARAMETER;
	pthread_mutex_lock(&v->crq->lock);
	v->crq->open = false;
	pthread_mutex_unlock(&v->crq->lock);
	v->crq->closed(v);
	return H_SUCCESS;
}

/* R5 and R6: the message. */
static long h_send_crq(void *opaque, unsigned cpu,
		       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct vio_dev *v = crq_dev(opaque, in[0]);
	const uint64_t be[2] = { htobe64(in[1]), htobe64(in[2]) };
	uint8_t msg[CRQ_MSG];
	bool open;

	(void)cpu, (void)out;
	memcpy(msg, be, sizeof(msg));
	if (!v || !(msg[0] & CRQ_VALID))
		return H_PARAMETER;
	pthread_mutex_lock(&v->crq->lock);
	open = v->crq->open;
	pthread_mutex_unlock(&v->crq->lock);
	return open ? v->crq->message(v, msg) : H_CLOSED;
}

/* Queues are never suspended here: no guest moves. */
static long h_enable_crq(void *opaque, unsigned cpu,
			 const uint64_t in[HCALL_REGS],
			 uint64_t out[HCALL_REGS])
{
	(void)cpu, (void)out;
	return crq_dev(opaque, in[0]) ? H_SUCCESS : H_PARAMETER;
}

const struct hcall crq_hcalls[] = {
	{ 0x0fc, "H_REG_CRQ", h_reg_crq },
	{ 0x100, "H_FREE_CRQ", h_free_crq },
	{ 0x108, "H_SEND_CRQ", h_send_crq },
	{ 0x2b0, "H_ENABLE_CRQ", h_enable_crq },
	{ 0 },
};
