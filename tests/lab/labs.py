# SPDX-License-Identifier: MIT
"""The tables of the labs: which hosts are emulated, which kernels run as guests.

A lab is one emulated host; several may be of one architecture (its target).  What a
lab needs beyond these entries belongs into a new key, not into the code."""

# x86_64: QEMU 7.2 now and then loses an interrupt of a processor that leaves an L2,
# and an idle L1 then sleeps for ever; a tick that comes by itself heals that.  On a
# busy machine L1 takes its timer for broken: no_timer_check.
X86_64 = {
    'target': 'x86_64',
    'qemu': ['qemu-system-x86_64', '-M', 'q35', '-cpu', 'EPYC'],
    'package': 'qemu-system-x86',
    'suite': 'bookworm', 'arch': 'amd64', 'busybox': 'busybox-static',
    'host_kernel': 'linux-image-amd64',
    'host_modules': ['kvm_amd', 'tun', 'loop', 'crc32c_generic', 'ext4',
                     'virtio_pci', 'virtio_net'],
    'console': 'ttyS0',
    'results': '/dev/ttyS1', 'results_device': ['-serial', 'chardev:results'],
    'append': 'nohz=off highres=off no_timer_check',
    'memory': '3G', 'cpus': 1,
    # for scenarios: the interrupt chip that vmm chooses, and the others
    'irqchip': 'kernel', 'irqchips': 'split',
    # QEMU as the second VMM: each of its machines; the firmware it loads
    'control': {m: f'qemu-system-x86_64 -M {m} -accel kvm -cpu host'
                for m in ('microvm', 'q35')},
    'control_files': ['bios-microvm.bin', 'bios-256k.bin', 'linuxboot_dma.bin',
                      'kvmvapic.bin', 'pvh.bin'],
}


# A host of one CPU boots a guest of one in half the time: nothing is migrated, and
# QEMU's threads need not wait for each other.  A lab with two keeps races possible.
def arm64(gic, cpu, irqchip, irqchips, cpus=1):
    """An arm64 host: with pauth-impdef the emulation of pointer authentication
    costs a third of what the architected algorithm does."""
    return {
        'target': 'arm64',
        'qemu': ['qemu-system-aarch64', '-M', 'virt,virtualization=on,'
                 f'gic-version={gic}', '-cpu', cpu],
        'package': 'qemu-system-arm',
        'suite': 'bookworm', 'arch': 'arm64', 'busybox': 'busybox-static',
        'host_kernel': 'linux-image-arm64',
        'host_modules': ['tun', 'loop', 'crc32c_generic', 'ext4',
                         'virtio_pci', 'virtio_net'],
        'console': 'ttyAMA0',
        'results': '/dev/ttyS0',
        'results_device': ['-device', 'pci-serial,chardev=results'],
        'append': '',
        'memory': '3G', 'cpus': cpus,
        'irqchip': irqchip, 'irqchips': irqchips,
        'control': {'virt': f'qemu-system-aarch64 -M virt,gic-version={gic} '
                    '-accel kvm -cpu host'},
        'control_files': ['efi-virtio.rom'],
    }


# POWER: Debian 12's QEMU emulates too little of its hypervisor mode.
def ppc64le(machine, cpu, results, irqchips='xics'):
    return {
        'target': 'ppc64le',
        'qemu': ['qemu-system-ppc64', '-M', machine, '-cpu', cpu],
        'package': 'qemu-system-ppc', 'qemu_suite': 'trixie',
        'suite': 'trixie', 'arch': 'ppc64el', 'busybox': 'busybox-static',
        'host_kernel': 'linux-image-powerpc64le',
        'host_modules': ['kvm_hv', 'tun', 'loop', 'ext4', 'virtio_pci', 'virtio_net'],
        'console': 'hvc0',
        'results': '/dev/hvc1', 'results_device': results,
        'append': '',
        'memory': '3G', 'cpus': 1,
        'irqchip': 'kernel-xics', 'irqchips': irqchips,
        'control': {'pseries': 'qemu-system-ppc64 -M pseries,accel=kvm,x-vof=on,'
                    'ic-mode=xics,cap-cfpc=broken,cap-sbbc=broken,'
                    'cap-ibs=broken,cap-ccf-assist=off,'
                    'cap-hpt-max-page-size=4k -cpu host'},
        'control_files': ['vof.bin', 'slof.bin'],
        # every target's use the cloud kernel, which this one has not
        'scenarios': ['ppc64le'],
    }


# Bare metal: the BMC is what the host is switched off by.
def powernv(machine, cpu, phb):
    host = ppc64le(machine, cpu, [
        '-device', 'ipmi-bmc-sim,id=bmc0',
        '-device', 'isa-ipmi-bt,bmc=bmc0,irq=10',
        '-device', 'pnv-phb,chip-id=0,index=0',
        '-device', f'pnv-phb-root-port,bus={phb}-root.0',
        '-device', 'virtio-serial-pci,bus=pcie.0',
        '-device', 'virtconsole,chardev=results'])
    # one device on a bus; the debugger's comes last, and takes what is free
    return {**host, 'net_bus': [
        '-device', 'pnv-phb,chip-id=0,index=1',
        '-device', f'pnv-phb-root-port,bus={phb}-root.1']}


# icount: time goes by instructions.  Each tick of a host is an exit of its guest, and
# dear here; an emulator is far slower than the clock that ticks, and one whose machine
# is busy slower still.  A guest of one CPU boots for a third of the cost, and no machine
# is too busy for a limit; four with XICS spin for as long as a tick takes: not for those.
ICOUNT = {'icount': True}

# The scenarios of a host whose page size matters to the ia64 engine, which goes by 4K.
IA64 = ['70-ia64', '71-ia64-linux', '72-ia64-ends', '73-units']

# A hypervisor in a partition: its guests are radix.
NESTED = {**ppc64le('pseries,cap-nested-hv=on,ic-mode=xics,x-vof=on', 'POWER9',
                    ['-device', 'spapr-vty,chardev=results']), **ICOUNT}


LABS = {
    'x86_64': X86_64,
    # Debian 12's QEMU gives debug registers to no guest of a guest; Debian 13's does.
    'x86_64-debug': {**X86_64, 'qemu_suite': 'trixie',
                     'only': ['60-gdb', '61-debugged', '68-source']},
    'arm64-gicv3': arm64(3, 'max,pauth-impdef=on', 'gicv3-its',
                         'gicv3 software'),
    'arm64-gicv2': arm64(2, 'max,pauth-impdef=on', 'gicv2m', 'gicv2'),
    'arm64-novhe': arm64(3, 'cortex-a57', 'gicv3-its', 'gicv3', 2),
    # by hand: of what is here a host's pages matter to
    'arm64-16k': {**arm64(3, 'max,pauth-impdef=on', 'gicv3-its', 'gicv3 software'),
                  'suite': 'trixie', 'host_kernel': 'linux-image-arm64-16k',
                  'only': IA64},
    # A KVM without a VGIC: it makes none where the host's device tree does not say by
    # which interrupt a guest's GIC asks for attention.  CPUs without a 32-bit EL1.
    'arm64-novgic': {**arm64(2, 'neoverse-n1', 'software', ''),
                     'tree_without': ('/intc@8000000', 'interrupts'),
                     'only': ['51-irqchips', '60-gic', '61-irq']},
    'powernv9': powernv('powernv9', 'POWER9', 'pnv-phb4'),
    # KVM's XIVE takes memory in pages of 64K only; Debian's other kernel has 4K
    'powernv9-64k': {**powernv('powernv9', 'POWER9', 'pnv-phb4'), **ICOUNT,
                     'host_kernel': 'linux-image-powerpc64le-64k',
                     'only': ['10-pseries', '11-hash', '30-xive', '32-slof-disk', '33-cas',
                              '34-xive-four', '60-gdb', '61-debugged', *IA64]},
    'powernv8': {**powernv('powernv8', 'POWER8', 'pnv-phb3'), **ICOUNT},
    # by hand: its kernel takes huge pages of 16 MiB, the other's does not (11-hash)
    'powernv8-64k': {**powernv('powernv8', 'POWER8', 'pnv-phb3'), **ICOUNT,
                     'host_kernel': 'linux-image-powerpc64le-64k',
                     'only': ['11-hash']},
    # by hand: guests of one CPU
    'powernv9-one': {**powernv('powernv9', 'POWER9', 'pnv-phb4'), **ICOUNT},
    'nested': NESTED,
    # KVM-PR, in a partition of a POWER8: by hand
    'pr': {**ppc64le('pseries,x-vof=on', 'POWER8', ['-device', 'spapr-vty,chardev=results']),
           **ICOUNT, 'host_kernel': None, 'host_built': 'pr',
           'irqchip': 'kernel-xics', 'only': ['60-payload', '13-pr']},
}


def debian(suite, arch, package):
    """A kernel of Debian's; arch is in Debian's spelling."""
    return {'suite': suite, 'arch': arch, 'package': package}


def built(suite, arch, package, config, image):
    """A kernel made from Debian's source with the options of TARGET/config, one file
    or several; image: where its build leaves it.  limit, if there is one: seconds."""
    return {**debian(suite, arch, package), 'config': config, 'image': image}


def for_debuggers(kernel):
    """One with types and lines, and what gdb makes of them: the parts of the tree
    that it looks at are kept beside the kernel, and a module, sample (guest/module).
    On a busy machine it takes longer than another; who needs it asks by name."""
    return {**kernel, 'limit': 3600, 'targets': ['scripts_gdb', 'modules_prepare'],
            'keep': ['vmlinux-gdb.py', 'scripts/gdb', 'init/main.c', 'kernel/panic.c',
                     'drivers/tty/sysrq.c', 'sample']}


def debug(arch, image):
    """A small one for debuggers, by debug.config of the target."""
    return for_debuggers(built('bookworm', arch, 'linux-source-6.1',
                               'debug.config ../debug.config', image))


# Where the build of a kernel for POWER leaves that.
ZIMAGE = 'arch/powerpc/boot/zImage'


def with_zimage(kernel):
    """One whose build makes a zImage as well."""
    return {**kernel, 'targets': ['zImage'], 'keep': [ZIMAGE]}


def wrapped(of, wrap):
    """Another kernel of this table in another form, see kernels.WRAPPERS."""
    return {'of': of, 'wrap': wrap}


# What a scenario's header may name with kernels=.
KERNELS = {
    'x86_64': {
        'cloud': debian('bookworm', 'amd64', 'linux-image-cloud-amd64'),
        'generic': debian('bookworm', 'amd64', 'linux-image-amd64'),
        'debug': debug('amd64', 'arch/x86/boot/bzImage'),
    },
    'ppc64le': {
        'generic': debian('trixie', 'ppc64el', 'linux-image-powerpc64le'),
        '64k': debian('trixie', 'ppc64el', 'linux-image-powerpc64le-64k'),
        # Debian 12's, of 64K pages; the other's are 4K
        'bookworm': debian('bookworm', 'ppc64el', 'linux-image-powerpc64le'),
        'debug': debug('ppc64el', 'vmlinux'),
        # big-endian, which Debian has no more: its one program is its init
        'be': {**with_zimage(built('bookworm', 'ppc64el', 'linux-source-6.1',
                                   'be.config', 'vmlinux')),
               'program': 'be-init.c'},
        'be-zimage': wrapped('be', 'zimage'),
        # with KVM-PR, which Debian's have not
        'pr': with_zimage(built('bookworm', 'ppc64el', 'linux-source-6.1',
                                'pr.config', 'vmlinux')),
        'pr-zimage': wrapped('pr', 'zimage'),
    },
    'arm64': {
        'cloud': debian('bookworm', 'arm64', 'linux-image-cloud-arm64'),
        'generic': debian('bookworm', 'arm64', 'linux-image-arm64'),
        'cloud-zboot': wrapped('cloud', 'zboot'),
        '16k': debian('trixie', 'arm64', 'linux-image-arm64-16k'),
        '16k-zst': wrapped('16k', 'zstd'),
        'arm32': debian('trixie', 'armhf', 'linux-image-armmp-lpae'),
        'arm32-uimage': wrapped('arm32', 'uimage32'),
        '64k': built('bookworm', 'arm64', 'linux-source-6.1', '64k.config',
                     'arch/arm64/boot/Image'),
        '64k-gz': wrapped('64k', 'gzip'),
        '64k-uimage': wrapped('64k', 'uimage'),
        '64k-elf': wrapped('64k', 'elf'),
        'debug': debug('arm64', 'arch/arm64/boot/Image'),
    },
    # of ia64 Debian has neither kernels nor a compiler: tools.py
    'ia64': {
        'up': {**built('bookworm', 'amd64', 'linux-source-6.1', 'kernel.config',
                       'vmlinux.gz'), 'limit': 3600},	# nobody needs it unasked
        'smp': built('bookworm', 'amd64', 'linux-source-6.1',
                     'kernel.config smp.config', 'vmlinux.gz'),
        'debug': for_debuggers(built(
            'bookworm', 'amd64', 'linux-source-6.1',
            'kernel.config smp.config ../debug.config', 'vmlinux.gz')),
        # one processor, and pages of other sizes than 16K
        **{pages: {**built('bookworm', 'amd64', 'linux-source-6.1',
                           f'kernel.config {pages}.config', 'vmlinux.gz'),
                   'limit': 3600} for pages in ('4k', '8k', '64k')},
    },
}


def installer_file(name):
    """A file of Debian's installer for arm64."""
    return {**debian('bookworm', 'arm64', 'debian-installer-12-netboot-arm64'),
            'path': 'usr/lib/debian-installer/images/12/arm64/text/'
                    'debian-installer/arm64' + name}


INSTALLER_TREE = {'debian-installer/arm64/grub': 'grub',
                  'boot/grub/grub.cfg': 'grub/grub.cfg',
                  'debian-installer/arm64/linux': 'linux',
                  'debian-installer/arm64/initrd.gz': 'initrd.gz'}


# What a scenario's header may name with files=, at a place in L1: a file of a
# package, or a FAT file system with a file of the target's folder, or one with
# files and folders of a package (disk: what is there, from path), or a CD of such
# (cd) that UEFI boots by a program of another package, or a disk with a program in a
# partition (prep).
FILES = {
    'ppc64le': {
        'prep': {'prep': 'of-program.S', 'place': 'images/prep.img'},
        'slof': {**debian('trixie', 'ppc64el', 'qemu-system-data'),
                 'path': 'usr/share/qemu/slof.bin',
                 'place': 'firmware/slof.bin'},
    },
    'arm64': {
        'uefi': {**debian('bookworm', 'arm64', 'qemu-efi-aarch64'),
                 'path': 'usr/share/qemu-efi-aarch64/QEMU_EFI.fd',
                 'place': 'firmware/uefi.fd'},
        'uboot': {**debian('bookworm', 'arm64', 'u-boot-qemu'),
                  'path': 'usr/lib/u-boot/qemu_arm64/u-boot.bin',
                  'place': 'firmware/u-boot.bin'},
        'installer': {**installer_file(''),
                      'disk': {'EFI/BOOT/BOOTAA64.EFI': 'grubaa64.efi',
                               **INSTALLER_TREE},
                      'place': 'images/installer.img'},
        'installer-cd': {**installer_file(''), 'cd': INSTALLER_TREE,
                         'efi': {**debian('bookworm', 'arm64',
                                          'grub-efi-arm64-signed'),
                                 'path': 'usr/lib/grub/arm64-efi-signed/'
                                         'gcdaa64.efi.signed'},
                         'place': 'images/installer.iso'},
        'installer-linux': {**installer_file('/linux'),
                            'place': 'images/installer-linux'},
        'installer-initrd': {**installer_file('/initrd.gz'),
                             'place': 'images/installer-initrd.gz'},
        'uefi-script': {'fat': 'startup.nsh', 'place': 'images/script.img'},
    },
}


def lab_of(target):
    """The first lab of a target's, by name; None if there is none."""
    return next((n for n, lab in LABS.items() if lab['target'] == target), None)
