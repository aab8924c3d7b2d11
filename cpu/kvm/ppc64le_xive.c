/* SPDX-License-Identifier: MIT */
/* KVM's XIVE on ppc64le hosts: sources, queues, the pages a guest maps. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu/kvm/ppc64le.h"

/* Of the four pages of a thread's context a guest gets that of its kernel. */
#define TIMA_PAGES 4
#define TIMA_OS	   2

/* Everything there is below the last source; of these the guest has three. */
enum { SLOT_TIMA, SLOT_SERVERS, SLOT_SOURCES };

struct kvm_xive {
	struct xive_hw hw;
	struct kvm_ppc *p;
	uint32_t nservers, nsources; /* numbers below nsources */
	size_t page;
	uint8_t *tima, *esb; /* MAP_FAILED until they are mapped */
	bool *asserted;	     /* atomic, of the board's sources: levels */
};

static struct kvm_xive *xive_of(struct xive_hw *x)
{
	return container_of(x, struct kvm_xive, hw);
}

static const struct board *xive_board(const struct kvm_xive *x)
{
	return x->p->vm->vm.cfg->board;
}

/* The index of a board's source; nlines and above: it is a server's. */
static uint32_t xive_line(const struct kvm_xive *x, uint32_t source)
{
	return source - xive_board(x)->ppc.first_source;
}

/* ---- the device's attributes */

static int xive_set(struct kvm_xive *x, uint32_t group, uint64_t attr,
		    const void *val)
{
	return kvm_ppc_attr(x->p->chip, KVM_SET_DEVICE_ATTR, group, attr, val);
}

static int kvm_xive_route(struct xive_hw *hw, uint32_t source,
			  const struct xive_route *r)
{
	uint64_t val = (uint64_t)r->eisn << KVM_XIVE_SOURCE_EISN_SHIFT;

	if (r->masked)
		val |= KVM_XIVE_SOURCE_MASKED_MASK;
	val |= (uint64_t)r->server << KVM_XIVE_SOURCE_SERVER_SHIFT;
	val |= (uint64_t)r->priority << KVM_XIVE_SOURCE_PRIORITY_SHIFT;
	return xive_set(xive_of(hw), KVM_DEV_XIVE_GRP_SOURCE_CONFIG, source,
			&val);
}

static uint64_t xive_queue_id(uint32_t server, uint8_t priority)
{
	return (uint64_t)server << KVM_XIVE_EQ_SERVER_SHIFT |
	       (uint64_t)priority << KVM_XIVE_EQ_PRIORITY_SHIFT;
}

static int kvm_xive_queue(struct xive_hw *hw, uint32_t server, uint8_t priority,
			  gpa_t base, unsigned shift)
{
	struct kvm_ppc_xive_eq eq = { 0 };

	if (shift) {
		eq.flags = KVM_XIVE_EQ_ALWAYS_NOTIFY;
		eq.qshift = shift;
		eq.qaddr = base;
		eq.qtoggle = 1;
	}
	return xive_set(xive_of(hw), KVM_DEV_XIVE_GRP_EQ_CONFIG,
			xive_queue_id(server, priority), &eq);
}

static int kvm_xive_queue_at(struct xive_hw *hw, uint32_t server,
			     uint8_t priority, uint32_t *toggle,
			     uint32_t *index)
{
	struct kvm_ppc_xive_eq eq = { 0 };
	int ret = kvm_ppc_attr(xive_of(hw)->p->chip, KVM_GET_DEVICE_ATTR,
			       KVM_DEV_XIVE_GRP_EQ_CONFIG,
			       xive_queue_id(server, priority), &eq);

	*toggle = eq.qtoggle;
	*index = eq.qindex;
	return ret;
}

static int kvm_xive_sync(struct xive_hw *hw, uint32_t source)
{
	return xive_set(xive_of(hw), KVM_DEV_XIVE_GRP_SOURCE_SYNC, source,
			NULL);
}

static bool kvm_xive_level(struct xive_hw *hw, uint32_t source)
{
	struct kvm_xive *x = xive_of(hw);
	uint32_t i = xive_line(x, source);

	return i < xive_board(x)->nlines && x->p->level[i];
}

/* A source as it begins: masked, nothing pending. */
static int xive_source_init(struct kvm_xive *x, uint32_t source)
{
	uint64_t val = kvm_xive_level(&x->hw, source) ? KVM_XIVE_LEVEL_SENSITIVE
						      : 0;

	return xive_set(x, KVM_DEV_XIVE_GRP_SOURCE, source, &val);
}

/* All of them; the levels are still what their devices say. */
static int xive_sources_init(struct kvm_xive *x)
{
	const struct board *b = xive_board(x);
	int ret = 0;

	for (uint32_t i = 0; !ret && i < x->nservers; i++)
		ret = xive_source_init(x, i);
	for (uint32_t i = 0; !ret && i < b->nlines; i++)
		ret = xive_source_init(x, b->ppc.first_source + i);
	return ret;
}

static int kvm_xive_reset(struct xive_hw *hw)
{
	struct kvm_xive *x = xive_of(hw);
	int ret = xive_set(x, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL);

	return ret ? ret : xive_sources_init(x);
}

/* ---- event state buffers: a source's two pages, trigger and management */

static volatile uint64_t *xive_page(const struct kvm_xive *x, uint32_t source,
				    bool manage, uint32_t off)
{
	return (volatile uint64_t *)(x->esb +
				     (2 * (size_t)source + manage) * x->page +
				     off);
}

static uint64_t xive_load(const struct kvm_xive *x, uint32_t source,
			  uint32_t off)
{
	return be64toh(*xive_page(x, source, true, off));
}

/* The end of a level that is still there is its next beginning. */
static uint64_t xive_level_eoi(struct kvm_xive *x, uint32_t source)
{
	bool *asserted = &x->asserted[xive_line(x, source)];

	xive_load(x, source, XIVE_ESB_SET_PQ_00);
	if (__atomic_load_n(asserted, __ATOMIC_SEQ_CST))
		*xive_page(x, source, false, 0) = 0;
	return 0;
}

static uint64_t kvm_xive_esb(struct xive_hw *hw, uint32_t source, uint32_t off,
			     bool store, uint64_t val)
{
	struct kvm_xive *x = xive_of(hw);

	if (store) {
		*xive_page(x, source, true, off) = htobe64(val);
		return 0;
	}
	if (off == XIVE_ESB_LOAD_EOI && kvm_xive_level(hw, source))
		return xive_level_eoi(x, source);
	return xive_load(x, source, off);
}

static const struct xive_hw_ops kvm_xive_ops = {
	.route = kvm_xive_route,
	.queue = kvm_xive_queue,
	.queue_at = kvm_xive_queue_at,
	.sync = kvm_xive_sync,
	.esb = kvm_xive_esb,
	.level = kvm_xive_level,
	.reset = kvm_xive_reset,
};

/* ---- lines */

static int kvm_xive_ics_level(struct ics *s, uint32_t source, bool level)
{
	struct kvm_ppc *p = container_of(s, struct kvm_ppc, ics);
	struct kvm_xive *x = p->xive;
	uint32_t i = xive_line(x, source);

	if (i >= xive_board(x)->nlines)
		return -EINVAL;
	p->level[i] = level;
	return xive_source_init(x, source);
}

static const struct ics_ops kvm_xive_ics_ops = { .level = kvm_xive_ics_level };

/* The edge of a level triggers once; what follows is its end's to do. */
static void kvm_xive_set_line(struct kvm_vm *vm, unsigned line, bool level)
{
	struct kvm_xive *x = kvm_ppc_of(vm)->xive;
	uint32_t i = xive_line(x, line);
	bool was = false;

	if (i >= xive_board(x)->nlines)
		return;
	if (x->p->level[i])
		was = __atomic_exchange_n(&x->asserted[i], level,
					  __ATOMIC_SEQ_CST);
	if (level && !was)
		*xive_page(x, line, false, 0) = 0;
}

/* ---- the chip */

/* KVM fills such a mapping by page faults, the guest's as well as ours. */
static uint8_t *xive_map(const struct kvm_xive *x, size_t pages, unsigned at)
{
	return mmap(NULL, pages * x->page, PROT_READ | PROT_WRITE, MAP_SHARED,
		    x->p->chip, (off_t)(at * x->page));
}

/* Slots from the top: guest memory has those from the bottom. */
static int xive_slot(struct kvm_xive *x, unsigned n, gpa_t base, uint8_t *host,
		     size_t size)
{
	const struct kvm_vm *vm = x->p->vm;
	struct kvm_userspace_memory_region s = {
		.slot = (uint32_t)kvm_check(vm, KVM_CAP_NR_MEMSLOTS) - 1 - n,
		.guest_phys_addr = base,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &s);
}

static int xive_show(struct kvm_xive *x)
{
	const struct board *b = xive_board(x);
	size_t first = 2 * x->page * b->ppc.first_source;

	if (xive_slot(x, SLOT_TIMA, b->ppc.xive_tima + TIMA_OS * x->page,
		      x->tima + TIMA_OS * x->page, x->page) < 0 ||
	    xive_slot(x, SLOT_SERVERS, b->ppc.xive_esb, x->esb,
		      2 * x->page * x->nservers) < 0)
		return -1;
	return xive_slot(x, SLOT_SOURCES, b->ppc.xive_esb + first,
			 x->esb + first, 2 * x->page * b->nlines);
}

static int xive_pages(struct kvm_xive *x, struct err *err)
{
	x->tima = xive_map(x, TIMA_PAGES, KVM_XIVE_TIMA_PAGE_OFFSET);
	if (x->tima != MAP_FAILED)
		x->esb = xive_map(x, 2 * (size_t)x->nsources,
				  KVM_XIVE_ESB_PAGE_OFFSET);
	if (x->tima == MAP_FAILED || x->esb == MAP_FAILED)
		return kvm_error(err, "its interrupt controller's pages");
	return xive_show(x) < 0 ? kvm_error(err, "them to the guest") : 0;
}

static struct kvm_xive *xive_new(struct kvm_ppc *p)
{
	const struct board *b = p->vm->vm.cfg->board;
	struct kvm_xive *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	*x = (struct kvm_xive){ .hw = { &kvm_xive_ops },
				.p = p,
				.nservers = board_servers(b),
				.nsources = b->ppc.first_source + b->nlines,
				.page = (size_t)1 << b->ppc.page_shift,
				.tima = MAP_FAILED,
				.esb = MAP_FAILED };
	x->asserted = calloc(b->nlines, sizeof(*x->asserted));
	if (!x->asserted) {
		free(x);
		return NULL;
	}
	return x;
}

int kvm_ppc_xive_init(struct kvm_vm *vm, struct err *err)
{
	struct kvm_create_device d = { .type = KVM_DEV_TYPE_XIVE };
	struct kvm_ppc *p = kvm_ppc_of(vm);

	p->level = calloc(vm->vm.cfg->board->nlines, sizeof(*p->level));
	p->xive = p->level ? xive_new(p) : NULL;
	if (!p->xive)
		return err_nomem(err, "the interrupt controller");
	if (ioctl(vm->fd, KVM_CREATE_DEVICE, &d) < 0)
		return kvm_error(err, "its interrupt controller (XIVE)");
	p->chip = (int)d.fd;
	p->ics.ops = &kvm_xive_ics_ops;
	vm->vm.ics = &p->ics;
	vm->vm.xive = &p->xive->hw;
	vm->set_line = kvm_xive_set_line;
	vm->chip.nlines = vm->vm.cfg->board->nlines;
	/* It makes room for fewer threads; kernels before 5.5 cannot. */
	xive_set(p->xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS,
		 &p->xive->nservers);
	if (xive_sources_init(p->xive) < 0)
		return kvm_error(err, "an interrupt source");
	return xive_pages(p->xive, err);
}

void kvm_ppc_xive_destroy(struct kvm_xive *x)
{
	if (!x)
		return;
	if (x->tima != MAP_FAILED)
		munmap(x->tima, TIMA_PAGES * x->page);
	if (x->esb != MAP_FAILED)
		munmap(x->esb, 2 * (size_t)x->nsources * x->page);
	free(x->asserted);
	free(x);
}

int kvm_ppc_xive_reset(struct kvm_xive *x)
{
	return kvm_xive_reset(&x->hw);
}
