/* SPDX-License-Identifier: MIT */
/* Runs one freestanding IA-64 program on the engine: runner [-c|-t]
 * PROGRAM.ELF.
 *
 * The program is at privilege level 3 in virtual memory of 16 KiB pages, which
 * come and go through TLB misses as an operating system would have it: nothing
 * is mapped at first, and the handlers are bundles that break into this file.
 * A page is readable and executable, or readable and writable, as its segment
 * says.  A control-speculative load from nowhere is deferred by PSR.ed.
 *
 * System calls are break instructions: 0x1000 ends the program with the status
 * in r14, 0x1001 writes r15 bytes at r14 to standard output, 0x1002 does
 * nothing, 0x1003 does nothing in the handler of level 0.  With -c the number
 * of executed instructions goes to stderr, with -t the microseconds of
 * processor time that they took. Exit status: the program's; 99 where it
 * faulted or ran for too long.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpu/ia64/cpu.h"
#include "cpu/ia64/mmu.h"

#define RAM_SIZE     (UINT64_C(96) << 20)
#define PAGE_SHIFT   14
#define VECTORS	     UINT64_C(0xe000000000000000) /* where IVA points */
#define VECTORS_SIZE 0x8000
#define STACK	     UINT64_C(0x8000000000000000)
#define REG_STACK    UINT64_C(0x8000000040000000)
#define STACK_SIZE   (UINT64_C(8) << 20)
#define MAX_SEGMENTS 8
#define MAX_BRANCHES UINT64_C(4000000000)
#define FAILED	     99
enum {
	SYS_EXIT = 0x1000,
	SYS_WRITE,
	SYS_NOTHING,
	SYS_TRAP,
	IN_VECTOR = 0x10000
};

struct segment {
	uint64_t va, size, pa; /* va and pa: multiples of the page size */
	unsigned ar;	       /* access rights, SDM 2:4.1.1.6 */
};
struct machine {
	struct mem mem;
	struct ia64_env env;
	struct ia64_cpu *c;
	uint8_t *ram;
	uint64_t used; /* bytes of ram from 0 on */
	struct segment seg[MAX_SEGMENTS];
	unsigned nseg;
	int status;
};

static void die(const char *what)
{
	fprintf(stderr, "runner: %s\n", what);
	exit(FAILED);
}

static const struct segment *segment_of(const struct machine *m, uint64_t va)
{
	for (unsigned i = 0; i < m->nseg; i++)
		if (va - m->seg[i].va < m->seg[i].size)
			return &m->seg[i];
	return NULL;
}

static struct segment *add_segment(struct machine *m, uint64_t va,
				   uint64_t size, unsigned ar)
{
	uint64_t page = UINT64_C(1) << PAGE_SHIFT, low = va & (page - 1);
	struct segment *s = &m->seg[m->nseg];

	size = (size + low + page - 1) & ~(page - 1);
	if (m->nseg == MAX_SEGMENTS || size > RAM_SIZE - m->used)
		die("the program is too large");
	*s = (struct segment){ va - low, size, m->used, ar };
	m->used += size;
	m->nseg++;
	return s;
}

/* ---- faults */
static void report(const struct ia64_cpu *c, uint64_t imm)
{
	fprintf(stderr,
		"runner: vector 0x%04x at 0x%016llx slot %u: ISR 0x%llx, IFA "
		"0x%llx, break 0x%llx, b0 0x%llx, sp 0x%llx\n",
		(unsigned)(imm - IN_VECTOR), (unsigned long long)c->cr[CR_IIP],
		(unsigned)(c->cr[CR_IPSR] >> 41 & 3),
		(unsigned long long)c->cr[CR_ISR],
		(unsigned long long)c->cr[CR_IFA],
		(unsigned long long)c->cr[CR_IIM], (unsigned long long)c->br[0],
		(unsigned long long)c->gr[12]);
}

/* In the handler of a TLB miss: inserts what is missing. */
static bool miss(struct machine *m, bool data)
{
	struct ia64_cpu *c = m->c;
	uint64_t va = c->cr[CR_IFA];
	const struct segment *s = segment_of(m, va);
	uint64_t off, rid = c->rr[va >> 61] >> 8 & 0xffffff;
	struct ia64_tlbe e;

	if (!s) {
		if (!(c->cr[CR_ISR] & ISR_SP))
			return false;
		c->cr[CR_IPSR] |= PSR_ED;
		return true;
	}
	off = (va - s->va) >> PAGE_SHIFT << PAGE_SHIFT;
	ia64_tlbe_make(&e, 0x61 | 3 << 7 | s->ar << 9 | (s->pa + off),
		       PAGE_SHIFT << 2, va, (uint32_t)rid);
	ia64_tc_insert(c, data, &e);
	return true;
}

static void sys_write(struct machine *m, uint64_t va, uint64_t len)
{
	const struct segment *s = segment_of(m, va);

	if (!s || len > s->size - (va - s->va))
		die("write: no such memory");
	fwrite(m->ram + s->pa + (va - s->va), 1, len, stdout);
}

/* In the handler of a break: what comes back does so behind it. */
static bool trapped(struct ia64_cpu *c)
{
	uint64_t ri = c->cr[CR_IPSR] >> 41 & 3;

	c->cr[CR_IPSR] &= ~PSR_RI;
	if (ri == 2)
		c->cr[CR_IIP] += 16;
	else
		c->cr[CR_IPSR] |= (ri + 1) << 41;
	return c->cr[CR_IIM] == SYS_TRAP;
}

static enum ia64_service service(void *opaque, struct ia64_cpu *c, uint64_t imm)
{
	struct machine *m = opaque;
	bool good = true;

	switch (imm) {
	case SYS_WRITE: sys_write(m, c->gr[14], c->gr[15]); break;
	case SYS_NOTHING: break;
	case SYS_TRAP: return IA64_SERVICE_NONE;
	case IN_VECTOR + VEC_BREAK: good = trapped(c); break;
	case SYS_EXIT:
		m->status = (int)c->gr[14];
		c->stop = 1;
		break;
	case IN_VECTOR + VEC_ALT_ITLB: good = miss(m, false); break;
	case IN_VECTOR + VEC_ALT_DTLB: good = miss(m, true); break;
	default: good = false; break;
	}
	if (!good) {
		report(c, imm);
		m->status = FAILED;
		c->stop = 1;
	}
	return IA64_SERVICE_DONE;
}

static uint64_t itc(void *opaque)
{
	(void)opaque;
	return 0;
}

/* ---- the machine */
/* Handlers: break.m IN_VECTOR + vector; nop.f; rfi. */
static void write_vectors(struct machine *m)
{
	uint64_t e_pte = 0x61 | 3 << 9; /* for level 0: read, write, execute */
	struct ia64_tlbe e;

	for (uint64_t v = 0; v < VECTORS_SIZE; v += 0x100) {
		struct ia64_bundle b = {
			.tmpl = 0x1d,
			.slot = { ((IN_VECTOR + v) & 0xfffff) << 6,
				  UINT64_C(1) << 27, UINT64_C(8) << 27 },
		};
		ia64_bundle_store(&b, m->ram + v);
	}
	m->used = VECTORS_SIZE;
	for (unsigned data = 0; data < 2; data++) {
		ia64_tlbe_make(&e, e_pte, 16 << 2, VECTORS, 7);
		m->c->tr[data][0] = e;
	}
}

static void start(struct machine *m, uint64_t entry)
{
	struct ia64_cpu *c = m->c;

	for (unsigned i = 0; i < 8; i++)
		c->rr[i] = i << 8 | PAGE_SHIFT << 2;
	write_vectors(m);
	c->cr[CR_IVA] = VECTORS;
	add_segment(m, STACK, STACK_SIZE, 2);
	add_segment(m, REG_STACK, STACK_SIZE, 2);
	c->gr[12] = STACK + STACK_SIZE - 16;
	c->bspstore = REG_STACK;
	c->ar[AR_RSC] = 3 << 2;
	/* no PSR.ac: csmith points into packed structures, as natively it may
	 */
	c->psr = PSR_IC | PSR_DT | PSR_IT | PSR_RT | PSR_BN | PSR_CPL;
	c->ip = entry;
	c->ri = 0;
	ia64_written(c);
}

static uint8_t *slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(RAM_SIZE);

	if (!f || !data) {
		fprintf(stderr, "runner: cannot open '%s': %s\n", path,
			strerror(errno));
		exit(FAILED);
	}
	*size = fread(data, 1, RAM_SIZE, f);
	fclose(f);
	return data;
}

/* Loads the segments of a static little-endian program; returns its entry. */
static uint64_t load(struct machine *m, const char *path)
{
	size_t size;
	uint8_t *data = slurp(path, &size);
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (size < sizeof(eh))
		die("the program is too short");
	memcpy(&eh, data, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_machine != EM_IA_64 ||
	    eh.e_phoff > size || eh.e_phnum * sizeof(ph) > size - eh.e_phoff)
		die("not a program for IA-64");
	for (unsigned i = 0; i < eh.e_phnum; i++) {
		const struct segment *s;

		memcpy(&ph, data + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type != PT_LOAD || !ph.p_memsz)
			continue;
		if (ph.p_offset > size || ph.p_filesz > size - ph.p_offset ||
		    ph.p_filesz > ph.p_memsz)
			die("a segment lies outside the file");
		s = add_segment(m, ph.p_vaddr, ph.p_memsz,
				ph.p_flags & PF_X ? 1 : 2);
		memcpy(m->ram + s->pa + (ph.p_vaddr - s->va),
		       data + ph.p_offset, ph.p_filesz);
	}
	free(data);
	return eh.e_entry;
}

static void make_machine(struct machine *m)
{
	struct err err = { 0 };

	m->ram = aligned_alloc(1 << PAGE_SHIFT, RAM_SIZE);
	if (!m->ram)
		die("out of memory");
	memset(m->ram, 0, RAM_SIZE);
	if (mem_add_host(&m->mem, 0, RAM_SIZE, m->ram, false, &err) < 0)
		die("no RAM");
	m->env = (struct ia64_env){
		.mem = &m->mem,
		.itc = itc,
		.service = service,
		.opaque = m,
	};
	m->c = ia64_new(&m->env);
	if (!m->c)
		die("out of memory");
	m->used = VECTORS_SIZE;
}

/* Runs the program to its end; microseconds of this thread. */
static uint64_t run(struct machine *m)
{
	struct timespec from, to;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	if (ia64_run(m->c, MAX_BRANCHES) != IA64_STOP_ASKED)
		die("the program did not end");
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	return (uint64_t)(to.tv_sec - from.tv_sec) * 1000000 +
	       (uint64_t)(to.tv_nsec / 1000) - (uint64_t)(from.tv_nsec / 1000);
}

static uint64_t sum_of(const uint64_t *counts)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < ia64_nforms; i++)
		sum += counts[i];
	return sum;
}

int main(int argc, char **argv)
{
	bool count = argc == 3 && !strcmp(argv[1], "-c");
	bool timed = argc == 3 && !strcmp(argv[1], "-t");
	struct machine m = { .status = FAILED };
	uint64_t *counts = calloc(ia64_nforms, sizeof(*counts)), us;

	if ((argc != 2 && !count && !timed) || !counts)
		die("usage: runner [-c|-t] PROGRAM.ELF");
	make_machine(&m);
	start(&m, load(&m, argv[argc - 1]));
	if (count)
		ia64_count(m.c, counts);
	us = run(&m);
	if (count)
		fprintf(stderr, "%llu instructions\n",
			(unsigned long long)sum_of(counts));
	if (timed)
		fprintf(stderr, "%llu us\n", (unsigned long long)us);
	if (fflush(stdout))
		die("cannot write the output");
	ia64_free(m.c);
	mem_destroy(&m.mem);
	free(m.ram);
	free(counts);
	return m.status;
}
