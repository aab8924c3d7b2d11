# SPDX-License-Identifier: MIT
# Debian 12's kernel (64K pages) on a pSeries, and 13's (4K): every device, both XICS,
# both kinds of page tables, the ends of a run, in as few boots as that takes.
# scenario: timeout=400 kernels=bookworm,generic hosts=powernv9
LIMIT=300

disk_file
cp d s
serve
guest 120 "a radix guest with KVM's XICS uses every device, then panics" bookworm pseries \
	--irqchip kernel-xics -d d -n user --device spapr-vscsi,file=s --device spapr-vlan \
	--device spapr-nvram,file=nvram --device virtio-rng
saw "guest: hello from 1 cpus" "it runs a program on one CPU"
disk_checks "a virtio disk"
saw "virtio0.*(MSI|Edge)|(MSI|Edge).*virtio0" "it has messages"
saw "guest: vscsi sum ${first%% *}" "a vscsi disk is read"
same "a vscsi disk is written" \
	"$(dd if=s bs=1M skip=1 count=1 2> /dev/null | cmp - pattern && echo same)" same
same "both networks fetch a file" "$(grep -c "guest: fetched ${SUM%% *}" "$OUT")" 2
same "NVRAM is in its file" "$(grep -c "vmm was here" nvram)" 1

# Somebody types, and later presses the power button.
cp d a
cat > type <<-END
	$VMM run -k /kernels/bookworm/vmlinuz -i /kernels/bookworm/initrd -m 256M -c 4 \
		--irqchip xics -d a --device spapr-nvram,file=nvram \
		-p "console=$CONSOLE loglevel=4 panic=-1 job=pseries-shell" < keys &
	vmm=\$!
	while ! grep -q "guest: waits for the button" "$OUT"; do
		kill -0 \$vmm || break
		sleep 0.5
	done
	kill -PWR \$vmm
	wait \$vmm
END
mkfifo keys
(
	exec 4> keys
	while ! grep -q "^/ #" "$OUT" 2> /dev/null; do sleep 0.5; done
	echo 'echo typed $((6 * 7)); exit' >&4
	sleep $LIMIT
) &
want 0 "4 CPUs with XICS in vmm power off at the press of a button" sh type
kill $! 2> /dev/null
saw "typed 42" "a shell on the console runs what is typed"
saw "guest: 4 cpus are there" "RTAS starts all CPUs"
same "each runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
saw "guest: disk read and written" "a disk works"
saw "guest: nvram vmm was here" "NVRAM keeps what the guest before wrote"

guest 122 "a hash guest resets, which means exit" generic reboot \
	--machine virt,mmu=hash --on-reboot exit
saw "guest: init of" "it ran a program"

guest 124 "a guest out of time is 124" bookworm hello --timeout 2
saw "^prtbl " "its registers are told"
