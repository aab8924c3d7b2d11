/* SPDX-License-Identifier: MIT */
/* What an IA-64 guest sees of its firmware: entries and tables. */
#ifndef HW_SAL_CODE_H
#define HW_SAL_CODE_H

#include "hw/core/board.h"
#include "hw/core/mem.h"

/*
 * Parts of whole pages of any kernel, 64 KiB.  In PAL's the CPUs wait that
 * nobody started, PAL's entry, the way of an INIT and of a PMI, and what the OS
 * told with SAL_SET_VECTORS; in the second, which is EfiRuntimeServicesCode,
 * all the rest; and then where each CPU saves its state at an INIT, which is
 * EfiRuntimeServicesData.
 */
#define SAL_PART      0x10000u
#define SAL_MAX_CPUS  256
#define SAL_MIN_STATE 0x20000u
#define SAL_SIZE      (SAL_MIN_STATE + SAL_MAX_CPUS * BOARD_MIN_STATE)
#define SAL_ALIGN     SAL_PART

#define SAL_AT_WAIT    0x00000 /* CPUs begin here: the area's first byte */
#define SAL_AT_PAL     0x00100
#define SAL_PAL_SIZE   32 /* of its code, which may be copied */
#define SAL_AT_INIT    0x00200
#define SAL_AT_PMI     0x00400 /* where PMI handlers return to */
#define SAL_AT_RENDEZ  0x01000 /* the OS's entry and its gp, or zeros */
#define SAL_AT_OS_INIT 0x01010 /* the same: of the monarch, of slaves */
#define SAL_AT_INSIDE  0x01030 /* how many CPUs are there */
#define SAL_AT_SAL     0x10000
#define SAL_AT_EFI     0x10100 /* a bundle for each runtime service */
#define SAL_AT_DESCS   0x11000 /* function descriptors: entry, gp */
#define SAL_AT_TABLE   0x12000 /* the SAL system table */
#define SAL_AT_RUNTIME 0x13000 /* EFI's table of runtime services */
#define SAL_AT_PV      0x14000 /* the page of the paravirtual interface */

#define SAL_TABLE_SIZE (96 + 48 + 16)
#define SAL_WAKEUP     0xff /* the vector that wakes a waiting CPU */

/* EFI 2.10, section 4.5: in the order of the table, from offset 24. */
enum efi_service {
	EFI_GET_TIME,
	EFI_SET_TIME,
	EFI_GET_WAKEUP_TIME,
	EFI_SET_WAKEUP_TIME,
	EFI_SET_VIRTUAL_ADDRESS_MAP,
	EFI_CONVERT_POINTER,
	EFI_GET_VARIABLE,
	EFI_GET_NEXT_VARIABLE_NAME,
	EFI_SET_VARIABLE,
	EFI_GET_NEXT_HIGH_COUNT,
	EFI_RESET_SYSTEM,
	EFI_UPDATE_CAPSULE,
	EFI_QUERY_CAPSULE,
	EFI_QUERY_VARIABLE_INFO,
	EFI_SERVICES,
};
/* The hypercall's number of service 0; SAL's are those of SAL's own. */
#define SAL_EFI_CALL 0x110100

/*
 * The page of the paravirtual interface, docs/ia64.md: magic, version 1, size
 * 40 bytes, then 64 bits each: hyper-privops that there are, by number, the
 * break of number 0, the size of a CPU's area.
 */
#define SAL_PV_MAGIC	  "VMMIA64P"
#define SAL_PV_VERSION	  1
#define SAL_PV_SIZE	  40
#define SAL_PV_OPERATIONS 10
#define SAL_PV_BREAK	  0x110200
#define SAL_PV_AREA	  4096

/*
 * Writes all of it for a place at guest-physical address at; paravirt: with
 * that page, which else is zero.
 */
void sal_code_build(gpa_t at, bool paravirt, uint8_t area[SAL_SIZE]);

#endif
