// SPDX-License-Identifier: MIT
/* Interrupts by XICS: accepted and ended by hypercalls, set up by RTAS. */
#include "arch.h"
#include "guest.h"
#include "pci.h"
#include "ppc64.h"

#define NUMBERS	  16
#define PRIORITY  5
#define XISR_IPI  2
#define XISR(x)	  ((x)&0xffffff)
#define FN_MSIX	  4 /* ibm,change-msi's function: LoPAR 7.3.10.5.1 */
#define MSIX_ADDR 0
#define MSIX_DATA 8

static uint32_t xics_source[NUMBERS];
static volatile uint32_t xics_count[NUMBERS];
volatile uint32_t xics_ipis[MAX_CPUS], xics_spurious;

void xics_attach(uint32_t source, unsigned n)
{
	xics_source[n] = source;
}

uint32_t arch_irq_count(unsigned n)
{
	return xics_count[n];
}

static void xics_taken(uint32_t source)
{
	for (unsigned n = 0; n < NUMBERS; n++)
		if (xics_source[n] == source)
			xics_count[n]++;
}

void xics_irq(void)
{
	uint64_t xirr;

	hcall(H_XIRR, 0, 0, 0, 0, &xirr);
	if (!XISR(xirr)) {
		xics_spurious++;
		return;
	}
	if (XISR(xirr) == XISR_IPI) {
		hcall(H_IPI, machine.cpu[cpu_index()], 0xff, 0, 0, NULL);
		xics_ipis[cpu_index()]++;
	} else {
		xics_taken(XISR(xirr));
	}
	hcall(H_EOI, xirr, 0, 0, 0, NULL);
}

/* --- messages: firmware writes a function's table, all of it at once */

static struct pci_dev *msi_function(uint32_t requester)
{
	for (unsigned i = 0; i < npci; i++)
		if ((uint32_t)(pci[i].bus << 8 | pci[i].dev << 3 | pci[i].fn) ==
		    requester)
			return &pci[i];
	return NULL;
}

static uint32_t msi_source(uint32_t requester, unsigned event)
{
	const uint32_t arg[] = { requester << 8, machine.phb >> 32, machine.phb,
				 event };
	uint32_t ret[3];

	return rtas("ibm,query-interrupt-source-number", 4, arg, 3, ret)
		       ? 0
		       : ret[1];
}

bool arch_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m)
{
	const struct pci_dev *d = msi_function(requester);
	const uint32_t arg[] = { requester << 8,	machine.phb >> 32,
				 machine.phb,		FN_MSIX,
				 d ? d->msix_count : 0, 0 };
	uint32_t source = msi_source(requester, event), ret[4];

	if (!d || (!source && rtas("ibm,change-msi", 6, arg, 4, ret)))
		return false;
	source = msi_source(requester, event);
	if (!source ||
	    rtas3("ibm,set-xive", 3, source, machine.cpu[0], PRIORITY))
		return false;
	xics_attach(source, n);
	hcall(H_CPPR, 0xff, 0, 0, 0, NULL);
	m->addr = mmio_read32(d->msix_table + 16 * event + MSIX_ADDR) |
		  (uint64_t)mmio_read32(d->msix_table + 16 * event + 4) << 32;
	m->data = mmio_read32(d->msix_table + 16 * event + MSIX_DATA);
	return true;
}
