/* SPDX-License-Identifier: MIT */
/* U-Boot's uImage: a kernel in a wrapper that tells what it is. */
#include <errno.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/arm.h"
#include "boot/unpack.h"

/* U-Boot's include/image.h: struct legacy_img_hdr, big-endian words. */
#define UIMAGE_MAGIC	  0x27051956u
#define UIMAGE_HEADER	  64
#define UIMAGE_HEADER_CRC 4
#define UIMAGE_SIZE	  12
#define UIMAGE_LOAD	  16
#define UIMAGE_ENTRY	  20
#define UIMAGE_DATA_CRC	  24
#define UIMAGE_ARCH	  29
#define UIMAGE_TYPE	  30
#define UIMAGE_COMP	  31
#define UIMAGE_ARCH_ARM	  2
#define UIMAGE_ARCH_ARM64 22
#define UIMAGE_KERNEL	  2
#define UIMAGE_STANDALONE 1
#define UIMAGE_KERNEL_ANY 14 /* a kernel that needs no load address */
#define UIMAGE_COMP_NONE  0

static uint32_t uimage_word(const uint8_t *h, unsigned off)
{
	return (uint32_t)h[off] << 24 | (uint32_t)h[off + 1] << 16 |
	       (uint32_t)h[off + 2] << 8 | h[off + 3];
}

bool uimage_is(const struct image *img)
{
	uint8_t h[UIMAGE_HEADER];
	struct err err;

	return img->size >= sizeof(h) &&
	       image_read(img, 0, h, sizeof(h), &err) == 0 &&
	       uimage_word(h, 0) == UIMAGE_MAGIC;
}

static int uimage_bad(const struct image *img, const char *what,
		      struct err *err)
{
	return err_set(err, ENOEXEC, "the uImage '%s' is corrupt: %s",
		       img->name, what);
}

static int uimage_check_header(const struct image *img, uint8_t *h,
			       struct err *err)
{
	uint8_t copy[UIMAGE_HEADER];
	uint8_t arch, type;
	int ret = image_read(img, 0, h, UIMAGE_HEADER, err);

	if (ret)
		return ret;
	memcpy(copy, h, sizeof(copy));
	memset(copy + UIMAGE_HEADER_CRC, 0, 4);
	if (libdeflate_crc32(0, copy, sizeof(copy)) !=
	    uimage_word(h, UIMAGE_HEADER_CRC))
		return uimage_bad(img, "its header's checksum is wrong", err);
	arch = h[UIMAGE_ARCH];
	type = h[UIMAGE_TYPE];
	if (arch != UIMAGE_ARCH_ARM && arch != UIMAGE_ARCH_ARM64)
		return err_set(err, ENOEXEC,
			       "the uImage '%s' is for another architecture "
			       "(U-Boot's number %u), not for Arm",
			       img->name, arch);
	if (type != UIMAGE_KERNEL && type != UIMAGE_KERNEL_ANY &&
	    type != UIMAGE_STANDALONE)
		return err_set(err, ENOEXEC,
			       "the uImage '%s' holds no kernel (U-Boot's type "
			       "%u)",
			       img->name, type);
	if (uimage_word(h, UIMAGE_SIZE) > img->size - UIMAGE_HEADER)
		return uimage_bad(img, "it is cut short", err);
	return 0;
}

/* Code that nothing but the wrapper describes goes where that says. */
static int uimage_load_raw(struct loader *l, const struct image *img,
			   const uint8_t *h, struct err *err)
{
	uint64_t load = uimage_word(h, UIMAGE_LOAD);
	uint64_t entry = uimage_word(h, UIMAGE_ENTRY);
	bool wants32 = h[UIMAGE_ARCH] == UIMAGE_ARCH_ARM;
	uint8_t *to = NULL;
	int ret = arm_check_width(l, img, wants32, err);

	if (ret)
		return ret;
	if (entry - load >= img->size)
		return uimage_bad(img, "its entry point is not in it", err);
	if (space_is_free(&l->free, load, img->size))
		to = mem_run_rw(l->mem, load, img->size);
	if (!to)
		return loader_no_room(l, load, img->size, err);
	space_take(&l->free, load, img->size);
	l->start->kernel_base = load;
	l->start->kernel_size = img->size;
	ret = image_read(img, 0, to, img->size, err);
	if (ret)
		return ret;
	return wants32 ? arm32_start(l, entry, "uImage", err)
		       : arm64_start(l, entry, "uImage", err);
}

static int uimage_load_payload(struct loader *l, const struct image *img,
			       const uint8_t *h, struct err *err)
{
	uint8_t head[ARM64_HEADER_SIZE] = { 0 };
	size_t n = img->size < sizeof(head) ? img->size : sizeof(head);
	int ret = image_read(img, 0, head, n, err);

	if (ret)
		return ret;
	if (arm64_is_image(head) || arm32_is_zimage(img))
		return arm_load_any(l, img, true, err);
	return uimage_load_raw(l, img, h, err);
}

static int uimage_unpack(struct loader *l, const struct image *img,
			 const struct image_part *part, const uint8_t *h,
			 struct err *err)
{
	enum unpack_kind kind = unpack_detect(part->data, part->size);
	size_t cap = mem_size(l->mem), got = 0;
	struct image inner;
	void *buf;
	int ret;

	if (kind == UNPACK_NONE)
		return uimage_bad(img, "its compression is none that vmm knows",
				  err);
	buf = mmap(NULL, cap, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buf == MAP_FAILED)
		return err_nomem(err, "an unpacked kernel");
	ret = unpack(kind, part->data, part->size, buf, cap, UNPACK_ALL, &got,
		     err);
	if (ret) {
		err_prefix(err, "kernel '%s': ", img->name);
	} else {
		image_from_data(&inner, img->name, buf, got);
		ret = uimage_load_payload(l, &inner, h, err);
	}
	munmap(buf, cap);
	return ret;
}

int uimage_load(struct loader *l, const struct image *img, struct err *err)
{
	uint8_t h[UIMAGE_HEADER];
	struct image_part part;
	struct image inner;
	int ret = uimage_check_header(img, h, err);

	if (!ret)
		ret = image_part_get(img, UIMAGE_HEADER,
				     uimage_word(h, UIMAGE_SIZE), &part, err);
	if (ret)
		return ret;
	if (libdeflate_crc32(0, part.data, part.size) !=
	    uimage_word(h, UIMAGE_DATA_CRC)) {
		ret = uimage_bad(img, "its data's checksum is wrong", err);
	} else if (h[UIMAGE_COMP] == UIMAGE_COMP_NONE) {
		image_from_data(&inner, img->name, part.data, part.size);
		ret = uimage_load_payload(l, &inner, h, err);
	} else {
		ret = uimage_unpack(l, img, &part, h, err);
	}
	image_part_put(&part);
	return ret;
}
