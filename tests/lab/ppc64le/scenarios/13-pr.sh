# SPDX-License-Identifier: MIT
# Linux as a guest of KVM-PR, in a host that is a partition: its hypercalls would be answered
# below the host.  By name only: the host's kernel is made here.
# scenario: timeout=600 kernels=pr hosts=pr optional
LIMIT=1500
for chip in $DEFAULT_IRQCHIP $IRQCHIPS; do
	disk_file
	guest 0 "a guest of KVM-PR with $chip" pr hello+disk -d d --irqchip $chip \
		--machine virt,kvm-type=pr
	saw "guest: hello from 1 cpus" "it runs a program"
	disk_checks "a virtio disk"
done
want 125 "there is no KVM-HV" $VMM run -k /kernels/pr/vmlinuz --machine virt,kvm-type=hv
saw "this host has no KVM-HV" "it is said"
