# SPDX-License-Identifier: MIT
# UEFI firmware boots the kernel of -k, which finds the ACPI tables through it.  It reads
# the SRAT, but makes one node: Debian 12's edk2 (2022.11) tells of the flash as memory
# (write-combining), and Linux gives up nodes where memory is in none.
# scenario: timeout=300 files=uefi hosts=arm64-gicv3
want 0 "UEFI boots a kernel, initrd and command line" $VMM run \
	--firmware /firmware/uefi.fd -m 512M -c 2 \
	--numa 0,cpus=0 --numa 1,cpus=1,memory=64M,distances=40 \
	-k /kernels/cloud/vmlinuz -i /kernels/cloud/initrd \
	-p "console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests job=firmware"
saw "EFI stub: Booting Linux" "the kernel runs as an EFI program"
saw "guest: tables APIC DBG2 DSDT FACP GTDT (IORT )?MCFG PPTT SLIT SPCR SRAT" \
	"it finds every table of vmm's"
saw "guest: 0 complaints about firmware" "it accepts them"
saw "guest: described by ACPI" "it uses them"
saw "guest: 2 cpus" "both cpus run"
