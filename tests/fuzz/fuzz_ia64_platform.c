/* SPDX-License-Identifier: MIT */
/* Fuzzes what an ia64 guest reaches beside the engine: SAPICs, SAL, EFI. */
#include <errno.h>
#include <stdlib.h>

#include "hw/core/log.h"
#include "hw/sal/code.h"
#include "hw/sal/sal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sapic_rig.h"

static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint64_t in64(void)
{
	uint64_t val = 0;

	for (unsigned i = 0; i < 8; i++)
		val = val << 8 | in8();
	return val;
}

/* ---- SAPICs: registers, messages, wires, in any order */

static uint64_t place(void)
{
	uint64_t where = in64();

	if (in8() & 1)
		return SAPIC_RIG_BLOCK + where % SAPIC_BLOCK_SIZE;
	return SAPIC_RIG_IO + where % 0x2000;
}

static void sapic_one(struct sapic_rig *x)
{
	unsigned cpu = in8() % SAPIC_RIG_CPUS, size = 1u << in8() % 4;
	struct msi_msg msg;
	uint64_t val;

	bus_set_cpu(cpu);
	switch (in8() % 8) {
	case 0: bus_write(&x->r.mmio, place(), size, in64()); break;
	case 1: bus_read(&x->r.mmio, place(), size, &val); break;
	case 2: sapic_read(x->dev, cpu, in8(), &val); break;
	case 3: sapic_write(x->dev, cpu, in8(), in64()); break;
	case 4: sapic_fire(x->dev, cpu, SAPIC_ITV + in8() % 3); break;
	case 5: sapic_fire(x->dev, cpu, SAPIC_LRR0 + in8() % 2); break;
	case 6: x->chip->ops->set_line(x->chip, in8(), in8() & 1); break;
	case 7:
		msg = (struct msi_msg){ .addr = place(),
					.data = (uint32_t)in64() };
		x->chip->ops->send(x->chip, &msg);
		break;
	}
}

static void sapics(void)
{
	static struct sapic_rig x;

	sapic_rig_make(&x);
	while (left)
		sapic_one(&x);
	sapic_rig_free(&x);
}

/* ---- calls: numbers and arguments that are often sensible */

static int copy(void *opaque, unsigned cpu, uint64_t gva, void *buf, size_t len,
		bool write)
{
	struct rig *r = opaque;

	(void)cpu;
	return write ? mem_write(&r->mem, gva, buf, len)
		     : mem_read(&r->mem, gva, buf, len);
}

static uint64_t argument(void)
{
	switch (in8() % 4) {
	case 0: return in8();
	case 1: return in64();
	default: return RIG_RAM + SAL_SIZE + in8() % 32 * 8;
	}
}

static void call_one(struct device *sal, struct rig *r)
{
	uint64_t args[SAL_CALL_REGS], out[SAL_CALL_REGS] = { 0 }, nr;
	unsigned kind = in8();

	for (unsigned i = 0; i < SAL_CALL_REGS; i++)
		args[i] = argument();
	nr = kind & 1 ? SAL_EFI_CALL + in8() % 16 : 0x01000000 + in8() % 0x24;
	sal_call(sal, 0, nr, args, out);
	if (kind & 2) /* what the next call finds */
		(void)!mem_store_le64(&r->mem, argument(), in64());
	if (kind == 0xfe)
		device_reset(sal);
}

static void calls(void)
{
	struct sal_config c = { .area = RIG_RAM, .copy = copy };
	struct device *sal = device_new(&sal_class, "sal");
	struct err err = { 0 };
	static struct rig r;

	rig_init(&r);
	c.opaque = &r;
	if (!sal)
		abort();
	sal_setup(sal, &c);
	if (device_realize(sal, &r.env, &err) < 0)
		abort();
	sal_code_build(RIG_RAM, true, r.ram);
	while (left)
		call_one(sal, &r);
	device_free(sal);
	rig_destroy(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	in = bytes;
	left = size < 4096 ? size : 4096;
	log_threshold = LOG_LEVEL_ERROR;
	if (in8() & 1)
		sapics();
	else
		calls();
	return 0;
}
