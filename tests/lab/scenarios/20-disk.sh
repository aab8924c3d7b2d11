# SPDX-License-Identifier: MIT
# The virtio disk, through every engine and cache mode.
# scenario: timeout=600 kernels=cloud,generic
real_fs
yes "written by the host" | head -c 1048576 > a
truncate -s 16M a
first=$(head -c 1048576 a | md5sum)
yes "written by the guest" | head -c 1048576 > pattern

# try OPTIONS [KERNEL]
try() {
	cp a d
	guest 0 "a disk with d$1" "${2:-cloud}" disk -d "d$1"
	saw "guest: disk of 32768 sectors" "the disk d$1 has its size"
	saw "guest: sum ${first%% *}" "the disk d$1 is read"
	same "the disk d$1 is written" \
		"$(dd if=d bs=1M skip=1 count=1 2> /dev/null | cmp - pattern && echo same)" same
}
try ""
try "" generic
try ,aio=io_uring,cache=none
try ,aio=threads,cache=writeback
try ,aio=libaio,cache=none

cp a d
before=$(md5sum < d)
guest 0 "a snapshot takes writes" cloud disk -d d,snapshot=on
same "a snapshot leaves the image alone" "$(md5sum < d)" "$before"
guest 0 "a read-only disk refuses writes" cloud read-only -d d,readonly=on
same "a read-only image stays as it was" "$(md5sum < d)" "$before"
