# SPDX-License-Identifier: MIT
# Debian's kernels boot with every usual device, on one CPU and on four, to a shell
# into which somebody types, and power off.  (arm64-gicv3's shell: 54-acpi.)
# scenario: timeout=240 kernels=cloud,generic hosts=x86_64,arm64-gic*
disk_file
serve
guest 0 "the generic kernel boots and powers off" generic hello+disk+net-user+rng \
	-d d -n user --device virtio-rng
saw "guest: hello from 1 cpus" "the generic kernel runs a program"
disk_checks "a disk"
saw "guest: irq .*MSI.*virtio0" "the disk has message-signalled interrupts"
saw "guest: lease of 10.0.2.15" "the network has a lease"
saw "guest: fetched ${SUM%% *}" "the guest fetches a file"
saw "guest: random source virtio_rng" "there is a random source"
[ "$LAB" != arm64-gicv3 ] || exit 0

# Four CPUs that boot wait for each other as long as an emulated host of one lets them:
# on arm64 three come later.  (In 60-gdb they do boot.)
[ "$TARGET" = x86_64 ] || APPEND=maxcpus=1
typed 7 "a shell on the console ends with its guest, whose status is its own" cloud \
	smp+shell -c 4
saw "guest: 4 cpus are there" "the cloud kernel uses 4 cpus"
same "each of them runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
