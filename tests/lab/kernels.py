# SPDX-License-Identifier: MIT
"""Guest kernels: where the names of labs.KERNELS lead, and the initramfs in which
they run the jobs of guest/jobs."""
import glob
import gzip
import hashlib
import os
import re
import shutil
import struct
import subprocess
import time
import zlib

import debs
import initramfs
import labs
import tools

BUILD = 900		# seconds that making a kernel may take, if its entry has no limit
HERE = os.path.dirname(os.path.abspath(__file__))
VIRTIO = ['virtio_pci', 'virtio_mmio', 'virtio_blk', 'virtio_net',
          'virtio_console', 'virtio_rng', 'virtio_balloon']
# Modules of each list that guest/init loads by name; what a kernel lacks of the
# optional ones is left out.
LISTS = {'boot': VIRTIO, 'ext4': ['crc32c_generic', 'ext4']}
OPTIONAL = {'buttons': ['gpio_keys', 'button', 'evdev'],
            'vio': ['ibmvscsi', 'sd_mod', 'ibmveth', 'pseries_rng']}
LINUX_ARCH = {'ppc64le': 'powerpc'}	# where it has another name
MODULE = HERE + '/guest/module'		# of the project's own


class Kernel:
    """A kernel that is there: its image, modules and the userland it needs."""

    def __init__(self, name, image, modules, busybox):
        self.name, self.image = name, image
        self.modules, self.busybox = modules, busybox
        self.initrd_of = name		# whose initramfs it uses
        self.program = None		# its only one, an init, as C; None: busybox


def whose(target, name):
    """The target and the name there of what a scenario names: smp of ia64, which runs
    on every host, is ia64-smp."""
    other, _, rest = name.partition('-')
    return (other, rest) if other in labs.KERNELS else (target, name)


def get(target, name, work):
    """Brings a kernel of labs.KERNELS; raises debs.Unavailable."""
    target, name = whose(target, name)
    entry = labs.KERNELS[target][name]
    if 'of' in entry:
        base = get(target, entry['of'], work)
        made = Kernel(name, f'{work}/{name}.image', base.modules, base.busybox)
        made.initrd_of, made.program = entry['of'], base.program
        WRAPPERS[entry['wrap']](base.image, made.image)
        return made
    repo = debs.Repo(entry['suite'], entry['arch'])
    package, = repo.get(entry['package'])
    if 'program' in entry:
        made = Kernel(name, build(target, name, package, entry),
                      initramfs.NoModules(), None)
        made.program = entry['program']
        return made
    if 'config' in entry:
        image = build(target, name, package, entry)
        modules = initramfs.NoModules()
    else:
        image = initramfs.vmlinuz(package)
        modules = initramfs.Modules(package)
    return Kernel(name, image, modules, userland(target, repo))


def userland(target, repo):
    """The folder with the guest's busybox; of ia64 with klibc's programs."""
    if target == 'ia64':
        return tools.klibc()
    return repo.get('busybox-static')[0]


def build(target, name, package, entry):
    """Makes a kernel of labs.KERNELS out of an unpacked linux-source package and
    lists of options, files of the target's folder; kept in the cache for that
    version, those options and that compiler."""
    cross, env = tools.prefix(target)
    try:
        cc = subprocess.run([cross + 'gcc', '-dumpfullversion'], check=True,
                            capture_output=True, env=env).stdout
    except FileNotFoundError:
        raise debs.Unavailable(f'{cross}gcc is missing') from None
    config = contents(f'{HERE}/{target}/{p}' for p in entry['config'].split())
    module = sorted(glob.glob(MODULE + '/*')) if 'sample' in \
        entry.get('keep', ()) else []
    key = hashlib.sha256(os.path.basename(package).encode() + cc + config +
                         contents(module)).hexdigest()[:16]
    folder = os.path.join(debs.CACHE, 'kernel', f'{target}-{name}-{key}')
    with debs.locked(f'kernel-{target}-{name}'):
        if not os.path.exists(folder):
            debs.note(f'making the kernel {name} for {target}: minutes, once')
            os.makedirs(folder + '.tmp', exist_ok=True)
            try:
                with open(folder + '.tmp/config', 'wb') as f:
                    f.write(config)
                compile_kernel(folder + '.tmp', package, cross, env, target,
                               entry)
                os.rename(folder + '.tmp', folder)
            finally:
                shutil.rmtree(folder + '.tmp', ignore_errors=True)
    return f'{folder}/image'


def contents(paths):
    """Of those files, one after the other."""
    text = b''
    for path in paths:
        with open(path, 'rb') as f:
            text += f.read()
    return text


def compile_kernel(folder, package, cross, env, target, entry):
    """Leaves folder, which has the options as config, with the kernel, image, the
    whole one with its symbols, vmlinux, its log, and what is to be kept of the
    tree, in its place."""
    archive = glob.glob(package + '/usr/src/linux-source-*.tar.xz')
    tree, limit = folder + '/tree', entry.get('limit', BUILD)
    deadline = time.monotonic() + limit
    os.makedirs(tree, exist_ok=True)
    make = ['make', '-C', tree, f'ARCH={LINUX_ARCH.get(target, target)}',
            'CROSS_COMPILE=' + cross, f'KCONFIG_ALLCONFIG={folder}/config']
    module = [[*make, 'M=sample', 'KBUILD_MODPOST_WARN=1', 'modules']] \
        if 'sample' in entry.get('keep', ()) else []
    if module:
        shutil.copytree(MODULE, tree + '/sample')
    with open(folder + '/log', 'w') as log:
        for argv in (['tar', '-xf', *archive, '-C', tree,
                      '--strip-components=1'], [*make, 'allnoconfig'],
                     [*make, f'-j{os.cpu_count() or 1}',
                      os.path.basename(entry['image']),
                      *entry.get('targets', ())], *module):
            debs.note('  ' + ' '.join(argv[:1] + argv[-1:]))
            try:
                r = subprocess.run(['nice', *argv], stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL, env=env,
                                   timeout=deadline - time.monotonic())
            except subprocess.TimeoutExpired:
                raise debs.Unavailable('making it took longer than '
                                       f'{limit} s') from None
            if r.returncode:
                log.flush()
                with open(log.name) as f:
                    said = f.read()[-300:].strip()
                raise debs.Unavailable(f'making it failed: {said}')
    shutil.copy(f'{tree}/{entry["image"]}', folder + '/image')
    os.rename(f'{tree}/vmlinux', folder + '/vmlinux')
    for name in entry.get('keep', ()):
        os.makedirs(os.path.dirname(f'{folder}/{name}'), exist_ok=True)
        copy = shutil.copytree if os.path.isdir(f'{tree}/{name}') else shutil.copy2
        copy(f'{tree}/{name}', f'{folder}/{name}')
    shutil.rmtree(tree)


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


def uimage(dest, data, arch, packing):
    """Writes what U-Boot's mkimage makes of a kernel (include/image.h there)."""
    def head(crc):
        return struct.pack('>7I4B32s', 0x27051956, crc, 0, len(data), 0, 0,
                           zlib.crc32(data), 5, arch, 2, packing, b'vmm')

    with open(dest, 'wb') as out:
        out.write(head(zlib.crc32(head(0))) + data)


def wrap_uimage(src, dest):
    """Of a packed arm64 kernel."""
    with open(src, 'rb') as f:
        uimage(dest, gzip.compress(f.read(), 1, mtime=0), 22, 1)


def wrap_uimage32(src, dest):
    """Of an Arm zImage."""
    with open(src, 'rb') as f:
        uimage(dest, f.read(), 2, 0)


def wrap_elf(src, dest):
    """A vmlinux of one segment: linked where arm64 kernels are, and the Image is what
    is in it (Documentation/arm64/booting.rst has the header's fields)."""
    start, link = 0x10000, 0xffff800008000000
    with open(src, 'rb') as f:
        image = f.read()
    size = struct.unpack_from('<Q', image, 16)[0]
    head = struct.pack('<4s5B7x2HI3QI6H', b'\x7fELF', 2, 1, 1, 0, 0, 2, 183, 1, link,
                       64, 0, 0, 64, 56, 1, 0, 0, 0)
    load = struct.pack('<2I6Q', 1, 7, start, link, link, len(image),
                       max(size, len(image)), 0x10000)
    with open(dest, 'wb') as out:
        out.write((head + load).ljust(start, b'\0') + image)


def wrap_zimage(src, dest):
    """What the kernel's own build made of it."""
    shutil.copy(os.path.dirname(src) + '/' + labs.ZIMAGE, dest)


WRAPPERS = {'gzip': wrap_gzip, 'zstd': wrap_zstd, 'zboot': wrap_zboot,
            'uimage': wrap_uimage, 'uimage32': wrap_uimage32, 'elf': wrap_elf,
            'zimage': wrap_zimage}


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


def klibc_initrd(target, kernel, dest):
    """Writes the initramfs of a target without busybox: klibc and its own init."""
    folder = kernel.busybox
    with initramfs.Cpio(dest) as c:
        for d in ('dev', 'proc', 'sys', 'tmp', 'mnt', 'etc', 'root'):
            c.dir(d)
        c.node('dev/console', 5, 1)
        c.node('dev/null', 1, 3)
        c.file('init', f'{HERE}/{target}/init', 0o755)
        for name in sorted(os.listdir(folder + '/bin')):
            c.file('bin/' + name, f'{folder}/bin/{name}', 0o755)
        c.file('bin/reach', tools.reach(), 0o755)
        sample_module(c, kernel)
    return dest


def glibc_initrd(dest):
    """Writes the initramfs of ia64 guests with busybox and glibc; returns its path.
    Making both takes an hour of a busy machine, once."""
    with initramfs.Cpio(dest) as c:
        initramfs.basics(c, tools.busybox())
        c.file('init', HERE + '/ia64/busybox-init', 0o755)
    return dest


def sample_module(cpio, kernel):
    """Puts the module of a kernel for debuggers into an initramfs."""
    path = os.path.dirname(kernel.image) + '/sample/sample.ko'
    if os.path.exists(path):
        cpio.file('sample.ko', path)


def program_initrd(target, kernel, dest):
    """Writes the initramfs of a kernel whose only program is a C file of the target's
    folder; its comment says how it is compiled."""
    source = f'{HERE}/{target}/{kernel.program}'
    with open(source) as f:
        flags = re.search(r' cc: ([^*]*)', f.read())[1].split()
    path = dest + '.init'
    compiled(target, 'gcc', '-O1', '-static', '-nostdlib', '-ffreestanding',
             '-Wl,--build-id=none', '-s', *flags, '-o', path, source)
    with initramfs.Cpio(dest) as c:
        for d in ('dev', 'proc', 'sys'):
            c.dir(d)
        c.node('dev/console', 5, 1)
        c.file('init', path, 0o755)
    return dest


def compiled(target, program, *argv):
    """Runs a program of the target's toolchain."""
    cross, env = tools.prefix(target)
    r = subprocess.run([cross + program, *argv], capture_output=True, text=True,
                       env=env)
    if r.returncode:
        raise RuntimeError(r.stderr)


def initrd(target, kernel, work):
    """Writes the initramfs in which a kernel runs the jobs; returns its path."""
    dest = f'{work}/{kernel.name}.cpio'
    if kernel.program:
        return program_initrd(target, kernel, dest)
    if target == 'ia64':
        return klibc_initrd(target, kernel, dest)
    lists = dict(LISTS)
    for key, names in OPTIONAL.items():
        lists[key] = [n for n in names if kernel.modules.has(n)]
    with initramfs.Cpio(dest) as c:
        initramfs.basics(c, kernel.busybox)
        c.file('init', HERE + '/guest/init')
        c.file('exit-status', exit_status(target, work), 0o755)
        sample_module(c, kernel)
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


def part(target, entry, work):
    """The path of what an entry of labs.FILES is."""
    image = f'{work}/{os.path.basename(entry["place"])}'
    if 'fat' in entry:
        source = f'{HERE}/{target}/{entry["fat"]}'
        return fat_image(image, {os.path.basename(source): source})
    if 'prep' in entry:
        return prep_image(image, target, f'{HERE}/{target}/{entry["prep"]}')
    folder, = debs.Repo(entry['suite'], entry['arch']).get(entry['package'])
    path = f'{folder}/{entry["path"]}'

    def files(tree):
        return {at: f'{path}/{name}' for at, name in tree.items()}
    if 'disk' in entry:
        return fat_image(image, files(entry['disk']))
    if 'cd' in entry:
        efi = fat_image(image + '.efi', {'EFI/BOOT/BOOTAA64.EFI': part(
            target, {**entry['efi'], 'place': ''}, work)})
        return cd_image(image, files(entry['cd']), efi)
    return path


def size_of(path):
    """Bytes of a file, or of all in a folder."""
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(size_of(f'{path}/{n}') for n in os.listdir(path))


def fat_image(path, files):
    """Makes a FAT file system with files and folders at these places in it."""
    size = sum(size_of(f) for f in files.values())
    if os.path.exists(path):
        os.unlink(path)
    # a floppy disk, or with a sixteenth of room for what FAT itself needs; FAT32
    # has 65525 clusters at least
    sectors = max(2880, (size + size // 16) // 512)
    tool('mtools', 'mformat', '-i', path, '-C',
         *(('-F',) if sectors > 1 << 17 else ()), '-T', str(sectors), '::')
    made = set()
    for at, source in files.items():
        for n in range(at.count('/')):
            folder = '/'.join(at.split('/')[:n + 1])
            if folder not in made:
                tool('mtools', 'mmd', '-i', path, '::/' + folder)
                made.add(folder)
        tool('mtools', 'mcopy', '-i', path, '-s', '-o', source, '::/' + at)
    return path


def prep_image(path, target, source):
    """Makes a disk from whose partition of type 0x41 SLOF boots a program of 32 bits
    in assembler."""
    compiled(target, 'as', '-a32', '-mbig', '-o', path + '.o', source)
    compiled(target, 'ld', '-m', 'elf32ppc', '-Ttext=0x200000', '-n', '-s',
             '-o', path + '.elf', path + '.o')
    with open(path + '.elf', 'rb') as f:
        program = f.read()
    first, sectors = 64, -(-len(program) // 512)
    entry = struct.pack('<BBHBBHII', 0x80, 0, 1, 0x41, 0, 1, first, sectors)
    head = (bytes(446) + entry).ljust(510, b'\0') + b'\x55\xaa'
    with open(path, 'wb') as f:
        f.write(head.ljust(first * 512, b'\0') + program)
        f.truncate(1 << 20)
    return path


def cd_image(path, files, efi):
    """Makes an ISO 9660 image with files and folders at these places, as Debian makes
    its installer's: what UEFI starts is in efi, a FAT file system, and that looks
    for the disk by /.disk/info."""
    if os.path.exists(path):
        os.unlink(path)
    info = path + '.info'
    with open(info, 'w') as f:
        f.write('made by the lab\n')
    files = {**files, 'boot/grub/efi.img': efi, '.disk/info': info}
    tool('xorriso', 'xorriso', '-as', 'mkisofs', '-quiet', '-o', path, '-r', '-J',
         '-joliet-long', '-e', 'boot/grub/efi.img', '-no-emul-boot', '-graft-points',
         *(f'{at}={source}' for at, source in files.items()))
    return path


def tool(package, *argv):
    """Runs a program of a package of this machine's."""
    try:
        r = subprocess.run(argv, capture_output=True, text=True)
    except FileNotFoundError:
        raise debs.Unavailable(f'{argv[0]} is missing (package {package})') \
            from None
    if r.returncode:
        raise debs.Unavailable(f'{argv[0]}: {r.stderr.strip()}')
