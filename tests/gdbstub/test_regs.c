/* SPDX-License-Identifier: MIT */
/* Registers of every target, with what not every vCPU has; and a stock gdb. */
#include <stdlib.h>
#include <unistd.h>

#include "cpu/arm64/regs.h"
#include "cpu/x86_64/regs.h"
#include "gdbstub/priv.h"
#include "tests/test.h"

/* ---- a stub of one vCPU that is nothing but its registers */

static uint8_t bank[0x8000];
static struct gdbstub s;
static struct stub_cpu view;
static struct vcpus cpus;
static struct vcpu cpu;
static struct accel_vm vm;

static int fake_get(struct vcpu *c, void *regs)
{
	memcpy(regs, bank, c->vm->target->regs_size);
	return 0;
}

static int fake_set(struct vcpu *c, const void *regs)
{
	memcpy(bank, regs, c->vm->target->regs_size);
	return 0;
}

static const struct accel fake = { .get_regs = fake_get, .set_regs = fake_set };

static void begin(const struct target *t)
{
	CHECK(t->regs_size <= sizeof(bank));
	memset(bank, 0, sizeof(bank));
	vm = (struct accel_vm){ .accel = &fake, .target = t };
	cpu = (struct vcpu){ .vm = &vm };
	cpus = (struct vcpus){ .cpu = &cpu, .n = 1 };
	view = (struct stub_cpu){ .regs = calloc(1, t->regs_size) };
	s = (struct gdbstub){ .m = { .cpus = &cpus, .target = t },
			      .cpu = &view };
}

static void finish(void)
{
	free(view.regs);
	packet_free(&s.out);
}

static const char *text(struct packet_out *o)
{
	packet_put(o, "", 1);
	CHECK(!o->nomem);
	o->len--;
	return (const char *)o->data;
}

/* ---- the kinds of vCPU */

static void x86_avx(void)
{
	((struct x86_regs *)(void *)bank)->has_avx = true;
}

static void x86_avx512(void)
{
	x86_avx();
	((struct x86_regs *)(void *)bank)->has_avx512 = true;
}

static void arm64_sve(unsigned vg)
{
	struct arm64_regs *r = (void *)bank;

	r->has_sve = true;
	r->vg = vg;
}

static void arm64_plain(void)
{
	((struct arm64_regs *)(void *)bank)->vg = 2;
}

static void arm64_sve128(void)
{
	arm64_sve(2);
}

static void arm64_sve2048(void)
{
	arm64_sve(32);
	((struct arm64_regs *)(void *)bank)->has_pauth = true;
}

static void arm64_32(void)
{
	arm64_plain();
	((struct arm64_regs *)(void *)bank)->aarch32 = true;
}

static void as_is(void)
{
}

#define GDB_NAMES 7

/* What it must have, and what gdb makes of it: a name and its bytes. */
static const struct kind {
	const char *name;
	const struct target *target;
	void (*make)(void);
	const char *arch;
	const char *has, *lacks;
	struct {
		const char *name;
		unsigned size;
	} gdb[GDB_NAMES];
} kinds[] = {
	{ "ppc64le",
	  &target_ppc64,
	  as_is,
	  "powerpc:common64",
	  "srr0",
	  "acc0",
	  { { "r31", 8 },
	    { "cr", 4 },
	    { "f31", 8 },
	    { "vr31", 16 },
	    { "vs31", 16 },
	    { "lpcr", 8 },
	    { "orig_r3", 8 } } },
	{ "x86_64",
	  &target_x86_64,
	  as_is,
	  "i386:x86-64",
	  "lstar",
	  "ymm0h",
	  { { "xmm15", 16 },
	    { "dr7", 8 },
	    { "kernel_gs_base", 8 },
	    { "orig_rax", 8 } } },
	{ "x86_64 with AVX",
	  &target_x86_64,
	  x86_avx,
	  "i386:x86-64",
	  "ymm15h",
	  "k0",
	  { { "ymm15h", 16 }, { "ymm15", 32 } } },
	{ "x86_64 with AVX-512",
	  &target_x86_64,
	  x86_avx512,
	  "i386:x86-64",
	  "zmm31h",
	  "z0",
	  { { "zmm31", 64 }, { "k7", 8 }, { "xmm16", 16 }, { "ymm31", 32 } } },
	{ "arm64",
	  &target_arm64,
	  arm64_plain,
	  "aarch64",
	  "v31",
	  "z0",
	  { { "v0", 16 }, { "q31", 16 }, { "tcr_el1", 8 } } },
	{ "arm64 with short SVE",
	  &target_arm64,
	  arm64_sve128,
	  "aarch64",
	  "ffr",
	  "pauth_dmask",
	  { { "z31", 16 }, { "p15", 2 }, { "v0", 16 } } },
	{ "arm64 with long SVE and PAuth",
	  &target_arm64,
	  arm64_sve2048,
	  "aarch64",
	  "pauth_cmask_high",
	  "r0",
	  { { "z31", 256 }, { "p15", 32 }, { "ffr", 32 }, { "v31", 16 } } },
	{ "AArch32",
	  &target_arm64,
	  arm64_32,
	  "arm",
	  "r12",
	  "x0",
	  { { "d31", 8 }, { "s31", 4 }, { "lr", 4 }, { "ttbr0_el1", 8 } } },
};
#define NKINDS (sizeof(kinds) / sizeof(*kinds))

static void begin_kind(const struct kind *k)
{
	begin(k->target);
	k->make();
}

static const struct reg *next(const struct kind *k, const struct reg *r)
{
	return target_reg_next(k->target, bank, r);
}

static const struct reg *find(const struct kind *k, const char *name)
{
	const struct reg *r = NULL;

	while ((r = next(k, r)) && strcmp(r->name, name))
		;
	return r;
}

TEST(regs_are_each_there_once_and_inside)
{
	for (const struct kind *k = kinds; k < kinds + NKINDS; k++) {
		begin_kind(k);
		CHECK(find(k, k->has));
		CHECK(!find(k, k->lacks));
		for (const struct reg *r = NULL; (r = next(k, r));) {
			unsigned end = r->off +
				       target_reg_bits(k->target, bank, r) / 8;

			CHECK(find(k, r->name) == r);
			CHECK(end <= k->target->regs_size);
			for (const struct reg *q = r; (q = next(k, q));) {
				unsigned n =
					target_reg_bits(k->target, bank, q) / 8;

				CHECK(q->off >= end || q->off + n <= r->off);
			}
		}
		finish();
	}
}

/* ---- p, P, g, G */

static void fill(char *hex, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x",
			 (unsigned)(seed * 37 + i * 11 + 1) & 0xff);
}

/* Each register of a pattern of its own, then all of them. */
TEST(regs_come_back_as_they_were_written)
{
	static char hex[600], all[1 << 16];

	for (const struct kind *k = kinds; k < kinds + NKINDS; k++) {
		unsigned number = 0;
		size_t at = 0;

		begin_kind(k);
		for (const struct reg *r = NULL; (r = next(k, r)); number++) {
			size_t n =
				(target_reg_bits(k->target, bank, r) + 7) / 8;

			/* What it says of the vCPU stays: its length. */
			if (!strcmp(r->name, "vg"))
				snprintf(hex, sizeof(hex), "%02x%014x",
					 (unsigned)bank[r->off], 0u);
			else
				fill(hex, n, number);
			CHECK(regs_write(&s, number, hex));
			s.out.len = 0;
			CHECK(regs_read(&s, number));
			CHECK_STR(text(&s.out), hex);
			memcpy(all + at, hex, 2 * n);
			at += 2 * n;
		}
		all[at] = 0;
		CHECK(!regs_read(&s, number));
		CHECK(!regs_write(&s, number, "00"));
		s.out.len = 0;
		regs_read_all(&s);
		CHECK_STR(text(&s.out), all);
		memset(all, '0', at);
		if (find(k, "vg"))
			memcpy(all, s.out.data, at);
		CHECK(regs_write_all(&s, all));
		s.out.len = 0;
		regs_read_all(&s);
		CHECK_STR(text(&s.out), all);
		all[at - 1] = 0;
		CHECK(!regs_write_all(&s, all));
		finish();
	}
}

/* ---- what a stock gdb makes of the description */

#define GDB "gdb-multiarch"

static void write_description(const char *path)
{
	struct packet_out xml = { 0 };
	FILE *f = fopen(path, "w");

	CHECK(f);
	regs_describe(&s, &xml);
	CHECK(!xml.nomem && xml.len);
	CHECK_EQ(fwrite(xml.data, 1, xml.len, f), xml.len);
	CHECK_EQ(fclose(f), 0);
	packet_free(&xml);
}

/* "NAME  number  relative  offset  SIZE  type" of maint print registers. */
static void check_line(const struct kind *k, const char *line,
		       bool seen[GDB_NAMES])
{
	char name[64];
	unsigned size;

	if (sscanf(line, " %63s %*d %*d %*d %u", name, &size) != 2)
		return;
	for (unsigned i = 0; i < GDB_NAMES && k->gdb[i].name; i++) {
		if (strcmp(k->gdb[i].name, name))
			continue;
		CHECK_EQ(size, k->gdb[i].size);
		seen[i] = true;
	}
}

static void ask_gdb(const struct kind *k, const char *path)
{
	bool seen[GDB_NAMES] = { 0 }, arch = false;
	char command[300], line[300], want[60];
	FILE *p;

	snprintf(command, sizeof(command),
		 GDB " -nx -q -batch -ex 'set tdesc filename %s' "
		     "-ex 'show architecture' -ex 'maint print registers' "
		     "2>&1 </dev/null",
		 path);
	snprintf(want, sizeof(want), "\"%s\"", k->arch);
	p = popen(command, "r");
	CHECK(p);
	while (fgets(line, sizeof(line), p)) {
		if (strstr(line, "arning") || strstr(line, "rror"))
			fail_msg("%s: %s", k->name, line);
		arch = arch || strstr(line, want);
		check_line(k, line, seen);
	}
	CHECK_EQ(pclose(p), 0);
	if (!arch)
		fail_msg("%s: gdb takes it for something else", k->name);
	for (unsigned i = 0; i < GDB_NAMES && k->gdb[i].name; i++)
		if (!seen[i])
			fail_msg("%s: gdb has no %s", k->name, k->gdb[i].name);
}

TEST(regs_are_described_as_a_stock_gdb_wants)
{
	char path[] = "/tmp/vmm-gdb-test-XXXXXX";
	int fd;

	if (system("command -v " GDB " >/dev/null"))
		SKIP_TEST(GDB " is missing");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	for (const struct kind *k = kinds; k < kinds + NKINDS; k++) {
		begin_kind(k);
		write_description(path);
		ask_gdb(k, path);
		finish();
	}
	close(fd);
	unlink(path);
}
