/* SPDX-License-Identifier: MIT */
/* EFI variables: UEFI 2.10, section 8.2. */
#ifndef HW_SAL_VARS_H
#define HW_SAL_VARS_H

#include "hw/flash/store.h"

#define EFI_VARS_SIZE	     0x10000u /* of all, and of the file */
#define EFI_VAR_NON_VOLATILE 1u

/* One of them, in struct efi_vars. */
struct efi_var {
	uint32_t attributes;
	const uint8_t *guid; /* 16 bytes */
	const uint8_t *name; /* UTF-16 with its zero, name_size bytes */
	const uint8_t *data;
	uint32_t name_size, data_size;
};

/* Records one after another; the caller locks. */
struct efi_vars {
	uint8_t buf[EFI_VARS_SIZE];
	uint32_t used;
	struct flash_store store; /* data NULL: there is no file */
};

/* Opens the file (made if there is none) and takes what it holds. */
int efi_vars_open(struct efi_vars *v, const char *file,
		  struct err *err) MUST_CHECK;
void efi_vars_close(struct efi_vars *v);
/* What does not outlive a reset goes. */
void efi_vars_reset(struct efi_vars *v);

/* False where there is none of that name. */
bool efi_vars_find(const struct efi_vars *v, const uint8_t guid[16],
		   const uint8_t *name, uint32_t name_size,
		   struct efi_var *var);
/* The one after that name; an empty name: the first.  -ENOENT past the last,
 * -EINVAL where that name is not there. */
int efi_vars_next(const struct efi_vars *v, const uint8_t guid[16],
		  const uint8_t *name, uint32_t name_size, struct efi_var *var);
/*
 * Replaces or adds one; data_size 0 deletes.  0, -ENOENT (nothing to delete),
 * -ENOSPC, -EIO (the file refused; then memory has it).
 */
int efi_vars_set(struct efi_vars *v, const struct efi_var *var) MUST_CHECK;
/* Bytes that are left for one more. */
uint32_t efi_vars_room(const struct efi_vars *v);

#endif
