/* SPDX-License-Identifier: MIT */
/* A file to load, read with every offset checked. */
#include "boot/image.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_PIPE_STEP (1u << 20)

/*
 * Waits for somebody to write to a pipe, which may be for ever: whoever loses
 * patience can end us, though the machine has these signals for its own.
 */
static void image_wait(const struct image *img)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct pollfd p = { .fd = img->fd, .events = POLLIN };
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		sigdelset(&mask, ends[i]);
	while (ppoll(&p, 1, NULL, &mask) < 0 && errno == EINTR)
		;
}

/* Reads until end of file or limit; the pipe's length is only known then. */
static int image_slurp(struct image *img, uint64_t limit, struct err *err)
{
	uint8_t *buf = NULL;
	size_t room = 0, n = 0;

	for (;;) {
		ssize_t got;

		if (n == room) {
			uint8_t *more;

			if (room >= limit) {
				free(buf);
				return err_set(err, EFBIG,
					       "'%s' is larger than the "
					       "guest's memory",
					       img->name);
			}
			room = room ? room * 2 : IMAGE_PIPE_STEP;
			more = realloc(buf, room);
			if (!more) {
				free(buf);
				return err_nomem(err, img->name);
			}
			buf = more;
		}
		image_wait(img);
		got = read(img->fd, buf + n, room - n);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0) {
			free(buf);
			return err_set(err, errno, "cannot read '%s': %s",
				       img->name, strerror(errno));
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	close(img->fd);
	img->fd = -1;
	img->data = img->owned = buf;
	img->size = n;
	return 0;
}

int image_open(struct image *img, const char *path, uint64_t limit,
	       struct err *err)
{
	struct stat st;
	int ret = 0;

	*img = (struct image){ .name = path };
	/* A pipe that nobody writes to yet is waited for in image_wait(). */
	img->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (img->fd < 0)
		return err_set(err, errno, "cannot open '%s': %s", path,
			       strerror(errno));
	if (fstat(img->fd, &st) < 0)
		ret = err_set(err, errno, "cannot examine '%s': %s", path,
			      strerror(errno));
	else if (S_ISDIR(st.st_mode))
		ret = err_set(err, EISDIR, "'%s' is a directory", path);
	else if (S_ISREG(st.st_mode))
		img->size = (uint64_t)st.st_size;
	else
		ret = image_slurp(img, limit, err);
	if (!ret && !img->size)
		ret = err_set(err, ENOEXEC, "'%s' is empty", path);
	if (ret)
		image_close(img);
	return ret;
}

void image_from_data(struct image *img, const char *name, const void *data,
		     uint64_t size)
{
	*img = (struct image){
		.name = name, .size = size, .fd = -1, .data = data
	};
}

void image_close(struct image *img)
{
	if (img->fd >= 0)
		close(img->fd);
	free(img->owned);
	img->fd = -1;
	img->owned = NULL;
	img->data = NULL;
	img->size = 0;
}

static int image_truncated(const struct image *img, uint64_t off, uint64_t len,
			   struct err *err)
{
	return err_set(err, ENOEXEC,
		       "'%s' is truncated: it needs %" PRIu64
		       " bytes at offset %" PRIu64 " and has %" PRIu64,
		       img->name, len, off, img->size);
}

int image_read(const struct image *img, uint64_t off, void *buf, size_t len,
	       struct err *err)
{
	uint8_t *to = buf;

	if (off > img->size || len > img->size - off)
		return image_truncated(img, off, len, err);
	if (img->fd < 0) {
		if (len)
			memcpy(buf, img->data + off, len);
		return 0;
	}
	while (len) {
		ssize_t got = pread(img->fd, to, len, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, errno, "cannot read '%s': %s",
				       img->name, strerror(errno));
		if (got == 0)
			return err_set(err, ENOEXEC,
				       "'%s' shrank while it was read",
				       img->name);
		to += got;
		off += (uint64_t)got;
		len -= (size_t)got;
	}
	return 0;
}

int image_part_get(const struct image *img, uint64_t off, size_t len,
		   struct image_part *part, struct err *err)
{
	void *p;
	int ret;

	*part = (struct image_part){ .size = len };
	if (off > img->size || len > img->size - off)
		return image_truncated(img, off, len, err);
	if (img->fd < 0) {
		part->data = img->data + off;
		return 0;
	}
	p = mmap(NULL, len ? len : 1, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return err_nomem(err, img->name);
	madvise(p, len, MADV_HUGEPAGE); /* a tenth of the page faults */
	part->data = part->owned = p;
	ret = image_read(img, off, p, len, err);
	if (ret)
		image_part_put(part);
	return ret;
}

void image_part_put(struct image_part *part)
{
	if (part->owned)
		munmap(part->owned, part->size ? part->size : 1);
	*part = (struct image_part){ .data = NULL };
}

uint16_t get_le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

uint32_t get_le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

uint64_t get_le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

void put_le16(void *p, uint16_t val)
{
	val = htole16(val);
	memcpy(p, &val, sizeof(val));
}

void put_le32(void *p, uint32_t val)
{
	val = htole32(val);
	memcpy(p, &val, sizeof(val));
}

void put_le64(void *p, uint64_t val)
{
	val = htole64(val);
	memcpy(p, &val, sizeof(val));
}
