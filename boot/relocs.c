/* SPDX-License-Identifier: MIT */
/* Linux's x86 relocation tables, applied as its decompressor does. */
#include <errno.h>
#include <inttypes.h>

#include "boot/x86.h"

/*
 * After the ELF file come two or three lists of 32-bit words.  Each begins
 * with a zero word; each other word is the low half of the linked virtual
 * address of a field.  In order: 64-bit fields, (until Linux 6.14) 32-bit
 * fields that are subtracted from, 32-bit fields.  See handle_relocations()
 * in arch/x86/boot/compressed/misc.c, which walks them backwards.
 */
struct relocs {
	const uint8_t *list[3]; /* first word after the zero */
	size_t n[3];
	unsigned lists;
};

static bool relocs_find(const void *table, size_t n, struct relocs *r)
{
	/* The lists are aligned to the end; a pad may come first. */
	const uint8_t *p = (const uint8_t *)table + n % 4;

	r->lists = 0;
	for (size_t i = 0; i < n / 4; i++) {
		if (get_le32(p + i * 4)) {
			if (!r->lists)
				return false;
			r->n[r->lists - 1]++;
			continue;
		}
		if (r->lists == 3)
			return false;
		r->list[r->lists] = p + i * 4 + 4;
		r->n[r->lists++] = 0;
	}
	return r->lists >= 2;
}

bool x86_has_relocs(const void *table, size_t n)
{
	struct relocs r;

	return relocs_find(table, n, &r);
}

enum relocs_kind { RELOCS_64, RELOCS_32_INVERSE, RELOCS_32 };

static int relocs_apply(const uint8_t *list, size_t n, enum relocs_kind kind,
			uint8_t *kernel, uint64_t size, uint64_t link,
			uint64_t delta, struct err *err)
{
	unsigned width = kind == RELOCS_64 ? 8 : 4;

	if (size < width)
		size = width = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t at =
			(uint64_t)(int64_t)(int32_t)get_le32(list + i * 4);
		uint8_t *p;

		if (!width || at - link > size - width)
			return err_set(err, ENOEXEC,
				       "a relocation at 0x%" PRIx64
				       " is outside of the kernel",
				       at);
		p = kernel + (at - link);
		if (kind == RELOCS_64)
			put_le64(p, get_le64(p) + delta);
		else if (kind == RELOCS_32)
			put_le32(p, get_le32(p) + (uint32_t)delta);
		else
			put_le32(p, get_le32(p) - (uint32_t)delta);
	}
	return 0;
}

int x86_relocate(const void *table, size_t n, void *kernel, uint64_t size,
		 uint64_t link, uint64_t delta, struct err *err)
{
	struct relocs r;

	if (!relocs_find(table, n, &r))
		return 0;
	for (unsigned i = 0; i < r.lists; i++) {
		enum relocs_kind kind = i == 0		   ? RELOCS_64
					: i == r.lists - 1 ? RELOCS_32
							   : RELOCS_32_INVERSE;
		int ret = relocs_apply(r.list[i], r.n[i], kind, kernel, size,
				       link, delta, err);

		if (ret)
			return ret;
	}
	return 1;
}
