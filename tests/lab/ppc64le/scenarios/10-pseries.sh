# SPDX-License-Identifier: MIT
# Debian 12's kernel (64K pages) on a radix pSeries: every device, both XICS, a shell,
# panic and power button, in as few boots as that takes.  60-payload has the other ends
# of a run and hash page tables; 20-kernels, by name, Debian's kernels with them, which
# is slow here.
# scenario: timeout=400 kernels=bookworm hosts=powernv9

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
same "both networks fetch a file" "$(grep -c "guest: fetched ${SUM%% *}" "$OUT")" 2
saw "guest: 0 complaints about the platform" "the kernel has nothing to complain about"
saw "guest: 2 terminals" "there are two terminals"
same "what the other says is in its file" "$(cat terminal)" "the second terminal"
same "NVRAM is in its file" "$(grep -c "vmm was here" nvram)" 1

# Somebody types, and later presses the power button.
cp d a
cat > type <<-END
	$VMM run -k /kernels/bookworm/vmlinuz -i /kernels/bookworm/initrd -m 256M -c 4 \
		--irqchip xics -d a --device spapr-nvram,file=nvram \
		-p "console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests job=pseries-shell" < keys &
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
	sleep 400
) &
want 0 "4 CPUs with XICS in vmm power off at the press of a button" sh type
kill $! 2> /dev/null
saw "typed 42" "a shell on the console runs what is typed"
saw "guest: 4 cpus are there" "RTAS starts all CPUs"
same "each runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
saw "guest: disk read and written" "a disk works"
saw "guest: nvram vmm was here" "NVRAM keeps what the guest before wrote"
