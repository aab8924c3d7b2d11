/* SPDX-License-Identifier: MIT */
/* The VIO bus and its terminals against LoPAR; the other end is a socket. */
#include "hw/spapr/vty.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define GET    0x54
#define PUT    0x58
#define SIGNAL 0x104
#define UNIT   0x71000000
#define LINE   3

struct vty_rig {
	struct rig r;
	struct device *bus, *vty[2];
	struct chardev *chr;
	struct hcalls h;
	uint64_t out[HCALL_REGS];
	int fd;
	char dir[64];
};

static void vty_rig_spin(struct vty_rig *u)
{
	for (int i = 0; i < 4; i++)
		rig_poll(&u->r);
}

static void vty_rig_add(struct vty_rig *u, unsigned i, struct chardev *chr)
{
	struct err err = { 0 };

	u->vty[i] = device_new(&spapr_vty_class, i ? "vty.1" : "vty");
	u->vty[i]->irq = (struct irq){ &u->r.chip, LINE + i };
	vty_set_chardev(u->vty[i], chr);
	CHECK_EQ(vio_attach(vio_bus_of(u->bus), u->vty[i], UNIT + i, &err), 0);
	CHECK_EQ(device_realize(u->vty[i], &u->r.env, &err), 0);
}

static void vty_rig_make(struct vty_rig *u)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct err err = { 0 };
	char spec[128];

	*u = (struct vty_rig){ 0 };
	rig_init(&u->r);
	strcpy(u->dir, "/tmp/vmm-vty-XXXXXX");
	CHECK(mkdtemp(u->dir) != NULL);
	snprintf(spec, sizeof(spec), "unix:%s/s", u->dir);
	u->chr = chardev_open(spec, u->r.loop, &err);
	CHECK(u->chr != NULL);
	strcpy(a.sun_path, spec + 5);
	u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(connect(u->fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	u->bus = device_new(&spapr_vio_class, "vio");
	CHECK_EQ(device_realize(u->bus, &u->r.env, &err), 0);
	CHECK_EQ(hcalls_add(&u->h, vio_hcalls, vio_bus_of(u->bus), &err), 0);
	CHECK_EQ(hcalls_add(&u->h, vty_hcalls, vio_bus_of(u->bus), &err), 0);
	vty_rig_add(u, 0, u->chr);
	vty_rig_add(u, 1, NULL);
	vty_rig_spin(u);
}

static void vty_rig_free(struct vty_rig *u)
{
	for (unsigned i = 0; i < 2; i++) {
		vio_detach(u->vty[i]);
		device_free(u->vty[i]);
	}
	CHECK_EQ(vio_bus_of(u->bus)->n, 0);
	device_free(u->bus);
	hcalls_free(&u->h);
	chardev_close(u->chr);
	close(u->fd);
	rmdir(u->dir);
	rig_destroy(&u->r);
}

static long hcall(struct vty_rig *u, uint64_t nr, uint64_t unit, uint64_t a,
		  uint64_t b, uint64_t c)
{
	const uint64_t in[HCALL_REGS] = { unit, a, b, c };

	return hcall_run(&u->h, 0, nr, in, u->out);
}

static void type(struct vty_rig *u, const char *text)
{
	CHECK_EQ(write(u->fd, text, strlen(text)), strlen(text));
	vty_rig_spin(u);
}

static const char *said(struct vty_rig *u)
{
	static char buf[4096];
	ssize_t n = read(u->fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

/* "Hello, w" and "orld\n..." as a big-endian register holds them. */
#define HELLO_W UINT64_C(0x48656c6c6f2c2077)
#define ORLD	UINT64_C(0x6f726c640a5f5f5f)

TEST(vty_puts_the_bytes_of_two_registers_from_the_left)
{
	struct vty_rig u;

	vty_rig_make(&u);
	CHECK_EQ(hcall(&u, PUT, UNIT, 13, HELLO_W, ORLD), H_SUCCESS);
	CHECK_STR(said(&u), "Hello, world\n");
	CHECK_EQ(hcall(&u, PUT, UNIT, 0, HELLO_W, ORLD), H_SUCCESS);
	CHECK_EQ(hcall(&u, PUT, UNIT, 16, HELLO_W, ORLD), H_SUCCESS);
	CHECK_STR(said(&u), "Hello, world\n___");
	vty_rig_free(&u);
}

TEST(vty_output_leaves_without_a_newline)
{
	struct vty_rig u;

	vty_rig_make(&u);
	CHECK_EQ(hcall(&u, PUT, UNIT, 8, HELLO_W, 0), H_SUCCESS);
	CHECK_STR(said(&u), "");
	rig_advance_ns(&u.r, OUTBUF_TICK_NS);
	CHECK_STR(said(&u), "Hello, w");
	CHECK_EQ(hcall(&u, PUT, UNIT, 1, HELLO_W, 0), H_SUCCESS);
	device_reset(u.vty[0]);
	CHECK_STR(said(&u), "H");
	vty_rig_free(&u);
}

TEST(vty_gets_what_was_typed_and_interrupts)
{
	struct vty_rig u;

	vty_rig_make(&u);
	CHECK_EQ(hcall(&u, GET, UNIT, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 0);
	CHECK_EQ(rig_take_rises(&u.r, LINE), 0);
	type(&u, "Hello, world\nand more");
	CHECK(rig_take_rises(&u.r, LINE) > 0);
	CHECK(!u.r.level[LINE]);
	CHECK_EQ(hcall(&u, GET, UNIT, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 16);
	CHECK_EQ(u.out[1], HELLO_W);
	CHECK_EQ(u.out[2], 0x6f726c640a616e64);
	CHECK_EQ(hcall(&u, GET, UNIT, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 5);
	CHECK_EQ(u.out[1], 0x206d6f7265000000);
	CHECK_EQ(u.out[2], 0);
	CHECK_EQ(hcall(&u, GET, UNIT, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 0);
	vty_rig_free(&u);
}

TEST(vty_input_waits_in_the_host_and_none_is_lost)
{
	char text[1001];
	uint64_t got = 0;
	struct vty_rig u;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	vty_rig_make(&u);
	type(&u, text);
	for (unsigned i = 0; i < 1000 && got < 1000; i++) {
		CHECK_EQ(hcall(&u, GET, UNIT, 0, 0, 0), H_SUCCESS);
		got += u.out[0];
		vty_rig_spin(&u);
	}
	CHECK_EQ(got, 1000);
	type(&u, "y");
	device_reset(u.vty[0]);
	CHECK_EQ(hcall(&u, GET, UNIT, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 0); /* what was typed before the reset is gone */
	vty_rig_free(&u);
}

TEST(vty_is_busy_while_the_back_end_is_full)
{
	uint64_t taken = 0, seen = 0;
	struct vty_rig u;

	vty_rig_make(&u);
	while (hcall(&u, PUT, UNIT, 16, HELLO_W, ORLD) == H_SUCCESS)
		CHECK((taken += 16) < 64 << 20);
	CHECK_EQ(hcall(&u, PUT, UNIT, 1, HELLO_W, 0), H_BUSY);
	for (unsigned idle = 0; idle < 8; idle++) {
		size_t n;

		while ((n = strlen(said(&u)))) {
			seen += n;
			idle = 0;
		}
		vty_rig_spin(&u);
	}
	CHECK_EQ(hcall(&u, PUT, UNIT, 16, HELLO_W, ORLD), H_SUCCESS);
	seen += strlen(said(&u));
	CHECK_EQ(seen, taken + 16);
	vty_rig_free(&u);
}

TEST(vty_unit_0_is_the_first_and_others_are_their_own)
{
	struct vty_rig u;

	vty_rig_make(&u);
	type(&u, "a");
	CHECK_EQ(hcall(&u, GET, UNIT + 1, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 0);
	CHECK_EQ(hcall(&u, PUT, UNIT + 1, 13, HELLO_W, ORLD), H_SUCCESS);
	CHECK_STR(said(&u), "");
	CHECK_EQ(hcall(&u, PUT, 0, 13, HELLO_W, ORLD), H_SUCCESS);
	CHECK_STR(said(&u), "Hello, world\n");
	CHECK_EQ(hcall(&u, GET, 0, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(u.out[0], 1);
	vty_rig_free(&u);
}

TEST(vty_refuses_units_and_counts_that_are_none)
{
	static const uint64_t none[] = { UNIT + 2, 1, UINT64_MAX,
					 UNIT + (UINT64_C(1) << 32) };
	struct vty_rig u;

	vty_rig_make(&u);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		CHECK_EQ(hcall(&u, GET, none[i], 0, 0, 0),
			 (uint64_t)H_PARAMETER);
		CHECK_EQ(hcall(&u, PUT, none[i], 1, 0, 0),
			 (uint64_t)H_PARAMETER);
		CHECK_EQ(hcall(&u, SIGNAL, none[i], 1, 0, 0),
			 (uint64_t)H_PARAMETER);
	}
	CHECK_EQ(hcall(&u, PUT, UNIT, 17, 0, 0), (uint64_t)H_PARAMETER);
	CHECK_EQ(hcall(&u, PUT, UNIT, UINT64_MAX, 0, 0), (uint64_t)H_PARAMETER);
	vty_rig_free(&u);
}

TEST(vio_signal_is_on_or_off)
{
	struct vio_dev *v;
	struct vty_rig u;

	vty_rig_make(&u);
	v = vio_find(vio_bus_of(u.bus), UNIT, &spapr_vty_class);
	CHECK_EQ(hcall(&u, SIGNAL, UNIT, 1, 0, 0), H_SUCCESS);
	CHECK(v->signal);
	CHECK_EQ(hcall(&u, SIGNAL, UNIT, 2, 0, 0), (uint64_t)H_PARAMETER);
	CHECK(v->signal);
	CHECK_EQ(hcall(&u, SIGNAL, UNIT, 0, 0, 0), H_SUCCESS);
	CHECK(!v->signal);
	vty_rig_free(&u);
}

TEST(vio_unit_is_of_one_device)
{
	struct err err = { 0 };
	struct device *dev;
	struct vty_rig u;

	vty_rig_make(&u);
	dev = device_new(&spapr_vty_class, "vty.2");
	CHECK_EQ(vio_attach(vio_bus_of(u.bus), dev, UNIT, &err),
		 (uint64_t)-EBUSY);
	CHECK_STR(err.msg, "vty.2: VIO unit 0x71000000 is vty's");
	vio_detach(dev);
	device_free(dev);
	CHECK(vio_find(vio_bus_of(u.bus), UNIT, &spapr_vty_class) != NULL);
	CHECK(!vio_find(vio_bus_of(u.bus), UNIT, &spapr_vio_class));
	vty_rig_free(&u);
}
