/* SPDX-License-Identifier: MIT */
/* What every Arm PrimeCell peripheral has: identification, an APB slave. */
#include "hw/core/primecell.h"

#define PRIMECELL_ID	0xfe0	   /* PeriphID0 */
#define PRIMECELL_CELL	0xff0	   /* PCellID0 */
#define PRIMECELL_MAGIC 0xb105f00d /* PCellID3 to 0 */

uint8_t primecell_id(uint32_t periph_id, uint64_t off)
{
	uint32_t id = off < PRIMECELL_CELL ? periph_id : PRIMECELL_MAGIC;

	if (off < PRIMECELL_ID || off >= PRIMECELL_SIZE)
		return 0;
	return (uint8_t)(id >> (off & 0xc) * 2);
}
