/* SPDX-License-Identifier: MIT */
/* A port whose write ends the VM with a status: "isa-debug-exit". */
#include "hw/misc/isa_debug_exit.h"

static uint64_t debug_exit_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque, (void)off, (void)size;
	return 0;
}

static void debug_exit_write(void *opaque, uint64_t off, uint64_t val,
			     unsigned size)
{
	struct isa_debug_exit *s = opaque;
	const struct device_env *env = s->dev.env;

	(void)size;
	if (off == 0)
		env->request(env->opaque, VM_POWEROFF,
			     val > DEBUG_EXIT_MAX ? DEBUG_EXIT_MAX : (int)val);
}

static const struct region_ops debug_exit_ops = {
	.read = debug_exit_read,
	.write = debug_exit_write,
	.min_size = 1,
	.max_size = 4,
};

static void debug_exit_init(struct device *dev)
{
	((struct isa_debug_exit *)dev)->iobase = DEBUG_EXIT_PORT;
}

static int debug_exit_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &debug_exit_ops);
	return 0;
}

static const struct prop debug_exit_props[] = {
	{ .name = "iobase",
	  .arg = "port",
	  .kind = PROP_UINT,
	  .off = offsetof(struct isa_debug_exit, iobase),
	  .max = 0xfffc,
	  .brief = "its first port (default 0xf4)",
	  .detail = "A guest that writes N there ends vmm with status N, or "
		    "with 119 where N is greater." },
	{ 0 },
};

const struct device_class isa_debug_exit_class = {
	.name = "isa-debug-exit",
	.brief = "a port whose write ends the VM with a status",
	.size = sizeof(struct isa_debug_exit),
	.space = SPACE_PIO,
	.region_size = 4,
	.props = debug_exit_props,
	.init = debug_exit_init,
	.realize = debug_exit_realize,
};
