/* SPDX-License-Identifier: MIT */
/* What the files of hw/sal share. */
#ifndef HW_SAL_SAL_PRIV_H
#define HW_SAL_SAL_PRIV_H

#include "hw/rtc/base.h"
#include "hw/sal/code.h"
#include "hw/sal/sal.h"
#include "hw/sal/vars.h"

/* The clock counts ns since 1970 in 64 bits. */
#define SAL_LAST_YEAR 2199

struct sal {
	struct device dev;
	/* constant from realize: */
	struct rtc_base base;
	struct sal_config cfg;
	struct pci_bus *pci;
	/* dev.lock: */
	int64_t offset_ns; /* guest's clock minus the host's wall clock */
	bool virtual;	   /* EFI runs at the OS's virtual addresses */
	uint32_t high_count;
	struct efi_vars vars;
};

/* A call in progress. */
struct sal_args {
	struct sal *s;
	unsigned cpu;
	const uint64_t *in;
	uint64_t *out;
};

int sal_copy_in(const struct sal_args *a, uint64_t gva, void *buf, size_t len);
int sal_copy_out(const struct sal_args *a, uint64_t gva, const void *buf,
		 size_t len);

/* efi.c: service nr; returns an EFI status. */
uint64_t efi_call(const struct sal_args *a, unsigned nr);
void efi_reset(struct sal *s);

#endif
