/* SPDX-License-Identifier: MIT */
/* Unpacking what kernels are compressed with, each by its own library. */
#include "boot/unpack.h"

#include <bzlib.h>
#include <errno.h>
#include <libdeflate.h>
#include <limits.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "boot/image.h"

/* One unpacking: what is left of the source and the room that is left. */
struct unpack_job {
	const char *name;
	const uint8_t *src;
	size_t n;
	uint8_t *dst;
	size_t room;
	size_t done; /* bytes written */
	enum unpack_mode mode;
};

static int unpack_cut(const struct unpack_job *j, struct err *err)
{
	return err_set(err, ENOEXEC, "the %s data is cut short after %zu bytes",
		       j->name, j->done);
}

static int unpack_full(const struct unpack_job *j, struct err *err)
{
	return err_set(err, ENOEXEC,
		       "the %s data unpacks to more than the %zu bytes that "
		       "were announced or fit",
		       j->name, j->done);
}

static int unpack_corrupt(const struct unpack_job *j, const char *what,
			  struct err *err)
{
	return err_set(err, ENOEXEC, "the %s data is corrupt: %s", j->name,
		       what);
}

/* The most that a library with int or unsigned counts is given at once. */
static unsigned unpack_step(size_t n)
{
	return n < (1u << 30) ? (unsigned)n : 1u << 30;
}

/*
 * When a stream has neither ended nor progressed: either the source ran out,
 * or the destination did.
 */
static int unpack_stuck(const struct unpack_job *j, struct err *err)
{
	if (j->room == 0)
		return j->mode == UNPACK_HEAD ? 0 : unpack_full(j, err);
	return j->mode == UNPACK_HEAD && j->done ? 0 : unpack_cut(j, err);
}

/* False when libdeflate cannot: it does not say whether the data is cut. */
static bool unpack_gzip_whole(struct unpack_job *j)
{
	struct libdeflate_decompressor *z = libdeflate_alloc_decompressor();
	size_t used, got;
	bool ok = z && libdeflate_gzip_decompress_ex(z, j->src, j->n, j->dst,
						     j->room, &used, &got) ==
			       LIBDEFLATE_SUCCESS;

	libdeflate_free_decompressor(z);
	if (ok)
		j->done = got;
	return ok;
}

static int unpack_gzip_stream(struct unpack_job *j, struct err *err)
{
	z_stream z = { .next_in = (Bytef *)j->src };
	int ret = 0, code;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return err_nomem(err, "the gzip decoder");
	do {
		unsigned in = unpack_step(j->n), room = unpack_step(j->room);

		z.avail_in = in;
		z.next_out = j->dst;
		z.avail_out = room;
		code = inflate(&z, Z_NO_FLUSH);
		j->n -= in - z.avail_in;
		j->dst += room - z.avail_out;
		j->room -= room - z.avail_out;
		j->done += room - z.avail_out;
	} while (code == Z_OK && !(j->mode == UNPACK_HEAD && !j->room));
	if (code == Z_BUF_ERROR)
		ret = unpack_stuck(j, err);
	else if (code == Z_MEM_ERROR)
		ret = err_nomem(err, "the gzip decoder");
	else if (code != Z_STREAM_END && code != Z_OK)
		ret = unpack_corrupt(j, z.msg ? z.msg : "invalid data", err);
	inflateEnd(&z);
	return ret;
}

/*
 * libdeflate takes less than half of zlib's time, but only whole streams; what
 * it refuses zlib looks at once more, which knows what to say.
 */
static int unpack_gzip(struct unpack_job *j, struct err *err)
{
	if (j->mode == UNPACK_ALL && unpack_gzip_whole(j))
		return 0;
	return unpack_gzip_stream(j, err);
}

static int unpack_bzip2(struct unpack_job *j, struct err *err)
{
	bz_stream z = { .next_in = (char *)j->src };
	unsigned used;
	int ret = 0, code;

	if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
		return err_nomem(err, "the bzip2 decoder");
	do {
		unsigned in = unpack_step(j->n), room = unpack_step(j->room);

		z.avail_in = in;
		z.next_out = (char *)j->dst;
		z.avail_out = room;
		code = BZ2_bzDecompress(&z);
		used = (in - z.avail_in) | (room - z.avail_out);
		j->n -= in - z.avail_in;
		j->dst += room - z.avail_out;
		j->room -= room - z.avail_out;
		j->done += room - z.avail_out;
	} while (code == BZ_OK && used);
	switch (code) {
	case BZ_STREAM_END: break;
	case BZ_OK: ret = unpack_stuck(j, err); break;
	case BZ_DATA_ERROR:
		ret = unpack_corrupt(j, "a block or its CRC is wrong", err);
		break;
	case BZ_DATA_ERROR_MAGIC:
		ret = unpack_corrupt(j, "no bzip2 header", err);
		break;
	case BZ_MEM_ERROR: ret = err_nomem(err, "the bzip2 decoder"); break;
	default: ret = unpack_corrupt(j, "invalid data", err); break;
	}
	BZ2_bzDecompressEnd(&z);
	return ret;
}

/* What liblzma may allocate for a dictionary: xz -9 and Linux use 64 MiB. */
#define UNPACK_LZMA_MEMORY (256u << 20)

static const char *unpack_lzma_error(lzma_ret code)
{
	switch (code) {
	case LZMA_FORMAT_ERROR: return "no header of its format";
	case LZMA_OPTIONS_ERROR: return "options that liblzma does not know";
	case LZMA_DATA_ERROR: return "a block or its check is wrong";
	case LZMA_MEMLIMIT_ERROR: return "its dictionary is over 256 MiB";
	default: return "invalid data";
	}
}

static int unpack_lzma(struct unpack_job *j, bool xz, struct err *err)
{
	lzma_stream z = LZMA_STREAM_INIT;
	size_t room = j->room;
	lzma_ret code;
	int ret = 0;

	code = xz ? lzma_stream_decoder(&z, UNPACK_LZMA_MEMORY, 0)
		  : lzma_alone_decoder(&z, UNPACK_LZMA_MEMORY);
	if (code != LZMA_OK)
		return err_nomem(err, "the xz decoder");
	z.next_in = j->src;
	z.avail_in = j->n;
	z.next_out = j->dst;
	z.avail_out = room;
	do
		code = lzma_code(&z, LZMA_RUN);
	while (code == LZMA_OK && !(j->mode == UNPACK_HEAD && !z.avail_out));
	j->done = room - z.avail_out;
	j->room = z.avail_out;
	if (code == LZMA_BUF_ERROR)
		ret = unpack_stuck(j, err);
	else if (code == LZMA_MEM_ERROR)
		ret = err_nomem(err, "the xz decoder");
	else if (code != LZMA_STREAM_END && code != LZMA_OK)
		ret = unpack_corrupt(j, unpack_lzma_error(code), err);
	lzma_end(&z);
	return ret;
}

static uint32_t unpack_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Takes len bytes off the source, or NULL when there are fewer. */
static const uint8_t *unpack_take(struct unpack_job *j, size_t len)
{
	const uint8_t *p = j->src;

	if (len > j->n)
		return NULL;
	j->src += len;
	j->n -= len;
	return p;
}

/* The lzop file header: lzop(1), and conf.h of its source for the flags. */
#define LZOP_MAGIC_SIZE 9
#define LZOP_ADLER32_D	0x00000001u
#define LZOP_ADLER32_C	0x00000002u
#define LZOP_EXTRA	0x00000040u
#define LZOP_CRC32_D	0x00000100u
#define LZOP_CRC32_C	0x00000200u
#define LZOP_FILTER	0x00000800u
#define LZOP_MAX_BLOCK	(64u << 20)

static const uint8_t lzop_magic[LZOP_MAGIC_SIZE] = { 0x89, 'L',	 'Z',  'O', 0,
						     '\r', '\n', 0x1a, '\n' };

/* Skips the header; the flags tell which checksums each block has. */
static int unpack_lzop_header(struct unpack_job *j, uint32_t *flags,
			      struct err *err)
{
	const uint8_t *p;
	unsigned version;
	bool modern;

	if (!unpack_take(j, LZOP_MAGIC_SIZE))
		return unpack_cut(j, err);
	p = unpack_take(j, 4);
	if (!p)
		return unpack_cut(j, err);
	version = (unsigned)p[0] << 8 | p[1];
	modern = version >= 0x0940;
	p = unpack_take(j, modern ? 4 : 1); /* needed version, method, level */
	if (!p)
		return unpack_cut(j, err);
	if (p[modern ? 2 : 0] < 1 || p[modern ? 2 : 0] > 3)
		return unpack_corrupt(j, "its method is not LZO1X", err);
	p = unpack_take(j, 4);
	if (!p)
		return unpack_cut(j, err);
	*flags = unpack_be32(p);
	if (*flags & (LZOP_FILTER | LZOP_EXTRA))
		return unpack_corrupt(j, "it has a filter or extra fields",
				      err);
	p = unpack_take(j, modern ? 13 : 9); /* mode, times, name length */
	if (!p || !unpack_take(j, p[modern ? 12 : 8]) || !unpack_take(j, 4))
		return unpack_cut(j, err);
	return 0;
}

/* What leads a block: its sizes, and the checksum of the unpacked bytes. */
struct lzop_block {
	uint32_t len, packed;
	const uint8_t *adler;
};

/* Reads a block's header; len 0 is the end of the file. */
static int unpack_lzop_lead(struct unpack_job *j, uint32_t flags,
			    struct lzop_block *b, struct err *err)
{
	const uint8_t *p = unpack_take(j, 4);
	size_t skip = 0;

	*b = (struct lzop_block){ 0 };
	if (!p)
		return unpack_cut(j, err);
	b->len = unpack_be32(p);
	if (!b->len)
		return 0;
	p = unpack_take(j, 4);
	if (!p)
		return unpack_cut(j, err);
	b->packed = unpack_be32(p);
	if (b->len > LZOP_MAX_BLOCK || b->packed > b->len)
		return unpack_corrupt(j, "a block's size is absurd", err);
	if (flags & LZOP_ADLER32_D) {
		b->adler = unpack_take(j, 4);
		if (!b->adler)
			return unpack_cut(j, err);
	}
	if (flags & LZOP_CRC32_D)
		skip += 4;
	if (b->packed < b->len && (flags & LZOP_ADLER32_C))
		skip += 4;
	if (b->packed < b->len && (flags & LZOP_CRC32_C))
		skip += 4;
	return unpack_take(j, skip) ? 0 : unpack_cut(j, err);
}

static int unpack_lzop_data(struct unpack_job *j, const struct lzop_block *b,
			    uint8_t *dst, struct err *err)
{
	const uint8_t *p = unpack_take(j, b->packed);
	lzo_uint got = b->len;

	if (!p)
		return unpack_cut(j, err);
	if (b->packed == b->len)
		memcpy(dst, p, b->len);
	else if (lzo1x_decompress_safe(p, b->packed, dst, &got, NULL) !=
			 LZO_E_OK ||
		 got != b->len)
		return unpack_corrupt(j, "a block does not unpack", err);
	if (b->adler &&
	    libdeflate_adler32(1, dst, b->len) != unpack_be32(b->adler))
		return unpack_corrupt(j, "a block's checksum is wrong", err);
	return 0;
}

/* The block that is larger than the room left: only its head is wanted. */
static int unpack_lzop_last(struct unpack_job *j, const struct lzop_block *b,
			    struct err *err)
{
	uint8_t *whole = malloc(b->len);
	int ret;

	if (!whole)
		return err_nomem(err, "an LZO block");
	ret = unpack_lzop_data(j, b, whole, err);
	if (!ret) {
		memcpy(j->dst, whole, j->room);
		j->done += j->room;
		j->room = 0;
	}
	free(whole);
	return ret;
}

static int unpack_lzo(struct unpack_job *j, struct err *err)
{
	struct lzop_block b;
	uint32_t flags = 0;
	int ret;

	if (lzo_init() != LZO_E_OK)
		return err_set(err, ENOSYS, "liblzo2 does not work here");
	ret = unpack_lzop_header(j, &flags, err);
	while (!ret) {
		if (j->mode == UNPACK_HEAD && j->done && j->n < 8)
			return 0; /* the source was a head, too */
		ret = unpack_lzop_lead(j, flags, &b, err);
		if (ret || !b.len)
			return ret;
		if (j->mode == UNPACK_HEAD && j->done && b.packed > j->n)
			return 0;
		if (b.len > j->room)
			return j->mode == UNPACK_HEAD
				       ? unpack_lzop_last(j, &b, err)
				       : unpack_full(j, err);
		ret = unpack_lzop_data(j, &b, j->dst, err);
		if (ret)
			return ret;
		j->dst += b.len;
		j->room -= b.len;
		j->done += b.len;
	}
	return ret;
}

#define LZ4_LEGACY_MAGIC 0x184c2102u
#define LZ4_LEGACY_BLOCK (8u << 20)

#define UNPACK_TEAM_THREADS 4
#define UNPACK_TEAM_BLOCKS  64

/* All blocks of a frame, unpacked by several threads, each where it belongs. */
struct unpack_team {
	const struct unpack_job *job;
	const uint8_t *block[UNPACK_TEAM_BLOCKS];
	uint32_t packed[UNPACK_TEAM_BLOCKS];
	unsigned n;
	unsigned next;	 /* taken atomically */
	unsigned failed; /* set atomically */
};

/* What block i holds: 8 MiB, but for the last, which has the rest. */
static size_t unpack_team_size(const struct unpack_team *t, unsigned i)
{
	return i + 1 < t->n ? LZ4_LEGACY_BLOCK
			    : t->job->room - i * (size_t)LZ4_LEGACY_BLOCK;
}

static void *unpack_team_run(void *opaque)
{
	struct unpack_team *t = opaque;
	unsigned i;

	while ((i = __atomic_fetch_add(&t->next, 1, __ATOMIC_RELAXED)) < t->n) {
		int size = (int)unpack_team_size(t, i);

		if (LZ4_decompress_safe((const char *)t->block[i],
					(char *)t->job->dst +
						i * (size_t)LZ4_LEGACY_BLOCK,
					(int)t->packed[i], size) != size)
			__atomic_store_n(&t->failed, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Finds the blocks; false unless they can only fill the room exactly. */
static bool unpack_team_index(struct unpack_team *t, struct unpack_job j)
{
	t->n = 0;
	while (j.n >= 4) {
		uint32_t packed = get_le32(unpack_take(&j, 4));

		if (packed == LZ4_LEGACY_MAGIC)
			continue;
		if (packed > (uint32_t)LZ4_compressBound(LZ4_LEGACY_BLOCK) ||
		    t->n == UNPACK_TEAM_BLOCKS)
			return false;
		t->packed[t->n] = packed;
		t->block[t->n++] = j.src;
		if (!unpack_take(&j, packed))
			return false;
	}
	return t->n > 1 && j.room > (t->n - 1) * (size_t)LZ4_LEGACY_BLOCK &&
	       j.room <= t->n * (size_t)LZ4_LEGACY_BLOCK;
}

/*
 * The blocks of the legacy frame do not refer to each other.  False when the
 * frame is not as Linux's build writes it, or damaged: then they are unpacked
 * one after another, which knows what to say.
 */
static bool unpack_lz4_team(struct unpack_job *j)
{
	struct unpack_team t = { .job = j };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread[UNPACK_TEAM_THREADS - 1];
	unsigned n = 0;

	if (cpus < 2 || !unpack_team_index(&t, *j))
		return false;
	while (n < UNPACK_TEAM_THREADS - 1 && n + 1 < t.n && n + 1 < cpus &&
	       !pthread_create(&thread[n], NULL, unpack_team_run, &t))
		n++;
	unpack_team_run(&t);
	while (n)
		pthread_join(thread[--n], NULL);
	if (t.failed)
		return false;
	j->done = j->room;
	j->room = 0;
	return true;
}

/* LZ4 Frame Format, "Legacy frame": magic, then blocks led by their size. */
static int unpack_lz4(struct unpack_job *j, struct err *err)
{
	if (j->mode == UNPACK_ALL && unpack_lz4_team(j))
		return 0;
	while (j->n >= 4) {
		uint32_t packed = get_le32(unpack_take(j, 4));
		size_t room = j->room < LZ4_LEGACY_BLOCK ? j->room
							 : LZ4_LEGACY_BLOCK;
		int got;

		if (packed == LZ4_LEGACY_MAGIC)
			continue;
		if (packed > (uint32_t)LZ4_compressBound(LZ4_LEGACY_BLOCK)) {
			/* Not a block: what follows the frame is ignored. */
			if (j->done)
				return 0;
			return unpack_corrupt(j, "a block's size is absurd",
					      err);
		}
		if (j->mode == UNPACK_HEAD) {
			size_t have = packed < j->n ? packed : j->n;

			got = LZ4_decompress_safe_partial(
				(const char *)j->src, (char *)j->dst, (int)have,
				(int)room, (int)room);
		} else {
			if (packed > j->n)
				return unpack_cut(j, err);
			got = LZ4_decompress_safe((const char *)j->src,
						  (char *)j->dst, (int)packed,
						  (int)room);
			if (got < 0 && room < LZ4_LEGACY_BLOCK)
				return unpack_corrupt(
					j,
					"a block does not unpack, or to "
					"more than fits",
					err);
		}
		if (got < 0)
			return unpack_corrupt(j, "a block does not unpack",
					      err);
		j->dst += got;
		j->room -= (size_t)got;
		j->done += (size_t)got;
		if (j->mode == UNPACK_HEAD && (!j->room || packed >= j->n))
			return 0;
		if (!unpack_take(j, packed))
			return unpack_cut(j, err);
	}
	return j->done ? 0 : unpack_cut(j, err);
}

static int unpack_zstd_head(struct unpack_job *j, struct err *err)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer in = { j->src, j->n, 0 };
	ZSTD_outBuffer out = { j->dst, j->room, 0 };
	size_t code;
	int ret = 0;

	if (!z)
		return err_nomem(err, "the zstd decoder");
	do {
		size_t in0 = in.pos, out0 = out.pos;

		code = ZSTD_decompressStream(z, &out, &in);
		if (in.pos == in0 && out.pos == out0)
			break;
	} while (code && !ZSTD_isError(code) && out.pos < out.size);
	j->done = out.pos;
	if (ZSTD_isError(code) && !j->done)
		ret = unpack_corrupt(j, ZSTD_getErrorName(code), err);
	else if (!j->done)
		ret = unpack_cut(j, err);
	ZSTD_freeDCtx(z);
	return ret;
}

static int unpack_zstd(struct unpack_job *j, struct err *err)
{
	size_t len, got;

	if (j->mode == UNPACK_HEAD)
		return unpack_zstd_head(j, err);
	/* In one call there is no window to copy through. */
	len = ZSTD_findFrameCompressedSize(j->src, j->n);
	if (ZSTD_isError(len)) {
		if (ZSTD_getErrorCode(len) == ZSTD_error_srcSize_wrong)
			return unpack_cut(j, err);
		return unpack_corrupt(j, ZSTD_getErrorName(len), err);
	}
	got = ZSTD_decompress(j->dst, j->room, j->src, len);
	if (ZSTD_isError(got)) {
		j->done = j->room;
		if (ZSTD_getErrorCode(got) == ZSTD_error_dstSize_tooSmall)
			return unpack_full(j, err);
		return unpack_corrupt(j, ZSTD_getErrorName(got), err);
	}
	j->done = got;
	return 0;
}

enum unpack_kind unpack_detect(const void *src, size_t n)
{
	const uint8_t *p = src;

	if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return UNPACK_GZIP;
	if (n >= 4 && !memcmp(p, "BZh", 3) && p[3] >= '1' && p[3] <= '9')
		return UNPACK_BZIP2;
	if (n >= 6 && !memcmp(p,
			      "\xfd"
			      "7zXZ",
			      6))
		return UNPACK_XZ;
	if (n >= LZOP_MAGIC_SIZE && !memcmp(p, lzop_magic, LZOP_MAGIC_SIZE))
		return UNPACK_LZO;
	if (n >= 4 && get_le32(p) == LZ4_LEGACY_MAGIC)
		return UNPACK_LZ4;
	if (n >= 4 && get_le32(p) == ZSTD_MAGICNUMBER)
		return UNPACK_ZSTD;
	/* The properties of every .lzma in use, and a plausible dictionary. */
	if (n >= 13 && p[0] == 0x5d && !p[1] && !p[2])
		return UNPACK_LZMA;
	return UNPACK_NONE;
}

const char *unpack_name(enum unpack_kind kind)
{
	static const char *const names[UNPACK_KINDS] = {
		[UNPACK_NONE] = "nothing", [UNPACK_GZIP] = "gzip",
		[UNPACK_BZIP2] = "bzip2",  [UNPACK_LZMA] = "lzma",
		[UNPACK_XZ] = "xz",	   [UNPACK_LZO] = "lzo",
		[UNPACK_LZ4] = "lz4",	   [UNPACK_ZSTD] = "zstd",
	};

	return kind < UNPACK_KINDS ? names[kind] : "nothing";
}

int unpack(enum unpack_kind kind, const void *src, size_t n, void *dst,
	   size_t cap, enum unpack_mode mode, size_t *out, struct err *err)
{
	struct unpack_job j = { .name = unpack_name(kind),
				.src = src,
				.n = n,
				.dst = dst,
				.room = cap,
				.mode = mode };
	int ret;

	switch (kind) {
	case UNPACK_GZIP: ret = unpack_gzip(&j, err); break;
	case UNPACK_BZIP2: ret = unpack_bzip2(&j, err); break;
	case UNPACK_LZMA: ret = unpack_lzma(&j, false, err); break;
	case UNPACK_XZ: ret = unpack_lzma(&j, true, err); break;
	case UNPACK_LZO: ret = unpack_lzo(&j, err); break;
	case UNPACK_LZ4: ret = unpack_lz4(&j, err); break;
	case UNPACK_ZSTD: ret = unpack_zstd(&j, err); break;
	default:
		ret = err_set(err, ENOEXEC, "the data is not compressed");
		break;
	}
	*out = j.done;
	return ret;
}
