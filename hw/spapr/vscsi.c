/* SPDX-License-Identifier: MIT */
/* The virtual SCSI adapter of a pSeries guest, with one disk. */
#include "hw/spapr/vscsi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/scsi/scsi.h"
#include "hw/spapr/crq.h"
#include "hw/spapr/srp.h"

#define VSCSI_INBOX 128	 /* messages that wait for the loop */
#define VSCSI_IOVS  1024 /* pages of a transfer, in pieces */
#define VSCSI_DESCS 256	 /* descriptors of a transfer */

/* One information unit under way; the loop's. */
struct vscsi_req {
	struct vscsi *s;
	bool busy;
	uint64_t iu_addr;
	uint32_t iu_len;
	uint8_t iu[SRP_IU_MAX];
	struct scsi_cmd cmd;
	uint64_t data_len; /* what the descriptors offer */
	bool data_out;
	uint64_t moved;
	struct iovec *iov; /* VSCSI_IOVS of them */
	unsigned niov;
	struct disk_req disk;
	struct scsi_range range[SCSI_UNMAP_MAX];
	unsigned nranges, next_range;
};

/*
 * Messages come on vCPUs' threads and wait in the inbox for the main loop,
 * which owns all the rest.
 */
struct vscsi {
	struct vio_dev vio;
	struct disk_config cfg; /* properties */
	char *serial;
	/* constant from realize on: */
	struct crq crq;
	struct disk *disk;
	struct disk_io *io;
	struct scsi_disk scsi;
	struct iovec *iovs;
	struct loop_fd wake;

	pthread_mutex_t lock; /* of the inbox */
	uint8_t inbox[VSCSI_INBOX][CRQ_MSG];
	unsigned in_head, in_len;

	/* the loop's: */
	struct vscsi_req req[VSCSI_REQUESTS + 2]; /* and management */
	bool starved; /* messages wait for a request to end */
};

static struct vscsi *vscsi_of(struct vio_dev *v)
{
	return container_of(v, struct vscsi, vio);
}

/* ---- answers */

static void req_end(struct vscsi_req *r)
{
	r->busy = false;
	r->niov = 0;
	if (!r->s->starved)
		return;
	r->s->starved = false;
	if (eventfd_write(r->s->wake.fd, 1) < 0)
		log_warn("%s: %s", r->s->vio.dev.name, strerror(errno));
}

/* The answer goes where the request lay, and a message says so. */
static void req_answer(struct vscsi_req *r, uint8_t format, const uint8_t *iu,
		       uint32_t len)
{
	uint8_t msg[CRQ_MSG] = { CRQ_COMMAND, format };

	if (vio_write(&r->s->vio, r->iu_addr, iu, len) < 0)
		msg[CRQ_STATUS] = CRQ_STATUS_FAIL;
	srp_put(msg + CRQ_LENGTH, 2, len);
	memcpy(msg + CRQ_ADDRESS, r->iu + SRP_TAG, 8);
	if (!crq_send(&r->s->vio, msg))
		guest_error(r->s->vio.dev.name, "an answer found no room");
	req_end(r);
}

/* Status, what was not moved, and why. */
static void req_respond(struct vscsi_req *r)
{
	uint8_t rsp[SRP_RSP_SIZE + SCSI_SENSE] = { SRP_RSP };
	uint64_t left = r->data_len - r->moved;
	uint32_t len = SRP_RSP_SIZE;

	srp_put(rsp + SRP_RSP_LIMIT, 4, 1);
	memcpy(rsp + SRP_TAG, r->iu + SRP_TAG, 8);
	rsp[SRP_RSP_STATUS] = r->cmd.status;
	if (left) {
		rsp[SRP_RSP_FLAGS] |= r->data_out ? SRP_OUT_UNDER
						  : SRP_IN_UNDER;
		srp_put(rsp + (r->data_out ? SRP_RSP_OUT_LEFT
					   : SRP_RSP_IN_LEFT),
			4, left);
	}
	if (r->cmd.status == SCSI_CHECK_CONDITION) {
		rsp[SRP_RSP_FLAGS] |= SRP_SENSE_VALID;
		srp_put(rsp + SRP_RSP_SENSE, 4, SCSI_SENSE);
		memcpy(rsp + SRP_RSP_SIZE, r->cmd.sense, SCSI_SENSE);
		len += SCSI_SENSE;
	}
	req_answer(r, CRQ_FORMAT_SRP, rsp, len);
}

static void req_fail(struct vscsi_req *r, uint32_t sense)
{
	scsi_fail(&r->cmd, sense);
	req_respond(r);
}

/* ---- data: what a command's descriptors name */

static bool add_desc(struct vscsi_req *r, const uint8_t *desc)
{
	uint64_t addr = srp_get(desc, 8), len = srp_get(desc + 12, 4);

	if (len > UINT32_MAX - r->data_len ||
	    vio_iov(&r->s->vio, addr, len, !r->data_out, r->iov, &r->niov,
		    VSCSI_IOVS) < 0)
		return false;
	r->data_len += len;
	return true;
}

/* The table is in the unit as far as count says, else only in memory. */
static bool add_indirect(struct vscsi_req *r, const uint8_t *at, unsigned count)
{
	uint64_t n = srp_get(at + 12, 4) / SRP_DESC;
	uint8_t table[VSCSI_DESCS * SRP_DESC];

	if (n > VSCSI_DESCS)
		return false;
	if (count >= n)
		memcpy(table, at + SRP_INDIRECT_HEAD, n * SRP_DESC);
	else if (vio_read(&r->s->vio, srp_get(at, 8), table, n * SRP_DESC) < 0)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (!add_desc(r, table + i * SRP_DESC))
			return false;
	return true;
}

static uint32_t desc_size(unsigned format, unsigned count)
{
	switch (format) {
	case SRP_DIRECT: return SRP_DESC;
	case SRP_INDIRECT: return SRP_INDIRECT_HEAD + SRP_DESC * count;
	default: return 0;
	}
}

/*
 * Data-out's descriptors precede data-in's, of which a command has one kind.
 * False where they are malformed, or do not name memory.
 */
static bool req_data(struct vscsi_req *r)
{
	unsigned out = r->iu[SRP_CMD_FORMATS] >> 4;
	unsigned in = r->iu[SRP_CMD_FORMATS] & 15, format = out ? out : in;
	unsigned count = r->iu[out ? SRP_CMD_OUT_COUNT : SRP_CMD_IN_COUNT];
	uint32_t at = SRP_CMD_DATA + (r->iu[SRP_CMD_ADD_CDB] & ~3u);

	r->data_len = r->moved = 0;
	r->niov = 0;
	r->data_out = out;
	if ((out && in) || format > SRP_INDIRECT ||
	    at + desc_size(format, count) > r->iu_len)
		return false;
	if (format == SRP_DIRECT)
		return add_desc(r, r->iu + at);
	if (format == SRP_INDIRECT)
		return add_indirect(r, r->iu + at, count);
	return true;
}

/* Moves the command's own bytes to the initiator, or len of its from there. */
static void iov_fill(struct vscsi_req *r, const uint8_t *buf, size_t len)
{
	for (unsigned i = 0; i < r->niov && len; i++) {
		size_t n = r->iov[i].iov_len < len ? r->iov[i].iov_len : len;

		memcpy(r->iov[i].iov_base, buf, n);
		buf += n;
		len -= n;
		r->moved += n;
	}
}

static void iov_drain(struct vscsi_req *r, uint8_t *buf, size_t len)
{
	for (unsigned i = 0; i < r->niov && len; i++) {
		size_t n = r->iov[i].iov_len < len ? r->iov[i].iov_len : len;

		memcpy(buf, r->iov[i].iov_base, n);
		buf += n;
		len -= n;
		r->moved += n;
	}
}

/* Cuts the iovecs at len bytes, of which they have as many. */
static void iov_cut(struct vscsi_req *r, uint64_t len)
{
	unsigned i = 0;

	for (; len > r->iov[i].iov_len; i++)
		len -= r->iov[i].iov_len;
	r->iov[i].iov_len = len;
	r->niov = i + 1;
}

/* ---- commands */

static void cmd_moved(struct disk_req *d, int ret)
{
	struct vscsi_req *r = container_of(d, struct vscsi_req, disk);

	if (ret == -ECANCELED) {
		req_fail(r, SCSI_ABORTED);
	} else if (ret < 0) {
		req_fail(r, d->op == DISK_READ ? SCSI_READ_ERROR
					       : SCSI_WRITE_ERROR);
	} else {
		r->moved = r->cmd.len;
		req_respond(r);
	}
}

static void cmd_move(struct vscsi_req *r, bool write)
{
	if (r->data_len < r->cmd.len || r->data_out != write) {
		req_fail(r, SCSI_INVALID_FIELD);
		return;
	}
	iov_cut(r, r->cmd.len);
	r->disk = (struct disk_req){ .op = write ? DISK_WRITE : DISK_READ,
				     .fua = write && r->cmd.fua,
				     .off = r->cmd.off,
				     .len = r->cmd.len,
				     .iov = r->iov,
				     .niov = r->niov,
				     .done = cmd_moved };
	disk_submit(r->s->io, &r->disk);
}

static void cmd_flushed(struct disk_req *d, int ret)
{
	struct vscsi_req *r = container_of(d, struct vscsi_req, disk);

	if (ret < 0)
		req_fail(r,
			 ret == -ECANCELED ? SCSI_ABORTED : SCSI_WRITE_ERROR);
	else
		req_respond(r);
}

static void cmd_flush(struct vscsi_req *r)
{
	r->disk = (struct disk_req){ .op = DISK_FLUSH, .done = cmd_flushed };
	disk_submit(r->s->io, &r->disk);
}

/* One range after the other; what cannot be given back stays. */
static void cmd_unmapped(struct disk_req *d, int ret)
{
	struct vscsi_req *r = container_of(d, struct vscsi_req, disk);

	while (ret >= 0 && r->next_range < r->nranges) {
		const struct scsi_range *range = &r->range[r->next_range++];

		if (!range->len)
			continue;
		r->disk = (struct disk_req){ .op = DISK_DISCARD,
					     .off = range->off,
					     .len = range->len,
					     .done = cmd_unmapped };
		disk_submit(r->s->io, &r->disk);
		return;
	}
	cmd_flushed(d, ret);
}

static void cmd_unmap(struct vscsi_req *r)
{
	uint8_t params[8 + 16 * SCSI_UNMAP_MAX];
	int n;

	if (r->data_len < r->cmd.len || !r->data_out) {
		req_fail(r, SCSI_INVALID_FIELD);
		return;
	}
	iov_drain(r, params, r->cmd.len);
	n = scsi_unmap(&r->s->scsi, params, r->cmd.len, r->range, &r->cmd);
	if (n < 0) {
		req_respond(r);
		return;
	}
	r->nranges = (unsigned)n;
	r->next_range = 0;
	cmd_unmapped(&r->disk, 0);
}

static void cmd_answer(struct vscsi_req *r)
{
	if (r->cmd.reply_len && !r->data_out)
		iov_fill(r, r->cmd.reply, r->cmd.reply_len);
	req_respond(r);
}

/*
 * A logical unit's address in SAM's two forms: peripheral (0, target), or
 * logical unit (10b << 6 | target, bus << 5 | unit).
 */
static bool lun_is_disk(const uint8_t *lun)
{
	static const uint8_t none[6];

	return (lun[0] == 0 || lun[0] == 0x80) && !lun[1] &&
	       !memcmp(lun + 2, none, sizeof(none));
}

static void srp_command(struct vscsi_req *r)
{
	if (r->iu_len < SRP_CMD_DATA || !req_data(r)) {
		guest_error(r->s->vio.dev.name, "bad data descriptors");
		r->data_len = r->moved = 0;
		req_fail(r, SCSI_INVALID_FIELD);
		return;
	}
	scsi_parse(&r->s->scsi, lun_is_disk(r->iu + SRP_CMD_LUN),
		   r->iu + SRP_CMD_CDB, &r->cmd);
	switch (r->cmd.action) {
	case SCSI_READ: cmd_move(r, false); break;
	case SCSI_WRITE: cmd_move(r, true); break;
	case SCSI_FLUSH: cmd_flush(r); break;
	case SCSI_UNMAP: cmd_unmap(r); break;
	case SCSI_ANSWER: cmd_answer(r); break;
	}
}

/* ---- other units */

static void srp_login(struct vscsi_req *r)
{
	uint8_t rsp[SRP_LOGIN_SIZE] = { SRP_LOGIN_RSP };

	srp_put(rsp + SRP_LOGIN_LIMIT, 4, VSCSI_REQUESTS);
	memcpy(rsp + SRP_TAG, r->iu + SRP_TAG, 8);
	srp_put(rsp + SRP_LOGIN_MAX_IN, 4, SRP_IU_MAX);
	srp_put(rsp + SRP_LOGIN_MAX_OUT, 4, SRP_IU_MAX);
	srp_put(rsp + SRP_LOGIN_FORMATS, 2,
		1 << SRP_DIRECT | 1 << SRP_INDIRECT);
	req_answer(r, CRQ_FORMAT_SRP, rsp, sizeof(rsp));
}

/*
 * Whatever is to be aborted: all ends, which takes a bounded time, and then
 * the function is complete.
 */
static void srp_task_management(struct vscsi_req *r)
{
	uint8_t rsp[SRP_RSP_SIZE + 4] = { SRP_RSP };

	disk_cancel(r->s->io);
	srp_put(rsp + SRP_RSP_LIMIT, 4, 1);
	memcpy(rsp + SRP_TAG, r->iu + SRP_TAG, 8);
	rsp[SRP_RSP_FLAGS] = SRP_RSP_VALID;
	srp_put(rsp + SRP_RSP_DATA, 4, 4); /* of zeros: complete */
	req_answer(r, CRQ_FORMAT_SRP, rsp, sizeof(rsp));
}

static void srp_unit(struct vscsi_req *r)
{
	switch (r->iu[0]) {
	case SRP_LOGIN_REQ: srp_login(r); break;
	case SRP_CMD: srp_command(r); break;
	case SRP_TSK_MGMT: srp_task_management(r); break;
	case SRP_I_LOGOUT: req_end(r); break; /* nobody waits for an answer */
	default:
		guest_error(r->s->vio.dev.name, "unit of type 0x%02x",
			    r->iu[0]);
		req_end(r);
	}
}

static bool mad_adapter_info(struct vscsi_req *r)
{
	uint8_t info[INFO_SIZE] = { 0 };
	size_t len = srp_get(r->iu + MAD_LENGTH, 2);

	memcpy(info + INFO_VERSION, "16.a", 4);
	memcpy(info + INFO_PARTITION, "vmm", 3);
	srp_put(info + INFO_MAD, 4, 1);
	srp_put(info + INFO_OS, 4, 2);
	srp_put(info + INFO_MOST, 4, VSCSI_MOST);
	return vio_write(&r->s->vio, srp_get(r->iu + MAD_BUFFER, 8), info,
			 len < sizeof(info) ? len : sizeof(info)) == 0;
}

static void mad_unit(struct vscsi_req *r)
{
	uint16_t status = MAD_NOT_SUPPORTED;

	if (r->iu_len < MAD_SIZE) {
		guest_error(r->s->vio.dev.name, "short management datagram");
		req_end(r);
		return;
	}
	if (srp_get(r->iu, 4) == MAD_ADAPTER_INFO)
		status = mad_adapter_info(r) ? MAD_SUCCESS : MAD_FAILED;
	srp_put(r->iu + MAD_STATUS, 2, status);
	req_answer(r, CRQ_FORMAT_MAD, r->iu, MAD_SIZE);
}

/* ---- messages */

static struct vscsi_req *vscsi_free_req(struct vscsi *s)
{
	for (unsigned i = 0; i < sizeof(s->req) / sizeof(*s->req); i++)
		if (!s->req[i].busy)
			return &s->req[i];
	return NULL;
}

static void vscsi_command(struct vscsi *s, struct vscsi_req *r,
			  const uint8_t *msg)
{
	r->iu_len = (uint32_t)srp_get(msg + CRQ_LENGTH, 2);
	r->iu_addr = srp_get(msg + CRQ_ADDRESS, 8);
	memset(r->iu, 0, sizeof(r->iu));
	if (r->iu_len < SRP_IU_MIN || r->iu_len > SRP_IU_MAX ||
	    vio_read(&s->vio, r->iu_addr, r->iu, r->iu_len) < 0) {
		guest_error(s->vio.dev.name, "no information unit there");
		return;
	}
	r->busy = true;
	if (msg[1] == CRQ_FORMAT_MAD)
		mad_unit(r);
	else
		srp_unit(r);
}

static void vscsi_message(struct vscsi *s, struct vscsi_req *r,
			  const uint8_t *msg)
{
	static const uint8_t done[CRQ_MSG] = { CRQ_INIT, CRQ_INIT_DONE };

	if (msg[0] == CRQ_INIT && msg[1] == CRQ_INIT_START)
		crq_send(&s->vio, done);
	else if (msg[0] == CRQ_COMMAND &&
		 (msg[1] == CRQ_FORMAT_SRP || msg[1] == CRQ_FORMAT_MAD))
		vscsi_command(s, r, msg);
	else if (msg[0] != CRQ_INIT)
		guest_error(s->vio.dev.name, "message 0x%02x%02x", msg[0],
			    msg[1]);
}

static bool vscsi_next(struct vscsi *s, uint8_t msg[CRQ_MSG])
{
	bool any;

	pthread_mutex_lock(&s->lock);
	any = s->in_len;
	if (any) {
		memcpy(msg, s->inbox[s->in_head], CRQ_MSG);
		s->in_head = (s->in_head + 1) % VSCSI_INBOX;
		s->in_len--;
	}
	pthread_mutex_unlock(&s->lock);
	return any;
}

/* On the loop: as many messages as there are requests for. */
static void vscsi_ready(void *opaque, uint32_t events)
{
	struct vscsi *s = opaque;
	struct vscsi_req *r;
	uint8_t msg[CRQ_MSG];
	eventfd_t n;

	(void)events;
	if (eventfd_read(s->wake.fd, &n) < 0)
		return;
	for (unsigned i = 0; i < VSCSI_INBOX; i++) {
		r = vscsi_free_req(s);
		s->starved = !r;
		if (!r || !vscsi_next(s, msg))
			return;
		vscsi_message(s, r, msg);
	}
}

/* A vCPU's thread. */
static long vscsi_receive(struct vio_dev *v, const uint8_t msg[CRQ_MSG])
{
	struct vscsi *s = vscsi_of(v);
	bool room;

	pthread_mutex_lock(&s->lock);
	room = s->in_len < VSCSI_INBOX;
	if (room)
		memcpy(s->inbox[(s->in_head + s->in_len++) % VSCSI_INBOX], msg,
		       CRQ_MSG);
	pthread_mutex_unlock(&s->lock);
	if (!room || eventfd_write(s->wake.fd, 1) < 0)
		return H_BUSY;
	return H_SUCCESS;
}

/* What comes of it finds the queue closed, and is lost. */
static void vscsi_quiesce(void *opaque)
{
	struct vscsi *s = opaque;

	pthread_mutex_lock(&s->lock);
	s->in_len = 0;
	pthread_mutex_unlock(&s->lock);
	disk_cancel(s->io);
}

static void vscsi_closed(struct vio_dev *v)
{
	loop_call(v->dev.env->loop, vscsi_quiesce, vscsi_of(v));
}

/* ---- the device */

static void vscsi_describe(struct vscsi *s)
{
	const struct disk_info *info = disk_info(s->disk);
	const char *serial = s->serial ? s->serial : s->vio.dev.name;

	s->scsi = (struct scsi_disk){
		.blocks = info->size / info->logical_block,
		.block = info->logical_block,
		.physical = info->physical_block,
		.granule = info->discard_granule,
		.most = VSCSI_MOST,
		.readonly = info->readonly,
		.cached = true,
	};
	memcpy(s->scsi.serial, serial,
	       strnlen(serial, sizeof(s->scsi.serial) - 1));
}

static void vscsi_free(struct vscsi *s)
{
	if (s->wake.loop)
		loop_del(&s->wake);
	if (s->wake.fd > 0)
		close(s->wake.fd);
	if (s->io)
		disk_io_free(s->io);
	if (s->disk)
		disk_close(s->disk);
	free(s->iovs);
	s->wake = (struct loop_fd){ 0 };
	s->io = NULL;
	s->disk = NULL;
	s->iovs = NULL;
}

static int vscsi_open(struct vscsi *s, struct err *err)
{
	struct loop *loop = s->vio.dev.env->loop;
	unsigned n = sizeof(s->req) / sizeof(*s->req);

	s->iovs = calloc((size_t)n * VSCSI_IOVS, sizeof(*s->iovs));
	if (!s->iovs)
		return err_nomem(err, "a SCSI adapter");
	for (unsigned i = 0; i < n; i++) {
		s->req[i].s = s;
		s->req[i].iov = s->iovs + (size_t)i * VSCSI_IOVS;
	}
	s->disk = disk_open(&s->cfg, err);
	if (!s->disk)
		return -err->code;
	vscsi_describe(s);
	s->io = disk_io_new(s->disk, loop, s->vio.dev.env->mem, err);
	if (!s->io)
		return -err->code;
	s->wake =
		(struct loop_fd){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				  .events = EPOLLIN,
				  .ready = vscsi_ready,
				  .opaque = s };
	if (s->wake.fd < 0)
		return err_set(err, errno, "cannot make an eventfd: %s",
			       strerror(errno));
	return loop_add(loop, &s->wake, err);
}

static int vscsi_realize(struct device *dev, struct err *err)
{
	struct vscsi *s = container_of(dev, struct vscsi, vio.dev);
	int ret;

	if (!s->cfg.file) {
		err_set(err, EINVAL, "%s: it has no disk", dev->name);
		err_hint(err, "add file=IMAGE");
		return -EINVAL;
	}
	ret = vio_dma_init(&s->vio, err);
	if (ret < 0)
		return ret;
	ret = vscsi_open(s, err);
	if (ret < 0) {
		vscsi_free(s);
		vio_dma_exit(&s->vio);
		return ret;
	}
	pthread_mutex_init(&s->lock, NULL);
	crq_init(&s->crq);
	s->crq.message = vscsi_receive;
	s->crq.closed = vscsi_closed;
	s->vio.crq = &s->crq;
	return 0;
}

static void vscsi_unrealize(struct device *dev)
{
	struct vscsi *s = container_of(dev, struct vscsi, vio.dev);

	vscsi_free(s);
	vio_dma_exit(&s->vio);
	crq_destroy(&s->crq);
	pthread_mutex_destroy(&s->lock);
	s->vio.crq = NULL;
}

static void vscsi_reset(struct device *dev)
{
	struct vscsi *s = container_of(dev, struct vscsi, vio.dev);

	crq_reset(&s->crq);
	loop_call(dev->env->loop, vscsi_quiesce, s);
	vio_reset(&s->vio);
}

static void vscsi_stop(struct device *dev)
{
	disk_drain(container_of(dev, struct vscsi, vio.dev)->io);
}

static void vscsi_init(struct device *dev)
{
	container_of(dev, struct vscsi, vio.dev)->cfg.cache =
		DISK_CACHE_WRITEBACK;
}

static const struct prop vscsi_props[] = {
	DISK_PROPS(offsetof(struct vscsi, cfg)),
	{ .name = "serial",
	  .arg = "TEXT",
	  .kind = PROP_STR,
	  .max = 32,
	  .off = offsetof(struct vscsi, serial),
	  .brief = "the serial number that the guest sees" },
	{ 0 },
};

const struct device_class spapr_vscsi_class = {
	.name = "spapr-vscsi",
	.brief = "pSeries virtual SCSI adapter with a disk",
	.compatible = "IBM,v-scsi",
	.size = sizeof(struct vscsi),
	.space = SPACE_VIO,
	.props = vscsi_props,
	.init = vscsi_init,
	.realize = vscsi_realize,
	.unrealize = vscsi_unrealize,
	.reset = vscsi_reset,
	.stop = vscsi_stop,
};
