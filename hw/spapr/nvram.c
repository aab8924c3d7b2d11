/* SPDX-License-Identifier: MIT */
/* The NVRAM of a pSeries guest: RTAS calls over a file. */
#include "hw/spapr/nvram.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A partition begins with: signature, checksum, length in blocks, name. */
#define NVRAM_BLOCK	  16
#define NVRAM_SIG_SYSTEM  0x70
#define NVRAM_SIG_FREE	  0x7f
#define NVRAM_SYSTEM_SIZE 0x1000

static struct spapr_nvram *nvram_of(void *dev)
{
	return container_of((struct device *)dev, struct spapr_nvram, vio.dev);
}

/* ---- partitions */

/* The sum of all bytes but its own, each carry added again. */
static uint8_t partition_checksum(const uint8_t *p)
{
	unsigned sum = p[0];

	for (unsigned i = 2; i < NVRAM_BLOCK; i++) {
		sum += p[i];
		sum = (sum & 0xff) + (sum >> 8);
	}
	return (uint8_t)sum;
}

static void partition_make(uint8_t *p, uint8_t signature, const char *name,
			   uint32_t size)
{
	memset(p, 0, NVRAM_BLOCK);
	p[0] = signature;
	p[2] = (uint8_t)(size / NVRAM_BLOCK >> 8);
	p[3] = (uint8_t)(size / NVRAM_BLOCK);
	memcpy(p + 4, name, strlen(name));
	p[1] = partition_checksum(p);
}

static int nvram_format(struct spapr_nvram *s)
{
	uint8_t *all = calloc(1, NVRAM_SIZE);
	int ret = -1;

	if (!all)
		return ret;
	partition_make(all, NVRAM_SIG_SYSTEM, "common", NVRAM_SYSTEM_SIZE);
	partition_make(all + NVRAM_SYSTEM_SIZE, NVRAM_SIG_FREE, "wwwwwwwwwwww",
		       NVRAM_SIZE - NVRAM_SYSTEM_SIZE);
	ret = flash_store_write(&s->store, 0, all, NVRAM_SIZE);
	free(all);
	return ret;
}

static bool nvram_is_formatted(const struct spapr_nvram *s)
{
	const uint8_t *p = s->store.data;
	uint32_t size = (uint32_t)(p[2] << 8 | p[3]) * NVRAM_BLOCK;

	return size && size <= NVRAM_SIZE && p[1] == partition_checksum(p);
}

/* ---- RTAS: offset, address, length; the result is how many were moved */

static bool nvram_range(const struct rtas_args *a)
{
	return a->arg[0] < NVRAM_SIZE && a->arg[2] <= NVRAM_SIZE - a->arg[0];
}

static int32_t nvram_fetch(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_nvram *s = nvram_of(opaque);
	int ret;

	(void)cpu;
	if (!nvram_range(a))
		return RTAS_PARAMETER;
	device_lock(&s->vio.dev);
	ret = mem_write(s->vio.dev.env->mem, a->arg[1],
			s->store.data + a->arg[0], a->arg[2]);
	device_unlock(&s->vio.dev);
	if (ret < 0)
		return RTAS_PARAMETER;
	a->ret[1] = a->arg[2];
	return RTAS_OK;
}

static int32_t nvram_store(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_nvram *s = nvram_of(opaque);
	uint8_t *copy;
	int32_t ret = RTAS_PARAMETER;

	(void)cpu;
	if (!nvram_range(a))
		return ret;
	copy = malloc(a->arg[2] + 1);
	if (!copy)
		return RTAS_HARDWARE;
	if (mem_read(s->vio.dev.env->mem, a->arg[1], copy, a->arg[2]) == 0) {
		device_lock(&s->vio.dev);
		ret = flash_store_write(&s->store, a->arg[0], copy, a->arg[2]) <
				      0
			      ? RTAS_HARDWARE
			      : RTAS_OK;
		device_unlock(&s->vio.dev);
	}
	free(copy);
	if (ret == RTAS_OK)
		a->ret[1] = a->arg[2];
	return ret;
}

const struct rtas_call nvram_rtas[] = {
	{ .name = "nvram-fetch", .nargs = 3, .nret = 2, .fn = nvram_fetch },
	{ .name = "nvram-store", .nargs = 3, .nret = 2, .fn = nvram_store },
	{ 0 },
};

/* ---- the device */

/* What cannot be made is told of where it is opened. */
static void nvram_make_file(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static int nvram_realize(struct device *dev, struct err *err)
{
	struct spapr_nvram *s = nvram_of(dev);
	int ret;

	if (s->file)
		nvram_make_file(s->file);
	ret = flash_store_open(&s->store, s->file, NVRAM_SIZE, false, err);
	if (ret < 0 || nvram_is_formatted(s))
		return ret;
	if (nvram_format(s) < 0) {
		flash_store_close(&s->store);
		return err_set(err, EIO, "%s: cannot write NVRAM file '%s'",
			       dev->name, s->file);
	}
	return 0;
}

static void nvram_unrealize(struct device *dev)
{
	flash_store_close(&nvram_of(dev)->store);
}

static const struct prop nvram_props[] = {
	{ .name = "file",
	  .arg = "PATH",
	  .kind = PROP_STR,
	  .min = 1,
	  .off = offsetof(struct spapr_nvram, file),
	  .brief = "keep its 64 KiB in this file",
	  .detail = "The file is made if there is none.  Without it what the "
		    "guest stores lasts as long as vmm runs." },
	{ 0 },
};

const struct device_class spapr_nvram_class = {
	.name = "spapr-nvram",
	.brief = "pSeries NVRAM",
	.compatible = "qemu,spapr-nvram",
	.size = sizeof(struct spapr_nvram),
	.space = SPACE_VIO,
	.props = nvram_props,
	.realize = nvram_realize,
	.unrealize = nvram_unrealize,
};
