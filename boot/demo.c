// SPDX-License-Identifier: MIT
/* The built-in demonstration guests. */
#include "boot/demo.h"

/* demo_bytes.S */
extern const unsigned char demo_x86_64[], demo_x86_64_end[];
extern const unsigned char demo_arm64[], demo_arm64_end[];
extern const unsigned char demo_ppc64le[], demo_ppc64le_end[];
extern const unsigned char demo_ia64[], demo_ia64_end[];

static const struct {
	const unsigned char *start, *end;
} demo_guests[ARCH_COUNT] = {
	[ARCH_X86_64] = { demo_x86_64, demo_x86_64_end },
	[ARCH_ARM64] = { demo_arm64, demo_arm64_end },
	[ARCH_PPC64LE] = { demo_ppc64le, demo_ppc64le_end },
	[ARCH_IA64] = { demo_ia64, demo_ia64_end },
};

const void *demo_guest(enum arch arch, size_t *size)
{
	*size = (size_t)(demo_guests[arch].end - demo_guests[arch].start);
	return *size ? demo_guests[arch].start : NULL;
}
