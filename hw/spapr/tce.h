/* SPDX-License-Identifier: MIT */
/* TCE tables: how a pSeries' devices see guest memory. */
#ifndef HW_SPAPR_TCE_H
#define HW_SPAPR_TCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "hw/core/err.h"
#include "hw/core/mem.h"
#include "hw/spapr/hcall.h"

/*
 * LoPAR 14.5.4.2.  A window of a bus's addresses is divided into I/O pages; a
 * translation control entry says which page of guest memory each one is, and
 * whether the device may read or write it.  The guest fills them by
 * hypercalls; a table has a number, its LIOBN.
 */
#define TCE_READ  1 /* bits of an entry: the device may read, write */
#define TCE_WRITE 2

#define TCE_MAX_TABLES 72

/*
 * An accelerator that fills tables itself, as the guest calls: H_PUT_TCE and
 * its like then come here only for the others.  Part of its owner.
 */
struct tce_kernel {
	/*
	 * n entries, zeroed, that it shares: *fd's, from offset 0 on.  False
	 * where it has no such table.  Any thread.
	 */
	bool (*open)(struct tce_kernel *k, uint32_t liobn, uint64_t base,
		     unsigned shift, uint64_t n, int *fd);
};

struct tce_table {
	uint32_t liobn;
	unsigned shift; /* log2 of the page */
	uint64_t base;	/* bus address of the window */
	uint64_t n;	/* entries */
	uint64_t *tce;	/* each loaded and stored at once */
	int fd;		/* of the accelerator's table; -1: it is ours */
};

/* Every table of a machine. */
struct tce_tables {
	const struct mem *mem;
	struct tce_kernel *kernel; /* NULL: none; set before any table */
	pthread_rwlock_t lock;	   /* of the list; the last one taken */
	struct tce_table *table[TCE_MAX_TABLES];
};

void tce_init(struct tce_tables *all, const struct mem *mem);
/* Frees what is left. */
void tce_destroy(struct tce_tables *all);

/*
 * Makes the table of a window of n pages at bus address base; every entry is
 * invalid.  -EEXIST where the LIOBN is taken, -ENOSPC, -ENOMEM.  Any thread.
 */
int tce_add(struct tce_tables *all, uint32_t liobn, uint64_t base,
	    unsigned shift, uint64_t n);
/* False where there is none.  Any thread; translations have ended. */
bool tce_remove(struct tce_tables *all, uint32_t liobn);
/* Makes every entry of a table invalid. */
void tce_clear(struct tce_tables *all, uint32_t liobn);

/*
 * Guest memory as the devices of that table see it.  0, or -EFAULT where an
 * address is outside the window, its entry does not allow the access, or what
 * it names is no RAM; the device has then moved a part, or nothing.  Any
 * thread.
 */
int tce_read(struct tce_tables *all, uint32_t liobn, uint64_t addr, void *buf,
	     size_t len) MUST_CHECK;
int tce_write(struct tce_tables *all, uint32_t liobn, uint64_t addr,
	      const void *buf, size_t len) MUST_CHECK;
/* As mem_iov(), of bus addresses; what adjoins in host memory is one entry. */
int tce_iov(struct tce_tables *all, uint32_t liobn, uint64_t addr, uint64_t len,
	    bool write, struct iovec *iov, unsigned *n,
	    unsigned max) MUST_CHECK;

/*
 * H_PUT_TCE, H_PUT_TCE_INDIRECT, H_STUFF_TCE, H_GET_TCE; the opaque is a
 * struct tce_tables.
 */
extern const struct hcall tce_hcalls[];

#endif
