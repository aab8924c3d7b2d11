# SPDX-License-Identifier: MIT
# SIGPWR presses the power button, and the guest's driver tells of it.
# scenario: timeout=90 kernels=generic
cat > press <<-END
	$VMM run -k /kernels/generic/vmlinuz -i /kernels/generic/initrd -m 256M \
		-p "console=$CONSOLE loglevel=4 panic=-1 job=button" &
	vmm=\$!
	for _ in \$(seq 300); do
		grep -q "guest: waits for the button" "$OUT" && break
		sleep 0.2
	done
	sleep 1
	kill -PWR \$vmm
	wait \$vmm
END
want 0 "a guest powers off at the press of a button" sh press
saw "guest: key 0074 pressed" "it saw the power key"
