/* SPDX-License-Identifier: MIT */
/* Writes AML: terms, names, resource descriptors. */
#include "boot/aml.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OP_NAME	   0x08
#define OP_BYTE	   0x0a
#define OP_WORD	   0x0b
#define OP_DWORD   0x0c
#define OP_STRING  0x0d
#define OP_QWORD   0x0e
#define OP_SCOPE   0x10
#define OP_BUFFER  0x11
#define OP_PACKAGE 0x12
#define OP_METHOD  0x14
#define OP_DUAL	   0x2e
#define OP_MULTI   0x2f
#define OP_EXT	   0x5b
#define OP_IF	   0xa0
#define OP_ELSE	   0xa1
#define EXT_REGION 0x80
#define EXT_FIELD  0x81
#define EXT_DEVICE 0x82

#define METHOD_SERIALIZED 0x08
#define FIELD_DWORD	  0x03

void aml_init(struct aml *a, void *buf, size_t cap)
{
	*a = (struct aml){ .buf = buf, .cap = cap };
}

int aml_done(const struct aml *a)
{
	return a->full ? -ENOSPC : 0;
}

/* ---- bytes */

/* Room for n bytes at off, the rest moved up; NULL once the buffer is full. */
static uint8_t *aml_open(struct aml *a, size_t off, size_t n)
{
	if (a->full || n > a->cap - a->len) {
		a->full = true;
		return NULL;
	}
	memmove(a->buf + off + n, a->buf + off, a->len - off);
	a->len += n;
	return a->buf + off;
}

void aml_bytes(struct aml *a, const void *p, size_t n)
{
	uint8_t *to = aml_open(a, a->len, n);

	if (to)
		memcpy(to, p, n);
}

static void aml_le(struct aml *a, uint64_t val, unsigned n)
{
	uint8_t le[8];

	for (unsigned i = 0; i < n; i++)
		le[i] = (uint8_t)(val >> 8 * i);
	aml_bytes(a, le, n);
}

void aml_u8(struct aml *a, uint8_t val)
{
	aml_le(a, val, 1);
}

void aml_u16(struct aml *a, uint16_t val)
{
	aml_le(a, val, 2);
}

void aml_u32(struct aml *a, uint32_t val)
{
	aml_le(a, val, 4);
}

void aml_u64(struct aml *a, uint64_t val)
{
	aml_le(a, val, 8);
}

/*
 * PkgLength, section 20.2.4: one byte up to 63; else the low four bits and
 * the number of further bytes in the first.  Returns its bytes in out.
 */
static unsigned aml_pkg_length(uint8_t out[4], size_t len, bool counts_itself)
{
	unsigned n = 1;

	while (n < 4 && len + (counts_itself ? n : 0) >=
				(n == 1 ? 64u : (size_t)1 << (4 + 8 * (n - 1))))
		n++;
	len += counts_itself ? n : 0;
	if (n == 1) {
		out[0] = (uint8_t)len;
		return 1;
	}
	out[0] = (uint8_t)((n - 1) << 6 | (len & 15));
	for (unsigned i = 1; i < n; i++)
		out[i] = (uint8_t)(len >> (4 + 8 * (i - 1)));
	return n;
}

void aml_end(struct aml *a, size_t mark)
{
	uint8_t length[4], *to;
	unsigned n;

	if (a->full)
		return;
	n = aml_pkg_length(length, a->len - mark, true);
	to = aml_open(a, mark, n);
	if (to)
		memcpy(to, length, n);
}

/* ---- names */

static void aml_segment(struct aml *a, const char *s, size_t n)
{
	char seg[4] = { '_', '_', '_', '_' };

	assert(n >= 1 && n <= 4);
	memcpy(seg, s, n);
	aml_bytes(a, seg, 4);
}

void aml_path(struct aml *a, const char *path)
{
	unsigned n = 0;

	for (; *path == '\\' || *path == '^'; path++)
		aml_u8(a, (uint8_t)*path);
	for (const char *s = path; *s; s += *s == '.')
		s += strcspn(s, "."), n++;
	if (n == 0) {
		aml_u8(a, AML_ZERO);
	} else if (n == 2) {
		aml_u8(a, OP_DUAL);
	} else if (n > 2) {
		aml_u8(a, OP_MULTI);
		aml_u8(a, (uint8_t)n);
	}
	while (*path) {
		size_t len = strcspn(path, ".");

		aml_segment(a, path, len);
		path += len + (path[len] == '.');
	}
}

void aml_name(struct aml *a, const char *path)
{
	aml_u8(a, OP_NAME);
	aml_path(a, path);
}

/* ---- data */

void aml_int(struct aml *a, uint64_t val)
{
	if (val <= 1) {
		aml_u8(a, (uint8_t)val); /* ZeroOp, OneOp */
	} else if (val <= UINT8_MAX) {
		aml_u8(a, OP_BYTE);
		aml_u8(a, (uint8_t)val);
	} else if (val <= UINT16_MAX) {
		aml_u8(a, OP_WORD);
		aml_u16(a, (uint16_t)val);
	} else if (val <= UINT32_MAX) {
		aml_u8(a, OP_DWORD);
		aml_u32(a, (uint32_t)val);
	} else {
		aml_u8(a, OP_QWORD);
		aml_u64(a, val);
	}
}

void aml_string(struct aml *a, const char *s)
{
	aml_u8(a, OP_STRING);
	aml_bytes(a, s, strlen(s) + 1);
}

/* Section 19.3.4: three letters of five bits and four hex digits. */
void aml_hid(struct aml *a, const char *hid)
{
	uint32_t id = 0;

	if (strlen(hid) != 7) {
		aml_string(a, hid);
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		id = id << 5 | (uint32_t)(hid[i] - '@');
	id = id << 16 | (uint32_t)strtoul(hid + 3, NULL, 16);
	aml_u8(a, OP_DWORD);
	for (unsigned i = 0; i < 4; i++) /* big-endian within */
		aml_u8(a, (uint8_t)(id >> (24 - 8 * i)));
}

static uint8_t aml_hex(const char *two)
{
	const char digits[3] = { two[0], two[1], 0 };

	return (uint8_t)strtoul(digits, NULL, 16);
}

void uuid_bytes(const char *uuid, uint8_t to[16])
{
	/* The first three groups are little-endian (section 19.6.142). */
	static const uint8_t at[16] = { 6,  4,	2,  0,	11, 9,	16, 14,
					19, 21, 24, 26, 28, 30, 32, 34 };

	assert(strlen(uuid) == 36);
	for (unsigned i = 0; i < 16; i++)
		to[i] = aml_hex(uuid + at[i]);
}

void aml_uuid(struct aml *a, const char *uuid)
{
	size_t m = aml_buffer(a);
	uint8_t bytes[16];

	uuid_bytes(uuid, bytes);
	aml_bytes(a, bytes, sizeof(bytes));
	aml_buffer_end(a, m);
}

/* ---- terms that hold others */

size_t aml_scope(struct aml *a, const char *path)
{
	size_t mark;

	aml_u8(a, OP_SCOPE);
	mark = a->len;
	aml_path(a, path);
	return mark;
}

size_t aml_device(struct aml *a, const char *path)
{
	size_t mark;

	aml_u8(a, OP_EXT);
	aml_u8(a, EXT_DEVICE);
	mark = a->len;
	aml_path(a, path);
	return mark;
}

size_t aml_method(struct aml *a, const char *path, unsigned args,
		  bool serialized)
{
	size_t mark;

	aml_u8(a, OP_METHOD);
	mark = a->len;
	aml_path(a, path);
	aml_u8(a, (uint8_t)(args | (serialized ? METHOD_SERIALIZED : 0)));
	return mark;
}

size_t aml_package(struct aml *a, unsigned n)
{
	size_t mark;

	assert(n <= 255);
	aml_u8(a, OP_PACKAGE);
	mark = a->len;
	aml_u8(a, (uint8_t)n);
	return mark;
}

size_t aml_if(struct aml *a)
{
	aml_u8(a, OP_IF);
	return a->len;
}

size_t aml_else(struct aml *a)
{
	aml_u8(a, OP_ELSE);
	return a->len;
}

size_t aml_buffer(struct aml *a)
{
	aml_u8(a, OP_BUFFER);
	return a->len;
}

/* The size goes before the bytes, and the length before both. */
void aml_buffer_end(struct aml *a, size_t mark)
{
	uint64_t size = a->len - mark;
	uint8_t head[5], *to;
	struct aml h;

	if (a->full)
		return;
	aml_init(&h, head, sizeof(head));
	aml_int(&h, size);
	to = aml_open(a, mark, h.len);
	if (to)
		memcpy(to, head, h.len);
	aml_end(a, mark);
}

size_t aml_resources(struct aml *a)
{
	return aml_buffer(a);
}

void aml_resources_end(struct aml *a, size_t mark)
{
	aml_u8(a, 0x79); /* end tag, */
	aml_u8(a, 0);	 /* no checksum */
	aml_buffer_end(a, mark);
}

/* ---- expressions */

void aml_op(struct aml *a, enum aml_op op)
{
	aml_u8(a, (uint8_t)op);
}

void aml_region(struct aml *a, const char *name, enum aml_space space,
		uint64_t base, uint64_t size)
{
	aml_u8(a, OP_EXT);
	aml_u8(a, EXT_REGION);
	aml_path(a, name);
	aml_u8(a, (uint8_t)space);
	aml_int(a, base);
	aml_int(a, size);
}

void aml_field32(struct aml *a, const char *region, const char *name)
{
	uint8_t bits[4];
	size_t mark;

	aml_u8(a, OP_EXT);
	aml_u8(a, EXT_FIELD);
	mark = a->len;
	aml_path(a, region);
	aml_u8(a, FIELD_DWORD);
	aml_segment(a, name, strlen(name));
	aml_bytes(a, bits, aml_pkg_length(bits, 32, false));
	aml_end(a, mark);
}

/* ---- resource descriptors, section 6.4 */

#define SMALL_IO	 0x47 /* type 8, 7 bytes */
#define LARGE_MEM32FIXED 0x86
#define LARGE_DWORD	 0x87
#define LARGE_WORD	 0x88
#define LARGE_INTERRUPT	 0x89
#define LARGE_QWORD	 0x8a

/* Address space descriptors, table 6.43 and on. */
#define RES_MEMORY    0
#define RES_IO	      1
#define RES_BUS	      2
#define RES_CONSUMER  0x01
#define RES_FIXED     0x0c /* both ends are */
#define RES_MEM_WRITE 0x01 /* type-specific: read-write, uncached */
#define RES_ENTIRE    0x03 /* type-specific: ISA and non-ISA ports, */
#define RES_IO_MMIO   0x10 /* which are in memory for the CPU */

/* granularity 0, first, last, translation, length: width bytes each. */
static void aml_address_at(struct aml *a, uint8_t tag, unsigned width,
			   uint8_t kind, uint8_t flags, uint8_t specific,
			   uint64_t base, uint64_t size, uint64_t translation)
{
	aml_u8(a, tag);
	aml_u16(a, (uint16_t)(3 + 5 * width));
	aml_u8(a, kind);
	aml_u8(a, flags);
	aml_u8(a, specific);
	aml_le(a, 0, width);
	aml_le(a, base, width);
	aml_le(a, base + size - 1, width);
	aml_le(a, translation, width);
	aml_le(a, size, width);
}

static void aml_address(struct aml *a, uint8_t tag, unsigned width,
			uint8_t kind, uint8_t flags, uint8_t specific,
			uint64_t base, uint64_t size)
{
	aml_address_at(a, tag, width, kind, flags, specific, base, size, 0);
}

static bool aml_fits32(uint64_t base, uint64_t size)
{
	return base + size - 1 <= UINT32_MAX && size <= UINT32_MAX;
}

void aml_memory(struct aml *a, uint64_t base, uint64_t size)
{
	if (!aml_fits32(base, size)) {
		aml_address(a, LARGE_QWORD, 8, RES_MEMORY,
			    RES_FIXED | RES_CONSUMER, RES_MEM_WRITE, base,
			    size);
		return;
	}
	aml_u8(a, LARGE_MEM32FIXED);
	aml_u16(a, 9);
	aml_u8(a, 1); /* read-write */
	aml_u32(a, (uint32_t)base);
	aml_u32(a, (uint32_t)size);
}

void aml_io(struct aml *a, uint16_t base, uint8_t size)
{
	aml_u8(a, SMALL_IO);
	aml_u8(a, 1); /* 16 address bits are decoded */
	aml_u16(a, base);
	aml_u16(a, base);
	aml_u8(a, 1); /* alignment */
	aml_u8(a, size);
}

void aml_interrupt(struct aml *a, uint32_t gsi, bool level, bool low)
{
	aml_u8(a, LARGE_INTERRUPT);
	aml_u16(a, 6);
	aml_u8(a, (uint8_t)(1 | !level << 1 | low << 2)); /* bit 0: consumer */
	aml_u8(a, 1);					  /* one of them */
	aml_u32(a, gsi);
}

void aml_bus_numbers(struct aml *a, uint16_t first, uint16_t n)
{
	aml_address(a, LARGE_WORD, 2, RES_BUS, RES_FIXED, 0, first, n);
}

void aml_io_window(struct aml *a, uint32_t base, uint32_t size)
{
	aml_address(a, LARGE_DWORD, 4, RES_IO, RES_FIXED, RES_ENTIRE, base,
		    size);
}

void aml_io_window_mmio(struct aml *a, uint64_t base, uint64_t size,
			uint64_t mmio)
{
	bool narrow = aml_fits32(mmio, size);

	aml_address_at(a, narrow ? LARGE_DWORD : LARGE_QWORD, narrow ? 4 : 8,
		       RES_IO, RES_FIXED, RES_ENTIRE | RES_IO_MMIO, base, size,
		       mmio - base);
}

void aml_memory_window(struct aml *a, uint64_t base, uint64_t size)
{
	bool narrow = aml_fits32(base, size);

	aml_address(a, narrow ? LARGE_DWORD : LARGE_QWORD, narrow ? 4 : 8,
		    RES_MEMORY, RES_FIXED, RES_MEM_WRITE, base, size);
}
