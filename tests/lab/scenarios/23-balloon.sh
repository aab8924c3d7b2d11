# SPDX-License-Identifier: MIT
# Linux fills a balloon and tells of its memory.  By name only: it is one boot more.
# scenario: timeout=240 kernels=generic hosts=x86_64 optional
guest 0 "the generic kernel fills the balloon" generic balloon \
	--device virtio-balloon,size=8M,stats=1 --log info
saw "guest: the balloon is full" "the guest counts its pages"
saw "has in the balloon 8192K, .* free [0-9]+K, total [0-9]+K" "it tells of its memory"
