/* SPDX-License-Identifier: MIT */
/* The debug console. */
#include "hw/char/debugcon.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/rig.h"
#include "tests/test.h"

TEST(debugcon_shows_that_it_is_there)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &debugcon_class, NULL, 0);
	CHECK_EQ(rig_read8(&r, 0), 0xe9);
	CHECK_EQ(rig_read16(&r, 0), 0xffff);
	rig_destroy(&r);
}

TEST(debugcon_writes_in_order_at_newline_and_by_timer)
{
	char path[] = "/tmp/vmm-debugcon-XXXXXX", spec[64], buf[512] = { 0 };
	struct err err = { 0 };
	struct debugcon *s;
	struct chardev *c;
	struct rig r;
	int fd;

	rig_init(&r);
	fd = mkstemp(path);
	snprintf(spec, sizeof(spec), "file:%s", path);
	c = chardev_open(spec, r.loop, &err);
	CHECK(c != NULL);
	s = device_new(&debugcon_class, "debugcon");
	debugcon_set_chardev(s, c);
	CHECK(device_realize(&s->dev, &r.env, &err) == 0);
	CHECK(bus_add(&r.pio, 0, &s->dev.region, &err) == 0);
	r.dev = &s->dev;
	for (const char *p = "one\ntwo"; *p; p++)
		rig_write8(&r, 0, (uint8_t)*p);
	CHECK_EQ(pread(fd, buf, sizeof(buf), 0), 4);
	rig_advance_ns(&r, 2000000);
	CHECK_EQ(pread(fd, buf, sizeof(buf), 0), 7);
	CHECK_STR(buf, "one\ntwo");
	for (int i = 0; i < 300; i++)
		rig_write8(&r, 0, 'x');
	device_free(&s->dev);
	r.dev = NULL;
	CHECK_EQ(pread(fd, buf, sizeof(buf), 0), 307);
	chardev_close(c);
	unlink(path);
	close(fd);
	rig_destroy(&r);
}
