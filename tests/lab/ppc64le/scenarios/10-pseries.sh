# SPDX-License-Identifier: MIT
# Debian 12's kernel (64K pages) on a radix pSeries with one CPU and KVM's XICS: every
# device, then a panic.  14-shell has four CPUs, 60-payload the other ends of a run and
# hash page tables; 20-kernels, by name, four CPUs with KVM's XICS.
# scenario: timeout=400 kernels=bookworm hosts=powernv9-*

disk_file
cp d s
serve
guest 120 "a radix guest with KVM's XICS uses every device, then panics" bookworm pseries \
	--irqchip kernel-xics -d d,access-platform=on -n user --device spapr-vscsi,file=s \
	--device spapr-vlan --device spapr-nvram,file=nvram --device virtio-rng \
	--device spapr-vty,console=file:terminal
saw "guest: hello from 1 cpus" "it runs a program on one CPU"
disk_checks "a virtio disk"
saw "virtio0.*(MSI|Edge)|(MSI|Edge).*virtio0" "it has messages"
saw "guest: create-pe-dma-window.* returned 0" "which goes by a window of 64 bits"
saw "guest: vscsi sum ${first%% *}" "a vscsi disk is read"
same "a vscsi disk is written" \
	"$(dd if=s bs=1M skip=1 count=1 2> /dev/null | cmp - pattern && echo same)" same
saw "guest: random source pseries.rng" "H_RANDOM is a source of random numbers"
same "both networks fetch a file" "$(grep -c "guest: fetched ${SUM%% *}" "$OUT")" 2
saw "guest: 0 complaints about the platform" "the kernel has nothing to complain about"
saw "guest: 2 terminals" "there are two terminals"
same "what the other says is in its file" "$(cat terminal)" "the second terminal"
same "NVRAM is in its file" "$(grep -c "vmm was here" nvram)" 1
