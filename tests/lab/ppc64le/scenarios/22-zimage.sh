# SPDX-License-Identifier: MIT
# A little-endian zImage, which unpacks itself and hands the device tree on.  By name
# only: it is made here.
# scenario: timeout=200 kernels=pr-zimage hosts=powernv* optional
guest 0 "a zImage" pr-zimage hello -c 2
saw "guest: hello from 2 cpus" "its kernel runs a program"
