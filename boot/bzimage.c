/* SPDX-License-Identifier: MIT */
/* bzImage: unpacked here and entered at the kernel, or left to unpack. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/linux.h"
#include "boot/unpack.h"
#include "boot/x86.h"
#include "hw/core/log.h"

#define BZ_SECTOR	 512u
#define BZ_ENTRY_64	 0x200	/* from the load address */
#define BZ_MIN_VERSION	 0x020a /* pref_address and init_size, Linux 2.6.31 */
#define BZ_XLOAD_VERSION 0x020c /* xloadflags, Linux 3.8 */
/* Enough for the ELF and program headers at the front of every vmlinux. */
#define BZ_HEAD_SIZE 4096u

/* A bzImage whose header was checked. */
struct bzimage {
	uint8_t header[BZ_HEADER_MAX];
	size_t header_size;
	unsigned version;
	unsigned xloadflags; /* 0 where the version has none */
	uint64_t code;	     /* file offset of the protected-mode part */
	uint64_t code_size;
	uint64_t payload, payload_size; /* file offset */
	uint64_t pref, init_size, align;
	bool relocatable;
};

bool bzimage_is(const struct image *img)
{
	uint8_t magic[4];
	struct err err;

	return img->size >= BZ_MAGIC + 4 &&
	       image_read(img, BZ_MAGIC, magic, 4, &err) == 0 &&
	       !memcmp(magic, "HdrS", 4);
}

static int bzimage_truncated(const struct image *img, uint64_t need,
			     struct err *err)
{
	return err_set(err, ENOEXEC,
		       "'%s' is a truncated bzImage: it has %" PRIu64
		       " bytes of %" PRIu64,
		       img->name, img->size, need);
}

/* Where the parts lie in the file; all of them in it. */
static int bzimage_extent(const struct image *img, struct bzimage *bz,
			  struct err *err)
{
	const uint8_t *h = bz->header;
	unsigned sects = h[BZ_SETUP_SECTS] ? h[BZ_SETUP_SECTS] : 4;
	uint64_t need;

	bz->code = (uint64_t)(sects + 1) * BZ_SECTOR;
	bz->payload = bz->code + get_le32(h + BZ_PAYLOAD_OFFSET);
	bz->payload_size = get_le32(h + BZ_PAYLOAD_LENGTH);
	need = bz->payload + bz->payload_size;
	if (need <= bz->code)
		need = bz->code + 1;
	if (img->size < need)
		return bzimage_truncated(img, need, err);
	/* syssize counts 16-byte paragraphs, the last of which may be short. */
	need = bz->code + (uint64_t)get_le32(h + BZ_SYSSIZE) * 16;
	if (img->size + 15 < need)
		return bzimage_truncated(img, need, err);
	bz->code_size = img->size - bz->code;
	return 0;
}

static int bzimage_parse(const struct image *img, struct bzimage *bz,
			 struct err *err)
{
	uint8_t *h = bz->header;
	size_t n = img->size < BZ_HEADER_MAX ? img->size : BZ_HEADER_MAX;
	int ret;

	if (n < BZ_HEADER_END)
		return bzimage_truncated(img, BZ_HEADER_END, err);
	ret = image_read(img, 0, h, n, err);
	if (ret)
		return ret;
	bz->version = get_le16(h + BZ_VERSION);
	if (bz->version < BZ_MIN_VERSION)
		return err_set(err, ENOTSUP,
			       "'%s' is a bzImage of boot protocol %u.%02u; "
			       "2.10 (Linux 2.6.31) is the oldest that works",
			       img->name, bz->version >> 8, bz->version & 0xff);
	if (!(h[BZ_LOADFLAGS] & BZ_LOADED_HIGH))
		return err_set(err, ENOTSUP,
			       "'%s' is a zImage, which loads below 640 KiB",
			       img->name);
	bz->header_size = BZ_MAGIC + h[BZ_JUMP + 1];
	if (bz->header_size < BZ_HEADER_END)
		bz->header_size = BZ_HEADER_END;
	if (bz->header_size > n)
		bz->header_size = n;
	if (bz->version >= BZ_XLOAD_VERSION)
		bz->xloadflags = get_le16(h + BZ_XLOADFLAGS);
	bz->pref = get_le64(h + BZ_PREF_ADDRESS);
	bz->init_size = get_le32(h + BZ_INIT_SIZE);
	bz->relocatable = h[BZ_RELOCATABLE_KERNEL];
	bz->align = get_le32(h + BZ_KERNEL_ALIGNMENT);
	if (bz->align & (bz->align - 1) || bz->align < X86_2M)
		bz->align = X86_2M;
	return bzimage_extent(img, bz, err);
}

static int bzimage_32bit(const struct loader *l, struct err *err)
{
	err_set(err, ENOTSUP, "'%s' is a 32-bit kernel", l->kernel.name);
	err_hint(err, "x86_64 machines boot 64-bit kernels only");
	return -err->code;
}

/*
 * Chooses where size bytes go: at link if they may and can, else at the next
 * place that is free; anywhere in RAM, at random, when random is set.
 */
static int bzimage_place(struct loader *l, const struct bzimage *bz,
			 uint64_t link, uint64_t size, bool random,
			 uint64_t *base, struct err *err)
{
	uint64_t top = bz->xloadflags & BZ_XLF_ABOVE_4G ? X86_MAX_GPA : X86_4G;
	uint64_t min = link < (512u << 20) ? link : 512u << 20;
	uint64_t slots = 0;

	if (random && bz->relocatable)
		slots = space_slots(&l->free, min, top - min, size, bz->align);
	if (slots)
		*base = space_slot(&l->free, min, top - min, size, bz->align,
				   loader_random(l) % slots);
	else if (space_is_free(&l->free, link, size))
		*base = link;
	else if (bz->relocatable)
		*base = space_low(&l->free, min, top - min, size, bz->align);
	else
		*base = UINT64_MAX;
	if (*base == UINT64_MAX)
		return loader_no_room(l, link, size, err);
	return 0;
}

static uint64_t bzimage_initrd_max(const struct bzimage *bz)
{
	return get_le32(bz->header + BZ_INITRD_ADDR_MAX);
}

/* Below initrd_addr_max where it fits there, else wherever Linux reaches. */
static int bzimage_place_initrd(struct loader *l, const struct bzimage *bz,
				uint64_t link, uint64_t size, struct err *err)
{
	uint64_t max = bzimage_initrd_max(bz);
	int ret = loader_place_initrd(l, 4, max, link, size, err);

	if (ret != -ENOMEM || !(bz->xloadflags & BZ_XLF_ABOVE_4G))
		return ret;
	return loader_retry_initrd(l, X86_MAX_GPA - 1, link, size, err);
}

static void bzimage_describe(const struct bzimage *bz, struct linux_kernel *k)
{
	uint32_t cmdline = get_le32(bz->header + BZ_CMDLINE_SIZE);

	k->header = bz->header;
	k->header_size = bz->header_size;
	k->cmdline_max = cmdline ? cmdline : 255;
}

/* The traditional way: the file's own decompressor runs in the guest. */
static int bzimage_load_packed(struct loader *l, const struct bzimage *bz,
			       struct err *err)
{
	uint64_t size = bz->init_size, link = bz->pref, base;
	struct linux_kernel k = { .kaslr = false };
	uint8_t *to;
	int ret;

	if (!(bz->xloadflags & BZ_XLF_KERNEL_64)) {
		if (bz->version >= BZ_XLOAD_VERSION)
			return bzimage_32bit(l, err);
		return err_set(
			err, ENOTSUP,
			"'%s' has no 64-bit entry: boot protocol %u.%02u "
			"is older than 2.12 (Linux 3.8)",
			l->kernel.name, bz->version >> 8, bz->version & 0xff);
	}
	if (size < bz->code_size)
		size = bz->code_size;
	ret = bzimage_place_initrd(l, bz, link, size, err);
	if (!ret)
		ret = bzimage_place(l, bz, link, size, false, &base, err);
	if (ret)
		return ret;
	space_take(&l->free, base, size);
	to = mem_run_rw(l->mem, base, size);
	if (!to)
		return loader_no_room(l, base, size, err);
	ret = image_read(&l->kernel, bz->code, to, bz->code_size, err);
	if (!ret)
		ret = loader_read_initrd(l, err);
	if (ret)
		return ret;
	l->start->kernel_base = base;
	l->start->kernel_size = size;
	bzimage_describe(bz, &k);
	k.entry = base + BZ_ENTRY_64;
	if (!l->cfg->kaslr && !loader_has_option(l, "nokaslr"))
		k.extra = *loader_cmdline(l) ? " nokaslr" : "nokaslr";
	return linux_start(l, &k, err);
}

/* An unpacked payload: the ELF file, then the relocation tables. */
struct payload {
	struct elf_file elf;
	uint8_t *buf;
	uint64_t size;
	void *scratch; /* buf is a mapping of its own, not guest memory */
};

/*
 * Whether moving each segment within one buffer, in order, reads no byte
 * that an earlier move wrote: the payload lies with its first segment in
 * place, at anchor.  The relocation tables must survive, too.
 */
static bool payload_moves(const struct payload *p, uint64_t anchor)
{
	const struct elf_file *elf = &p->elf;

	for (unsigned i = 0; i < elf->nseg; i++) {
		uint64_t to = elf->seg[i].paddr - elf->low + anchor;
		uint64_t end = to + elf->seg[i].filesz;

		for (unsigned k = i + 1; k < elf->nseg; k++)
			if (to < elf->seg[k].offset + elf->seg[k].filesz &&
			    end > elf->seg[k].offset)
				return false;
		if (end > elf->file_end)
			return false;
	}
	return true;
}

/*
 * Finds the buffer to unpack to: guest memory, so that the first and largest
 * segments are where they belong at once, or else a mapping beside it.
 */
static int payload_buffer(struct loader *l, struct payload *p, uint64_t base,
			  struct err *err)
{
	uint64_t anchor = p->elf.seg[0].offset;

	if (base > anchor && space_is_free(&l->free, base - anchor, p->size) &&
	    payload_moves(p, anchor))
		p->buf = mem_run_rw(l->mem, base - anchor, p->size);
	if (p->buf) {
		loader_populate(p->buf, p->size);
		return 0;
	}
	p->scratch = mmap(NULL, p->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->scratch == MAP_FAILED) {
		p->scratch = NULL;
		return err_nomem(err, "the unpacked kernel");
	}
	p->buf = p->scratch;
	return 0;
}

/* Puts the segments where they run; .bss comes after the relocations. */
static void payload_spread(const struct payload *p, uint8_t *kernel)
{
	for (unsigned i = 0; i < p->elf.nseg; i++) {
		const struct elf_segment *s = &p->elf.seg[i];
		uint8_t *to = kernel + (s->paddr - p->elf.low);

		if (to != p->buf + s->offset)
			memmove(to, p->buf + s->offset, s->filesz);
	}
}

/* Clears .bss and its like: of fresh memory only what unpacking soiled. */
static void payload_clear(const struct loader *l, const struct payload *p,
			  uint8_t *kernel)
{
	uint64_t soiled = p->scratch ? 0 : p->size - p->elf.seg[0].offset;

	for (unsigned i = 0; i < p->elf.nseg; i++) {
		const struct elf_segment *s = &p->elf.seg[i];
		uint64_t at = s->paddr - p->elf.low + s->filesz;
		uint64_t end = s->paddr - p->elf.low + s->memsz;

		if (l->cfg->ram_zero && end > soiled)
			end = soiled;
		if (at < end)
			memset(kernel + at, 0, end - at);
	}
}

/* Moves the kernel's virtual address, as find_random_virt_addr() of Linux. */
static int payload_relocate(struct loader *l, const struct bzimage *bz,
			    const struct payload *p, uint8_t *kernel,
			    uint64_t span, struct err *err)
{
	uint64_t low = p->elf.low, delta;
	const uint8_t *table = p->buf + p->elf.file_end;
	int ret;

	if (low >= X86_KERNEL_MAP_SIZE || span > X86_KERNEL_MAP_SIZE - low)
		return 0;
	delta = loader_random(l) %
		((X86_KERNEL_MAP_SIZE - low - span) / bz->align + 1) *
		bz->align;
	ret = x86_relocate(table, p->size - p->elf.file_end, kernel,
			   p->elf.high - low, X86_KERNEL_MAP + low, delta, err);
	if (ret == 1) {
		l->start->kaslr_text = X86_KERNEL_MAP + low + delta;
	} else if (ret == 0) {
		log_info("'%s' has no relocations: its virtual address stays",
			 l->kernel.name);
	}
	return ret < 0 ? ret : 0;
}

static int bzimage_payload_error(const struct loader *l, struct err *err)
{
	return err_prefix(err, "kernel '%s': ", l->kernel.name);
}

/* Reads the ELF header at the front of the payload. */
static int payload_peek(const struct loader *l, enum unpack_kind kind,
			const struct image_part *packed, struct payload *p,
			struct err *err)
{
	uint8_t buf[BZ_HEAD_SIZE];
	size_t cap = p->size < sizeof(buf) ? p->size : sizeof(buf), got;
	struct image head;
	int ret;

	ret = unpack(kind, packed->data, packed->size, buf, cap, UNPACK_HEAD,
		     &got, err);
	if (ret)
		return bzimage_payload_error(l, err);
	image_from_data(&head, l->kernel.name, buf, got);
	if (!elf_is(&head))
		return err_set(err, ENOEXEC,
			       "the payload of '%s' is no ELF file",
			       l->kernel.name);
	ret = elf_parse(&head, p->size, EM_X86_64, &p->elf, err);
	if (!ret && !p->elf.is64)
		ret = bzimage_32bit(l, err);
	return ret;
}

/* Unpacks, places and relocates; start->pc and the rest follow from it. */
static int bzimage_unpack(struct loader *l, const struct bzimage *bz,
			  enum unpack_kind kind,
			  const struct image_part *packed, struct payload *p,
			  uint64_t span, uint64_t base, bool kaslr,
			  struct err *err)
{
	uint8_t *kernel = mem_run_rw(l->mem, base, span);
	size_t got = 0;
	int ret;

	if (!kernel)
		return loader_no_room(l, base, span, err);
	ret = payload_buffer(l, p, base, err);
	if (ret)
		return ret;
	ret = unpack(kind, packed->data, packed->size, p->buf, p->size,
		     UNPACK_ALL, &got, err);
	if (ret)
		return bzimage_payload_error(l, err);
	if (got != p->size)
		return err_set(err, ENOEXEC,
			       "the payload of '%s' is corrupt: it unpacks to "
			       "%zu bytes and should to %" PRIu64,
			       l->kernel.name, got, p->size);
	payload_spread(p, kernel);
	if (kaslr) {
		ret = payload_relocate(l, bz, p, kernel, span, err);
		if (ret)
			return bzimage_payload_error(l, err);
	}
	payload_clear(l, p, kernel);
	return 0;
}

/* The fast way: from the payload, in packed, to a kernel ready to run. */
static int bzimage_load_payload(struct loader *l, const struct bzimage *bz,
				enum unpack_kind kind,
				const struct image_part *packed,
				struct payload *p, struct err *err)
{
	bool kaslr = l->cfg->kaslr && !loader_has_option(l, "nokaslr");
	/* A limit on memory may lie anywhere: stay where Linux was linked. */
	bool anywhere = kaslr && !loader_has_option(l, "mem=") &&
			!loader_has_option(l, "memmap=") &&
			!loader_has_option(l, "hugepages=");
	struct linux_kernel k = { .kaslr = kaslr };
	uint64_t span, base, entry;
	int ret = payload_peek(l, kind, packed, p, err);

	if (ret)
		return ret;
	span = p->elf.high - p->elf.low;
	if (span < bz->init_size)
		span = bz->init_size;
	entry = p->elf.entry;
	if (entry >= X86_KERNEL_MAP)
		entry -= X86_KERNEL_MAP;
	if (entry - p->elf.low >= p->elf.high - p->elf.low)
		return err_set(err, ENOEXEC,
			       "the payload of '%s' is corrupt: its entry "
			       "point 0x%" PRIx64 " is not in it",
			       l->kernel.name, p->elf.entry);
	ret = bzimage_place_initrd(l, bz, p->elf.low, span, err);
	if (!ret)
		ret = bzimage_place(l, bz, p->elf.low, span, anywhere, &base,
				    err);
	if (!ret)
		ret = bzimage_unpack(l, bz, kind, packed, p, span, base, kaslr,
				     err);
	if (ret)
		return ret;
	space_take(&l->free, base, span);
	ret = loader_read_initrd(l, err);
	if (ret)
		return ret;
	l->start->kernel_base = base;
	l->start->kernel_size = span;
	bzimage_describe(bz, &k);
	k.entry = entry - p->elf.low + base;
	return linux_start(l, &k, err);
}

/*
 * Gets the payload and its compression.  An error is one that the kernel's
 * own decompressor would not share: it may know more formats.
 */
static int bzimage_packed(const struct loader *l, const struct bzimage *bz,
			  enum unpack_kind *kind, struct image_part *packed,
			  struct err *err)
{
	int ret;

	if (bz->payload_size < 32)
		return err_set(err, ENOEXEC, "'%s' has no payload",
			       l->kernel.name);
	ret = image_part_get(&l->kernel, bz->payload, bz->payload_size, packed,
			     err);
	if (ret)
		return ret;
	*kind = unpack_detect(packed->data, packed->size);
	if (*kind != UNPACK_NONE)
		return 0;
	image_part_put(packed);
	return err_set(err, ENOTSUP,
		       "the payload of '%s' is not compressed in a known way",
		       l->kernel.name);
}

/*
 * gzip ends with the unpacked size; Linux's build appends it to the other
 * formats, as 32 bits after the compressed data ("size_append").
 */
static int bzimage_load_unpacked(struct loader *l, const struct bzimage *bz,
				 enum unpack_kind kind,
				 struct image_part packed, struct err *err)
{
	struct payload p = { .buf = NULL };
	int ret;

	p.size = get_le32(packed.data + packed.size - 4);
	packed.size -= kind == UNPACK_GZIP ? 0 : 4;
	if (p.size > mem_size(l->mem))
		return loader_no_room(l, bz->pref, p.size, err);
	ret = bzimage_load_payload(l, bz, kind, &packed, &p, err);
	if (p.scratch)
		munmap(p.scratch, p.size);
	return ret;
}

int bzimage_load(struct loader *l, struct err *err)
{
	struct image_part packed;
	enum unpack_kind kind;
	struct bzimage bz = { .version = 0 };
	struct err why;
	int ret = bzimage_parse(&l->kernel, &bz, err);

	if (ret)
		return ret;
	switch (l->cfg->entry) {
	case BOOT_ENTRY_COMPRESSED: return bzimage_load_packed(l, &bz, err);
	case BOOT_ENTRY_PVH:
	case BOOT_ENTRY_MULTIBOOT:
		err_set(err, ENOEXEC, "'%s' is a bzImage and has no %s entry",
			l->kernel.name, boot_entry_names[l->cfg->entry]);
		err_hint(err, "use the ELF vmlinux that it was built from");
		return -err->code;
	default: break;
	}
	ret = bzimage_packed(l, &bz, &kind, &packed, &why);
	if (!ret) {
		ret = bzimage_load_unpacked(l, &bz, kind, packed, err);
		image_part_put(&packed);
		return ret;
	}
	if (l->cfg->entry == BOOT_ENTRY_LINUX) {
		*err = why;
		return ret;
	}
	log_info("%s; its own decompressor runs", why.msg);
	return bzimage_load_packed(l, &bz, err);
}
