/* SPDX-License-Identifier: MIT */
/* The parts of guest memory that an io_uring holds as registered buffers. */
#ifndef HW_BLOCK_URING_MEM_H
#define HW_BLOCK_URING_MEM_H

#include <liburing.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/mem.h"

/* Bytes of a registered buffer, or a power of two above it in a large guest. */
#define URING_MEM_BUFFER (2u << 20)
/* A buffer is registered with so many operations in its bytes. */
#define URING_MEM_USES 32u

/*
 * A registered buffer saves the kernel the look-up and the pinning of its
 * pages in each operation, and is pinned instead as long as the ring lives.
 * So memory is registered piece by piece, once the guest is seen to use a
 * piece for I/O, and not at all in a guest that may have to give memory back:
 * its pages have to stay where the kernel found them.
 *
 * Lives in an engine, zeroed; all on the thread of its loop.
 */
struct uring_mem {
	struct io_uring *ring;
	const struct mem *mem;
	unsigned shift; /* log2 of a buffer's bytes */
	unsigned n;	/* buffers; 0: nothing is or will be registered */
	bool table;	/* the kernel has a table of n */
	uint8_t *uses;	/* by buffer, to URING_MEM_USES: registered */
	struct {
		const uint8_t *host;
		uint64_t size;
		unsigned first; /* buffer */
	} range[MEM_MAX_RANGES];
	unsigned nranges;
};

/*
 * From now on buffers are sought in m, which outlives u; the first m counts.
 * Where they cannot be had, none are.
 */
void uring_mem_open(struct uring_mem *u, struct io_uring *ring,
		    const struct mem *m);
/* Gives up the pages; before the ring is closed, with nothing under way. */
void uring_mem_close(struct uring_mem *u);
/*
 * The registered buffer that wholly holds [p, p + len), for
 * IORING_OP_READ_FIXED and IORING_OP_WRITE_FIXED, or -1.
 */
int uring_mem_find(struct uring_mem *u, const void *p, size_t len);

#endif
