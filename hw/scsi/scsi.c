/* SPDX-License-Identifier: MIT */
/* SCSI commands of a disk: SPC-4 and SBC-3. */
#include "hw/scsi/scsi.h"

#include <string.h>

enum {
	TEST_UNIT_READY = 0x00,
	REQUEST_SENSE = 0x03,
	READ_6 = 0x08,
	WRITE_6 = 0x0a,
	INQUIRY = 0x12,
	MODE_SENSE_6 = 0x1a,
	START_STOP_UNIT = 0x1b,
	PREVENT_REMOVAL = 0x1e,
	READ_CAPACITY_10 = 0x25,
	READ_10 = 0x28,
	WRITE_10 = 0x2a,
	VERIFY_10 = 0x2f,
	SYNCHRONIZE_10 = 0x35,
	UNMAP = 0x42,
	MODE_SENSE_10 = 0x5a,
	READ_16 = 0x88,
	WRITE_16 = 0x8a,
	VERIFY_16 = 0x8f,
	SYNCHRONIZE_16 = 0x91,
	SERVICE_IN_16 = 0x9e,
	REPORT_LUNS = 0xa0,
	READ_12 = 0xa8,
	WRITE_12 = 0xaa,
};

#define CAPACITY_16 0x10 /* SERVICE_IN_16's action */
#define NO_DEVICE   0x7f /* INQUIRY's first byte */
#define CDB_FUA	    0x08 /* of byte 1 */
#define CDB_BYTCHK  0x06

#define VENDOR	 "VMM     "
#define PRODUCT	 "VIRTUAL DISK    "
#define REVISION "1.0 "

static uint64_t get_be(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void put_be(uint8_t *p, unsigned n, uint64_t v)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static void sense_put(uint8_t *p, uint32_t sense)
{
	memset(p, 0, SCSI_SENSE);
	p[0] = 0x70;
	p[2] = (uint8_t)(sense >> 16);
	p[7] = SCSI_SENSE - 8;
	p[12] = (uint8_t)(sense >> 8);
	p[13] = (uint8_t)sense;
}

void scsi_fail(struct scsi_cmd *c, uint32_t sense)
{
	c->action = SCSI_ANSWER;
	c->status = SCSI_CHECK_CONDITION;
	c->reply_len = 0;
	sense_put(c->sense, sense);
}

/* An answer of n bytes in reply[], of which the initiator takes most. */
static void answer(struct scsi_cmd *c, uint32_t n, uint64_t most)
{
	c->reply_len = n < most ? n : (uint32_t)most;
}

/* ---- INQUIRY: SPC-4 6.4, 7.8 */

static uint32_t vpd_serial(const struct scsi_disk *d, uint8_t *p)
{
	size_t n = strlen(d->serial);

	memcpy(p, d->serial, n);
	return (uint32_t)n;
}

/* One designator: ASCII, by the vendor's name. */
static uint32_t vpd_identity(const struct scsi_disk *d, uint8_t *p)
{
	uint32_t n;

	p[0] = 0x02;
	p[1] = 0x01;
	memcpy(p + 4, VENDOR, 8);
	n = 8 + vpd_serial(d, p + 12);
	p[3] = (uint8_t)n;
	return 4 + n;
}

static uint32_t vpd_limits(const struct scsi_disk *d, uint8_t *p)
{
	put_be(p + 4, 4, d->most / d->block); /* from byte 8 of the page */
	if (d->granule) {
		put_be(p + 16, 4, UINT32_MAX);
		put_be(p + 20, 4, SCSI_UNMAP_MAX);
		put_be(p + 24, 4, d->granule / d->block);
	}
	return 0x3c;
}

/* No medium rotates. */
static uint32_t vpd_characteristics(const struct scsi_disk *d, uint8_t *p)
{
	(void)d;
	p[1] = 1;
	return 0x3c;
}

static uint32_t vpd_provisioning(const struct scsi_disk *d, uint8_t *p)
{
	if (d->granule) {
		p[1] = 0x80; /* LBPU */
		p[2] = 2;    /* thin */
	}
	return 4;
}

static const struct {
	uint8_t page;
	uint32_t (*put)(const struct scsi_disk *d, uint8_t *p);
} vpd_pages[] = {
	{ 0x80, vpd_serial },	    { 0x83, vpd_identity },
	{ 0xb0, vpd_limits },	    { 0xb1, vpd_characteristics },
	{ 0xb2, vpd_provisioning },
};
#define VPD_PAGES (sizeof(vpd_pages) / sizeof(*vpd_pages))

static void inquire_page(const struct scsi_disk *d, uint8_t page,
			 struct scsi_cmd *c, uint64_t most)
{
	uint32_t n = 0;
	size_t i = 0;

	c->reply[1] = page;
	if (page == 0) {
		for (c->reply[4 + n++] = 0; i < VPD_PAGES; i++)
			c->reply[4 + n++] = vpd_pages[i].page;
	} else {
		while (i < VPD_PAGES && vpd_pages[i].page != page)
			i++;
		if (i == VPD_PAGES) {
			scsi_fail(c, SCSI_INVALID_FIELD);
			return;
		}
		n = vpd_pages[i].put(d, c->reply + 4);
	}
	put_be(c->reply + 2, 2, n);
	answer(c, 4 + n, most);
}

static void inquire(const struct scsi_disk *d, bool lun, const uint8_t *cdb,
		    struct scsi_cmd *c)
{
	uint64_t most = get_be(cdb + 3, 2);
	uint8_t *p = c->reply;

	if (cdb[1] & 1 && lun) {
		inquire_page(d, cdb[2], c, most);
		return;
	}
	if (cdb[1] & 1 || cdb[2]) {
		scsi_fail(c, SCSI_INVALID_FIELD);
		return;
	}
	p[0] = lun ? 0 : NO_DEVICE;
	p[2] = 6;      /* SPC-4 */
	p[3] = 0x12;   /* HISUP, response format 2 */
	p[4] = 36 - 5; /* what follows */
	p[7] = 0x02;   /* CMDQUE */
	memcpy(p + 8, VENDOR PRODUCT REVISION, 28);
	answer(c, 36, most);
}

/* ---- MODE SENSE: SPC-4 6.11, 7.5; SBC-3 6.5 */

/* The page's changeable bits are none. */
static uint32_t mode_page(const struct scsi_disk *d, uint8_t page, bool change,
			  uint8_t *p)
{
	uint32_t n = page == 0x08 ? 20 : 12;

	memset(p, 0, n);
	p[0] = page;
	p[1] = (uint8_t)(n - 2);
	if (page == 0x08 && d->cached && !change)
		p[2] = 0x04; /* WCE */
	return n;
}

static void mode_sense(const struct scsi_disk *d, const uint8_t *cdb,
		       struct scsi_cmd *c)
{
	bool ten = cdb[0] == MODE_SENSE_10, change = cdb[2] >> 6 == 1;
	uint8_t page = cdb[2] & 0x3f, *p = c->reply;
	uint64_t most = ten ? get_be(cdb + 7, 2) : cdb[4];
	uint32_t head = ten ? 8 : 4, n = head;

	if (cdb[2] >> 6 == 3) {
		scsi_fail(c, SCSI_NOT_SAVED);
		return;
	}
	if ((page != 0x08 && page != 0x0a && page != 0x3f) ||
	    (cdb[3] && cdb[3] != 0xff)) {
		scsi_fail(c, SCSI_INVALID_FIELD);
		return;
	}
	if (page != 0x0a)
		n += mode_page(d, 0x08, change, p + n);
	if (page != 0x08)
		n += mode_page(d, 0x0a, change, p + n);
	p[ten ? 3 : 2] = (d->readonly ? 0x80 : 0) | 0x10; /* DPOFUA */
	put_be(p, ten ? 2 : 1, n - (ten ? 2 : 1));
	answer(c, n, most);
}

/* ---- what there is */

static void capacity_10(const struct scsi_disk *d, struct scsi_cmd *c)
{
	uint64_t last = d->blocks - 1;

	put_be(c->reply, 4, last < UINT32_MAX ? last : UINT32_MAX);
	put_be(c->reply + 4, 4, d->block);
	answer(c, 8, 8);
}

static void service_in(const struct scsi_disk *d, const uint8_t *cdb,
		       struct scsi_cmd *c)
{
	if ((cdb[1] & 0x1f) != CAPACITY_16) {
		scsi_fail(c, SCSI_INVALID_FIELD);
		return;
	}
	put_be(c->reply, 8, d->blocks - 1);
	put_be(c->reply + 8, 4, d->block);
	for (uint32_t size = d->block; size < d->physical; size *= 2)
		c->reply[13]++;
	if (d->granule)
		c->reply[14] = 0x80; /* LBPME */
	answer(c, 32, get_be(cdb + 10, 4));
}

/* One logical unit, number 0; of a target without any, none. */
static void report_luns(bool lun, const uint8_t *cdb, struct scsi_cmd *c)
{
	uint32_t n = lun ? 8 : 0;

	if (cdb[2] > 2) {
		scsi_fail(c, SCSI_INVALID_FIELD);
		return;
	}
	put_be(c->reply, 4, n);
	answer(c, 8 + n, get_be(cdb + 6, 4));
}

static void request_sense(bool lun, const uint8_t *cdb, struct scsi_cmd *c)
{
	if (cdb[1] & 1) { /* no descriptor format here */
		scsi_fail(c, SCSI_INVALID_FIELD);
		return;
	}
	sense_put(c->reply, lun ? SCSI_NO_SENSE : SCSI_NO_LUN);
	answer(c, SCSI_SENSE, cdb[4]);
}

/* ---- blocks */

/* Where a command of any length names its blocks: SBC-3 5. */
static void cdb_range(const uint8_t *cdb, uint64_t *lba, uint64_t *n)
{
	switch (cdb[0] >> 5) {
	case 0:
		*lba = get_be(cdb + 1, 3) & 0x1fffff;
		*n = cdb[4] ? cdb[4] : 256;
		break;
	case 4:
		*lba = get_be(cdb + 2, 8);
		*n = get_be(cdb + 10, 4);
		break;
	case 5:
		*lba = get_be(cdb + 2, 4);
		*n = get_be(cdb + 6, 4);
		break;
	default:
		*lba = get_be(cdb + 2, 4);
		*n = get_be(cdb + 7, 2);
		break;
	}
}

static bool in_disk(const struct scsi_disk *d, uint64_t lba, uint64_t n)
{
	return lba <= d->blocks && n <= d->blocks - lba;
}

static void move(const struct scsi_disk *d, const uint8_t *cdb, bool write,
		 struct scsi_cmd *c)
{
	uint64_t lba, n;

	cdb_range(cdb, &lba, &n);
	if (write && d->readonly) {
		scsi_fail(c, SCSI_PROTECTED);
	} else if (!in_disk(d, lba, n)) {
		scsi_fail(c, SCSI_OUT_OF_RANGE);
	} else if (d->most && n > d->most / d->block) {
		scsi_fail(c, SCSI_INVALID_FIELD);
	} else if (n) {
		c->action = write ? SCSI_WRITE : SCSI_READ;
		c->off = lba * d->block;
		c->len = n * d->block;
		c->fua = cdb[0] != WRITE_6 && cdb[1] & CDB_FUA;
	}
}

/* Without the initiator's data to compare, all there is to check is where. */
static void verify(const struct scsi_disk *d, const uint8_t *cdb,
		   struct scsi_cmd *c)
{
	uint64_t lba, n;

	cdb_range(cdb, &lba, &n);
	if (cdb[1] & CDB_BYTCHK)
		scsi_fail(c, SCSI_INVALID_FIELD);
	else if (!in_disk(d, lba, n))
		scsi_fail(c, SCSI_OUT_OF_RANGE);
}

/* A range of it is as good as all of it. */
static void synchronize(const struct scsi_disk *d, const uint8_t *cdb,
			struct scsi_cmd *c)
{
	uint64_t lba, n;

	cdb_range(cdb, &lba, &n);
	if (!in_disk(d, lba, n))
		scsi_fail(c, SCSI_OUT_OF_RANGE);
	else
		c->action = SCSI_FLUSH;
}

static void unmap(const struct scsi_disk *d, const uint8_t *cdb,
		  struct scsi_cmd *c)
{
	uint64_t len = get_be(cdb + 7, 2);

	if (!d->granule)
		scsi_fail(c, SCSI_INVALID_COMMAND);
	else if (d->readonly)
		scsi_fail(c, SCSI_PROTECTED);
	else if (cdb[1] & 1 || len > 8 + 16 * SCSI_UNMAP_MAX)
		scsi_fail(c, SCSI_INVALID_FIELD);
	else if (len) {
		c->action = SCSI_UNMAP;
		c->len = len;
	}
}

int scsi_unmap(const struct scsi_disk *d, const uint8_t *params, size_t len,
	       struct scsi_range range[SCSI_UNMAP_MAX], struct scsi_cmd *c)
{
	size_t n = len < 8 ? 0 : get_be(params + 2, 2) / 16;

	if (len < 8 || n > SCSI_UNMAP_MAX || 8 + 16 * n > len) {
		scsi_fail(c, SCSI_INVALID_PARAM);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = params + 8 + 16 * i;
		uint64_t lba = get_be(p, 8), blocks = get_be(p + 8, 4);

		if (!in_disk(d, lba, blocks)) {
			scsi_fail(c, SCSI_OUT_OF_RANGE);
			return -1;
		}
		range[i] = (struct scsi_range){ lba * d->block,
						blocks * d->block };
	}
	return (int)n;
}

/* ---- all of them */

static void parse_lun(const struct scsi_disk *d, const uint8_t *cdb,
		      struct scsi_cmd *c)
{
	switch (cdb[0]) {
	case TEST_UNIT_READY:
	case START_STOP_UNIT:
	case PREVENT_REMOVAL: break;
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16: move(d, cdb, false, c); break;
	case WRITE_6:
	case WRITE_10:
	case WRITE_12:
	case WRITE_16: move(d, cdb, true, c); break;
	case VERIFY_10:
	case VERIFY_16: verify(d, cdb, c); break;
	case SYNCHRONIZE_10:
	case SYNCHRONIZE_16: synchronize(d, cdb, c); break;
	case UNMAP: unmap(d, cdb, c); break;
	case MODE_SENSE_6:
	case MODE_SENSE_10: mode_sense(d, cdb, c); break;
	case READ_CAPACITY_10: capacity_10(d, c); break;
	case SERVICE_IN_16: service_in(d, cdb, c); break;
	default: scsi_fail(c, SCSI_INVALID_COMMAND); break;
	}
}

void scsi_parse(const struct scsi_disk *d, bool lun,
		const uint8_t cdb[SCSI_CDB], struct scsi_cmd *c)
{
	*c = (struct scsi_cmd){ .action = SCSI_ANSWER, .status = SCSI_GOOD };
	if (cdb[0] == INQUIRY)
		inquire(d, lun, cdb, c);
	else if (cdb[0] == REPORT_LUNS)
		report_luns(lun, cdb, c);
	else if (cdb[0] == REQUEST_SENSE)
		request_sense(lun, cdb, c);
	else if (lun)
		parse_lun(d, cdb, c);
	else
		scsi_fail(c, SCSI_NO_LUN);
}
