# SPDX-License-Identifier: MIT
# The virtio disk through every engine and cache mode, which are the host's.
# scenario: timeout=500 kernels=cloud,generic hosts=x86_64
real_fs
disk_file
cp d a

# try OPTIONS [KERNEL]
try() {
	cp a d
	guest 0 "a disk with d$1" "${2:-cloud}" disk -d "d$1"
	disk_checks "the disk d$1"
}
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
