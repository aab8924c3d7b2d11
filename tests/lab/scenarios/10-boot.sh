# SPDX-License-Identifier: MIT
# Debian's kernels boot with every usual device, on one CPU and on four, to a shell
# into which somebody types, and power off.
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

cat > type <<-END
	$VMM run -k /kernels/cloud/vmlinuz -i /kernels/cloud/initrd -m 256M -c 4 \
		-p "console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests job=smp+shell" \
		--device isa-debug-exit < keys
END
mkfifo keys
(
	exec 4> keys
	while ! grep -q "^/ #" "$OUT" 2> /dev/null; do sleep 0.2; done
	echo 'echo typed $((6 * 7)); uname -r; exit 7' >&4
	sleep $LIMIT
) &
want 7 "a shell on the console ends with its guest, whose status is its own" sh type
saw "guest: 4 cpus are there" "the cloud kernel uses 4 cpus"
same "each cpu of the cloud kernel runs a program" \
	"$(grep -c 'guest: cpu runs' "$OUT")" 4
saw "typed 42" "the shell runs what is typed"
kill $! 2> /dev/null
