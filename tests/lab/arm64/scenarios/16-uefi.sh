# SPDX-License-Identifier: MIT
# UEFI firmware in flash: to its shell.
# scenario: timeout=240 kernels= files=uefi hosts=arm64-gicv2
truncate -s 64M vars
want 0 "UEFI comes to its shell" $VMM run --firmware /firmware/uefi.fd \
	--pflash vars -m 512M --timeout 230 --expect 'Shell> '
saw "UEFI Interactive Shell" "it is the shell of UEFI"
