/* SPDX-License-Identifier: MIT */
/* SAL and EFI's runtime services, behind the entries of hw/sal/code.h. */
#ifndef HW_SAL_SAL_H
#define HW_SAL_SAL_H

#include "hw/core/board.h"
#include "hw/core/device.h"

struct pci_bus;

/* "sal": the firmware of an IA-64 machine, once its kernel runs. */
extern const struct device_class sal_class;

#define SAL_CALL_REGS 9

struct sal_config {
	gpa_t area;	      /* of the code, see sal_code_build() */
	uint32_t platform_hz; /* as SAL_FREQ_BASE tells */
	const struct board *board;
	/*
	 * Copies from or to the guest's memory at a virtual address of that
	 * CPU, on its thread.  Negative: the call is made again later, and
	 * what it answers now is dropped.
	 */
	int (*copy)(void *opaque, unsigned cpu, uint64_t gva, void *buf,
		    size_t len, bool write);
	void *opaque;
};

/* Between device_new() and device_realize(). */
void sal_setup(struct device *sal, const struct sal_config *c);
/* The bus that PCI configuration calls reach; without one none is there. */
void sal_set_pci(struct device *sal, struct pci_bus *bus);

/*
 * A call on the thread of vCPU number cpu: a SAL function, or SAL_EFI_CALL and
 * the service's number.  in: the arguments, of SAL's without the function;
 * out: r9 and up, zeroed.  Returns r8.
 */
int64_t sal_call(struct device *sal, unsigned cpu, uint64_t nr,
		 const uint64_t in[SAL_CALL_REGS], uint64_t out[SAL_CALL_REGS]);

/* "efi-nvram": a file that keeps EFI's variables. */
extern const struct device_class efi_nvram_class;
/* Before it is realized: whose variables. */
void efi_nvram_setup(struct device *nvram, struct device *sal);

#endif
