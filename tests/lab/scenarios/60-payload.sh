# SPDX-License-Identifier: MIT
# The guests of tests/guest: the machine and its virtio devices from inside.
# scenario: timeout=300 needs=guests hosts=x86_64,arm64-gic* kernels=
truncate -s 8M d
want 0 "the demonstration guest" $VMM run
saw "^vmm's demonstration guest" "says who it is"
for n in 1 4; do
	APPEND="mem=0x8000000 cpus=$n rtc=$(date +%s)" \
		payload "the platform, $n cpus" platform -c $n -m 128M
done
for t in pci mmio; do
	for rings in packed=off packed=on; do
		APPEND="serial=a-serial net" \
			payload "virtio over $t, $rings" virtio --transport $t \
			-d d,serial=a-serial,$rings -n user,$rings --console null \
			--device virtio-rng,$rings --device virtio-balloon,$rings
	done
done
