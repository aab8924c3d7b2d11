/* SPDX-License-Identifier: MIT */
/* Command/response queues, and the SCSI adapter over a real file. */
#include "hw/spapr/vscsi.h"

#include <endian.h>
#include <stdlib.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/spapr/srp.h"
#include "tests/support/vio_rig.h"
#include "tests/test.h"

#define REG    0xfc
#define FREE   0x100
#define SIGNAL 0x104
#define SEND   0x108
#define ENABLE 0x2b0
#define PARAM  ((uint64_t)H_PARAMETER)

/* Bus addresses: the queue, an information unit, data, a table. */
#define QUEUE 0x1000
#define IU    0x3000
#define DATA  0x10000
#define TABLE 0x5000
#define SIZE  (4 << 20) /* of the disk, whose sectors hold their numbers */
#define TAG   UINT64_C(0x1122334455667788)

struct bed {
	struct vio_rig v;
	unsigned next; /* message of the queue */
	uint8_t iu[SRP_IU_MAX], rsp[SRP_IU_MAX];
	char path[64];
};

static void bed_make(struct bed *b, const char *props)
{
	uint8_t sector[512];
	char text[128];
	int fd;

	memset(b, 0, sizeof(*b));
	strcpy(b->path, "/var/tmp/vmm-test-vscsi-XXXXXX");
	fd = mkstemp(b->path);
	CHECK(fd >= 0);
	for (unsigned i = 0; i < SIZE / 512; i++) {
		memset(sector, (int)i, sizeof(sector));
		CHECK_EQ(write(fd, sector, 512), 512);
	}
	close(fd);
	snprintf(text, sizeof(text), "file=%s,serial=one%s", b->path, props);
	vio_rig_make(&b->v);
	vio_rig_add(&b->v, &spapr_vscsi_class, text);
}

static void bed_free(struct bed *b)
{
	vio_rig_free(&b->v);
	unlink(b->path);
}

static long call(struct bed *b, uint64_t nr, uint64_t x, uint64_t y)
{
	return vio_rig_call(&b->v, nr, VIO_RIG_UNIT, x, y, 0);
}

static long send(struct bed *b, uint8_t type, uint8_t format, uint16_t len,
		 uint64_t addr)
{
	return call(b, SEND,
		    (uint64_t)type << 56 | (uint64_t)format << 48 | len, addr);
}

/* Takes the next message as a driver does; false where none came. */
static bool receive(struct bed *b, uint8_t msg[CRQ_MSG])
{
	static const uint8_t zero;
	uint64_t at = QUEUE + b->next * CRQ_MSG;

	for (int i = 0; i < 2000; i++) {
		vio_rig_get(&b->v, at, msg, CRQ_MSG);
		if (msg[0]) {
			vio_rig_put(&b->v, at, &zero, 1);
			b->next = (b->next + 1) % (4096 / CRQ_MSG);
			return true;
		}
		rig_poll(&b->v.r);
		usleep(i < 10 ? 0 : 1000);
	}
	return false;
}

static void no_message(struct bed *b)
{
	uint8_t msg[CRQ_MSG];

	for (int i = 0; i < 8; i++)
		rig_poll(&b->v.r);
	vio_rig_get(&b->v, QUEUE + b->next * CRQ_MSG, msg, CRQ_MSG);
	CHECK_EQ(msg[0], 0);
}

/* Sends the unit in b->iu; the answer is in b->rsp. */
static uint16_t transact(struct bed *b, uint8_t format, uint16_t len)
{
	uint8_t msg[CRQ_MSG];

	srp_put(b->iu + SRP_TAG, 8, TAG);
	vio_rig_put(&b->v, IU, b->iu, sizeof(b->iu));
	CHECK_EQ(send(b, CRQ_COMMAND, format, len, IU), H_SUCCESS);
	CHECK(receive(b, msg));
	CHECK_EQ(msg[0], CRQ_COMMAND);
	CHECK_EQ(msg[1], format);
	CHECK_EQ(srp_get(msg + CRQ_ADDRESS, 8), TAG);
	vio_rig_get(&b->v, IU, b->rsp, sizeof(b->rsp));
	CHECK_EQ(srp_get(b->rsp + SRP_TAG, 8), TAG);
	return (uint16_t)srp_get(msg + CRQ_LENGTH, 2);
}

static void login(struct bed *b)
{
	CHECK_EQ(call(b, REG, QUEUE, 4096), H_SUCCESS);
	CHECK_EQ(call(b, SIGNAL, 1, 0), H_SUCCESS);
	memset(b->iu, 0, sizeof(b->iu));
	CHECK_EQ(transact(b, CRQ_FORMAT_SRP, 64), SRP_LOGIN_SIZE);
	CHECK_EQ(b->rsp[0], SRP_LOGIN_RSP);
	CHECK_EQ(srp_get(b->rsp + SRP_LOGIN_LIMIT, 4), VSCSI_REQUESTS);
}

static void desc(uint8_t *p, uint64_t addr, uint32_t len)
{
	srp_put(p, 8, addr);
	srp_put(p + 8, 4, 0);
	srp_put(p + 12, 4, len);
}

/* A command with one direct descriptor of len bytes at DATA. */
static void command(struct bed *b, const uint8_t *cdb, size_t n, bool out,
		    uint32_t len)
{
	memset(b->iu, 0, sizeof(b->iu));
	b->iu[0] = SRP_CMD;
	b->iu[SRP_CMD_FORMATS] = len ? (uint8_t)(SRP_DIRECT << (out ? 4 : 0))
				     : 0;
	b->iu[SRP_CMD_LUN] = 0x80;
	memcpy(b->iu + SRP_CMD_CDB, cdb, n);
	desc(b->iu + SRP_CMD_DATA, DATA, len);
}

#define COMMAND(b, out, len, ...)                                     \
	do {                                                          \
		static const uint8_t cdb[] = { __VA_ARGS__ };         \
		command(b, cdb, sizeof(cdb), out, len);               \
		transact(b, CRQ_FORMAT_SRP, SRP_CMD_DATA + SRP_DESC); \
		CHECK_EQ((b)->rsp[0], SRP_RSP);                       \
	} while (0)

static uint32_t sense(const struct bed *b)
{
	const uint8_t *p = b->rsp + SRP_RSP_SIZE;

	CHECK_EQ(b->rsp[SRP_RSP_STATUS], 2);
	CHECK(b->rsp[SRP_RSP_FLAGS] & SRP_SENSE_VALID);
	CHECK_EQ(srp_get(b->rsp + SRP_RSP_SENSE, 4), 18);
	return (uint32_t)(p[2] << 16 | p[12] << 8 | p[13]);
}

/* ---- queues */

TEST(crq_is_registered_once_and_freed)
{
	uint8_t msg[CRQ_MSG];
	struct bed b;

	bed_make(&b, "");
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_CLOSED);
	CHECK_EQ(call(&b, REG, QUEUE, 4096), H_SUCCESS);
	CHECK_EQ(call(&b, REG, QUEUE, 4096), (uint64_t)H_RESOURCE);
	CHECK_EQ(call(&b, SIGNAL, 1, 0), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_SUCCESS);
	CHECK(receive(&b, msg));
	CHECK_EQ(msg[0], CRQ_INIT);
	CHECK_EQ(msg[1], CRQ_INIT_DONE);
	CHECK_EQ(rig_take_rises(&b.v.r, VIO_RIG_LINE), 1);
	CHECK_EQ(call(&b, ENABLE, 0, 0), H_SUCCESS);
	CHECK_EQ(call(&b, FREE, 0, 0), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_CLOSED);
	CHECK_EQ(call(&b, REG, QUEUE, 4096), H_SUCCESS);
	device_reset(b.v.r.dev);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_CLOSED);
	bed_free(&b);
}

TEST(crq_does_not_interrupt_unless_asked)
{
	uint8_t msg[CRQ_MSG];
	struct bed b;

	bed_make(&b, "");
	CHECK_EQ(call(&b, REG, QUEUE, 4096), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_SUCCESS);
	CHECK(receive(&b, msg));
	CHECK_EQ(rig_take_rises(&b.v.r, VIO_RIG_LINE), 0);
	bed_free(&b);
}

TEST(crq_refuses_bad_queues_units_and_messages)
{
	static const uint64_t bad[][2] = {
		{ QUEUE + 8, 4096 },  { QUEUE, 0 },
		{ QUEUE, 100 },	      { QUEUE, UINT64_C(1) << 32 },
		{ VIO_WINDOW, 4096 }, { UINT64_MAX - 4095, 4096 },
		{ QUEUE, 2 << 20 },
	};
	struct bed b;

	bed_make(&b, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_EQ(call(&b, REG, bad[i][0], bad[i][1]), PARAM);
	CHECK_EQ(vio_rig_call(&b.v, REG, 1, QUEUE, 4096, 0), PARAM);
	CHECK_EQ(vio_rig_call(&b.v, FREE, 1, 0, 0, 0), PARAM);
	CHECK_EQ(vio_rig_call(&b.v, ENABLE, 1, 0, 0, 0), PARAM);
	CHECK_EQ(vio_rig_call(&b.v, SEND, 1, UINT64_C(0xc0) << 56, 0, 0),
		 PARAM);
	CHECK_EQ(call(&b, SEND, UINT64_C(0x7f) << 56, 0), PARAM);
	bed_free(&b);
}

TEST(crq_that_is_full_loses_nothing_that_was_there)
{
	uint8_t msg[CRQ_MSG];
	struct bed b;

	log_threshold = LOG_LEVEL_ERROR;
	bed_make(&b, "");
	CHECK_EQ(call(&b, REG, QUEUE, 4096), H_SUCCESS);
	for (unsigned i = 0; i < 300; i++) {
		CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_SUCCESS);
		rig_poll(&b.v.r);
	}
	for (unsigned i = 0; i < 256; i++)
		CHECK(receive(&b, msg));
	no_message(&b);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_SUCCESS);
	CHECK(receive(&b, msg)); /* it goes on */
	bed_free(&b);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(crq_senders_are_told_to_wait)
{
	unsigned sent = 0;
	struct bed b;

	bed_make(&b, "");
	CHECK_EQ(call(&b, REG, QUEUE, 4096), H_SUCCESS);
	while (send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0) == H_SUCCESS)
		CHECK(++sent < 10000);
	CHECK(sent >= VSCSI_REQUESTS);
	rig_poll(&b.v.r);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_SUCCESS);
	bed_free(&b);
}

/* ---- the adapter */

TEST(vscsi_tells_of_itself)
{
	uint8_t info[INFO_SIZE];
	struct bed b;

	bed_make(&b, "");
	login(&b);
	memset(b.iu, 0, sizeof(b.iu));
	srp_put(b.iu, 4, MAD_ADAPTER_INFO);
	srp_put(b.iu + MAD_LENGTH, 2, INFO_SIZE);
	srp_put(b.iu + MAD_BUFFER, 8, DATA);
	CHECK_EQ(transact(&b, CRQ_FORMAT_MAD, MAD_SIZE), MAD_SIZE);
	CHECK_EQ(srp_get(b.rsp + MAD_STATUS, 2), MAD_SUCCESS);
	vio_rig_get(&b.v, DATA, info, sizeof(info));
	CHECK_STR((char *)info, "16.a");
	CHECK_EQ(srp_get(info + INFO_MOST, 4), VSCSI_MOST);
	srp_put(b.iu, 4, MAD_FAST_FAIL);
	transact(&b, CRQ_FORMAT_MAD, MAD_SIZE);
	CHECK_EQ(srp_get(b.rsp + MAD_STATUS, 2), MAD_NOT_SUPPORTED);
	srp_put(b.iu, 4, MAD_ADAPTER_INFO);
	srp_put(b.iu + MAD_BUFFER, 8, VIO_WINDOW);
	transact(&b, CRQ_FORMAT_MAD, MAD_SIZE);
	CHECK_EQ(srp_get(b.rsp + MAD_STATUS, 2), MAD_FAILED);
	bed_free(&b);
}

TEST(vscsi_reads_and_writes_the_disk)
{
	uint8_t buf[2048], want[2048];
	struct bed b;

	bed_make(&b, "");
	login(&b);
	COMMAND(&b, false, 1024, 0x28, 0, 0, 0, 0, 7, 0, 0, 2);
	CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
	CHECK_EQ(b.rsp[SRP_RSP_FLAGS], 0);
	CHECK_EQ(srp_get(b.rsp + SRP_RSP_LIMIT, 4), 1);
	vio_rig_get(&b.v, DATA, buf, 1024);
	memset(want, 7, 512);
	memset(want + 512, 8, 512);
	CHECK_MEM(buf, want, 1024);
	memset(want, 0xa5, 512);
	vio_rig_put(&b.v, DATA, want, 512);
	COMMAND(&b, true, 512, 0x2a, 0, 0, 0, 0, 7, 0, 0, 1);
	CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
	COMMAND(&b, false, 0, 0x35);
	CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
	memset(buf, 0, 512);
	vio_rig_put(&b.v, DATA, buf, 512);
	COMMAND(&b, false, 2048, 0x28, 0, 0, 0, 0, 7, 0, 0, 1);
	CHECK_EQ(b.rsp[SRP_RSP_FLAGS], SRP_IN_UNDER);
	CHECK_EQ(srp_get(b.rsp + SRP_RSP_IN_LEFT, 4), 1536);
	vio_rig_get(&b.v, DATA, buf, 512);
	CHECK_MEM(buf, want, 512);
	bed_free(&b);
}

TEST(vscsi_gathers_by_tables_in_the_unit_and_in_memory)
{
	static const uint8_t cdb[] = { 0x28, 0, 0, 0, 0, 3, 0, 0, 2 };
	uint8_t table[2 * SRP_DESC], buf[1024];
	struct bed b;

	bed_make(&b, "");
	login(&b);
	desc(table, DATA + 0xf00, 300); /* across pages */
	desc(table + SRP_DESC, DATA + 0x5000, 724);
	vio_rig_put(&b.v, TABLE, table, sizeof(table));
	for (unsigned count = 0; count <= 2; count += 2) {
		command(&b, cdb, sizeof(cdb), false, 0);
		b.iu[SRP_CMD_FORMATS] = SRP_INDIRECT;
		b.iu[SRP_CMD_IN_COUNT] = (uint8_t)count;
		desc(b.iu + SRP_CMD_DATA, TABLE, sizeof(table));
		srp_put(b.iu + SRP_CMD_DATA + SRP_DESC, 4, 1024);
		memcpy(b.iu + SRP_CMD_DATA + SRP_INDIRECT_HEAD, table,
		       sizeof(table));
		memset(buf, 0, sizeof(buf));
		vio_rig_put(&b.v, DATA + 0x5000, buf, 724);
		transact(&b, CRQ_FORMAT_SRP, 128);
		CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
		vio_rig_get(&b.v, DATA + 0xf00, buf, 300);
		CHECK_EQ(buf[299], 3);
		vio_rig_get(&b.v, DATA + 0x5000, buf, 724);
		CHECK_EQ(buf[0], 3);
		CHECK_EQ(buf[211], 3);
		CHECK_EQ(buf[212], 4);
		CHECK_EQ(buf[723], 4);
	}
	bed_free(&b);
}

TEST(vscsi_has_one_unit)
{
	uint8_t buf[36];
	struct bed b;

	bed_make(&b, "");
	login(&b);
	COMMAND(&b, false, 255, 0x12, 0, 0, 0, 255);
	CHECK_EQ(b.rsp[SRP_RSP_FLAGS], SRP_IN_UNDER);
	CHECK_EQ(srp_get(b.rsp + SRP_RSP_IN_LEFT, 4), 255 - 36);
	vio_rig_get(&b.v, DATA, buf, sizeof(buf));
	CHECK_EQ(buf[0], 0);
	b.iu[SRP_CMD_LUN] = 0x81; /* target 1 */
	transact(&b, CRQ_FORMAT_SRP, 64);
	vio_rig_get(&b.v, DATA, buf, sizeof(buf));
	CHECK_EQ(buf[0], 0x7f);
	b.iu[SRP_CMD_LUN + 1] = 1;
	b.iu[SRP_CMD_LUN] = 0x80; /* unit 1 */
	b.iu[SRP_CMD_CDB] = 0;
	transact(&b, CRQ_FORMAT_SRP, 64);
	CHECK_EQ(sense(&b), 0x052500);
	bed_free(&b);
}

TEST(vscsi_errors_have_sense)
{
	static const uint8_t cdb[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct bed b;

	log_threshold = LOG_LEVEL_ERROR;
	bed_make(&b, ",readonly=on");
	login(&b);
	COMMAND(&b, false, 512, 0x28, 0, 0, 0xff, 0, 0, 0, 0, 1);
	CHECK_EQ(sense(&b), 0x052100);
	CHECK_EQ(srp_get(b.rsp + SRP_RSP_IN_LEFT, 4), 512);
	COMMAND(&b, true, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1);
	CHECK_EQ(sense(&b), 0x072700);
	COMMAND(&b, false, 511, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
	CHECK_EQ(sense(&b), 0x052400); /* no room for a block */
	COMMAND(&b, true, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
	CHECK_EQ(sense(&b), 0x052400); /* the wrong way */
	command(&b, cdb, sizeof(cdb), false, 512);
	srp_put(b.iu + SRP_CMD_DATA, 8, VIO_WINDOW - 16);
	transact(&b, CRQ_FORMAT_SRP, 64);
	CHECK_EQ(sense(&b), 0x052400); /* outside the window */
	CHECK_EQ(b.rsp[SRP_RSP_FLAGS], SRP_SENSE_VALID);
	command(&b, cdb, sizeof(cdb), false, 512);
	b.iu[SRP_CMD_FORMATS] = 0x11;
	transact(&b, CRQ_FORMAT_SRP, 64);
	CHECK_EQ(sense(&b), 0x052400); /* both ways */
	b.iu[SRP_CMD_FORMATS] = 3;
	transact(&b, CRQ_FORMAT_SRP, 64);
	CHECK_EQ(sense(&b), 0x052400);
	b.iu[SRP_CMD_FORMATS] = SRP_INDIRECT;
	b.iu[SRP_CMD_IN_COUNT] = 255; /* of which the unit has no room */
	transact(&b, CRQ_FORMAT_SRP, 128);
	CHECK_EQ(sense(&b), 0x052400);
	b.iu[SRP_CMD_IN_COUNT] = 0;
	b.iu[SRP_CMD_ADD_CDB] = 0xfc;
	transact(&b, CRQ_FORMAT_SRP, 256);
	CHECK_EQ(sense(&b), 0x052400);
	bed_free(&b);
	log_threshold = LOG_LEVEL_WARN;
}

TEST(vscsi_gives_space_back)
{
	uint8_t params[24] = { 0, 22, 0, 16, 0, 0, 0, 0, 0, 0,
			       0, 0,  0, 0,  0, 8, 0, 0, 0, 8 };
	uint8_t buf[512], zero[512] = { 0 };
	struct bed b;

	bed_make(&b, ",discard=on");
	login(&b);
	vio_rig_put(&b.v, DATA, params, sizeof(params));
	COMMAND(&b, true, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);
	if (b.rsp[SRP_RSP_STATUS])
		SKIP_TEST("the file system of /var/tmp has no discard");
	COMMAND(&b, false, 512, 0x28, 0, 0, 0, 0, 8, 0, 0, 1);
	vio_rig_get(&b.v, DATA, buf, 512);
	CHECK_MEM(buf, zero, 512);
	COMMAND(&b, false, 512, 0x28, 0, 0, 0, 0, 16, 0, 0, 1);
	vio_rig_get(&b.v, DATA, buf, 512);
	CHECK_EQ(buf[0], 16);
	bed_free(&b);
}

TEST(vscsi_aborts_and_goes_on)
{
	struct bed b;

	bed_make(&b, "");
	login(&b);
	memset(b.iu, 0, sizeof(b.iu));
	b.iu[0] = SRP_TSK_MGMT;
	CHECK_EQ(transact(&b, CRQ_FORMAT_SRP, 64), SRP_RSP_SIZE + 4);
	CHECK_EQ(b.rsp[0], SRP_RSP);
	CHECK_EQ(b.rsp[SRP_RSP_FLAGS], SRP_RSP_VALID);
	CHECK_EQ(srp_get(b.rsp + SRP_RSP_SIZE, 4), 0);
	COMMAND(&b, false, 512, 0x28, 0, 0, 0, 0, 8, 0, 0, 1);
	CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
	bed_free(&b);
}

TEST(vscsi_ends_what_is_under_way_with_its_queue)
{
	static const uint8_t cdb[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct bed b;

	bed_make(&b, "");
	login(&b);
	command(&b, cdb, sizeof(cdb), false, 512);
	vio_rig_put(&b.v, IU, b.iu, sizeof(b.iu));
	for (unsigned i = 0; i < 32; i++)
		CHECK_EQ(send(&b, CRQ_COMMAND, CRQ_FORMAT_SRP, 64, IU),
			 H_SUCCESS);
	rig_poll(&b.v.r);
	CHECK_EQ(call(&b, FREE, 0, 0), H_SUCCESS);
	for (unsigned i = 0; i < 64; i++) /* unanswered ones */
		vio_rig_put(&b.v, QUEUE + i * CRQ_MSG, "\0", 1);
	no_message(&b);
	b.next = 0;
	login(&b);
	COMMAND(&b, false, 512, 0x28, 0, 0, 0, 0, 8, 0, 0, 1);
	CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
	device_reset(b.v.r.dev);
	bed_free(&b);
}

TEST(vscsi_ignores_units_that_are_none)
{
	struct bed b;

	log_threshold = LOG_LEVEL_ERROR;
	bed_make(&b, "");
	login(&b);
	CHECK_EQ(send(&b, CRQ_COMMAND, CRQ_FORMAT_SRP, 15, IU), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_COMMAND, CRQ_FORMAT_SRP, 257, IU), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_COMMAND, CRQ_FORMAT_SRP, 64, VIO_WINDOW),
		 H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_COMMAND, CRQ_FORMAT_MAD, 16, IU), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_COMMAND, 6, 16, IU), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_TRANSPORT, 1, 16, IU), H_SUCCESS);
	memset(b.iu, 0x77, sizeof(b.iu));
	vio_rig_put(&b.v, IU, b.iu, sizeof(b.iu));
	CHECK_EQ(send(&b, CRQ_COMMAND, CRQ_FORMAT_SRP, 64, IU), H_SUCCESS);
	no_message(&b);
	for (unsigned i = 0; i < 200; i++) { /* none keeps a request */
		send(&b, CRQ_COMMAND, CRQ_FORMAT_SRP, 64, IU);
		rig_poll(&b.v.r);
	}
	COMMAND(&b, false, 512, 0x28, 0, 0, 0, 0, 8, 0, 0, 1);
	CHECK_EQ(b.rsp[SRP_RSP_STATUS], 0);
	bed_free(&b);
	log_threshold = LOG_LEVEL_WARN;
}

static int32_t bypass(struct bed *b, uint32_t unit, uint32_t on)
{
	struct rtas_args a = { .nargs = 2, .arg = { unit, on } };
	const struct rtas_call *c = vio_rtas;

	while (strcmp(c->name, "ibm,set-tce-bypass"))
		c++;
	return c->fn(vio_bus_of(b->v.bus), 0, &a);
}

/* SLOF makes no entries: its addresses are those of memory. */
TEST(vscsi_of_firmware_goes_round_its_window)
{
	const uint64_t far = RIG_RAM + QUEUE;
	struct vio_dev *v;
	struct iovec iov[2];
	uint8_t msg[CRQ_MSG];
	unsigned n = 0;
	struct bed b;

	bed_make(&b, "");
	v = container_of(b.v.r.dev, struct vio_dev, dev);
	tce_clear(&b.v.tces, VIO_RIG_UNIT);
	CHECK_EQ(bypass(&b, VIO_RIG_UNIT + 1, 1), RTAS_PARAMETER);
	CHECK_EQ(bypass(&b, VIO_RIG_UNIT, 2), RTAS_PARAMETER);
	CHECK_EQ(call(&b, REG, far, 4096), H_PARAMETER);
	CHECK_EQ(bypass(&b, VIO_RIG_UNIT, 1), RTAS_OK);
	CHECK_EQ(call(&b, REG, UINT64_C(1) << 32, 4096), H_PARAMETER);
	CHECK_EQ(call(&b, REG, far, 4096), H_SUCCESS);
	CHECK_EQ(send(&b, CRQ_INIT, CRQ_INIT_START, 0, 0), H_SUCCESS);
	CHECK(receive(&b, msg));
	CHECK_EQ(msg[1], CRQ_INIT_DONE);
	CHECK_EQ(vio_read(v, far, msg, CRQ_MSG), 0);
	CHECK(vio_read(v, UINT64_MAX - 7, msg, CRQ_MSG) < 0);
	CHECK_EQ(vio_iov(v, RIG_RAM + DATA, 512, true, iov, &n, 2), 0);
	CHECK_EQ(n, 1);
	CHECK(vio_iov(v, 0, 512, true, iov, &n, 2) < 0);
	device_reset(b.v.r.dev);
	CHECK(vio_read(v, far, msg, CRQ_MSG) < 0);
	bed_free(&b);
}
