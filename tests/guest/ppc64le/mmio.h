/* SPDX-License-Identifier: MIT */
/*
 * Device memory on a pSeries, in real mode: plain loads and stores where pages
 * are by radix trees, hypercalls where they are not; RTAS for PCI_CONFIG.
 */
#ifndef GUEST_MMIO_H
#define GUEST_MMIO_H

#include "mmio_calls.h"

#endif
