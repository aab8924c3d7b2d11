/* SPDX-License-Identifier: MIT */
/* The virtual SCSI adapter of a pSeries guest, with one disk. */
#ifndef HW_SPAPR_VSCSI_H
#define HW_SPAPR_VSCSI_H

#include "hw/block/disk.h"
#include "hw/spapr/vio.h"

/*
 * "spapr-vscsi", "IBM,v-scsi": LoPAR 17.2.2, the SCSI RDMA protocol (ANSI
 * INCITS 365, "SRP") in 16-byte messages of a command/response queue.  The
 * information units lie in the guest's memory, which is seen by TCEs; the
 * disk is logical unit 0 of target 0.
 */
extern const struct device_class spapr_vscsi_class;

/* Commands that the driver may have under way. */
#define VSCSI_REQUESTS 62
/* The largest transfer, bytes. */
#define VSCSI_MOST (1u << 20)

#endif
