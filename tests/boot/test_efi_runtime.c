/* SPDX-License-Identifier: MIT */
/*
 * EFI's GetTime(): its A64 code is run here, on any host, by an interpreter of
 * the instructions that it has, on every day that a PL031 can tell.
 */
#include "boot/efi_runtime.h"

#include <time.h>
#include <zlib.h>

#include "boot/image.h"
#include "tests/test.h"

#define AT   UINT64_C(0xfffe0000)
#define RTC  UINT64_C(0x09010000)
#define TIME UINT64_C(0x1000) /* arguments: 16 and 12 bytes */
#define CAPS UINT64_C(0x2000)
#define DAY  86400u

static uint8_t area[EFI_RUNTIME_SIZE];

struct cpu {
	uint64_t x[32]; /* 31 is zero */
	uint64_t pc;
	bool carry;
	uint32_t rtc;
	uint8_t time[16], caps[12];
};

static uint8_t *cpu_memory(struct cpu *c, uint64_t addr, unsigned n)
{
	if (addr - TIME <= sizeof(c->time) - n)
		return c->time + (addr - TIME);
	if (addr - CAPS <= sizeof(c->caps) - n)
		return c->caps + (addr - CAPS);
	fail_msg("0x%llx is no argument's", (unsigned long long)addr);
	return NULL;
}

static void cpu_store(struct cpu *c, uint32_t insn, unsigned size)
{
	uint64_t off = (insn >> 10 & 0xfff) * size;
	uint64_t val = c->x[insn & 31];
	uint8_t *p = cpu_memory(c, c->x[insn >> 5 & 31] + off, size);

	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(val >> 8 * i);
}

/*
 * The few encodings that GetTime() uses (Arm ARM, C4.1), in three groups;
 * each says whether the instruction is one of its own.
 */
static bool cpu_move(struct cpu *c, uint32_t insn)
{
	unsigned rd = insn & 31, at = 16 * (insn >> 21 & 3);
	uint64_t imm = (uint64_t)(insn >> 5 & 0xffff) << at;

	if ((insn & 0x7f800000) == 0x52800000) /* movz */
		c->x[rd] = imm;
	else if ((insn & 0x7f800000) == 0x72800000) /* movk */
		c->x[rd] = (c->x[rd] & ~(UINT64_C(0xffff) << at)) | imm;
	else if ((insn & 0xff000000) == 0x58000000) /* ldr x, literal */
		c->x[rd] = get_le64(area + (c->pc - AT) +
				    4 * (insn >> 5 & 0x7ffff));
	else
		return false;
	return true;
}

static bool cpu_access(struct cpu *c, uint32_t insn)
{
	switch (insn & 0xffc00000) {
	case 0xb9400000: /* ldr w */
		CHECK_EQ(c->x[insn >> 5 & 31] + 4 * (insn >> 10 & 0xfff), RTC);
		c->x[insn & 31] = c->rtc;
		return true;
	case 0x39000000: cpu_store(c, insn, 1); return true;
	case 0x79000000: cpu_store(c, insn, 2); return true;
	case 0xf9000000: cpu_store(c, insn, 8); return true;
	default: return false;
	}
}

/* Of 32 bits; the comparisons leave the carry alone. */
static void cpu_calculate(struct cpu *c, uint32_t insn)
{
	uint32_t n = (uint32_t)c->x[insn >> 5 & 31];
	uint32_t m = (uint32_t)c->x[insn >> 16 & 31];
	uint32_t a = (uint32_t)c->x[insn >> 10 & 31];
	uint32_t imm = insn >> 10 & 0xfff, shift = insn >> 10 & 63, val = 0;

	if ((insn & 0xffc0001f) == 0x7100001f) /* cmp w, imm */
		c->carry = n >= imm;
	else if ((insn & 0xffe0fc1f) == 0x6b00001f) /* cmp w, w */
		c->carry = n >= m;
	else if ((insn & 0xffc00000) == 0x11000000) /* add, imm */
		val = n + imm;
	else if ((insn & 0xffc00000) == 0x51000000) /* sub, imm */
		val = n - imm;
	else if ((insn & 0xffe00000) == 0x0b000000) /* add, lsl */
		val = n + (m << shift);
	else if ((insn & 0xffe00000) == 0x4b000000) /* sub, lsl */
		val = n - (m << shift);
	else if ((insn & 0xffe00000) == 0x4b400000) /* sub, lsr */
		val = n - (m >> shift);
	else if ((insn & 0xffe0fc00) == 0x1ac00800) /* udiv */
		val = m ? n / m : 0;
	else if ((insn & 0xffe08000) == 0x1b000000) /* madd */
		val = a + n * m;
	else if ((insn & 0xffe08000) == 0x1b008000) /* msub */
		val = a - n * m;
	else if ((insn & 0xffe0fc00) == 0x1a802000) /* csel, hs */
		val = c->carry ? n : m;
	else if ((insn & 0xffe0fc00) == 0x1a803400) /* csinc, lo */
		val = c->carry ? m + 1 : n;
	else
		fail_msg("0x%08x is no instruction of the test", insn);
	c->x[insn & 31] = val;
}

static void cpu_step(struct cpu *c)
{
	uint32_t insn = get_le32(area + (c->pc - AT));
	bool branch = (insn & 0xff000000) == 0xb4000000; /* cbz x */

	if (!branch && !cpu_move(c, insn) && !cpu_access(c, insn))
		cpu_calculate(c, insn);
	c->pc += branch && !c->x[insn & 31] ? 4 * (insn >> 5 & 0x7ffff) : 4;
	c->x[31] = 0;
}

/* Calls the service number i of the table; its status. */
static uint64_t call(struct cpu *c, unsigned i, uint64_t time, uint64_t caps)
{
	memset(c->x, 0xaa, sizeof(c->x));
	c->x[0] = time;
	c->x[1] = caps;
	c->x[31] = 0;
	c->pc = get_le64(area + 24 + 8 * i);
	for (unsigned n = 0; n < 100; n++) {
		CHECK(c->pc - AT < sizeof(area) && c->pc % 4 == 0);
		if (get_le32(area + (c->pc - AT)) == 0xd65f03c0)
			return c->x[0];
		cpu_step(c);
	}
	fail_msg("service %u does not return", i);
	return 0;
}

static void build(void)
{
	memset(area, 0, sizeof(area));
	efi_runtime_build(AT, RTC, area);
}

static void check_time(struct cpu *c, uint32_t now)
{
	time_t t = now;
	struct tm tm;

	c->rtc = now;
	memset(c->time, 0xff, sizeof(c->time));
	CHECK_EQ(call(c, 0, TIME, 0), 0);
	CHECK(gmtime_r(&t, &tm));
	if (get_le16(c->time) != tm.tm_year + 1900 ||
	    c->time[2] != tm.tm_mon + 1 || c->time[3] != tm.tm_mday)
		fail_msg("%u is %u-%u-%u", now, get_le16(c->time), c->time[2],
			 c->time[3]);
	CHECK_EQ(c->time[4], tm.tm_hour);
	CHECK_EQ(c->time[5], tm.tm_min);
	CHECK_EQ(c->time[6], tm.tm_sec);
	/* No nanoseconds, EFI_UNSPECIFIED_TIMEZONE, no daylight saving. */
	CHECK_MEM(c->time + 7, "\0\0\0\0\0\xff\x07\0\0", 9);
}

TEST(efi_get_time_is_right_on_every_day)
{
	static struct cpu c;

	build();
	for (uint32_t day = 0; day <= UINT32_MAX / DAY; day++)
		check_time(&c, day * DAY + day * 7919 % DAY);
	for (uint32_t s = 0; s < DAY; s += 61)
		check_time(&c, s);
	check_time(&c, DAY - 1);
	check_time(&c, UINT32_MAX);
}

TEST(efi_get_time_tells_what_the_clock_can)
{
	static struct cpu c;

	build();
	memset(c.caps, 0xff, sizeof(c.caps));
	CHECK_EQ(call(&c, 0, TIME, CAPS), 0);
	/* 1 Hz, of unknown accuracy; setting it would not clear anything. */
	CHECK_MEM(c.caps, "\1\0\0\0\0\0\0\0\0", 9);
}

TEST(efi_runtime_table_has_no_other_service)
{
	static struct cpu c;
	uint8_t table[136];

	build();
	memcpy(table, area, sizeof(table));
	CHECK_MEM(table, "RUNTSERV", 8);
	CHECK_EQ(get_le32(table + 12), sizeof(table));
	put_le32(table + 16, 0);
	CHECK_EQ(crc32(0, table, sizeof(table)), get_le32(area + 16));
	for (unsigned i = 1; i < 14; i++) /* EFI_UNSUPPORTED */
		CHECK_EQ(call(&c, i, TIME, 0), (UINT64_C(1) << 63) + 3);
}
