/* SPDX-License-Identifier: MIT */
/* Builds small kernels of every format; tests that they are what they say. */
#include "tests/boot/images.h"

#include <bzlib.h>
#include <elf.h>
#include <lz4hc.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "boot/image.h"
#include "boot/linux.h"
#include "tests/test.h"

void bytes_put(struct bytes *b, const void *data, size_t n)
{
	if (!n)
		return;
	if (n > b->room - b->n) {
		b->room = (b->n + n) * 2 + 64;
		b->p = realloc(b->p, b->room);
		CHECK(b->p != NULL);
	}
	if (data)
		memcpy(b->p + b->n, data, n);
	else
		memset(b->p + b->n, 0, n);
	b->n += n;
}

void bytes_zero(struct bytes *b, size_t n)
{
	bytes_put(b, NULL, n);
}

void bytes_le32(struct bytes *b, uint32_t val)
{
	uint8_t raw[4];

	put_le32(raw, val);
	bytes_put(b, raw, 4);
}

static void bytes_be32(struct bytes *b, uint32_t val)
{
	uint8_t raw[4] = { (uint8_t)(val >> 24), (uint8_t)(val >> 16),
			   (uint8_t)(val >> 8), (uint8_t)val };

	bytes_put(b, raw, 4);
}

void bytes_pad(struct bytes *b, size_t n)
{
	if (b->n < n)
		bytes_zero(b, n - b->n);
}

void bytes_free(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){ 0 };
}

static void images_pack_gzip(const struct bytes *in, struct bytes *out)
{
	z_stream z = { .next_in = in->p, .avail_in = (uInt)in->n };

	CHECK_EQ(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	bytes_zero(out, deflateBound(&z, in->n));
	z.next_out = out->p;
	z.avail_out = (uInt)out->n;
	CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n -= z.avail_out;
	deflateEnd(&z);
}

static void images_pack_bzip2(const struct bytes *in, struct bytes *out)
{
	unsigned n = (unsigned)(in->n + in->n / 50 + 700);

	bytes_zero(out, n);
	CHECK_EQ(BZ2_bzBuffToBuffCompress((char *)out->p, &n, (char *)in->p,
					  (unsigned)in->n, 1, 0, 0),
		 BZ_OK);
	out->n = n;
}

static void images_pack_lzma(const struct bytes *in, struct bytes *out, bool xz)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma opt;

	lzma_lzma_preset(&opt, 1);
	CHECK_EQ(xz ? lzma_easy_encoder(&z, 1, LZMA_CHECK_CRC32)
		    : lzma_alone_encoder(&z, &opt),
		 LZMA_OK);
	bytes_zero(out, lzma_stream_buffer_bound(in->n));
	z.next_in = in->p;
	z.avail_in = in->n;
	z.next_out = out->p;
	z.avail_out = out->n;
	CHECK_EQ(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	out->n -= z.avail_out;
	lzma_end(&z);
}

/* As lzop writes it: version 1.030, blocks of 256 KiB, Adler-32 of each. */
static void images_pack_lzo(const struct bytes *in, struct bytes *out)
{
	static const uint8_t head[] = { 0x89, 'L',  'Z',  'O',	0,    '\r',
					'\n', 0x1a, '\n', 0x10, 0x30, 0x20,
					0x80, 0x09, 0x40, 1,	5 };
	const size_t block = 256 * 1024;
	uint8_t *wrk = malloc(LZO1X_1_MEM_COMPRESS);
	uint8_t *buf = malloc(block + block / 16 + 67);

	CHECK_EQ(lzo_init(), LZO_E_OK);
	bytes_put(out, head, sizeof(head));
	bytes_be32(out, 1);  /* flags: Adler-32 of the unpacked data */
	bytes_zero(out, 12); /* mode, times */
	bytes_zero(out, 1);  /* no name */
	bytes_zero(out, 4);  /* header checksum: not looked at */
	for (size_t at = 0; at < in->n; at += block) {
		size_t n = in->n - at < block ? in->n - at : block;
		lzo_uint packed = 0;

		CHECK_EQ(lzo1x_1_compress(in->p + at, n, buf, &packed, wrk),
			 LZO_E_OK);
		bytes_be32(out, (uint32_t)n);
		bytes_be32(out, (uint32_t)(packed < n ? packed : n));
		bytes_be32(out, (uint32_t)adler32(1, in->p + at, (uInt)n));
		if (packed < n)
			bytes_put(out, buf, packed);
		else
			bytes_put(out, in->p + at, n);
	}
	bytes_be32(out, 0);
	free(wrk);
	free(buf);
}

static void images_pack_lz4(const struct bytes *in, struct bytes *out)
{
	const size_t block = 8u << 20;

	bytes_le32(out, 0x184c2102);
	for (size_t at = 0; at < in->n; at += block) {
		size_t n = in->n - at < block ? in->n - at : block;
		int bound = LZ4_compressBound((int)n), got;
		char *buf = malloc((size_t)bound);

		got = LZ4_compress_default((const char *)in->p + at, buf,
					   (int)n, bound);
		CHECK(got > 0);
		bytes_le32(out, (uint32_t)got);
		bytes_put(out, buf, (size_t)got);
		free(buf);
	}
}

static void images_pack_zstd(const struct bytes *in, struct bytes *out)
{
	size_t n = ZSTD_compressBound(in->n);

	bytes_zero(out, n);
	n = ZSTD_compress(out->p, n, in->p, in->n, 3);
	CHECK(!ZSTD_isError(n));
	out->n = n;
}

struct bytes images_pack(enum unpack_kind kind, const struct bytes *in)
{
	struct bytes out = { 0 };

	switch (kind) {
	case UNPACK_GZIP: images_pack_gzip(in, &out); break;
	case UNPACK_BZIP2: images_pack_bzip2(in, &out); break;
	case UNPACK_LZMA: images_pack_lzma(in, &out, false); break;
	case UNPACK_XZ: images_pack_lzma(in, &out, true); break;
	case UNPACK_LZO: images_pack_lzo(in, &out); break;
	case UNPACK_LZ4: images_pack_lz4(in, &out); break;
	case UNPACK_ZSTD: images_pack_zstd(in, &out); break;
	default: bytes_put(&out, in->p, in->n); break;
	}
	return out;
}

uint8_t images_byte(uint64_t off)
{
	return (uint8_t)(off * 7 + (off >> 8) + 1);
}

static void images_fill(struct bytes *b, size_t at, uint64_t off, size_t n)
{
	bytes_pad(b, at + n);
	for (size_t i = 0; i < n; i++)
		b->p[at + i] = images_byte(off + i);
}

static void images_phdr(struct bytes *b, bool is32, uint32_t type, uint64_t off,
			uint64_t vaddr, uint64_t paddr, uint64_t filesz,
			uint64_t memsz)
{
	uint8_t p[56] = { 0 };

	put_le32(p, type);
	if (is32) {
		put_le32(p + 4, (uint32_t)off);
		put_le32(p + 8, (uint32_t)vaddr);
		put_le32(p + 12, (uint32_t)paddr);
		put_le32(p + 16, (uint32_t)filesz);
		put_le32(p + 20, (uint32_t)memsz);
	} else {
		put_le64(p + 8, off);
		put_le64(p + 16, vaddr);
		put_le64(p + 24, paddr);
		put_le64(p + 32, filesz);
		put_le64(p + 40, memsz);
	}
	bytes_put(b, p, is32 ? 32 : 56);
}

struct bytes images_elf(const struct images_elf *spec)
{
	uint64_t paddr = spec->paddr ? spec->paddr : IMAGES_PADDR;
	uint64_t vaddr = spec->is32 ? paddr : paddr + 0xffffffff80000000ull;
	uint64_t data_at =
		IMAGES_TEXT_AT + IMAGES_DATA_OFF + (spec->shifted ? 0x2000 : 0);
	uint64_t notes_at = 0x1000;
	unsigned nph = spec->notes ? 3 : 2;
	struct bytes b = { 0 };
	uint8_t eh[64] = { 0x7f, 'E', 'L', 'F', spec->is32 ? 1 : 2, 1, 1 };
	bool is32 = spec->is32;

	put_le16(eh + 16, (uint16_t)(spec->type ? spec->type : ET_EXEC));
	put_le16(eh + 18,
		 (uint16_t)(spec->machine ? spec->machine : EM_X86_64));
	put_le32(eh + 20, 1);
	if (is32) {
		put_le32(eh + 24,
			 (uint32_t)(spec->entry ? spec->entry : paddr));
		put_le32(eh + 28, 52);
		put_le16(eh + 42, 32);
		put_le16(eh + 44, (uint16_t)nph);
	} else {
		put_le64(eh + 24, spec->entry ? spec->entry : paddr);
		put_le64(eh + 32, 64);
		put_le16(eh + 54, 56);
		put_le16(eh + 56, (uint16_t)nph);
	}
	bytes_put(&b, eh, is32 ? 52 : 64);
	images_phdr(&b, is32, PT_LOAD, IMAGES_TEXT_AT, vaddr, paddr,
		    IMAGES_TEXT_SIZE, IMAGES_TEXT_SIZE);
	images_phdr(&b, is32, PT_LOAD, data_at, vaddr + IMAGES_DATA_OFF,
		    paddr + IMAGES_DATA_OFF, IMAGES_DATA_SIZE, IMAGES_DATA_MEM);
	if (spec->notes) {
		images_phdr(&b, is32, PT_NOTE, notes_at, 0, 0, spec->notes_size,
			    spec->notes_size);
		bytes_pad(&b, notes_at);
		bytes_put(&b, spec->notes, spec->notes_size);
	}
	images_fill(&b, IMAGES_TEXT_AT, 0, IMAGES_TEXT_SIZE);
	images_fill(&b, data_at, IMAGES_DATA_OFF, IMAGES_DATA_SIZE);
	return b;
}

struct bytes images_linux_note(void)
{
	struct bytes b = { 0 };

	bytes_le32(&b, 6);
	bytes_le32(&b, 4);
	bytes_le32(&b, 0x100);
	bytes_put(&b, "Linux\0\0", 8);
	bytes_le32(&b, 0);
	return b;
}

struct bytes images_pvh_note(uint32_t entry)
{
	struct bytes b = { 0 };

	bytes_le32(&b, 4);
	bytes_le32(&b, 4);
	bytes_le32(&b, 18);
	bytes_put(&b, "Xen", 4);
	bytes_le32(&b, entry);
	return b;
}

static void images_reloc_list(struct bytes *b, const uint32_t *list, unsigned n)
{
	bytes_le32(b, 0);
	for (unsigned i = 0; i < n; i++)
		bytes_le32(b, list[i]);
}

void images_add_relocs(struct bytes *elf, const struct images_relocs *r)
{
	images_reloc_list(elf, r->r64, r->n64);
	if (!r->no_inverse)
		images_reloc_list(elf, r->rinv, r->ninv);
	images_reloc_list(elf, r->r32, r->n32);
}

struct bytes images_bzimage(enum unpack_kind kind, const struct bytes *packed,
			    size_t unpacked_size)
{
	struct bytes b = { 0 };
	const size_t code = 2 * 512, payload = 0x400;
	size_t length = packed->n + (kind == UNPACK_GZIP ? 0 : 4);
	uint8_t *h;

	bytes_zero(&b, code + payload);
	bytes_put(&b, packed->p, packed->n);
	if (kind != UNPACK_GZIP)
		bytes_le32(&b, (uint32_t)unpacked_size);
	bytes_zero(&b, (16 - b.n % 16) % 16);
	h = b.p;
	h[BZ_SETUP_SECTS] = 1;
	put_le32(h + BZ_SYSSIZE, (uint32_t)((b.n - code) / 16));
	put_le16(h + BZ_BOOT_FLAG, 0xaa55);
	h[BZ_JUMP] = 0xeb;
	h[BZ_JUMP + 1] = BZ_HEADER_END + 8 - BZ_MAGIC;
	memcpy(h + BZ_MAGIC, "HdrS", 4);
	put_le16(h + BZ_VERSION, 0x020f);
	h[BZ_LOADFLAGS] = BZ_LOADED_HIGH;
	put_le32(h + BZ_INITRD_ADDR_MAX, 0x7fffffff);
	put_le32(h + BZ_KERNEL_ALIGNMENT, 0x200000);
	h[BZ_RELOCATABLE_KERNEL] = 1;
	put_le16(h + BZ_XLOADFLAGS, BZ_XLF_KERNEL_64 | BZ_XLF_ABOVE_4G);
	put_le32(h + BZ_CMDLINE_SIZE, 2047);
	put_le32(h + BZ_PAYLOAD_OFFSET, (uint32_t)payload);
	put_le32(h + BZ_PAYLOAD_LENGTH, (uint32_t)length);
	put_le64(h + BZ_PREF_ADDRESS, IMAGES_PADDR);
	put_le32(h + BZ_INIT_SIZE, IMAGES_INIT_SIZE);
	return b;
}

struct bytes images_simple_bzimage(void)
{
	struct images_elf spec = { 0 };
	struct bytes elf = images_elf(&spec);
	struct bytes packed = images_pack(UNPACK_GZIP, &elf);
	struct bytes bz = images_bzimage(UNPACK_GZIP, &packed, elf.n);

	bytes_free(&elf);
	bytes_free(&packed);
	return bz;
}

void images_rig_open(struct images_rig *r, uint64_t ram)
{
	struct mem_config cfg = { 0 };

	memset(r, 0, sizeof(*r));
	r->board.arch = ARCH_X86_64;
	r->board.ram[0].size = ram;
	r->board.nram = 1;
	r->board.acpi.base = 0xe0000;
	r->board.acpi.size = 0x20000;
	r->board.pci.present = true;
	r->board.pci.ecam.base = 0xe0000000;
	r->board.pci.ecam.size = 0x10000000;
	CHECK_EQ(mem_add_ram(&r->mem, 0, ram, &cfg, &r->err), 0);
	r->cfg.kernel = "kernel";
	r->cfg.cmdline = "console=ttyS0";
	r->cfg.seed = 1;
	r->cfg.ram_zero = true;
}

void images_rig_close(struct images_rig *r)
{
	mem_destroy(&r->mem);
}

void images_arm_open(struct images_arm *a, uint64_t ram)
{
	struct mem_config how = { 0 };
	struct images_rig *r = &a->r;
	uint64_t top = IMAGES_ARM_RAM + ram;

	sample_board_make(&a->sample, SAMPLE_ARM);
	memset(r, 0, sizeof(*r));
	r->board = a->sample.board;
	r->board.ram[0] =
		(struct board_ram){ .base = IMAGES_ARM_RAM, .size = ram };
	r->board.nram = 1;
	r->board.acpi = (struct board_range){ top - 0x40000, 0x40000 };
	CHECK_EQ(mem_add_ram(&r->mem, IMAGES_ARM_RAM, ram, &how, &r->err), 0);
	r->cfg.kernel = "kernel";
	r->cfg.cmdline = "console=ttyAMA0";
	r->cfg.seed = 1;
	r->cfg.ram_zero = true;
}

void images_arm_close(struct images_arm *a)
{
	mem_destroy(&a->r.mem);
}

int images_rig_load(struct images_rig *r, const struct bytes *kernel)
{
	/* Exactly as long as it is: ASan sees a read beyond the end. */
	uint8_t *copy = malloc(kernel->n ? kernel->n : 1);
	int ret;

	memcpy(copy, kernel->p, kernel->n);
	r->cfg.kernel_data = copy;
	r->cfg.kernel_size = kernel->n;
	r->err = (struct err){ 0 };
	ret = boot_load(&r->board, &r->mem, &r->cfg, &r->start, &r->err);
	CHECK_EQ(ret < 0, r->err.msg[0] != '\0');
	free(copy);
	return ret;
}

const uint8_t *images_rig_at(const struct images_rig *r, uint64_t gpa,
			     uint64_t len)
{
	const uint8_t *p = mem_run(&r->mem, gpa, len);

	CHECK(p != NULL);
	return p;
}

const char *images_file(const void *data, size_t n)
{
	static char name[64];
	int fd;

	strcpy(name, "/tmp/vmm-test-boot-XXXXXX");
	fd = mkstemp(name);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, n), n);
	close(fd);
	return name;
}

TEST(images_are_what_they_say)
{
	struct bytes bz = images_simple_bzimage();
	struct image img;
	char what[128];

	image_from_data(&img, "kernel", bz.p, bz.n);
	CHECK_STR(image_describe(&img, what, sizeof(what)), "an x86 bzImage");
	bytes_free(&bz);
}
