/* SPDX-License-Identifier: MIT */
/* cpu/x86_64/features: models, masks, and what follows from them. */
#include <errno.h>

#include "cpu/x86_64/cpuid.h"
#include "tests/test.h"

/* Everything on, with XSAVE components 2, 5, 6, 7 and 9. */
static struct x86_cpuid all_on(void)
{
	struct x86_cpuid c = {
		.e = { { 0, 0, false, 0x16, 0, 0, 0 },
		       { 1, 0, false, 0, 0, UINT32_MAX, UINT32_MAX },
		       { 7, 0, true, 1, UINT32_MAX, UINT32_MAX, UINT32_MAX },
		       { 7, 1, true, UINT32_MAX, 0, 0, 0 },
		       { 0xd, 0, true, 0x2e7, 2696, 2696, 0 },
		       { 0xd, 1, true, 0xf, 0, 0, 0 },
		       { 0xd, 2, true, 256, 576, 0, 0 },
		       { 0xd, 5, true, 64, 1088, 0, 0 },
		       { 0xd, 6, true, 512, 1152, 0, 0 },
		       { 0xd, 7, true, 1024, 1664, 0, 0 },
		       { 0xd, 9, true, 8, 2688, 0, 0 },
		       { 0x80000001, 0, false, 0, 0, UINT32_MAX, UINT32_MAX } },
		.n = 12,
	};

	return c;
}

TEST(cpu_host_keeps_everything)
{
	struct x86_cpuid c = all_on(), was = all_on();
	struct err err = { 0 };

	CHECK_EQ(x86_cpuid_select(&c, NULL, &err), 0);
	CHECK_MEM(&c, &was, sizeof(c));
	CHECK_EQ(x86_cpuid_select(&c, "host", &err), 0);
	CHECK_MEM(&c, &was, sizeof(c));
}

TEST(cpu_minus_avx_takes_all_that_builds_on_it)
{
	struct x86_cpuid c = all_on();
	struct err err = { 0 };

	CHECK_EQ(x86_cpuid_select(&c, "host,-avx", &err), 0);
	CHECK(!x86_feature_has(&c, "avx"));
	CHECK(!x86_feature_has(&c, "avx2"));
	CHECK(!x86_feature_has(&c, "fma"));
	CHECK(!x86_feature_has(&c, "avx512f"));
	CHECK(!x86_feature_has(&c, "avx512_vnni"));
	CHECK(x86_feature_has(&c, "aes"));
	CHECK(x86_feature_has(&c, "xsave"));
	/* x87, SSE and PKRU remain; the area still reaches PKRU */
	CHECK_EQ(x86_cpuid_find(&c, 0xd, 0)->eax, 0x203);
	CHECK_EQ(x86_cpuid_find(&c, 0xd, 0)->ecx, 2696);
	CHECK_EQ(x86_cpuid_find(&c, 0xd, 5)->eax, 0);
}

TEST(cpu_area_shrinks_with_the_last_component)
{
	struct x86_cpuid c = all_on();
	struct err err = { 0 };

	CHECK_EQ(x86_cpuid_select(&c, "host,-avx512f,-pku", &err), 0);
	CHECK_EQ(x86_cpuid_find(&c, 0xd, 0)->eax, 7);
	CHECK_EQ(x86_cpuid_find(&c, 0xd, 0)->ecx, 832);
	CHECK_EQ(x86_cpuid_select(&c, "host,-xsave", &err), 0);
	CHECK_EQ(x86_cpuid_find(&c, 0xd, 0)->ecx, 0);
	CHECK(!x86_feature_has(&c, "xsaves"));
}

TEST(cpu_level_has_its_features_and_no_other)
{
	struct x86_cpuid c = all_on();
	struct err err = { 0 };

	CHECK_EQ(x86_cpuid_select(&c, "x86-64-v2,+aes", &err), 0);
	CHECK(x86_feature_has(&c, "sse4.2"));
	CHECK(x86_feature_has(&c, "aes"));
	CHECK(x86_feature_has(&c, "x2apic"));
	CHECK(x86_feature_has(&c, "lm"));
	CHECK(!x86_feature_has(&c, "avx"));
	CHECK(!x86_feature_has(&c, "vmx"));
	CHECK(!x86_feature_has(&c, "movbe"));
}

static void refused(const char *spec, int code, const char *msg,
		    const char *hint)
{
	struct x86_cpuid c = all_on();
	struct err err = { 0 };

	x86_cpuid_find(&c, 7, 0)->ebx &= ~(1u << 16); /* no avx512f */
	CHECK_EQ(x86_cpuid_select(&c, spec, &err), code);
	CHECK_STR(err.msg, msg);
	CHECK_STR(err.hint, hint);
}

TEST(cpu_refuses_what_the_host_lacks_or_nobody_knows)
{
	refused("host,+avx512f", -ENOTSUP,
		"--cpu: this host does not offer 'avx512f' to guests",
		"vmm check tells what it offers");
	refused("x86-64-v4", -ENOTSUP,
		"--cpu x86-64-v4: this host does not offer 'avx512f' to guests",
		"use a lower level, or host");
	refused("host,-avx3", -EINVAL, "--cpu: there is no CPU feature 'avx3'",
		"did you mean 'avx'?");
	refused("hots", -EINVAL, "--cpu: there is no CPU model 'hots'",
		"did you mean 'host'?");
	refused("z80", -EINVAL, "--cpu: there is no CPU model 'z80'",
		"use host, or x86-64-v1 to x86-64-v4");
	refused("x86-64-v5", -EINVAL,
		"--cpu: there is no CPU model 'x86-64-v5'",
		"did you mean 'x86-64-v1'?");
	refused("host,avx", -EINVAL, "--cpu: 'avx' is not a CPU feature",
		"write +FEATURE or -FEATURE");
	refused("host,-sse2", -EINVAL, "--cpu: no 64-bit CPU is without 'sse2'",
		"");
	refused("host,--", -EINVAL, "--cpu: there is no CPU feature '-'",
		"features are named as in /proc/cpuinfo");
}
