/* SPDX-License-Identifier: MIT */
/* cpu/kvm: the table of interrupt routes, on a VM of the host's KVM. */
#include <stdlib.h>
#include <string.h>

#include "cpu/accel.h"
#include "cpu/target.h"
#include "tests/test.h"

#define FIXED 0xfee00000u

TEST(kvm_route_that_is_refused_leaves_the_others_alone)
{
	/* KVM with 32-bit APIC ids refuses any of the low bits up there. */
	const struct msi_msg good = { FIXED, 0x4041, 0 },
			     other = { FIXED, 0x4042, 0 },
			     bad = { 0xff00000000 | FIXED, 0x4043, 0 };
	struct bus mmio, pio;
	struct board board = { .arch = ARCH_X86_64 };
	struct mem mem = { 0 };
	struct accel_config cfg = {
		.board = &board, .mem = &mem, .mmio = &mmio, .pio = &pio
	};
	const struct target *t = target_find(ARCH_X86_64);
	struct accel_vm *vm;
	struct msi_route a, b;
	struct err err = { 0 };

	if (accel_kvm.probe(t, &err) < 0)
		SKIP_TEST("no KVM for x86_64 guests here");
	bus_init(&mmio, "mmio", 0);
	bus_init(&pio, "pio", 0x10000);
	vm = accel_kvm.vm_create(t, &cfg, &err);
	CHECK(vm != NULL);
	CHECK_EQ(msi_route_init(&a, vm->irqchip, &err), 0);
	CHECK_EQ(msi_route_init(&b, vm->irqchip, &err), 0);
	CHECK_EQ(msi_route_set(&a, &good), 0);
	if (msi_route_set(&b, &bad) < 0) {
		/* a new route, then one that had a message */
		CHECK_EQ(msi_route_set(&a, &other), 0);
		CHECK_EQ(msi_route_set(&b, &good), 0);
		CHECK(msi_route_set(&b, &bad) < 0);
		CHECK_EQ(msi_route_set(&a, &good), 0);
	}
	CHECK_EQ(msi_route_set(&b, &other), 0);
	msi_route_destroy(&a);
	msi_route_destroy(&b);
	accel_kvm.vm_destroy(vm);
	bus_destroy(&mmio);
	bus_destroy(&pio);
}
