/* SPDX-License-Identifier: MIT */
/* H_LOGICAL_MEMOP: firmware's way to copy between memory and devices. */
#include "hw/spapr/memop.h"

enum { MEMOP_COPY, MEMOP_INVERT };

/*
 * An element, of RAM or of a device; in the guest's order of bytes.  *io:
 * how many accesses of devices are left.
 */
static bool memop_load(const struct device_env *env, gpa_t gpa, unsigned size,
		       uint64_t *val, unsigned *io)
{
	*val = 0;
	return mem_read(env->mem, gpa, val, size) == 0 ||
	       ((*io)-- && bus_read(env->mmio, gpa, size, val));
}

static bool memop_store(const struct device_env *env, gpa_t gpa, unsigned size,
			uint64_t val, unsigned *io)
{
	return mem_write(env->mem, gpa, &val, size) == 0 ||
	       ((*io)-- && bus_write(env->mmio, gpa, size, val));
}

/* From the end that the other range does not overwrite. */
static long memop_each(const struct device_env *env, gpa_t dst, gpa_t src,
		       unsigned size, uint64_t n, uint64_t flip)
{
	unsigned io = MEMOP_MAX_IO;
	bool down = dst > src;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t off = (down ? n - 1 - i : i) * size, val;

		if (!memop_load(env, src + off, size, &val, &io) ||
		    !memop_store(env, dst + off, size, val ^ flip, &io))
			return H_PARAMETER;
	}
	return H_SUCCESS;
}

static long h_logical_memop(void *opaque, unsigned cpu,
			    const uint64_t in[HCALL_REGS],
			    uint64_t out[HCALL_REGS])
{
	const struct device_env *env = opaque;
	gpa_t dst = in[0], src = in[1];
	uint64_t size;

	(void)cpu, (void)out;
	if (in[2] > 3 || in[4] > MEMOP_INVERT)
		return H_PARAMETER;
	size = UINT64_C(1) << in[2];
	if ((dst | src) % size || in[3] > MEMOP_MAX / size)
		return H_PARAMETER;
	return memop_each(env, dst, src, (unsigned)size, in[3],
			  in[4] == MEMOP_INVERT ? UINT64_MAX : 0);
}

const struct hcall memop_hcalls[] = {
	{ 0xf001, "H_LOGICAL_MEMOP", h_logical_memop },
	{ 0 },
};
