/* SPDX-License-Identifier: MIT */
/* TCE tables: how a pSeries' devices see guest memory. */
#include "hw/spapr/tce.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TCE_LIST_MAX 512 /* entries in a list: one page of 4 KiB */
#define TCE_BITS     UINT64_C(3)

void tce_init(struct tce_tables *all, const struct mem *mem)
{
	*all = (struct tce_tables){ .mem = mem };
	pthread_rwlock_init(&all->lock, NULL);
}

static void tce_free(struct tce_table *t)
{
	if (t && t->fd >= 0) {
		munmap(t->tce, t->n * sizeof(*t->tce));
		close(t->fd);
	} else if (t) {
		free(t->tce);
	}
	free(t);
}

/* The accelerator's, if it has one, or ours. */
static bool tce_alloc(struct tce_tables *all, struct tce_table *t)
{
	struct tce_kernel *k = all->kernel;
	void *p;

	if (k && k->open(k, t->liobn, t->base, t->shift, t->n, &t->fd)) {
		p = mmap(NULL, t->n * sizeof(*t->tce), PROT_READ | PROT_WRITE,
			 MAP_SHARED, t->fd, 0);
		t->tce = p;
		if (p != MAP_FAILED)
			return true;
		close(t->fd);
	}
	t->fd = -1;
	t->tce = calloc(t->n, sizeof(*t->tce));
	return t->tce;
}

void tce_destroy(struct tce_tables *all)
{
	for (unsigned i = 0; i < TCE_MAX_TABLES; i++)
		tce_free(all->table[i]);
	pthread_rwlock_destroy(&all->lock);
}

/* The lock is held. */
static struct tce_table *tce_find(struct tce_tables *all, uint64_t liobn)
{
	for (unsigned i = 0; i < TCE_MAX_TABLES; i++)
		if (all->table[i] && all->table[i]->liobn == liobn)
			return all->table[i];
	return NULL;
}

static int tce_insert(struct tce_tables *all, struct tce_table *t)
{
	if (tce_find(all, t->liobn))
		return -EEXIST;
	for (unsigned i = 0; i < TCE_MAX_TABLES; i++)
		if (!all->table[i]) {
			all->table[i] = t;
			return 0;
		}
	return -ENOSPC;
}

int tce_add(struct tce_tables *all, uint32_t liobn, uint64_t base,
	    unsigned shift, uint64_t n)
{
	struct tce_table *t = calloc(1, sizeof(*t));
	int ret = -ENOMEM;

	if (!t)
		return ret;
	*t = (struct tce_table){ liobn, shift, base, n, NULL, -1 };
	if (tce_alloc(all, t)) {
		pthread_rwlock_wrlock(&all->lock);
		ret = tce_insert(all, t);
		pthread_rwlock_unlock(&all->lock);
	}
	if (ret < 0)
		tce_free(t);
	return ret;
}

bool tce_remove(struct tce_tables *all, uint32_t liobn)
{
	struct tce_table *t = NULL;

	pthread_rwlock_wrlock(&all->lock);
	for (unsigned i = 0; i < TCE_MAX_TABLES && !t; i++)
		if (all->table[i] && all->table[i]->liobn == liobn) {
			t = all->table[i];
			all->table[i] = NULL;
		}
	pthread_rwlock_unlock(&all->lock);
	tce_free(t);
	return t;
}

static uint64_t tce_load(const struct tce_table *t, uint64_t i)
{
	return __atomic_load_n(&t->tce[i], __ATOMIC_RELAXED);
}

static void tce_store(struct tce_table *t, uint64_t i, uint64_t val)
{
	__atomic_store_n(&t->tce[i], val, __ATOMIC_RELAXED);
}

void tce_clear(struct tce_tables *all, uint32_t liobn)
{
	struct tce_table *t;

	pthread_rwlock_wrlock(&all->lock);
	t = tce_find(all, liobn);
	if (t)
		memset(t->tce, 0, t->n * sizeof(*t->tce));
	pthread_rwlock_unlock(&all->lock);
}

/* ---- translation */

/*
 * The guest address behind a bus address, and how many of len bytes lie in its
 * page; false where the device has no access.
 */
static bool tce_page(const struct tce_table *t, uint64_t addr, uint64_t len,
		     bool write, gpa_t *gpa, uint64_t *part)
{
	uint64_t mask = (UINT64_C(1) << t->shift) - 1;
	uint64_t i = (addr - t->base) >> t->shift;
	uint64_t tce;

	if (addr < t->base || i >= t->n)
		return false;
	tce = tce_load(t, i);
	if (!(tce & (write ? TCE_WRITE : TCE_READ)))
		return false;
	*gpa = (tce & ~mask) | (addr & mask);
	*part = mask + 1 - (addr & mask);
	if (*part > len)
		*part = len;
	return true;
}

/* Does something with each stretch of guest memory behind [addr, +len). */
typedef int tce_fn(void *opaque, gpa_t gpa, uint64_t len);

static int tce_walk(struct tce_tables *all, uint32_t liobn, uint64_t addr,
		    uint64_t len, bool write, tce_fn *fn, void *opaque)
{
	struct tce_table *t;
	int ret = 0;

	pthread_rwlock_rdlock(&all->lock);
	t = tce_find(all, liobn);
	while (!ret && len) {
		uint64_t part;
		gpa_t gpa;

		if (!t || !tce_page(t, addr, len, write, &gpa, &part)) {
			ret = -EFAULT;
			break;
		}
		ret = fn(opaque, gpa, part);
		addr += part;
		len -= part;
	}
	pthread_rwlock_unlock(&all->lock);
	return ret;
}

struct tce_copy {
	const struct mem *mem;
	uint8_t *buf;
};

static int tce_copy_in(void *opaque, gpa_t gpa, uint64_t len)
{
	struct tce_copy *c = opaque;
	int ret = mem_read(c->mem, gpa, c->buf, len);

	c->buf += len;
	return ret;
}

static int tce_copy_out(void *opaque, gpa_t gpa, uint64_t len)
{
	struct tce_copy *c = opaque;
	int ret = mem_write(c->mem, gpa, c->buf, len);

	c->buf += len;
	return ret;
}

int tce_read(struct tce_tables *all, uint32_t liobn, uint64_t addr, void *buf,
	     size_t len)
{
	struct tce_copy c = { all->mem, buf };

	return tce_walk(all, liobn, addr, len, false, tce_copy_in, &c);
}

int tce_write(struct tce_tables *all, uint32_t liobn, uint64_t addr,
	      const void *buf, size_t len)
{
	struct tce_copy c = { all->mem, (uint8_t *)buf };

	return tce_walk(all, liobn, addr, len, true, tce_copy_out, &c);
}

struct tce_iovs {
	const struct mem *mem;
	bool write;
	struct iovec *iov;
	unsigned *n, max;
	unsigned first; /* of this call's */
};

static int tce_add_iov(void *opaque, gpa_t gpa, uint64_t len)
{
	struct tce_iovs *v = opaque;
	struct iovec *last = *v->n > v->first ? &v->iov[*v->n - 1] : NULL;
	const void *p = v->write ? mem_run_rw(v->mem, gpa, len)
				 : mem_run(v->mem, gpa, len);

	if (p && last && (char *)last->iov_base + last->iov_len == p) {
		last->iov_len += len;
		return 0;
	}
	return mem_iov(v->mem, gpa, len, v->write, v->iov, v->n, v->max);
}

int tce_iov(struct tce_tables *all, uint32_t liobn, uint64_t addr, uint64_t len,
	    bool write, struct iovec *iov, unsigned *n, unsigned max)
{
	struct tce_iovs v = { all->mem, write, iov, n, max, *n };

	return tce_walk(all, liobn, addr, len, write, tce_add_iov, &v);
}

/* ---- hypercalls: R4 the LIOBN, R5 the I/O bus address */

/* The entry of an address, n of which exist; or t->n. */
static uint64_t tce_index(const struct tce_table *t, uint64_t ioba, uint64_t n)
{
	uint64_t mask = (UINT64_C(1) << t->shift) - 1;
	uint64_t i = (ioba - t->base) >> t->shift;

	if (ioba < t->base || (ioba & mask) || i >= t->n || n > t->n - i)
		return t->n;
	return i;
}

/* What an entry names is a page of its own size. */
static bool tce_valid(const struct tce_table *t, uint64_t tce)
{
	uint64_t mask = (UINT64_C(1) << t->shift) - 1;

	return !(tce & mask & ~TCE_BITS);
}

/* Entries i to i + n from a list in guest memory, or all of one value. */
static long tce_put(struct tce_tables *all, uint64_t liobn, uint64_t ioba,
		    uint64_t n, const uint64_t *list, uint64_t value)
{
	struct tce_table *t;
	uint64_t i;
	long ret = H_PARAMETER;

	pthread_rwlock_rdlock(&all->lock);
	t = tce_find(all, liobn);
	i = t ? tce_index(t, ioba, n) : 0;
	if (t && i < t->n) {
		ret = H_SUCCESS;
		for (uint64_t k = 0; k < n && !ret; k++) {
			uint64_t tce = list ? be64toh(list[k]) : value;

			if (tce_valid(t, tce))
				tce_store(t, i + k, tce);
			else
				ret = H_PARAMETER;
		}
	}
	pthread_rwlock_unlock(&all->lock);
	return ret;
}

static long h_put_tce(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		      uint64_t out[HCALL_REGS])
{
	(void)cpu, (void)out;
	return tce_put(opaque, in[0], in[1], 1, NULL, in[2]);
}

/* R6: the list's address, a page; R7: how many. */
static long h_put_tce_indirect(void *opaque, unsigned cpu,
			       const uint64_t in[HCALL_REGS],
			       uint64_t out[HCALL_REGS])
{
	struct tce_tables *all = opaque;
	uint64_t list[TCE_LIST_MAX];

	(void)cpu, (void)out;
	if (in[3] > TCE_LIST_MAX || in[2] % 4096 ||
	    mem_read(all->mem, in[2], list, in[3] * sizeof(*list)) < 0)
		return H_PARAMETER;
	return tce_put(all, in[0], in[1], in[3], list, 0);
}

static long h_stuff_tce(void *opaque, unsigned cpu,
			const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	(void)cpu, (void)out;
	return tce_put(opaque, in[0], in[1], in[3], NULL, in[2]);
}

/* R4: the entry. */
static long h_get_tce(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		      uint64_t out[HCALL_REGS])
{
	struct tce_tables *all = opaque;
	struct tce_table *t;
	long ret = H_PARAMETER;
	uint64_t i;

	(void)cpu;
	pthread_rwlock_rdlock(&all->lock);
	t = tce_find(all, in[0]);
	i = t ? tce_index(t, in[1], 1) : 0;
	if (t && i < t->n) {
		out[0] = tce_load(t, i);
		ret = H_SUCCESS;
	}
	pthread_rwlock_unlock(&all->lock);
	return ret;
}

const struct hcall tce_hcalls[] = {
	{ 0x1c, "H_GET_TCE", h_get_tce },
	{ 0x20, "H_PUT_TCE", h_put_tce },
	{ 0x138, "H_STUFF_TCE", h_stuff_tce },
	{ 0x13c, "H_PUT_TCE_INDIRECT", h_put_tce_indirect },
	{ 0 },
};
