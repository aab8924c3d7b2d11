# SPDX-License-Identifier: MIT
"""Guest kernels: where the names of labs.KERNELS lead, and the initramfs in which
they run the jobs of guest/jobs."""
import gzip
import os
import shutil
import struct
import subprocess

import debs
import initramfs
import labs

HERE = os.path.dirname(os.path.abspath(__file__))
VIRTIO = ['virtio_pci', 'virtio_mmio', 'virtio_blk', 'virtio_net',
          'virtio_console', 'virtio_rng', 'virtio_balloon']
# Modules of each list that guest/init loads by name; what a kernel lacks of the
# optional ones is left out.
LISTS = {'boot': VIRTIO, 'ext4': ['crc32c_generic', 'ext4']}
OPTIONAL = {'buttons': ['gpio_keys', 'evdev']}


class Kernel:
    """A kernel that is there: its image, modules and the userland it needs."""

    def __init__(self, name, image, modules, busybox):
        self.name, self.image = name, image
        self.modules, self.busybox = modules, busybox
        self.initrd_of = name		# whose initramfs it uses


def get(target, name, work):
    """Brings a kernel of labs.KERNELS; raises debs.Unavailable."""
    entry = labs.KERNELS[target][name]
    if 'of' in entry:
        base = get(target, entry['of'], work)
        made = Kernel(name, f'{work}/{name}.image', base.modules, base.busybox)
        made.initrd_of = entry['of']
        WRAPPERS[entry['wrap']](base.image, made.image)
        return made
    repo = debs.Repo(entry['suite'], entry['arch'])
    package, busybox = repo.get(entry['package'], 'busybox-static')
    return Kernel(name, initramfs.vmlinuz(package), initramfs.Modules(package),
                  busybox)


def wrap_gzip(src, dest):
    with open(src, 'rb') as f, open(dest, 'wb') as out:
        out.write(gzip.compress(f.read(), 1, mtime=0))


def wrap_zstd(src, dest):
    try:
        subprocess.run(['zstd', '-q', '-f', '-1', src, '-o', dest], check=True)
    except FileNotFoundError:
        raise debs.Unavailable('zstd is missing (package zstd)') from None


def wrap_zboot(src, dest):
    """An image of the kind that CONFIG_EFI_ZBOOT makes: the header of Linux's
    drivers/firmware/efi/libstub/zboot-header.S and the packed kernel, without
    the program that would unpack it under UEFI."""
    with open(src, 'rb') as f:
        packed = gzip.compress(f.read(), 1, mtime=0)
    start = 0x1000
    head = struct.pack('<4s4sII8x32s', b'MZ\0\0', b'zimg', start, len(packed),
                       b'gzip')
    head = head.ljust(56, b'\0') + struct.pack('<II', 0x818223cd, 64)
    with open(dest, 'wb') as out:
        out.write(head.ljust(start, b'\0') + packed)


WRAPPERS = {'gzip': wrap_gzip, 'zstd': wrap_zstd, 'zboot': wrap_zboot}


def exit_status(target, work):
    """The program by which a guest hands its status to vmm: exit-status.S of the
    target's folder, or a script of that name."""
    script = f'{HERE}/{target}/exit-status'
    if os.path.exists(script):
        return script
    cc = 'gcc' if target == debs.host_arch() else debs.TRIPLET[target] + '-gcc'
    path = work + '/exit-status'
    r = subprocess.run([cc, '-static', '-nostdlib', '-Wl,--build-id=none', '-s',
                        '-o', path, script + '.S'],
                       capture_output=True, text=True)
    if r.returncode:
        raise RuntimeError(r.stderr)
    return path


def initrd(target, kernel, work):
    """Writes the initramfs in which a kernel runs the jobs; returns its path."""
    dest = f'{work}/{kernel.name}.cpio'
    lists = dict(LISTS)
    for key, names in OPTIONAL.items():
        lists[key] = [n for n in names if kernel.modules.has(n)]
    with initramfs.Cpio(dest) as c:
        initramfs.basics(c, kernel.busybox)
        c.file('init', HERE + '/guest/init')
        c.file('exit-status', exit_status(target, work), 0o755)
        for job in sorted(os.listdir(HERE + '/guest/jobs')):
            c.file('jobs/' + job, f'{HERE}/guest/jobs/{job}')
        kernel.modules.put(c, [], lists)
    return dest


def ext4_image(work):
    """A small file system with one file, from-host, in it."""
    path = work + '/ext4.img'
    tree = work + '/ext4'
    os.makedirs(tree, exist_ok=True)
    with open(tree + '/from-host', 'w') as f:
        f.write('guest: this is the file of the host\n')
    if os.path.exists(path):
        os.unlink(path)
    mke2fs = shutil.which('mke2fs') or '/sbin/mke2fs'
    try:
        r = subprocess.run([mke2fs, '-q', '-t', 'ext4', '-d', tree, path, '8M'],
                           capture_output=True, text=True)
    except FileNotFoundError:
        raise debs.Unavailable('mke2fs is missing (package e2fsprogs)') \
            from None
    if r.returncode:
        raise debs.Unavailable('mke2fs: ' + r.stderr.strip())
    return path
