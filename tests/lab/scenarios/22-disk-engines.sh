# SPDX-License-Identifier: MIT
# The virtio disk through every engine and cache mode, which are the host's; a
# snapshot, and an image that may only be read.  One guest has them all.
# scenario: timeout=200 hosts=x86_64
real_fs
disk_file
# a to d are written through an engine each, e through its snapshot, f not at all.
for image in a b c e f; do cp d $image; done
before=$(md5sum < d)
guest 0 "six disks, each by its engine" cloud disks \
	-d a -d b,aio=io_uring,cache=none -d c,aio=threads,cache=writeback \
	-d d,aio=libaio,cache=none -d e,snapshot=on -d f,readonly=on
for disk in vda:a vdb:b vdc:c vdd:d; do
	image=${disk#*:} disk=${disk%:*}
	saw "guest: $disk of 32768 sectors" "disk $image has its size"
	saw "guest: $disk sum ${first%% *}" "disk $image is read"
	same "disk $image is written" \
		"$(dd if=$image bs=1M skip=1 count=1 2> /dev/null | cmp - pattern && echo same)" same
done
saw "guest: vde written" "a snapshot takes writes"
same "a snapshot leaves the image alone" "$(md5sum < e)" "$before"
saw "guest: vdf refuses writes" "a read-only disk refuses writes"
same "a read-only image stays as it was" "$(md5sum < f)" "$before"
