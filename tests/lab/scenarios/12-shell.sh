# SPDX-License-Identifier: MIT
# Somebody types into the console.
# scenario: timeout=150 hosts=x86_64,arm64-gicv3
cat > type <<-END
	$VMM run -k /kernels/cloud/vmlinuz -i /kernels/cloud/initrd -m 256M \
		-p "console=$CONSOLE loglevel=4 panic=-1 job=shell" < keys
END
mkfifo keys
(
	exec 4> keys
	while ! grep -q "^/ #" "$OUT" 2> /dev/null; do sleep 0.2; done
	echo 'echo typed $((6 * 7)); uname -r; exit' >&4
	sleep $LIMIT
) &
want 0 "a shell on the serial console ends with its guest" sh type
saw "typed 42" "the shell runs what is typed"
kill $! 2> /dev/null
