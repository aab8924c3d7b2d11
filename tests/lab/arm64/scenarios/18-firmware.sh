# SPDX-License-Identifier: MIT
# Firmware in flash: U-Boot to its prompt; UEFI to its shell, where a script (startup.nsh)
# sets a variable, which is there the next time, and powers off.
# scenario: timeout=420 kernels= files=uefi,uboot,uefi-script hosts=arm64-gicv2
want 0 "U-Boot comes to its prompt" $VMM run -m 256M --timeout 460 \
	--firmware /firmware/u-boot.bin --expect '^=> '
truncate -s 768K vars
script() {
	want 0 "UEFI $1" $VMM run -m 512M --firmware /firmware/uefi.fd \
		--pflash vars -d /images/script.img,readonly=on --timeout 460
	saw "UEFI Interactive Shell" "it comes to its shell"
	saw "vmm: the script runs" "its shell runs the script"
}
script "starts with an empty file, and powers off"
saw "Unable to get" "the variable is not there"
same "the file is a store of variables now" \
	"$(dd if=vars bs=1 skip=40 count=4 2> /dev/null)" _FVH
script "starts with the file again"
saw "1D 4B FE CA" "the variable was kept"
