/* SPDX-License-Identifier: MIT */
/* SAL and EFI's runtime services as a kernel calls them, without a processor.
 */
#include "hw/sal/sal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "cpu/ia64/pv.h"
#include "hw/sal/code.h"
#include "hw/sal/vars.h"
#include "tests/support/rig.h"
#include "tests/test.h"

#define AREA	     RIG_RAM
#define ARGS	     (RIG_RAM + 0x100000) /* where arguments lie */
#define EFI(n)	     (SAL_EFI_CALL + (n))
#define EFI_ERR(n)   ((int64_t)(UINT64_C(1) << 63 | (n)))
#define UNSUPPORTED  EFI_ERR(3)
#define TOO_SMALL    EFI_ERR(5)
#define INVALID	     EFI_ERR(2)
#define NO_RESOURCES EFI_ERR(9)
#define NOT_FOUND    EFI_ERR(14)

struct sal_rig {
	struct rig r;
	struct device *sal, *nvram;
	uint64_t out[SAL_CALL_REGS];
	uint64_t fault; /* an address whose page is not mapped, or 0 */
	unsigned requests[3];
};

static int copy(void *opaque, unsigned cpu, uint64_t gva, void *buf, size_t len,
		bool write)
{
	struct sal_rig *x = opaque;

	(void)cpu;
	if (x->fault && x->fault - gva < len)
		return -EFAULT;
	return write ? mem_write(&x->r.mem, gva, buf, len)
		     : mem_read(&x->r.mem, gva, buf, len);
}

/* file: what keeps the variables, or NULL. */
static void make(struct sal_rig *x, const char *file)
{
	static struct board_cpu cpus[] = { { .socket = 0 }, { .socket = 3 } };
	static const struct board board = { .ncpus = 2, .cpus = cpus };
	const struct sal_config c = { .area = AREA,
				      .platform_hz = 100000000,
				      .board = &board,
				      .copy = copy,
				      .opaque = x };
	struct err err = { 0 };
	char props[128];

	*x = (struct sal_rig){ 0 };
	rig_init(&x->r);
	x->sal = device_new(&sal_class, "sal");
	sal_setup(x->sal, &c);
	if (device_configure(x->sal, "base=2026-11-21T12:34:56", &err) < 0 ||
	    device_realize(x->sal, &x->r.env, &err) < 0)
		fail_msg("%s", err.msg);
	sal_code_build(AREA, true, x->r.ram);
	if (!file)
		return;
	x->nvram = device_new(&efi_nvram_class, "efi-nvram");
	efi_nvram_setup(x->nvram, x->sal);
	snprintf(props, sizeof(props), "file=%s", file);
	if (device_configure(x->nvram, props, &err) < 0 ||
	    device_realize(x->nvram, &x->r.env, &err) < 0)
		fail_msg("%s", err.msg);
}

static void end(struct sal_rig *x)
{
	if (x->nvram)
		device_free(x->nvram);
	device_free(x->sal);
	rig_destroy(&x->r);
}

static int64_t call(struct sal_rig *x, uint64_t nr, uint64_t a, uint64_t b,
		    uint64_t c, uint64_t d, uint64_t e)
{
	const uint64_t in[SAL_CALL_REGS] = { a, b, c, d, e };

	memset(x->out, 0, sizeof(x->out));
	return sal_call(x->sal, 1, nr, in, x->out);
}

static uint64_t load(struct sal_rig *x, uint64_t gpa)
{
	uint64_t val;

	CHECK_EQ(mem_load_le64(&x->r.mem, gpa, &val), 0);
	return val;
}

static void store(struct sal_rig *x, uint64_t gpa, uint64_t val)
{
	CHECK_EQ(mem_store_le64(&x->r.mem, gpa, val), 0);
}

/* ---- the code and its tables */

TEST(sal_system_table_sums_to_zero_and_leads_to_code)
{
	uint8_t *area = calloc(1, SAL_SIZE), sum = 0;
	uint32_t crc = 0;

	sal_code_build(0x100000, true, area);
	for (unsigned i = 0; i < SAL_TABLE_SIZE; i++)
		sum += area[SAL_AT_TABLE + i];
	CHECK_EQ(sum, 0);
	CHECK_MEM(area + SAL_AT_TABLE, "SST_", 4);
	/* The services' table has EFI's checksum of itself. */
	memcpy(&crc, area + SAL_AT_RUNTIME + 16, 4);
	memset(area + SAL_AT_RUNTIME + 16, 0, 4);
	CHECK_EQ(crc32(0, area + SAL_AT_RUNTIME, 136), crc);
	free(area);
}

TEST(sal_tells_of_the_paravirtual_interface_where_it_is_offered)
{
	uint8_t *area = calloc(1, SAL_SIZE);
	uint64_t word = 0;

	sal_code_build(0x100000, true, area);
	CHECK_MEM(area + SAL_AT_PV, SAL_PV_MAGIC, 8);
	memcpy(&word, area + SAL_AT_PV + 16, 8); /* as cpu/ia64/pv.h has it */
	CHECK_EQ(word, (1u << PV_OPS) - 1);
	memcpy(&word, area + SAL_AT_PV + 24, 8);
	CHECK_EQ(word, IA64_PV_BREAK);
	memcpy(&word, area + SAL_AT_PV + 32, 8);
	CHECK_EQ(word, PV_PAGE);
	CHECK(sizeof(struct ia64_pv_area) <= PV_PAGE);
	sal_code_build(0x100000, false, area);
	for (unsigned i = 0; i < SAL_PV_SIZE; i++)
		CHECK_EQ(area[SAL_AT_PV + i], 0);
	free(area);
}

/* ---- SAL */

TEST(sal_answers_what_it_knows_and_refuses_the_rest)
{
	struct sal_rig x;

	make(&x, NULL);
	CHECK_EQ(call(&x, 0x01000012, 0, 0, 0, 0, 0), 0);
	CHECK_EQ(x.out[0], 100000000);
	CHECK_EQ(call(&x, 0x01000012, 1, 0, 0, 0, 0), -1);
	CHECK_EQ(call(&x, 0x01000013, 0, 0, 0, 0, 0), 0);
	CHECK_EQ(x.out[0], 3); /* the socket of the CPU that calls */
	CHECK_EQ(call(&x, 0x010000ff, 0, 0, 0, 0, 0), -1);
	CHECK_EQ(call(&x, 0x01000001, 0, 0, 0, 0, 0), -5);
	CHECK_EQ(call(&x, 0x01000000, 3, 0, 0, 0, 0), -2);
	/* Where CPUs are to wake up is kept where their loop reads it. */
	CHECK_EQ(call(&x, 0x01000000, 2, 0x4001230, 0x4567890, 0, 0), 0);
	CHECK_EQ(load(&x, AREA + SAL_AT_RENDEZ), 0x4001230);
	CHECK_EQ(load(&x, AREA + SAL_AT_RENDEZ + 8), 0x4567890);
	/* Where it takes INITs, the monarch's and the slaves' handler. */
	CHECK_EQ(call(&x, 0x01000000, 1, 0x4001000, 0x11, 0x100, 0x4002000), 0);
	CHECK_EQ(load(&x, AREA + SAL_AT_OS_INIT), 0x4001000);
	CHECK_EQ(load(&x, AREA + SAL_AT_OS_INIT + 8), 0x11);
	CHECK_EQ(load(&x, AREA + SAL_AT_OS_INIT + 16), 0x4002000);
	end(&x);
}

TEST(sal_pci_configuration_without_a_bus_reads_as_ones)
{
	struct sal_rig x;

	make(&x, NULL);
	CHECK_EQ(call(&x, 0x01000010, 0x1800, 2, 0, 0, 0), 0);
	CHECK_EQ(x.out[0], 0xffff);
	CHECK_EQ(call(&x, 0x01000010, 0x1800, 3, 0, 0, 0), -2);
	CHECK_EQ(call(&x, 0x01000010, 0x1801, 4, 0, 0, 0), -2);
	CHECK_EQ(call(&x, 0x01000010, 0x1800, 4, 2, 0, 0), -2);
	CHECK_EQ(call(&x, 0x01000011, 0x1800, 4, 5, 0, 0), 0);
	end(&x);
}

/* ---- EFI: time and reset */

TEST(efi_time_starts_at_the_base_and_can_be_set)
{
	static const uint8_t then[] = { 0xea, 7, 11, 21, 12, 34, 56 };
	struct sal_rig x;

	make(&x, NULL);
	CHECK_EQ(call(&x, EFI(EFI_GET_TIME), ARGS, 0, 0, 0, 0), 0);
	CHECK_MEM(mem_run(&x.r.mem, ARGS, 7), then, 7);
	store(&x, ARGS, UINT64_C(0x003b3b171f0c07ef)); /* 2031-12-31 23:59:59 */
	store(&x, ARGS + 8, 0);
	CHECK_EQ(call(&x, EFI(EFI_SET_TIME), ARGS, 0, 0, 0, 0), 0);
	rig_advance_s(&x.r, 1);
	CHECK_EQ(call(&x, EFI(EFI_GET_TIME), ARGS, 0, 0, 0, 0), 0);
	CHECK_EQ(load(&x, ARGS) & 0x00ffffffffffffff, 0x00000000010107f0);
	store(&x, ARGS, UINT64_C(0x003b3b17200c07ef)); /* the 32nd */
	CHECK_EQ(call(&x, EFI(EFI_SET_TIME), ARGS, 0, 0, 0, 0), INVALID);
	CHECK_EQ(call(&x, EFI(EFI_GET_TIME), 0, 0, 0, 0, 0), INVALID);
	CHECK_EQ(call(&x, EFI(EFI_CONVERT_POINTER), 0, 0, 0, 0, 0),
		 UNSUPPORTED);
	end(&x);
}

TEST(efi_reset_asks_the_machine)
{
	struct sal_rig x;

	make(&x, NULL);
	call(&x, EFI(EFI_RESET_SYSTEM), 2, 0, 0, 0, 0);
	CHECK_EQ(x.r.requests[VM_POWEROFF], 1);
	CHECK_EQ(x.r.request_status, 0);
	call(&x, EFI(EFI_RESET_SYSTEM), 0, 0, 0, 0, 0);
	call(&x, EFI(EFI_RESET_SYSTEM), 1, 0, 0, 0, 0);
	CHECK_EQ(x.r.requests[VM_RESET], 2);
	end(&x);
}

/* ---- EFI: virtual addresses */

static void put_desc(struct sal_rig *x, unsigned i, uint64_t phys,
		     uint64_t virt, uint64_t pages)
{
	uint64_t at = ARGS + 48 * i;

	store(x, at, 5);
	store(x, at + 8, phys);
	store(x, at + 16, virt);
	store(x, at + 24, pages);
}

TEST(efi_moves_to_virtual_addresses_once)
{
	const uint64_t up = UINT64_C(0xe000000000000000);
	struct sal_rig x;

	make(&x, NULL);
	put_desc(&x, 0, RIG_RAM + SAL_PART + 0x20000, up, 16);
	put_desc(&x, 1, AREA + SAL_PART, AREA + SAL_PART + up, 16);
	CHECK_EQ(call(&x, EFI(EFI_SET_VIRTUAL_ADDRESS_MAP), 48, 48, 1, ARGS, 0),
		 NOT_FOUND);
	CHECK_EQ(call(&x, EFI(EFI_SET_VIRTUAL_ADDRESS_MAP), 96, 8, 1, ARGS, 0),
		 INVALID);
	/* a step that would lead out of the map, and back into it */
	CHECK_EQ(
		call(&x, EFI(EFI_SET_VIRTUAL_ADDRESS_MAP), 96, -40, 1, ARGS, 0),
		INVALID);
	CHECK_EQ(call(&x, EFI(EFI_SET_VIRTUAL_ADDRESS_MAP), 96, 48, 1, ARGS, 0),
		 0);
	for (unsigned i = 0; i < EFI_SERVICES; i++) {
		uint64_t desc = load(&x, AREA + SAL_AT_RUNTIME + 24 + 8 * i);

		CHECK_EQ(desc, up + AREA + SAL_AT_DESCS + 16 * i);
		CHECK_EQ(load(&x, desc - up), up + AREA + SAL_AT_EFI + 16 * i);
	}
	CHECK_EQ(call(&x, EFI(EFI_SET_VIRTUAL_ADDRESS_MAP), 96, 48, 1, ARGS, 0),
		 UNSUPPORTED);
	device_reset(x.sal);
	sal_code_build(AREA, true, x.r.ram);
	CHECK_EQ(call(&x, EFI(EFI_SET_VIRTUAL_ADDRESS_MAP), 96, 48, 1, ARGS, 0),
		 0);
	end(&x);
}

/* ---- EFI: variables */

#define NAME (ARGS + 0x1000)
#define GUID (ARGS + 0x2000)
#define SIZE (ARGS + 0x3000)
#define DATA (ARGS + 0x4000)
#define ATTR (ARGS + 0x3100)

static void name(struct sal_rig *x, const char *text)
{
	uint8_t *p = mem_run(&x->r.mem, NAME, 64);

	memset(p, 0, 64);
	for (; *text; text++, p += 2)
		*p = (uint8_t)*text;
	store(x, GUID, 1);
	store(x, GUID + 8, 2);
}

static int64_t set(struct sal_rig *x, const char *text, uint64_t attributes,
		   uint64_t val, uint64_t size)
{
	name(x, text);
	store(x, DATA, val);
	return call(x, EFI(EFI_SET_VARIABLE), NAME, GUID, attributes, size,
		    DATA);
}

static int64_t get(struct sal_rig *x, const char *text, uint64_t room)
{
	name(x, text);
	store(x, SIZE, room);
	store(x, DATA, 0);
	return call(x, EFI(EFI_GET_VARIABLE), NAME, GUID, ATTR, SIZE, DATA);
}

TEST(efi_variables_are_set_found_listed_and_deleted)
{
	struct sal_rig x;

	make(&x, NULL);
	CHECK_EQ(get(&x, "Boot", 8), NOT_FOUND);
	CHECK_EQ(set(&x, "Boot", 7, 0x1234, 4), 0);
	CHECK_EQ(set(&x, "Lang", 6, 0x5678, 8), 0);
	CHECK_EQ(get(&x, "Boot", 2), TOO_SMALL);
	CHECK_EQ(load(&x, SIZE), 4);
	CHECK_EQ(get(&x, "Boot", 100), 0);
	CHECK_EQ(load(&x, SIZE), 4);
	CHECK_EQ(load(&x, DATA), 0x1234);
	CHECK_EQ(load(&x, ATTR) & 0xffffffff, 7);
	name(&x, "");
	store(&x, SIZE, 64);
	CHECK_EQ(call(&x, EFI(EFI_GET_NEXT_VARIABLE_NAME), SIZE, NAME, GUID, 0,
		      0),
		 0);
	CHECK_EQ(load(&x, SIZE), 10);
	store(&x, SIZE, 64);
	CHECK_EQ(call(&x, EFI(EFI_GET_NEXT_VARIABLE_NAME), SIZE, NAME, GUID, 0,
		      0),
		 0);
	CHECK_MEM(mem_run(&x.r.mem, NAME, 10), "L\0a\0n\0g\0\0\0", 10);
	store(&x, SIZE, 64);
	CHECK_EQ(call(&x, EFI(EFI_GET_NEXT_VARIABLE_NAME), SIZE, NAME, GUID, 0,
		      0),
		 NOT_FOUND);
	CHECK_EQ(set(&x, "Boot", 7, 0, 0), 0);
	CHECK_EQ(set(&x, "Boot", 7, 0, 0), NOT_FOUND);
	CHECK_EQ(get(&x, "Boot", 8), NOT_FOUND);
	CHECK_EQ(set(&x, "", 7, 1, 1), INVALID);
	CHECK_EQ(set(&x, "Boot", 0x20, 1, 1), INVALID);
	CHECK_EQ(set(&x, "Huge", 7, 1, 0xfffff), NO_RESOURCES);
	CHECK_EQ(set(&x, "Huge", 7, 1, UINT64_MAX), NO_RESOURCES);
	end(&x);
}

/* How much a variable of that name may hold, by trying. */
static uint64_t fill(struct sal_rig *x, const char *text)
{
	uint64_t size = EFI_VARS_SIZE;

	while (size && set(x, text, 7, 0, size))
		size--;
	return size;
}

/* A header is 28 bytes: where no room is left, none is left for it either. */
TEST(efi_variables_that_fill_the_store_grow_no_more)
{
	struct sal_rig x;
	uint64_t size;

	make(&x, NULL);
	CHECK_EQ(set(&x, "Boot", 7, 0x1234, 4), 0);
	CHECK_EQ(set(&x, "Last", 7, 0x5678, 100), 0);
	size = fill(&x, "Full");
	CHECK(size > EFI_VARS_SIZE - 300);
	for (unsigned more = 1; more < 64; more++) {
		CHECK_EQ(set(&x, "Last", 7, 0x5678, 100 + more), NO_RESOURCES);
		CHECK_EQ(set(&x, "Full", 7, 0, size + more), NO_RESOURCES);
		CHECK_EQ(set(&x, "More", 7, 0, more), NO_RESOURCES);
	}
	CHECK_EQ(get(&x, "Last", 100), 0);
	CHECK_EQ(load(&x, SIZE), 100);
	/* as large as it was it may be written, and smaller */
	CHECK_EQ(set(&x, "Last", 7, 0x9abc, 100), 0);
	CHECK_EQ(set(&x, "Last", 7, 0x9abc, 99), 0);
	CHECK_EQ(set(&x, "Last", 7, 0x9abc, 100), 0);
	CHECK_EQ(set(&x, "Full", 7, 0, 0), 0);
	CHECK_EQ(get(&x, "Boot", 8), 0);
	CHECK_EQ(load(&x, DATA), 0x1234);
	end(&x);
}

TEST(efi_call_whose_arguments_fault_changes_nothing)
{
	struct sal_rig x;

	make(&x, NULL);
	CHECK_EQ(set(&x, "Boot", 7, 0x1234, 4), 0);
	x.fault = DATA;
	name(&x, "Boot");
	store(&x, SIZE, 100);
	CHECK(call(&x, EFI(EFI_GET_VARIABLE), NAME, GUID, 0, SIZE, DATA) != 0);
	CHECK_EQ(load(&x, SIZE), 100);
	CHECK(call(&x, EFI(EFI_SET_VARIABLE), NAME, GUID, 7, 4, DATA) != 0);
	x.fault = 0;
	CHECK_EQ(get(&x, "Boot", 4), 0);
	CHECK_EQ(load(&x, DATA), 0x1234);
	end(&x);
}

TEST(efi_variables_that_are_to_stay_outlive_reset_and_machine)
{
	char path[] = "/var/tmp/vmm-test-vars-XXXXXX";
	int fd = mkstemp(path);
	struct sal_rig x;

	CHECK(fd >= 0);
	close(fd);
	make(&x, path);
	CHECK_EQ(set(&x, "Keep", 7, 0x77, 1), 0);
	CHECK_EQ(set(&x, "Lose", 6, 0x66, 1), 0);
	device_reset(x.sal);
	CHECK_EQ(get(&x, "Keep", 8), 0);
	CHECK_EQ(get(&x, "Lose", 8), NOT_FOUND);
	end(&x);
	make(&x, path);
	CHECK_EQ(get(&x, "Keep", 8), 0);
	CHECK_EQ(load(&x, DATA), 0x77);
	end(&x);
	/* What is no file of ours holds no variable. */
	CHECK_EQ(truncate(path, 0), 0);
	make(&x, path);
	CHECK_EQ(get(&x, "Keep", 8), NOT_FOUND);
	end(&x);
	unlink(path);
}
