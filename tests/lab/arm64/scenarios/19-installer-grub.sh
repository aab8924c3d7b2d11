# SPDX-License-Identifier: MIT
# UEFI starts Debian's GRUB; at Enter in its menu, Debian's installer comes to its first
# question from a disk, and as far as its init from a CD's image, whose GRUB is that of
# Debian's CDs and looks for the disk.  Minutes, so by name only: tests/lab/run arm64-gicv3 installer-grub
# scenario: timeout=1200 optional kernels= files=uefi,installer,installer-cd hosts=arm64-gicv3
LIMIT=900
for image in installer.img installer.iso; do
	case $image in
	*.img)	line='elect a language' what="asks for the language" ;;
	*.iso)	line='Starting system log daemon' what="runs its init" ;;
	esac
	cat > type <<-END
		$VMM run --firmware /firmware/uefi.fd -m 768M --timeout $LIMIT \
			-d /images/$image,readonly=on \
			--expect '$line' < keys
	END
	rm -f keys "$OUT"
	mkfifo keys
	(
		exec 4> keys
		while ! grep -q "GNU GRUB" "$OUT" 2> /dev/null; do sleep 0.5; done
		sleep 2
		printf '\r' >&4
		sleep $LIMIT
	) &
	want 0 "the installer $what, from $image" sh type
	saw "GNU GRUB" "GRUB showed its menu"
	saw "Starting system log daemon" "the installer's kernel came to its init"
	kill $! 2> /dev/null
done
