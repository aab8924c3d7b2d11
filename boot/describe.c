/* SPDX-License-Identifier: MIT */
/* What a file is, in words, for the message that refuses it. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "boot/image.h"
#include "boot/unpack.h"

/* The ISO 9660 volume descriptor: sector 16 of 2 KiB, after its type byte. */
#define ISO_MAGIC_AT 0x8001

struct describe_magic {
	unsigned at, len;
	const char *bytes;
	const char *text;
};

static const struct describe_magic describe_magics[] = {
	{ 0x202, 4, "HdrS", "an x86 bzImage" },
	{ 56, 4, "ARM\x64", "an arm64 Linux Image" },
	{ 36, 4, "\x18\x28\x6f\x01", "a 32-bit Arm zImage" },
	{ 48, 8, "RISCV\0\0\0", "a RISC-V Linux Image" },
	{ 4, 4, "zimg", "an EFI zboot image" },
	{ 0, 4, "\x27\x05\x19\x56", "a U-Boot uImage" },
	{ 0, 4, "\xd0\x0d\xfe\xed", "a flattened device tree or FIT image" },
	{ 0, 4, "QFI\xfb", "a qcow2 disk image" },
	{ 0, 4, "KDMV", "a VMDK disk image" },
	{ 0, 8, "conectix", "a VHD disk image" },
	{ 0, 8, "vhdxfile", "a VHDX disk image" },
	{ 64, 4, "\x7f\x10\xda\xbe", "a VDI disk image" },
	{ ISO_MAGIC_AT, 5, "CD001", "an ISO 9660 image" },
	{ 0, 8, "EFI PART", "a partition table" },
	{ 0x200, 8, "EFI PART", "a disk image with a GPT" },
	{ 0x438, 2, "\x53\xef", "an ext2, ext3 or ext4 file system" },
	{ 0, 4, "XFSB", "an XFS file system" },
	{ 0, 4, "hsqs", "a squashfs file system" },
	{ 0, 6, "070701", "a cpio archive, as an initramfs is" },
	{ 0, 6, "070702", "a cpio archive, as an initramfs is" },
	{ 0, 2, "\xc7\x71", "an old cpio archive" },
	{ 257, 5, "ustar", "a tar archive" },
	{ 0, 8, "!<arch>\n", "an archive or a Debian package" },
	{ 0, 4, "PK\x03\x04", "a zip archive" },
	{ 0, 4, "\xed\xab\xee\xdb", "an RPM package" },
	{ 0, 2, "#!", "a script" },
	{ 0, 2, "MZ", "a PE program, such as an EFI application" },
	{ 510, 2, "\x55\xaa", "a disk image with a boot sector" },
};

static const struct {
	unsigned machine;
	const char *name;
} describe_machines[] = {
	{ EM_386, "32-bit x86" },
	{ EM_X86_64, "x86_64" },
	{ EM_AARCH64, "arm64" },
	{ EM_ARM, "32-bit Arm" },
	{ EM_PPC64, "ppc64" },
	{ EM_PPC, "32-bit PowerPC" },
	{ EM_IA_64, "ia64" },
	{ EM_RISCV, "RISC-V" },
	{ EM_S390, "s390" },
	{ EM_MIPS, "MIPS" },
	{ EM_SPARCV9, "64-bit SPARC" },
	{ EM_SPARC, "SPARC" },
	{ EM_ALPHA, "Alpha" },
	{ EM_PARISC, "PA-RISC" },
	{ EM_68K, "m68k" },
	{ EM_SH, "SuperH" },
	{ 258, "LoongArch" },
	{ EM_BPF, "BPF" },
};

const char *elf_machine_name(unsigned machine)
{
	for (size_t i = 0;
	     i < sizeof(describe_machines) / sizeof(describe_machines[0]); i++)
		if (describe_machines[i].machine == machine)
			return describe_machines[i].name;
	return NULL;
}

/* Reads without complaint: false when the file is too short. */
static bool describe_peek(const struct image *img, uint64_t off, void *buf,
			  size_t len)
{
	struct err err;

	return off <= img->size && len <= img->size - off &&
	       image_read(img, off, buf, len, &err) == 0;
}

/* Whether any program header of a 64-bit ELF asks for an interpreter. */
static bool describe_has_interp(const struct image *img, const uint8_t *eh)
{
	uint64_t phoff = get_le64(eh + 32);
	unsigned size = get_le16(eh + 54), n = get_le16(eh + 56);
	uint8_t type[4];

	for (unsigned i = 0; i < n && i < 64; i++)
		if (describe_peek(img, phoff + (uint64_t)i * size, type, 4) &&
		    get_le32(type) == PT_INTERP)
			return true;
	return false;
}

static const char *describe_elf(const struct image *img, char *buf, size_t len)
{
	uint8_t eh[64] = { 0 };
	const char *machine, *kind;
	char number[32];
	unsigned type, m;
	bool be;

	describe_peek(img, 0, eh, img->size < 64 ? img->size : 64);
	be = eh[EI_DATA] == ELFDATA2MSB;
	type = be ? (unsigned)eh[16] << 8 | eh[17] : get_le16(eh + 16);
	m = be ? (unsigned)eh[18] << 8 | eh[19] : get_le16(eh + 18);
	machine = elf_machine_name(m);
	if (!machine) {
		snprintf(number, sizeof(number), "machine %u", m);
		machine = number;
	}
	switch (type) {
	case ET_REL: kind = "relocatable object (.o or .ko) file"; break;
	case ET_CORE: kind = "core dump"; break;
	case ET_DYN:
		kind = "shared library or position-independent program";
		break;
	case ET_EXEC:
		kind = eh[EI_CLASS] == ELFCLASS64 && !be &&
				       describe_has_interp(img, eh)
			       ? "user program"
			       : "executable";
		break;
	default: kind = "file of unknown type"; break;
	}
	snprintf(buf, len, "%sELF %s for %s%s",
		 eh[EI_CLASS] == ELFCLASS32 ? "a 32-bit " : "an ", kind,
		 machine, be ? " (big-endian)" : "");
	return buf;
}

/* Looks into a compressed file as far as its first bytes. */
static const char *describe_packed(const struct image *img,
				   enum unpack_kind kind, char *buf, size_t len)
{
	uint8_t head[64 * 1024], out[1024];
	size_t n = img->size < sizeof(head) ? img->size : sizeof(head);
	struct image inner;
	struct err err;
	char text[128];
	size_t got = 0;

	if (!describe_peek(img, 0, head, n))
		n = 0;
	if (unpack(kind, head, n, out, sizeof(out), UNPACK_HEAD, &got, &err) ==
		    0 &&
	    got && unpack_detect(out, got) == UNPACK_NONE) {
		image_from_data(&inner, img->name, out, got);
		snprintf(buf, len, "%s compressed by %s",
			 image_describe(&inner, text, sizeof(text)),
			 unpack_name(kind));
	} else {
		snprintf(buf, len, "a file compressed by %s",
			 unpack_name(kind));
	}
	return buf;
}

const char *image_describe(const struct image *img, char *buf, size_t len)
{
	uint8_t head[16] = { 0 };
	size_t n = img->size < sizeof(head) ? img->size : sizeof(head);
	enum unpack_kind kind;

	if (!describe_peek(img, 0, head, n))
		n = 0;
	if (n >= 5 && !memcmp(head, ELFMAG, SELFMAG))
		return describe_elf(img, buf, len);
	for (size_t i = 0;
	     i < sizeof(describe_magics) / sizeof(describe_magics[0]); i++) {
		const struct describe_magic *m = &describe_magics[i];
		uint8_t at[8];

		if (describe_peek(img, m->at, at, m->len) &&
		    !memcmp(at, m->bytes, m->len)) {
			snprintf(buf, len, "%s", m->text);
			return buf;
		}
	}
	kind = unpack_detect(head, n);
	if (kind != UNPACK_NONE)
		return describe_packed(img, kind, buf, len);
	for (size_t i = 0; i < n; i++) {
		if (head[i] < ' ' && !memchr("\t\n\r", head[i], 3)) {
			snprintf(buf, len, "a file of no known kind");
			return buf;
		}
	}
	snprintf(buf, len, "a text file");
	return buf;
}
