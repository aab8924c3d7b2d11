# SPDX-License-Identifier: MIT
# The ways into a kernel, beside the one that is chosen by itself.
# scenario: timeout=300 kernels=cloud
guest 0 "the cloud kernel unpacks itself" cloud hello --kernel-entry compressed
saw "guest: hello" "a kernel that unpacked itself runs a program"
guest 0 "the cloud kernel boots where it was linked" cloud hello --kaslr off
