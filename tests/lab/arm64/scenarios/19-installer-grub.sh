# SPDX-License-Identifier: MIT
# UEFI starts Debian's GRUB from a disk; at Enter in its menu, Debian's installer comes
# to its first question.  Minutes, so by name only: tests/lab/run arm64-gicv3 installer
# scenario: timeout=600 optional kernels= files=uefi,installer hosts=arm64-gicv3
LIMIT=560
cat > type <<-END
	$VMM run --firmware /firmware/uefi.fd -m 768M --timeout 540 \
		-d /images/installer.img,readonly=on \
		--expect 'elect a language' < keys
END
mkfifo keys
(
	exec 4> keys
	while ! grep -q "GNU GRUB" "$OUT" 2> /dev/null; do sleep 0.5; done
	sleep 2
	printf '\r' >&4
	sleep $LIMIT
) &
want 0 "the installer asks for the language" sh type
saw "GNU GRUB" "GRUB showed its menu"
saw "Starting system log daemon" "the installer's kernel runs its init"
kill $! 2> /dev/null
