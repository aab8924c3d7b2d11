/* SPDX-License-Identifier: MIT */
/* What a pSeries guest asks of its machine. */
#include "hw/spapr/system.h"

#include "tests/support/rig.h"
#include "tests/test.h"

static int32_t call(struct rig *r, const char *name, struct rtas_args *a)
{
	const struct rtas_call *c = spapr_system_rtas;

	while (c->name && strcmp(c->name, name))
		c++;
	CHECK(c->name != NULL);
	CHECK(rtas_token(name) != 0);
	a->nargs = c->nargs;
	a->nret = c->nret;
	return c->fn(r->dev, 0, a);
}

static long hcall(struct rig *r, uint32_t nr, const uint64_t in[HCALL_REGS],
		  uint64_t out[HCALL_REGS])
{
	const struct hcall *c = spapr_system_hcalls;

	while (c->name && c->nr != nr)
		c++;
	CHECK(c->name != NULL);
	memset(out, 0, HCALL_REGS * sizeof(*out));
	return c->fn(r->dev, 0, in, out);
}

static void system_rig(struct rig *r)
{
	rig_init(r);
	rig_device(r, &spapr_system_class, "base=2023-11-14T22:13:20", 0);
}

static void check_date(struct rig *r, const uint32_t want[7])
{
	struct rtas_args a = { 0 };

	CHECK_EQ(call(r, "get-time-of-day", &a), RTAS_OK);
	for (unsigned i = 0; i < 7; i++)
		CHECK_EQ(a.ret[1 + i], want[i]);
}

TEST(spapr_clock_runs_and_is_set)
{
	struct rtas_args a = { .arg = { 2028, 2, 29, 23, 59, 59, 500000000 } };
	struct rig r;

	system_rig(&r);
	check_date(&r, (uint32_t[7]){ 2023, 11, 14, 22, 13, 20, 0 });
	rig_advance_ns(&r, 1000000001);
	check_date(&r, (uint32_t[7]){ 2023, 11, 14, 22, 13, 21, 1 });
	CHECK_EQ(call(&r, "set-time-of-day", &a), RTAS_OK);
	check_date(&r, a.arg);
	rig_advance_ns(&r, 500000000);
	check_date(&r, (uint32_t[7]){ 2028, 3, 1, 0, 0, 0, 0 });
	rig_destroy(&r);
}

TEST(spapr_clock_refuses_what_is_no_date)
{
	static const uint32_t bad[][7] = {
		{ 1969, 12, 31, 0, 0, 0, 0 },
		{ 10000, 1, 1, 0, 0, 0, 0 },
		{ 2023, 0, 1, 0, 0, 0, 0 },
		{ 2023, 13, 1, 0, 0, 0, 0 },
		{ 2023, 2, 29, 0, 0, 0, 0 },
		{ 2023, 1, 0, 0, 0, 0, 0 },
		{ 2023, 1, 1, 24, 0, 0, 0 },
		{ 2023, 1, 1, 0, 60, 0, 0 },
		{ 2023, 1, 1, 0, 0, 60, 0 },
		{ 2023, 1, 1, 0, 0, 0, 1000000000 },
		{ 9000, 1, 1, 0, 0, 0, 0 },
		{ 2262, 4, 11, 23, 47, 16, 800000000 }, /* it runs on */
		{ UINT32_MAX, 1, 1, 0, 0, 0, 0 },
		{ 2023, UINT32_MAX, 1, 0, 0, 0, 0 },
	};
	struct rig r;

	system_rig(&r);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct rtas_args a = { 0 };

		memcpy(a.arg, bad[i], sizeof(bad[i]));
		CHECK_EQ(call(&r, "set-time-of-day", &a), RTAS_PARAMETER);
	}
	check_date(&r, (uint32_t[7]){ 2023, 11, 14, 22, 13, 20, 0 });
	rig_destroy(&r);
}

TEST(spapr_system_powers_off_reboots_and_ends)
{
	struct rtas_args a = { 0 };
	struct rig r;

	system_rig(&r);
	CHECK_EQ(call(&r, "power-off", &a), RTAS_OK);
	CHECK_EQ(r.requests[VM_POWEROFF], 1);
	CHECK_EQ(r.request_status, 0);
	CHECK_EQ(call(&r, "system-reboot", &a), RTAS_OK);
	CHECK_EQ(r.requests[VM_RESET], 1);
	a.arg[0] = RIG_RAM; /* no text there: an empty one */
	CHECK_EQ(call(&r, "ibm,os-term", &a), RTAS_OK);
	a.arg[0] = UINT32_MAX; /* not RAM */
	CHECK_EQ(call(&r, "ibm,os-term", &a), RTAS_OK);
	CHECK_EQ(r.requests[VM_PANICKED], 2);
	rig_destroy(&r);
}

TEST(spapr_parameters_are_told_or_refused)
{
	struct rtas_args a = { .arg = { 42, RIG_RAM + 0x100, 16 } };
	uint8_t got[3];
	struct rig r;

	system_rig(&r);
	CHECK_EQ(call(&r, "ibm,get-system-parameter", &a), RTAS_OK);
	CHECK_EQ(mem_read(&r.mem, RIG_RAM + 0x100, got, 3), 0);
	CHECK_EQ(got[0] << 8 | got[1], 1);
	CHECK_EQ(got[2], 0);
	a.arg[2] = 2; /* no room */
	CHECK_EQ(call(&r, "ibm,get-system-parameter", &a), RTAS_HARDWARE);
	a.arg[2] = 16;
	a.arg[1] = RIG_ROM;
	CHECK_EQ(call(&r, "ibm,get-system-parameter", &a), RTAS_HARDWARE);
	a.arg[1] = UINT32_MAX - 1;
	CHECK_EQ(call(&r, "ibm,get-system-parameter", &a), RTAS_HARDWARE);
	a.arg[0] = 43;
	CHECK_EQ(call(&r, "ibm,get-system-parameter", &a), -3);
	CHECK_EQ(call(&r, "ibm,set-system-parameter", &a), -3);
	a.arg[0] = 42;
	CHECK_EQ(call(&r, "ibm,set-system-parameter", &a), -9002);
	rig_destroy(&r);
}

static uint8_t shown;

static void show(void *opaque, uint8_t c)
{
	CHECK(opaque == &shown);
	shown = c;
}

TEST(spapr_display_takes_characters_where_there_is_one)
{
	struct rtas_args a = { .arg = { 'x' } };
	struct rig r;

	system_rig(&r);
	CHECK_EQ(call(&r, "display-character", &a), RTAS_HARDWARE);
	spapr_system_set_display(r.dev, show, &shown);
	CHECK_EQ(call(&r, "display-character", &a), RTAS_OK);
	CHECK_EQ(shown, 'x');
	rig_destroy(&r);
}

TEST(spapr_random_numbers_differ)
{
	uint64_t in[HCALL_REGS] = { 0 }, a[HCALL_REGS], b[HCALL_REGS];
	struct rig r;

	system_rig(&r);
	CHECK_EQ(hcall(&r, 0x300, in, a), H_SUCCESS);
	CHECK_EQ(hcall(&r, 0x300, in, b), H_SUCCESS);
	CHECK(a[0] != b[0]);
	rig_destroy(&r);
}

static uint64_t cell;

static uint64_t cell_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque, (void)size;
	return cell + off;
}

static void cell_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	(void)opaque, (void)off, (void)size;
	cell = val;
}

/* A little-endian device, through a big-endian CPU's eyes. */
TEST(spapr_logical_ci_swaps_bytes_and_checks_sizes)
{
	static const struct region_ops ops = { .read = cell_read,
					       .write = cell_write,
					       .min_size = 1,
					       .max_size = 8 };
	struct region cells = { .name = "cells", .size = 16, .ops = &ops };
	static const uint64_t bad[][2] = { { 0, 0x1000 },  { 3, 0x1000 },
					   { 16, 0x1000 }, { 4, 0x1002 },
					   { 8, 0x1004 },  { 1ull << 32, 0 } };
	uint64_t in[HCALL_REGS] = { 4, 0x1000, 0x11223344 }, out[HCALL_REGS];
	struct err err = { 0 };
	struct rig r;

	system_rig(&r);
	CHECK_EQ(bus_add(&r.mmio, 0x1000, &cells, &err), 0);
	CHECK_EQ(hcall(&r, 0x40, in, out), H_SUCCESS);
	CHECK_EQ(cell, 0x44332211);
	CHECK_EQ(hcall(&r, 0x3c, in, out), H_SUCCESS);
	CHECK_EQ(out[0], 0x11223344);
	in[0] = 2;
	CHECK_EQ(hcall(&r, 0x3c, in, out), H_SUCCESS);
	CHECK_EQ(out[0], 0x1122);
	for (unsigned i = 0; i < 6; i++) {
		in[0] = bad[i][0];
		in[1] = bad[i][1];
		CHECK_EQ(hcall(&r, 0x3c, in, out), H_PARAMETER);
		CHECK_EQ(hcall(&r, 0x40, in, out), H_PARAMETER);
	}
	CHECK_EQ(cell, 0x44332211);
	bus_remove(&cells);
	rig_destroy(&r);
}
