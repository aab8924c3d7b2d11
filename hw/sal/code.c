/* SPDX-License-Identifier: MIT */
/* What an IA-64 guest sees of its firmware: entries and tables. */
#include "hw/sal/code.h"

#include <string.h>
#include <zlib.h>

/* ---- code: bundles, as two little-endian halves; comments are what as took */

static const uint64_t wait_code[][2] = {
	{ 0x000024000074e001, 0x0004000000000200 }, /* wait: mov r28=29;; */
	{ 0x0000020008000001, 0x0004000000000200 }, /* break.m 0x110000;; */
	/* mov r8=cr.ivr; adds r9=255,r0; mov r10=ip;; */
	{ 0xf890042482004001, 0x00c0000140420203 },
	/* srlz.d; cmp.ne p6,p0=r8,r9; adds r10=SAL_AT_RENDEZ-0x20,r10;; */
	{ 0x4000003000000001, 0x847c560140700c24 },
	{ 0x0000042c86000011, 0x2000000000000200 }, /* mov cr.eoi=r0;; */
	{ 0x0000003000000011, 0x48ffffb003000200 }, /* srlz.d; (p6) br wait;; */
	{ 0x0000141814205801, 0x0004000000000200 }, /* ld8 r11=[r10],8;; */
	/* ld8 r1=[r10]; cmp.eq p6,p0=r0,r11; mov b6=r11;; */
	{ 0x0060101814000801, 0x070008b0c070002c },
	/* (p6) br wait; br.call b0=b6;; */
	{ 0xc001800100000013, 0x1080006800247fff },
	{ 0x0000000100000011, 0x48ffff7000000200 }, /* br wait;; */
};

/* Bit 8 of the index in r28: a stacked call, which returns as one. */
static const uint64_t pal_code[][2] = {
	/* break.m 0x110000; tbit.nz p6,p7=r28,8;; */
	{ 0x8070020008000001, 0x0004000000280c70 },
	/* (p6) br.ret b0; (p7) br.cond b0;; */
	{ 0x0441800100000013, 0x0080000803804200 },
};
_Static_assert(sizeof(pal_code) == SAL_PAL_SIZE, "what PAL_COPY_PAL copies");

/*
 * An INIT, from PAL: the first CPU to come is the OS's monarch.  The OS gets
 * PAL and SAL with its gp in r8 to r10, why in r11 (0: for no reason of SAL's),
 * where to return in r12, and what PAL left in r17 and r18.  It returns the
 * context in r10 and the state to resume in r22.
 */
static const uint64_t init_code[][2] = {
	/* mov r20=ip; adds r21=INSIDE-INIT,r20 */
	{ 0x0140000100000002, 0x8470a302a0006000 },
	/* adds r22=OS_INIT-INIT,r20; fetchadd8.acq r23=[r21],1; adds
	   r8=PAL-INIT,r20 */
	{ 0x1970211c2840b00a, 0x8cf8a00100213254 },
	/* mov r2=r20; adds r12=0x80,r20; cmp.ne p6,p0=r0,r23 */
	{ 0x00c0210028001003, 0xe018b80000420250 },
	/* (p6) adds r22=16,r22; addl r9=SAL-INIT,r2; mov r11=0 */
	{ 0x009021002c40b0c1, 0x90000001604bf808 },
	/* ld8 r24=[r22],8; mov r10=r9 */
	{ 0x00a014182c20c002, 0x0004000000420024 },
	/* ld8 r1=[r22]; mov r22=r17; cmp.eq p7,p0=r0,r24 */
	{ 0x016010182c000800, 0xe000c000e0420044 },
	/* mov b1=r24; (p7) mov r10=r0 */
	{ 0xc010000100000002, 0x8400000143838004 },
	/* (p7) br 0x80; br b1 */
	{ 0x0801c00100000012, 0x0080001000208000 },
	/* 0x80: mov r20=ip; adds r21=INSIDE-INIT-0x80,r20 */
	{ 0x0140000100000003, 0x846ca302a0006000 },
	/* fetchadd8.rel r23=[r21],-1; mov r28=26 (PAL_MC_RESUME); mov r29=r0 */
	{ 0xd1c010b92a1cb800, 0x84000003a0480000 },
	/* mov r30=r22; mov r31=r10 */
	{ 0x01f021002c00f000, 0x0004000000420028 },
	/* break.m 0x110000; br 0x80 */
	{ 0x0000020008000011, 0x48ffffd000000200 },
};

/* break.m 0x110002: PAL's own */
static const uint64_t pmi_code[][2] = {
	{ 0x0000020008001001, 0x0004000000000200 },
};

/* break.m 0x110001; br.ret b0;; */
static const uint64_t sal_code[][2] = {
	{ 0x0000020008000811, 0x0084000880000200 },
};

/* break.m 0x110100; br.ret b0;; and where its immediate counts on */
#define EFI_CODE_LOW  UINT64_C(0x0000020008080011)
#define EFI_CODE_HIGH UINT64_C(0x0084000880000200)
#define EFI_CODE_STEP 0x800

static void put(uint8_t *p, uint64_t val, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(val >> 8 * i);
}

static void put_code(uint8_t *p, const uint64_t (*code)[2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(p + 16 * i, code[i][0], 8);
		put(p + 16 * i + 8, code[i][1], 8);
	}
}

#define PUT_CODE(p, code) put_code(p, code, sizeof(code) / sizeof(*(code)))

/* ---- EFI's table of services: pointers to function descriptors */
#define RUNTIME_SIZE	 136
#define RUNTIME_REVISION (2u << 16 | 100)
#define RUNTIME_FIRST	 24

static void put_efi(gpa_t at, uint8_t *area)
{
	uint8_t *table = area + SAL_AT_RUNTIME;

	for (unsigned i = 0; i < EFI_SERVICES; i++) {
		const uint64_t code[1][2] = {
			{ EFI_CODE_LOW + i * EFI_CODE_STEP, EFI_CODE_HIGH }
		};

		PUT_CODE(area + SAL_AT_EFI + 16 * i, code);
		put(area + SAL_AT_DESCS + 16 * i, at + SAL_AT_EFI + 16 * i, 8);
		put(area + SAL_AT_DESCS + 16 * i + 8, at + SAL_AT_SAL, 8);
		put(table + RUNTIME_FIRST + 8 * i, at + SAL_AT_DESCS + 16 * i,
		    8);
	}
	memcpy(table, "RUNTSERV", 8);
	put(table + 8, RUNTIME_REVISION, 4);
	put(table + 12, RUNTIME_SIZE, 4);
	put(table + 16, crc32(0, table, RUNTIME_SIZE), 4);
}

/* ---- the SAL system table: SAL specification 3.2.6 */
#define SST_CHECKSUM 12
#define SST_ENTRIES  2

static void put_sst(gpa_t at, uint8_t *area)
{
	uint8_t *p = area + SAL_AT_TABLE, sum = 0;

	memcpy(p, "SST_", 4);
	put(p + 4, SAL_TABLE_SIZE, 4);
	put(p + 8, 0x20, 1); /* SAL 3.20 */
	put(p + 9, 0x03, 1);
	put(p + 10, SST_ENTRIES, 2);
	memcpy(p + 24, "vmm", 3);
	memcpy(p + 56, "virt", 4);
	/* Entry points: PAL, SAL, and SAL's gp. */
	put(p + 96 + 8, at + SAL_AT_PAL, 8);
	put(p + 96 + 16, at + SAL_AT_SAL, 8);
	put(p + 96 + 24, at + SAL_AT_SAL, 8);
	/* The interrupt that wakes a CPU. */
	put(p + 144, 5, 1);
	put(p + 144 + 8, SAL_WAKEUP, 8);
	for (unsigned i = 0; i < SAL_TABLE_SIZE; i++)
		sum += p[i];
	p[SST_CHECKSUM] = (uint8_t)-sum;
}

/* ---- the paravirtual interface */

static void put_pv(uint8_t *p)
{
	memcpy(p, SAL_PV_MAGIC, 8);
	put(p + 8, SAL_PV_VERSION, 4);
	put(p + 12, SAL_PV_SIZE, 4);
	put(p + 16, (1u << SAL_PV_OPERATIONS) - 1, 8);
	put(p + 24, SAL_PV_BREAK, 8);
	put(p + 32, SAL_PV_AREA, 8);
}

void sal_code_build(gpa_t at, bool paravirt, uint8_t area[SAL_SIZE])
{
	memset(area, 0, SAL_SIZE);
	PUT_CODE(area + SAL_AT_WAIT, wait_code);
	PUT_CODE(area + SAL_AT_PAL, pal_code);
	PUT_CODE(area + SAL_AT_INIT, init_code);
	PUT_CODE(area + SAL_AT_PMI, pmi_code);
	PUT_CODE(area + SAL_AT_SAL, sal_code);
	put_efi(at, area);
	put_sst(at, area);
	if (paravirt)
		put_pv(area + SAL_AT_PV);
}
