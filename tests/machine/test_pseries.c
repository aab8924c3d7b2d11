/* SPDX-License-Identifier: MIT */
/* A pSeries' optional devices: where they are, and what its tree says. */
#include <libfdt.h>
#include <stdlib.h>

#include "boot/fdt.h"
#include "cpu/ppc64/calls.h"
#include "hw/spapr/crq.h"
#include "hw/spapr/events.h"
#include "hw/spapr/memop.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/rtas.h"
#include "hw/spapr/system.h"
#include "hw/spapr/tce.h"
#include "hw/spapr/vio.h"
#include "hw/spapr/vlan.h"
#include "hw/spapr/vty.h"
#include "hw/spapr/xics_calls.h"
#include "hw/spapr/xive.h"
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
	CHECK_EQ(cell("/vdevice/v-scsi@71000101", "#address-cells", 0, 1), 2);
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

/* A hash guest of a POWER9 whose kernel has such pages. */
static struct board *hash_guest(unsigned page_shift, enum mem_hugepages huge,
				int kvm_type)
{
	struct err err = { 0 };
	struct vm_config c;
	struct board *b;

	one_cpu(&c, 1 << 30);
	c.memory.how.hugepages = huge;
	c.ppc = virt_power9;
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

/* ---- calls */

/* LoPAR 14.5's numbers; those from 0xf000 on are private. */
static const struct {
	uint32_t nr;
	const char *name;
} numbers[] = {
	{ 0x04, "H_REMOVE" },
	{ 0x08, "H_ENTER" },
	{ 0x0c, "H_READ" },
	{ 0x18, "H_PROTECT" },
	{ 0x1c, "H_GET_TCE" },
	{ 0x20, "H_PUT_TCE" },
	{ 0x24, "H_SET_DABR" },
	{ 0x3c, "H_LOGICAL_CI_LOAD" },
	{ 0x40, "H_LOGICAL_CI_STORE" },
	{ 0x54, "H_GET_TERM_CHAR" },
	{ 0x58, "H_PUT_TERM_CHAR" },
	{ 0x64, "H_EOI" },
	{ 0x68, "H_CPPR" },
	{ 0x6c, "H_IPI" },
	{ 0x70, "H_IPOLL" },
	{ 0x74, "H_XIRR" },
	{ 0xdc, "H_REGISTER_VPA" },
	{ 0xe0, "H_CEDE" },
	{ 0xe4, "H_CONFER" },
	{ 0xe8, "H_PROD" },
	{ 0xfc, "H_REG_CRQ" },
	{ 0x100, "H_FREE_CRQ" },
	{ 0x104, "H_VIO_SIGNAL" },
	{ 0x108, "H_SEND_CRQ" },
	{ 0x124, "H_BULK_REMOVE" },
	{ 0x134, "H_SET_XDABR" },
	{ 0x138, "H_STUFF_TCE" },
	{ 0x13c, "H_PUT_TCE_INDIRECT" },
	{ 0x1c8, "H_GET_CPU_CHARACTERISTICS" },
	{ 0x2b0, "H_ENABLE_CRQ" },
	{ 0x300, "H_RANDOM" },
	{ 0x31c, "H_SET_MODE" },
	{ 0x37c, "H_REGISTER_PROCESS_TABLE" },
	{ 0x380, "H_SIGNAL_SYS_RESET" },
	{ 0xf000, "H_RTAS" },
	{ 0xf001, "H_LOGICAL_MEMOP" },
	{ 0xf808, "H_TLB_INVALIDATE" },
};

TEST(pseries_hypercalls_are_one_table_by_number_and_name)
{
	static const struct hcall *const lists[] = {
		papr_hcalls, rtas_hcalls,	  memop_hcalls, tce_hcalls,
		vio_hcalls,  crq_hcalls,	  vty_hcalls,	vlan_hcalls,
		xics_hcalls, spapr_system_hcalls, xive_hcalls,
	};
	struct hcalls h = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (hcalls_add(&h, lists[i], NULL, &err) < 0)
			fail_msg("%s", err.msg); /* two have one number */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		size_t k = 0;

		while (k < h.n && h.entry[k].call->nr != numbers[i].nr)
			k++;
		if (k == h.n)
			fail_msg("%s is missing", numbers[i].name);
		CHECK_STR(h.entry[k].call->name, numbers[i].name);
	}
	hcalls_free(&h);
}

/* What the tree names somebody answers: the machine's CPUs' are three. */
TEST(pseries_rtas_calls_have_each_a_token_and_a_function)
{
	static const struct rtas_call *const lists[] = {
		spapr_system_rtas, ics_rtas, phb_rtas,
		spapr_events_rtas, vio_rtas, nvram_rtas,
	};
	static const char *const cpus[] = { "query-cpu-stopped-state",
					    "start-cpu", "stop-self" };
	struct rtas r = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (rtas_add(&r, lists[i], NULL, &err) < 0)
			fail_msg("%s", err.msg);
	for (unsigned i = 0; rtas_names[i].name; i++) {
		bool cpu = false;

		for (unsigned k = 0; k < 3; k++)
			cpu |= !strcmp(cpus[k], rtas_names[i].name);
		if (!cpu && !r.entry[i].call)
			fail_msg("nobody answers %s", rtas_names[i].name);
		if (!cpu)
			CHECK_STR(r.entry[i].call->name, rtas_names[i].name);
	}
}

TEST(pseries_guest_may_have_guests_where_it_is_radix)
{
	struct err err = { 0 };
	struct vm_config c;
	struct board *b;

	one_cpu(&c, 512 << 20);
	c.nested = true;
	b = board_make(&c, 46, &err);
	CHECK(b && b->ppc.nested);
	board_free(b);
	c.mmu = VM_MMU_HASH;
	CHECK(!board_make(&c, 46, &err));
	CHECK_STR(err.msg, "--machine nested=on: a hash guest has no guests");
	c.mmu = VM_MMU_AUTO;
	c.kvm_type = VM_KVM_PR;
	CHECK(!board_make(&c, 46, &err));
	CHECK_STR(err.msg, "--machine nested=on: this host's KVM has no guests "
			   "of guests");
}

/* What firmware may offer a kernel: two of what the user did not choose. */
TEST(pseries_leaves_to_the_kernel_what_the_options_leave_open)
{
	char firmware[] = "slof.bin";
	struct err err = { 0 };
	struct vm_config c;
	struct board *b;

	one_cpu(&c, 512 << 20);
	c.irqchip = virt_irqchip_index("xive");
	b = board_make(&c, 46, &err); /* nobody asks */
	CHECK(b && !b->ppc.other_xive && !b->ppc.other_mmu);
	board_free(b);
	c.firmware = firmware;
	b = board_make(&c, 46, &err);
	CHECK(b && b->ppc.other_xive && b->ppc.other_mmu);
	board_free(b);
	c.mmu = VM_MMU_RADIX;
	c.irqchip = virt_irqchip_index("xics");
	b = board_make(&c, 46, &err);
	CHECK(b && !b->ppc.other_xive && !b->ppc.other_mmu);
	board_free(b);
	c.mmu = VM_MMU_AUTO;
	c.debugged = true;
	b = board_make(&c, 46, &err);
	CHECK(b && !b->ppc.other_mmu);
	board_free(b);
}
