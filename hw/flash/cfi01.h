/* SPDX-License-Identifier: MIT */
/* A bank of NOR flash with Intel's command set (CFI algorithm 0001). */
#ifndef HW_FLASH_CFI01_H
#define HW_FLASH_CFI01_H

#include "hw/core/device.h"
#include "hw/flash/store.h"

#define CFI01_SIZE	 0x4000000 /* bytes of a bank, both chips */
#define CFI01_SECTOR	 0x40000   /* that are erased at once, both chips */
#define CFI01_WORDS	 1024	   /* of a chip's write buffer */
#define CFI01_MAX_BLOCKS (CFI01_SIZE / CFI01_SECTOR)
#define CFI01_BANK_WIDTH 4 /* bytes, for the device tree */

/* One of two chips, 16 bits wide each: its command interface. */
struct cfi01_chip {
	uint8_t shift;	 /* of its lanes in the bank's 32 bits */
	uint8_t mode;	 /* what a read sees: enum in cfi01.c */
	uint8_t command; /* whose further cycles are to come; 0: none */
	uint8_t status;
	uint16_t left;	/* cycles of a buffered program before its confirm */
	uint16_t count; /* words that the guest announced */
	uint32_t first; /* word of the buffer */
	uint16_t buf[CFI01_WORDS];
	uint64_t locked[CFI01_MAX_BLOCKS / 64]; /* until the next reset */
};

/*
 * Two x16 chips side by side in 32 bits, as on QEMU's virt board: words of
 * 32 bits carry a command for each.  By Intel's 28F640J3/P30 data sheets and
 * JEDEC JESD68 (the query).
 *
 * While both chips are in read-array mode the guest reads the bank as memory,
 * without exits; a write, or any access in another mode, is an exit.  Programs
 * and erases are done when the command has come, so that status is always
 * ready and a suspend finds nothing to suspend.
 */
struct cfi01 {
	struct device dev; /* dev.lock protects what follows "state" */
	/* constant from realize on: */
	char *file;    /* property; NULL: empty, and gone afterwards */
	bool readonly; /* property: every block is locked for good */
	uint64_t size; /* property: bytes, a power of two */
	gpa_t base;    /* cfi01_set_base() */

	/* state: */
	struct flash_store store;
	struct cfi01_chip chip[2];
};

extern const struct device_class cfi01_class;

/* Where the bank lies; before realize. */
void cfi01_set_base(struct cfi01 *s, gpa_t base);

#endif
