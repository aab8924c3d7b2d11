/* SPDX-License-Identifier: MIT */
/* Fragments of host code: which are made, where they are, how found. */
#include "cpu/ia64/native.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BUFFER	  (16u << 20)
#define FRAGMENTS UINT16_MAX /* number 0 is none's */
#define NOT_WORTH UINT16_MAX /* a head's number where none is to be made */
#define LINKS	  (1u << 16)
#define WANTED	  64
#define BATCH	  128
#define PAGE	  (size_t)(64u << 10) /* of hosts, at most */
#define WINDOW	  (1u << 20)	      /* bytes that a batch may take */

/* A jump out of a fragment that may once lead to another's code. */
struct ia64_link {
	const struct ia64_op *to;
	uint8_t *at;
	uint32_t next; /* of the page's, 0: none */
};

struct ia64_native {
	uint8_t *buf;
	size_t used, frame; /* bytes; the frame's */
	size_t from, to;    /* bytes that are writable, or were last */
	bool dead;	    /* the host let it be executed no more */
	struct ia64_emit frame_emit;
	unsigned nfragments, nlinks, nwanted, nhot;
	unsigned batch; /* how many hot operations are waited for */
	const struct ia64_op *wanted[WANTED];
	struct {
		struct ia64_page *page;
		struct ia64_op *o;
	} hot[BATCH];
	struct ia64_fragment fragment[FRAGMENTS + 1]; /* NOT_WORTH's, too */
	struct ia64_link link[LINKS];
};

/* Of bytes from..to of the buffer, both multiples of a page. */
static bool protect(struct ia64_native *n, size_t from, size_t to, int how)
{
	return !mprotect(n->buf + from, to - from, PROT_READ | how);
}

/* What is to be written can be, and cannot be executed. */
static bool begin_writing(struct ia64_native *n)
{
	n->from = n->used & ~(PAGE - 1);
	n->to = n->from + WINDOW < BUFFER ? n->from + WINDOW : BUFFER;
	return protect(n, n->from, n->to, PROT_WRITE);
}

static bool end_writing(struct ia64_native *n)
{
	return protect(n, n->from, n->to, PROT_EXEC);
}

/* The same of a place that was written earlier. */
static bool write_back(struct ia64_native *n, const uint8_t *at)
{
	size_t from = (size_t)(at - n->buf) & ~(PAGE - 1);

	if (from >= n->from)
		return true;
	if (!protect(n, from, n->from, PROT_WRITE))
		return false;
	n->from = from;
	return true;
}

struct ia64_native *ia64_native_new(void)
{
	struct ia64_native *n = ia64_emit_there() ? calloc(1, sizeof(*n))
						  : NULL;

	if (!n)
		return NULL;
	n->buf = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (n->buf == MAP_FAILED) {
		free(n);
		return NULL;
	}
	n->batch = BATCH;
	n->to = BUFFER;
	n->frame_emit = (struct ia64_emit){ .p = n->buf,
					    .fragment = n->fragment,
					    .n = n };
	ia64_emit_frame(&n->frame_emit);
	n->fragment[0].code = n->fragment[NOT_WORTH].code = n->frame_emit.none;
	n->frame = n->used = (size_t)(n->frame_emit.p - n->buf);
	if (!end_writing(n)) {
		ia64_native_free(n);
		return NULL;
	}
	return n;
}

void ia64_native_free(struct ia64_native *n)
{
	if (!n)
		return;
	munmap(n->buf, BUFFER);
	free(n);
}

void ia64_native_flush(struct ia64_native *n)
{
	if (!n)
		return;
	n->used = n->frame;
	n->nfragments = n->nlinks = n->nhot = 0;
}

void ia64_native_eager(struct ia64_cpu *c)
{
	c->hot = 2; /* what is not decoded yet could become none */
	if (c->native)
		c->native->batch = 1;
}

static bool is_nop(const struct ia64_op *o)
{
	return o->op % IA64_PREDICATED == OP_NOP ||
	       o->op % IA64_PREDICATED == OP_NOP_QP;
}

static unsigned head_of(const struct ia64_page *p, const struct ia64_op *o)
{
	return p->head[o - p->op];
}

unsigned ia64_native_op(const struct ia64_cpu *c, const struct ia64_page *p,
			const struct ia64_op *o)
{
	return c->native->fragment[head_of(p, o)].op;
}

uintptr_t ia64_native_enter(struct ia64_cpu *c, const struct ia64_page *p,
			    const struct ia64_op *o)
{
	uintptr_t (*enter)(struct ia64_cpu *, const uint8_t *);
	const struct ia64_native *n = c->native;

	memcpy(&enter, &n->buf, sizeof(enter));
	return enter(c, n->fragment[head_of(p, o)].code);
}

/* ---- for the emitter */
const uint8_t *ia64_native_code(const struct ia64_emit *e,
				const struct ia64_op *o)
{
	unsigned head = head_of(e->page, o);

	return head && head != NOT_WORTH ? e->n->fragment[head].code : NULL;
}

struct ia64_op ia64_native_at(const struct ia64_emit *e,
			      const struct ia64_op *o)
{
	struct ia64_op op = *o;

	if (op.op == OP_NATIVE)
		op.op = e->n->fragment[head_of(e->page, o)].op;
	return op;
}

const struct ia64_op *ia64_native_behind(const struct ia64_op *o)
{
	while (is_nop(o))
		o++;
	return o;
}

void ia64_native_want(struct ia64_emit *e, const struct ia64_op *o)
{
	struct ia64_native *n = e->n;

	if (n->nwanted < WANTED && !head_of(e->page, o))
		n->wanted[n->nwanted++] = o;
}

void ia64_native_link(struct ia64_emit *e, const struct ia64_op *o, uint8_t *at)
{
	struct ia64_native *n = e->n;

	if (n->nlinks + 1 >= LINKS) /* it stays a way to the interpreter */
		return;
	n->link[++n->nlinks] = (struct ia64_link){ o, at, e->page->links };
	e->page->links = n->nlinks;
}

/* ---- making */
static void head_is_made(struct ia64_emit *e, struct ia64_op *o,
			 const uint8_t *code)
{
	struct ia64_native *n = e->n;
	uint32_t *i = &e->page->links;
	ptrdiff_t at;

	n->fragment[++n->nfragments] = (struct ia64_fragment){ code, o->op };
	at = o - e->page->op;
	e->page->head[at] = (uint16_t)n->nfragments;
	o->op = OP_NATIVE;
	/* a branch to the bundle that begins with nops finds it, too */
	while (at % 3 && is_nop(&e->page->op[at - 1]))
		e->page->head[--at] = (uint16_t)n->nfragments;
	while (*i) {
		struct ia64_link *l = &n->link[*i];

		if (l->to == o && write_back(n, l->at)) {
			ia64_emit_patch(l->at, code);
			*i = l->next;
		} else {
			i = &l->next;
		}
	}
}

static bool room(const struct ia64_native *n, size_t size)
{
	return n->used + IA64_FRAGMENT_ROOM <= size &&
	       n->nfragments + 1 < FRAGMENTS && n->nlinks + 1 < LINKS;
}

/* Makes fragments of o and of what it leads to. */
static void make(struct ia64_native *n, struct ia64_page *p, struct ia64_op *o)
{
	struct ia64_emit e;

	n->nwanted = 1;
	n->wanted[0] = o;
	while (n->nwanted && room(n, n->to)) {
		const uint8_t *code = n->buf + n->used;
		uint32_t links = n->nlinks, first = p->links;

		e = n->frame_emit;
		e.p = n->buf + n->used;
		e.page = p;
		o = p->op +
		    (ia64_native_behind(n->wanted[--n->nwanted]) - p->op);
		if (head_of(p, o) || o->op == OP_DECODE)
			continue;
		if (!ia64_emit_fragment(&e, o)) {
			p->head[o - p->op] = NOT_WORTH;
			n->nlinks = links;
			p->links = first;
			continue;
		}
		n->used = (size_t)(e.p - n->buf + 15) & ~(size_t)15;
		head_is_made(&e, o, code);
	}
}

/* Whether there is more to wait for before o becomes code. */
static bool wait(struct ia64_native *n, struct ia64_page *p, struct ia64_op *o)
{
	for (unsigned i = 0; i < n->nhot; i++)
		if (n->hot[i].o == o) /* it is much hotter than others */
			return false;
	if (n->nhot == BATCH)
		return false;
	n->hot[n->nhot].page = p;
	n->hot[n->nhot++].o = o;
	return n->nhot < n->batch;
}

/* The buffer changes hands rarely, for that costs some microseconds. */
bool ia64_native_hot(struct ia64_cpu *c, struct ia64_page *p, struct ia64_op *o)
{
	struct ia64_native *n = c->native;

	/* where there is one, or was to be none, heat comes round again */
	if (!n || n->dead || head_of(p, ia64_native_behind(o)) ||
	    wait(n, p, o) || !begin_writing(n))
		return true;
	while (n->nhot && room(n, n->to)) {
		n->nhot--;
		make(n, n->hot[n->nhot].page, n->hot[n->nhot].o);
	}
	if (!end_writing(n)) /* so its pages may not be entered again */
		n->dead = true;
	return room(n, BUFFER) && !n->dead;
}
