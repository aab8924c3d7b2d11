/* SPDX-License-Identifier: MIT */
/* CPU features of arm64 by name: Documentation/arm64/elf_hwcaps.rst. */
#include "cpu/arm64/features.h"

#include <errno.h>
#include <string.h>

#include "hw/core/prop.h"

#define FIELD(name_, id_, shift_, level_, less_)                   \
	{                                                          \
		.name = name_, .id = ARM64_##id_, .shift = shift_, \
		.level = level_, .less = less_                     \
	}

const struct arm64_feature arm64_features[ARM64_FEATURES] = {
	[ARM64_PMU] = { .name = "pmu", .id = ARM64_NO_ID },
	[ARM64_SVE] = { .name = "sve", .id = ARM64_NO_ID },
	[ARM64_PAUTH] = { .name = "pauth", .id = ARM64_NO_ID },
	FIELD("dit", PFR0, 48, 1, 0),
	FIELD("bti", PFR1, 0, 1, 0),
	FIELD("ssbs", PFR1, 4, 1, 0),
	FIELD("mte", PFR1, 8, 2, 0),
	FIELD("aes", ISAR0, 4, 1, 0),
	FIELD("pmull", ISAR0, 4, 2, 1),
	FIELD("sha1", ISAR0, 8, 1, 0),
	FIELD("sha2", ISAR0, 12, 1, 0),
	FIELD("sha512", ISAR0, 12, 2, 1),
	FIELD("crc32", ISAR0, 16, 1, 0),
	FIELD("atomics", ISAR0, 20, 2, 0),
	FIELD("asimdrdm", ISAR0, 28, 1, 0),
	FIELD("sha3", ISAR0, 32, 1, 0),
	FIELD("sm3", ISAR0, 36, 1, 0),
	FIELD("sm4", ISAR0, 40, 1, 0),
	FIELD("asimddp", ISAR0, 44, 1, 0),
	FIELD("asimdfhm", ISAR0, 48, 1, 0),
	FIELD("flagm", ISAR0, 52, 1, 0),
	FIELD("flagm2", ISAR0, 52, 2, 1),
	FIELD("rng", ISAR0, 60, 1, 0),
	FIELD("dcpop", ISAR1, 0, 1, 0),
	FIELD("dcpodp", ISAR1, 0, 2, 1),
	FIELD("jscvt", ISAR1, 12, 1, 0),
	FIELD("fcma", ISAR1, 16, 1, 0),
	FIELD("lrcpc", ISAR1, 20, 1, 0),
	FIELD("ilrcpc", ISAR1, 20, 2, 1),
	FIELD("frint", ISAR1, 32, 1, 0),
	FIELD("sb", ISAR1, 36, 1, 0),
	FIELD("bf16", ISAR1, 44, 1, 0),
	FIELD("ebf16", ISAR1, 44, 2, 1),
	FIELD("dgh", ISAR1, 48, 1, 0),
	FIELD("i8mm", ISAR1, 52, 1, 0),
	FIELD("wfxt", ISAR2, 0, 2, 0),
	FIELD("rpres", ISAR2, 4, 1, 0),
	FIELD("mops", ISAR2, 16, 1, 0),
	FIELD("hbc", ISAR2, 20, 1, 0),
	FIELD("cssc", ISAR2, 52, 1, 0),
	FIELD("uscat", MMFR2, 32, 1, 0),
	FIELD("csv2", PFR0, 56, 1, 0),
	FIELD("csv3", PFR0, 60, 1, 0),
	FIELD("ras", PFR0, 28, 1, 0),
	FIELD("amu", PFR0, 44, 1, 0),
};

static const char *feature_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARM64_FEATURES ? arm64_features[i].name : NULL;
}

static bool same(const char *word, const char *p, size_t len)
{
	return strlen(word) == len && !memcmp(word, p, len);
}

static int feature_unknown(const char *p, size_t len, struct err *err)
{
	const char *near = NULL;
	char word[24] = "";

	err_set(err, EINVAL, "--cpu: there is no CPU feature '%.*s'", (int)len,
		p);
	if (len < sizeof(word)) {
		memcpy(word, p, len);
		near = nearest_word(word, feature_name, NULL);
	}
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	else
		err_hint(err, "features are named as in /proc/cpuinfo");
	return -EINVAL;
}

static int cpu_wish(struct arm64_cpu *cpu, const char *p, size_t len,
		    struct err *err)
{
	for (unsigned i = 0; i < ARM64_FEATURES; i++) {
		if (!same(arm64_features[i].name, p + 1, len - 1))
			continue;
		cpu->wish[i] = *p == '+' ? ARM64_WITH : ARM64_WITHOUT;
		return 0;
	}
	return feature_unknown(p + 1, len - 1, err);
}

static int cpu_word(struct arm64_cpu *cpu, const char *p, size_t len,
		    struct err *err)
{
	if (same("aarch64=off", p, len))
		cpu->aarch32 = true;
	else if (same("aarch64=on", p, len))
		cpu->aarch32 = false;
	else if (len > 1 && (*p == '+' || *p == '-'))
		return cpu_wish(cpu, p, len, err);
	else {
		err_set(err, EINVAL, "--cpu: '%.*s' is not a CPU feature",
			(int)len, p);
		err_hint(err, "write +FEATURE, -FEATURE or aarch64=off");
		return -EINVAL;
	}
	return 0;
}

/* SVE and pointer authentication are AArch64's. */
static int cpu_narrow(struct arm64_cpu *cpu, struct err *err)
{
	static const uint8_t wide[] = { ARM64_SVE, ARM64_PAUTH };

	for (unsigned i = 0; cpu->aarch32 && i < sizeof(wide); i++) {
		if (cpu->wish[wide[i]] == ARM64_WITH)
			return err_set(err, EINVAL,
				       "--cpu: a 32-bit CPU has no '%s'",
				       arm64_features[wide[i]].name);
		cpu->wish[wide[i]] = ARM64_WITHOUT;
	}
	return 0;
}

int arm64_cpu_parse(const char *spec, struct arm64_cpu *cpu, struct err *err)
{
	const char *p = spec ? spec : "host";
	size_t n = strcspn(p, ",");

	*cpu = (struct arm64_cpu){ 0 };
	if (!same("host", p, n)) {
		err_set(err, EINVAL, "--cpu: there is no CPU model '%.*s'",
			(int)n, p);
		err_hint(err, "use host: KVM's arm64 guests have the host's "
			      "CPU");
		return -EINVAL;
	}
	for (p += n; *p == ','; p += n) {
		int ret;

		p++;
		n = strcspn(p, ",");
		ret = cpu_word(cpu, p, n, err);
		if (ret < 0)
			return ret;
	}
	return cpu_narrow(cpu, err);
}

int arm64_not_offered(const char *name, struct err *err)
{
	err_set(err, ENOTSUP, "--cpu: this host does not offer '%s' to guests",
		name);
	err_hint(err, "leave it out; vmm check tells what the host offers");
	return -ENOTSUP;
}

int arm64_cpu_select(const struct arm64_cpu *cpu, uint64_t id[ARM64_IDS],
		     struct err *err)
{
	for (unsigned i = ARM64_VCPU_FEATURES; i < ARM64_FEATURES; i++) {
		const struct arm64_feature *f = &arm64_features[i];
		uint64_t *reg = &id[f->id];
		bool have = (*reg >> f->shift & 0xf) >= f->level;

		if (cpu->wish[i] == ARM64_WITH && !have)
			return arm64_not_offered(f->name, err);
		if (cpu->wish[i] != ARM64_WITHOUT || !have)
			continue;
		*reg &= ~(UINT64_C(0xf) << f->shift);
		*reg |= (uint64_t)f->less << f->shift;
	}
	return 0;
}
