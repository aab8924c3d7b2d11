# SPDX-License-Identifier: MIT
# The tables, the PCI host and the clock, as Debian's kernel sees them.
# scenario: timeout=180
for chip in kernel split; do
	guest 0 "the kernel reads the tables ($chip)" cloud firmware \
		--irqchip $chip --rtc 2030-01-02T00:00:00 --device virtio-rng \
		-c 2 --numa 0 --numa 1,memory=64M
	saw "guest: tables APIC DBG2 DSDT FACP MCFG SLIT SPCR SRAT" \
		"every table is there ($chip)"
	saw "guest: 0 complaints about firmware" "the kernel accepts them ($chip)"
	saw "guest: 2 PCI functions" "it finds the PCI functions ($chip)"
	saw "guest: the clock is 21916 days old" "the clock has its date ($chip)"
	saw "guest: a power button" "there is a power button ($chip)"
	saw "guest: node0 has cpus 0, 1.. MiB, distances 10 20" "a NUMA node ($chip)"
	saw "guest: node1 has cpus 1, [3456]. MiB, distances 20 10" "another ($chip)"
done
