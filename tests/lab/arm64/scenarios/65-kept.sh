# SPDX-License-Identifier: MIT
# The debugger saves KVM's interrupt controller, resets and restores it; a guest finds
# every register as it was, or its LPIs mapped and pending.
# scenario: timeout=120 needs=guests,gdb kernels=
case $LAB in *gicv3) name=its ;; *) name=reset ;; esac
APPEND=kept payload "nothing is lost while nothing happens" $name -m 64M
sed -n 's/^# stops at \([0-9a-f]*\).*/symbol \1 stop_here/p' "$OUT" >&3
echo "gdb chip $LAB" >&3
APPEND=kept payload "nothing is lost when it is restored" $name -m 64M \
	--gdb tcp:0.0.0.0:1234 --wait-gdb
