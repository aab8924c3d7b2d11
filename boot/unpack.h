/* SPDX-License-Identifier: MIT */
/* Unpacking what kernels are compressed with, into one buffer. */
#ifndef BOOT_UNPACK_H
#define BOOT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"

/* Every CONFIG_KERNEL_* compression of Linux. */
enum unpack_kind {
	UNPACK_NONE, /* not compressed, or not by one of these */
	UNPACK_GZIP,
	UNPACK_BZIP2,
	UNPACK_LZMA,
	UNPACK_XZ,
	UNPACK_LZO, /* the lzop file format */
	UNPACK_LZ4, /* the legacy frame: blocks of 8 MiB, no checksum */
	UNPACK_ZSTD,
	UNPACK_KINDS,
};

enum unpack_mode {
	UNPACK_ALL,  /* dst must hold everything */
	UNPACK_HEAD, /* fills dst at most, and stops there */
};

/* The kind by the first bytes. */
enum unpack_kind unpack_detect(const void *src, size_t n);
const char *unpack_name(enum unpack_kind kind);

/*
 * Unpacks src into dst and sets *out to the bytes written, at most cap, which
 * is a hard bound whatever src says.  Bytes after the end of the compressed
 * stream are ignored.  dst may be guest memory: it is never read for more
 * than the stream's own history.  Any thread.  The error names the format and
 * what its library found wrong: cut short, corrupt, too large for cap.
 */
int unpack(enum unpack_kind kind, const void *src, size_t n, void *dst,
	   size_t cap, enum unpack_mode mode, size_t *out,
	   struct err *err) MUST_CHECK;

#endif
