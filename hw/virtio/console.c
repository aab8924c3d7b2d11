/* SPDX-License-Identifier: MIT */
/* The virtio console device [5.3]: ports over character back ends. */
#include "hw/virtio/console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"

/* Feature bits [5.3.3]. */
enum { CON_F_SIZE = 0, CON_F_MULTIPORT = 1, CON_F_EMERG_WRITE = 2 };

/* The configuration space [5.3.4]. */
enum {
	CFG_COLS = 0,
	CFG_ROWS = 2,
	CFG_PORTS = 4,
	CFG_EMERG = 8,
	CFG_SIZE = 12
};

/* Control messages [5.3.6.2]: le32 port, le16 event, le16 value. */
enum {
	MSG_DEVICE_READY = 0,
	MSG_PORT_ADD = 1,
	MSG_PORT_READY = 3,
	MSG_CONSOLE_PORT = 4,
	MSG_RESIZE = 5,
	MSG_PORT_OPEN = 6,
	MSG_PORT_NAME = 7,
};
#define MSG_SIZE 8

/* Those that are owed to the driver, in the order in which they go. */
enum vcon_msg {
	OWE_ADD = 1,
	OWE_CONSOLE = 2,
	OWE_NAME = 4,
	OWE_SIZE = 8,
	OWE_OPEN = 16
};

#define CON_QUEUE 128
#define CON_CTRL  64
#define CON_SEGS  4
#define CON_TURN  (64u << 10) /* bytes before others on the loop get a turn */
#define CON_EMPTY 16	      /* what each request takes of it at least */

/* Queue numbers [5.3.2]: port 0, then control, then the other ports. */
enum { Q_CTRL_IN = 2, Q_CTRL_OUT = 3 };

static struct virtio_console *con_of(struct virtio_device *v)
{
	return container_of(v, struct virtio_console, vdev);
}

static bool con_is_ctrl(unsigned queue)
{
	return queue == Q_CTRL_IN || queue == Q_CTRL_OUT;
}

/* Without the feature there are the queues of port 0 only [5.3.2]. */
static bool con_has_queue(const struct virtq *q)
{
	return q->index < Q_CTRL_IN || virtio_has(q->vdev, CON_F_MULTIPORT);
}

static struct vcon_port *con_port(struct virtq *q)
{
	unsigned pair = q->index / 2;

	return &con_of(q->vdev)->port[pair ? pair - 1 : 0];
}

/* ---- from the host to the guest */

/* Without control messages a port is open as soon as its queue is there. */
static bool con_guest_listens(const struct vcon_port *p)
{
	return p->rx &&
	       (p->guest_open || !virtio_has(&p->con->vdev, CON_F_MULTIPORT));
}

static size_t con_can_receive(void *opaque)
{
	struct vcon_port *p = opaque;

	if (!con_guest_listens(p))
		return 0;
	for (unsigned i = 0; !p->in; i++) {
		if (i == CON_QUEUE) { /* of no use; the rest another time */
			virtq_kick(p->rx);
			return 0;
		}
		virtq_kicks_off(p->rx);
		p->in = virtq_pop(p->rx);
		if (!p->in && !virtq_kicks_on(p->rx))
			return 0;
		if (p->in && !p->in->wr_len) { /* no use to anybody */
			virtq_push(p->rx, p->in, 0);
			virtq_notify(p->rx);
			p->in = NULL;
		}
	}
	return p->in->wr_len;
}

static void con_receive(void *opaque, const uint8_t *buf, size_t len)
{
	struct vcon_port *p = opaque;

	len = virtq_write(p->in, 0, buf, len);
	virtq_push(p->rx, p->in, (uint32_t)len);
	p->in = NULL;
	virtq_notify(p->rx);
}

/* ---- from the guest to the host */

/*
 * Writes the element in hand, at most *turn bytes of it; false when the back
 * end is full or the turn is over.  An empty element counts, too.
 */
static bool con_write_out(struct vcon_port *p, size_t *turn)
{
	uint8_t buf[1024];
	size_t n, k;

	for (;;) {
		if (*turn < sizeof(buf)) {
			virtq_kick(p->tx); /* it may have 4 GiB */
			return false;
		}
		n = virtq_read(p->out, p->out_off, buf, sizeof(buf));
		if (!n)
			break;
		*turn -= n;
		k = chardev_write(&p->fe, buf, n);
		p->out_off += k;
		if (k < n)
			return false;
	}
	*turn -= CON_EMPTY;
	p->out_off = 0;
	return true;
}

static void con_tx_run(struct vcon_port *p)
{
	size_t turn = CON_TURN;

	if (!p->tx)
		return;
	do {
		virtq_kicks_off(p->tx);
		while (p->out || (p->out = virtq_pop(p->tx))) {
			if (!con_write_out(p, &turn)) {
				/* CHARDEV_WRITABLE or a kick brings us back. */
				virtq_notify(p->tx);
				return;
			}
			virtq_push(p->tx, p->out, 0);
			p->out = NULL;
		}
		virtq_notify(p->tx);
	} while (virtq_kicks_on(p->tx));
}

/* ---- control messages to the driver */

/* Fills buf with the message; its length. */
static size_t con_message(const struct vcon_port *p, enum vcon_msg owed,
			  uint8_t *buf)
{
	uint16_t cols = 0, rows = 0, event, value = 1;
	size_t len = MSG_SIZE;

	switch (owed) {
	case OWE_ADD: event = MSG_PORT_ADD; break;
	case OWE_CONSOLE: event = MSG_CONSOLE_PORT; break;
	case OWE_NAME:
		event = MSG_PORT_NAME;
		memcpy(buf + len, p->name, strlen(p->name));
		len += strlen(p->name);
		break;
	case OWE_SIZE:
		event = MSG_RESIZE;
		chardev_size((struct chardev_fe *)&p->fe, &cols, &rows);
		/* The specification has the columns first; Linux, which came
		 * before it, and other devices have the rows. */
		buf[len++] = (uint8_t)rows;
		buf[len++] = (uint8_t)(rows >> 8);
		buf[len++] = (uint8_t)cols;
		buf[len++] = (uint8_t)(cols >> 8);
		break;
	default:
		event = MSG_PORT_OPEN;
		value = chardev_is_open((struct chardev_fe *)&p->fe);
		break;
	}
	memset(buf, 0, MSG_SIZE);
	buf[0] = (uint8_t)p->index;
	buf[4] = (uint8_t)event;
	buf[6] = (uint8_t)value;
	return len;
}

/* One message into the driver's next buffer; false without one. */
static bool con_send_one(struct virtio_console *s, struct vcon_port *p)
{
	uint8_t buf[MSG_SIZE + VCON_MAX_NAME];
	unsigned lowest = p->to_send & -p->to_send;
	struct virtq_elem *e = virtq_pop(s->ctrl_in);

	if (!e)
		return false;
	if (e->wr_len < MSG_SIZE + 4) {
		virtq_broken(s->ctrl_in, "a control buffer of %u bytes",
			     e->wr_len);
		return false;
	}
	virtq_push(
		s->ctrl_in, e,
		(uint32_t)virtq_write(e, 0, buf, con_message(p, lowest, buf)));
	p->to_send &= ~lowest;
	return true;
}

/* Sends what is owed, as far as the driver has buffers. */
static void con_send(struct virtio_console *s)
{
	struct virtq *q = s->ctrl_in;
	bool room = true;

	if (!q)
		return;
	do {
		virtq_kicks_off(q);
		room = true;
		for (unsigned i = 0; i < s->nports && room; i++)
			while (s->port[i].to_send && room)
				room = con_send_one(s, &s->port[i]);
		virtq_notify(q);
	} while (virtq_kicks_on(q) && !room);
}

static void con_owe(struct vcon_port *p, unsigned msgs)
{
	p->to_send |= msgs;
	con_send(p->con);
}

/* ---- control messages from the driver */

static void con_port_ready(struct vcon_port *p)
{
	unsigned msgs = OWE_OPEN;
	uint16_t cols, rows;

	p->ready = true;
	if (p->is_console)
		msgs |= OWE_CONSOLE;
	if (p->name[0])
		msgs |= OWE_NAME;
	if (p->is_console && chardev_size(&p->fe, &cols, &rows))
		msgs |= OWE_SIZE;
	con_owe(p, msgs);
}

static void con_control(struct virtio_console *s, uint32_t id, unsigned event,
			unsigned value)
{
	if (event == MSG_DEVICE_READY) {
		if (!value)
			guest_error(s->vdev.dev.name,
				    "the driver could not start");
		for (unsigned i = 0; i < s->nports && value; i++)
			s->port[i].to_send |= OWE_ADD;
		con_send(s);
		return;
	}
	if (id >= s->nports) {
		guest_error(s->vdev.dev.name, "there is no port %u", id);
		return;
	}
	if (event == MSG_PORT_READY && value)
		con_port_ready(&s->port[id]);
	if (event == MSG_PORT_OPEN) {
		s->port[id].guest_open = value;
		if (value)
			chardev_accept_input(&s->port[id].fe);
	}
}

static void con_control_run(struct virtio_console *s, struct virtq *q)
{
	struct virtq_elem *e;
	uint8_t b[MSG_SIZE];

	do {
		virtq_kicks_off(q);
		while ((e = virtq_pop(q))) {
			if (virtq_read(e, 0, b, sizeof(b)) == sizeof(b))
				con_control(s,
					    b[0] | (uint32_t)b[1] << 8 |
						    (uint32_t)b[2] << 16 |
						    (uint32_t)b[3] << 24,
					    b[4] | (unsigned)b[5] << 8,
					    b[6] | (unsigned)b[7] << 8);
			virtq_push(q, e, 0);
		}
		virtq_notify(q);
	} while (virtq_kicks_on(q));
}

/* ---- what the core calls */

static void con_kick(struct virtq *q)
{
	struct virtio_console *s = con_of(q->vdev);

	if (!con_has_queue(q))
		return;
	if (q->index == Q_CTRL_IN)
		con_send(s);
	else if (q->index == Q_CTRL_OUT)
		con_control_run(s, q);
	else if (q->index % 2)
		con_tx_run(con_port(q));
	else
		chardev_accept_input(&con_port(q)->fe);
}

static void con_queue_start(struct virtq *q)
{
	struct virtio_console *s = con_of(q->vdev);

	if (!con_has_queue(q))
		return;
	if (q->index == Q_CTRL_IN)
		s->ctrl_in = q;
	if (con_is_ctrl(q->index))
		return;
	if (!(q->index % 2)) {
		con_port(q)->rx = q;
		return;
	}
	con_port(q)->tx = q;
	if (!q->resumes)
		con_port(q)->out_off = 0;
}

/*
 * The element in hand goes back to the ring, for it is the only one in
 * flight; of one that was written in part, out_off remembers how far.
 */
static void con_queue_stop(struct virtq *q)
{
	struct virtio_console *s = con_of(q->vdev);

	if (!con_has_queue(q))
		return;
	if (q->index == Q_CTRL_IN)
		s->ctrl_in = NULL;
	if (con_is_ctrl(q->index))
		return;
	if (q->index % 2) {
		con_port(q)->tx = NULL;
		con_port(q)->out = NULL;
	} else {
		con_port(q)->rx = NULL;
		con_port(q)->in = NULL;
	}
}

static uint64_t con_features(struct virtio_device *v)
{
	struct virtio_console *s = con_of(v);

	return VIRTIO_BIT(CON_F_EMERG_WRITE) |
	       (s->sized ? VIRTIO_BIT(CON_F_SIZE) : 0) |
	       (s->multiport ? VIRTIO_BIT(CON_F_MULTIPORT) : 0);
}

/* Emergency write [5.3.4]: a character, before any queue exists. */
static void con_config_write(struct virtio_device *v, unsigned off,
			     const void *buf, unsigned len)
{
	const uint8_t *b = buf;

	if (off > CFG_EMERG || off + len <= CFG_EMERG)
		return;
	chardev_write(&con_of(v)->port[0].fe, &b[CFG_EMERG - off], 1);
}

static void con_reset_here(void *arg)
{
	struct virtio_console *s = arg;

	for (unsigned i = 0; i < s->nports; i++) {
		s->port[i].ready = s->port[i].guest_open = false;
		s->port[i].to_send = 0;
	}
}

static void con_reset(struct virtio_device *v)
{
	loop_call(v->dev.env->loop, con_reset_here, con_of(v));
}

static const struct virtio_ops con_ops = {
	.id = VIRTIO_ID_CONSOLE,
	.pci_class = 0x078000,
	.features = con_features,
	.config_write = con_config_write,
	.queue_start = con_queue_start,
	.queue_stop = con_queue_stop,
	.kick = con_kick,
	.reset = con_reset,
};

/* ---- what the back ends call */

static void con_put_size(struct virtio_console *s, uint16_t cols, uint16_t rows,
			 bool tell)
{
	uint8_t b[4] = { (uint8_t)cols, (uint8_t)(cols >> 8), (uint8_t)rows,
			 (uint8_t)(rows >> 8) };
	uint8_t was[4];

	virtio_config_read(&s->vdev, CFG_COLS, was, sizeof(was));
	if (memcmp(was, b, sizeof(b)) == 0)
		return;
	if (tell)
		virtio_config_update(&s->vdev, CFG_COLS, b, sizeof(b));
	else
		virtio_config_set(&s->vdev, CFG_COLS, b, sizeof(b));
}

static void con_event(void *opaque, enum chardev_event ev)
{
	struct vcon_port *p = opaque;
	uint16_t cols, rows;

	switch (ev) {
	case CHARDEV_WRITABLE: con_tx_run(p); break;
	case CHARDEV_OPENED:
	case CHARDEV_CLOSED:
		if (p->ready)
			con_owe(p, OWE_OPEN);
		break;
	case CHARDEV_RESIZE:
		if (!p->is_console || !chardev_size(&p->fe, &cols, &rows))
			break;
		if (!p->index && p->con->sized)
			con_put_size(p->con, cols, rows, true);
		if (p->ready)
			con_owe(p, OWE_SIZE);
		break;
	case CHARDEV_BREAK: break; /* there is no such thing here */
	}
}

/* ---- the device */

int virtio_console_add_port(struct virtio_console *s, struct chardev *c,
			    const char *name, bool is_console, struct err *err)
{
	struct vcon_port *p = &s->port[s->nports];

	if (s->nports == VCON_MAX_PORTS)
		return err_set(err, ENOSPC, "%s has at most %d ports",
			       s->vdev.dev.name, VCON_MAX_PORTS);
	p->con = s;
	p->index = s->nports++;
	p->chr = c;
	p->is_console = is_console;
	snprintf(p->name, sizeof(p->name), "%s", name ? name : "");
	p->fe = (struct chardev_fe){ .name = p->name[0] ? p->name
							: s->vdev.dev.name,
				     .opaque = p,
				     .can_receive = con_can_receive,
				     .receive = con_receive,
				     .event = con_event };
	return 0;
}

struct chardev *virtio_console_chardev(struct virtio_console *s, unsigned i)
{
	return i < s->nports ? s->port[i].chr : NULL;
}

/* Detaches every port, and forgets those that the properties made. */
static void con_detach(struct virtio_console *s)
{
	unsigned keep = 0;

	for (unsigned i = 0; i < s->nports; i++) {
		struct vcon_port *p = &s->port[i];

		chardev_detach(&p->fe);
		if (p->owned)
			chardev_close(p->chr);
		else
			keep = i + 1;
	}
	s->nports = keep;
}

static int con_open_port(struct virtio_console *s, const char *spec,
			 const char *name, bool is_console, struct err *err)
{
	struct chardev *c = chardev_open(spec, s->vdev.dev.env->loop, err);
	int ret;

	if (!c)
		return -err->code;
	ret = virtio_console_add_port(s, c, name, is_console, err);
	if (ret < 0)
		chardev_close(c);
	else
		s->port[s->nports - 1].owned = true;
	return ret;
}

/* The ports that the properties ask for, the console first. */
static int con_open_ports(struct virtio_console *s, struct err *err)
{
	int ret = 0;

	if (s->console)
		ret = con_open_port(s, s->console, NULL, true, err);
	for (unsigned i = 0; i < s->nspecs && ret == 0; i++) {
		const char *colon = strchr(s->specs[i], ':');
		char name[VCON_MAX_NAME];

		snprintf(name, sizeof(name), "%.*s", (int)(colon - s->specs[i]),
			 s->specs[i]);
		ret = con_open_port(s, colon + 1, name, false, err);
	}
	return ret;
}

static int con_attach(struct virtio_console *s, struct err *err)
{
	int ret = 0;

	for (unsigned i = 0; i < s->nports && ret == 0; i++)
		ret = chardev_attach(s->port[i].chr, &s->port[i].fe, err);
	return ret;
}

static int con_add_queues(struct virtio_console *s, struct err *err)
{
	unsigned n = s->multiport ? 2 + 2 * s->nports : 2;
	int ret = 0;

	for (unsigned i = 0; i < n && ret == 0; i++)
		ret = virtio_add_queue(&s->vdev,
				       con_is_ctrl(i) ? CON_CTRL : CON_QUEUE,
				       con_is_ctrl(i), CON_SEGS, 0, err);
	return ret;
}

static int con_realize(struct device *dev, struct err *err)
{
	struct virtio_console *s =
		container_of(dev, struct virtio_console, vdev.dev);
	uint8_t ports[4] = { 0 };
	uint16_t cols, rows;
	int ret;

	if (s->vdev.iothread)
		return err_set(err, EINVAL,
			       "%s is served by the main thread only",
			       dev->name);
	ret = con_open_ports(s, err);
	if (ret < 0)
		goto detach;
	ports[0] = (uint8_t)s->nports;
	if (!s->nports) {
		err_set(err, EINVAL, "%s is connected to nothing", dev->name);
		err_hint(err, "give it console=stdio, or port=NAME:unix:PATH");
		return -EINVAL;
	}
	ret = con_attach(s, err);
	if (ret < 0)
		goto detach;
	s->multiport = s->nports > 1 || s->port[0].name[0] ||
		       !s->port[0].is_console;
	s->sized = s->port[0].is_console &&
		   chardev_size(&s->port[0].fe, &cols, &rows);
	ret = virtio_realize(&s->vdev, &con_ops, err);
	if (ret < 0)
		goto detach;
	s->vdev.config_size = CFG_SIZE;
	virtio_config_set(&s->vdev, CFG_PORTS, ports, sizeof(ports));
	if (s->sized)
		con_put_size(s, cols, rows, false);
	ret = con_add_queues(s, err);
	if (ret == 0)
		return 0;
	virtio_unrealize(&s->vdev);
detach:
	con_detach(s);
	return ret;
}

static void con_unrealize(struct device *dev)
{
	struct virtio_console *s =
		container_of(dev, struct virtio_console, vdev.dev);

	con_detach(s);
	virtio_unrealize(&s->vdev);
}

/* ---- properties */

static int con_port_parse(void *base, const struct prop *p, const char *val,
			  struct err *err)
{
	struct virtio_console *s = base;
	const char *colon = strchr(val, ':');
	char **grown;

	if (!colon || colon == val || colon - val >= VCON_MAX_NAME) {
		err_set(err, EINVAL,
			"%s must be a name of 1 to %d characters, a colon and "
			"where it goes, not '%s'",
			p->name, VCON_MAX_NAME - 1, val);
		err_hint(err, "for example port=org.example.0:unix:/tmp/port");
		return -EINVAL;
	}
	if (chardev_check(colon + 1, err) < 0)
		return err_prefix(err, "%s: ", p->name);
	grown = reallocarray(s->specs, s->nspecs + 1, sizeof(*grown));
	if (!grown)
		return err_nomem(err, p->name);
	s->specs = grown;
	grown[s->nspecs] = strdup(val);
	if (!grown[s->nspecs])
		return err_nomem(err, p->name);
	s->nspecs++;
	return 0;
}

static bool con_port_show(const void *base, const struct prop *p, char *buf,
			  size_t len)
{
	const struct virtio_console *s = base;
	size_t used = 0;

	for (unsigned i = 0; i < s->nspecs && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s%s%s",
					 i ? "," : "", i ? p->name : "",
					 i ? "=" : "", s->specs[i]);
	return s->nspecs != 0;
}

static void con_port_release(void *base, const struct prop *p)
{
	struct virtio_console *s = base;

	(void)p;
	for (unsigned i = 0; i < s->nspecs; i++)
		free(s->specs[i]);
	free(s->specs);
	s->specs = NULL;
	s->nspecs = 0;
}

static const struct prop con_props[] = {
	{ .name = "console",
	  .arg = "stdio|null|file:PATH|unix:PATH|pty",
	  .kind = PROP_STR,
	  .off = offsetof(struct virtio_console, console),
	  .min = 1,
	  .max = 4095,
	  .brief = "where the console goes, hvc0 in the guest" },
	{ .name = "port",
	  .arg = "NAME:stdio|null|file:PATH|unix:PATH|pty",
	  .kind = PROP_CUSTOM,
	  .parse = con_port_parse,
	  .show = con_port_show,
	  .release = con_port_release,
	  .many = true,
	  .brief = "a serial port, /dev/virtio-ports/NAME in the guest",
	  .detail = "May be given several times." },
	VIRTIO_PROPS,
	{ 0 },
};

const struct device_class virtio_console_class = {
	.name = "virtio-console",
	.brief = "virtio console and serial ports",
	.size = sizeof(struct virtio_console),
	.space = SPACE_NONE,
	.props = con_props,
	.init = virtio_device_defaults,
	.realize = con_realize,
	.unrealize = con_unrealize,
	.reset = virtio_device_reset,
	.start = virtio_device_start,
	.stop = virtio_device_stop,
};
