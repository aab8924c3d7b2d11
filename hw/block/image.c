/* SPDX-License-Identifier: MIT */
/* Image files: what may be opened, what it is, how its space is freed. */
#include "hw/block/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hw/core/filelock.h"
#include "hw/core/log.h"

#define IMAGE_ZEROS 65536u

/* Formats that a guest would see as garbage if they were taken as raw. */
static const struct disk_image_magic {
	unsigned off, len;
	const char *bytes, *name, *qemu;
} disk_image_magics[] = {
	{ 0, 4, "QFI\xfb", "qcow2", "qcow2" },
	{ 0, 4, "QED\0", "QED", "qed" },
	{ 0, 4, "KDMV", "VMware VMDK", "vmdk" },
	{ 0, 4, "COWD", "VMware VMDK", "vmdk" },
	{ 0, 21, "# Disk DescriptorFile", "VMware VMDK", "vmdk" },
	{ 0, 8, "vhdxfile", "Hyper-V VHDX", "vhdx" },
	{ 0, 8, "conectix", "Virtual PC VHD", "vpc" },
	{ 64, 4, "\x7f\x10\xda\xbe", "VirtualBox VDI", "vdi" },
};

static int disk_image_check_magic(const struct disk_image *img,
				  const char *head, struct err *err)
{
	for (unsigned i = 0;
	     i < sizeof(disk_image_magics) / sizeof(*disk_image_magics); i++) {
		const struct disk_image_magic *m = &disk_image_magics[i];

		if (memcmp(head + m->off, m->bytes, m->len) != 0)
			continue;
		err_set(err, EINVAL,
			"disk image '%s' is a %s image, and vmm takes raw ones",
			img->path, m->name);
		err_hint(err,
			 "convert it: qemu-img convert -f %s -O raw '%s' "
			 "NEW, or add format=raw if the guest is to see its "
			 "bytes as they are",
			 m->qemu, img->path);
		return -EINVAL;
	}
	return 0;
}

/* Read before O_DIRECT is set: no alignment to heed. */
static int disk_image_check_format(const struct disk_image *img,
				   struct err *err)
{
	char head[128] = { 0 };

	if (pread(img->fd, head, sizeof(head), 0) < 0)
		return err_set(err, errno, "cannot read disk image '%s': %s",
			       img->path, strerror(errno));
	return disk_image_check_magic(img, head, err);
}

static int disk_image_open_error(const struct disk_image *img, bool writable,
				 int code, struct err *err)
{
	err_set(err, code, "cannot open disk image '%s': %s", img->path,
		strerror(code));
	if (writable && (code == EACCES || code == EROFS || code == EPERM))
		err_hint(err, "add readonly=on or snapshot=on, or run as a "
			      "user who may write the file");
	else if (code == EACCES)
		err_hint(err, "run as a user who may read the file");
	else if (writable && code == EBUSY)
		err_hint(err, "the device is mounted or in use by the host: "
			      "unmount it, or add readonly=on");
	else if (code == ENOENT)
		err_hint(err, "make one: truncate -s 10G '%s'", img->path);
	return -code;
}

static int disk_image_size_block(struct disk_image *img, struct err *err)
{
	unsigned physical = 0;
	int logical = 0;

	if (ioctl(img->fd, BLKGETSIZE64, &img->size) < 0 ||
	    ioctl(img->fd, BLKSSZGET, &logical) < 0)
		return err_set(err, errno,
			       "cannot tell the size of block device '%s': %s",
			       img->path, strerror(errno));
	img->block = true;
	img->host_logical = (uint32_t)logical;
	if (ioctl(img->fd, BLKPBSZGET, &physical) < 0 ||
	    physical < img->host_logical)
		physical = img->host_logical;
	img->host_physical = physical;
	return 0;
}

static int disk_image_size(struct disk_image *img, struct err *err)
{
	struct stat st;
	int flags;

	if (fstat(img->fd, &st) < 0)
		return err_set(err, errno, "cannot examine '%s': %s", img->path,
			       strerror(errno));
	/* It was for opening only: a FIFO must not hold us. */
	flags = fcntl(img->fd, F_GETFL);
	if (flags >= 0)
		fcntl(img->fd, F_SETFL, flags & ~O_NONBLOCK);
	if (S_ISBLK(st.st_mode))
		return disk_image_size_block(img, err);
	if (!S_ISREG(st.st_mode)) {
		err_set(err, EINVAL, "disk image '%s' is %s", img->path,
			S_ISDIR(st.st_mode)    ? "a directory"
			: S_ISCHR(st.st_mode)  ? "a character device"
			: S_ISFIFO(st.st_mode) ? "a pipe"
					       : "not a file");
		err_hint(err, "name a regular file or a block device");
		return -EINVAL;
	}
	img->size = (uint64_t)st.st_size;
	img->host_logical = DISK_SECTOR;
	img->host_physical = DISK_SECTOR;
	if (st.st_blksize >= (long)DISK_SECTOR && st.st_blksize <= 65536 &&
	    !(st.st_blksize & (st.st_blksize - 1)))
		img->host_physical = (uint32_t)st.st_blksize;
	return 0;
}

/* What O_DIRECT asks for; Linux 6.1 tells, before that one tries. */
static void disk_image_direct_align(struct disk_image *img)
{
	uint32_t align = img->block ? img->host_logical : DISK_SECTOR;
	struct statx sx;
	void *page;

	img->mem_align = align;
	img->align = align;
#ifdef STATX_DIOALIGN
	if (statx(img->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &sx) == 0 &&
	    (sx.stx_mask & STATX_DIOALIGN) && sx.stx_dio_offset_align &&
	    !(sx.stx_dio_offset_align & (sx.stx_dio_offset_align - 1))) {
		img->align = sx.stx_dio_offset_align;
		img->mem_align = sx.stx_dio_mem_align;
		return;
	}
#endif
	if (img->block || posix_memalign(&page, 4096, 8192) != 0)
		return;
	if (pread(img->fd, (char *)page + align, align, align) < 0) {
		img->align = 4096;
		img->mem_align = 4096;
	}
	free(page);
}

static int disk_image_set_direct(struct disk_image *img, struct err *err)
{
	int flags = fcntl(img->fd, F_GETFL);

	if (flags < 0 || fcntl(img->fd, F_SETFL, flags | O_DIRECT) < 0) {
		err_set(err, errno,
			"cannot open disk image '%s' past the page cache: %s",
			img->path, strerror(errno));
		err_hint(err, "its file system has no O_DIRECT: use "
			      "cache=writeback");
		return -err->code;
	}
	img->direct = true;
	disk_image_direct_align(img);
	return 0;
}

static int disk_image_lock(const struct disk_image *img, bool writer,
			   struct err *err)
{
	char what[512];
	int ret;

	snprintf(what, sizeof(what), "disk image '%s'", img->path);
	ret = file_lock(img->fd, what, writer, err);
	if (ret == -EAGAIN && writer)
		err_hint(err, "wait until it is free, or add snapshot=on "
			      "(readonly=on) if no one writes to it");
	else if (ret == -EAGAIN)
		err_hint(err, "wait until its writer is done, or copy the "
			      "image");
	return ret;
}

int disk_image_open(struct disk_image *img, const struct disk_config *cfg,
		    struct err *err)
{
	bool writable = !cfg->readonly && !cfg->snapshot;
	int flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK |
		    O_NOCTTY;
	struct stat st;
	int ret;

	*img = (struct disk_image){ .fd = -1, .align = 1, .mem_align = 1 };
	if (!cfg->file || !*cfg->file) {
		err_set(err, EINVAL, "a disk needs an image");
		err_hint(err, "name one: -d FILE");
		return -EINVAL;
	}
	img->path = strdup(cfg->file);
	if (!img->path)
		return err_nomem(err, "a disk");
	/* O_EXCL on a block device: refused while the host has it mounted. */
	if (writable && stat(img->path, &st) == 0 && S_ISBLK(st.st_mode))
		flags |= O_EXCL;
	img->fd = open(img->path, flags);
	if (img->fd < 0) {
		ret = disk_image_open_error(img, writable, errno, err);
		goto fail;
	}
	/*
	 * Nobody asks when an image was last read, and keeping account of it
	 * is 3 % of a read that the page cache serves.  The owner may do so.
	 */
	(void)fcntl(img->fd, F_SETFL, fcntl(img->fd, F_GETFL) | O_NOATIME);
	ret = disk_image_size(img, err);
	if (ret == 0)
		ret = disk_image_lock(img, writable, err);
	if (ret == 0 && cfg->format == DISK_FORMAT_AUTO)
		ret = disk_image_check_format(img, err);
	if (ret == 0 && cfg->cache == DISK_CACHE_NONE)
		ret = disk_image_set_direct(img, err);
	if (ret == 0)
		return 0;
fail:
	disk_image_close(img);
	return ret;
}

void disk_image_close(struct disk_image *img)
{
	if (img->fd >= 0) {
		/* An engine's ring may hold the file open a little longer. */
		file_unlock(img->fd);
		close(img->fd);
	}
	free(img->path);
	img->fd = -1;
	img->path = NULL;
}

/* The errors by which a host says that it has no such operation. */
static bool disk_image_unsupported(int code)
{
	return code == EOPNOTSUPP || code == ENOSYS || code == ENOTTY;
}

int disk_image_discard(struct disk_image *img, uint64_t off, uint64_t len)
{
	uint64_t range[2] = { off, len };
	int ret;

	if (__atomic_load_n(&img->no_punch, __ATOMIC_RELAXED))
		return 0;
	if (img->block)
		ret = ioctl(img->fd, BLKDISCARD, range);
	else
		ret = fallocate(img->fd,
				FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)off, (off_t)len);
	if (ret == 0)
		return 0;
	if (!disk_image_unsupported(errno))
		return -errno;
	__atomic_store_n(&img->no_punch, true, __ATOMIC_RELAXED);
	return 0;
}

static int disk_image_write_zeros(struct disk_image *img, uint64_t off,
				  uint64_t len)
{
	static const uint8_t zeros[IMAGE_ZEROS] __attribute__((aligned(4096)));

	while (len) {
		size_t n = len < IMAGE_ZEROS ? len : IMAGE_ZEROS;
		ssize_t put = pwrite(img->fd, zeros, n, (off_t)off);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		off += (uint64_t)put;
		len -= (uint64_t)put;
	}
	return 0;
}

/* 0, 1 when the host has no such operation, or a negative errno. */
static int disk_image_zero_fast(struct disk_image *img, uint64_t off,
				uint64_t len, bool unmap)
{
	uint64_t range[2] = { off, len };
	int ret = -1;

	errno = EOPNOTSUPP;
	if (unmap)
		ret = fallocate(img->fd,
				FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)off, (off_t)len);
	if (ret < 0 && img->block)
		ret = ioctl(img->fd, BLKZEROOUT, range);
	else if (ret < 0)
		ret = fallocate(img->fd,
				FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
				(off_t)off, (off_t)len);
	if (ret == 0)
		return 0;
	return disk_image_unsupported(errno) ? 1 : -errno;
}

int disk_image_zero(struct disk_image *img, uint64_t off, uint64_t len,
		    bool unmap)
{
	int ret = 1;

	if (!__atomic_load_n(&img->no_zero_range, __ATOMIC_RELAXED) || unmap)
		ret = disk_image_zero_fast(img, off, len, unmap);
	if (ret <= 0)
		return ret;
	__atomic_store_n(&img->no_zero_range, true, __ATOMIC_RELAXED);
	return disk_image_write_zeros(img, off, len);
}
