/* SPDX-License-Identifier: MIT */
/* What a flash bank holds, and the file that keeps it. */
#include "hw/flash/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hw/core/filelock.h"
#include "hw/core/log.h"
#include "hw/core/prop.h"

#define STORE_CHUNK  65536u
#define STORE_ERASED (2u << 20) /* of erased flash, mapped many times */

/* One pwrite() for all of it, or as many as it takes. */
static int store_pwrite(int fd, const uint8_t *data, uint64_t len, uint64_t off)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int store_fill(int fd, uint64_t len, uint64_t off)
{
	uint8_t ones[STORE_CHUNK];
	int ret = 0;

	memset(ones, 0xff, sizeof(ones));
	while (!ret && len) {
		uint64_t n = len < STORE_CHUNK ? len : STORE_CHUNK;

		ret = store_pwrite(fd, ones, n, off);
		off += n;
		len -= n;
	}
	return ret;
}

static int store_open_error(const struct flash_store *s, bool readonly,
			    int code, struct err *err)
{
	err_set(err, code, "cannot open flash file '%s': %s", s->path,
		strerror(code));
	if (code == ENOENT && !readonly)
		err_hint(err,
			 "copy the template that came with the firmware, or "
			 "make an empty one: truncate -s 256K '%s'",
			 s->path);
	else if (!readonly && (code == EACCES || code == EROFS))
		err_hint(err, "copy it to a place that you may write, or run "
			      "as a user who may write it");
	else if (code == EACCES)
		err_hint(err, "run as a user who may read the file");
	return -code;
}

static int store_lock(const struct flash_store *s, bool readonly,
		      struct err *err)
{
	char what[512];
	int ret;

	snprintf(what, sizeof(what), "flash file '%s'", s->path);
	ret = file_lock(s->fd, what, !readonly, err);
	if (ret == -EAGAIN)
		err_hint(err, "wait until it is free, or give each machine a "
			      "copy of its own");
	return ret;
}

static int store_check(struct flash_store *s, struct err *err)
{
	char have[32], most[32];
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return err_set(err, errno, "cannot examine '%s': %s", s->path,
			       strerror(errno));
	if (!S_ISREG(st.st_mode)) {
		err_set(err, EINVAL, "flash file '%s' is not a regular file",
			s->path);
		err_hint(err, "name the firmware's file");
		return -EINVAL;
	}
	s->file_size = (uint64_t)st.st_size;
	if (s->file_size <= s->size)
		return 0;
	err_set(err, EFBIG,
		"flash file '%s' has %s, and the bank takes %s at most",
		s->path, format_size(s->file_size, have, sizeof(have)),
		format_size(s->size, most, sizeof(most)));
	err_hint(err, "name a firmware that is made for this machine, in its "
		      "raw form");
	return -EFBIG;
}

/* Formats that firmware packages come in beside the raw one. */
static int store_check_raw(const struct flash_store *s, struct err *err)
{
	if (s->file_size < 4 || memcmp(s->data, "QFI\xfb", 4) != 0)
		return 0;
	err_set(err, EINVAL, "flash file '%s' is a qcow2 image", s->path);
	err_hint(err, "convert it: qemu-img convert -f qcow2 -O raw '%s' NEW",
		 s->path);
	return -EINVAL;
}

/* Pages of zeros are not touched: firmware files are mostly padding. */
static int store_read(struct flash_store *s, struct err *err)
{
	static const uint8_t zeros[STORE_CHUNK];
	uint8_t buf[STORE_CHUNK];
	uint64_t off = 0;

	while (off < s->file_size) {
		uint64_t left = s->file_size - off;
		ssize_t n = pread(s->fd, buf,
				  left < STORE_CHUNK ? left : STORE_CHUNK,
				  (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(
				err, n ? errno : EIO,
				"cannot read flash file '%s': %s", s->path,
				n ? strerror(errno) : "it became shorter");
		if (memcmp(buf, zeros, (size_t)n) != 0)
			memcpy(s->data + off, buf, (size_t)n);
		off += (uint64_t)n;
	}
	return store_check_raw(s, err);
}

/*
 * Erased flash from off on.  All of it is one piece of memory, which takes its
 * time once, until the guest writes there.
 */
static int store_pad(struct flash_store *s, uint64_t off, struct err *err)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t from = (off + page - 1) & ~(page - 1);
	uint64_t piece;
	int fd;

	memset(s->data + off, 0xff, from - off);
	if (from == s->size)
		return 0;
	fd = memfd_create("vmm-flash", MFD_CLOEXEC);
	if (fd < 0 || store_fill(fd, STORE_ERASED, 0) < 0)
		goto fail;
	for (off = from; off < s->size; off += piece) {
		piece = s->size - off;
		if (piece > STORE_ERASED)
			piece = STORE_ERASED;
		if (mmap(s->data + off, piece, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
			goto fail;
	}
	close(fd);
	return 0;
fail:
	if (fd >= 0)
		close(fd);
	return err_nomem(err, "flash");
}

static int store_load(struct flash_store *s, bool readonly, struct err *err)
{
	int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int ret;

	s->fd = open(s->path, flags | (readonly ? O_RDONLY : O_RDWR));
	if (s->fd < 0)
		return store_open_error(s, readonly, errno, err);
	ret = store_check(s, err);
	if (!ret)
		ret = store_lock(s, readonly, err);
	if (!ret)
		ret = store_read(s, err);
	if (!ret)
		ret = store_pad(s, s->file_size, err);
	if (!ret && readonly) {
		close(s->fd);
		s->fd = -1;
	}
	return ret;
}

int flash_store_open(struct flash_store *s, const char *file, uint64_t size,
		     bool readonly, struct err *err)
{
	int ret = 0;

	*s = (struct flash_store){ .size = size, .fd = -1 };
	s->data = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->data == MAP_FAILED) {
		s->data = NULL;
		return err_nomem(err, "flash");
	}
	if (file) {
		s->path = strdup(file);
		ret = s->path ? store_load(s, readonly, err)
			      : err_nomem(err, "flash");
	} else {
		ret = store_pad(s, 0, err);
	}
	if (ret < 0)
		flash_store_close(s);
	return ret;
}

void flash_store_close(struct flash_store *s)
{
	if (s->fd >= 0) {
		fdatasync(s->fd);
		close(s->fd);
	}
	if (s->data)
		munmap(s->data, s->size);
	free(s->path);
	*s = (struct flash_store){ .fd = -1 };
}

/* A file that is shorter grows: with what the guest has seen there. */
static int store_write_file(struct flash_store *s, uint64_t off,
			    const uint8_t *data, uint64_t len)
{
	int ret = 0;

	if (off > s->file_size)
		ret = store_fill(s->fd, off - s->file_size, s->file_size);
	if (!ret)
		ret = store_pwrite(s->fd, data, len, off);
	if (!ret && off + len > s->file_size)
		s->file_size = off + len;
	return ret;
}

int flash_store_write(struct flash_store *s, uint64_t off, const uint8_t *data,
		      uint64_t len)
{
	int ret = 0;

	if (!memcmp(s->data + off, data, len))
		return 0;
	if (s->fd >= 0)
		ret = store_write_file(s, off, data, len);
	if (ret < 0) {
		if (!s->failed)
			log_warn("flash file '%s': write at %" PRIu64
				 " failed: %s; the guest gets an error",
				 s->path, off, strerror(-ret));
		s->failed = true;
		return ret;
	}
	memcpy(s->data + off, data, len);
	return 0;
}
