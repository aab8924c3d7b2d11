# SPDX-License-Identifier: MIT
# Hostile drivers against the devices of this target.
# scenario: timeout=240 needs=guests kernels= hosts=arm64-gicv3
truncate -s 8M d
for t in pci mmio; do
	payload "hostile drivers over $t" hostile --transport $t -d d,packed=on \
		-n user,packed=on --console null --device virtio-rng,packed=on \
		--device virtio-balloon,packed=on
done
