/* SPDX-License-Identifier: MIT */
/* The virtio console device; its back ends are sockets that the test holds. */
#include "hw/virtio/console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/vdriver.h"
#include "tests/test.h"

#define MULTIPORT VIRTIO_BIT(1)
#define PORTS	  3

struct bench {
	struct rig r;
	struct vdriver d;
	struct virtio_console *s;
	unsigned nports;
	struct chardev *chr[PORTS];
	int fd[PORTS]; /* the other end, or -1 */
	char dir[64];
};

static int bench_connect(struct bench *b, unsigned i)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/%u", b->dir, i);
	b->fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(connect(b->fd[i], (struct sockaddr *)&a, sizeof(a)) == 0);
	rig_poll(&b->r);
	return b->fd[i];
}

/* Port 0 is a nameless console, the others are called p1, p2. */
static struct bench *bench(unsigned nports, const char *props)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct err err = { 0 };
	char text[96], name[16];

	rig_init(&b->r);
	b->nports = nports;
	strcpy(b->dir, "/tmp/vmm-vcon-XXXXXX");
	CHECK(mkdtemp(b->dir) != NULL);
	b->s = device_new(&virtio_console_class, "virtio-console.0");
	CHECK(device_configure(&b->s->vdev.dev, props, &err) == 0);
	for (unsigned i = 0; i < nports; i++) {
		snprintf(text, sizeof(text), "unix:%s/%u", b->dir, i);
		snprintf(name, sizeof(name), "p%u", i);
		b->chr[i] = chardev_open(text, b->r.loop, &err);
		CHECK(b->chr[i] != NULL);
		CHECK(virtio_console_add_port(b->s, b->chr[i], i ? name : NULL,
					      !i, &err) == 0);
		b->fd[i] = -1;
	}
	CHECK(device_realize(&b->s->vdev.dev, &b->r.env, &err) == 0);
	vdriver_init(&b->d, &b->r, &b->s->vdev);
	return b;
}

static void bench_free(struct bench *b)
{
	device_free(&b->s->vdev.dev);
	for (unsigned i = 0; i < b->nports; i++) {
		chardev_close(b->chr[i]);
		if (b->fd[i] >= 0)
			close(b->fd[i]);
	}
	rmdir(b->dir);
	rig_destroy(&b->r);
	free(b);
}

static void host_types(struct bench *b, unsigned port, const char *text)
{
	CHECK_EQ(write(b->fd[port], text, strlen(text)), strlen(text));
	rig_poll(&b->r);
}

static const char *host_reads(struct bench *b, unsigned port)
{
	static char buf[512];
	ssize_t n = read(b->fd[port], buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static gpa_t post(struct bench *b, unsigned q, uint32_t len)
{
	gpa_t buf = vdriver_alloc(&b->d, len, 8);

	CHECK(vdq_add(&b->d, q, &(struct vbuf){ buf, len, true }, 1) >= 0);
	vdq_kick(&b->d, q);
	rig_poll(&b->r);
	return buf;
}

static void guest_writes(struct bench *b, unsigned q, const char *text)
{
	gpa_t buf = vdriver_alloc(&b->d, strlen(text), 1);

	CHECK(mem_write(&b->r.mem, buf, text, strlen(text)) == 0);
	vdq_do(&b->d, q, &(struct vbuf){ buf, (uint32_t)strlen(text), false },
	       1);
}

static void guest_sends(struct bench *b, uint32_t id, uint8_t event,
			uint8_t value)
{
	uint8_t m[8] = {
		(uint8_t)id, (uint8_t)(id >> 8), 0, 0, event, 0, value
	};
	gpa_t buf = vdriver_alloc(&b->d, 8, 4);

	CHECK(mem_write(&b->r.mem, buf, m, 8) == 0);
	vdq_do(&b->d, 3, &(struct vbuf){ buf, 8, false }, 1);
}

/* The next control message: "port event value text", "" if there is none. */
static const char *guest_hears(struct bench *b, gpa_t *bufs, unsigned *next)
{
	static char text[64];
	uint8_t m[40] = { 0 };
	unsigned token;
	uint32_t len;

	*text = 0;
	if (!vdq_get(&b->d, 2, &token, &len))
		return text;
	CHECK(len >= 8 && len <= 40);
	CHECK(mem_read(&b->r.mem, bufs[(*next)++], m, len) == 0);
	snprintf(text, sizeof(text), "%u %u %u %s", m[0], m[4], m[6],
		 (char *)m + 8);
	return text;
}

/* ---- one port */

TEST(vcon_single_console_needs_no_control_queues)
{
	struct bench *b = bench(1, NULL);
	uint8_t cfg[12];
	gpa_t buf;
	char got[8] = { 0 };

	CHECK_EQ(b->s->vdev.nqueues, 2);
	CHECK_EQ(b->s->vdev.offered & 7, 4);
	vdriver_config(&b->d, 0, cfg, 12);
	CHECK_EQ(cfg[4], 1);
	bench_connect(b, 0);
	vdriver_start(&b->d, 0);
	guest_writes(b, 1, "login: ");
	CHECK_STR(host_reads(b, 0), "login: ");
	buf = post(b, 0, 64);
	host_types(b, 0, "root\r");
	CHECK(mem_read(&b->r.mem, buf, got, 5) == 0);
	CHECK_STR(got, "root\r");
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 1);
	bench_free(b);
}

TEST(vcon_input_waits_for_buffers)
{
	struct bench *b = bench(1, NULL);
	unsigned token;
	uint32_t len, n = 0;

	bench_connect(b, 0);
	host_types(b, 0, "early"); /* no driver yet */
	vdriver_start(&b->d, 0);
	post(b, 0, 0); /* useless, given back */
	CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(len, 0);
	for (int i = 0; i < 3; i++)
		post(b, 0, 2);
	while (vdq_get(&b->d, 0, &token, &len))
		n += len;
	CHECK_EQ(n, 5);
	bench_free(b);
}

TEST(vcon_output_waits_for_a_full_back_end_and_survives_a_pause)
{
	struct bench *b = bench(1, NULL);
	struct device *dev = &b->s->vdev.dev;
	const uint32_t piece = 60001;
	size_t want = 0, got = 0, idle = 0;
	static uint8_t in[65536];
	gpa_t buf;
	uint8_t *p;
	ssize_t n;
	int fd = bench_connect(b, 0);

	vdriver_start(&b->d, 0);
	buf = vdriver_alloc(&b->d, piece, 1);
	p = mem_run(&b->r.mem, buf, piece);
	for (uint32_t i = 0; i < piece; i++)
		p[i] = (uint8_t)(i % 251);
	for (int i = 0; i < 40; i++) {
		CHECK(vdq_add(&b->d, 1, &(struct vbuf){ buf, piece, false },
			      1) >= 0);
		want += piece;
	}
	vdq_kick(&b->d, 1);
	CHECK(b->s->port[0].out != NULL); /* more than the queue holds */
	dev->class->stop(dev);
	dev->class->start(dev);
	rig_poll(&b->r);
	while (idle < 8) {
		n = read(fd, in, sizeof(in));
		for (ssize_t i = 0; i < n; i++, got++)
			CHECK_EQ(in[i], got % piece % 251);
		idle = n > 0 ? 0 : idle + 1;
		rig_poll(&b->r);
	}
	CHECK_EQ(got, want);
	bench_free(b);
}

/* Buffers may overlap: a request of 128 MiB costs the guest one MiB. */
TEST(vcon_long_requests_leave_others_their_turn)
{
	struct bench *b = bench(1, NULL);
	struct virtq *q = b->s->vdev.queue[1];
	struct vbuf v[128];
	unsigned token;
	uint32_t len;
	gpa_t buf;

	vdriver_start(&b->d, 0);
	buf = vdriver_alloc(&b->d, 1 << 20, 16);
	for (unsigned i = 0; i < 128; i++)
		v[i] = (struct vbuf){ buf, 1 << 20, false };
	CHECK(vdq_add(&b->d, 1, v, 128) >= 0);
	b->s->vdev.ops->kick(q);
	CHECK(b->s->port[0].out != NULL);
	CHECK(b->s->port[0].out_off > 0);
	CHECK(b->s->port[0].out_off <= 1 << 20);
	for (unsigned i = 0; !vdq_get(&b->d, 1, &token, &len); i++) {
		CHECK(i < 10000);
		rig_poll(&b->r);
	}
	CHECK(b->s->port[0].out == NULL);
	bench_free(b);
}

TEST(vcon_useless_buffers_take_turns)
{
	struct bench *b = bench(1, "queue-size=1024");
	struct chardev_fe *fe = &b->s->port[0].fe;
	unsigned token, n = 0;
	uint32_t len;
	gpa_t buf;

	vdriver_start(&b->d, 0);
	buf = vdriver_alloc(&b->d, 16, 16);
	for (unsigned i = 0; i < 1024; i++)
		CHECK(vdq_add(&b->d, 0, &(struct vbuf){ buf, 0, true }, 1) >=
		      0);
	CHECK_EQ(fe->can_receive(fe->opaque), 0);
	while (vdq_get(&b->d, 0, &token, &len))
		n++;
	CHECK(n > 0);
	CHECK(n < 1024);
	bench_free(b);
}

TEST(vcon_emergency_write_needs_no_driver)
{
	struct bench *b = bench(1, NULL);
	uint32_t c = 'E';

	bench_connect(b, 0);
	vdriver_config_write(&b->d, 8, &c, 4);
	CHECK_STR(host_reads(b, 0), "E");
	c = 'F';
	vdriver_config_write(&b->d, 8, &c, 1);
	CHECK_STR(host_reads(b, 0), "F");
	vdriver_config_write(&b->d, 0, &c, 4); /* columns: read-only */
	CHECK_STR(host_reads(b, 0), "");
	bench_free(b);
}

TEST(vcon_works_over_packed_rings)
{
	struct bench *b = bench(1, "packed=on");

	bench_connect(b, 0);
	vdriver_start(&b->d, VIRTIO_BIT(VIRTIO_F_RING_PACKED));
	guest_writes(b, 1, "packed");
	CHECK_STR(host_reads(b, 0), "packed");
	bench_free(b);
}

/* ---- several ports */

TEST(vcon_introduces_its_ports)
{
	struct bench *b = bench(3, NULL);
	gpa_t buf[16];
	unsigned next = 0;

	CHECK_EQ(b->s->vdev.nqueues, 8);
	vdriver_start(&b->d, MULTIPORT);
	for (int i = 0; i < 16; i++)
		buf[i] = post(b, 2, 64);
	CHECK_STR(guest_hears(b, buf, &next), "");
	guest_sends(b, 0, 0, 1);
	CHECK_STR(guest_hears(b, buf, &next), "0 1 1 ");
	CHECK_STR(guest_hears(b, buf, &next), "1 1 1 ");
	CHECK_STR(guest_hears(b, buf, &next), "2 1 1 ");
	guest_sends(b, 0, 3, 1);
	CHECK_STR(guest_hears(b, buf, &next), "0 4 1 "); /* a console */
	CHECK_STR(guest_hears(b, buf, &next), "0 6 0 "); /* nobody there */
	guest_sends(b, 2, 3, 1);
	CHECK_STR(guest_hears(b, buf, &next), "2 7 1 p2");
	CHECK_STR(guest_hears(b, buf, &next), "2 6 0 ");
	bench_connect(b, 2);
	CHECK_STR(guest_hears(b, buf, &next), "2 6 1 ");
	bench_connect(b, 1); /* the driver does not know that port */
	CHECK_STR(guest_hears(b, buf, &next), "");
	close(b->fd[2]);
	b->fd[2] = -1;
	rig_poll(&b->r);
	CHECK_STR(guest_hears(b, buf, &next), "2 6 0 ");
	bench_free(b);
}

TEST(vcon_messages_wait_for_buffers)
{
	struct bench *b = bench(3, NULL);
	gpa_t buf[3];
	unsigned next = 0;

	vdriver_start(&b->d, MULTIPORT);
	guest_sends(b, 0, 0, 1);
	for (int i = 0; i < 3; i++)
		buf[i] = post(b, 2, 64);
	CHECK_STR(guest_hears(b, buf, &next), "0 1 1 ");
	CHECK_STR(guest_hears(b, buf, &next), "1 1 1 ");
	CHECK_STR(guest_hears(b, buf, &next), "2 1 1 ");
	bench_free(b);
}

TEST(vcon_ports_carry_data_once_the_guest_opened_them)
{
	struct bench *b = bench(2, NULL);
	gpa_t buf;
	char got[8] = { 0 };

	bench_connect(b, 1);
	vdriver_start(&b->d, MULTIPORT);
	guest_sends(b, 1, 3, 1);
	buf = post(b, 4, 16);
	host_types(b, 1, "abc");
	CHECK(mem_read(&b->r.mem, buf, got, 3) == 0);
	CHECK_STR(got, "");
	guest_sends(b, 1, 6, 1);
	rig_poll(&b->r);
	CHECK(mem_read(&b->r.mem, buf, got, 3) == 0);
	CHECK_STR(got, "abc");
	guest_writes(b, 5, "xyz");
	CHECK_STR(host_reads(b, 1), "xyz");
	vdriver_reset(&b->d);
	CHECK(!b->s->port[1].guest_open);
	bench_free(b);
}

TEST(vcon_ignores_bad_control_messages)
{
	struct bench *b = bench(2, NULL);
	gpa_t buf;

	vdriver_start(&b->d, MULTIPORT);
	guest_sends(b, 2, 3, 1);
	guest_sends(b, 0xffff, 6, 1);
	guest_sends(b, 0, 99, 1);
	guest_sends(b, 0, 0, 0);
	buf = vdriver_alloc(&b->d, 8, 4);
	vdq_do(&b->d, 3, &(struct vbuf){ buf, 7, false }, 1);
	vdq_do(&b->d, 3, &(struct vbuf){ buf, 8, true }, 1);
	CHECK(!vdriver_needs_reset(&b->d));
	guest_sends(b, 0, 0, 1);
	post(b, 2, 7);
	CHECK(vdriver_needs_reset(&b->d));
	bench_free(b);
}

TEST(vcon_without_multiport_uses_the_first_port)
{
	struct bench *b = bench(2, NULL);

	bench_connect(b, 0);
	vdriver_start(&b->d, 0);
	guest_writes(b, 1, "plain");
	CHECK_STR(host_reads(b, 0), "plain");
	bench_free(b);
}

TEST(vcon_without_multiport_has_no_other_queues)
{
	struct bench *b = bench(2, NULL);
	unsigned token;
	uint32_t len;
	gpa_t buf;

	bench_connect(b, 1);
	vdriver_start(&b->d, 0);
	CHECK(b->s->ctrl_in == NULL);
	CHECK(b->s->port[1].rx == NULL);
	for (unsigned q = 2; q < 6; q++) {
		buf = vdriver_alloc(&b->d, 8, 8);
		CHECK(mem_write(&b->r.mem, buf, "\0\0\0\0\0\0\1", 8) == 0);
		CHECK(vdq_add(&b->d, q, &(struct vbuf){ buf, 8, !(q % 2) },
			      1) >= 0);
		vdq_kick(&b->d, q);
	}
	host_types(b, 1, "abc");
	for (unsigned q = 2; q < 6; q++)
		CHECK(!vdq_get(&b->d, q, &token, &len));
	CHECK_STR(host_reads(b, 1), "");
	CHECK(!vdriver_needs_reset(&b->d));
	vdriver_reset(&b->d);
	bench_free(b);
}

TEST(vcon_output_begins_anew_after_the_reset_of_its_queue)
{
	struct bench *b = bench(1, NULL);
	struct virtq *q = b->s->vdev.queue[1];
	struct vbuf v[8];
	gpa_t buf;

	for (int dma = 0; dma < 2; dma++) {
		vdriver_start(&b->d, VIRTIO_BIT(VIRTIO_F_RING_RESET));
		buf = vdriver_alloc(&b->d, 1 << 20, 16);
		for (unsigned i = 0; i < 8; i++)
			v[i] = (struct vbuf){ buf, 1 << 20, false };
		CHECK(vdq_add(&b->d, 1, v, 8) >= 0);
		b->s->vdev.ops->kick(q);
		CHECK(b->s->port[0].out_off > 0);
		device_lock(&b->s->vdev.dev);
		if (dma) /* stopped already, as in a pause */
			virtio_allow_dma(&b->s->vdev, false);
		virtq_reset(q);
		if (dma)
			virtio_allow_dma(&b->s->vdev, true);
		device_unlock(&b->s->vdev.dev);
		vdriver_queue(&b->d, 1, 0);
		bench_connect(b, 0);
		guest_writes(b, 1, "from the start");
		CHECK_STR(host_reads(b, 0), "from the start");
		close(b->fd[0]);
		b->fd[0] = -1;
		rig_poll(&b->r);
	}
	bench_free(b);
}

TEST(vcon_shows_the_size_of_a_terminal)
{
	struct winsize w = { .ws_col = 132, .ws_row = 43 };
	struct err err = { 0 };
	struct virtio_console *s;
	struct chardev *c;
	struct vdriver d;
	struct rig r;
	uint8_t cfg[4];
	int fd;

	rig_init(&r);
	c = chardev_open("pty", r.loop, &err);
	CHECK(c != NULL);
	fd = open(chardev_name(c), O_RDWR | O_NOCTTY);
	CHECK(ioctl(fd, TIOCSWINSZ, &w) == 0);
	s = device_new(&virtio_console_class, "virtio-console.0");
	CHECK(virtio_console_add_port(s, c, NULL, true, &err) == 0);
	CHECK(device_realize(&s->vdev.dev, &r.env, &err) == 0);
	vdriver_init(&d, &r, &s->vdev);
	CHECK(s->vdev.offered & 1);
	vdriver_config(&d, 0, cfg, 4);
	CHECK_MEM(cfg, "\x84\0\x2b\0", 4);
	vdriver_start(&d, 1);
	w.ws_col = 80;
	CHECK(ioctl(fd, TIOCSWINSZ, &w) == 0);
	s->port[0].fe.event(&s->port[0], CHARDEV_RESIZE);
	vdriver_config(&d, 0, cfg, 4);
	CHECK_EQ(cfg[0], 80);
	CHECK_EQ(d.config_irqs, 1);
	device_free(&s->vdev.dev);
	chardev_close(c);
	close(fd);
	rig_destroy(&r);
}

TEST(vcon_refuses_what_it_cannot_do)
{
	struct err err = { 0 };
	struct virtio_console *s;
	struct rig r;

	rig_init(&r);
	s = device_new(&virtio_console_class, "vcon");
	CHECK(device_realize(&s->vdev.dev, &r.env, &err) == -EINVAL);
	CHECK_STR(err.msg, "vcon is connected to nothing");
	device_free(&s->vdev.dev);
	rig_destroy(&r);
}
