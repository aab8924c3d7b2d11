# SPDX-License-Identifier: MIT
# The kernel and the initrd of Debian's installer, as they are, come to a shell on one CPU
# and on four.  There a network works, and a disk, whose driver the installer, which has
# none with it, fetches over that as it does from a mirror: of the same kernel's package.
# By name only, as 19-installer-grub: tests/lab/run arm64-gicv3 installer-shell
# scenario: timeout=900 optional kernels=generic files=installer-linux,installer-initrd hosts=arm64-gic*
LIMIT=1200
serve
cpio -id modules/virtio_blk.ko < /kernels/generic/initrd
cp modules/virtio_blk.ko .
cat > lines <<'END'
mount /proc; mount /sys; mount -t devtmpfs dev /dev; modprobe virtio_pci; modprobe virtio_net
ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; get=http://10.0.2.2:8080
echo "guest: fetched $(wget -q -O - $get/file | md5sum)"
wget -q -O ko $get/virtio_blk.ko; wget -q -O pattern $get/pattern; insmod ko
echo "guest: disk of $(cat /sys/block/vda/size) sectors"
echo "guest: sum $(dd if=/dev/vda bs=64k count=16 2> /dev/null | md5sum)"
dd if=pattern of=/dev/vda bs=64k seek=16; sync; grep virtio /proc/interrupts
echo typed $((6 * 7)) on $(grep -c ^processor /proc/cpuinfo); poweroff -f
END
for cpus in 1 4; do
	disk_file
	cat > type <<-END
		$VMM run -k /images/installer-linux -i /images/installer-initrd.gz -m 512M \
			-p "console=$CONSOLE BOOT_DEBUG=3 cryptomgr.notests" -c $cpus -d d \
			-n user < keys
	END
	rm -f keys "$OUT"
	mkfifo keys
	(
		exec 4> keys
		while ! grep -q "debug shell" "$OUT" 2> /dev/null; do sleep 0.5; done
		cat lines >&4
		sleep $LIMIT
	) &
	want 0 "the installer's shell on $cpus CPUs powers off" sh type
	saw "typed 42 on $cpus" "it runs what is typed, and has $cpus CPUs"
	saw "guest: fetched ${SUM%% *}" "it fetches a file over its network"
	saw "MSI.*virtio[0-9]-input.0" "which interrupts by messages"
	disk_checks "its disk"
	saw "MSI.*virtio[0-9]-req.0" "the disk interrupts by messages, too"
	kill $! 2> /dev/null
done
