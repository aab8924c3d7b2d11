# SPDX-License-Identifier: MIT
# Debian 12's kernel with four CPUs and XICS in vmm: somebody types into a shell, and later
# presses the power button.  It boots with two, for four at once wait for each other on a host
# of one (20-kernels has them), and starts the others later.
# scenario: timeout=400 kernels=bookworm hosts=powernv9
truncate -s 16M d
cat > type <<-END
	$VMM run -k /kernels/bookworm/vmlinuz -i /kernels/bookworm/initrd -m 256M -c 4 \
		--irqchip xics -d d --device spapr-nvram \
		-p "console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests maxcpus=2 job=pseries-shell" \
		< keys &
	vmm=\$!
	while ! grep -q "guest: waits for the button" "$OUT"; do
		kill -0 \$vmm || break
		sleep 2
	done
	kill -PWR \$vmm
	wait \$vmm
END
mkfifo keys
(
	exec 4> keys
	while ! grep -q "^/ #" "$OUT" 2> /dev/null; do sleep 2; done
	echo 'echo typed $((6 * 7)); exit' >&4
	sleep 400
) &
want 0 "4 CPUs with XICS in vmm power off at the press of a button" sh type
kill $! 2> /dev/null
saw "typed 42" "a shell on the console runs what is typed"
saw "guest: 4 cpus are there" "RTAS starts all CPUs"
same "each runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
saw "guest: disk read and written" "a disk works"
