/* SPDX-License-Identifier: MIT */
/* Messages of PCI functions: sources for them, and what firmware writes. */
#include <linux/pci_regs.h>
#include <string.h>

#include "hw/spapr/phb_priv.h"

/* ibm,change-msi's functions: LoPAR 7.3.10.5.1. */
enum { MSI_QUERY, MSI_CHANGE, MSI_RESET, MSI_MSI, MSI_MSIX, MSI_MSI32 };

/* ---- sources */

static bool msi_free_run(const struct spapr_phb *s, unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++)
		if (s->used[i / 64] >> (i % 64) & 1)
			return false;
	return true;
}

static void msi_mark(struct spapr_phb *s, unsigned first, unsigned n, bool used)
{
	for (unsigned i = first; i < first + n; i++) {
		uint64_t bit = UINT64_C(1) << (i % 64);

		s->used[i / 64] = used ? s->used[i / 64] | bit
				       : s->used[i / 64] & ~bit;
	}
}

/*
 * n sources in a row.  An MSI function writes the vector over the low bits of
 * its data, so the first number is a multiple of align.
 */
static bool msi_alloc(struct spapr_phb *s, unsigned n, unsigned align,
		      uint32_t *first)
{
	for (unsigned i = 0; i + n <= s->cfg.nmsi; i++)
		if ((s->cfg.msi_first + i) % align == 0 &&
		    msi_free_run(s, i, n)) {
			msi_mark(s, i, n, true);
			*first = s->cfg.msi_first + i;
			return true;
		}
	return false;
}

static void msi_release(struct spapr_phb *s, struct phb_msi *m)
{
	msi_mark(s, m->first - s->cfg.msi_first, m->n, false);
	*m = (struct phb_msi){ 0 };
}

void phb_msi_reset(struct spapr_phb *s)
{
	memset(s->msi, 0, sizeof(s->msi));
	memset(s->used, 0, sizeof(s->used));
}

/* ---- the function's registers */

static void msi_program_msix(struct pci_device *d, const struct phb_msi *m)
{
	device_lock(&d->dev);
	for (unsigned i = 0; i < m->n; i++) {
		uint64_t entry = 16 * (uint64_t)i;

		pci_msix_table_write(d, entry + PCI_MSIX_ENTRY_LOWER_ADDR,
				     (uint32_t)PHB_MSI_ADDR, 4);
		pci_msix_table_write(d, entry + PCI_MSIX_ENTRY_UPPER_ADDR,
				     PHB_MSI_ADDR >> 32, 4);
		pci_msix_table_write(d, entry + PCI_MSIX_ENTRY_DATA,
				     m->first + i, 4);
	}
	device_unlock(&d->dev);
}

static void msi_program_msi(struct spapr_phb *s, struct pci_device *d,
			    const struct phb_msi *m)
{
	unsigned cap = d->msi_cap, log2 = 0;
	uint32_t flags =
		pci_config_read(&s->bus, 0, d->devfn, cap + PCI_MSI_FLAGS, 2);

	while (2u << log2 <= m->n)
		log2++;
	flags = (flags & ~(uint32_t)PCI_MSI_FLAGS_QSIZE) | log2 << 4;
	pci_config_write(&s->bus, 0, d->devfn, cap + PCI_MSI_ADDRESS_LO, 4,
			 (uint32_t)PHB_MSI_ADDR);
	pci_config_write(&s->bus, 0, d->devfn, cap + PCI_MSI_ADDRESS_HI, 4,
			 PHB_MSI_ADDR >> 32);
	pci_config_write(&s->bus, 0, d->devfn, cap + PCI_MSI_DATA_64, 2,
			 m->first);
	pci_config_write(&s->bus, 0, d->devfn, cap + PCI_MSI_FLAGS, 2, flags);
}

/* A function that has none left is told to stop sending them. */
static void msi_disable(struct spapr_phb *s, struct pci_device *d, bool msix)
{
	unsigned off = msix ? d->msix_cap + PCI_MSIX_FLAGS
			    : d->msi_cap + PCI_MSI_FLAGS;
	uint32_t flags = pci_config_read(&s->bus, 0, d->devfn, off, 2);

	flags &= ~(uint32_t)(msix ? PCI_MSIX_FLAGS_ENABLE
				  : PCI_MSI_FLAGS_ENABLE);
	pci_config_write(&s->bus, 0, d->devfn, off, 2, flags);
}

/* ---- ibm,change-msi */

static unsigned msi_granted(const struct pci_device *d, bool msix, unsigned n)
{
	unsigned most = msix ? d->msix.n : d->msi.n, pow2 = 1;

	if (n > most)
		n = most;
	if (msix || !n)
		return n;
	while (2 * pow2 <= n)
		pow2 *= 2;
	return pow2;
}

/*
 * What is there already is given up first, as LoPAR has it.  The function
 * stays enabled where it only gets other sources of the same kind: guests
 * enable it before they ask, and ask again for fewer.
 */
static int32_t msi_set(struct spapr_phb *s, struct pci_device *d, bool msix,
		       unsigned n)
{
	struct phb_msi *m = &s->msi[d->devfn];

	if (m->n && (!n || m->msix != msix))
		msi_disable(s, d, m->msix);
	if (m->n)
		msi_release(s, m);
	if (!n)
		return RTAS_OK;
	n = msi_granted(d, msix, n);
	if (!n)
		return RTAS_PARAMETER;
	if (!msi_alloc(s, n, msix ? 1 : n, &m->first))
		return RTAS_HARDWARE;
	m->n = n;
	m->msix = msix;
	if (msix)
		msi_program_msix(d, m);
	else
		msi_program_msi(s, d, m);
	return RTAS_OK;
}

static int32_t msi_change(struct spapr_phb *s, struct pci_device *d,
			  uint32_t fn, uint32_t n)
{
	switch (fn) {
	case MSI_QUERY: return RTAS_OK;
	case MSI_RESET: return msi_set(s, d, false, 0);
	case MSI_CHANGE: return msi_set(s, d, !d->msi.n, n);
	case MSI_MSI:
	case MSI_MSI32: return msi_set(s, d, false, n);
	case MSI_MSIX: return msi_set(s, d, true, n);
	default: return RTAS_PARAMETER;
	}
}

/*
 * Address, unit id, function, how many, sequence; the results are how many
 * there are now, the next sequence number, and which kind.
 */
int32_t phb_change_msi(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	struct pci_device *d = s ? phb_function(s, a->arg[0]) : NULL;
	const struct phb_msi *m;
	int32_t ret;

	(void)cpu;
	if (!d)
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	ret = msi_change(s, d, a->arg[3], a->arg[4]);
	m = &s->msi[d->devfn];
	a->ret[1] = m->n;
	a->ret[2] = a->arg[5] + 1;
	a->ret[3] = m->n ? 1 + m->msix : 0;
	device_unlock(&s->dev);
	return ret;
}

/* Address, unit id, vector; the results are its source, and 1 for an edge. */
int32_t phb_query_source(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	struct pci_device *d = s ? phb_function(s, a->arg[0]) : NULL;
	int32_t ret = RTAS_PARAMETER;

	(void)cpu;
	if (!d)
		return ret;
	device_lock(&s->dev);
	if (a->arg[3] < s->msi[d->devfn].n) {
		a->ret[1] = s->msi[d->devfn].first + a->arg[3];
		a->ret[2] = 1;
		ret = RTAS_OK;
	}
	device_unlock(&s->dev);
	return ret;
}
