# SPDX-License-Identifier: MIT
# SLOF boots a program from a disk, of virtio and of vscsi.  By name only.
# scenario: timeout=300 kernels= files=slof,prep hosts=powernv9* optional
cp /images/prep.img d
LIMIT=150
for disk in "-d d" "--device spapr-vscsi,file=d"; do
	want 0 "SLOF boots from $disk" $VMM run --firmware /firmware/slof.bin -m 512M $disk \
		--expect "guest: a program from the disk"
	saw "^guest: a program from the disk" "the program talks to it"
done
