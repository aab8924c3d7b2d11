/* SPDX-License-Identifier: MIT */
/* EFI's runtime services without firmware: the time, and nothing else. */
#ifndef BOOT_EFI_RUNTIME_H
#define BOOT_EFI_RUNTIME_H

#include "hw/core/mem.h"

/*
 * Linux on arm64 has a driver for a PL031 that a device tree names, and none
 * for one in ACPI; there it asks EFI (drivers/rtc/rtc-efi.c).  So GetTime()
 * is code for the guest, which reads the PL031.  Its region has the services'
 * table first, and runs at the addresses it is at (virtual = physical).
 */

/* Each region is whole pages of the largest that a kernel has. */
#define EFI_RUNTIME_SIZE 0x10000u

/* EFI_RT_SUPPORTED_: SetTime() is there, and answers that it is not. */
#define EFI_RUNTIME_TIME 3u

/*
 * Writes the table and the code for a place at guest-physical address at,
 * into EFI_RUNTIME_SIZE bytes that are zero.  rtc: where a PL031 is.
 */
void efi_runtime_build(gpa_t at, gpa_t rtc, uint8_t *area);

#endif
