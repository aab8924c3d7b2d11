/* SPDX-License-Identifier: MIT */
/* A VIO bus on a rig, with a device whose window shows the rig's RAM. */
#ifndef TESTS_SUPPORT_VIO_RIG_H
#define TESTS_SUPPORT_VIO_RIG_H

#include "hw/spapr/crq.h"
#include "hw/spapr/vio.h"
#include "tests/support/rig.h"

#define VIO_RIG_UNIT  0x71000003
#define VIO_RIG_LINE  5
#define VIO_RIG_PAGES 1024 /* bus address 0 is RIG_RAM */

struct vio_rig {
	struct rig r;
	struct tce_tables tces;
	struct device *bus;
	struct hcalls h; /* of the bus, of queues, of TCEs; more may be added */
	uint64_t out[HCALL_REGS];
};

void vio_rig_make(struct vio_rig *v);
/* The rig's device, which vio_rig_free() frees. */
void vio_rig_add(struct vio_rig *v, const struct device_class *c,
		 const char *props);
void vio_rig_free(struct vio_rig *v);

long vio_rig_call(struct vio_rig *v, uint64_t nr, uint64_t a, uint64_t b,
		  uint64_t c, uint64_t d);
/* Maps the window again, as a reset unmaps it. */
void vio_rig_map(struct vio_rig *v);
/* Copies to and from bus addresses. */
void vio_rig_put(struct vio_rig *v, uint64_t addr, const void *buf, size_t len);
void vio_rig_get(struct vio_rig *v, uint64_t addr, void *buf, size_t len);

#endif
