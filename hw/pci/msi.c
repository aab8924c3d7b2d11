/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X: which vectors are live, what is pending, how one is sent. */
#include "hw/pci/msi.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/pci/internal.h"

#define MSIX_ENTRY_SIZE 16
#define MSI_CAP_SIZE	0x18

static bool pci_vector_make(struct pci_device *d, struct pci_vector *v)
{
	struct err err = { 0 };

	if (v->made)
		return true;
	if (msi_route_init(&v->route, d->dev.env->irqchip, &err) < 0) {
		if (!v->failed)
			guest_error(d->dev.name, "%s", err.msg);
		v->failed = true;
		return false;
	}
	v->made = true;
	return true;
}

static void pci_vector_mask(struct pci_vector *v)
{
	if (!atomic_exchange(&v->live, false))
		return;
	/* A chip that cannot mask has nothing to tell us. */
	(void)msi_route_set(&v->route, NULL);
}

static void pci_vector_unmask(struct pci_device *d, struct pci_vector *v,
			      const struct msi_msg *msg)
{
	int ret;

	if (!pci_vector_make(d, v))
		return;
	ret = msi_route_set(&v->route, msg);
	if (ret < 0) {
		guest_error(d->dev.name, "MSI message refused: %s",
			    strerror(-ret));
		pci_vector_mask(v);
		return;
	}
	/* Pairs with pci_notify(): one of the two sees the other's store. */
	atomic_store(&v->live, true);
	if (atomic_exchange(&v->pending, false))
		msi_send(&v->route);
}

static void pci_notify(struct pci_msi *m, unsigned n)
{
	struct pci_vector *v = &m->vec[n];

	if (atomic_load_explicit(&v->live, memory_order_acquire)) {
		msi_send(&v->route);
		return;
	}
	if (!atomic_load(&m->enabled))
		return;
	atomic_store(&v->pending, true);
	if (atomic_load(&v->live) && atomic_exchange(&v->pending, false))
		msi_send(&v->route);
}

/* Others may have written to the fd of a masked vector: it waits in there. */
static bool pci_vector_pending(struct pci_vector *v)
{
	struct pollfd p = { .fd = v->route.fd, .events = POLLIN };

	if (atomic_load(&v->pending))
		return true;
	return v->made && !atomic_load(&v->live) && poll(&p, 1, 0) == 1;
}

static void pci_msi_set_enabled(struct pci_msi *m, bool on)
{
	if (atomic_exchange(&m->enabled, on) && !on)
		for (unsigned i = 0; i < m->n; i++)
			atomic_store(&m->vec[i].pending, false);
}

static int pci_msi_alloc(struct pci_device *d, struct pci_msi *m, unsigned n,
			 struct err *err)
{
	m->vec = calloc(n, sizeof(*m->vec));
	if (!m->vec)
		return err_nomem(err, d->dev.name);
	m->n = n;
	return 0;
}

/* ---- MSI-X */

static uint32_t msix_get(const struct pci_msi *m, unsigned v, unsigned field)
{
	return pci_get32(m->table, v * MSIX_ENTRY_SIZE + field);
}

static void msix_vector_update(struct pci_device *d, unsigned n)
{
	struct pci_msi *m = &d->msix;
	uint16_t ctrl = pci_get16(d->config, d->msix_cap + PCI_MSIX_FLAGS);
	struct msi_msg msg = {
		.addr = (uint64_t)msix_get(m, n, PCI_MSIX_ENTRY_UPPER_ADDR)
				<< 32 |
			msix_get(m, n, PCI_MSIX_ENTRY_LOWER_ADDR),
		.data = msix_get(m, n, PCI_MSIX_ENTRY_DATA),
		.devid = pci_requester(d),
	};

	if ((ctrl & PCI_MSIX_FLAGS_ENABLE) &&
	    !(ctrl & PCI_MSIX_FLAGS_MASKALL) && pci_bus_master(d) &&
	    !(msix_get(m, n, PCI_MSIX_ENTRY_VECTOR_CTRL) &
	      PCI_MSIX_ENTRY_CTRL_MASKBIT))
		pci_vector_unmask(d, &m->vec[n], &msg);
	else
		pci_vector_mask(&m->vec[n]);
}

static uint32_t msix_table_read32(struct pci_msi *m, uint64_t off)
{
	return off < m->n * MSIX_ENTRY_SIZE ? pci_get32(m->table, off) : 0;
}

static void msix_table_write32(struct pci_device *d, uint64_t off, uint32_t val)
{
	struct pci_msi *m = &d->msix;

	if (off >= m->n * MSIX_ENTRY_SIZE)
		return;
	switch (off % MSIX_ENTRY_SIZE) {
	case PCI_MSIX_ENTRY_LOWER_ADDR: val &= ~3u; break;
	case PCI_MSIX_ENTRY_VECTOR_CTRL:
		val &= PCI_MSIX_ENTRY_CTRL_MASKBIT;
		break;
	}
	pci_put32(m->table, off, val);
	msix_vector_update(d, off / MSIX_ENTRY_SIZE);
}

uint64_t pci_msix_table_read(struct pci_device *d, uint64_t off, unsigned size)
{
	uint64_t val = msix_table_read32(&d->msix, off);

	if (size == 8)
		val |= (uint64_t)msix_table_read32(&d->msix, off + 4) << 32;
	return val;
}

void pci_msix_table_write(struct pci_device *d, uint64_t off, uint64_t val,
			  unsigned size)
{
	msix_table_write32(d, off, val);
	if (size == 8)
		msix_table_write32(d, off + 4, val >> 32);
}

uint64_t pci_msix_pba_read(struct pci_device *d, uint64_t off, unsigned size)
{
	struct pci_msi *m = &d->msix;
	uint64_t val = 0;

	for (unsigned i = 0; i < 8 * size; i++)
		if (off * 8 + i < m->n &&
		    pci_vector_pending(&m->vec[off * 8 + i]))
			val |= 1ull << i;
	return val;
}

static uint64_t msix_read(void *opaque, uint64_t off, unsigned size)
{
	struct pci_device *d = opaque;

	return off < d->msix.pba_off
		       ? pci_msix_table_read(d, off, size)
		       : pci_msix_pba_read(d, off - d->msix.pba_off, size);
}

static void msix_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct pci_device *d = opaque;

	if (off < d->msix.pba_off)
		pci_msix_table_write(d, off, val, size);
}

static const struct region_ops msix_ops = {
	.read = msix_read,
	.write = msix_write,
	.min_size = 4,
	.max_size = 8,
};

int pci_msix_place(struct pci_device *d, unsigned n, unsigned table_bar,
		   uint32_t table_off, unsigned pba_bar, uint32_t pba_off,
		   struct err *err)
{
	struct pci_msi *m = &d->msix;
	int off, ret;

	assert(n >= 1 && n <= 2048 && !m->n);
	off = pci_cap_add(d, PCI_CAP_ID_MSIX, PCI_CAP_MSIX_SIZEOF, err);
	if (off < 0)
		return off;
	m->table = calloc(n, MSIX_ENTRY_SIZE);
	if (!m->table)
		return err_nomem(err, d->dev.name);
	ret = pci_msi_alloc(d, m, n, err);
	if (ret < 0)
		return ret;
	d->msix_cap = off;
	m->table_off = table_off;
	m->pba_off = pba_off;
	pci_put16(d->initial, off + PCI_MSIX_FLAGS, n - 1);
	pci_put16(d->wmask, off + PCI_MSIX_FLAGS,
		  PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	pci_put32(d->initial, off + PCI_MSIX_TABLE, table_off | table_bar);
	pci_put32(d->initial, off + PCI_MSIX_PBA, pba_off | pba_bar);
	return off;
}

int pci_msix_add(struct pci_device *d, unsigned bar, unsigned n,
		 struct err *err)
{
	struct region *r = calloc(1, sizeof(*r));
	uint32_t half = 2048;
	int ret;

	if (!r)
		return err_nomem(err, d->dev.name);
	d->msix.region = r; /* freed by pci_msi_exit() from here on */
	while (half < n * MSIX_ENTRY_SIZE)
		half *= 2;
	ret = pci_msix_place(d, n, bar, 0, bar, half, err);
	if (ret < 0)
		return ret;
	r->name = d->dev.name;
	r->size = 2 * half;
	r->ops = &msix_ops;
	r->opaque = d;
	r->dev = &d->dev;
	pci_bar_add(d, bar, PCI_BAR_MEM32, r);
	return ret;
}

void msix_notify(struct pci_device *d, unsigned v)
{
	if (v < d->msix.n)
		pci_notify(&d->msix, v);
}

bool msix_enabled(const struct pci_device *d)
{
	return atomic_load_explicit(&d->msix.enabled, memory_order_acquire);
}

int msix_fd(struct pci_device *d, unsigned v)
{
	if (v >= d->msix.n || !pci_vector_make(d, &d->msix.vec[v]))
		return -1;
	return d->msix.vec[v].route.fd;
}

/* ---- MSI */

/* How many vectors the guest allows; it may write more than there are. */
static unsigned msi_allowed(const struct pci_device *d)
{
	uint16_t ctrl = pci_get16(d->config, d->msi_cap + PCI_MSI_FLAGS);
	unsigned n = 1u << ((ctrl & PCI_MSI_FLAGS_QSIZE) >> 4);

	return n < d->msi.n ? n : d->msi.n;
}

static void msi_vector_update(struct pci_device *d, unsigned n)
{
	const uint8_t *c = d->config + d->msi_cap;
	unsigned allowed = msi_allowed(d);
	struct msi_msg msg = {
		.addr = (uint64_t)pci_get32(c, PCI_MSI_ADDRESS_HI) << 32 |
			pci_get32(c, PCI_MSI_ADDRESS_LO),
		.data = (pci_get16(c, PCI_MSI_DATA_64) & ~(allowed - 1)) | n,
		.devid = pci_requester(d),
	};

	if ((pci_get16(c, PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE) &&
	    n < allowed && pci_bus_master(d) &&
	    !(pci_get32(c, PCI_MSI_MASK_64) >> n & 1))
		pci_vector_unmask(d, &d->msi.vec[n], &msg);
	else
		pci_vector_mask(&d->msi.vec[n]);
}

int pci_msi_add(struct pci_device *d, unsigned n, struct err *err)
{
	unsigned log2 = 0;
	int off, ret;

	assert(n >= 1 && n <= 32 && (n & (n - 1)) == 0 && !d->msi.n);
	off = pci_cap_add(d, PCI_CAP_ID_MSI, MSI_CAP_SIZE, err);
	if (off < 0)
		return off;
	ret = pci_msi_alloc(d, &d->msi, n, err);
	if (ret < 0)
		return ret;
	while (1u << log2 < n)
		log2++;
	d->msi_cap = off;
	atomic_store(&d->msi.allowed, 1);
	pci_put16(d->initial, off + PCI_MSI_FLAGS,
		  PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT | log2 << 1);
	pci_put16(d->wmask, off + PCI_MSI_FLAGS,
		  PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	pci_put32(d->wmask, off + PCI_MSI_ADDRESS_LO, ~3u);
	pci_put32(d->wmask, off + PCI_MSI_ADDRESS_HI, ~0u);
	pci_put16(d->wmask, off + PCI_MSI_DATA_64, 0xffff);
	pci_put32(d->wmask, off + PCI_MSI_MASK_64,
		  n < 32 ? (1u << n) - 1 : ~0u);
	return off;
}

void msi_notify(struct pci_device *d, unsigned v)
{
	if (d->msi.n)
		pci_notify(&d->msi, v & (atomic_load(&d->msi.allowed) - 1));
}

bool msi_enabled(const struct pci_device *d)
{
	return atomic_load_explicit(&d->msi.enabled, memory_order_acquire);
}

uint32_t pci_msi_pending(struct pci_device *d)
{
	uint32_t val = 0;

	for (unsigned i = 0; i < d->msi.n; i++)
		if (pci_vector_pending(&d->msi.vec[i]))
			val |= 1u << i;
	return val;
}

/* ---- both */

void pci_msi_update(struct pci_device *d)
{
	if (d->msix.n) {
		uint8_t *ctrl = d->config + d->msix_cap + PCI_MSIX_FLAGS;

		pci_msi_set_enabled(&d->msix,
				    pci_get16(ctrl, 0) & PCI_MSIX_FLAGS_ENABLE);
		for (unsigned i = 0; i < d->msix.n; i++)
			msix_vector_update(d, i);
	}
	if (d->msi.n) {
		uint8_t *ctrl = d->config + d->msi_cap + PCI_MSI_FLAGS;

		pci_msi_set_enabled(&d->msi,
				    pci_get16(ctrl, 0) & PCI_MSI_FLAGS_ENABLE);
		atomic_store(&d->msi.allowed, msi_allowed(d));
		for (unsigned i = 0; i < d->msi.n; i++)
			msi_vector_update(d, i);
	}
}

void pci_msi_reset(struct pci_device *d)
{
	struct pci_msi *sets[] = { &d->msi, &d->msix };

	for (unsigned s = 0; s < 2; s++) {
		atomic_store(&sets[s]->enabled, false);
		for (unsigned i = 0; i < sets[s]->n; i++) {
			pci_vector_mask(&sets[s]->vec[i]);
			atomic_store(&sets[s]->vec[i].pending, false);
		}
	}
	atomic_store(&d->msi.allowed, 1);
	for (unsigned i = 0; i < d->msix.n; i++) {
		uint8_t *entry = d->msix.table + i * MSIX_ENTRY_SIZE;

		memset(entry, 0, MSIX_ENTRY_SIZE);
		pci_put32(entry, PCI_MSIX_ENTRY_VECTOR_CTRL,
			  PCI_MSIX_ENTRY_CTRL_MASKBIT);
	}
}

void pci_msi_exit(struct pci_device *d)
{
	struct pci_msi *sets[] = { &d->msi, &d->msix };

	for (unsigned s = 0; s < 2; s++) {
		for (unsigned i = 0; i < sets[s]->n; i++)
			if (sets[s]->vec[i].made)
				msi_route_destroy(&sets[s]->vec[i].route);
		free(sets[s]->vec);
		free(sets[s]->table);
		free(sets[s]->region);
		memset(sets[s], 0, sizeof(*sets[s]));
	}
}
