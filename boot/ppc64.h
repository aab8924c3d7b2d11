/* SPDX-License-Identifier: MIT */
/* What the loaders of ppc64 share. */
#ifndef BOOT_PPC64_H
#define BOOT_PPC64_H

#include "boot/loader.h"

/* Starts cfg->ram_firmware, which boots cfg->kernel or, without, a disk. */
int loader_slof(struct loader *l, struct err *err) MUST_CHECK;

/* ppc64.c: where in guest memory an ELF kernel's entry point is loaded. */
int ppc64_entry(const struct image *img, const struct elf_file *elf,
		uint64_t *entry, struct err *err) MUST_CHECK;
/* The error for what is no kernel. */
int ppc64_unknown(const struct image *img, struct err *err);

#endif
