# SPDX-License-Identifier: MIT
# Every way in which a guest of ours ends or restarts an arm64 machine.
# scenario: timeout=240 needs=guests hosts=arm64-gicv3 kernels=
# ends STATUS HOW WHAT [VMM OPTION...]
ends() {
	st=$1 how=$2 what=$3; shift 3
	want "$st" "$what" $VMM run -m 64M -k /guests/platform -p "end=$how" "$@"
}

ends 42 exit=42 "a status of its own" --device isa-debug-exit
for how in reset reset2; do
	ends 122 $how "PSCI's $how that means exit is 122" --on-reboot exit
done
ends 123 wfi "a line that must not come is 123" --fail-on "ending by wfi"
ends 121 nisv "an access that cannot be emulated is 121"
saw "^vmm: vcpu0 crashed" "says so"
saw "^pc " "and shows registers"
for how in hang wfi; do
	ends 124 $how "a guest that does nothing ($how) is 124" --timeout 3 -c 2
	saw "^vmm: vcpu0 was at" "shows where the CPU was"
	saw "^vmm: vcpu1 was off" "and that the other was off"
done
for t in pci mmio; do
	truncate -s 0 d; truncate -s 1M d
	APPEND=twice=reset payload "a reset, with its disk over $t" platform \
		-m 64M -d d --transport $t -c 2
	same "one reset" "$(grep -c '# resetting' "$OUT")" 1
done

$VMM run -m 64M -k /guests/platform -p end=button --timeout 60 > out 2>&1 &
pid=$!
while ! grep -q "press the button" out && kill -0 $pid; do
	sleep 0.1
done
kill -PWR $pid
wait $pid
same "a power button that was pressed" "$? $(grep -c 'it was pressed' out)" "0 1"
