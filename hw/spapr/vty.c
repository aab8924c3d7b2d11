/* SPDX-License-Identifier: MIT */
/* The hypervisor's terminal: a console by hypercalls. */
#include "hw/spapr/vty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VTY_BATCH 64 /* bytes that gather into one write */

static struct vty *vty_of(struct device *dev)
{
	return container_of(dev, struct vty, vio.dev);
}

const char *vty_console(struct device *dev)
{
	return vty_of(dev)->console;
}

void vty_set_chardev(struct device *dev, struct chardev *c)
{
	vty_of(dev)->chr = c;
}

/* ---- the back end */

static size_t vty_can_receive(void *opaque)
{
	struct vty *s = opaque;
	size_t n;

	device_lock(&s->vio.dev);
	n = VTY_INPUT - s->rx_len;
	device_unlock(&s->vio.dev);
	return n;
}

static void vty_receive(void *opaque, const uint8_t *buf, size_t len)
{
	struct vty *s = opaque;

	device_lock(&s->vio.dev);
	for (size_t i = 0; i < len && s->rx_len < VTY_INPUT; i++)
		s->rx[(s->rx_head + s->rx_len++) % VTY_INPUT] = buf[i];
	irq_pulse(&s->vio.dev.irq);
	device_unlock(&s->vio.dev);
}

static void vty_event(void *opaque, enum chardev_event ev)
{
	struct vty *s = opaque;

	if (ev != CHARDEV_WRITABLE)
		return;
	device_lock(&s->vio.dev);
	outbuf_flush(&s->out);
	device_unlock(&s->vio.dev);
}

static void vty_out_timer(void *opaque)
{
	struct vty *s = opaque;

	device_lock(&s->vio.dev);
	outbuf_fired(&s->out);
	outbuf_flush(&s->out);
	device_unlock(&s->vio.dev);
}

/* ---- hypercalls */

/* Firmware and early consoles use unit 0 before they read the device tree. */
static struct vty *vty_find(const struct vio_bus *bus, uint64_t unit)
{
	struct vio_dev *v = vio_find(bus, unit, &spapr_vty_class);

	for (unsigned i = 0; !v && !unit && i < bus->n; i++)
		if (bus->dev[i]->dev.class == &spapr_vty_class)
			v = bus->dev[i];
	return v ? container_of(v, struct vty, vio) : NULL;
}

/* R4: how many; R5 and R6: the bytes, the first one on the left. */
static long h_get_term_char(void *opaque, unsigned cpu,
			    const uint64_t in[HCALL_REGS],
			    uint64_t out[HCALL_REGS])
{
	struct vty *s = vty_find(opaque, in[0]);

	(void)cpu;
	if (!s)
		return H_PARAMETER;
	device_lock(&s->vio.dev);
	for (unsigned i = 0; i < VTY_CHARS && s->rx_len; i++) {
		out[1 + i / 8] |= (uint64_t)s->rx[s->rx_head]
				  << (56 - 8 * (i % 8));
		s->rx_head = (s->rx_head + 1) % VTY_INPUT;
		s->rx_len--;
		out[0]++;
	}
	device_unlock(&s->vio.dev);
	if (out[0])
		chardev_accept_input(&s->fe);
	return H_SUCCESS;
}

static long vty_put(struct vty *s, uint64_t n, const uint64_t chars[2])
{
	bool line = false;

	if (s->out.blocked || s->out.len + n > OUTBUF_SIZE)
		return H_BUSY;
	for (unsigned i = 0; i < n; i++) {
		uint8_t c = (uint8_t)(chars[i / 8] >> (56 - 8 * (i % 8)));

		outbuf_add(&s->out, c);
		line |= c == '\n';
	}
	if (line || s->out.len >= VTY_BATCH)
		outbuf_flush(&s->out);
	else if (n)
		outbuf_flush_later(&s->out);
	return H_SUCCESS;
}

/* R4: the unit, R5: how many, R6 and R7: the bytes. */
static long h_put_term_char(void *opaque, unsigned cpu,
			    const uint64_t in[HCALL_REGS],
			    uint64_t out[HCALL_REGS])
{
	struct vty *s = vty_find(opaque, in[0]);
	long ret;

	(void)cpu, (void)out;
	if (!s || in[1] > VTY_CHARS)
		return H_PARAMETER;
	device_lock(&s->vio.dev);
	ret = vty_put(s, in[1], &in[2]);
	device_unlock(&s->vio.dev);
	return ret;
}

const struct hcall vty_hcalls[] = {
	{ 0x54, "H_GET_TERM_CHAR", h_get_term_char },
	{ H_PUT_TERM_CHAR, "H_PUT_TERM_CHAR", h_put_term_char },
	{ 0 },
};

/* ---- the device */

static int vty_realize(struct device *dev, struct err *err)
{
	struct vty *s = vty_of(dev);

	s->fe = (struct chardev_fe){
		.name = dev->name,
		.opaque = s,
		.can_receive = vty_can_receive,
		.receive = vty_receive,
		.event = vty_event,
	};
	outbuf_init(&s->out, &s->fe, dev->env->clock, vty_out_timer, s);
	return s->chr ? chardev_attach(s->chr, &s->fe, err) : 0;
}

static void vty_stop(struct device *dev)
{
	device_lock(dev);
	outbuf_flush(&vty_of(dev)->out);
	device_unlock(dev);
}

static void vty_unrealize(struct device *dev)
{
	struct vty *s = vty_of(dev);

	vty_stop(dev);
	outbuf_destroy(&s->out);
	chardev_detach(&s->fe);
}

static void vty_reset(struct device *dev)
{
	struct vty *s = vty_of(dev);

	outbuf_flush(&s->out); /* the user shall see what the guest said last */
	s->rx_head = s->rx_len = 0;
	__atomic_store_n(&s->vio.signal, false, __ATOMIC_RELAXED);
}

static int vty_parse_console(void *base, const struct prop *p, const char *val,
			     struct err *err)
{
	char **spec = (char **)((char *)base + p->off);

	if (chardev_check(val, err) < 0)
		return -err->code;
	free(*spec);
	*spec = strdup(val);
	return *spec ? 0 : err_nomem(err, p->name);
}

static bool vty_show_console(const void *base, const struct prop *p, char *buf,
			     size_t len)
{
	const char *spec = *(char *const *)((const char *)base + p->off);

	if (spec)
		snprintf(buf, len, "%s", spec);
	return spec;
}

static void vty_release_console(void *base, const struct prop *p)
{
	char **spec = (char **)((char *)base + p->off);

	free(*spec);
	*spec = NULL;
}

static const struct prop vty_props[] = {
	{ .name = "console",
	  .arg = "SPEC",
	  .kind = PROP_CUSTOM,
	  .off = offsetof(struct vty, console),
	  .parse = vty_parse_console,
	  .show = vty_show_console,
	  .release = vty_release_console,
	  .brief = "where it goes: stdio, null, file:PATH, unix:PATH, pty",
	  .detail = "Without it, it goes where --serial says." },
	{ 0 },
};

const struct device_class spapr_vty_class = {
	.name = "spapr-vty",
	.brief = "pSeries hypervisor console",
	.compatible = "hvterm1",
	.size = sizeof(struct vty),
	.space = SPACE_VIO,
	.props = vty_props,
	.realize = vty_realize,
	.unrealize = vty_unrealize,
	.reset = vty_reset,
	.stop = vty_stop,
};
