// SPDX-License-Identifier: MIT
/* A virtio block driver, as far as tests need one [5.2]. */
#include "blk.h"

#include "guest.h"

bool blk_add(struct vq *q, struct blk_req *r, uint32_t type, uint64_t sector,
	     void *data, uint32_t len, unsigned nseg, uint32_t token)
{
	bool out = type == BLK_OUT || type == BLK_DISCARD ||
		   type == BLK_WRITE_ZEROES;
	struct vbuf buf[VQ_INDIRECT];
	unsigned n = 0;

	r->type = type;
	r->reserved = 0;
	r->sector = sector;
	r->status = BLK_NONE;
	buf[n++] = (struct vbuf){ r, 16, false };
	for (unsigned i = 0; i < nseg && n < VQ_INDIRECT - 1; i++)
		buf[n++] =
			(struct vbuf){ (uint8_t *)data + i * len, len, !out };
	buf[n++] = (struct vbuf){ &r->status, 1, true };
	return vq_add(q, buf, n, token);
}

uint8_t blk_do(struct vq *q, uint32_t type, uint64_t sector, void *data,
	       uint32_t len, unsigned nseg)
{
	static struct blk_req r;
	uint32_t token, wrote;

	if (!blk_add(q, &r, type, sector, data, len, nseg, 0))
		return BLK_TIMEOUT;
	vq_kick(q);
	return vq_wait(q, &token, &wrote) ? r.status : BLK_TIMEOUT;
}
