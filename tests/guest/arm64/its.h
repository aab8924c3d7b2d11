/* SPDX-License-Identifier: MIT */
/* The ITS: messages become LPIs by tables in memory [IHI 0069, chapter 5]. */
#ifndef GUEST_ITS_H
#define GUEST_ITS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"

/* Commands [5.3]; those that a guest sends by hand. */
#define ITS_MOVI    0x01
#define ITS_INT	    0x03
#define ITS_CLEAR   0x04
#define ITS_SYNC    0x05
#define ITS_MAPD    0x08
#define ITS_MAPC    0x09
#define ITS_MAPTI   0x0a
#define ITS_MAPI    0x0b
#define ITS_INV	    0x0c
#define ITS_INVALL  0x0d
#define ITS_MOVALL  0x0e
#define ITS_DISCARD 0x0f

/*
 * Makes the tables, turns LPIs on for every CPU, and collection i go to CPU i.
 * False where a register does not take what is written.
 */
bool its_init(void);
/* Sends a command of four words and waits until it is done. */
bool its_command(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3);
/* What commands name a CPU by: its redistributor, or its number. */
uint64_t its_target(unsigned cpu);
/* Maps a device with room for 32 events. */
bool its_map_device(uint32_t device);
/* Maps its event to an LPI of that collection. */
bool its_map_event(uint32_t device, uint32_t event, uint32_t lpi,
		   unsigned collection);
/* Sets an LPI's priority and enable bit in the table, without an INV. */
void its_configure(uint32_t lpi, uint8_t priority, bool enable);
/* As arch_msi(). */
bool its_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m);

#endif
