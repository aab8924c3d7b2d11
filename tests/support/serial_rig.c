/* SPDX-License-Identifier: MIT */
/* A serial port under test, whose other end is a socket that the test holds. */
#include "tests/support/serial_rig.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/test.h"

void serial_rig_spin(struct serial_rig *u)
{
	for (int i = 0; i < 4; i++)
		rig_poll(&u->r);
}

void serial_rig_init(struct serial_rig *u)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct err err = { 0 };
	char spec[128];

	rig_init(&u->r);
	strcpy(u->dir, "/tmp/vmm-serial-XXXXXX");
	CHECK(mkdtemp(u->dir) != NULL);
	snprintf(spec, sizeof(spec), "unix:%s/s", u->dir);
	u->chr = chardev_open(spec, u->r.loop, &err);
	CHECK(u->chr != NULL);
	strcpy(a.sun_path, spec + 5);
	u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(connect(u->fd, (struct sockaddr *)&a, sizeof(a)) == 0);
}

void serial_rig_plug(struct serial_rig *u, struct device *dev,
		     const char *props, unsigned line)
{
	struct bus *bus = dev->class->space == SPACE_PIO ? &u->r.pio
							 : &u->r.mmio;
	struct err err = { 0 };

	dev->irq = (struct irq){ &u->r.chip, line };
	CHECK(device_configure(dev, props, &err) == 0);
	CHECK(device_realize(dev, &u->r.env, &err) == 0);
	CHECK(bus_add(bus, 0, &dev->region, &err) == 0);
	u->r.dev = dev;
	serial_rig_spin(u);
}

void serial_rig_destroy(struct serial_rig *u)
{
	device_free(u->r.dev);
	u->r.dev = NULL;
	chardev_close(u->chr);
	close(u->fd);
	rmdir(u->dir);
	rig_destroy(&u->r);
}

void serial_rig_type(struct serial_rig *u, const char *text)
{
	CHECK_EQ(write(u->fd, text, strlen(text)), strlen(text));
	serial_rig_spin(u);
}

const char *serial_rig_out(struct serial_rig *u)
{
	static char buf[4096];
	ssize_t n = read(u->fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

size_t serial_rig_drain(struct serial_rig *u)
{
	static char buf[4096];
	size_t got = 0;

	for (int idle = 0; idle < 8;) {
		ssize_t k = read(u->fd, buf, sizeof(buf));

		got += k > 0 ? (size_t)k : 0;
		idle = k > 0 ? 0 : idle + 1;
		rig_poll(&u->r);
	}
	return got;
}
