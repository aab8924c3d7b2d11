/* SPDX-License-Identifier: MIT */
/* The virtual Ethernet of a pSeries guest. */
#ifndef HW_SPAPR_VLAN_H
#define HW_SPAPR_VLAN_H

#include "hw/net/mac.h"
#include "hw/net/netdev.h"
#include "hw/spapr/vio.h"

/*
 * "spapr-vlan", "IBM,l-lan": LoPAR 17.4, the interpartition logical LAN.  The
 * driver gives buffers, by sizes of its choice; a frame goes to the smallest
 * that holds it, behind the eight bytes that its driver knows it by, and an
 * entry of the receive queue tells of it.  Frames out are copied by the
 * hypercall and leave from the main loop.
 */
extern const struct device_class spapr_vlan_class;

/*
 * H_REGISTER_LOGICAL_LAN, H_FREE_LOGICAL_LAN, H_ADD_LOGICAL_LAN_BUFFER,
 * H_FREE_LOGICAL_LAN_BUFFER, H_SEND_LOGICAL_LAN, H_MULTICAST_CTRL,
 * H_CHANGE_LOGICAL_LAN_MAC; the opaque is a struct vio_bus.
 */
extern const struct hcall vlan_hcalls[];

#define VLAN_FILTERS 256 /* group addresses: "ibm,mac-address-filters" */

/* What its node's local-mac-address says; from realize on. */
const uint8_t *vlan_mac(const struct device *vlan);
/*
 * A back end other than the one that the properties ask for, before realize.
 * The caller keeps it until the device is freed, and closes it after.
 */
void vlan_set_netdev(struct device *vlan, struct netdev *nd);

#endif
