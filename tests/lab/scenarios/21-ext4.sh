# SPDX-License-Identifier: MIT
# A file system that the host made, the guest wrote and the host reads again.
# scenario: timeout=150 hosts=x86_64
cp /images/ext4.img d
guest 0 "the guest mounts ext4" cloud ext4 -d d
saw "guest: this is the file of the host" "the guest reads a file"
mkdir m
mount -t ext4 -o loop,ro d m
same "the host reads the guest's file" "$(cat m/from-guest)" "guest was here"
umount m
