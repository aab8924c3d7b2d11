# SPDX-License-Identifier: MIT
# The same from a CD's image, whose GRUB is that of Debian's CDs and looks for the disk:
# the installer comes as far as its init.  By name only, as 19-installer-grub-disk.  In one
# host after the other the emulated CPU hung, twice of twice (November 2026, QEMU 7.2, a
# busy machine; "soft lockup" of the second vCPU's thread); a host anew ends well.
# scenario: timeout=600 optional kernels= files=uefi,installer-cd hosts=arm64-gicv3
LIMIT=900
from_grub installer.iso 'Starting system log daemon' "the installer runs its init"
