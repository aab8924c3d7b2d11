# SPDX-License-Identifier: MIT
# Debian's kernels boot, run a program and power off: on one CPU and on four.
# scenario: timeout=180 kernels=cloud,generic
guest 0 "the generic kernel boots and powers off" generic hello
saw "guest: hello from 1 cpus" "the generic kernel runs a program"
guest 0 "the cloud kernel boots on 4 cpus" cloud smp -c 4
saw "guest: 4 cpus are there" "the cloud kernel uses 4 cpus"
same "each cpu of the cloud kernel runs a program" \
	"$(grep -c 'guest: cpu runs' "$OUT")" 4
