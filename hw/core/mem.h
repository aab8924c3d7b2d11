/* SPDX-License-Identifier: MIT */
/* Guest memory: the only place where a guest address becomes a pointer. */
#ifndef HW_CORE_MEM_H
#define HW_CORE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "hw/core/err.h"

typedef uint64_t gpa_t;

#define MEM_MAX_RANGES 16

/* One stretch of guest memory, backed by one host mapping. */
struct mem_range {
	gpa_t base;
	uint64_t size;
	uint8_t *host;
	int fd;		 /* memfd behind it, or -1 */
	uint64_t fd_off; /* where in fd the range begins */
	uint64_t page;	 /* bytes that the host gives and takes at once */
	bool readonly;	 /* to the guest: ROM, flash in read mode */
	bool owned;	 /* unmapped by mem_destroy() */
	unsigned slot;	 /* a number that no other range has or had */
	bool hidden;	 /* from the guest, by mem_show() */
};

/* Who gives the ranges to the guest: the accelerator. */
struct mem_listener {
	int (*map)(void *opaque, const struct mem_range *r, struct err *err);
	void (*unmap)(void *opaque, const struct mem_range *r);
	void *opaque;
};

/*
 * The memory of one guest.  It changes only while the VM is paused (or not
 * yet started), so readers take no lock.
 */
struct mem {
	struct mem_range range[MEM_MAX_RANGES]; /* sorted by base, disjoint */
	unsigned n, slots;
	bool may_discard;
	const struct mem_listener *listener;
};

enum mem_hugepages {
	MEM_HUGE_AUTO, /* as the board says; here none */
	MEM_HUGE_NONE,
	MEM_HUGE_THP,
	MEM_HUGE_2M,
	MEM_HUGE_16M,
	MEM_HUGE_1G
};
/* log2 of the bytes of a page; 0: no size is promised but the host's own. */
unsigned mem_huge_shift(enum mem_hugepages h);

struct mem_config {
	enum mem_hugepages hugepages;
	bool shared;   /* MAP_SHARED memfd, for vhost-user and the like */
	bool prealloc; /* touch every page now */
};

/* Maps size bytes of zeroed host memory at base.  size is a multiple of 4K. */
int mem_add_ram(struct mem *m, gpa_t base, uint64_t size,
		const struct mem_config *cfg, struct err *err) MUST_CHECK;
/* Adds memory that the caller maps and keeps mapped. */
int mem_add_host(struct mem *m, gpa_t base, uint64_t size, void *host,
		 bool readonly, struct err *err) MUST_CHECK;
/* Takes away what mem_add_host() added at base; the VM is paused. */
void mem_remove(struct mem *m, gpa_t base);
void mem_destroy(struct mem *m);
/*
 * The listener hears of every range there is and will be, but of none that is
 * hidden, until mem_unlisten().  An error of map() is the caller's, here and
 * from mem_add_host().
 */
int mem_listen(struct mem *m, const struct mem_listener *l,
	       struct err *err) MUST_CHECK;
void mem_unlisten(struct mem *m);
/*
 * Hides the range at base from the guest's CPUs, whose accesses then go to
 * the bus, or shows it again.  Every other user sees it all the time: a range
 * is not taken from under a reader.  0, or what the accelerator answered: then
 * nothing changed.  Any thread, while the guest runs; one caller a range.
 */
int mem_show(struct mem *m, gpa_t base, bool on) MUST_CHECK;
/* The sum of all writable ranges, bytes. */
uint64_t mem_size(const struct mem *m);

/*
 * The host pointer to [gpa, gpa + len), or NULL unless it lies wholly inside
 * one range.  len 0 is valid anywhere inside a range.  The guest may change
 * what it points to at any time.
 */
void *mem_run(const struct mem *m, gpa_t gpa, uint64_t len);
/* As mem_run(), and NULL where the guest may not write. */
void *mem_run_rw(const struct mem *m, gpa_t gpa, uint64_t len);

/* Copies; 0, or -EFAULT when a byte lies outside (nothing is copied then). */
int mem_read(const struct mem *m, gpa_t gpa, void *buf, size_t len) MUST_CHECK;
int mem_write(const struct mem *m, gpa_t gpa, const void *buf,
	      size_t len) MUST_CHECK;
int mem_set(const struct mem *m, gpa_t gpa, int byte, uint64_t len) MUST_CHECK;

/*
 * Whether pages of RAM may be given back while the guest runs.  A page that
 * the kernel has pinned for somebody (a registered buffer, a device passed
 * through) must stay where it is, so that one user excludes the other:
 * mem_allow_discard() is for the balloon's realize(), before the guest runs.
 */
void mem_allow_discard(struct mem *m);
bool mem_may_discard(const struct mem *m);
/*
 * Gives host memory back to the host: the whole host pages (huge ones, where
 * those back the range) within the bytes named, which read as zero from now
 * on.  Ranges of mem_add_host() are left as they are.  0, -EFAULT where the
 * guest has no RAM, -EPERM unless allowed, or what the host answered.  Any
 * thread.
 */
int mem_discard(const struct mem *m, gpa_t gpa, uint64_t len) MUST_CHECK;
/* The same for bytes that mem_run() or mem_iov() pointed to. */
int mem_discard_host(const struct mem *m, void *host, uint64_t len) MUST_CHECK;

/*
 * Appends [gpa, gpa + len) to iov[*n], splitting at range edges; at most max
 * entries in all.  write asks for memory that the guest may write.
 * 0, -EFAULT (outside), or -E2BIG (more than max entries).
 */
int mem_iov(const struct mem *m, gpa_t gpa, uint64_t len, bool write,
	    struct iovec *iov, unsigned *n, unsigned max) MUST_CHECK;

/* Fixed-width loads and stores; 0 or -EFAULT.  gpa need not be aligned. */
int mem_load_le16(const struct mem *m, gpa_t gpa, uint16_t *val) MUST_CHECK;
int mem_load_le32(const struct mem *m, gpa_t gpa, uint32_t *val) MUST_CHECK;
int mem_load_le64(const struct mem *m, gpa_t gpa, uint64_t *val) MUST_CHECK;
int mem_store_le16(const struct mem *m, gpa_t gpa, uint16_t val) MUST_CHECK;
int mem_store_le32(const struct mem *m, gpa_t gpa, uint32_t val) MUST_CHECK;
int mem_store_le64(const struct mem *m, gpa_t gpa, uint64_t val) MUST_CHECK;

#endif
