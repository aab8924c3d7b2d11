# SPDX-License-Identifier: MIT
# Four CPUs and KVM's XIVE, without firmware.  By name only, and with LAB_NO_ICOUNT=1: on
# an emulated host of one they wait for each other.
# scenario: timeout=500 kernels=64k hosts=powernv9-64k optional
LIMIT=900
guest 0 "4 CPUs with XIVE" 64k smp+interrupts -c 4 --irqchip xive
saw "guest: 4 cpus are there" "all of them start"
same "each runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
saw "^ *[0-9]+:.* XIVE" "their interrupts are by XIVE"
