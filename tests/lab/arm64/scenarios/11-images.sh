# SPDX-License-Identifier: MIT
# The forms in which kernels of arm64 come, beside the plain Image (tests/boot has more).
# scenario: timeout=150 kernels=cloud-gz,cloud-zboot hosts=arm64-novhe
for k in cloud-gz cloud-zboot; do
	guest 0 "a kernel as $k boots" $k hello
	saw "guest: hello from 1 cpus" "a kernel as $k runs a program"
done
