// SPDX-License-Identifier: MIT
/* Tests of the embedded demonstration guest. */
#include <elf.h>

#include "boot/demo.h"
#include "tests/test.h"

TEST(demo_guest_is_an_elf_image_of_its_size)
{
	const Elf64_Ehdr *h = (const void *)demo_guest;

	if (!demo_guest_size)
		SKIP_TEST("this architecture has no demonstration guest");
	CHECK(demo_guest_size > sizeof(*h));
	CHECK_MEM(h->e_ident, ELFMAG, SELFMAG);
	CHECK_EQ(h->e_ident[EI_CLASS], ELFCLASS64);
	CHECK_EQ(h->e_type, ET_EXEC);
	CHECK(h->e_phoff + h->e_phnum * sizeof(Elf64_Phdr) <= demo_guest_size);
}
