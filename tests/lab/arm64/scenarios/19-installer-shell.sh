# SPDX-License-Identifier: MIT
# The kernel and the initrd of Debian's installer, as they are, come to a shell, which
# sees a disk's controller and a network's on the bus.
# By name only, as 19-installer-grub: tests/lab/run arm64-gicv3 installer
# scenario: timeout=300 optional kernels= files=installer-linux,installer-initrd hosts=arm64-gicv3
truncate -s 16M d
cat > type <<-END
	$VMM run -k /images/installer-linux -i /images/installer-initrd.gz -m 512M \
		-p "console=$CONSOLE BOOT_DEBUG=3" -c 4 -d d -n user < keys
END
mkfifo keys
(
	exec 4> keys
	while ! grep -q "debug shell" "$OUT" 2> /dev/null; do sleep 0.5; done
	echo 'mount /proc; mount /sys; echo typed $((6 * 7)); grep -c ^processor /proc/cpuinfo' >&4
	echo 'ls /sys/bus/pci/devices; poweroff -f' >&4
	sleep $LIMIT
) &
want 0 "the installer's shell powers off" sh type
saw "typed 42" "the installer's shell runs what is typed"
saw "^4" "it has 4 CPUs"
saw "0000:00:02.0" "it finds the PCI functions"
kill $! 2> /dev/null
