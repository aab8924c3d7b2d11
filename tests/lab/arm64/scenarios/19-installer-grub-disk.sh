# SPDX-License-Identifier: MIT
# UEFI starts Debian's GRUB from a disk; at Enter in its menu Debian's installer comes to
# its first question.  Minutes, so by name only: tests/lab/run arm64-gicv3 installer-grub
# scenario: timeout=600 optional kernels= files=uefi,installer hosts=arm64-gicv3
LIMIT=900
from_grub installer.img 'elect a language' "the installer asks for the language"
saw "Starting system log daemon" "its kernel came to its init"
