# SPDX-License-Identifier: MIT
# Interrupts as vectors take them, from each interrupt controller that the host offers.
# scenario: timeout=120 needs=guests kernels=
for chip in $DEFAULT_IRQCHIP $IRQCHIPS; do
	case $chip in gicv3-its) msi=its ;; gicv2) msi=none ;; *) msi=v2m ;; esac
	APPEND=msi=$msi payload "$chip" irq -m 64M --irqchip $chip \
		--device virtio-rng
done
