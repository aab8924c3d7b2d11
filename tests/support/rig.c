/* SPDX-License-Identifier: MIT */
/* A fake machine for device tests: memory, buses, clock, recorded interrupts.
 */
#include "tests/support/rig.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/test.h"

#define RIG_ROUNDS (16 * LOOP_ROUNDS)

static void *rig_ram(struct rig *r, gpa_t base, uint64_t size, bool readonly)
{
	struct err err = { 0 };
	void *p = NULL;

	assert_int_equal(
		posix_memalign(&p, (size_t)sysconf(_SC_PAGESIZE), size), 0);
	/* Zeroes without touching what no test uses. */
	assert_int_equal(madvise(p, size, MADV_DONTNEED), 0);
	assert_int_equal(mem_add_host(&r->mem, base, size, p, readonly, &err),
			 0);
	return p;
}

/* ---- the clock */

static uint64_t rig_now_ns(struct clock *c)
{
	struct rig *r = c->opaque;

	return __atomic_load_n(&r->now_ns, __ATOMIC_RELAXED);
}

static int64_t rig_wall_ns(struct clock *c)
{
	return (int64_t)rig_now_ns(c);
}

static void rig_rearm(struct clock *c, uint64_t deadline_ns)
{
	(void)c;
	(void)deadline_ns;
}

void rig_advance_ns(struct rig *r, uint64_t ns)
{
	__atomic_fetch_add(&r->now_ns, ns, __ATOMIC_RELAXED);
	clock_run(&r->clock);
}

void rig_advance_s(struct rig *r, uint64_t s)
{
	rig_advance_ns(r, s * 1000000000);
}

/* ---- the interrupt chip */

static void rig_chip_line(struct irqchip *c, unsigned line, bool level)
{
	struct rig *r = container_of(c, struct rig, chip);

	pthread_mutex_lock(&r->chip_lock);
	assert_true(line < RIG_LINES);
	r->rises[line] += level && !r->level[line];
	r->level[line] = level;
	pthread_mutex_unlock(&r->chip_lock);
}

static void rig_record(struct rig *r, const struct msi_msg *msg, unsigned n)
{
	unsigned i = 0;

	while (i < RIG_ROUTES - 1 && r->sent[i].count &&
	       r->sent[i].msg.data != msg->data)
		i++;
	if (!r->sent[i].count)
		r->sent[i].msg = *msg;
	r->sent[i].count += n;
}

/* Counts what was written to a live route's eventfd. */
static void rig_drain(struct rig *r, struct msi_route *route)
{
	eventfd_t n;

	if (route->live && eventfd_read(route->fd, &n) == 0)
		rig_record(r, &route->msg, (unsigned)n);
}

static int rig_chip_route(struct irqchip *c, struct msi_route *route,
			  const struct msi_msg *msg)
{
	struct rig *r = container_of(c, struct rig, chip);
	unsigned i, free_slot = RIG_ROUTES;

	if (r->route_error)
		return r->route_error;
	pthread_mutex_lock(&r->chip_lock);
	rig_drain(r, route);
	for (i = 0; i < RIG_ROUTES && r->route[i] != route; i++)
		if (!r->route[i] && free_slot == RIG_ROUTES)
			free_slot = i;
	if (i == RIG_ROUTES)
		i = free_slot;
	assert_true(i < RIG_ROUTES);
	r->route[i] = msg ? route : NULL;
	pthread_mutex_unlock(&r->chip_lock);
	return 0;
}

static void rig_chip_send(struct irqchip *c, const struct msi_msg *msg)
{
	struct rig *r = container_of(c, struct rig, chip);

	pthread_mutex_lock(&r->chip_lock);
	rig_record(r, msg, 1);
	pthread_mutex_unlock(&r->chip_lock);
}

static const struct irqchip_ops rig_chip_ops = {
	.set_line = rig_chip_line,
	.route = rig_chip_route,
	.send = rig_chip_send,
};

unsigned rig_take_msi(struct rig *r, uint32_t data)
{
	unsigned n = 0;

	pthread_mutex_lock(&r->chip_lock);
	for (unsigned i = 0; i < RIG_ROUTES; i++)
		if (r->route[i])
			rig_drain(r, r->route[i]);
	for (unsigned i = 0; i < RIG_ROUTES; i++) {
		if (r->sent[i].msg.data != data)
			continue;
		n += r->sent[i].count;
		r->sent[i].count = 0;
	}
	pthread_mutex_unlock(&r->chip_lock);
	return n;
}

unsigned rig_take_rises(struct rig *r, unsigned line)
{
	unsigned n;

	pthread_mutex_lock(&r->chip_lock);
	n = r->rises[line];
	r->rises[line] = 0;
	pthread_mutex_unlock(&r->chip_lock);
	return n;
}

/* ---- the loop */

struct rig_countdown {
	struct loop_idle idle;
	struct loop *loop;
	unsigned left;
};

static bool rig_round(void *opaque)
{
	struct rig_countdown *c = opaque;

	if (!c->left--)
		loop_stop(c->loop);
	return true;
}

void rig_rounds(struct rig *r, unsigned n)
{
	struct rig_countdown c = { .loop = r->loop, .left = n };

	c.idle = (struct loop_idle){ .run = rig_round, .opaque = &c };
	loop_idle_add(r->loop, &c.idle);
	loop_run(r->loop);
	loop_idle_del(r->loop, &c.idle);
}

void rig_poll(struct rig *r)
{
	rig_rounds(r, RIG_ROUNDS);
}

/* ---- the machine */

static void rig_request(void *opaque, enum vm_request what, int status)
{
	struct rig *r = opaque;

	r->requests[what]++;
	r->request_status = status;
}

void rig_init(struct rig *r)
{
	struct err err = { 0 };

	*r = (struct rig){ 0 };
	r->ram = rig_ram(r, RIG_RAM, RIG_RAM_SIZE, false);
	r->ram2 = rig_ram(r, RIG_RAM2, RIG_RAM2_SIZE, false);
	r->rom = rig_ram(r, RIG_ROM, RIG_ROM_SIZE, true);
	bus_init(&r->mmio, "mmio", 0);
	bus_init(&r->pio, "pio", 0x10000);
	r->clock.now_ns = rig_now_ns;
	r->clock.wall_ns = rig_wall_ns;
	r->clock.rearm = rig_rearm;
	r->clock.opaque = r;
	clock_init(&r->clock);
	r->loop = loop_new(&err);
	assert_non_null(r->loop);
	pthread_mutex_init(&r->chip_lock, NULL);
	r->chip = (struct irqchip){ .ops = &rig_chip_ops,
				    .name = "recorder",
				    .nlines = RIG_LINES };
	r->env = (struct device_env){ .mem = &r->mem,
				      .mmio = &r->mmio,
				      .pio = &r->pio,
				      .irqchip = &r->chip,
				      .clock = &r->clock,
				      .loop = r->loop,
				      .request = rig_request,
				      .opaque = r };
}

void rig_destroy(struct rig *r)
{
	device_free(r->dev);
	loop_free(r->loop);
	clock_destroy(&r->clock);
	bus_destroy(&r->mmio);
	bus_destroy(&r->pio);
	mem_destroy(&r->mem);
	pthread_mutex_destroy(&r->chip_lock);
	free(r->ram);
	free(r->ram2);
	free(r->rom);
}

struct device *rig_device(struct rig *r, const struct device_class *c,
			  const char *props, unsigned line)
{
	struct err err = { 0 };

	assert_null(r->dev);
	r->dev = device_new(c, c->name);
	assert_non_null(r->dev);
	r->dev->irq = (struct irq){ &r->chip, line };
	if (device_configure(r->dev, props, &err) < 0 ||
	    device_realize(r->dev, &r->env, &err) < 0)
		fail_msg("%s", err.msg);
	if (c->space == SPACE_MMIO && r->dev->region.ops &&
	    bus_add(&r->mmio, 0, &r->dev->region, &err) < 0)
		fail_msg("%s", err.msg);
	if (c->space == SPACE_PIO && r->dev->region.ops &&
	    bus_add(&r->pio, 0, &r->dev->region, &err) < 0)
		fail_msg("%s", err.msg);
	return r->dev;
}

static struct bus *rig_bus(struct rig *r)
{
	return r->dev->class->space == SPACE_PIO ? &r->pio : &r->mmio;
}

#define RIG_ACCESS(bits)                                                      \
	uint##bits##_t rig_read##bits(struct rig *r, uint64_t off)            \
	{                                                                     \
		uint64_t val;                                                 \
                                                                              \
		bus_read(rig_bus(r), off, bits / 8, &val);                    \
		return (uint##bits##_t)val;                                   \
	}                                                                     \
	void rig_write##bits(struct rig *r, uint64_t off, uint##bits##_t val) \
	{                                                                     \
		bus_write(rig_bus(r), off, bits / 8, val);                    \
	}

RIG_ACCESS(8)
RIG_ACCESS(16)
RIG_ACCESS(32)
RIG_ACCESS(64)
