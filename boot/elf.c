/* SPDX-License-Identifier: MIT */
/* ELF executables: headers checked, segments placed in guest memory. */
#include "boot/elf.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* More than any kernel has; bounds the work on a hostile header. */
#define ELF_MAX_PHNUM 256
#define ELF_MAX_NOTES (64u << 10)

#define XEN_ELFNOTE_PHYS32_ENTRY 18

bool elf_is(const struct image *img)
{
	uint8_t magic[SELFMAG];
	struct err err;

	return img->size >= sizeof(magic) &&
	       image_read(img, 0, magic, sizeof(magic), &err) == 0 &&
	       !memcmp(magic, ELFMAG, SELFMAG);
}

/* One program header, the same for both classes. */
struct elf_phdr {
	uint32_t type;
	uint64_t offset, vaddr, paddr, filesz, memsz;
};

/* A field of n bytes, in the file's byte order. */
static uint64_t elf_get(const struct elf_file *elf, const uint8_t *p,
			unsigned n)
{
	uint64_t val = 0;

	for (unsigned i = 0; i < n; i++)
		val |= (uint64_t)p[i] << 8 * (elf->big_endian ? n - 1 - i : i);
	return val;
}

static void elf_phdr_get(const struct elf_file *elf, const uint8_t *p,
			 struct elf_phdr *ph)
{
	ph->type = (uint32_t)elf_get(elf, p, 4);
	if (elf->is64) {
		ph->offset = elf_get(elf, p + 8, 8);
		ph->vaddr = elf_get(elf, p + 16, 8);
		ph->paddr = elf_get(elf, p + 24, 8);
		ph->filesz = elf_get(elf, p + 32, 8);
		ph->memsz = elf_get(elf, p + 40, 8);
	} else {
		ph->offset = elf_get(elf, p + 4, 4);
		ph->vaddr = elf_get(elf, p + 8, 4);
		ph->paddr = elf_get(elf, p + 12, 4);
		ph->filesz = elf_get(elf, p + 16, 4);
		ph->memsz = elf_get(elf, p + 20, 4);
	}
}

static int elf_bad(const struct image *img, const char *what, struct err *err)
{
	return err_set(err, ENOEXEC, "'%s' is a corrupt ELF file: %s",
		       img->name, what);
}

/* Remembers the end of what the headers name. */
static void elf_extend(struct elf_file *elf, uint64_t end)
{
	if (end > elf->file_end)
		elf->file_end = end;
}

static int elf_add_segment(const struct image *img, uint64_t size,
			   const struct elf_phdr *ph, struct elf_file *elf,
			   struct err *err)
{
	unsigned i;

	if (!ph->memsz)
		return 0;
	if (ph->filesz > ph->memsz)
		return elf_bad(img,
			       "a segment is larger in the file than in "
			       "memory",
			       err);
	if (ph->offset > size || ph->filesz > size - ph->offset)
		return err_set(err, ENOEXEC,
			       "'%s' is truncated: its ELF segment at offset "
			       "%" PRIu64 " has %" PRIu64
			       " bytes and the file ends at %" PRIu64,
			       img->name, ph->offset, ph->filesz, size);
	if (ph->paddr + ph->memsz < ph->paddr)
		return elf_bad(img, "a segment wraps around the address space",
			       err);
	if (elf->nseg == ELF_MAX_SEGMENTS)
		return elf_bad(img, "it has more than 32 segments", err);
	for (i = elf->nseg; i > 0 && elf->seg[i - 1].paddr > ph->paddr; i--)
		elf->seg[i] = elf->seg[i - 1];
	elf->seg[i] = (struct elf_segment){ .offset = ph->offset,
					    .filesz = ph->filesz,
					    .vaddr = ph->vaddr,
					    .paddr = ph->paddr,
					    .memsz = ph->memsz };
	elf->nseg++;
	if ((i > 0 &&
	     elf->seg[i - 1].paddr + elf->seg[i - 1].memsz > ph->paddr) ||
	    (i + 1 < elf->nseg &&
	     ph->paddr + ph->memsz > elf->seg[i + 1].paddr))
		return elf_bad(img, "two segments overlap", err);
	return 0;
}

/* Notes: name size, descriptor size, type, both padded to 4 bytes. */
static void elf_notes(const struct image *img, const struct elf_phdr *ph,
		      struct elf_file *elf)
{
	uint64_t left = ph->filesz, off = ph->offset;
	uint8_t head[12], name[8], desc[8];
	struct err err;

	if (left > ELF_MAX_NOTES || off > img->size || left > img->size - off)
		return;
	while (left >= sizeof(head)) {
		uint64_t namesz, descsz, step;

		if (image_read(img, off, head, sizeof(head), &err))
			return;
		namesz = elf_get(elf, head, 4);
		descsz = elf_get(elf, head + 4, 4);
		step = sizeof(head) + ((namesz + 3) & ~3ull) +
		       ((descsz + 3) & ~3ull);
		if (step > left)
			return;
		if (namesz <= sizeof(name) &&
		    image_read(img, off + sizeof(head), name, namesz, &err) ==
			    0) {
			if (namesz == 6 && !memcmp(name, "Linux", 6))
				elf->linux_note = true;
			memset(desc, 0, sizeof(desc));
			if (namesz == 4 && !memcmp(name, "Xen", 4) &&
			    elf_get(elf, head + 8, 4) ==
				    XEN_ELFNOTE_PHYS32_ENTRY &&
			    (descsz == 4 || descsz == 8) &&
			    image_read(img, off + sizeof(head) + 4, desc,
				       descsz, &err) == 0) {
				elf->pvh = true;
				elf->pvh_entry = get_le64(desc);
			}
		}
		off += step;
		left -= step;
	}
}

/* What kind of ELF it must be before its program headers matter. */
static int elf_check_kind(const struct image *img, const uint8_t *eh,
			  unsigned machine, struct elf_file *elf,
			  struct err *err)
{
	unsigned type, m;
	char what[128];

	if ((eh[EI_CLASS] != ELFCLASS32 && eh[EI_CLASS] != ELFCLASS64) ||
	    (eh[EI_DATA] != ELFDATA2LSB && eh[EI_DATA] != ELFDATA2MSB) ||
	    eh[EI_VERSION] != EV_CURRENT)
		return elf_bad(img, "its identification is invalid", err);
	elf->is64 = eh[EI_CLASS] == ELFCLASS64;
	elf->big_endian = eh[EI_DATA] == ELFDATA2MSB;
	type = (unsigned)elf_get(elf, eh + 16, 2);
	m = (unsigned)elf_get(elf, eh + 18, 2);
	/* A relocatable vmlinux of arm64 and ppc64 is a shared object. */
	if ((!elf->big_endian || machine == EM_PPC64) &&
	    (type == ET_EXEC ||
	     (type == ET_DYN && (m == EM_AARCH64 || m == EM_PPC64))) &&
	    (m == machine || (machine == EM_X86_64 && m == EM_386) ||
	     (machine == EM_PPC64 && m == EM_PPC)))
		return 0;
	image_describe(img, what, sizeof(what));
	err_set(err, ENOEXEC, "'%s' is %s, not a kernel for %s", img->name,
		what, elf_machine_name(machine));
	if (!elf->big_endian && m == machine && type == ET_REL)
		err_hint(err, "a kernel is the linked file: vmlinux or "
			      "bzImage");
	return -err->code;
}

int elf_parse(const struct image *img, uint64_t size, unsigned machine,
	      struct elf_file *elf, struct err *err)
{
	uint8_t eh[64], buf[56];
	uint64_t phoff, shoff, shsize;
	struct elf_phdr ph;
	unsigned phnum, phent, word;
	int ret;

	memset(elf, 0, sizeof(*elf));
	ret = image_read(img, 0, eh, 52, err);
	if (ret)
		return ret;
	ret = elf_check_kind(img, eh, machine, elf, err);
	if (ret)
		return ret;
	ret = elf->is64 ? image_read(img, 0, eh, 64, err) : 0;
	if (ret)
		return ret;
	word = elf->is64 ? 8 : 4;
	elf->machine = (uint16_t)elf_get(elf, eh + 18, 2);
	elf->dynamic = elf_get(elf, eh + 16, 2) == ET_DYN;
	elf->entry = elf_get(elf, eh + 24, word);
	phoff = elf_get(elf, eh + (elf->is64 ? 32 : 28), word);
	shoff = elf_get(elf, eh + (elf->is64 ? 40 : 32), word);
	phent = (unsigned)elf_get(elf, eh + (elf->is64 ? 54 : 42), 2);
	phnum = (unsigned)elf_get(elf, eh + (elf->is64 ? 56 : 44), 2);
	shsize = elf_get(elf, eh + (elf->is64 ? 58 : 46), 2) *
		 elf_get(elf, eh + (elf->is64 ? 60 : 48), 2);
	if (phent != (elf->is64 ? 56 : 32) || !phnum || phnum > ELF_MAX_PHNUM)
		return elf_bad(img,
			       "its program headers are missing or of "
			       "the wrong size",
			       err);
	/* Linux's relocations follow the section headers: know where. */
	if (shoff && shoff <= size && shsize <= size - shoff)
		elf_extend(elf, shoff + shsize);
	for (unsigned i = 0; i < phnum; i++) {
		uint64_t off = phoff + (uint64_t)i * phent;

		if (off < phoff)
			return elf_bad(img, "its program headers wrap", err);
		ret = image_read(img, off, buf, phent, err);
		if (ret)
			return ret;
		elf_phdr_get(elf, buf, &ph);
		if (ph.offset <= size && ph.filesz <= size - ph.offset)
			elf_extend(elf, ph.offset + ph.filesz);
		if (ph.type == PT_LOAD)
			ret = elf_add_segment(img, size, &ph, elf, err);
		else if (ph.type == PT_NOTE)
			elf_notes(img, &ph, elf);
		if (ret)
			return ret;
	}
	if (!elf->nseg)
		return elf_bad(img, "it has nothing to load", err);
	elf->low = elf->seg[0].paddr;
	elf->high =
		elf->seg[elf->nseg - 1].paddr + elf->seg[elf->nseg - 1].memsz;
	return 0;
}

int elf_load(const struct image *img, const struct elf_file *elf,
	     const struct mem *mem, uint64_t shift, bool zeroed,
	     struct err *err)
{
	for (unsigned i = 0; i < elf->nseg; i++) {
		const struct elf_segment *s = &elf->seg[i];
		uint8_t *to = mem_run_rw(mem, s->paddr + shift, s->memsz);
		int ret;

		if (!to)
			return err_set(err, ENOMEM,
				       "'%s' needs memory at 0x%" PRIx64
				       " (%" PRIu64
				       " bytes) that the machine has not",
				       img->name, s->paddr + shift, s->memsz);
		ret = image_read(img, s->offset, to, s->filesz, err);
		if (ret)
			return ret;
		if (!zeroed)
			memset(to + s->filesz, 0, s->memsz - s->filesz);
	}
	return 0;
}
