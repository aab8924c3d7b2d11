/* SPDX-License-Identifier: MIT */
/* hw/virtio/pci: capabilities, BAR 0, MSI-X, INTx. */
#include <linux/pci_regs.h>
#include <stdlib.h>

#include "hw/pci/host.h"
#include "hw/virtio/pci.h"
#include "tests/hw/virtio/echo.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

#define DEVFN	PCI_DEVFN(4, 0)
#define INTA	11
#define DATA(n) (0x4000 + (n)) /* of MSI-X vector n */

struct fn {
	struct rig r;
	struct device *host;
	struct pci_bus *bus;
	struct virtio_pci *p;
	struct echo *s;
	struct vdriver d; /* for its rings only */
	uint64_t bar, msix;
};

static uint32_t cfg(struct fn *f, unsigned off, unsigned size)
{
	return pci_config_read(f->bus, 0, DEVFN, off, size);
}

static void cfg_set(struct fn *f, unsigned off, unsigned size, uint32_t val)
{
	pci_config_write(f->bus, 0, DEVFN, off, size, val);
}

static uint64_t get(struct fn *f, uint64_t off, unsigned size)
{
	uint64_t val;

	CHECK(bus_read(&f->r.mmio, f->bar + off, size, &val));
	return val;
}

static void set(struct fn *f, uint64_t off, unsigned size, uint64_t val)
{
	CHECK(bus_write(&f->r.mmio, f->bar + off, size, val));
}

/* The nth capability of a type, by walking the chain; 0 if there is none. */
static unsigned cap_find(struct fn *f, uint8_t id, int type)
{
	unsigned at = cfg(f, PCI_CAPABILITY_LIST, 1);

	while (at && (cfg(f, at, 1) != id ||
		      (type >= 0 && cfg(f, at + 3, 1) != (uint32_t)type)))
		at = cfg(f, at + 1, 1);
	return at;
}

static struct fn *fn(void)
{
	static const struct board_pci windows = {
		.present = true,
		.ecam = { 0xe0000000, 1 << 20 },
		.buses = 1,
		.mmio32 = { 0xc0000000, 0x20000000 },
		.mmio64 = { 0x100000000000, 0x1000000000 },
		.pio = { 0x6000, 0x2000 },
		.intx = { INTA, INTA + 1, INTA + 2, INTA + 3 },
	};
	struct fn *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	assert_non_null(f);
	rig_init(&f->r);
	f->host = device_new(&pci_host_ecam_class, "pci");
	pci_host_setup(f->host, &windows);
	f->bus = pci_host_bus(f->host);
	assert_int_equal(device_realize(f->host, &f->r.env, &err), 0);
	f->s = device_new(&echo_class, "echo.0");
	assert_int_equal(device_realize(&f->s->vdev.dev, &f->r.env, &err), 0);
	f->p = device_new(&virtio_pci_class, "virtio-pci.0");
	virtio_pci_set_device(f->p, &f->s->vdev);
	assert_int_equal(pci_attach(f->bus, &f->p->pci, DEVFN, &err), 0);
	assert_int_equal(device_realize(&f->p->pci.dev, &f->r.env, &err), 0);
	assert_int_equal(pci_assign_bars(f->bus, &err), 0);
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	f->bar = cfg(f, PCI_BASE_ADDRESS_0, 4) & ~0xfu;
	f->msix = cfg(f, PCI_BASE_ADDRESS_2, 4) & ~0xfu;
	return f;
}

static void fn_free(struct fn *f)
{
	pci_detach(&f->p->pci);
	device_free(&f->p->pci.dev);
	device_free(&f->s->vdev.dev);
	device_free(f->host);
	rig_destroy(&f->r);
	free(f);
}

static void fn_vectors(struct fn *f)
{
	for (unsigned i = 0; i <= ECHO_QUEUES; i++) {
		CHECK(bus_write(&f->r.mmio, f->msix + 16 * i, 4, 0xfee00000));
		CHECK(bus_write(&f->r.mmio, f->msix + 16 * i + 4, 4, 0));
		CHECK(bus_write(&f->r.mmio, f->msix + 16 * i + 8, 4, DATA(i)));
		CHECK(bus_write(&f->r.mmio, f->msix + 16 * i + 12, 4, 0));
	}
	cfg_set(f, cap_find(f, PCI_CAP_ID_MSIX, -1) + 2, 2,
		PCI_MSIX_FLAGS_ENABLE);
}

/* Up to DRIVER_OK, queue 1 of eight entries. */
static void fn_start(struct fn *f)
{
	struct vdq *vq = &f->d.q[1];

	f->d = (struct vdriver){ .rig = &f->r,
				 .v = &f->s->vdev,
				 .brk = RIG_RAM };
	set(f, 20, 1, 0);
	CHECK_EQ(get(f, 20, 1), 0);
	set(f, 20, 1, 1);
	set(f, 20, 1, 3);
	set(f, 8, 4, 1);
	set(f, 12, 4, 1 | 1 << (VIRTIO_F_RING_RESET - 32));
	set(f, 8, 4, 0);
	set(f, 12, 4, 0);
	CHECK_EQ(get(f, 12, 4), 0);
	set(f, 20, 1, 11);
	CHECK_EQ(get(f, 20, 1), 11);
	vdriver_queue(&f->d, 1, 8); /* allocates, and enables */
	device_lock(&f->s->vdev.dev);
	virtq_disable(vq->q);
	device_unlock(&f->s->vdev.dev);
	set(f, 22, 2, 1);
	CHECK_EQ(get(f, 24, 2), ECHO_SIZE);
	CHECK_EQ(get(f, 30, 2), 1);
	set(f, 24, 2, 8);
	set(f, 32, 8, vq->desc);
	set(f, 40, 4, (uint32_t)vq->driver);
	set(f, 44, 4, vq->driver >> 32);
	set(f, 48, 8, vq->device);
	CHECK_EQ(get(f, 48, 8), vq->device);
	CHECK_EQ(get(f, 40, 4), vq->driver);
	set(f, 16, 2, 0);
	CHECK_EQ(get(f, 16, 2), 0);
	set(f, 26, 2, 2);
	CHECK_EQ(get(f, 26, 2), 2);
	set(f, 28, 2, 1);
	CHECK_EQ(get(f, 28, 2), 1);
	set(f, 20, 1, 15);
	CHECK_EQ(get(f, 20, 1), 15);
}

/* One request on queue 1; its doorbell is rung by ring(). */
static void fn_echo(struct fn *f, void (*ring)(struct fn *f))
{
	struct vbuf buf = { RIG_RAM2, 4, true };
	unsigned token;
	uint32_t len;

	CHECK(vdq_add(&f->d, 1, &buf, 1) >= 0);
	ring(f);
	rig_poll(&f->r);
	CHECK(vdq_get(&f->d, 1, &token, &len));
}

static void ring_notify(struct fn *f)
{
	unsigned cap = cap_find(f, PCI_CAP_ID_VNDR, 2);
	uint32_t off = cfg(f, cap + 8, 4), mult = cfg(f, cap + 16, 4);

	set(f, 22, 2, 1);
	set(f, off + get(f, 30, 2) * mult, 2, 1);
}

TEST(virtio_pci_says_what_it_is)
{
	struct fn *f = fn();
	static const uint8_t types[] = { 1, 2, 3, 4, 5 };

	CHECK_EQ(cfg(f, 0, 4), (0x1040u + 42) << 16 | 0x1af4);
	CHECK_EQ(cfg(f, PCI_CLASS_REVISION, 4), 0xff000001);
	for (unsigned i = 0; i < sizeof(types); i++) {
		unsigned cap = cap_find(f, PCI_CAP_ID_VNDR, types[i]);

		CHECK(cap != 0);
		CHECK_EQ(cfg(f, cap + 4, 1), 0); /* BAR 0 */
		CHECK(types[i] == 5 || cfg(f, cap + 12, 4) > 0);
	}
	CHECK(cap_find(f, PCI_CAP_ID_EXP, -1) != 0);
	CHECK_EQ(get(f, 18, 2), ECHO_QUEUES);
	set(f, 0, 4, 1);
	CHECK_EQ(get(f, 4, 4), f->s->vdev.offered >> 32);
	set(f, 0, 4, 7);
	CHECK_EQ(get(f, 4, 4), 0);
	CHECK_EQ(get(f, 16, 1), 0); /* half a field */
	set(f, 22, 2, ECHO_QUEUES);
	CHECK_EQ(get(f, 24, 2), 0);
	set(f, 28, 2, 1); /* of no queue */
	CHECK_EQ(get(f, 0x2000, 8), 0x0807060504030201);
	fn_free(f);
}

TEST(virtio_pci_sends_a_queues_own_vector)
{
	struct fn *f = fn();

	fn_vectors(f);
	fn_start(f);
	fn_echo(f, ring_notify);
	CHECK_EQ(rig_take_msi(&f->r, DATA(2)), 1);
	CHECK_EQ(rig_take_msi(&f->r, DATA(0)), 0);
	virtio_config_update(&f->s->vdev, 0, "x", 1);
	CHECK_EQ(rig_take_msi(&f->r, DATA(0)), 1);
	CHECK_EQ(get(f, 21, 1), 1);
	set(f, 22, 2, 1);
	set(f, 26, 2, 77); /* there is none */
	CHECK_EQ(get(f, 26, 2), VIRTIO_NO_VECTOR);
	fn_echo(f, ring_notify);
	CHECK_EQ(rig_take_msi(&f->r, DATA(2)), 0);
	CHECK_EQ(rig_take_rises(&f->r, INTA), 0);
	fn_free(f);
}

TEST(virtio_pci_falls_back_to_intx)
{
	struct fn *f = fn();

	fn_start(f);
	fn_echo(f, ring_notify);
	CHECK_EQ(rig_take_rises(&f->r, INTA), 1);
	fn_echo(f, ring_notify);
	CHECK_EQ(get(f, 0x1000, 1), 1);
	CHECK(!f->r.level[INTA]);
	CHECK_EQ(get(f, 0x1000, 1), 0);
	virtio_config_update(&f->s->vdev, 0, "x", 1);
	CHECK(f->r.level[INTA]);
	set(f, 20, 1, 0);
	CHECK(!f->r.level[INTA]);
	fn_free(f);
}

static void ring_through_config(struct fn *f)
{
	unsigned cap = cap_find(f, PCI_CAP_ID_VNDR, 5);

	cfg_set(f, cap + 4, 1, 0);
	cfg_set(f, cap + 8, 4, 0x3004);
	cfg_set(f, cap + 12, 4, 2);
	cfg_set(f, cap + 16, 2, 1);
}

TEST(virtio_pci_can_be_driven_through_config_space)
{
	struct fn *f = fn();
	unsigned cap = cap_find(f, PCI_CAP_ID_VNDR, 5);

	fn_start(f);
	cfg_set(f, cap + 8, 4, 18);
	cfg_set(f, cap + 12, 4, 2);
	CHECK_EQ(cfg(f, cap + 16, 2), ECHO_QUEUES);
	fn_echo(f, ring_through_config);
	/* Windows that lie elsewhere reach nothing. */
	cfg_set(f, cap + 8, 4, 0x4000);
	cfg_set(f, cap + 16, 2, 1);
	cfg_set(f, cap + 8, 4, 0xfffffffc);
	cfg_set(f, cap + 12, 4, 4);
	cfg_set(f, cap + 16, 4, 1);
	cfg_set(f, cap + 4, 1, 2);
	cfg_set(f, cap + 8, 4, 0);
	CHECK_EQ(get(f, 20, 1), 15);
	fn_free(f);
}

TEST(virtio_pci_resets_a_queue)
{
	struct fn *f = fn();

	fn_start(f);
	set(f, 22, 2, 1);
	set(f, 58, 2, 1);
	CHECK_EQ(get(f, 58, 2), 0);
	CHECK_EQ(get(f, 28, 2), 0);
	CHECK_EQ(f->s->stops, 1);
	fn_start(f);
	fn_echo(f, ring_notify);
	fn_free(f);
}

TEST(virtio_pci_function_reset_forgets_the_guest)
{
	struct fn *f = fn();
	struct err err = { 0 };

	fn_vectors(f);
	fn_start(f);
	device_reset(&f->s->vdev.dev);
	device_reset(&f->p->pci.dev);
	CHECK_EQ(pci_assign_bars(f->bus, &err), 0);
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CHECK_EQ(get(f, 20, 1), 0);
	CHECK_EQ(get(f, 16, 2), VIRTIO_NO_VECTOR);
	fn_vectors(f);
	fn_start(f);
	fn_echo(f, ring_notify);
	CHECK_EQ(rig_take_msi(&f->r, DATA(2)), 1);
	fn_free(f);
}

TEST(virtio_pci_stands_still_without_bus_mastering)
{
	struct fn *f = fn();
	struct vbuf buf = { RIG_RAM2, 4, true };
	unsigned token;
	uint32_t len;

	fn_start(f);
	fn_echo(f, ring_notify);
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(f->s->stops, 1);
	CHECK(vdq_add(&f->d, 1, &buf, 1) >= 0);
	ring_notify(f);
	rig_poll(&f->r);
	CHECK(!vdq_get(&f->d, 1, &token, &len));
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CHECK(vdq_get(&f->d, 1, &token, &len));
	fn_echo(f, ring_notify);
	/* A driver may turn it on last. */
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	fn_start(f);
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	fn_echo(f, ring_notify);
	fn_free(f);
}

/* PCI power management 1.2, 5.4.1: in D3hot a function initiates nothing. */
TEST(virtio_pci_stands_still_in_d3)
{
	struct fn *f = fn();
	unsigned pm = cap_find(f, PCI_CAP_ID_PM, -1) + PCI_PM_CTRL;

	fn_start(f);
	fn_echo(f, ring_notify);
	cfg_set(f, pm, 2, 3);
	CHECK_EQ(f->s->stops, 1);
	/* The command register may be written meanwhile. */
	cfg_set(f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CHECK_EQ(f->s->stops, 1);
	cfg_set(f, pm, 2, 0);
	fn_echo(f, ring_notify);
	fn_free(f);
}
