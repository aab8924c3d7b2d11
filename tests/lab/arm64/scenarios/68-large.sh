# SPDX-License-Identifier: MIT
# More CPUs than have room below the UART, so that there is a second region of
# redistributors, above RAM; and more RAM than the host has.  The last CPU is one of
# those that are tried.  (More of both, by name: 69-larger.)
# scenario: timeout=120 needs=guests kernels= hosts=arm64-gicv3
APPEND=cpus=130 payload "130 cpus and 300 GiB" gic -c 130 -m 300G
