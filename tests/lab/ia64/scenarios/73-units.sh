# SPDX-License-Identifier: MIT
# The unit tests on this host's own kernel, whose pages may be others than 4K; tests/hosts
# has them under qemu-user.
# scenario: timeout=600 kernels= needs=units hosts=arm64-*,powernv* optional
export LD_LIBRARY_PATH=/units
units() {
	timeout -s KILL 1500 "/units/unit-$1" $2 > "$OUT" 2>&1
	got=$?
	grep -v "^ok " "$OUT"
	good=$(grep -c '^ok ' "$OUT")
	sed -n 's/^not ok [0-9]* - //p' "$OUT" |
		while read -r line; do not_ok "unit-$1: $line"; done
	if [ "$got" = 0 ] && [ "$good" -gt "$3" ]; then
		ok "unit-$1 $2: $good tests"
	else
		not_ok "unit-$1 $2 (status $got after $good tests)"
	fi
}
units cpu "" 200
units hw "" 400
units boot "" 100
units gdbstub "" 40
