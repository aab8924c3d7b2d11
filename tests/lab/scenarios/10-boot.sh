# SPDX-License-Identifier: MIT
# Debian's kernels boot, run a program and power off.
# scenario: timeout=180 kernels=cloud,generic
for k in cloud generic; do
	guest 0 "the $k kernel boots and powers off" $k hello
	saw "guest: hello from 1 cpus" "the $k kernel runs a program"
	guest 0 "the $k kernel boots on 4 cpus" $k smp -c 4
	saw "guest: 4 cpus are there" "the $k kernel uses 4 cpus"
	same "each cpu of the $k kernel runs a program" \
		"$(grep -c 'guest: cpu runs' "$OUT")" 4
done
