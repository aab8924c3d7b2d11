/* SPDX-License-Identifier: MIT */
/* Comes before every source: no symbol is looked up at run time, so that code
 * works before the image has relocated itself. */
#pragma GCC visibility push(hidden)
