/* SPDX-License-Identifier: MIT */
/* The hypercall table of a pSeries guest. */
#include "hw/spapr/hcall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"

/* Where nr is, or where it would go. */
static size_t hcalls_place(const struct hcalls *h, uint64_t nr)
{
	size_t low = 0, high = h->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (h->entry[mid].call->nr < nr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int hcalls_add_one(struct hcalls *h, const struct hcall *call,
			  void *opaque, struct err *err)
{
	size_t at = hcalls_place(h, call->nr);
	struct hcalls_entry *all;

	if (at < h->n && h->entry[at].call->nr == call->nr)
		return err_set(err, EEXIST,
			       "hypercall 0x%" PRIx32 " is %s's and %s's",
			       call->nr, h->entry[at].call->name, call->name);
	all = realloc(h->entry, (h->n + 1) * sizeof(*all));
	if (!all)
		return err_nomem(err, "the hypercall table");
	h->entry = all;
	memmove(&all[at + 1], &all[at], (h->n - at) * sizeof(*all));
	all[at] = (struct hcalls_entry){ call, opaque };
	h->n++;
	return 0;
}

int hcalls_add(struct hcalls *h, const struct hcall *list, void *opaque,
	       struct err *err)
{
	int ret = 0;

	for (; !ret && list->name; list++)
		ret = hcalls_add_one(h, list, opaque, err);
	return ret;
}

void hcalls_free(struct hcalls *h)
{
	free(h->entry);
	*h = (struct hcalls){ 0 };
}

long hcall_run(const struct hcalls *h, unsigned cpu, uint64_t nr,
	       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	size_t at = hcalls_place(h, nr);

	memset(out, 0, HCALL_RESULTS * sizeof(*out));
	memcpy(out + HCALL_RESULTS, in + HCALL_RESULTS,
	       (HCALL_REGS - HCALL_RESULTS) * sizeof(*out));
	if (at == h->n || h->entry[at].call->nr != nr) {
		/* Guests try which there are. */
		log_debug("hypercall 0x%" PRIx64 " is not known", nr);
		return H_FUNCTION;
	}
	if (!h->entry[at].call->fn) {
		log_debug("nobody answers %s", h->entry[at].call->name);
		return H_FUNCTION;
	}
	return h->entry[at].call->fn(h->entry[at].opaque, cpu, in, out);
}
