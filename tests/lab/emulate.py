# SPDX-License-Identifier: MIT
"""Emulated hosts: QEMU without KVM runs a whole machine that has the virtualization
extensions of its architecture, on which a stock Debian kernel and its KVM run.  In
the terms of the labs L0 is this machine, L1 the emulated host, L2 a guest in it."""
import fcntl
import gzip
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time

import debs
import initramfs
import kernels
import labs

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
INITRD_MOST = 128 << 20		# bytes: of powernv, which takes the least


def fetch_parts(name):
    """A lab's description with the folders of its packages in it."""
    lab = labs.LABS[name]
    repo = debs.Repo(lab['suite'], lab['arch'])
    busybox, = repo.get(lab['busybox'])
    lab = {**lab, 'name': name, 'busybox': busybox,
           'host_kernel': host_kernel(lab, repo),
           'qemu': [*fetched_qemu(lab), *lab['qemu'][1:]]}
    if 'tree_without' in lab:
        lab['qemu'] += ['-dtb', device_tree(lab)]
    return lab


def device_tree(lab):
    """Writes the device tree of a lab's host without one property of a node;
    returns its path."""
    path = work_folder(lab['name']) + '/host.dtb'
    at = lab['qemu'].index('-M') + 1
    argv = [*lab['qemu'], *size(lab), '-nodefaults', '-display', 'none']
    argv[at] += ',dumpdtb=' + path
    kernels.tool(lab['package'], *argv)
    kernels.tool('device-tree-compiler', 'fdtput', '-d', path,
                 *lab['tree_without'])
    return path


def size(lab):
    """QEMU's options for the CPUs and the memory of a lab."""
    return ['-smp', str(lab['cpus']), '-m', lab['memory']]


def host_kernel(lab, repo):
    """Debian's of that package, or one of labs.KERNELS that is made here."""
    if 'host_built' in lab:
        return kernels.get(lab['target'], lab['host_built'], work_folder('host'))
    package, = repo.get(lab['host_kernel'])
    return kernels.Kernel('host', initramfs.vmlinuz(package),
                          initramfs.Modules(package), None)


def fetched_qemu(lab):
    """The start of QEMU's command: this machine's own or, for a lab that names
    another suite, that one unpacked with all it needs."""
    if 'qemu_suite' not in lab:
        return lab['qemu'][:1]
    folders = debs.Repo(lab['qemu_suite'], 'amd64').closure(lab['package'])

    def have(*places):
        return [p for f in folders for p in (f'{f}/{x}' for x in places)
                if os.path.exists(p)]

    if debs.host_arch() != 'x86_64':
        raise debs.Unavailable(f'{lab["qemu"][0]} of {lab["qemu_suite"]} is '
                               'fetched for x86_64 hosts only')
    lib = 'lib/x86_64-linux-gnu'
    data = have('usr/share/qemu', 'usr/share/seabios', 'usr/lib/ipxe/qemu')
    return [have('usr/lib64/ld-linux-x86-64.so.2')[0], '--library-path',
            ':'.join(have(lib, 'usr/' + lib)),
            have('usr/bin/' + lab['qemu'][0])[0],
            *(x for d in data for x in ('-L', d))]


def need_qemu(lab):
    if 'qemu_suite' in lab:
        return		# fetch_parts() brings it
    if not shutil.which(lab['qemu'][0]):
        raise debs.Unavailable(f'{lab["qemu"][0]} is missing (package '
                               f'{lab["package"]})')


def put_qemu(c, lab):
    """QEMU itself, as a second VMM to compare with: Debian's for the L1."""
    repo = debs.Repo(lab['suite'], lab['arch'])
    folders = repo.closure(lab['package'])
    initramfs.with_libraries(c, folders, labs.LABS[lab['name']]['qemu'][0])
    for name in lab['control_files']:
        for folder in folders:
            for place in ('usr/share/qemu', 'usr/share/seabios',
                          'usr/lib/ipxe/qemu'):
                path = f'{folder}/{place}/{name}'
                if os.path.exists(path):
                    c.file('usr/share/qemu/' + name, path, 0o644)


def put_kernels(c, lab, wanted, work):
    """The guest kernels of those names, each with its initramfs."""
    stored = set()
    for name in wanted:
        target, plain = kernels.whose(lab['target'], name)
        kernel = kernels.get(target, plain, work)
        c.file(f'kernels/{name}/vmlinuz', kernel.image, 0o644)
        base = name.removesuffix(plain) + kernel.initrd_of
        if base not in stored:
            kernel.name = base
            c.file(f'kernels/{base}/initrd',
                   kernels.initrd(target, kernel, work))
            stored.add(base)
        if base != name:
            c.link(f'kernels/{name}/initrd', f'../{base}/initrd')


def host_initrd(lab, work, vmm=None, scenarios=(), guests=('cloud',),
                files=(), qemu=False):
    """Writes the initramfs of the emulated host; returns its path.
    scenarios: script files; guests: names of kernels; files: more (name, path)."""
    with initramfs.Cpio(work + '/host.cpio') as c:
        initramfs.basics(c, lab['busybox'])
        c.file('init', HERE + '/host/init')
        c.file('lib.sh', HERE + '/host/lib.sh')
        c.data('lab.env', ''.join(f"{k}='{v}'\n" for k, v in (
            ('LAB', lab['name']), ('TARGET', lab['target']),
            ('CONSOLE', lab['console']),
            ('DEFAULT_IRQCHIP', lab['irqchip']), ('IRQCHIPS', lab['irqchips']))))
        for name, text in lab['control'].items():
            c.data('control/' + name, text)
        if vmm:
            c.file('bin/vmm', vmm, 0o755)
        lab['host_kernel'].modules.put(c, [], {'boot': lab['host_modules']})
        put_kernels(c, lab, guests, work)
        c.file('images/ext4.img', kernels.ext4_image(work))
        for s in scenarios:
            c.file('scenarios/' + os.path.basename(s), s)
        if qemu or os.environ.get('LAB_VMM'):
            put_qemu(c, lab)
        for name, path in files:
            c.file(name, path)
    return small_enough(work + '/host.cpio')


def small_enough(path):
    """An initramfs that QEMU takes: packed if it is too large; returns its path."""
    if os.path.getsize(path) <= INITRD_MOST:
        return path
    with open(path, 'rb') as f, gzip.open(path + '.gz', 'wb', 1) as out:
        shutil.copyfileobj(f, out, 1 << 20)
    return path + '.gz'


def command(lab, initrd, what, console, results, gdb_port=0):
    """The QEMU that is the emulated host.  console, results: its two serial
    ports, as QEMU's -chardev has them (less the id).  gdb_port: one of this
    machine's, which leads to port 1234 there; 0: none."""
    net = ['-netdev', 'user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:'
           f'{gdb_port}-:1234', *lab.get('net_bus', []), '-device',
           'virtio-net-pci,netdev=net,romfile=']
    level = 1 if what == 'vmm' else 4	# make run shows the guest's console
    accel = ['-icount', 'shift=0', '-accel', 'tcg,thread=single'] \
        if lab.get('icount') and not os.environ.get('LAB_NO_ICOUNT') else \
        ['-accel', 'tcg,thread=multi']
    return [*lab['qemu'], *accel, *size(lab), '-nodefaults',
            '-no-user-config', '-display', 'none', '-monitor', 'none', '-no-reboot',
            '-chardev', console + ',id=console',
            '-chardev', results + ',id=results',
            '-serial', 'chardev:console', *lab['results_device'],
            *(net if gdb_port else []),
            '-kernel', lab['host_kernel'].image,
            '-initrd', initrd, '-append',
            f'console={lab["console"]} panic=-1 loglevel={level} '
            'cryptomgr.notests kvm.halt_poll_ns=0 '
            f'results={lab["results"]} lab={what} {lab["append"]}']


class Host:
    """A running emulated host, whose results come as lines."""

    def __init__(self, lab, initrd, log, gdb_port=0):
        self.log = log
        self.gdb_port = gdb_port
        self.buffer = b''
        argv = command(lab, initrd, 'test', 'file,path=' + log,
                       'stdio,signal=off', gdb_port)
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

    def cpu_seconds(self):
        """What it has cost so far; 0 when it is gone."""
        try:
            with open(f'/proc/{self.child.pid}/stat') as f:
                ticks = f.read().rpartition(')')[2].split()[11:13]
        except OSError:
            return 0
        return sum(map(int, ticks)) / os.sysconf('SC_CLK_TCK')

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


def terminate_cleanly():
    """SIGTERM ends this program the way Ctrl-C does: through finally:."""
    def on_term(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, on_term)


def work_folder(name):
    path = f'{TOP}/build/lab/{name}'
    os.makedirs(path, exist_ok=True)
    return path


def make(*args):
    """Runs make here, one at a time: labs that start together need the same."""
    os.makedirs(f'{TOP}/build', exist_ok=True)
    with open(f'{TOP}/build/.make.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        r = subprocess.run(['make', '-s', f'-j{os.cpu_count() or 1}', '-C', TOP,
                            'SAN=', *args], stdout=sys.stderr)
    if r.returncode:
        raise RuntimeError(f'make {" ".join(args)} failed')


def static_vmm(target):
    """The static binary that labs use; makes it if need be.  LAB_VMM names
    another program in its place, for trying a lab."""
    if os.environ.get('LAB_VMM'):
        return os.environ['LAB_VMM']
    path = f'build/{target}-static/vmm'
    make(f'ARCH={target}', 'STATIC=1', path)
    return f'{TOP}/{path}'
