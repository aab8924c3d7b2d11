# SPDX-License-Identifier: MIT
# UEFI starts Debian's GRUB from a disk; at Enter in its menu, Debian's installer comes
# to its first question.  Minutes, so by name only: tests/lab/run arm64-gicv3 installer
# scenario: timeout=1200 optional kernels= files=uefi,installer hosts=arm64-gicv3
LIMIT=1100
cat > type <<-END
	$VMM run --firmware /firmware/uefi.fd -m 768M --timeout 1000 \
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
saw "EFI stub: Booting Linux Kernel" "and started the kernel"
kill $! 2> /dev/null
