/* SPDX-License-Identifier: MIT */
/* EFI's runtime services without firmware: the time, and nothing else. */
#include "boot/efi_runtime.h"

#include <string.h>
#include <zlib.h>

#include "boot/image.h"

#define AT_GET_TIME    0x100
#define AT_UNSUPPORTED 0x1d0
#define AT_RTC	       0x1e0 /* the address that GetTime() loads */

/* The table: UEFI 2.10, section 4.5. */
#define TABLE_SIZE     136
#define TABLE_REVISION (2u << 16 | 100)
#define TABLE_SERVICES 24 /* pointers to functions, GetTime() first */

/*
 * GetTime(x0: EFI_TIME, x1: its capabilities or NULL), section 8.3, of the
 * PL031's seconds since 1970.  Assembled from what stands beside it.
 */
static const uint32_t efi_get_time[] = {
	/* Days, and seconds of the last. */
	0x58000702, /* ldr x2, rtc */
	0xb9400042, /* ldr w2, [x2] */
	0x528a3003, /* mov w3, #0x5180 */
	0x72a00023, /* movk w3, #0x1, lsl #16 */
	0x1ac30844, /* udiv w4, w2, w3 */
	0x1b038882, /* msub w2, w4, w3, w2 */
	/* Of four-year cycles since March 1968: 2100 has no leap day. */
	0x529736a3, /* mov w3, #0xb9b5 */
	0x6b03009f, /* cmp w4, w3 */
	0x110a7c85, /* add w5, w4, #0x29f */
	0x1a8534a5, /* cinc w5, w5, hs */
	/* Years, and the day of the year. */
	0x5280b6a3, /* mov w3, #0x5b5 */
	0x52800067, /* mov w7, #0x3 */
	0x0b0508e6, /* add w6, w7, w5, lsl #2 */
	0x1ac308c6, /* udiv w6, w6, w3 */
	0x1b037cc7, /* mul w7, w6, w3 */
	0x4b4708a5, /* sub w5, w5, w7, lsr #2 */
	/* Months since March, and the day. */
	0x52801323, /* mov w3, #0x99 */
	0x52800048, /* mov w8, #0x2 */
	0x0b0508a7, /* add w7, w5, w5, lsl #2 */
	0x0b0800e7, /* add w7, w7, w8 */
	0x1ac308e7, /* udiv w7, w7, w3 */
	0x1b0320e8, /* madd w8, w7, w3, w8 */
	0x528000a3, /* mov w3, #0x5 */
	0x1ac30908, /* udiv w8, w8, w3 */
	0x4b0800a5, /* sub w5, w5, w8 */
	0x110004a5, /* add w5, w5, #0x1 */
	/* From January. */
	0x111ec0c6, /* add w6, w6, #0x7b0 */
	0x710028ff, /* cmp w7, #0xa */
	0x510024e8, /* sub w8, w7, #0x9 */
	0x11000ce7, /* add w7, w7, #0x3 */
	0x1a872107, /* csel w7, w8, w7, hs */
	0x1a8634c6, /* cinc w6, w6, hs */
	0x79000006, /* strh w6, [x0] */
	0x39000807, /* strb w7, [x0, #2] */
	0x39000c05, /* strb w5, [x0, #3] */
	/* Hours, minutes, seconds; no time zone. */
	0x5281c203, /* mov w3, #0xe10 */
	0x1ac30844, /* udiv w4, w2, w3 */
	0x1b038882, /* msub w2, w4, w3, w2 */
	0x39001004, /* strb w4, [x0, #4] */
	0x52800783, /* mov w3, #0x3c */
	0x1ac30844, /* udiv w4, w2, w3 */
	0x1b038882, /* msub w2, w4, w3, w2 */
	0x39001404, /* strb w4, [x0, #5] */
	0x79000c02, /* strh w2, [x0, #6] */
	0xd2c0ffe3, /* mov x3, #0x7ff00000000 */
	0xf9000403, /* str x3, [x0, #8] */
	/* A clock of 1 Hz. */
	0xb4000081, /* cbz x1, 1f */
	0x52800023, /* mov w3, #0x1 */
	0xf9000023, /* str x3, [x1] */
	0x3900203f, /* strb wzr, [x1, #8] */
	0xd2800000, /* 1: mov x0, #0x0 */
	0xd65f03c0, /* ret */
};

static const uint32_t efi_unsupported[] = {
	0xd2f00000, /* mov x0, #0x8000000000000000 */
	0xf2800060, /* movk x0, #0x3 */
	0xd65f03c0, /* ret */
};

static void efi_code(uint8_t *to, const uint32_t *code, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_le32(to + 4 * i, code[i]);
}

void efi_runtime_build(gpa_t at, gpa_t rtc, uint8_t *area)
{
	_Static_assert(AT_GET_TIME + sizeof(efi_get_time) <= AT_UNSUPPORTED,
		       "");
	_Static_assert(AT_UNSUPPORTED + sizeof(efi_unsupported) <= AT_RTC, "");
	efi_code(area + AT_GET_TIME, efi_get_time,
		 sizeof(efi_get_time) / sizeof(*efi_get_time));
	efi_code(area + AT_UNSUPPORTED, efi_unsupported,
		 sizeof(efi_unsupported) / sizeof(*efi_unsupported));
	put_le64(area + AT_RTC, rtc);

	memcpy(area, "RUNTSERV", 8);
	put_le32(area + 8, TABLE_REVISION);
	put_le32(area + 12, TABLE_SIZE);
	for (unsigned off = TABLE_SERVICES; off < TABLE_SIZE; off += 8)
		put_le64(area + off, at + AT_UNSUPPORTED);
	put_le64(area + TABLE_SERVICES, at + AT_GET_TIME);
	put_le32(area + 16, (uint32_t)crc32(0, area, TABLE_SIZE));
}
