/* SPDX-License-Identifier: MIT */
/* The overlay of snapshot=on: a nameless file and a bit a sector. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/block/image.h"

static int overlay_file(struct err *err)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!dir || !*dir)
		dir = access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (fd >= 0)
		return fd;
	/* A file system without O_TMPFILE. */
	snprintf(path, sizeof(path), "%s/vmm-snapshot-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0) {
		unlink(path);
		return fd;
	}
	err_set(err, errno, "cannot make the snapshot's file in '%s': %s", dir,
		strerror(errno));
	err_hint(err, "set TMPDIR to a directory that may be written");
	return -err->code;
}

int overlay_open(struct overlay *o, uint64_t size, struct err *err)
{
	uint64_t words = (size / DISK_SECTOR + 63) / 64;
	int fd = overlay_file(err);
	void *map;

	if (fd < 0)
		return fd;
	*o = (struct overlay){
		.img = { .fd = fd, .size = size, .align = 1, .mem_align = 1 }
	};
	if (ftruncate(fd, (off_t)size) < 0) {
		err_set(err, errno, "cannot size the snapshot's file: %s",
			strerror(errno));
		goto fail;
	}
	o->map_size = words * sizeof(uint64_t);
	map = mmap(NULL, o->map_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED) {
		err_nomem(err, "the snapshot's map");
		goto fail;
	}
	madvise(map, o->map_size, MADV_NOHUGEPAGE);
	o->map = map;
	return 0;
fail:
	close(fd);
	return -err->code;
}

void overlay_close(struct overlay *o)
{
	munmap(o->map, o->map_size);
	close(o->img.fd);
}

uint64_t overlay_run(const struct overlay *o, uint64_t off, uint64_t len,
		     bool *here)
{
	uint64_t s = off / DISK_SECTOR, first = s;
	uint64_t last = (off + len - 1) / DISK_SECTOR;
	uint64_t word = __atomic_load_n(&o->map[s / 64], __ATOMIC_ACQUIRE);
	uint64_t flip, bytes;

	*here = word >> (s % 64) & 1;
	flip = *here ? UINT64_MAX : 0;
	for (;;) {
		/* Ones where the bit differs from the first sector's. */
		uint64_t other = (word ^ flip) & UINT64_MAX << (s % 64);

		if (other) {
			s = s / 64 * 64 + (unsigned)__builtin_ctzll(other);
			break;
		}
		s = (s / 64 + 1) * 64;
		if (s > last)
			break;
		word = __atomic_load_n(&o->map[s / 64], __ATOMIC_ACQUIRE);
	}
	bytes = (s - first) * DISK_SECTOR - off % DISK_SECTOR;
	return bytes < len ? bytes : len;
}

void overlay_mark(struct overlay *o, uint64_t off, uint64_t len)
{
	uint64_t s = off / DISK_SECTOR;
	uint64_t left = (off + len - 1) / DISK_SECTOR - s + 1;

	while (left) {
		unsigned bit = s % 64;
		uint64_t n = left < 64 - bit ? left : 64 - bit;
		uint64_t ones = n == 64 ? UINT64_MAX : (1ull << n) - 1;

		/* Other queues mark other sectors of the same word. */
		__atomic_fetch_or(&o->map[s / 64], ones << bit,
				  __ATOMIC_RELEASE);
		s += n;
		left -= n;
	}
}
