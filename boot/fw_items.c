/* SPDX-License-Identifier: MIT */
/* What firmware finds in fw_cfg: the ACPI tables, and a kernel to boot. */
#include "boot/fw_items.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/image.h"
#include "boot/loader.h"
#include "boot/unpack.h"
#include "hw/core/prop.h"

/* A size in fw_cfg has 32 bits. */
#define FW_MAX UINT32_MAX

static void fw_add(struct fw_items *f, const char *file, uint16_t key,
		   void *data, size_t size)
{
	assert(f->n < FW_ITEMS_MAX);
	f->item[f->n++] = (struct fw_item){ file, key, data, size };
}

static void fw_add_sized(struct fw_items *f, uint16_t size_key,
			 uint16_t data_key, void *data, size_t size)
{
	uint8_t *le = f->sizes[f->nsizes++];

	put_le32(le, (uint32_t)size);
	fw_add(f, NULL, size_key, le, 4);
	fw_add(f, NULL, data_key, data, size);
}

/* Zeroed memory of the items'; NULL with the reason in *err. */
static void *fw_alloc(struct fw_items *f, size_t size, struct err *err)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		err_nomem(err, "what firmware is to boot");
		return NULL;
	}
	f->owned[f->nowned] = p;
	f->owned_size[f->nowned++] = size;
	return p;
}

/* ---- the files */

static int fw_unpack(struct fw_items *f, const struct image *img,
		     enum unpack_kind kind, size_t max, void **data,
		     size_t *size, struct err *err)
{
	struct image_part part;
	void *to = fw_alloc(f, max, err);
	int ret = to ? image_part_get(img, 0, (size_t)img->size, &part, err)
		     : -err->code;

	if (ret)
		return ret;
	ret = unpack(kind, part.data, part.size, to, max, UNPACK_ALL, size,
		     err);
	image_part_put(&part);
	*data = to;
	return ret ? err_prefix(err, "kernel '%s': ", img->name) : 0;
}

static int fw_kernel(struct fw_items *f, const struct image *img, size_t max,
		     struct err *err)
{
	uint8_t head[16] = { 0 };
	size_t n = img->size < sizeof(head) ? (size_t)img->size : sizeof(head);
	enum unpack_kind kind;
	void *data, *to;
	size_t size = (size_t)img->size;
	int ret = image_read(img, 0, head, n, err);

	if (ret)
		return ret;
	kind = unpack_detect(head, n);
	if (kind != UNPACK_NONE) {
		ret = fw_unpack(f, img, kind, max, &data, &size, err);
	} else {
		data = to = fw_alloc(f, size, err);
		ret = to ? image_read(img, 0, to, size, err) : -err->code;
	}
	if (ret)
		return ret;
	if (size < 2 || memcmp(data, "MZ", 2) != 0) {
		err_set(err, ENOEXEC,
			"'%s' is no EFI program, and firmware boots nothing "
			"else",
			img->name);
		err_hint(err, "leave out --firmware to boot it directly");
		return -ENOEXEC;
	}
	fw_add_sized(f, FW_KEY_KERNEL_SIZE, FW_KEY_KERNEL_DATA, data, size);
	return 0;
}

/* All initrd files, one after another, each at a multiple of 4 bytes. */
static int fw_initrd(struct fw_items *f, struct image *img, unsigned n,
		     struct err *err)
{
	uint64_t size = 0, at = 0;
	uint8_t *to;
	int ret = 0;

	for (unsigned i = 0; i < n; i++)
		size += (img[i].size + 3) & ~UINT64_C(3);
	if (!size)
		return 0;
	if (size > FW_MAX)
		return err_set(err, EFBIG,
			       "initrd: '%s' is too large for firmware, which "
			       "counts its bytes in 32 bits",
			       img[0].name);
	to = fw_alloc(f, (size_t)size, err);
	if (!to)
		return -err->code;
	for (unsigned i = 0; i < n && !ret; i++) {
		ret = image_read(&img[i], 0, to + at, (size_t)img[i].size, err);
		at += (img[i].size + 3) & ~UINT64_C(3);
	}
	if (ret)
		return err_prefix(err, "initrd: ");
	fw_add_sized(f, FW_KEY_INITRD_SIZE, FW_KEY_INITRD_DATA, to,
		     (size_t)size);
	return 0;
}

static int fw_open_initrd(struct fw_items *f, const char *const *paths,
			  uint64_t max, struct err *err)
{
	struct image img[LOADER_MAX_INITRDS];
	unsigned n = 0;
	int ret = 0;

	for (; paths && *paths && !ret; paths++) {
		if (n == LOADER_MAX_INITRDS)
			ret = err_set(err, E2BIG, "more than %u initrd files",
				      LOADER_MAX_INITRDS);
		else if (image_open(&img[n], *paths, max, err))
			ret = err_prefix(err, "initrd: ");
		else
			n++;
	}
	if (!ret)
		ret = fw_initrd(f, img, n, err);
	while (n)
		image_close(&img[--n]);
	return ret;
}

static int fw_boot(struct fw_items *f, const struct board *b,
		   const struct boot_config *cfg, struct err *err)
{
	const char *cmdline = cfg->cmdline ? cfg->cmdline : "";
	uint64_t ram = board_ram_size(b), max;
	struct image img;
	char *text;
	int ret;

	max = ram < FW_MAX ? ram : FW_MAX;
	ret = image_open(&img, cfg->kernel, max, err);
	if (ret)
		return err_prefix(err, "kernel: ");
	if (img.size > max)
		ret = err_set(err, EFBIG,
			      "the kernel '%s' is larger than the machine's "
			      "memory",
			      img.name);
	else
		ret = fw_kernel(f, &img, (size_t)max, err);
	image_close(&img);
	if (!ret)
		ret = fw_open_initrd(f, cfg->initrd, max, err);
	text = ret ? NULL : fw_alloc(f, strlen(cmdline) + 1, err);
	if (!text)
		return ret ? ret : -err->code;
	strcpy(text, cmdline);
	fw_add_sized(f, FW_KEY_CMDLINE_SIZE, FW_KEY_CMDLINE_DATA, text,
		     strlen(text) + 1);
	return 0;
}

int fw_items_make(const struct board *b, const struct boot_config *cfg,
		  struct fw_items *out, struct err *err)
{
	int ret = 0;

	memset(out, 0, sizeof(*out));
	if (b->acpi.size)
		ret = acpi_blobs_build(b, &out->acpi, err);
	for (unsigned i = 0; i < ACPI_BLOB_COUNT && !ret && b->acpi.size; i++)
		fw_add(out, out->acpi.blob[i].file, 0, out->acpi.blob[i].data,
		       out->acpi.blob[i].size);
	if (!ret && cfg->kernel)
		ret = fw_boot(out, b, cfg, err);
	if (ret)
		fw_items_free(out);
	return ret;
}

void fw_items_free(struct fw_items *items)
{
	for (unsigned i = 0; i < items->nowned; i++)
		munmap(items->owned[i], items->owned_size[i]);
	acpi_blobs_free(&items->acpi);
	memset(items, 0, sizeof(*items));
}
