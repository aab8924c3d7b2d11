# SPDX-License-Identifier: MIT
# How a kernel ends, and the status that says so; guests of ours show the other ways
# (arm64: 63-leave).
# scenario: timeout=300 hosts=x86_64
guest 124 "a guest out of time is 124" cloud hang --timeout 15
guest 123 "a line that must not come is 123" cloud hang --fail-on "for ever"
guest 122 "a reset that means exit is 122" cloud reboot --on-reboot exit
