/* SPDX-License-Identifier: MIT */
/* QEMU's firmware configuration device: what firmware is to know, by name. */
#include "hw/misc/fw_cfg.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "hw/core/log.h"

/* Keys of the interface itself. */
#define KEY_SIGNATURE 0x00
#define KEY_ID	      0x01
#define KEY_DIRECTORY 0x19
#define KEY_MASK      0xbfff /* bit 14 asked for write access, long ago */

#define ID_FEATURES 3 /* the registers, and DMA */

/* Registers at MMIO. */
#define MMIO_DATA     0x00
#define MMIO_SELECT   0x08
#define MMIO_DMA      0x10
#define MMIO_DMA_LOW  0x14
#define MMIO_SIZE     0x18
#define DMA_SIGNATURE UINT64_C(0x51454d5520434647) /* "QEMU CFG" */

/* The control word of a DMA request; the upper half is a key to select. */
#define DMA_ERROR  0x01
#define DMA_READ   0x02
#define DMA_SKIP   0x04
#define DMA_SELECT 0x08
#define DMA_WRITE  0x10

struct fw_cfg_dma {
	uint32_t control, length; /* big-endian, as the address */
	uint64_t address;
};

struct fw_cfg_file {
	uint32_t size; /* big-endian, as the key */
	uint16_t key, reserved;
	char name[FW_CFG_NAME];
};

_Static_assert(FW_CFG_DIRECTORY ==
		       4 + FW_CFG_MAX_ITEMS * sizeof(struct fw_cfg_file),
	       "the directory's size");

/* ---- items */

static const struct fw_cfg_item *fw_cfg_find(const struct fw_cfg *s,
					     uint16_t key)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->item[i].key == key)
			return &s->item[i];
	return NULL;
}

static bool fw_cfg_has_file(const struct fw_cfg *s, const char *name)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->item[i].file && !strcmp(s->item[i].file, name))
			return true;
	return false;
}

static int fw_cfg_check(const struct fw_cfg *s, const struct fw_cfg_item *item,
			struct err *err)
{
	const char *name = item->file;

	if (s->n == FW_CFG_MAX_ITEMS)
		return err_set(err, ENOSPC, "fw_cfg: more than %u items",
			       FW_CFG_MAX_ITEMS);
	if (name && (!*name || strlen(name) >= FW_CFG_NAME)) {
		err_set(err, EINVAL, "fw_cfg: '%s' is no name for a file",
			name);
		err_hint(err, "use 1 to %u characters", FW_CFG_NAME - 1);
		return -EINVAL;
	}
	if (name && fw_cfg_has_file(s, name))
		return err_set(err, EEXIST, "fw_cfg: there are two files '%s'",
			       name);
	if (!name && item->key >= FW_CFG_FILE_FIRST)
		return err_set(err, EINVAL, "fw_cfg: key 0x%x is a file's",
			       item->key);
	if (!name && fw_cfg_find(s, item->key))
		return err_set(err, EEXIST, "fw_cfg: there are two items 0x%x",
			       item->key);
	return 0;
}

/* The directory's entry for the file that was added last. */
static void fw_cfg_enter(struct fw_cfg *s, const struct fw_cfg_item *item)
{
	uint32_t count = htobe32(s->files);
	struct fw_cfg_file entry = { .size = htobe32(item->size),
				     .key = htobe16(item->key) };

	memcpy(entry.name, s->name[item - s->item], FW_CFG_NAME);
	memcpy(s->directory, &count, sizeof(count));
	memcpy(s->directory + 4 + (s->files - 1) * sizeof(entry), &entry,
	       sizeof(entry));
}

int fw_cfg_add(struct fw_cfg *s, const struct fw_cfg_item *item,
	       struct err *err)
{
	struct fw_cfg_item *new = &s->item[s->n];
	int ret = fw_cfg_check(s, item, err);

	if (ret < 0)
		return ret;
	*new = *item;
	if (item->file) {
		strcpy(s->name[s->n], item->file);
		new->file = s->name[s->n];
		new->key = FW_CFG_FILE_FIRST + s->files++;
		fw_cfg_enter(s, new);
	}
	s->n++;
	return 0;
}

/* ---- what the guest does, whichever registers it has */

static void fw_cfg_select(struct fw_cfg *s, uint16_t key)
{
	s->current = fw_cfg_find(s, key & KEY_MASK);
	s->offset = 0;
	if (s->current && s->current->select)
		s->current->select(s->current->opaque);
}

/* How many of len bytes at the offset the item has. */
static uint32_t fw_cfg_left(const struct fw_cfg *s, uint32_t len)
{
	uint32_t left;

	if (!s->current || s->offset >= s->current->size)
		return 0;
	left = s->current->size - s->offset;
	return left < len ? left : len;
}

/* An offset at the end stays there: behind it is nothing but zeros. */
static void fw_cfg_skip(struct fw_cfg *s, uint32_t len)
{
	s->offset += fw_cfg_left(s, len);
}

static const uint8_t *fw_cfg_bytes(const struct fw_cfg *s)
{
	return (const uint8_t *)s->current->data + s->offset;
}

/* The next size bytes, the first in the lowest lane. */
static uint64_t fw_cfg_data(struct fw_cfg *s, unsigned size)
{
	uint32_t n = fw_cfg_left(s, size);
	uint64_t val = 0;

	for (uint32_t i = 0; i < n; i++)
		val |= (uint64_t)fw_cfg_bytes(s)[i] << 8 * i;
	fw_cfg_skip(s, n);
	return val;
}

/* Nothing is written unless all of the destination is the guest's RAM. */
static int fw_cfg_dma_read(struct fw_cfg *s, gpa_t to, uint32_t len)
{
	struct mem *mem = s->dev.env->mem;
	uint32_t n = fw_cfg_left(s, len);

	if (mem_set(mem, to + n, 0, len - n) < 0 ||
	    (n && mem_write(mem, to, fw_cfg_bytes(s), n) < 0))
		return -EFAULT;
	fw_cfg_skip(s, n);
	return 0;
}

static int fw_cfg_dma_write(struct fw_cfg *s, gpa_t from, uint32_t len)
{
	if (!s->current || !s->current->writable || fw_cfg_left(s, len) < len)
		return -EPERM;
	if (mem_read(s->dev.env->mem, from,
		     (uint8_t *)s->current->data + s->offset, len) < 0)
		return -EFAULT;
	fw_cfg_skip(s, len);
	return 0;
}

static int fw_cfg_dma_do(struct fw_cfg *s, uint32_t control, gpa_t at,
			 uint32_t len)
{
	if (control & DMA_SELECT)
		fw_cfg_select(s, (uint16_t)(control >> 16));
	if (control & DMA_READ)
		return fw_cfg_dma_read(s, at, len);
	if (control & DMA_WRITE)
		return fw_cfg_dma_write(s, at, len);
	if (control & DMA_SKIP)
		fw_cfg_skip(s, len);
	return 0;
}

/* A request at that address of guest memory: done when its control is 0. */
static void fw_cfg_dma(struct fw_cfg *s, gpa_t request)
{
	struct mem *mem = s->dev.env->mem;
	struct fw_cfg_dma d;
	uint32_t control;

	if (mem_read(mem, request, &d, sizeof(d)) < 0) {
		guest_error(s->dev.name, "a request outside of RAM");
		return;
	}
	control = fw_cfg_dma_do(s, be32toh(d.control), be64toh(d.address),
				be32toh(d.length)) < 0
			  ? htobe32(DMA_ERROR)
			  : 0;
	if (mem_write(mem, request, &control, sizeof(control)) < 0)
		guest_error(s->dev.name, "a request in read-only memory");
}

/* ---- registers at MMIO */

static uint64_t fw_cfg_mmio_read(void *opaque, uint64_t off, unsigned size)
{
	struct fw_cfg *s = opaque;
	uint64_t signature = htobe64(DMA_SIGNATURE);

	if (off < MMIO_SELECT)
		return fw_cfg_data(s, size);
	if (off >= MMIO_DMA)
		return htole64(signature) >> (off - MMIO_DMA) * 8;
	return 0;
}

/* val holds a big-endian number of that many bytes. */
static uint64_t from_be(uint64_t val, unsigned size)
{
	return __builtin_bswap64(val) >> (8 - size) * 8;
}

static void fw_cfg_mmio_write(void *opaque, uint64_t off, uint64_t val,
			      unsigned size)
{
	struct fw_cfg *s = opaque;

	if (off == MMIO_SELECT && size == 2) {
		fw_cfg_select(s, (uint16_t)from_be(val, 2));
	} else if (off == MMIO_DMA && size == 8) {
		fw_cfg_dma(s, from_be(val, 8));
	} else if (off == MMIO_DMA && size == 4) {
		s->dma_high = (uint32_t)from_be(val, 4);
	} else if (off == MMIO_DMA_LOW && size == 4) {
		gpa_t high = s->dma_high;

		s->dma_high = 0;
		fw_cfg_dma(s, high << 32 | from_be(val, 4));
	}
}

static const struct region_ops fw_cfg_mmio_ops = {
	.read = fw_cfg_mmio_read,
	.write = fw_cfg_mmio_write,
	.min_size = 1,
	.max_size = 8,
};

/* ---- the device */

/* The items that every one has; "QEMU" says that it is there. */
static int fw_cfg_add_own(struct fw_cfg *s, struct err *err)
{
	static uint8_t id[4] = { ID_FEATURES };
	static char signature[] = "QEMU";
	const struct fw_cfg_item own[] = {
		{ .key = KEY_SIGNATURE, .data = signature, .size = 4 },
		{ .key = KEY_ID, .data = id, .size = 4 },
		{ .key = KEY_DIRECTORY,
		  .data = s->directory,
		  .size = FW_CFG_DIRECTORY },
	};
	int ret = 0;

	for (unsigned i = 0; !ret && i < 3; i++)
		ret = fw_cfg_add(s, &own[i], err);
	return ret;
}

static int fw_cfg_mmio_realize(struct device *dev, struct err *err)
{
	struct fw_cfg *s = (struct fw_cfg *)dev;

	device_region(dev, &fw_cfg_mmio_ops);
	return fw_cfg_add_own(s, err);
}

static void fw_cfg_reset(struct device *dev)
{
	struct fw_cfg *s = (struct fw_cfg *)dev;

	fw_cfg_select(s, KEY_SIGNATURE);
	s->dma_high = 0;
}

const struct device_class fw_cfg_mmio_class = {
	.name = "fw-cfg",
	.brief = "QEMU's firmware configuration device",
	.compatible = "qemu,fw-cfg-mmio",
	.acpi_hid = "QEMU0002",
	.size = sizeof(struct fw_cfg),
	.space = SPACE_MMIO,
	.region_size = MMIO_SIZE,
	.realize = fw_cfg_mmio_realize,
	.reset = fw_cfg_reset,
};
