// SPDX-License-Identifier: MIT
/* Tests of the embedded demonstration guests. */
#include <elf.h>

#include "boot/demo.h"
#include "boot/image.h"
#include "tests/test.h"

static void check_elf(const void *guest, size_t size)
{
	const Elf64_Ehdr *h = guest;

	CHECK(size > sizeof(*h));
	CHECK_MEM(h->e_ident, ELFMAG, SELFMAG);
	CHECK_EQ(h->e_ident[EI_CLASS], ELFCLASS64);
	CHECK_EQ(h->e_type, ET_EXEC);
	CHECK(h->e_phoff + h->e_phnum * sizeof(Elf64_Phdr) <= size);
}

/* Documentation/arch/arm64/booting.rst: size, flags, magic. */
static void check_image(const void *guest, size_t size)
{
	const uint8_t *h = guest;

	CHECK(size > 64);
	CHECK(get_le64(h + 16) >= size);
	CHECK_EQ(get_le64(h + 24), 0xa);
	CHECK_MEM(h + 56, "ARM\x64", 4);
}

TEST(a_vmm_carries_the_guest_of_its_own_host)
{
	enum arch arch = arch_from_name(VMM_ARCH);
	size_t size;
	const void *guest = demo_guest(arch, &size);

	if (!guest)
		SKIP_TEST("there is no guest for this architecture");
	if (arch == ARCH_ARM64)
		check_image(guest, size);
	else
		check_elf(guest, size);
}

TEST(every_vmm_carries_the_guest_of_the_ia64_engine)
{
	size_t size;
	const void *guest = demo_guest(ARCH_IA64, &size);

	if (!guest)
		SKIP_TEST("it was built without binutils for ia64");
	check_elf(guest, size);
	CHECK_EQ(get_le16((const uint8_t *)guest + 18), EM_IA_64);
}

TEST(it_does_without_those_that_no_host_of_it_runs)
{
	enum arch arch = arch_from_name(VMM_ARCH);
	size_t size = 1;

	for (enum arch a = 0; a < ARCH_COUNT; a++)
		if (a != arch && a != ARCH_IA64) { /* the engine's */
			CHECK(!demo_guest(a, &size));
			CHECK_EQ(size, 0);
		}
}
