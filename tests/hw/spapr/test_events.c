/* SPDX-License-Identifier: MIT */
/* The power button as an EPOW event, by RTAS. */
#include "hw/spapr/events.h"

#include <endian.h>

#include "hw/spapr/errlog.h"
#include "tests/support/rig.h"
#include "tests/test.h"

#define LINE  2
#define BUF   (RIG_RAM + 0x1000)
#define CALL  (RIG_RAM + 0x100)
#define EPOW  0x40000000u
#define PARAM ((uint64_t)RTAS_PARAMETER)

struct events_rig {
	struct rig r;
	struct rtas rtas;
};

static void make(struct events_rig *e)
{
	struct err err = { 0 };

	*e = (struct events_rig){ 0 };
	rig_init(&e->r);
	rig_device(&e->r, &spapr_events_class, NULL, LINE);
	e->rtas.mem = &e->r.mem;
	CHECK_EQ(rtas_add(&e->rtas, spapr_events_rtas, e->r.dev, &err), 0);
}

/* As a guest calls: cells in memory, of which the status is returned. */
static uint32_t call(struct events_rig *e, const char *name, unsigned nargs,
		     unsigned nret, const uint32_t *args)
{
	uint32_t cell[16] = { htobe32(rtas_token(name)), htobe32(nargs),
			      htobe32(nret) };

	for (unsigned i = 0; i < nargs; i++)
		cell[3 + i] = htobe32(args[i]);
	CHECK_EQ(mem_write(&e->r.mem, CALL, cell, sizeof(cell)), 0);
	CHECK_EQ(rtas_run(&e->rtas, 0, CALL), 0);
	CHECK_EQ(mem_read(&e->r.mem, CALL, cell, sizeof(cell)), 0);
	return be32toh(cell[3 + nargs]);
}

static uint32_t check(struct events_rig *e, unsigned nargs, uint32_t mask,
		      uint32_t addr, uint32_t len)
{
	const uint32_t args[7] = { 0x500, 0x1001, mask, 0, addr, len };

	return call(e, "check-exception", nargs, 1, args);
}

static void press(struct events_rig *e)
{
	e->r.dev->class->power_button(e->r.dev);
}

TEST(events_button_is_an_edge_and_a_log_that_asks_for_shutdown)
{
	uint8_t log[RTAS_ERROR_LOG_MAX], *p;
	struct events_rig e;
	uint32_t len;

	make(&e);
	rig_advance_s(&e.r, 86400 + 3600 + 61); /* 1970-01-02 01:01:01 */
	CHECK_EQ(check(&e, 6, EPOW, BUF, 2048), 1);
	press(&e);
	CHECK_EQ(rig_take_rises(&e.r, LINE), 1);
	CHECK(!e.r.level[LINE]);
	CHECK_EQ(check(&e, 6, ~EPOW, BUF, 2048), 1); /* not those */
	CHECK_EQ(check(&e, 6, EPOW, BUF, 2048), RTAS_OK);
	CHECK_EQ(mem_read(&e.r.mem, BUF, log, sizeof(log)), 0);
	CHECK_EQ(log[0], 6);
	CHECK(log[1] & 4); /* there is more */
	CHECK_EQ(log[3], 0x40);
	len = (uint32_t)log[6] << 8 | log[7];
	CHECK_EQ(log[8 + 2] & 15, 14);
	CHECK_MEM(log + 8 + 12, "IBM", 4);
	/* Sections, to the log's end. */
	p = log + 8 + 16;
	CHECK_MEM(p, "PH", 2);
	CHECK_MEM(p + 8, "\x19\x70\x01\x02\x01\x01\x01\0", 8);
	CHECK_EQ(p[27], 3);
	p += p[3];
	CHECK_MEM(p, "UH", 2);
	p += p[3];
	CHECK_MEM(p, "EP", 2);
	CHECK_EQ(p[8], 3);
	CHECK_EQ(p[9], 1);
	p += p[3];
	CHECK_EQ(p - log, 8 + len);
	CHECK_EQ(check(&e, 6, EPOW, BUF, 2048), 1); /* told once */
	rig_destroy(&e.r);
}

TEST(events_are_scanned_and_sensed)
{
	const uint32_t scan[] = { EPOW, 0, BUF, 2048 };
	const uint32_t sensor[] = { 9, 0 }, none[] = { 9, 1 }, bad[] = { 3, 0 };
	struct events_rig e;
	uint32_t epow;

	make(&e);
	press(&e);
	press(&e);
	CHECK_EQ(call(&e, "get-sensor-state", 2, 2, sensor), RTAS_OK);
	CHECK_EQ(mem_read(&e.r.mem, CALL + 24, &epow, 4), 0);
	CHECK_EQ(be32toh(epow), 3);
	CHECK_EQ(call(&e, "event-scan", 4, 1, scan), RTAS_OK);
	CHECK_EQ(call(&e, "event-scan", 4, 1, scan), 1);
	CHECK_EQ(call(&e, "get-sensor-state", 2, 2, sensor), RTAS_OK);
	CHECK_EQ(mem_read(&e.r.mem, CALL + 24, &epow, 4), 0);
	CHECK_EQ(epow, 0);
	CHECK_EQ((int32_t)call(&e, "get-sensor-state", 2, 2, none), PARAM);
	CHECK_EQ((int32_t)call(&e, "get-sensor-state", 2, 2, bad), PARAM);
	press(&e);
	device_reset(e.r.dev);
	CHECK_EQ(call(&e, "event-scan", 4, 1, scan), 1);
	rig_destroy(&e.r);
}

TEST(events_log_is_cut_and_kept_where_there_is_no_room)
{
	uint8_t log[4];
	struct events_rig e;

	make(&e);
	press(&e);
	CHECK_EQ((int32_t)check(&e, 7, EPOW, 0x1000, 2048), PARAM);
	CHECK_EQ(mem_set(&e.r.mem, BUF, 0xee, 64), 0);
	CHECK_EQ(check(&e, 7, EPOW, BUF, 3), RTAS_OK); /* it was still there */
	CHECK_EQ(mem_read(&e.r.mem, BUF, log, 4), 0);
	CHECK_EQ(log[0], 6);
	CHECK_EQ(log[3], 0xee);
	CHECK_EQ((int32_t)check(&e, 5, EPOW, BUF, 3), PARAM);
	rig_destroy(&e.r);
}
