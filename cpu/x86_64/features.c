/* SPDX-License-Identifier: MIT */
/* CPUID features by name, the models made of them, --cpu. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/x86_64/cpuid.h"
#include "hw/core/prop.h"

enum reg32 { EAX, EBX, ECX, EDX };

/*
 * Feature words of CPUID with the names of their bits, lowest first, as
 * Linux's /proc/cpuinfo spells them ("-" where none is named).  SDM volume 2,
 * CPUID; AMD APM volume 3, appendix E; KVM's Documentation/virt/kvm/x86/cpuid.
 */
static const struct word {
	uint32_t leaf, sub;
	enum reg32 reg;
	const char *names;
} words[] = {
	{ 1, 0, EDX,
	  "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov "
	  "pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 "
	  "pbe" },
	{ 1, 0, ECX,
	  "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg "
	  "fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt "
	  "tsc_deadline_timer aes xsave osxsave avx f16c rdrand hypervisor" },
	{ 6, 0, EAX, "dtherm ida arat" },
	{ 7, 0, EBX,
	  "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm "
	  "cqm - mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - "
	  "clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni "
	  "avx512bw avx512vl" },
	{ 7, 0, ECX,
	  "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 shstk gfni vaes "
	  "vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - la57 "
	  "- - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b "
	  "enqcmd sgx_lc pks" },
	{ 7, 0, EDX,
	  "- - avx512_4vnniw avx512_4fmaps fsrm - - - avx512_vp2intersect - "
	  "md_clear - - - serialize - tsxldtrk - pconfig arch_lbr ibt - "
	  "amx_bf16 avx512_fp16 amx_tile amx_int8 spec_ctrl intel_stibp "
	  "flush_l1d arch_capabilities - ssbd" },
	{ 7, 1, EAX,
	  "- - - - avx_vnni avx512_bf16 - cmpccxadd - - fzrm fsrs fsrc - - - "
	  "- - - - - amx_fp16 - avx_ifma - - lam" },
	{ 0xd, 1, EAX, "xsaveopt xsavec xgetbv1 xsaves" },
	{ 0x40000001, 0, EAX,
	  "kvmclock kvm-nopiodelay kvm-mmu kvmclock2 kvm-asyncpf "
	  "kvm-steal-time kvm-pv-eoi kvm-pv-unhalt - kvm-pv-tlb-flush "
	  "kvm-asyncpf-vmexit kvm-pv-ipi kvm-poll-control kvm-pv-sched-yield "
	  "kvm-asyncpf-int kvm-msi-ext-dest-id" },
	{ 0x80000001, 0, EDX,
	  "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - "
	  "fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow" },
	{ 0x80000001, 0, ECX,
	  "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse "
	  "3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce - nodeid_msr "
	  "- tbm topoext perfctr_core perfctr_nb - bpext ptsc perfctr_llc "
	  "mwaitx" },
	{ 0x80000007, 0, EDX, "- - - - - - - - constant_tsc" },
	{ 0x80000008, 0, EBX,
	  "clzero irperf xsaveerptr - rdpru - - - - wbnoinvd - - amd_ibpb - "
	  "amd_ibrs amd_stibp - - - - - - - - amd_ssbd virt_ssbd amd_ssb_no" },
};
#define NWORDS (sizeof(words) / sizeof(*words))

/* One bit of one word. */
struct feature {
	const struct word *word;
	unsigned bit;
};

/* What the 64-bit psABI calls its levels; each holds those before it. */
static const struct model {
	const char *name;
	const char *features;
} models[] = {
	{ "x86-64-v1", "fpu cx8 cmov mmx fxsr sse sse2 syscall nx lm" },
	{ "x86-64-v2", "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3" },
	{ "x86-64-v3", "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave" },
	{ "x86-64-v4", "avx512f avx512bw avx512cd avx512dq avx512vl" },
};
#define NMODELS (sizeof(models) / sizeof(*models))

/* What a kernel needs beside any level, and what costs no portability. */
static const char model_base[] =
	"vme de pse tsc msr pae mce apic sep mtrr pge mca pat pse36 clflush "
	"ht x2apic tsc_deadline_timer hypervisor arat cmp_legacy topoext "
	"cr8_legacy constant_tsc kvmclock kvm-nopiodelay kvmclock2 kvm-asyncpf "
	"kvm-steal-time kvm-pv-eoi kvm-pv-unhalt kvm-pv-tlb-flush kvm-pv-ipi "
	"kvm-poll-control kvm-pv-sched-yield kvm-asyncpf-int "
	"kvm-msi-ext-dest-id";

/* A feature goes when the one that it builds on goes. */
static const char *const needs[][2] = {
	{ "avx", "xsave" },
	{ "xsaveopt", "xsave" },
	{ "xsavec", "xsave" },
	{ "xgetbv1", "xsave" },
	{ "xsaves", "xsave" },
	{ "pku", "xsave" },
	{ "ospke", "pku" },
	{ "mpx", "xsave" },
	{ "avx2", "avx" },
	{ "fma", "avx" },
	{ "f16c", "avx" },
	{ "vaes", "avx" },
	{ "vpclmulqdq", "avx" },
	{ "fma4", "avx" },
	{ "xop", "avx" },
	{ "avx_vnni", "avx2" },
	{ "avx_ifma", "avx2" },
	{ "avx512f", "avx2" },
	{ "avx512dq", "avx512f" },
	{ "avx512ifma", "avx512f" },
	{ "avx512pf", "avx512f" },
	{ "avx512er", "avx512f" },
	{ "avx512cd", "avx512f" },
	{ "avx512bw", "avx512f" },
	{ "avx512vl", "avx512f" },
	{ "avx512vbmi", "avx512f" },
	{ "avx512_vbmi2", "avx512f" },
	{ "avx512_vnni", "avx512f" },
	{ "avx512_bitalg", "avx512f" },
	{ "avx512_vpopcntdq", "avx512f" },
	{ "avx512_4vnniw", "avx512f" },
	{ "avx512_4fmaps", "avx512f" },
	{ "avx512_vp2intersect", "avx512f" },
	{ "avx512_fp16", "avx512f" },
	{ "avx512_bf16", "avx512f" },
	{ "amx_tile", "xsave" },
	{ "amx_bf16", "amx_tile" },
	{ "amx_int8", "amx_tile" },
	{ "amx_fp16", "amx_tile" },
	{ "ssse3", "pni" },
	{ "sse4_1", "ssse3" },
	{ "sse4_2", "sse4_1" },
};

/* XSAVE components (SDM volume 1, 13.1) and the features that own them. */
static const struct {
	unsigned component;
	const char *feature;
} components[] = {
	{ 2, "avx" },	  { 3, "mpx" },	      { 4, "mpx" },
	{ 5, "avx512f" }, { 6, "avx512f" },   { 7, "avx512f" },
	{ 9, "pku" },	  { 17, "amx_tile" }, { 18, "amx_tile" },
};

/* ---- names */

/* Compares up to the end of either word; '.', '-' and '_' are the same. */
static bool same_name(const char *a, size_t alen, const char *b, size_t blen)
{
	if (alen != blen)
		return false;
	for (size_t i = 0; i < alen; i++) {
		char x = strchr(".-_", a[i]) ? '_' : a[i];
		char y = strchr(".-_", b[i]) ? '_' : b[i];

		if (x != y)
			return false;
	}
	return true;
}

static bool word_find(const struct word *w, const char *name, size_t len,
		      unsigned *bit)
{
	const char *p = w->names;

	for (*bit = 0; *p; (*bit)++) {
		size_t n = strcspn(p, " ");

		if (same_name(p, n, name, len))
			return true;
		p += n;
		p += *p == ' ';
	}
	return false;
}

static bool feature_find(const char *name, size_t len, struct feature *f)
{
	static const struct {
		const char *alias, *name;
	} aliases[] = { { "sse3", "pni" },
			{ "lzcnt", "abm" },
			{ "invtsc", "constant_tsc" },
			{ "tsc_deadline", "tsc_deadline_timer" } };

	if (same_name("-", 1, name, len))
		return false;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		if (same_name(aliases[i].alias, strlen(aliases[i].alias), name,
			      len)) {
			name = aliases[i].name;
			len = strlen(name);
		}
	}
	for (size_t i = 0; i < NWORDS; i++) {
		f->word = &words[i];
		if (word_find(f->word, name, len, &f->bit))
			return true;
	}
	return false;
}

static bool feature_named(const char *name, struct feature *f)
{
	return feature_find(name, strlen(name), f);
}

static uint32_t *feature_word(struct x86_cpuid *c, const struct feature *f)
{
	struct x86_cpuid_entry *e =
		x86_cpuid_find(c, f->word->leaf, f->word->sub);

	if (!e)
		return NULL;
	switch (f->word->reg) {
	case EAX: return &e->eax;
	case EBX: return &e->ebx;
	case ECX: return &e->ecx;
	case EDX: break;
	}
	return &e->edx;
}

static bool feature_has(struct x86_cpuid *c, const struct feature *f)
{
	const uint32_t *w = feature_word(c, f);

	return w && *w >> f->bit & 1;
}

static void feature_clear(struct x86_cpuid *c, const struct feature *f)
{
	uint32_t *w = feature_word(c, f);

	if (w)
		*w &= ~(1u << f->bit);
}

bool x86_feature_has(struct x86_cpuid *c, const char *name)
{
	struct feature f;

	return feature_named(name, &f) && feature_has(c, &f);
}

/* ---- consequences of a feature that went */

static void features_settle(struct x86_cpuid *c)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
			struct feature f;

			if (!x86_feature_has(c, needs[i][0]) ||
			    x86_feature_has(c, needs[i][1]) ||
			    !feature_named(needs[i][0], &f))
				continue;
			feature_clear(c, &f);
			changed = true;
		}
	}
}

static bool component_stays(struct x86_cpuid *c, unsigned n)
{
	for (size_t i = 0; i < sizeof(components) / sizeof(*components); i++)
		if (components[i].component == n)
			return x86_feature_has(c, components[i].feature);
	return true;
}

/* Leaf 0xd: the state components that are left, and the area they take. */
static void xsave_settle(struct x86_cpuid *c)
{
	struct x86_cpuid_entry *e = x86_cpuid_find(c, 0xd, 0);
	uint32_t size = 576; /* the legacy area and the header */

	if (!e)
		return;
	if (!x86_feature_has(c, "xsave")) {
		for (unsigned i = 0; i < c->n; i++)
			if (c->e[i].leaf == 0xd)
				c->e[i].eax = c->e[i].ebx = c->e[i].ecx =
					c->e[i].edx = 0;
		return;
	}
	for (unsigned i = 0; i < c->n; i++) {
		struct x86_cpuid_entry *s = &c->e[i];

		if (s->leaf != 0xd || s->sub < 2 || s->sub > 31)
			continue;
		if (component_stays(c, s->sub)) {
			if (!(s->ecx & 1) && s->ebx + s->eax > size)
				size = s->ebx + s->eax;
			continue;
		}
		s->eax = s->ebx = s->ecx = s->edx = 0;
		e->eax &= ~(1u << s->sub);
	}
	e->ecx = size;
}

/* ---- models */

static bool listed(const char *list, const char *name, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (same_name(list, n, name, len))
			return true;
		list += n;
		list += *list == ' ';
	}
	return false;
}

static bool model_allows(unsigned level, const char *name, size_t len)
{
	for (unsigned i = 0; i <= level; i++)
		if (listed(models[i].features, name, len))
			return true;
	return listed(model_base, name, len);
}

/* A level's features must all be there. */
static int model_check(struct x86_cpuid *c, unsigned level, struct err *err)
{
	for (unsigned i = 0; i <= level; i++) {
		const char *p = models[i].features;

		while (*p) {
			int n = (int)strcspn(p, " ");
			struct feature f;

			if (!feature_find(p, (size_t)n, &f) ||
			    !feature_has(c, &f)) {
				err_set(err, ENOTSUP,
					"--cpu %s: this host does not offer "
					"'%.*s' to guests",
					models[level].name, n, p);
				err_hint(err, "use a lower level, or host");
				return -ENOTSUP;
			}
			p += n;
			p += *p == ' ';
		}
	}
	return 0;
}

static int model_apply(struct x86_cpuid *c, unsigned level, struct err *err)
{
	int ret = model_check(c, level, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < NWORDS; i++) {
		struct feature f = { &words[i], 0 };
		uint32_t *w = feature_word(c, &f), keep = 0;
		const char *p = words[i].names;

		for (unsigned bit = 0; w && *p; bit++) {
			size_t n = strcspn(p, " ");

			if (model_allows(level, p, n))
				keep |= 1u << bit;
			p += n;
			p += *p == ' ';
		}
		if (w)
			*w &= keep;
	}
	return 0;
}

static const char *model_name(const void *ctx, size_t i)
{
	(void)ctx;
	if (i == NMODELS)
		return "host";
	return i < NMODELS ? models[i].name : NULL;
}

static int model_select(struct x86_cpuid *c, const char *name, size_t len,
			struct err *err)
{
	char word[32];
	const char *near;

	if (same_name("host", 4, name, len))
		return 0;
	for (unsigned i = 0; i < NMODELS; i++)
		if (same_name(models[i].name, strlen(models[i].name), name,
			      len))
			return model_apply(c, i, err);
	err_set(err, EINVAL, "--cpu: there is no CPU model '%.*s'", (int)len,
		name);
	if (len < sizeof(word)) {
		memcpy(word, name, len);
		word[len] = '\0';
		near = nearest_word(word, model_name, NULL);
		if (near) {
			err_hint(err, "did you mean '%s'?", near);
			return -EINVAL;
		}
	}
	err_hint(err, "use host, or x86-64-v1 to x86-64-v4");
	return -EINVAL;
}

/* ---- +feature, -feature */

/* Every name as a string, for nearest_word(). */
struct name_list {
	char name[NWORDS * 32][24];
	size_t n;
};

static const char *name_list_next(const void *ctx, size_t i)
{
	const struct name_list *l = ctx;

	return i < l->n ? l->name[i] : NULL;
}

static void name_list_fill(struct name_list *l)
{
	for (size_t w = 0; w < NWORDS; w++) {
		const char *p = words[w].names;

		while (*p) {
			size_t n = strcspn(p, " ");

			if (n > 1 && n < sizeof(l->name[0])) {
				memcpy(l->name[l->n], p, n);
				l->name[l->n++][n] = '\0';
			}
			p += n;
			p += *p == ' ';
		}
	}
}

static int feature_unknown(const char *name, size_t len, struct err *err)
{
	struct name_list *list = calloc(1, sizeof(*list));
	char word[24] = "";
	const char *near = NULL;

	err_set(err, EINVAL, "--cpu: there is no CPU feature '%.*s'", (int)len,
		name);
	err_hint(err, "features are named as in /proc/cpuinfo");
	if (list && len < sizeof(word)) {
		memcpy(word, name, len);
		name_list_fill(list);
		near = nearest_word(word, name_list_next, list);
	}
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	free(list);
	return -EINVAL;
}

static int feature_apply(struct x86_cpuid *c, const char *p, size_t len,
			 struct err *err)
{
	struct feature f;

	if (len < 2 || (*p != '+' && *p != '-')) {
		err_set(err, EINVAL, "--cpu: '%.*s' is not a CPU feature",
			(int)len, p);
		err_hint(err, "write +FEATURE or -FEATURE");
		return -EINVAL;
	}
	if (!feature_find(p + 1, len - 1, &f))
		return feature_unknown(p + 1, len - 1, err);
	if (*p == '-') {
		if (listed(models[0].features, p + 1, len - 1)) {
			err_set(err, EINVAL,
				"--cpu: no 64-bit CPU is without '%.*s'",
				(int)len - 1, p + 1);
			return -EINVAL;
		}
		feature_clear(c, &f);
		return 0;
	}
	if (feature_has(c, &f))
		return 0;
	err_set(err, ENOTSUP,
		"--cpu: this host does not offer '%.*s' to guests",
		(int)len - 1, p + 1);
	err_hint(err, "vmm check tells what it offers");
	return -ENOTSUP;
}

int x86_cpuid_select(struct x86_cpuid *c, const char *spec, struct err *err)
{
	struct x86_cpuid *all;
	const char *p = spec ? spec : "host";
	size_t n = strcspn(p, ",");
	int ret;

	/* A feature may be added to a model that leaves it out. */
	all = malloc(sizeof(*all));
	if (!all)
		return err_nomem(err, "the CPUID table");
	*all = *c;
	ret = model_select(c, p, n, err);
	for (p += n; !ret && *p == ','; p += n) {
		struct feature f;

		p++;
		n = strcspn(p, ",");
		if (*p == '+' && feature_find(p + 1, n - 1, &f) &&
		    feature_has(all, &f) && feature_word(c, &f))
			*feature_word(c, &f) |= 1u << f.bit;
		ret = feature_apply(c, p, n, err);
	}
	free(all);
	if (ret < 0)
		return ret;
	features_settle(c);
	xsave_settle(c);
	return 0;
}
