/* SPDX-License-Identifier: MIT */
/* XICS by hypercalls and RTAS, as a guest reaches it. */
#include "hw/spapr/xics_calls.h"

#include "tests/support/xics_rig.h"
#include "tests/test.h"

#define SRC(i)	(XICS_RIG_SRC + (i))
#define H_EOI	0x64
#define H_CPPR	0x68
#define H_IPI	0x6c
#define H_IPOLL 0x70
#define H_XIRR	0x74
#define OUTSIDE UINT64_C(0x100000001)

struct calls {
	struct xics_rig x;
	struct hcalls h;
	uint64_t out[HCALL_REGS];
};

static void calls_make(struct calls *c)
{
	struct err err = { 0 };

	*c = (struct calls){ 0 };
	xics_rig_make(&c->x);
	CHECK_EQ(hcalls_add(&c->h, xics_hcalls, c->x.dev, &err), 0);
}

static void calls_free(struct calls *c)
{
	hcalls_free(&c->h);
	xics_rig_free(&c->x);
}

static long hcall(struct calls *c, unsigned cpu, uint64_t nr, uint64_t a,
		  uint64_t b)
{
	const uint64_t in[HCALL_REGS] = { a, b };

	return hcall_run(&c->h, cpu, nr, in, c->out);
}

static int32_t rtas(struct calls *c, const char *name, struct rtas_args *a)
{
	for (const struct rtas_call *r = ics_rtas; r->name; r++)
		if (!strcmp(r->name, name))
			return r->fn(c->x.ics, 0, a);
	fail_msg("no %s", name);
	return 0;
}

TEST(xics_hypercalls_take_and_end)
{
	struct calls c;

	calls_make(&c);
	xics_rig_on(&c.x, 1, 2, 5);
	xics_rig_msi(&c.x, 1);
	CHECK_EQ(hcall(&c, 1, H_IPOLL, 2, 0), H_SUCCESS);
	CHECK_EQ(c.out[0], 0xff000000 | SRC(1));
	CHECK_EQ(c.out[1], 0xff);
	CHECK_EQ(hcall(&c, 2, H_XIRR, 0, 0), H_SUCCESS);
	CHECK_EQ(c.out[0], 0xff000000 | SRC(1));
	CHECK_EQ(hcall(&c, 2, H_CPPR, 4, 0), H_SUCCESS);
	CHECK_EQ(hcall(&c, 0, H_IPI, 2, 4), H_SUCCESS);
	CHECK(!c.x.line[2]);
	CHECK_EQ(hcall(&c, 2, H_EOI, 0xff000000 | SRC(1), 0), H_SUCCESS);
	CHECK(c.x.line[2]);
	CHECK_EQ(hcall(&c, 2, H_XIRR, 0, 0), H_SUCCESS);
	CHECK_EQ(c.out[0], 0xff000000 | XICS_IPI);
	calls_free(&c);
}

TEST(xics_hypercalls_refuse_servers_and_sources_that_are_none)
{
	struct calls c;

	calls_make(&c);
	CHECK_EQ(hcall(&c, 0, H_IPI, XICS_RIG_CPUS, 4), (uint64_t)H_PARAMETER);
	CHECK_EQ(hcall(&c, 0, H_IPI, OUTSIDE, 4), (uint64_t)H_PARAMETER);
	CHECK_EQ(hcall(&c, 0, H_IPOLL, XICS_RIG_CPUS, 0),
		 (uint64_t)H_PARAMETER);
	CHECK_EQ(hcall(&c, 0, H_IPOLL, OUTSIDE, 0), (uint64_t)H_PARAMETER);
	CHECK_EQ(hcall(&c, 0, H_EOI, 0xff000000 | (SRC(0) - 1), 0),
		 (uint64_t)H_PARAMETER);
	calls_free(&c);
}

TEST(xics_rtas_configures_sources)
{
	struct rtas_args a = { .arg = { SRC(3), 1, 6 } };
	struct calls c;

	calls_make(&c);
	CHECK_EQ(rtas(&c, "ibm,set-xive", &a), RTAS_OK);
	CHECK_EQ(rtas(&c, "ibm,get-xive", &a), RTAS_OK);
	CHECK_EQ(a.ret[1], 1);
	CHECK_EQ(a.ret[2], 6);
	CHECK_EQ(rtas(&c, "ibm,int-off", &a), RTAS_OK);
	xics_rig_msi(&c.x, 3);
	CHECK(!c.x.line[1]);
	CHECK_EQ(rtas(&c, "ibm,int-on", &a), RTAS_OK);
	CHECK(c.x.line[1]);
	a.arg[2] = 0x105; /* not priority 5 */
	CHECK_EQ(rtas(&c, "ibm,set-xive", &a), (uint64_t)RTAS_PARAMETER);
	a.arg[1] = XICS_RIG_CPUS;
	a.arg[2] = 5;
	CHECK_EQ(rtas(&c, "ibm,set-xive", &a), (uint64_t)RTAS_PARAMETER);
	a.arg[0] = 2;
	CHECK_EQ(rtas(&c, "ibm,get-xive", &a), (uint64_t)RTAS_PARAMETER);
	CHECK_EQ(rtas(&c, "ibm,int-off", &a), (uint64_t)RTAS_PARAMETER);
	CHECK_EQ(rtas(&c, "ibm,int-on", &a), (uint64_t)RTAS_PARAMETER);
	calls_free(&c);
}
