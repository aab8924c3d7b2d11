/* SPDX-License-Identifier: MIT */
/* Configuration space, BARs, INTx, the ways into configuration space. */
#include <errno.h>
#include <linux/pci_regs.h>

#include "tests/support/pci_rig.h"
#include "tests/test.h"

#define DEVFN	   PCI_DEVFN(3, 0)
#define MEM_AND_IO (PCI_COMMAND_MEMORY | PCI_COMMAND_IO)

static uint64_t bus_get(struct bus *b, uint64_t addr, unsigned size)
{
	uint64_t val;

	bus_read(b, addr, size, &val);
	return val;
}

TEST(pci_absent_functions_read_as_ones)
{
	struct pci_rig r;

	pci_rig_make(&r);
	CHECK_EQ(pci_rig_read(&r, PCI_DEVFN(9, 0), 0, 4), UINT32_MAX);
	CHECK_EQ(pci_rig_read(&r, PCI_DEVFN(9, 0), 0, 2), 0xffff);
	CHECK_EQ(pci_config_read(r.bus, 1, 0, 0, 2), 0xffff);
	pci_rig_write(&r, PCI_DEVFN(9, 0), 4, 2, 7); /* goes nowhere */
	pci_rig_free(&r);
}

TEST(pci_host_bridge_is_at_zero)
{
	struct pci_rig r;

	pci_rig_make(&r);
	CHECK_EQ(pci_rig_read(&r, 0, PCI_CLASS_DEVICE, 2), 0x0600);
	CHECK_EQ(pci_free_slot(r.bus), PCI_DEVFN(1, 0));
	pci_rig_free(&r);
}

TEST(pci_header_holds_the_ids_and_is_read_only)
{
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0, 4), 0x56781234);
	pci_rig_write(&r, DEVFN, 0, 4, 0);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0, 4), 0x56781234);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 2, 1), 0x78);
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_CLASS_REVISION, 4), 0xff010207);
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_SUBSYSTEM_ID, 2), 0xdef0);
	/* 00:03.0 INTA is swizzled onto the fourth root pin. */
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_INTERRUPT_LINE, 2), 0x0100 | 19);
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_HEADER_TYPE, 1), 0);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x100, 4), 0);
	/* An access may not cross its natural alignment. */
	CHECK_EQ(pci_config_read(r.bus, 0, DEVFN, 1, 2), 0xffff);
	CHECK_EQ(pci_config_read(r.bus, 0, DEVFN, 0, 8), UINT32_MAX);
	pci_rig_free(&r);
}

TEST(pci_second_function_makes_the_slot_multifunction)
{
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe.0", DEVFN);
	pci_rig_add(&r, &pci_probe_class, "probe.1", DEVFN + 1);
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_HEADER_TYPE, 1), 0x80);
	pci_rig_free(&r);
}

TEST(pci_taken_slot_is_refused_by_name)
{
	struct pci_device *d = device_new(&pci_probe_class, "second");
	struct err err = { 0 };
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "first", DEVFN);
	CHECK_EQ(pci_attach(r.bus, d, DEVFN, &err), -EBUSY);
	CHECK_STR(err.msg, "second: PCI slot 03.0 already holds first");
	pci_rig_remove(d);
	pci_rig_free(&r);
}

TEST(pci_bar_sizing_finds_type_and_size)
{
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	for (unsigned n = 0; n < PCI_NUM_BARS; n++)
		pci_rig_write(&r, DEVFN, 0x10 + 4 * n, 4, UINT32_MAX);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x10, 4), 0xffffc00c);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x14, 4), 0xffffffff);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x18, 4), 0xfffff000);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x1c, 4), 0xffffffe1);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x20, 4), 0xfffff000);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x24, 4), 0);
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_ROM_ADDRESS, 4), 0);
	pci_rig_free(&r);
}

TEST(pci_bars_are_assigned_and_decode_on_command)
{
	struct err err = { 0 };
	struct pci_probe *p;
	struct pci_rig r;
	uint64_t base;

	pci_rig_make(&r);
	p = pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	CHECK_EQ(p->pci.bar[0].assigned, PCI_RIG_MMIO64);
	CHECK_EQ(p->pci.bar[2].assigned, PCI_RIG_MMIO32);
	CHECK_EQ(p->pci.bar[3].assigned, PCI_RIG_PIO);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x10, 4), 0x0000000c);
	CHECK_EQ(pci_rig_read(&r, DEVFN, 0x14, 4), PCI_RIG_MMIO64 >> 32);
	base = p->pci.bar[2].assigned;
	CHECK_EQ(bus_get(&r.mmio, base + 8, 4), UINT32_MAX);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(bus_get(&r.mmio, base + 8, 4), 2008);
	CHECK_EQ(bus_get(&r.mmio, PCI_RIG_MMIO64 + 0x3ff8, 8), 0x3ff8);
	CHECK_EQ(bus_get(&r.pio, PCI_RIG_PIO + 4, 2), 0xffff);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, MEM_AND_IO);
	CHECK_EQ(bus_get(&r.pio, PCI_RIG_PIO + 4, 2), 3004);
	bus_write(&r.mmio, base + 12, 4, 77);
	CHECK_EQ(p->written, 77);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, 0);
	CHECK_EQ(bus_get(&r.mmio, base + 8, 4), UINT32_MAX);
	CHECK_EQ(bus_get(&r.pio, PCI_RIG_PIO + 4, 2), 0xffff);
	pci_rig_free(&r);
}

TEST(pci_bar_moves_when_written)
{
	struct err err = { 0 };
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	pci_rig_write(&r, DEVFN, 0x18, 4, PCI_RIG_MMIO32 + 0x123000);
	CHECK_EQ(bus_get(&r.mmio, PCI_RIG_MMIO32, 4), UINT32_MAX);
	CHECK_EQ(bus_get(&r.mmio, PCI_RIG_MMIO32 + 0x123004, 4), 2004);
	pci_rig_free(&r);
}

TEST(pci_bar_outside_the_windows_is_not_decoded)
{
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, MEM_AND_IO);
	pci_rig_write(&r, DEVFN, 0x18, 4, 0x00100000); /* RAM */
	CHECK_EQ(bus_get(&r.mmio, 0x00100004, 4), UINT32_MAX);
	pci_rig_write(&r, DEVFN, 0x18, 4, 0xfffff000);
	CHECK_EQ(bus_get(&r.mmio, 0xfffff004, 4), UINT32_MAX);
	pci_rig_write(&r, DEVFN, 0x10, 4, 0xffffc000);
	pci_rig_write(&r, DEVFN, 0x14, 4, 0xffffffff);
	CHECK_EQ(bus_get(&r.mmio, 0xffffffffffffc000, 4), UINT32_MAX);
	pci_rig_free(&r);
}

TEST(pci_bar_that_overlaps_stays_off_until_there_is_room)
{
	struct err err = { 0 };
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "one", DEVFN);
	pci_rig_add(&r, &pci_probe_class, "two", DEVFN + 8);
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	pci_rig_write(&r, DEVFN + 8, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	pci_rig_write(&r, DEVFN + 8, 0x18, 4, PCI_RIG_MMIO32);
	CHECK(!r.bus->dev[DEVFN + 8]->bar[2].mapped);
	CHECK_EQ(bus_get(&r.mmio, PCI_RIG_MMIO32 + 8, 4), 2008);
	pci_rig_write(&r, DEVFN, 0x18, 4, PCI_RIG_MMIO32 + 0x100000);
	/* Nothing re-decodes until the second one's registers are written. */
	pci_rig_write(&r, DEVFN + 8, 0x18, 4, PCI_RIG_MMIO32);
	CHECK(r.bus->dev[DEVFN + 8]->bar[2].mapped);
	pci_rig_free(&r);
}

TEST(pci_assignment_is_disjoint_aligned_and_repeatable)
{
	uint64_t first[4][PCI_NUM_BARS];
	struct err err = { 0 };
	struct pci_rig r;

	pci_rig_make(&r);
	for (unsigned i = 0; i < 4; i++)
		pci_rig_add(&r, &pci_probe_class, "probe", PCI_DEVFN(i + 1, 0));
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	for (unsigned i = 0; i < 4; i++) {
		struct pci_device *d = r.bus->dev[PCI_DEVFN(i + 1, 0)];

		pci_rig_write(&r, d->devfn, PCI_COMMAND, 2, MEM_AND_IO);
		for (unsigned n = 0; n < PCI_NUM_BARS; n++) {
			struct pci_bar *bar = &d->bar[n];

			first[i][n] = bar->assigned;
			if (bar->type == PCI_BAR_NONE)
				continue;
			CHECK_EQ(bar->assigned & (bar->region->size - 1), 0);
			CHECK(bar->mapped); /* so the bus saw no overlap */
		}
		device_reset(&d->dev);
		CHECK(!d->bar[0].mapped);
	}
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned n = 0; n < PCI_NUM_BARS; n++)
			CHECK_EQ(r.bus->dev[8 * (i + 1)]->bar[n].assigned,
				 first[i][n]);
	pci_rig_free(&r);
}

TEST(pci_assignment_without_room_names_the_function)
{
	struct err err = { 0 };
	struct pci_rig r;

	pci_rig_make(&r);
	r.bus->windows.pio.size = 16;
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(r.bus, &err), -ENOSPC);
	CHECK(strstr(err.msg, "probe: no PCI window has room for BAR 3"));
	pci_rig_free(&r);
}

TEST(pci_port_zero_is_never_assigned)
{
	struct err err = { 0 };
	struct pci_probe *p;
	struct pci_rig r;

	pci_rig_make(&r);
	r.bus->windows.pio = (struct board_range){ 0, 0x10000 };
	p = pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	CHECK_EQ(p->pci.bar[3].assigned, 0x1000);
	pci_rig_free(&r);
}

TEST(pci_capabilities_form_a_chain)
{
	struct pci_rig r;
	unsigned off;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK(pci_rig_read(&r, DEVFN, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	CHECK_EQ(pci_rig_cap(&r, DEVFN, PCI_CAP_ID_MSIX), 0x40);
	CHECK(pci_rig_cap(&r, DEVFN, PCI_CAP_ID_MSI));
	CHECK(pci_rig_cap(&r, DEVFN, PCI_CAP_ID_PM));
	off = pci_rig_cap(&r, DEVFN, PCI_CAP_ID_EXP);
	CHECK_EQ(pci_rig_read(&r, DEVFN, off + 2, 2), 0x92);
	CHECK_EQ(pci_rig_cap(&r, DEVFN, PCI_CAP_ID_VNDR), 0);
	pci_rig_free(&r);
}

TEST(pci_capability_beyond_the_space_is_refused)
{
	struct err err = { 0 };
	struct pci_probe *p;
	struct pci_rig r;

	pci_rig_make(&r);
	p = pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_cap_add(&p->pci, 9, 0xc0, &err), -ENOSPC);
	CHECK_STR(err.msg, "probe: no room for PCI capability 0x09");
	CHECK(pci_cap_add(&p->pci, 9, 5, &err) > 0);
	CHECK_EQ(p->pci.cap_end % 4, 0);
	pci_rig_free(&r);
}

TEST(pci_d3_stops_decoding_and_keeps_state)
{
	struct err err = { 0 };
	struct pci_rig r;
	unsigned pm;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	pm = pci_rig_cap(&r, DEVFN, PCI_CAP_ID_PM);
	pci_rig_write(&r, DEVFN, pm + PCI_PM_CTRL, 2, 1); /* D1: not there */
	CHECK_EQ(pci_rig_read(&r, DEVFN, pm + PCI_PM_CTRL, 2), 8);
	pci_rig_write(&r, DEVFN, pm + PCI_PM_CTRL, 2, 3);
	CHECK_EQ(pci_rig_read(&r, DEVFN, pm + PCI_PM_CTRL, 2), 11);
	CHECK_EQ(bus_get(&r.mmio, PCI_RIG_MMIO32, 4), UINT32_MAX);
	pci_rig_write(&r, DEVFN, pm + PCI_PM_CTRL, 2, 0);
	CHECK_EQ(bus_get(&r.mmio, PCI_RIG_MMIO32, 4), 2000);
	pci_rig_free(&r);
}

TEST(pci_intx_is_shared_by_functions_of_one_line)
{
	struct pci_device *a, *b;
	struct pci_rig r;

	pci_rig_make(&r);
	a = pci_rig_add(&r, &pci_probe_class, "a", PCI_DEVFN(1, 0));
	b = pci_rig_add(&r, &pci_probe_class, "b", PCI_DEVFN(5, 0));
	pci_set_irq(a, true);
	pci_set_irq(b, true);
	CHECK(r.line[17]);
	CHECK(pci_rig_read(&r, a->devfn, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	pci_set_irq(a, false);
	CHECK(r.line[17]);
	pci_set_irq(b, false);
	CHECK(!r.line[17]);
	pci_rig_free(&r);
}

TEST(pci_root_pins_of_one_irq_are_ored)
{
	struct pci_device *a, *b;
	struct pci_rig r;

	pci_rig_make(&r);
	for (unsigned i = 0; i < 4; i++)
		r.bus->windows.intx[i] = 10 + i % 2;
	a = pci_rig_add(&r, &pci_probe_class, "a", PCI_DEVFN(1, 0));
	b = pci_rig_add(&r, &pci_probe_class, "b", PCI_DEVFN(3, 0));
	pci_set_irq(a, true);
	pci_set_irq(b, true);
	pci_set_irq(a, false);
	CHECK(r.line[11]);
	pci_set_irq(b, false);
	CHECK(!r.line[11]);
	pci_rig_free(&r);
}

TEST(pci_intx_disable_holds_the_line_but_not_the_status)
{
	struct pci_device *d;
	struct pci_rig r;

	pci_rig_make(&r);
	d = pci_rig_add(&r, &pci_probe_class, "probe", PCI_DEVFN(1, 0));
	pci_rig_write(&r, d->devfn, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	pci_set_irq(d, true);
	CHECK(!r.line[17]);
	CHECK(pci_rig_read(&r, d->devfn, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	pci_rig_write(&r, d->devfn, PCI_COMMAND, 2, 0);
	CHECK(r.line[17]);
	device_reset(&d->dev);
	CHECK(!r.line[17]);
	pci_rig_free(&r);
}

TEST(pci_detach_drops_the_line)
{
	struct pci_device *d;
	struct pci_rig r;

	pci_rig_make(&r);
	d = pci_rig_add(&r, &pci_probe_class, "probe", PCI_DEVFN(1, 0));
	pci_set_irq(d, true);
	pci_rig_remove(d);
	CHECK(!r.line[17]);
	pci_rig_free(&r);
}

/* ---- configuration mechanism #1 */

static void cf8_address(struct pci_rig *r, uint32_t addr)
{
	bus_write(&r->pio, 0xcf8, 4, addr);
}

TEST(cf8_reaches_configuration_space)
{
	struct device *cf8 = device_new(&pci_cf8_class, "cf8");
	struct err err = { 0 };
	struct pci_rig r;

	pci_rig_make(&r);
	pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	pci_cf8_setup(cf8, r.bus);
	CHECK_EQ(device_realize(cf8, &r.env, &err), 0);
	CHECK_EQ(bus_add(&r.pio, 0xcf8, &cf8->region, &err), 0);

	CHECK_EQ(bus_get(&r.pio, 0xcfc, 4), UINT32_MAX); /* not enabled */
	cf8_address(&r, 0x80000000 | DEVFN << 8);
	CHECK_EQ(bus_get(&r.pio, 0xcf8, 4), 0x80000000 | DEVFN << 8);
	CHECK_EQ(bus_get(&r.pio, 0xcfc, 4), 0x56781234);
	CHECK_EQ(bus_get(&r.pio, 0xcfe, 2), 0x5678);
	CHECK_EQ(bus_get(&r.pio, 0xcff, 1), 0x56);
	cf8_address(&r, 0x80000000 | DEVFN << 8 | PCI_INTERRUPT_LINE);
	bus_write(&r.pio, 0xcfc, 1, 42);
	CHECK_EQ(pci_rig_read(&r, DEVFN, PCI_INTERRUPT_LINE, 1), 42);
	cf8_address(&r, 0x80010000); /* bus 1 */
	CHECK_EQ(bus_get(&r.pio, 0xcfc, 4), UINT32_MAX);
	bus_write(&r.pio, 0xcf8, 1, 0xff); /* only whole dwords */
	CHECK_EQ(bus_get(&r.pio, 0xcf8, 4), 0x80010000);
	bus_write(&r.pio, 0xcf9, 1, 2);
	CHECK_EQ(bus_get(&r.pio, 0xcf9, 1), 2); /* the reset control's */
	CHECK_EQ(bus_get(&r.pio, 0xcf8, 4), 0x80010000);

	device_free(cf8);
	pci_rig_free(&r);
}

/* A CPU without an I/O space reaches the same ports by memory. */
TEST(pci_io_window_shows_ports_in_memory)
{
	const uint64_t window = 0x3eff0000;
	struct pci_rig r;
	struct pci_probe *p;
	struct device *io;
	struct err err = { 0 };

	pci_rig_make(&r);
	p = pci_rig_add(&r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(r.bus, &err), 0);
	pci_rig_write(&r, DEVFN, PCI_COMMAND, 2, MEM_AND_IO);
	io = device_new(&pci_io_window_class, "pci-io");
	CHECK_EQ(device_realize(io, &r.env, &err), 0);
	CHECK_EQ(bus_add(&r.mmio, window, &io->region, &err), 0);
	CHECK_EQ(bus_get(&r.mmio, window + p->pci.bar[3].base + 4, 4), 3004);
	bus_write(&r.mmio, window + p->pci.bar[3].base + 8, 2, 0x1234);
	CHECK_EQ(p->written, 0x1234);
	CHECK_EQ(p->written_off, 8);
	CHECK_EQ(bus_get(&r.mmio, window, 4), UINT32_MAX);
	CHECK_EQ(bus_get(&r.mmio, window + p->pci.bar[3].base, 8), UINT64_MAX);
	device_free(io);
	pci_rig_remove(&p->pci);
	pci_rig_free(&r);
}
