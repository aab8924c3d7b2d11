# SPDX-License-Identifier: MIT
# Linux reboots, and ends with a command's status.  By name only.
# scenario: timeout=300 kernels=generic hosts=powernv9* optional
LIMIT=900
guest 7 "a command's status is the machine's" generic status
printf '%-511s\n' 0 > d
truncate -s 1M d
guest 0 "a guest reboots twice" generic reboot-twice -d d
same "it booted three times" "$(head -c 1 d)" 3
