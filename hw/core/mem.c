/* SPDX-License-Identifier: MIT */
/* Guest memory: the only place where a guest address becomes a pointer. */
#include "hw/core/mem.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/core/prop.h"

#define MEM_PAGE 4096u

static void mem_forget(struct mem *m, unsigned i)
{
	m->n--;
	memmove(&m->range[i], &m->range[i + 1],
		(m->n - i) * sizeof(m->range[0]));
}

static int mem_insert(struct mem *m, const struct mem_range *r, struct err *err)
{
	unsigned i;

	if (!r->size || r->size % MEM_PAGE || r->base % MEM_PAGE ||
	    r->base + (r->size - 1) < r->base)
		return err_set(err, EINVAL,
			       "memory at 0x%" PRIx64
			       " is not whole pages of 4 KiB",
			       r->base);
	if (m->n == MEM_MAX_RANGES)
		return err_set(err, ENOSPC, "more than %u ranges of memory",
			       MEM_MAX_RANGES);
	for (i = 0; i < m->n && m->range[i].base < r->base; i++)
		;
	if ((i > 0 && r->base - m->range[i - 1].base < m->range[i - 1].size) ||
	    (i < m->n && m->range[i].base - r->base < r->size))
		return err_set(err, EEXIST,
			       "memory at 0x%" PRIx64 " overlaps other memory",
			       r->base);
	memmove(&m->range[i + 1], &m->range[i],
		(m->n - i) * sizeof(m->range[0]));
	m->range[i] = *r;
	m->range[i].slot = m->slots++;
	m->n++;
	if (m->listener &&
	    m->listener->map(m->listener->opaque, &m->range[i], err) < 0) {
		mem_forget(m, i);
		return -err->code;
	}
	return 0;
}

unsigned mem_huge_shift(enum mem_hugepages h)
{
	static const uint8_t shifts[] = {
		[MEM_HUGE_2M] = 21, [MEM_HUGE_16M] = 24, [MEM_HUGE_1G] = 30
	};

	return shifts[h];
}

static unsigned mem_huge_flags(enum mem_hugepages h, bool memfd)
{
	unsigned shift = mem_huge_shift(h);

	if (!shift)
		return 0;
	return memfd ? MFD_HUGETLB | shift << MFD_HUGE_SHIFT
		     : MAP_HUGETLB | shift << MAP_HUGE_SHIFT;
}

static uint64_t mem_page(enum mem_hugepages h)
{
	unsigned shift = mem_huge_shift(h);

	return shift ? UINT64_C(1) << shift : (uint64_t)sysconf(_SC_PAGESIZE);
}

static int mem_map_error(const struct mem_config *cfg, uint64_t size, int code,
			 struct err *err)
{
	char text[32];

	err_set(err, code, "cannot map %s of guest memory: %s",
		format_size(size, text, sizeof(text)), strerror(code));
	if (cfg->hugepages == MEM_HUGE_2M)
		err_hint(err, "reserve 2 MiB pages: "
			      "sysctl vm.nr_hugepages=N, or use "
			      "hugepages=thp");
	else if (cfg->hugepages == MEM_HUGE_16M)
		err_hint(err, "only POWER hosts with hash page tables have "
			      "these: reserve them with sysctl "
			      "vm.nr_hugepages=N, or use hugepages=thp");
	else if (cfg->hugepages == MEM_HUGE_1G)
		err_hint(err, "reserve 1 GiB pages at boot (hugepagesz=1G "
			      "hugepages=N), or use hugepages=thp");
	else
		err_hint(err, "give the guest less memory with --memory");
	return -code;
}

/* What huge pages without hugetlbfs are made of, on every host. */
#define MEM_THP (2u << 20)

/*
 * Maps size bytes so that host and guest addresses agree below 2 MiB: only
 * then can one huge page of the host be one of the guest's, too.
 */
static void *mem_map(gpa_t base, uint64_t size, bool huge, int flags, int fd)
{
	uint8_t *all, *p;
	uint64_t skip;

	if (size < MEM_THP || huge) /* hugetlbfs aligns by itself */
		return mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	all = mmap(NULL, size + MEM_THP, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (all == MAP_FAILED)
		return MAP_FAILED;
	skip = (base - (uintptr_t)all) % MEM_THP;
	p = mmap(all + skip, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
		 fd, 0);
	if (p == MAP_FAILED) {
		int code = errno;

		munmap(all, size + MEM_THP);
		errno = code;
		return MAP_FAILED;
	}
	if (skip)
		munmap(all, skip);
	munmap(p + size, MEM_THP - skip);
	return p;
}

/* The kernel would rather kill somebody than refuse. */
static int mem_check_available(uint64_t size, struct err *err)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib = UINT64_MAX / 1024;
	char line[128], want[32], have[32];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	if (size / 1024 <= kib)
		return 0;
	err_set(err, ENOMEM,
		"cannot allocate %s of guest memory: the host has %s left",
		format_size(size, want, sizeof(want)),
		format_size(kib * 1024, have, sizeof(have)));
	err_hint(err, "give the guest less with --memory, or leave out "
		      "prealloc=on");
	return -ENOMEM;
}

int mem_add_ram(struct mem *m, gpa_t base, uint64_t size,
		const struct mem_config *cfg, struct err *err)
{
	struct mem_range r = { .base = base,
			       .size = size,
			       .fd = -1,
			       .page = mem_page(cfg->hugepages),
			       .owned = true };
	bool huge = cfg->hugepages >= MEM_HUGE_2M;
	/* Huge pages are reserved, or a guest that touches them ends us. */
	int flags = huge ? 0 : MAP_NORESERVE;
	void *p;
	int ret;

	if (cfg->prealloc && !huge && mem_check_available(size, err) < 0)
		return -err->code;
	if (cfg->shared) {
		r.fd = memfd_create(
			"vmm-ram",
			MFD_CLOEXEC | mem_huge_flags(cfg->hugepages, true));
		if (r.fd < 0)
			return mem_map_error(cfg, size, errno, err);
		if (ftruncate(r.fd, (off_t)size) < 0) {
			ret = mem_map_error(cfg, size, errno, err);
			close(r.fd);
			return ret;
		}
		flags |= MAP_SHARED;
	} else {
		flags |= MAP_PRIVATE | MAP_ANONYMOUS |
			 (int)mem_huge_flags(cfg->hugepages, false);
	}
	p = mem_map(base, size, huge, flags, r.fd);
	if (p == MAP_FAILED) {
		ret = mem_map_error(cfg, size, errno, err);
		if (r.fd >= 0)
			close(r.fd);
		return ret;
	}
	r.host = p;
	if (cfg->hugepages == MEM_HUGE_THP)
		madvise(p, size, MADV_HUGEPAGE);
	madvise(p, size, MADV_DONTDUMP);
	if (cfg->prealloc && madvise(p, size, MADV_POPULATE_WRITE) < 0) {
		ret = errno == EINVAL ? 0 : errno; /* Linux before 5.14 */
		for (uint64_t o = 0; !ret && o < size; o += MEM_PAGE)
			*(volatile uint8_t *)(r.host + o) = 0;
		if (ret) {
			mem_map_error(cfg, size, ret, err);
			goto fail;
		}
	}
	ret = mem_insert(m, &r, err);
	if (ret == 0)
		return 0;
fail:
	munmap(p, size);
	if (r.fd >= 0)
		close(r.fd);
	return -err->code;
}

int mem_add_host(struct mem *m, gpa_t base, uint64_t size, void *host,
		 bool readonly, struct err *err)
{
	struct mem_range r = { .base = base,
			       .size = size,
			       .host = host,
			       .fd = -1,
			       .readonly = readonly };

	return mem_insert(m, &r, err);
}

/* The index of the range at base, which is there. */
static unsigned mem_index(const struct mem *m, gpa_t base)
{
	unsigned i = 0;

	while (i < m->n && m->range[i].base != base)
		i++;
	assert(i < m->n);
	return i;
}

void mem_remove(struct mem *m, gpa_t base)
{
	unsigned i = mem_index(m, base);

	if (m->listener && !m->range[i].hidden)
		m->listener->unmap(m->listener->opaque, &m->range[i]);
	mem_forget(m, i);
}

int mem_listen(struct mem *m, const struct mem_listener *l, struct err *err)
{
	for (unsigned i = 0; i < m->n; i++)
		if (!m->range[i].hidden &&
		    l->map(l->opaque, &m->range[i], err) < 0)
			return -err->code;
	m->listener = l;
	return 0;
}

void mem_unlisten(struct mem *m)
{
	m->listener = NULL;
}

int mem_show(struct mem *m, gpa_t base, bool on)
{
	struct mem_range *r = &m->range[mem_index(m, base)];
	const struct mem_listener *l = m->listener;
	struct err err = { 0 };

	if (r->hidden != on)
		return 0;
	if (l && on && l->map(l->opaque, r, &err) < 0)
		return -err.code;
	if (l && !on)
		l->unmap(l->opaque, r);
	r->hidden = !on;
	return 0;
}

void mem_destroy(struct mem *m)
{
	for (unsigned i = 0; i < m->n; i++) {
		struct mem_range *r = &m->range[i];

		if (r->owned)
			munmap(r->host, r->size);
		if (r->fd >= 0)
			close(r->fd);
	}
	m->n = 0;
}

uint64_t mem_size(const struct mem *m)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < m->n; i++)
		if (!m->range[i].readonly)
			sum += m->range[i].size;
	return sum;
}

static const struct mem_range *mem_find(const struct mem *m, gpa_t gpa)
{
	for (unsigned i = 0; i < m->n; i++)
		if (gpa - m->range[i].base < m->range[i].size)
			return &m->range[i];
	return NULL;
}

static void *mem_at(const struct mem_range *r, gpa_t gpa, uint64_t len)
{
	if (!r || len > r->size - (gpa - r->base))
		return NULL;
	return r->host + (gpa - r->base);
}

void *mem_run(const struct mem *m, gpa_t gpa, uint64_t len)
{
	return mem_at(mem_find(m, gpa), gpa, len);
}

void *mem_run_rw(const struct mem *m, gpa_t gpa, uint64_t len)
{
	const struct mem_range *r = mem_find(m, gpa);

	return r && !r->readonly ? mem_at(r, gpa, len) : NULL;
}

/* How much of [gpa, gpa + len) lies in the range that holds gpa; 0 if none. */
static uint64_t mem_span(const struct mem *m, gpa_t gpa, uint64_t len,
			 bool write)
{
	const struct mem_range *r = mem_find(m, gpa);
	uint64_t left;

	if (!r || (write && r->readonly))
		return 0;
	left = r->size - (gpa - r->base);
	return left < len ? left : len;
}

static bool mem_covers(const struct mem *m, gpa_t gpa, uint64_t len, bool write)
{
	while (len) {
		uint64_t n = mem_span(m, gpa, len, write);

		if (!n)
			return false;
		gpa += n;
		len -= n;
	}
	return true;
}

int mem_read(const struct mem *m, gpa_t gpa, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (!mem_covers(m, gpa, len, false))
		return -EFAULT;
	while (len) {
		uint64_t n = mem_span(m, gpa, len, false);

		memcpy(to, mem_run(m, gpa, n), n);
		to += n;
		gpa += n;
		len -= n;
	}
	return 0;
}

int mem_write(const struct mem *m, gpa_t gpa, const void *buf, size_t len)
{
	const uint8_t *from = buf;

	if (!mem_covers(m, gpa, len, true))
		return -EFAULT;
	while (len) {
		uint64_t n = mem_span(m, gpa, len, true);

		memcpy(mem_run(m, gpa, n), from, n);
		from += n;
		gpa += n;
		len -= n;
	}
	return 0;
}

int mem_set(const struct mem *m, gpa_t gpa, int byte, uint64_t len)
{
	if (!mem_covers(m, gpa, len, true))
		return -EFAULT;
	while (len) {
		uint64_t n = mem_span(m, gpa, len, true);

		memset(mem_run(m, gpa, n), byte, n);
		gpa += n;
		len -= n;
	}
	return 0;
}

static int mem_discard_range(const struct mem_range *r, uint64_t off,
			     uint64_t len)
{
	uint64_t skip = -off & (r->page - 1);
	int how = r->fd >= 0 ? MADV_REMOVE : MADV_DONTNEED;

	if (len <= skip)
		return 0;
	len = (len - skip) & ~(r->page - 1);
	if (len && madvise(r->host + off + skip, len, how) < 0)
		return -errno;
	return 0;
}

void mem_allow_discard(struct mem *m)
{
	m->may_discard = true;
}

bool mem_may_discard(const struct mem *m)
{
	return m->may_discard;
}

int mem_discard(const struct mem *m, gpa_t gpa, uint64_t len)
{
	if (!m->may_discard)
		return -EPERM;
	if (!mem_covers(m, gpa, len, true))
		return -EFAULT;
	while (len) {
		const struct mem_range *r = mem_find(m, gpa);
		uint64_t n = mem_span(m, gpa, len, true);
		int ret = r->owned ? mem_discard_range(r, gpa - r->base, n) : 0;

		if (ret < 0)
			return ret;
		gpa += n;
		len -= n;
	}
	return 0;
}

int mem_discard_host(const struct mem *m, void *host, uint64_t len)
{
	for (unsigned i = 0; i < m->n; i++) {
		const struct mem_range *r = &m->range[i];
		uint64_t off = (uint64_t)((uintptr_t)host - (uintptr_t)r->host);

		if (off < r->size)
			return len <= r->size - off
				       ? mem_discard(m, r->base + off, len)
				       : -EFAULT;
	}
	return -EFAULT;
}

int mem_iov(const struct mem *m, gpa_t gpa, uint64_t len, bool write,
	    struct iovec *iov, unsigned *n, unsigned max)
{
	while (len) {
		uint64_t part = mem_span(m, gpa, len, write);

		if (!part)
			return -EFAULT;
		if (*n >= max)
			return -E2BIG;
		iov[(*n)++] = (struct iovec){ mem_run(m, gpa, part), part };
		gpa += part;
		len -= part;
	}
	return 0;
}

#define MEM_ACCESS(bits)                                       \
	int mem_load_le##bits(const struct mem *m, gpa_t gpa,  \
			      uint##bits##_t *val)             \
	{                                                      \
		uint##bits##_t raw;                            \
                                                               \
		if (mem_read(m, gpa, &raw, sizeof(raw)) < 0)   \
			return -EFAULT;                        \
		*val = le##bits##toh(raw);                     \
		return 0;                                      \
	}                                                      \
	int mem_store_le##bits(const struct mem *m, gpa_t gpa, \
			       uint##bits##_t val)             \
	{                                                      \
		val = htole##bits(val);                        \
		return mem_write(m, gpa, &val, sizeof(val));   \
	}

MEM_ACCESS(16)
MEM_ACCESS(32)
MEM_ACCESS(64)
