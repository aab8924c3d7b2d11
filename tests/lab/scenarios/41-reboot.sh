# SPDX-License-Identifier: MIT
# Resets bring the machine back to its start, with its disk.
# scenario: timeout=150 hosts=x86_64,arm64-gicv2
printf '%-511s\n' 0 > d
truncate -s 1M d
guest 0 "a guest reboots twice" cloud reboot-twice -d d -c 2
same "the guest booted three times" "$(head -c 1 d)" 3
saw "guest: boot 2" "the disk keeps what earlier boots wrote"
