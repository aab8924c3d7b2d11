# SPDX-License-Identifier: MIT
# Memory of 300 GiB, above which lie the PCI bus's configuration and large window; and as
# many CPUs as KVM's GICv3 serves, from inside; Debian 12's kernel takes 256 of them.
# By name only: tests/lab/run arm64-gicv3 larger
# scenario: timeout=300 needs=guests kernels=cloud optional hosts=arm64-gicv3
truncate -s 8M d
APPEND="mem=322122547200 cpus=2" payload "300 GiB" platform -c 2 -m 300G
APPEND='' payload "a disk of a machine with 300 GiB" virtio -m 300G -d d
APPEND=cpus=512 payload "512 cpus" gic -c 512 -m 300G
APPEND=maxcpus=2 guest 0 "a kernel boots with 512 cpus" cloud possible -c 512 -m 512M
saw "guest: 256 cpus are possible" "it knows of as many as it is made for"
