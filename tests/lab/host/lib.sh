# SPDX-License-Identifier: MIT
# What a scenario is written with.  It runs in the emulated host, in an empty folder
# of its own; results go to fd 3.  $OUT holds the last command's output.
# /lab.env says what this lab is: LAB, TARGET, CONSOLE (the guest's),
# DEFAULT_IRQCHIP (what vmm chooses here), IRQCHIPS (others).
. /lab.env
OUT=/tmp/$NAME/out
VMM=/bin/vmm

ok() { echo "ok - $*" >&3; echo "lab: ok - $*"; }
not_ok() { echo "not ok - $*" >&3; echo "lab: not ok - $*"; }
skip() { echo "ok - $1 # SKIP $2" >&3; echo "lab: skipped - $1: $2"; }

# How long one command may take: a hang is told from a busy machine by this alone.
: "${LIMIT:=480}"

# want STATUS WHAT COMMAND...: runs it within $LIMIT seconds and checks its status.
want() {
	st=$1 what=$2; shift 2
	echo "lab: + $*"
	timeout -s KILL "$LIMIT" "$@" < /dev/null > "$OUT" 2>&1
	got=$?
	cat "$OUT"
	[ $got = 137 ] && got="none within $LIMIT s"
	if [ "$got" = "$st" ]; then
		ok "$what"
	else
		not_ok "$what (status $got, wanted $st)"
	fi
}

# saw REGEX WHAT: the last command's output has a line that matches.
saw() {
	if grep -Eq "$1" "$OUT"; then
		ok "$2"
	else
		not_ok "$2 (no line matches '$1')"
	fi
}

# same WHAT A B
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1 ('$2' is not '$3')"; fi
}

# guest STATUS WHAT KERNEL JOB [VMM OPTION...]: boots a stock kernel under vmm, whose
# status is that of the job.  $APPEND is added to the kernel's command line.  The tests
# of the kernel's own ciphers are left out: they are up to half of a boot here.
guest() {
	st=$1 what=$2 kernel=$3 job=$4; shift 4
	want "$st" "$what" $VMM run -k "/kernels/$kernel/vmlinuz" \
		-i "/kernels/$kernel/initrd" -m 256M \
		-p "console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests job=$job $APPEND" \
		--device isa-debug-exit "$@"
}

# typed STATUS WHAT KERNEL JOB [VMM OPTION...]: the same, and once the job "shell"
# waits somebody types into it: a sum, and the end with status 7.
typed() {
	mkfifo keys
	printf '%s\n' '#!/bin/sh' 'exec /bin/vmm "$@" < keys' > typed
	chmod +x typed
	(
		exec 4> keys
		while ! grep -q "^/ #" "$OUT" 2> /dev/null; do sleep 0.5; done
		echo 'echo typed $((6 * 7)); exit 7' >&4
		sleep $LIMIT
	) &
	VMM=./typed guest "$@"
	kill $! 2> /dev/null
	rm -f keys
	saw "typed 42" "the shell runs what is typed"
}

# pressed STATUS WHAT KERNEL JOB [VMM OPTION...]: the same as guest, and once the job
# "button" waits for it somebody presses the power button.
pressed() {
	cat > pressed <<-END
		#!/bin/sh
		/bin/vmm "\$@" &
		vmm=\$!
		while ! grep -q "guest: waits for the button" "$OUT"; do
			sleep 0.5
		done
		kill -PWR \$vmm
		wait \$vmm
	END
	chmod +x pressed
	VMM=./pressed guest "$@"
	saw "guest: key 0074 pressed" "the guest saw the power key"
}

# from_grub IMAGE LINE WHAT: UEFI starts GRUB from an image of /images, somebody types
# Enter at its menu, and what it boots says a line, which ends the machine.
from_grub() {
	cat > type <<-END
		$VMM run --firmware /firmware/uefi.fd -m 768M --timeout $LIMIT \
			-d /images/$1,readonly=on --expect '$2' < keys
	END
	mkfifo keys
	(
		exec 4> keys
		while ! grep -q "GNU GRUB" "$OUT" 2> /dev/null; do sleep 0.5; done
		sleep 2
		printf '\r' >&4
		sleep $LIMIT
	) &
	want 0 "$3, from $1" sh type
	saw "GNU GRUB" "GRUB showed its menu"
	kill $! 2> /dev/null
}

# payload WHAT GUEST [VMM OPTION...]: runs a guest of tests/guest, whose command line is
# $APPEND.  Its points count as one; those that fail are told, the others have names
# only if NAMES is set: each character that a guest prints is an exit.
payload() {
	what=$1 name=$2; shift 2
	words=$APPEND
	[ "$NAMES" ] || words="$words brief"
	echo "lab: + $name $* ($words)"
	timeout -s KILL "$LIMIT" $VMM run -k "/guests/$name" -p "$words" \
		"$@" < /dev/null > "$OUT" 2> "$OUT.errors"
	got=$?
	cat "$OUT" "$OUT.errors"
	good=$(grep -c '^ok ' "$OUT")
	plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$OUT")
	sed -n 's/^not ok [0-9]* - //p' "$OUT" |
		while read -r line; do not_ok "$what: $line"; done
	if [ "$got/$good" = "0/$plan" ]; then
		ok "$what: $good points"
	else
		not_ok "$what (status $got, $good points of ${plan:-no plan})"
	fi
}

# serve: /tmp/NAME/file over http on port 8080, of 300000 bytes.
serve() {
	head -c 300000 /dev/urandom > file
	SUM=$(md5sum < file)
	httpd -p 8080 -h "/tmp/$NAME"
}

# tap: tap0, at whose end here is 192.168.77.1, and on port 8081 somebody ($!) who keeps
# what comes as the file "back".
tap() {
	tunctl -t tap0 > /dev/null
	ifconfig tap0 192.168.77.1 netmask 255.255.255.0 up
	timeout $LIMIT nc -l -p 8081 -e sh -c 'cat > back; echo got it' &
}

# real_fs: changes into a file system that, unlike the one below, has O_DIRECT.
real_fs() {
	truncate -s 96M fs
	mke2fs -F fs > /dev/null 2>&1
	mkdir -p fs.d
	mount -t ext4 -o loop fs fs.d && cd fs.d
}

# disk_file: a disk image of 16 MiB, d, with a pattern at its start, and a file with
# the pattern of the guest's job.
disk_file() {
	yes "written by the host" | head -c 1048576 > d
	truncate -s 16M d
	first=$(head -c 1048576 d | md5sum)
	yes "written by the guest" | head -c 1048576 > pattern
}

# disk_checks WHAT: after the job "disk" on d.
disk_checks() {
	saw "guest: disk of 32768 sectors" "$1 has its size"
	saw "guest: sum ${first%% *}" "$1 is read"
	same "$1 is written" \
		"$(dd if=d bs=1M skip=1 count=1 2> /dev/null | cmp - pattern && echo same)" same
}

# killable: makes ./killed, which is vmm but for its status when the debugger kills
# it: 99, for 137 is also that of a command whose time is over.
killable() {
	killall -q -9 vmm	# which one before this may have left
	printf '%s\n' '#!/bin/sh' '/bin/vmm "$@"' '[ $? = 137 ] && exit 99' > killed
	chmod +x killed
}

# debugged SCRIPT WHAT KERNEL [VMM OPTION...]: a guest with the job of that name, or
# $JOB, from the first instruction on under the gdb that gdb.py starts with
# gdb/SCRIPT.py, and that kills it.  KASLR=" ": it may be moved.
debugged() {
	script=$1 what=$2 kernel=$3; shift 3
	killable
	echo "gdb $script $LAB" >&3
	VMM=./killed APPEND="${KASLR:-nokaslr} $APPEND" guest 99 "$what" "$kernel" \
		"${JOB:-debugged}" --gdb tcp:0.0.0.0:1234 --wait-gdb "$@"
}

# stay: in the background, keeps the two vCPUs of the VMM that starts next on a CPU each, as
# soon as they are there.
stay() {
	for _ in $(seq 300); do
		for t in /proc/[0-9]*/task/[0-9]*; do
			case $(cat "$t/comm" 2> /dev/null) in
			"vcpu/0"|"CPU 0/KVM") taskset -p 1 "${t##*/}" ;;
			"vcpu/1"|"CPU 1/KVM") taskset -p 2 "${t##*/}"; return ;;
			esac
		done
		sleep 0.1
	done > /dev/null
}

# undisturbed: no watchdog of the guest's has barked, whose machine was stopped for
# longer than any has patience.
undisturbed() {
	same "no watchdog of the guest's has barked" \
		"$(grep -E "soft lockup|detected stalls|self-detected stall" "$OUT")" ""
}

# symbols KERNEL NAME... [VMM OPTION...]: tells the debugger where a kernel has them.
symbols() {
	kernel=$1 names=
	while shift; do
		case $1 in -*|'') break ;; *) names=$names,$1 ;; esac
	done
	APPEND="nokaslr symbols=${names#,}" guest 0 "the kernel tells its symbols" \
		"$kernel" symbols "$@"
	sed -n -e 's/^symbol \([0-9a-f]*\) \([A-Za-z0-9_]*\).*/symbol \1 \2/p' \
		-e 's/^version Linux/&/p' "$OUT" | tr -d '\r' >&3
}

# controls KERNEL...: QEMU as the VMM, with each of its machines.
controls() {
	for c in /control/*; do
		for k; do
			m=${c##*/}
			cat > go <<-END
				$(cat "$c") -m 256M -nodefaults \\
				-no-user-config -no-reboot -display none \\
				-serial stdio -kernel /kernels/$k/vmlinuz \\
				-initrd /kernels/$k/initrd \\
				-append "console=$CONSOLE loglevel=4 panic=-1 job=hello"
			END
			want 0 "$k boots under QEMU's $m" sh go
			saw "guest: hello" "$k runs its job under QEMU's $m"
		done
	done
}

now() { read -r up _ < /proc/uptime; echo "$up"; }

# timed NAME COMMAND...: boots a guest with the job hello; tells the seconds to its
# init and to its exit, as "time NAME INIT EXIT".
timed() {
	name=$1; shift
	sync
	start=$(now)
	timeout -s KILL "$LIMIT" "$@" < /dev/null 2>&1 | while read -r line; do
		case $line in *"guest: init"*) now > init ;; esac
		echo "$line"
	done > "$OUT"
	end=$(now)
	if grep -q "guest: hello" "$OUT" && [ -e init ]; then
		echo "$start $(cat init) $end" | awk -v n="$name" \
			'{ printf "time %s %.2f %.2f\n", n, $2 - $1, $3 - $1 }' >&3
	else
		not_ok "$name did not boot"
		cat "$OUT"
	fi
	rm -f init
}
