/* SPDX-License-Identifier: MIT */
/*
 * Device memory on ia64, in physical mode: bit 63 says that it is uncacheable;
 * SAL for PCI_CONFIG.
 */
#ifndef GUEST_MMIO_H
#define GUEST_MMIO_H

#include "mmio_calls.h"

#endif
