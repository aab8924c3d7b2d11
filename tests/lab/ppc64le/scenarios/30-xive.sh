# SPDX-License-Identifier: MIT
# KVM's XIVE: messages of PCI, calls between CPUs, a level.
# scenario: timeout=300 kernels=generic

LIMIT=250 want 0 "4 cpus with XIVE" $VMM run -k /kernels/generic/vmlinuz \
	-i /kernels/generic/initrd -m 256M --irqchip xive -c 4 \
	-p "console=$CONSOLE loglevel=7 panic=-1 job=smp"
saw "guest: 4 cpus are there" "they call each other"
saw "xive: Using IRQ range|xive: Interrupt handling initialized with spapr backend" \
	"the guest drives it"
