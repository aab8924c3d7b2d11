/* SPDX-License-Identifier: MIT */
/* A pSeries' optional devices: where they are, and what its tree says. */
#include <libfdt.h>
#include <stdlib.h>

#include "boot/fdt.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/vio.h"
#include "machine/virt/virt.h"
#include "tests/test.h"

static uint8_t tree[1 << 20];

/* As vmm makes it, of one CPU. */
static void one_cpu(struct vm_config *c, uint64_t memory)
{
	vm_config_init(c);
	c->arch = ARCH_PPC64LE;
	c->cpus.count = c->cpus.sockets = c->cpus.cores = c->cpus.threads = 1;
	c->memory.size = memory;
}

static struct board *make(struct vm_device *devices, unsigned n,
			  struct err *err)
{
	struct vm_config c;

	one_cpu(&c, 512 << 20);
	c.devices = devices;
	c.ndevices = n;
	return board_make(&c, 46, err);
}

static int node(const char *path)
{
	int at = fdt_path_offset(tree, path);

	if (at < 0)
		fail_msg("there is no %s", path);
	return at;
}

/* Cell i of a property, which has n of them. */
static uint32_t cell(const char *path, const char *name, unsigned i, unsigned n)
{
	const fdt32_t *p;
	int len;

	p = fdt_getprop(tree, node(path), name, &len);
	if (!p || len != (int)(4 * n))
		fail_msg("%s has no %s of %u cells", path, name, n);
	return fdt32_to_cpu(p[i]);
}

static void build(const struct board *b, const struct board_found *found)
{
	const struct fdt_chosen chosen = { .found = found };
	struct err err = { 0 };

	if (fdt_build(b, &chosen, tree, sizeof(tree), &err) < 0)
		fail_msg("%s", err.msg);
}

#define PCI  "/pci@800000020000000"
#define FN   PCI "/pci1af4,1041@3"
#define BASE UINT64_C(0x210000004000)

TEST(pseries_tree_tells_of_functions_as_they_were_found)
{
	static const struct board_pci_fn fn = {
		.devfn = 3 << 3,
		.revision = 1,
		.pin = 1,
		.vendor = 0x1af4,
		.device = 0x1041,
		.subsys_vendor = 0x1af4,
		.subsys = 0x1100,
		.class_code = 0x020000,
		.msix = 3,
		.bar = { [0] = { BAR_MEM64, true, BASE, 0x4000 },
			 [4] = { BAR_MEM32, false, 0x80001000, 0x1000 } },
	};
	const struct board_found found = { .fn = &fn, .nfns = 1 };
	static const uint32_t given[10] = {
		0xc3001810, 0x2100, 0x4000,	0, 0x4000,
		0x82001820, 0,	    0x80001000, 0, 0x1000,
	};
	struct err err = { 0 };
	struct board *b = make(NULL, 0, &err);

	build(b, &found);
	CHECK_EQ(cell(FN, "vendor-id", 0, 1), 0x1af4);
	CHECK_EQ(cell(FN, "class-code", 0, 1), 0x020000);
	CHECK_EQ(cell(FN, "interrupts", 0, 1), 1);
	CHECK_EQ(cell(FN, "ibm,req#msi-x", 0, 1), 3);
	CHECK(!fdt_getprop(tree, node(FN), "ibm,req#msi", NULL));
	for (unsigned i = 0; i < 10; i++)
		CHECK_EQ(cell(FN, "assigned-addresses", i, 10), given[i]);
	CHECK_EQ(cell(FN, "reg", 0, 15), 0x1800);
	CHECK_EQ(cell(FN, "reg", 5, 15), 0x43001810);
	CHECK_EQ(cell(FN, "reg", 9, 15), 0x4000);
	CHECK_EQ(cell(PCI, "ibm,dma-window", 0, 5), PHB_LIOBN);
	/* The second range: where the CPU sees the window of 32 bits. */
	CHECK_EQ(cell(PCI, "ranges", 7, 21), 0x02000000);
	CHECK_EQ(cell(PCI, "ranges", 9, 21), 0x80000000);
	CHECK_EQ(cell(PCI, "ranges", 10, 21), 0x2000);
	CHECK_EQ(cell(PCI, "ranges", 11, 21), 0x80000000);
	board_free(b);
}

TEST(pseries_vio_devices_have_units_and_windows)
{
	static struct vm_device devices[] = {
		{ .name = "spapr-vscsi", .props = "file=/a" },
		{ .name = "spapr-vscsi", .props = "file=/b" },
		{ .name = "spapr-vlan", .props = NULL },
		{ .name = "spapr-nvram", .props = NULL },
		{ .name = "spapr-vty", .props = "console=null" },
	};
	static const struct board_mac mac = { "spapr-vlan",
					      { 2, 4, 6, 8, 1, 3 } };
	const struct board_found found = { .mac = &mac, .nmacs = 1 };
	struct err err = { 0 };
	struct board *b = make(devices, 5, &err);
	const void *addr;
	int len;

	CHECK(b != NULL);
	build(b, &found);
	CHECK_EQ(cell("/vdevice/v-scsi@71000100", "ibm,my-dma-window", 0, 5),
		 0x71000100);
	CHECK_EQ(cell("/vdevice/v-scsi@71000101", "ibm,my-dma-window", 4, 5),
		 VIO_WINDOW);
	CHECK_EQ(cell("/vdevice/v-scsi@71000101", "interrupts", 0, 2),
		 cell("/vdevice/v-scsi@71000100", "interrupts", 0, 2) + 1);
	CHECK_EQ(cell("/vdevice/nvram@71000300", "#bytes", 0, 1), NVRAM_SIZE);
	CHECK(fdt_path_offset(tree, "/vdevice/vty@71000000") >= 0);
	CHECK(fdt_path_offset(tree, "/vdevice/vty@71000001") >= 0);
	addr = fdt_getprop(tree, node("/vdevice/l-lan@71000200"),
			   "local-mac-address", &len);
	CHECK(addr && len == 6);
	CHECK_MEM(addr, mac.addr, 6);
	CHECK(fdt_getprop(tree, node("/rtas"), "nvram-fetch", NULL) != NULL);
	board_free(b);
	b = make(NULL, 0, &err);
	build(b, NULL);
	CHECK(!fdt_getprop(tree, node("/rtas"), "nvram-fetch", NULL));
	board_free(b);
}

TEST(pseries_devices_of_a_kind_are_bounded)
{
	struct vm_device devices[17];
	struct err err = { 0 };

	for (unsigned i = 0; i < 17; i++)
		devices[i] = (struct vm_device){ .name = "spapr-vscsi",
						 .props = "file=/a" };
	CHECK(!make(devices, 17, &err));
	CHECK_STR(err.msg, "--device spapr-vscsi: the machine has room for 16 "
			   "only");
	devices[1].name = devices[0].name = "spapr-nvram";
	devices[1].props = devices[0].props = NULL;
	CHECK(!make(devices, 2, &err));
	CHECK_STR(err.msg, "--device spapr-nvram: the machine has room for one "
			   "only");
}

TEST(pseries_with_firmware_has_nvram_once)
{
	struct vm_device own = { .name = "spapr-nvram" };
	char firmware[] = "slof.bin";
	struct err err = { 0 };
	struct vm_config c;
	struct board *b;

	one_cpu(&c, 512 << 20);
	c.firmware = firmware;
	for (unsigned i = 0; i < 2; i++) {
		unsigned at = 0;

		c.devices = i ? &own : NULL;
		c.ndevices = i;
		b = board_make(&c, 46, &err);
		CHECK(b != NULL);
		CHECK(board_next_class(b, "spapr-nvram", &at) != NULL);
		CHECK(board_next_class(b, "spapr-nvram", &at) == NULL);
		board_free(b);
	}
}

/* A hash guest of a host that has these, as KVM-HV on a POWER9 tells. */
static struct board *hash_guest(unsigned page_shift, enum mem_hugepages huge,
				int kvm_type)
{
	static const struct board_ppc host = {
		.pvr = 0x004e1202,
		.hash = true,
		.has_radix = true,
		.kvm_hv = true,
		.kvm_pr = true,
		.slbs = 32,
		.tera_segments = true,
		.real_pages = true,
		.segment = {
			{ 12, 0, { { 12, 0 }, { 16, 7 }, { 24, 0x38 } } },
			{ 16, 0x110, { { 16, 1 }, { 24, 8 } } },
			{ 24, 0x100, { { 24, 0 } } },
		},
	};
	struct err err = { 0 };
	struct vm_config c;
	struct board *b;

	one_cpu(&c, 1 << 30);
	c.memory.how.hugepages = huge;
	c.ppc = host;
	c.ppc.page_shift = (uint8_t)page_shift;
	c.mmu = kvm_type == VM_KVM_PR ? VM_MMU_AUTO : VM_MMU_HASH;
	c.kvm_type = kvm_type;
	b = board_make(&c, 46, &err);
	if (!b)
		fail_msg("%s", err.msg);
	build(b, NULL);
	return b;
}

#define CPU0 "/cpus/cpu@0"

/* KVM_PPC_PAGE_SIZES_REAL, KVM API 4.64. */
TEST(pseries_hash_guest_has_pages_that_fit_the_hosts)
{
	static const struct {
		unsigned page_shift;
		enum mem_hugepages huge;
		unsigned n;
		uint32_t cells[18];
	} hosts[] = {
		{ 12, MEM_HUGE_NONE, 5, { 12, 0, 1, 12, 0 } },
		{ 12, MEM_HUGE_THP, 5, { 12, 0, 1, 12, 0 } },
		{ 16,
		  MEM_HUGE_NONE,
		  12,
		  { 12, 0, 2, 12, 0, 16, 7, 16, 0x110, 1, 16, 1 } },
		{ 12,
		  MEM_HUGE_2M,
		  12,
		  { 12, 0, 2, 12, 0, 16, 7, 16, 0x110, 1, 16, 1 } },
		{ 12,
		  MEM_HUGE_16M,
		  21,
		  { 12, 0, 3, 12, 0, 16, 7, 24, 0x38, 16, 0x110, 2, 16, 1, 24,
		    8, 24, 0x100 } },
	};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct board *b = hash_guest(hosts[i].page_shift, hosts[i].huge,
					     VM_KVM_AUTO);

		for (unsigned k = 0; k < hosts[i].n && k < 18; k++)
			CHECK_EQ(cell(CPU0, "ibm,segment-page-sizes", k,
				      hosts[i].n),
				 hosts[i].cells[k]);
		CHECK(!b->ppc.pr);
		board_free(b);
	}
}

TEST(pseries_of_kvm_pr_has_a_hash_table_and_no_radix_tree)
{
	static const uint32_t sizes[10] = {
		12, 0, 1, 12, 0, 24, 0x100, 1, 24, 0
	};
	struct board *b = hash_guest(12, MEM_HUGE_NONE, VM_KVM_PR);

	CHECK(b->ppc.pr);
	CHECK(!b->ppc.radix);
	CHECK_EQ(cell(CPU0, "ibm,pft-size", 1, 2), 24);
	CHECK_EQ(cell(CPU0, "slb-size", 0, 1), 64);
	for (unsigned k = 0; k < 10; k++)
		CHECK_EQ(cell(CPU0, "ibm,segment-page-sizes", k, 10), sizes[k]);
	/* No segments of 1 TiB. */
	CHECK_EQ(cell(CPU0, "ibm,processor-segment-sizes", 1, 4), UINT32_MAX);
	board_free(b);
}
