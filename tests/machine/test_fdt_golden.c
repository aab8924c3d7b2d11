/* SPDX-License-Identifier: MIT */
/*
 * The device trees of arm64 and ppc64le machines, as dtc prints them, against
 * the texts in tests/boot/golden.  A wanted change is taken over with
 *	VMM_GOLDEN=write build/x86_64-san/tests/unit-machine
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot/fdt.h"
#include "machine/virt/virt.h"
#include "tests/test.h"

#define GOLDEN "tests/boot/golden"
#define MIB    UINT64_C(0x100000)

static const struct golden {
	const char *name;
	const char *irqchip;
	struct vm_cpus cpus;
	uint64_t memory;
	const char *cpu; /* NULL: host */
	bool mmio;	 /* virtio devices */
	bool firmware;	 /* flash */
	unsigned nodes;	 /* NUMA */
	bool ppc;	 /* ppc64le, not arm64 */
	int mmu;	 /* its enum vm_mmu */
} goldens[] = {
	{ .name = "arm64-gicv3-its",
	  .irqchip = "gicv3-its",
	  .cpus = { .count = 2 },
	  .memory = 512 * MIB },
	{ .name = "arm64-gicv3",
	  .irqchip = "gicv3",
	  .cpus = { .sockets = 2, .cores = 2, .threads = 2 },
	  .memory = 4096 * MIB,
	  .cpu = "host,-pmu",
	  .firmware = true,
	  .nodes = 2 },
	{ .name = "arm64-gicv2m",
	  .irqchip = "gicv2m",
	  .cpus = { .count = 4 },
	  .memory = 1024 * MIB,
	  .mmio = true },
	{ .name = "arm64-gicv2",
	  .irqchip = "gicv2",
	  .cpus = { .count = 1 },
	  .memory = 64 * MIB,
	  .mmio = true },
	{ .name = "arm64-aarch32",
	  .irqchip = "software",
	  .cpus = { .count = 2 },
	  .memory = 256 * MIB,
	  .cpu = "host,aarch64=off" },
	{ .name = "ppc64le-radix",
	  .irqchip = "kernel-xics",
	  .cpus = { .count = 2 },
	  .memory = 512 * MIB,
	  .ppc = true },
	{ .name = "ppc64le-hash",
	  .irqchip = "xics",
	  .cpus = { .sockets = 2, .cores = 2, .threads = 2 },
	  .memory = 4096 * MIB,
	  .nodes = 2,
	  .ppc = true,
	  .mmu = VM_MMU_HASH },
	{ .name = "ppc64le-xive",
	  .irqchip = "xive",
	  .cpus = { .count = 4 },
	  .memory = 256 * MIB,
	  .ppc = true },
};

#define NGOLDEN (sizeof(goldens) / sizeof(*goldens))

static char *copy(const char *s)
{
	char *p = s ? strdup(s) : NULL;

	CHECK(!s || p);
	return p;
}

static void golden_nodes(struct vm_config *c, unsigned n)
{
	c->nnuma = n;
	c->numa = calloc(n + 1, sizeof(*c->numa));
	CHECK(c->numa != NULL);
	for (unsigned i = 0; i < n; i++)
		c->numa[i].node = i;
}

/* Two virtio devices, so that transports appear. */
static struct board *golden_board(const struct golden *g)
{
	struct vm_config c;
	struct err err = { 0 };
	struct board *b;

	vm_config_init(&c);
	c.arch = g->ppc ? ARCH_PPC64LE : ARCH_ARM64;
	c.mmu = g->mmu;
	c.memory.size = g->memory;
	c.cpus = g->cpus;
	c.cpu = copy(g->cpu);
	c.irqchip = virt_irqchip_index(g->irqchip);
	c.transport = g->mmio ? VM_TRANSPORT_MMIO : VM_TRANSPORT_PCI;
	c.console = copy("null");
	c.firmware = g->firmware ? copy("code.fd") : NULL;
	c.devices = calloc(1, sizeof(*c.devices));
	CHECK(c.devices != NULL);
	c.ndevices = 1;
	c.devices[0].name = copy("virtio-rng");
	golden_nodes(&c, g->nodes);
	CHECK_EQ(vm_config_check(&c, &err), 0);
	b = board_make(&c, 48, &err);
	if (!b)
		fail_msg("%s", err.msg);
	vm_config_free(&c);
	return b;
}

static size_t golden_tree(const struct golden *g, uint8_t *tree, size_t max)
{
	const struct fdt_chosen chosen = {
		.cmdline = g->ppc ? "console=hvc0" : "console=ttyAMA0"
	};
	struct board *b = golden_board(g);
	struct err err = { 0 };
	int size = fdt_build(b, &chosen, tree, max, &err);

	if (size < 0)
		fail_msg("%s", err.msg);
	board_free(b);
	return (size_t)size;
}

/* What dtc says of a tree, text and complaints, in a file of that name. */
static void golden_print(const struct golden *g, const char *path)
{
	static uint8_t tree[1 << 17];
	size_t size = golden_tree(g, tree, sizeof(tree));
	char command[512];
	FILE *p;

	snprintf(command, sizeof(command),
		 "timeout 60 dtc -I dtb -O dts - >'%s' 2>&1", path);
	p = popen(command, "w");
	CHECK(p != NULL);
	CHECK_EQ(fwrite(tree, 1, size, p), size);
	CHECK_EQ(pclose(p), 0);
}

static char *slurp(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen(path, "re");

	if (!text || !f) {
		free(text);
		fail_msg("%s: %s", path, strerror(errno));
		return NULL;
	}
	CHECK(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

/* What dtc says of the tree as it is now. */
static char *golden_text(const struct golden *g)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "/tmp/vmm-test-golden.%d", (int)getpid());
	golden_print(g, path);
	text = slurp(path);
	unlink(path);
	return text;
}

static bool golden_has_dtc(void)
{
	return system("command -v dtc >/dev/null 2>&1") == 0;
}

TEST(fdt_of_each_target_is_the_golden_one)
{
	const char *mode = getenv("VMM_GOLDEN");
	char path[128];

	if (!golden_has_dtc())
		SKIP_TEST("dtc is not installed (device-tree-compiler)");
	for (size_t i = 0; i < NGOLDEN; i++) {
		char *was, *is;

		snprintf(path, sizeof(path), GOLDEN "/%s.dts", goldens[i].name);
		if (mode && !strcmp(mode, "write")) {
			golden_print(&goldens[i], path);
			continue;
		}
		is = golden_text(&goldens[i]);
		was = slurp(path);
		if (strcmp(is, was))
			fail_msg("the tree of %s is not %s; if that is wanted, "
				 "run VMM_GOLDEN=write unit-machine and look "
				 "at the difference",
				 goldens[i].name, path);
		free(is);
		free(was);
	}
}

/* dtc's complaints are a part of what it says: there are none. */
TEST(fdt_has_no_warning_from_dtc)
{
	if (!golden_has_dtc())
		SKIP_TEST("dtc is not installed (device-tree-compiler)");
	for (size_t i = 0; i < NGOLDEN; i++) {
		char *text = golden_text(&goldens[i]);

		CHECK(!strncmp(text, "/dts-v1/;", 9));
		CHECK(!strstr(text, "arning"));
		CHECK(!strstr(text, "ERROR"));
		free(text);
	}
}
