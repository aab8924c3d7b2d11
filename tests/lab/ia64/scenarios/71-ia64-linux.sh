# SPDX-License-Identifier: MIT
# Linux for ia64 on this host, unmodified, with one vCPU: a shell reads and writes ext4 on
# virtio-blk and switches off.  Delays need no calibrating: lpj=.  With four vCPUs it ticks 400
# times a second, which is 0.78 s of this host's CPU each second when idle (0.18 with one): of
# the share of this machine that `make test` leaves the host it may need all, and never end.
# Those run by name, on a quiet machine (72-ia64-ends).
# scenario: timeout=200 kernels=ia64-smp hosts=arm64-*,powernv* optional=arm64-gic*,powernv8*,powernv9,powernv9-one
cp /images/ext4.img d
mkfifo keys
(
	exec 4> keys
	while ! grep -q "guest: CPUs" "$OUT" 2> /dev/null; do sleep 2; done
	cat >&4 <<-'END'
		echo typed $((6 * 7)) on $(uname -m)
		mount -t ext4 /dev/vda /mnt && cat /mnt/from-host
		n=0; while [ $n -lt 60 ]; do echo $n; n=$((n + 1)); done > /mnt/numbers
		umount /mnt; mount -t ext4 /dev/vda /mnt
		while read n; do sum=$((sum + n)); done < /mnt/numbers; echo the sum is $sum
		umount /mnt; exit
	END
	sleep $LIMIT
) &
printf '%s\n' '#!/bin/sh' 'exec /bin/vmm "$@" < keys' > typed
chmod +x typed
want 0 "Linux for ia64 comes to a shell, and powers off" ./typed run \
	--arch ia64 -k /kernels/ia64-smp/vmlinuz -i /kernels/ia64-smp/initrd -m 512M \
	-p "console=ttyS0 loglevel=4 lpj=1000000 job=shell" -d d
kill $! 2> /dev/null
saw "guest: CPUs 0[^-]*$" "it has one CPU"
saw "typed 42 on ia64" "its shell answers"
saw "guest: this is the file of the host" "ext4 is read"
saw "the sum is 1770" "ext4 is written"
