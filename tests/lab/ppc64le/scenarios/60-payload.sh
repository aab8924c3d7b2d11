# SPDX-License-Identifier: MIT
# The guests of tests/guest: a pSeries and its virtio devices from inside, hostile
# drivers, and a guest's ways to leave.
# scenario: timeout=300 needs=guests kernels= optional=powernv8,nested,pr
truncate -s 8M d
want 0 "the demonstration guest" $VMM run
saw "^vmm's demonstration guest" "says who it is"
VIO="--device spapr-vlan --device spapr-nvram"
VIRTIO="-n user --console null --device virtio-rng --device virtio-balloon"
case $LAB in
powernv9) mmus="radix hash" ;;
powernv8 | pr) mmus=hash ;;
*) mmus=radix ;;
esac
chips="$DEFAULT_IRQCHIP $IRQCHIPS"
for mmu in $mmus; do
	for chip in $chips; do
		case $LAB,$mmu,$chip in
		powernv9,radix,xics) nested=nested how=,nested=on ;;
		*) nested= how= ;;
		esac
		APPEND="mem=0x8000000 cpus=4 rtc=$(date +%s) $nested" \
			payload "the platform, $mmu and $chip $nested" platform -c 4 \
			-m 128M --machine virt,mmu=$mmu$how --irqchip $chip $VIO \
			--device virtio-rng
	done
	chips=$DEFAULT_IRQCHIP	# the others do not know of page tables
	case $mmu in hash) packed=on ;; *) packed=off ;; esac
	APPEND="serial=a-serial net" payload "virtio, $mmu, packed=$packed" virtio \
		--machine virt,mmu=$mmu -d d,serial=a-serial,packed=$packed $VIRTIO
done
APPEND= payload "virtio with XICS in vmm" virtio -m 64M -d d --irqchip xics \
	--device virtio-rng
APPEND= payload "hostile drivers" hostile -m 64M -d d,packed=on \
	--device virtio-rng

want 42 "a status of its own" $VMM run -m 64M -k /guests/platform -p end=exit=42 \
	--device isa-debug-exit
want 122 "a reset that means exit is 122" $VMM run -m 64M -k /guests/platform \
	-p end=reset --on-reboot exit
want 120 "ibm,os-term is a panic" $VMM run -m 64M -k /guests/platform -p end=panic
want 124 "a guest that cedes for ever is out of time" $VMM run -m 64M \
	-k /guests/platform -p end=cede --timeout 3 -c 2
saw "^prtbl " "its registers are told"
truncate -s 0 d; truncate -s 1M d
APPEND=twice=reset payload "a reset" platform -m 64M -d d -c 2
