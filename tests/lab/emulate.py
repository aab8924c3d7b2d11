# SPDX-License-Identifier: MIT
"""Emulated hosts: QEMU without KVM runs a whole machine that has the virtualization
extensions of its architecture, on which a stock Debian kernel and its KVM run.  In
the terms of the labs L0 is this machine, L1 the emulated host, L2 a guest in it."""
import glob
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time

import debs
import initramfs

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
VIRTIO = ['virtio_pci', 'virtio_mmio', 'virtio_blk', 'virtio_net',
          'virtio_console', 'virtio_rng', 'virtio_balloon']

# One entry an architecture; what a lab of another one needs is said here.
# x86_64: QEMU 7.2 now and then loses an interrupt of a processor that leaves an L2,
# and an idle L1 then sleeps for ever; a tick that comes by itself heals that.  On a
# busy machine L1 takes its timer for broken: no_timer_check.
LABS = {
    'x86_64': {
        'qemu': ['qemu-system-x86_64', '-M', 'q35', '-cpu', 'EPYC'],
        'package': 'qemu-system-x86',
        'suite': 'bookworm', 'arch': 'amd64', 'busybox': 'busybox-static',
        'host_kernel': 'linux-image-amd64',
        'host_modules': ['kvm_amd', 'tun', 'loop', 'crc32c_generic',
                         'ext4'],
        'console': 'ttyS0', 'results': '/dev/ttyS1',
        'append': 'nohz=off highres=off no_timer_check',
        'guests': {'cloud': 'linux-image-cloud-amd64',
                   'generic': 'linux-image-amd64'},
        'memory': '3G', 'cpus': 2,
    },
}


def fetch_parts(lab):
    """Adds the folders of the packages to a lab's description."""
    repo = debs.Repo(lab['suite'], lab['arch'])
    names = [lab['busybox'], lab['host_kernel'], *lab['guests'].values()]
    got = dict(zip(names, repo.get(*names)))
    return {**lab, 'busybox': got[lab['busybox']],
            'host_kernel': got[lab['host_kernel']],
            'guests': {k: got[p] for k, p in lab['guests'].items()}}


def exit_status(arch, work):
    """The program by which a guest hands its status to vmm."""
    cc = 'gcc' if arch == debs.host_arch() else debs.TRIPLET[arch] + '-gcc'
    path = work + '/exit-status'
    r = subprocess.run([cc, '-static', '-nostdlib', '-Wl,--build-id=none', '-s',
                        '-o', path, f'{HERE}/{arch}/exit-status.S'],
                       capture_output=True, text=True)
    if r.returncode:
        raise RuntimeError(r.stderr)
    return path


def guest_initrd(arch, package, busybox, work, name):
    """The initramfs in which a stock kernel runs the jobs of guest/jobs."""
    modules = initramfs.Modules(package)
    dest = f'{work}/{name}.cpio'
    with initramfs.Cpio(dest) as c:
        initramfs.basics(c, busybox)
        c.file('init', HERE + '/guest/init')
        c.file('exit-status', exit_status(arch, work))
        for job in sorted(os.listdir(HERE + '/guest/jobs')):
            c.file('jobs/' + job, f'{HERE}/guest/jobs/{job}')
        modules.put(c, [], {'boot': VIRTIO, 'ext4': ['crc32c_generic', 'ext4'],
                            'pvpanic': ['pvpanic_mmio', 'pvpanic_pci']})
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


def put_qemu(c):
    """QEMU itself, as a second VMM to compare with."""
    initramfs.with_libraries(c, 'qemu-system-x86_64')
    for name in ('bios-microvm.bin', 'bios-256k.bin', 'linuxboot_dma.bin',
                 'kvmvapic.bin', 'pvh.bin'):
        for folder in ('/usr/share/qemu', '/usr/share/seabios'):
            if os.path.exists(f'{folder}/{name}'):
                c.file('usr/share/qemu/' + name, f'{folder}/{name}', 0o644)
                break


def host_initrd(lab, arch, vmm, scenarios, work, qemu=False, files=()):
    """The initramfs of the emulated host.  files: (name, path) pairs more."""
    with initramfs.Cpio(work + '/host.cpio') as c:
        initramfs.basics(c, lab['busybox'])
        c.file('init', HERE + '/host/init')
        c.file('lib.sh', HERE + '/host/lib.sh')
        if vmm:
            c.file('bin/vmm', vmm, 0o755)
        initramfs.Modules(lab['host_kernel']).put(
            c, [], {'boot': lab['host_modules']})
        for name, package in lab['guests'].items():
            c.file(f'kernels/{name}/vmlinuz', initramfs.vmlinuz(package))
            c.file(f'kernels/{name}/initrd', guest_initrd(
                arch, package, lab['busybox'], work, name))
        c.file('images/ext4.img', ext4_image(work))
        for s in scenarios:
            c.file('scenarios/' + os.path.basename(s), s)
        if qemu or os.environ.get('LAB_VMM'):
            put_qemu(c)
        for name, path in files:
            c.file(name, path)
    return work + '/host.cpio'


def command(lab, initrd, what, serial):
    """The QEMU that is the emulated host.  serial: its two serial ports."""
    level = 1 if what == 'vmm' else 4	# make run shows the guest's console
    return [*lab['qemu'], '-accel', 'tcg,thread=multi', '-smp', str(lab['cpus']),
            '-m', lab['memory'], '-nodefaults', '-no-user-config',
            '-display', 'none', '-monitor', 'none', '-no-reboot', *serial,
            '-kernel', initramfs.vmlinuz(lab['host_kernel']),
            '-initrd', initrd, '-append',
            f'console={lab["console"]} panic=-1 loglevel={level} '
            f'results={lab["results"]} lab={what} {lab["append"]}']


class Host:
    """A running emulated host, whose results come as lines."""

    def __init__(self, argv, log):
        self.log = log
        self.buffer = b''
        with open(log + '.qemu', 'w') as err:
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=err)
        os.set_blocking(self.child.stdout.fileno(), False)

    def line(self, deadline):
        """The next line; None at the end, TimeoutError past the deadline."""
        fd = self.child.stdout
        with selectors.DefaultSelector() as sel:
            sel.register(fd, selectors.EVENT_READ)
            while b'\n' not in self.buffer:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                if not sel.select(left):
                    continue
                data = os.read(fd.fileno(), 65536)
                if not data:
                    return None
                self.buffer += data
        text, self.buffer = self.buffer.split(b'\n', 1)
        return text.decode(errors='replace').strip('\r')

    def stop(self):
        """Ends it if it still runs."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child.stdout.close()

    def tail(self, lines=60):
        """The end of what the console and QEMU said."""
        out = []
        for path in (self.log + '.qemu', self.log):
            try:
                with open(path, errors='replace') as f:
                    out += [x.rstrip() for x in f.readlines()[-lines:]]
            except FileNotFoundError:
                pass
        return out


def scenario_header(path):
    """What "# scenario:" in its first lines declares: {'timeout': ...}."""
    with open(path) as f:
        m = re.search(r'^# scenario:(.*)$', f.read(1000), re.M)
    words = m[1].split() if m else []
    return {k: v or True for k, _, v in (w.partition('=') for w in words)}


def find_scenarios(arch, wanted):
    """Scenario files, all or those whose names contain one of the words; an
    optional one runs only where it is asked for."""
    found = []
    for path in sorted(glob.glob(f'{HERE}/{arch}/scenarios/*.sh')):
        name = os.path.basename(path)[:-3]
        if any(w in name for w in wanted) or \
           not (wanted or 'optional' in scenario_header(path)):
            found.append(path)
    return found


def terminate_cleanly():
    """SIGTERM ends this program the way Ctrl-C does: through finally:."""
    def on_term(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, on_term)


def need_qemu(lab):
    if not shutil.which(lab['qemu'][0]):
        raise debs.Unavailable(f'{lab["qemu"][0]} is missing (package '
                               f'{lab["package"]})')


def work_folder(arch):
    path = f'{TOP}/build/lab/{arch}'
    os.makedirs(path, exist_ok=True)
    return path


def static_vmm(arch):
    """The static binary that labs use; makes it if need be.  LAB_VMM names
    another program in its place, for trying a lab."""
    if os.environ.get('LAB_VMM'):
        return os.environ['LAB_VMM']
    r = subprocess.run(['make', '-s', f'-j{os.cpu_count() or 1}', '-C', TOP,
                        f'ARCH={arch}', 'STATIC=1', 'SAN=', f'build/{arch}-static/vmm'],
                       stdout=sys.stderr)
    path = f'{TOP}/build/{arch}-static/vmm'
    if r.returncode or not os.path.exists(path):
        raise RuntimeError(f'make ARCH={arch} STATIC=1 failed')
    return path
