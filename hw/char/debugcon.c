/* SPDX-License-Identifier: MIT */
/* The debug console: one port, every byte written to it is output. */
#include "hw/char/debugcon.h"

/* A guest cannot be told to wait here: what the back end refuses is gone. */
static void debugcon_flush(struct debugcon *s)
{
	outbuf_flush(&s->out);
	outbuf_drop(&s->out);
}

static void debugcon_timer(void *opaque)
{
	struct debugcon *s = opaque;

	device_lock(&s->dev);
	outbuf_fired(&s->out);
	debugcon_flush(s);
	device_unlock(&s->dev);
}

/* Reading back its own number tells a guest that it exists. */
static uint64_t debugcon_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque;
	(void)off;
	(void)size;
	return DEBUGCON_PORT;
}

static void debugcon_write(void *opaque, uint64_t off, uint64_t val,
			   unsigned size)
{
	struct debugcon *s = opaque;

	(void)off;
	(void)size;
	outbuf_add(&s->out, (uint8_t)val);
	if (s->out.len == OUTBUF_SIZE || (uint8_t)val == '\n')
		debugcon_flush(s);
	else
		outbuf_flush_later(&s->out);
}

static const struct region_ops debugcon_ops = {
	.read = debugcon_read,
	.write = debugcon_write,
	.min_size = 1,
	.max_size = 1,
};

static size_t debugcon_can_receive(void *opaque)
{
	(void)opaque;
	return SIZE_MAX; /* and nobody reads it */
}

static void debugcon_receive(void *opaque, const uint8_t *buf, size_t len)
{
	(void)opaque;
	(void)buf;
	(void)len;
}

void debugcon_set_chardev(struct debugcon *s, struct chardev *c)
{
	s->chr = c;
}

static int debugcon_realize(struct device *dev, struct err *err)
{
	struct debugcon *s = container_of(dev, struct debugcon, dev);

	s->fe = (struct chardev_fe){
		.name = dev->name,
		.opaque = s,
		.can_receive = debugcon_can_receive,
		.receive = debugcon_receive,
	};
	outbuf_init(&s->out, &s->fe, dev->env->clock, debugcon_timer, s);
	device_region(dev, &debugcon_ops);
	return s->chr ? chardev_attach(s->chr, &s->fe, err) : 0;
}

static void debugcon_stop(struct device *dev)
{
	struct debugcon *s = container_of(dev, struct debugcon, dev);

	device_lock(dev);
	debugcon_flush(s);
	device_unlock(dev);
}

static void debugcon_unrealize(struct device *dev)
{
	struct debugcon *s = container_of(dev, struct debugcon, dev);

	debugcon_stop(dev);
	outbuf_destroy(&s->out);
	chardev_detach(&s->fe);
}

static void debugcon_reset(struct device *dev)
{
	debugcon_flush(container_of(dev, struct debugcon, dev));
}

const struct device_class debugcon_class = {
	.name = "debugcon",
	.brief = "debug console at port 0xe9",
	.size = sizeof(struct debugcon),
	.space = SPACE_PIO,
	.region_size = 1,
	.realize = debugcon_realize,
	.unrealize = debugcon_unrealize,
	.reset = debugcon_reset,
	.stop = debugcon_stop,
};
