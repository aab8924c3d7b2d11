/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X: masks, pending bits, lazily made routes. */
#include <linux/pci_regs.h>

#include "tests/support/pci_rig.h"
#include "tests/test.h"

#define DEVFN	PCI_DEVFN(2, 0)
#define ENABLE	PCI_MSIX_FLAGS_ENABLE
#define MASKALL PCI_MSIX_FLAGS_MASKALL

struct msi_lab {
	struct pci_rig r;
	struct pci_probe *p;
	uint64_t table, pba;
};

static void lab_make(struct msi_lab *l)
{
	struct err err = { 0 };

	pci_rig_make(&l->r);
	l->p = pci_rig_add(&l->r, &pci_probe_class, "probe", DEVFN);
	CHECK_EQ(pci_assign_bars(l->r.bus, &err), 0);
	pci_rig_write(&l->r, DEVFN, PCI_COMMAND, 2,
		      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	l->table = l->p->pci.bar[4].assigned;
	l->pba = l->table + 2048;
}

static void lab_free(struct msi_lab *l)
{
	pci_rig_free(&l->r);
}

static void lab_msix_ctrl(struct msi_lab *l, uint16_t val)
{
	unsigned cap = pci_rig_cap(&l->r, DEVFN, PCI_CAP_ID_MSIX);

	pci_rig_write(&l->r, DEVFN, cap + PCI_MSIX_FLAGS, 2, val);
}

static void lab_entry(struct msi_lab *l, unsigned v, uint64_t addr,
		      uint32_t data, bool masked)
{
	uint64_t e = l->table + 16 * v;

	bus_write(&l->r.mmio, e, 4, (uint32_t)addr);
	bus_write(&l->r.mmio, e + 4, 4, addr >> 32);
	bus_write(&l->r.mmio, e + 8, 4, data);
	bus_write(&l->r.mmio, e + 12, 4, masked);
}

static uint64_t lab_pba(struct msi_lab *l)
{
	uint64_t val;

	bus_read(&l->r.mmio, l->pba, 8, &val);
	return val;
}

static uint64_t lab_sent(struct msi_lab *l, unsigned v)
{
	struct pci_vector *vec = &l->p->pci.msix.vec[v];

	return vec->made ? pci_rig_drain(vec->route.fd) : 0;
}

TEST(msix_capability_describes_table_and_pba)
{
	struct msi_lab l;
	unsigned cap;

	lab_make(&l);
	cap = pci_rig_cap(&l.r, DEVFN, PCI_CAP_ID_MSIX);
	CHECK_EQ(pci_rig_read(&l.r, DEVFN, cap + PCI_MSIX_FLAGS, 2), 3);
	CHECK_EQ(pci_rig_read(&l.r, DEVFN, cap + PCI_MSIX_TABLE, 4), 4);
	CHECK_EQ(pci_rig_read(&l.r, DEVFN, cap + PCI_MSIX_PBA, 4), 2048 | 4);
	lab_free(&l);
}

TEST(msix_routes_are_made_when_first_unmasked)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	CHECK(!l.p->pci.msix.vec[0].made);
	lab_entry(&l, 1, 0xfee01000, 0x41, true);
	CHECK(!l.p->pci.msix.vec[1].made);
	lab_entry(&l, 1, 0xfee01000, 0x41, false);
	CHECK(l.p->pci.msix.vec[1].made);
	CHECK(!l.p->pci.msix.vec[0].made);
	CHECK_EQ(l.r.last.addr, 0xfee01000);
	CHECK_EQ(l.r.last.data, 0x41);
	CHECK_EQ(l.r.last.devid, DEVFN);
	CHECK_EQ(l.r.routes, 1);
	lab_free(&l);
}

TEST(msix_live_vector_writes_its_eventfd)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	lab_entry(&l, 2, 0xfee00000, 0x42, false);
	msix_notify(&l.p->pci, 2);
	CHECK_EQ(lab_sent(&l, 2), 1);
	CHECK_EQ(lab_pba(&l), 0);
	msix_notify(&l.p->pci, 4); /* there is none */
	msix_notify(&l.p->pci, UINT32_MAX);
	lab_free(&l);
}

TEST(msix_masked_vector_is_pending_until_unmasked)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	lab_entry(&l, 3, 0xfee00000, 0x43, true);
	msix_notify(&l.p->pci, 3);
	CHECK_EQ(lab_pba(&l), 8);
	bus_write(&l.r.mmio, l.pba, 8, 0); /* read-only */
	CHECK_EQ(lab_pba(&l), 8);
	bus_write(&l.r.mmio, l.table + 3 * 16 + 12, 4, 0);
	CHECK_EQ(lab_sent(&l, 3), 1);
	CHECK_EQ(lab_pba(&l), 0);
	lab_free(&l);
}

TEST(msix_function_mask_holds_every_vector)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	lab_entry(&l, 0, 0xfee00000, 0x40, false);
	lab_entry(&l, 1, 0xfee00000, 0x41, false);
	lab_msix_ctrl(&l, ENABLE | MASKALL);
	msix_notify(&l.p->pci, 0);
	msix_notify(&l.p->pci, 1);
	CHECK_EQ(lab_sent(&l, 0) + lab_sent(&l, 1), 0);
	CHECK_EQ(lab_pba(&l), 3);
	lab_msix_ctrl(&l, ENABLE);
	CHECK_EQ(lab_sent(&l, 0), 1);
	CHECK_EQ(lab_sent(&l, 1), 1);
	lab_free(&l);
}

TEST(msix_waits_for_bus_mastering)
{
	struct msi_lab l;

	lab_make(&l);
	pci_rig_write(&l.r, DEVFN, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	lab_msix_ctrl(&l, ENABLE);
	lab_entry(&l, 0, 0xfee00000, 0x40, false);
	msix_notify(&l.p->pci, 0);
	CHECK_EQ(lab_sent(&l, 0), 0);
	pci_rig_write(&l.r, DEVFN, PCI_COMMAND, 2,
		      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CHECK_EQ(lab_sent(&l, 0), 1);
	lab_free(&l);
}

TEST(msix_disabled_loses_interrupts_and_frees_intx)
{
	struct msi_lab l;

	lab_make(&l);
	msix_notify(&l.p->pci, 0);
	CHECK_EQ(lab_pba(&l), 0);
	pci_set_irq(&l.p->pci, true);
	CHECK(l.r.line[18]);
	lab_msix_ctrl(&l, ENABLE | MASKALL);
	CHECK(msix_enabled(&l.p->pci));
	CHECK(!l.r.line[18]); /* a function with MSI-X on has no INTx */
	msix_notify(&l.p->pci, 0);
	CHECK_EQ(lab_pba(&l), 1);
	lab_msix_ctrl(&l, 0);
	CHECK(l.r.line[18]);
	CHECK_EQ(lab_pba(&l), 0);
	lab_free(&l);
}

TEST(msix_message_change_while_live_is_followed)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	lab_entry(&l, 0, 0xfee00000, 0x40, false);
	bus_write(&l.r.mmio, l.table + 8, 4, 0x55);
	CHECK_EQ(l.r.last.data, 0x55);
	CHECK_EQ(l.r.routes, 2);
	bus_write(&l.r.mmio, l.table + 8, 8, 0x66); /* and unmasked */
	CHECK_EQ(l.r.last.data, 0x66);
	CHECK_EQ(l.r.unroutes, 0);
	lab_free(&l);
}

TEST(msix_table_keeps_what_is_written_but_reserved_bits)
{
	struct msi_lab l;
	uint64_t val;

	lab_make(&l);
	bus_write(&l.r.mmio, l.table + 16, 8, UINT64_MAX);
	bus_read(&l.r.mmio, l.table + 16, 8, &val);
	CHECK_EQ(val, 0xfffffffffffffffc);
	bus_write(&l.r.mmio, l.table + 28, 4, UINT32_MAX);
	bus_read(&l.r.mmio, l.table + 28, 4, &val);
	CHECK_EQ(val, 1);
	bus_read(&l.r.mmio, l.table + 28, 2, &val); /* not a size it takes */
	CHECK_EQ(val, 0xffff);
	bus_write(&l.r.mmio, l.table + 64, 4, 1); /* behind the table */
	bus_read(&l.r.mmio, l.table + 64, 4, &val);
	CHECK_EQ(val, 0);
	lab_free(&l);
}

TEST(msix_refused_route_leaves_the_vector_pending)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	l.r.refuse = true;
	lab_entry(&l, 0, 0xfee00000, 0x40, false);
	msix_notify(&l.p->pci, 0);
	CHECK_EQ(lab_pba(&l), 1);
	l.r.refuse = false;
	bus_write(&l.r.mmio, l.table + 12, 4, 0);
	CHECK_EQ(lab_sent(&l, 0), 1);
	lab_free(&l);
}

TEST(msix_fd_of_a_masked_vector_shows_as_pending)
{
	struct msi_lab l;
	int fd;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	fd = msix_fd(&l.p->pci, 1);
	CHECK(fd >= 0);
	msi_send(&l.p->pci.msix.vec[1].route); /* as vhost would */
	CHECK_EQ(lab_pba(&l), 2);
	lab_entry(&l, 1, 0xfee00000, 0x41, false);
	CHECK_EQ(msix_fd(&l.p->pci, 1), fd);
	CHECK_EQ(pci_rig_drain(fd), 1); /* the chip finds it there */
	CHECK_EQ(msix_fd(&l.p->pci, 4), -1);
	lab_free(&l);
}

TEST(msix_reset_masks_and_forgets)
{
	struct msi_lab l;
	struct err err = { 0 };
	uint64_t val;

	lab_make(&l);
	lab_msix_ctrl(&l, ENABLE);
	lab_entry(&l, 0, 0xfee00000, 0x40, false);
	lab_entry(&l, 1, 0xfee00000, 0x41, true);
	msix_notify(&l.p->pci, 1);
	device_reset(&l.p->pci.dev);
	CHECK_EQ(pci_assign_bars(l.r.bus, &err), 0);
	CHECK_EQ(l.r.unroutes, 1);
	pci_rig_write(&l.r, DEVFN, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CHECK_EQ(lab_pba(&l), 0);
	bus_read(&l.r.mmio, l.table + 12, 4, &val);
	CHECK_EQ(val, 1);
	bus_read(&l.r.mmio, l.table, 4, &val);
	CHECK_EQ(val, 0);
	CHECK(!msix_enabled(&l.p->pci));
	lab_free(&l);
}

/* ---- MSI */

static void lab_msi(struct msi_lab *l, uint16_t flags, uint16_t data)
{
	unsigned cap = pci_rig_cap(&l->r, DEVFN, PCI_CAP_ID_MSI);

	pci_rig_write(&l->r, DEVFN, cap + PCI_MSI_ADDRESS_LO, 4, 0xfee02000);
	pci_rig_write(&l->r, DEVFN, cap + PCI_MSI_DATA_64, 2, data);
	pci_rig_write(&l->r, DEVFN, cap + PCI_MSI_FLAGS, 2, flags);
}

static uint64_t lab_msi_sent(struct msi_lab *l, unsigned v)
{
	struct pci_vector *vec = &l->p->pci.msi.vec[v];

	return vec->made ? pci_rig_drain(vec->route.fd) : 0;
}

TEST(msi_vectors_share_the_low_bits_of_the_data)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msi(&l, PCI_MSI_FLAGS_ENABLE | 2 << 4, 0x47);
	CHECK(msi_enabled(&l.p->pci));
	CHECK_EQ(l.r.routes, 4);
	CHECK_EQ(l.r.last.addr, 0xfee02000);
	CHECK_EQ(l.r.last.data, 0x47); /* 0x44 | 3 */
	msi_notify(&l.p->pci, 3);
	CHECK_EQ(lab_msi_sent(&l, 3), 1);
	lab_free(&l);
}

TEST(msi_folds_vectors_onto_those_granted)
{
	struct msi_lab l;

	lab_make(&l);
	lab_msi(&l, PCI_MSI_FLAGS_ENABLE, 0x51);
	CHECK_EQ(l.r.routes, 1);
	CHECK_EQ(l.r.last.data, 0x51);
	msi_notify(&l.p->pci, 3);
	CHECK_EQ(lab_msi_sent(&l, 0), 1);
	/* More than there are: 32 asked, 4 exist. */
	lab_msi(&l, PCI_MSI_FLAGS_ENABLE | 5 << 4, 0x51);
	msi_notify(&l.p->pci, 7);
	CHECK_EQ(lab_msi_sent(&l, 3), 1);
	lab_free(&l);
}

TEST(msi_mask_and_pending_registers)
{
	struct msi_lab l;
	unsigned cap;

	lab_make(&l);
	cap = pci_rig_cap(&l.r, DEVFN, PCI_CAP_ID_MSI);
	lab_msi(&l, PCI_MSI_FLAGS_ENABLE | 2 << 4, 0x40);
	pci_rig_write(&l.r, DEVFN, cap + PCI_MSI_MASK_64, 4, UINT32_MAX);
	CHECK_EQ(pci_rig_read(&l.r, DEVFN, cap + PCI_MSI_MASK_64, 4), 15);
	msi_notify(&l.p->pci, 2);
	CHECK_EQ(pci_rig_read(&l.r, DEVFN, cap + PCI_MSI_PENDING_64, 4), 4);
	pci_rig_write(&l.r, DEVFN, cap + PCI_MSI_MASK_64, 1, 0xb);
	CHECK_EQ(pci_rig_read(&l.r, DEVFN, cap + PCI_MSI_PENDING_64, 4), 0);
	CHECK_EQ(lab_msi_sent(&l, 2), 1);
	lab_free(&l);
}

/* ---- a notification that meets the unmasking is not lost */

#define RACES 3000

struct race {
	struct msi_lab l;
	pthread_barrier_t start, end;
};

static void *race_notify(void *arg)
{
	struct race *race = arg;

	for (unsigned i = 0; i < RACES; i++) {
		pthread_barrier_wait(&race->start);
		msix_notify(&race->l.p->pci, 0);
		pthread_barrier_wait(&race->end);
	}
	return NULL;
}

TEST(msix_notify_that_meets_the_unmasking_is_sent_once)
{
	struct race race;
	unsigned lost = 0, twice = 0;
	pthread_t thread;

	lab_make(&race.l);
	lab_msix_ctrl(&race.l, ENABLE);
	lab_entry(&race.l, 0, 0xfee00000, 0x40, true);
	pthread_barrier_init(&race.start, NULL, 2);
	pthread_barrier_init(&race.end, NULL, 2);
	CHECK_EQ(pthread_create(&thread, NULL, race_notify, &race), 0);
	for (unsigned i = 0; i < RACES; i++) {
		uint64_t sent;

		pthread_barrier_wait(&race.start);
		bus_write(&race.l.r.mmio, race.l.table + 12, 4, 0);
		pthread_barrier_wait(&race.end);
		sent = lab_sent(&race.l, 0);
		lost += sent == 0;
		twice += sent > 1;
		bus_write(&race.l.r.mmio, race.l.table + 12, 4, 1);
	}
	pthread_join(thread, NULL);
	CHECK_EQ(lost, 0);
	CHECK_EQ(twice, 0);
	CHECK_EQ(lab_pba(&race.l), 0);
	pthread_barrier_destroy(&race.start);
	pthread_barrier_destroy(&race.end);
	lab_free(&race.l);
}
