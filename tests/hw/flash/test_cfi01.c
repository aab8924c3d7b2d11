/* SPDX-License-Identifier: MIT */
/* Intel's flash commands, the query, and the file behind a bank. */
#include "hw/flash/cfi01.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define BASE	0x40000000 /* where the rig has nothing else */
#define SIZE	0x100000   /* four sectors */
#define DUAL(x) ((uint32_t)(x) << 16 | (x))

/* A bank whose mappings are recorded. */
struct bank {
	struct rig r;
	struct mem_listener l;
	bool mapped;
	char file[64];
	int fd;
};

static int bank_map(void *opaque, const struct mem_range *r, struct err *err)
{
	struct bank *b = opaque;

	(void)err;
	b->mapped |= r->base == BASE;
	return 0;
}

static void bank_unmap(void *opaque, const struct mem_range *r)
{
	struct bank *b = opaque;

	b->mapped &= r->base != BASE;
}

static int bank_try(struct bank *b, const char *props, struct err *err)
{
	struct cfi01 *s = device_new(&cfi01_class, "flash");
	int ret = device_configure(&s->dev, props, err);

	cfi01_set_base(s, BASE);
	if (!ret)
		ret = device_realize(&s->dev, &b->r.env, err);
	if (!ret)
		ret = bus_add(&b->r.mmio, 0, &s->dev.region, err);
	if (!ret)
		b->r.dev = &s->dev;
	else
		device_free(&s->dev);
	return ret;
}

static void bank_plug(struct bank *b, const char *more)
{
	struct err err = { 0 };
	char props[200];

	snprintf(props, sizeof(props), "size=1M%s%s%s", more,
		 b->file[0] ? ",file=" : "", b->file);
	CHECK_EQ(bank_try(b, props, &err), 0);
}

static void bank_unplug(struct bank *b)
{
	device_free(b->r.dev);
	b->r.dev = NULL;
}

static void bank_init(struct bank *b)
{
	struct err err = { 0 };

	*b = (struct bank){ .fd = -1 };
	rig_init(&b->r);
	b->l = (struct mem_listener){ bank_map, bank_unmap, b };
	CHECK_EQ(mem_listen(&b->r.mem, &b->l, &err), 0);
}

static void bank_destroy(struct bank *b)
{
	rig_destroy(&b->r);
	if (b->fd >= 0) {
		close(b->fd);
		unlink(b->file);
	}
}

/* A file of len bytes, each its offset's low byte. */
static void bank_file(struct bank *b, size_t len)
{
	uint8_t *buf = malloc(len + 1);

	strcpy(b->file, "/tmp/vmm-flash-XXXXXX");
	b->fd = mkstemp(b->file);
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)i;
	CHECK_EQ(write(b->fd, buf, len), len);
	free(buf);
}

static void bank_start(struct bank *b)
{
	bank_init(b);
	bank_plug(b, "");
}

static void cmd(struct bank *b, uint64_t off, uint16_t c)
{
	rig_write32(&b->r, off, DUAL(c));
}

static uint32_t status(struct bank *b)
{
	cmd(b, 0, 0x70);
	return rig_read32(&b->r, 0);
}

static void program(struct bank *b, uint64_t off, uint32_t val)
{
	cmd(b, off, 0x40);
	rig_write32(&b->r, off, val);
}

static void erase(struct bank *b, uint64_t off)
{
	cmd(b, off, 0x20);
	cmd(b, off, 0xd0);
}

/* What is in the array: as the guest sees it in read-array mode. */
static uint32_t array(struct bank *b, uint64_t off)
{
	uint32_t val = 0;

	CHECK_EQ(mem_load_le32(&b->r.mem, BASE + off, &val), 0);
	return val;
}

static uint32_t in_file(struct bank *b, off_t off)
{
	uint32_t val = 0;

	CHECK_EQ(pread(b->fd, &val, 4, off), 4);
	return val;
}

TEST(flash_is_erased_memory_at_first)
{
	struct bank b;

	bank_start(&b);
	CHECK(b.mapped);
	CHECK_EQ(array(&b, 0), 0xffffffff);
	CHECK_EQ(array(&b, SIZE - 4), 0xffffffff);
	CHECK_EQ(rig_read32(&b.r, 0x100), 0xffffffff);
	CHECK(!mem_run_rw(&b.r.mem, BASE, 1));
	bank_destroy(&b);
}

TEST(flash_is_memory_in_read_array_mode_only)
{
	static const uint8_t modes[] = { 0x70, 0x90, 0x98, 0x40, 0x20,
					 0x60, 0xe8, 0xb0, 0xd0 };
	struct bank b;

	bank_start(&b);
	for (unsigned i = 0; i < sizeof(modes); i++) {
		cmd(&b, 0, modes[i]);
		CHECK(!b.mapped);
		device_reset(b.r.dev);
		CHECK(b.mapped);
	}
	cmd(&b, 0, 0x70);
	cmd(&b, 0, 0xff);
	CHECK(b.mapped);
	/* one chip of the two is enough */
	rig_write32(&b.r, 0, 0x00ff0070);
	CHECK(!b.mapped);
	CHECK_EQ(rig_read32(&b.r, 0), 0xffff0080);
	rig_write16(&b.r, 0, 0xff);
	CHECK(b.mapped);
	/* a reserved command changes nothing */
	cmd(&b, 0, 0xf0);
	CHECK(b.mapped);
	bank_destroy(&b);
}

TEST(flash_answers_the_query_on_both_chips)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, 0x55 * 4, 0x98);
	CHECK_EQ(rig_read32(&b.r, 0x10 * 4), DUAL('Q'));
	CHECK_EQ(rig_read32(&b.r, 0x11 * 4), DUAL('R'));
	CHECK_EQ(rig_read32(&b.r, 0x12 * 4), DUAL('Y'));
	CHECK_EQ(rig_read32(&b.r, 0x13 * 4), DUAL(1)); /* Intel, extended */
	CHECK_EQ(rig_read32(&b.r, 0x15 * 4), DUAL(0x31));
	CHECK_EQ(rig_read32(&b.r, 0x27 * 4), DUAL(19)); /* 512 KiB a chip */
	CHECK_EQ(rig_read32(&b.r, 0x28 * 4), DUAL(1));	/* x16 */
	CHECK_EQ(rig_read32(&b.r, 0x2a * 4), DUAL(11)); /* 2 KiB buffer */
	CHECK_EQ(rig_read32(&b.r, 0x2c * 4), DUAL(1));
	CHECK_EQ(rig_read32(&b.r, 0x2d * 4), DUAL(3)); /* 4 blocks */
	CHECK_EQ(rig_read32(&b.r, 0x2e * 4), DUAL(0));
	CHECK_EQ(rig_read32(&b.r, 0x2f * 4), DUAL(0)); /* of 512 x 256 */
	CHECK_EQ(rig_read32(&b.r, 0x30 * 4), DUAL(2));
	CHECK_EQ(rig_read32(&b.r, 0x31 * 4), DUAL('P'));
	CHECK_EQ(rig_read32(&b.r, 0x34 * 4), DUAL('1'));
	CHECK_EQ(rig_read32(&b.r, 0x35 * 4), DUAL('0'));
	CHECK_EQ(rig_read32(&b.r, 0x1000 * 4), 0);
	CHECK_EQ(rig_read8(&b.r, 0x10 * 4 + 2), 'Q');
	CHECK_EQ(rig_read64(&b.r, 0x10 * 4),
		 (uint64_t)DUAL('R') << 32 | DUAL('Q'));
	bank_destroy(&b);
}

TEST(flash_tells_who_made_it_and_what_is_locked)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, 0, 0x90);
	CHECK_EQ(rig_read32(&b.r, 0), DUAL(0x89));
	CHECK_EQ(rig_read32(&b.r, 4), DUAL(0x18));
	CHECK_EQ(rig_read32(&b.r, CFI01_SECTOR + 8), 0);
	cmd(&b, CFI01_SECTOR, 0x60);
	cmd(&b, CFI01_SECTOR, 0x01);
	cmd(&b, 0, 0x90);
	CHECK_EQ(rig_read32(&b.r, 8), 0);
	CHECK_EQ(rig_read32(&b.r, CFI01_SECTOR + 8), DUAL(1));
	cmd(&b, CFI01_SECTOR, 0x60);
	cmd(&b, CFI01_SECTOR, 0xd0);
	cmd(&b, 0, 0x90);
	CHECK_EQ(rig_read32(&b.r, CFI01_SECTOR + 8), 0);
	bank_destroy(&b);
}

TEST(flash_programs_words_by_clearing_bits)
{
	struct bank b;

	bank_start(&b);
	program(&b, 0x40, 0x12345678);
	CHECK_EQ(rig_read32(&b.r, 0), DUAL(0x80)); /* status, anywhere */
	CHECK_EQ(array(&b, 0x40), 0x12345678);
	CHECK_EQ(array(&b, 0x44), 0xffffffff);
	cmd(&b, 0x40, 0x10);
	rig_write32(&b.r, 0x40, 0xff00ff0f);
	CHECK_EQ(array(&b, 0x40), 0x12005608);
	cmd(&b, 0, 0xff);
	CHECK_EQ(rig_read32(&b.r, 0x40), 0x12005608);
	bank_destroy(&b);
}

/* U-Boot's probe takes the bank for one chip of 16 bits. */
TEST(flash_takes_narrow_commands_for_the_bank_and_data_for_its_lanes)
{
	struct bank b;

	bank_start(&b);
	rig_write16(&b.r, 0x154, 0x98);
	CHECK_EQ(rig_read32(&b.r, 0x40), DUAL('Q'));
	rig_write16(&b.r, 0, 0xff);
	CHECK(b.mapped);
	rig_write16(&b.r, 0x46, 0x40);
	rig_write16(&b.r, 0x46, 0xabcd);
	CHECK_EQ(rig_read32(&b.r, 0), DUAL(0x80));
	CHECK_EQ(array(&b, 0x44), 0xabcdffff);
	rig_write16(&b.r, 0x80, 0xe8); /* four words, two of each chip */
	rig_write16(&b.r, 0x80, 3);
	for (unsigned i = 0; i < 4; i++)
		rig_write16(&b.r, 0x80 + 2 * i, 0x1110 + i);
	rig_write16(&b.r, 0x80, 0xd0);
	CHECK_EQ(rig_read32(&b.r, 0), DUAL(0x80));
	CHECK_EQ(array(&b, 0x80), 0x11111110);
	CHECK_EQ(array(&b, 0x84), 0x11131112);
	CHECK_EQ(array(&b, 0x88), 0xffffffff);
	rig_write8(&b.r, 0x90, 0x40);
	rig_write8(&b.r, 0x91, 0x12);
	CHECK_EQ(array(&b, 0x90), 0xffff12ff);
	rig_write8(&b.r, 0x90, 0x40);
	rig_write8(&b.r, 0x90, 0x34);
	CHECK_EQ(array(&b, 0x90), 0xffff1234);
	rig_write16(&b.r, 0x40, 0x20);
	rig_write16(&b.r, 0x40, 0xd0);
	CHECK_EQ(array(&b, 0x84), 0xffffffff);
	bank_destroy(&b);
}

TEST(flash_erases_a_sector_and_no_other)
{
	struct bank b;

	bank_start(&b);
	program(&b, CFI01_SECTOR - 4, 0);
	program(&b, CFI01_SECTOR, 0);
	program(&b, 2 * CFI01_SECTOR - 4, 0);
	program(&b, 2 * CFI01_SECTOR, 0);
	erase(&b, CFI01_SECTOR + 0x1234 * 4);
	CHECK_EQ(rig_read32(&b.r, 0), DUAL(0x80));
	CHECK_EQ(array(&b, CFI01_SECTOR - 4), 0);
	CHECK_EQ(array(&b, CFI01_SECTOR), 0xffffffff);
	CHECK_EQ(array(&b, 2 * CFI01_SECTOR - 4), 0xffffffff);
	CHECK_EQ(array(&b, 2 * CFI01_SECTOR), 0);
	bank_destroy(&b);
}

TEST(flash_programs_a_buffer)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, 0, 0xe8);
	CHECK_EQ(rig_read32(&b.r, 0), DUAL(0x80)); /* it is free */
	cmd(&b, 0, 31);
	for (uint32_t i = 0; i < 32; i++)
		rig_write32(&b.r, 0x200 + i * 4, DUAL(i) ^ 0x55aa0000);
	CHECK_EQ(array(&b, 0x200), 0xffffffff);
	cmd(&b, 0, 0xd0);
	CHECK_EQ(status(&b), DUAL(0x80));
	for (uint32_t i = 0; i < 32; i++)
		CHECK_EQ(array(&b, 0x200 + i * 4), DUAL(i) ^ 0x55aa0000);
	CHECK_EQ(array(&b, 0x1fc), 0xffffffff);
	CHECK_EQ(array(&b, 0x280), 0xffffffff);
	bank_destroy(&b);
}

TEST(flash_reports_a_command_out_of_sequence_until_it_is_cleared)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, 0, 0x20);
	cmd(&b, 0, 0xff);
	CHECK_EQ(status(&b), DUAL(0xb0));
	program(&b, 0, 0);
	CHECK_EQ(status(&b),
		 DUAL(0xb0)); /* sticky, and programs all the same */
	CHECK_EQ(array(&b, 0), 0);
	cmd(&b, 0, 0x50);
	CHECK_EQ(status(&b), DUAL(0x80));
	/* a buffer that is too long, one that is not confirmed, strays */
	cmd(&b, 0, 0xe8);
	cmd(&b, 0, CFI01_WORDS);
	CHECK_EQ(status(&b), DUAL(0xb0));
	cmd(&b, 0, 0x50);
	cmd(&b, 0, 0xe8);
	cmd(&b, 0, 0);
	rig_write32(&b.r, 0x80, 0x11111111);
	cmd(&b, 0, 0xff);
	CHECK_EQ(status(&b), DUAL(0xb0));
	CHECK_EQ(array(&b, 0x80), 0xffffffff);
	cmd(&b, 0, 0x50);
	cmd(&b, 0, 0xe8);
	cmd(&b, 0, 1);
	rig_write32(&b.r, 0x80, 0);
	rig_write32(&b.r, 0x90, 0);
	CHECK_EQ(status(&b), DUAL(0xb0));
	cmd(&b, 0, 0x50);
	cmd(&b, 0, 0x60);
	cmd(&b, 0, 0x55);
	CHECK_EQ(status(&b), DUAL(0xb0));
	bank_destroy(&b);
}

/* The same address again and again, at the very end of the bank. */
TEST(flash_buffer_never_runs_past_its_block)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, SIZE - 4, 0xe8);
	cmd(&b, SIZE - 4, CFI01_WORDS - 1);
	for (unsigned i = 0; i < CFI01_WORDS; i++)
		rig_write32(&b.r, SIZE - 4, 0x01020304);
	cmd(&b, SIZE - 4, 0xd0);
	CHECK_EQ(status(&b), DUAL(0x80));
	CHECK_EQ(array(&b, SIZE - 4), 0x01020304);
	bank_destroy(&b);
}

TEST(flash_locked_blocks_refuse)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, 0, 0x60);
	cmd(&b, 0, 0x01);
	program(&b, 0, 0);
	CHECK_EQ(status(&b), DUAL(0x92));
	cmd(&b, 0, 0x50);
	erase(&b, 0);
	CHECK_EQ(status(&b), DUAL(0xa2));
	CHECK_EQ(array(&b, 0), 0xffffffff);
	cmd(&b, 0, 0x50);
	program(&b, CFI01_SECTOR, 0);
	CHECK_EQ(status(&b), DUAL(0x80));
	device_reset(b.r.dev);
	program(&b, 0, 0);
	CHECK_EQ(status(&b), DUAL(0x80));
	CHECK_EQ(array(&b, 0), 0);
	bank_destroy(&b);
}

TEST(flash_readonly_bank_stays_as_its_file_is)
{
	struct bank b;

	bank_init(&b);
	bank_file(&b, 1000);
	bank_plug(&b, ",readonly=on");
	CHECK_EQ(array(&b, 0), 0x03020100);
	CHECK_EQ(array(&b, 996), 0xe7e6e5e4);
	CHECK_EQ(array(&b, 1000), 0xffffffff);
	cmd(&b, 0, 0x60);
	cmd(&b, 0, 0xd0);
	CHECK_EQ(status(&b), DUAL(0xa2));
	cmd(&b, 0, 0x50);
	program(&b, 0, 0);
	CHECK_EQ(status(&b), DUAL(0x92));
	erase(&b, 0);
	cmd(&b, 0, 0x90);
	CHECK_EQ(rig_read32(&b.r, 8), DUAL(1));
	CHECK_EQ(array(&b, 0), 0x03020100);
	/* its file may be replaced meanwhile: it was read */
	CHECK_EQ(ftruncate(b.fd, 0), 0);
	CHECK_EQ(array(&b, 0), 0x03020100);
	bank_destroy(&b);
}

TEST(flash_file_keeps_what_the_guest_writes)
{
	struct bank b;

	bank_init(&b);
	bank_file(&b, 2 * CFI01_SECTOR);
	bank_plug(&b, "");
	program(&b, 0x100, 0);
	CHECK_EQ(in_file(&b, 0x100), 0); /* at once */
	CHECK_EQ(in_file(&b, 0x104), 0x07060504);
	erase(&b, CFI01_SECTOR);
	CHECK_EQ(in_file(&b, CFI01_SECTOR), 0xffffffff);
	CHECK_EQ(in_file(&b, 2 * CFI01_SECTOR - 4), 0xffffffff);
	program(&b, CFI01_SECTOR, 0xcafe1234);
	device_reset(b.r.dev);
	CHECK_EQ(array(&b, CFI01_SECTOR), 0xcafe1234);
	bank_unplug(&b);
	bank_plug(&b, "");
	CHECK_EQ(array(&b, 0x100), 0);
	CHECK_EQ(array(&b, CFI01_SECTOR), 0xcafe1234);
	CHECK_EQ(array(&b, CFI01_SECTOR + 4), 0xffffffff);
	bank_destroy(&b);
}

TEST(flash_short_file_grows_as_far_as_it_is_written)
{
	struct stat st;
	struct bank b;

	bank_init(&b);
	bank_file(&b, 100);
	bank_plug(&b, "");
	erase(&b, 3 * CFI01_SECTOR); /* it is erased already */
	CHECK_EQ(fstat(b.fd, &st), 0);
	CHECK_EQ(st.st_size, 100);
	program(&b, CFI01_SECTOR + 8, 0x11223344);
	CHECK_EQ(fstat(b.fd, &st), 0);
	CHECK_EQ(st.st_size, CFI01_SECTOR + 12);
	CHECK_EQ(in_file(&b, 100), 0xffffffff);
	CHECK_EQ(in_file(&b, CFI01_SECTOR + 4), 0xffffffff);
	CHECK_EQ(in_file(&b, CFI01_SECTOR + 8), 0x11223344);
	bank_unplug(&b);
	bank_plug(&b, "");
	CHECK_EQ(array(&b, 96), 0x63626160);
	CHECK_EQ(array(&b, 100), 0xffffffff);
	CHECK_EQ(array(&b, CFI01_SECTOR + 8), 0x11223344);
	bank_destroy(&b);
}

/* A killed process loses nothing that the guest was told is done. */
TEST(flash_file_survives_a_kill)
{
	struct bank b;
	int status;
	pid_t pid;

	bank_init(&b);
	bank_file(&b, CFI01_SECTOR);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		bank_plug(&b, "");
		erase(&b, 0);
		program(&b, 0x20, 0xbabe0001);
		kill(getpid(), SIGKILL);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	bank_plug(&b, "");
	CHECK_EQ(array(&b, 0x20), 0xbabe0001);
	CHECK_EQ(array(&b, 0x24), 0xffffffff);
	bank_destroy(&b);
}

TEST(flash_full_disk_is_an_error_to_the_guest_and_changes_nothing)
{
	struct bank b;

	bank_init(&b);
	bank_plug(&b, "");
	program(&b, 4, 0);
	/* what cannot be written: a file opened for reading */
	((struct cfi01 *)b.r.dev)->store.fd = open("/dev/null", O_RDONLY);
	((struct cfi01 *)b.r.dev)->store.file_size = SIZE;
	program(&b, 0, 0);
	CHECK_EQ(status(&b), DUAL(0x90));
	CHECK_EQ(array(&b, 0), 0xffffffff);
	cmd(&b, 0, 0x50);
	erase(&b, 0);
	CHECK_EQ(status(&b), DUAL(0xa0));
	CHECK_EQ(array(&b, 4), 0);
	bank_destroy(&b);
}

TEST(flash_refuses_files_that_cannot_be_its_own)
{
	struct bank b, other;
	struct err err = { 0 };
	char props[200];

	bank_init(&b);
	CHECK_EQ(bank_try(&b, "size=1M,file=/nonexistent/vars.fd", &err),
		 -ENOENT);
	CHECK(strstr(err.msg, "'/nonexistent/vars.fd'") != NULL);
	CHECK(strstr(err.hint, "copy the template") != NULL);
	CHECK_EQ(bank_try(&b, "size=1M,file=/tmp", &err), -EISDIR);
	CHECK_EQ(bank_try(&b, "size=1M,file=/dev/null", &err), -EINVAL);
	CHECK(strstr(err.msg, "not a regular file") != NULL);
	CHECK_EQ(bank_try(&b, "size=768K", &err), -EINVAL);
	bank_file(&b, SIZE + 1);
	snprintf(props, sizeof(props), "size=1M,file=%s", b.file);
	CHECK_EQ(bank_try(&b, props, &err), -EFBIG);
	CHECK(strstr(err.msg, "1 MiB at most") != NULL);
	CHECK_EQ(ftruncate(b.fd, SIZE), 0);
	CHECK_EQ(pwrite(b.fd, "QFI\xfb", 4, 0), 4);
	CHECK_EQ(bank_try(&b, props, &err), -EINVAL);
	CHECK(strstr(err.hint, "qemu-img convert") != NULL);
	CHECK_EQ(pwrite(b.fd, "xxxx", 4, 0), 4);
	CHECK_EQ(bank_try(&b, props, &err), 0);
	bank_init(&other);
	CHECK_EQ(bank_try(&other, props, &err), -EAGAIN);
	CHECK(strstr(err.msg, "is in use by") != NULL);
	CHECK(err.hint[0]);
	bank_destroy(&other);
	bank_destroy(&b);
}

/* As edk2 does: the confirm comes at the start of the bank. */
TEST(flash_takes_a_confirm_at_any_address)
{
	struct bank b;

	bank_start(&b);
	cmd(&b, 2 * CFI01_SECTOR + 0x80, 0xe8);
	cmd(&b, 2 * CFI01_SECTOR + 0x80, 1);
	rig_write32(&b.r, 2 * CFI01_SECTOR + 0x80, 0x01234567);
	rig_write32(&b.r, 2 * CFI01_SECTOR + 0x84, 0x89abcdef);
	cmd(&b, 0, 0xd0);
	CHECK_EQ(status(&b), DUAL(0x80));
	CHECK_EQ(array(&b, 2 * CFI01_SECTOR + 0x80), 0x01234567);
	CHECK_EQ(array(&b, 2 * CFI01_SECTOR + 0x84), 0x89abcdef);
	CHECK_EQ(array(&b, 0), 0xffffffff);
	bank_destroy(&b);
}
