# SPDX-License-Identifier: MIT
"""Builds initramfs archives and finds what goes into them.

The archives are "newc" cpio (Documentation/driver-api/early-userspace/
buffer-format.rst of Linux), written here so that device nodes need no root, and not
compressed: an emulated processor copies faster than it unpacks."""
import glob
import lzma
import os
import re
import stat
import subprocess

import debs


class Cpio:
    """An archive that is written as it is filled.  Folders come by themselves."""

    def __init__(self, path):
        self.path, self.tmp = path, f'{path}.{os.getpid()}.tmp'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.f = open(self.tmp, 'wb')
        self.seen, self.ino = set(), 0

    def entry(self, name, mode, data=b'', rdev=(0, 0)):
        name = name.strip('/')
        folder = os.path.dirname(name)
        if folder and folder not in self.seen:
            self.dir(folder)
        self.seen.add(name)
        self.ino += 1
        raw = name.encode() + b'\0'
        fields = [self.ino, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(raw),
                  0]
        head = b'070701' + b''.join(b'%08x' % n for n in fields) + raw
        self.f.write(head + bytes(-len(head) % 4) + data +
                     bytes(-len(data) % 4))

    def dir(self, name):
        self.entry(name, stat.S_IFDIR | 0o755)

    def link(self, name, to):
        self.entry(name, stat.S_IFLNK | 0o777, to.encode())

    def node(self, name, major, minor):
        self.entry(name, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def data(self, name, data, mode=0o644):
        self.entry(name, stat.S_IFREG | mode,
                   data.encode() if isinstance(data, str) else data)

    def file(self, name, src, mode=None):
        if mode is None:
            mode = 0o755 if os.access(src, os.X_OK) else 0o644
        with open(src, 'rb') as f:
            self.data(name, f.read(), mode)

    def close(self):
        """Ends the archive and gives it its name; returns that."""
        self.entry('TRAILER!!!', 0)
        self.f.close()
        os.rename(self.tmp, self.path)
        return self.path

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        else:
            self.f.close()
            os.unlink(self.tmp)


class Modules:
    """The kernel modules of an unpacked linux-image package."""

    def __init__(self, package):
        self.paths, self.builtin = {}, set()
        for folder in glob.glob(package + '/lib/modules/*') + \
                glob.glob(package + '/usr/lib/modules/*'):
            self.look(folder)

    def look(self, folder):
        for ko in glob.glob(folder + '/**/*.ko*', recursive=True):
            self.paths.setdefault(self.key(ko), ko)
        for lst in glob.glob(folder + '/modules.builtin'):
            with open(lst) as f:
                self.builtin |= {self.key(line.strip()) for line in f}

    @staticmethod
    def key(path):
        return re.sub(r'\.ko.*$', '', os.path.basename(path)).replace('-', '_')

    def has(self, name):
        """Whether the kernel has that driver, built in or as a module."""
        return self.key(name) in self.paths or self.key(name) in self.builtin

    def load(self, name):
        """The contents of a module, unpacked."""
        with open(self.paths[name], 'rb') as f:
            data = f.read()
        return lzma.decompress(data) if self.paths[name].endswith('.xz') \
            else data

    def order(self, names):
        """Names with all they depend on, in the order in which to load them."""
        out = []

        def add(name):
            name = self.key(name)
            if name in out or (name in self.builtin and
                               name not in self.paths):
                return
            if name not in self.paths:
                raise debs.Unavailable(f'the kernel has no module {name}')
            m = re.search(rb'(?:^|\0)depends=([^\0]*)\0', self.load(name))
            for dep in m[1].decode().split(',') if m and m[1] else []:
                add(dep)
            out.append(name)

        for name in names:
            add(name)
        return out

    def put(self, cpio, names, lists):
        """Stores modules in /modules and, for each list, its load order.
        lists: {'boot': [name...]} writes /modules/boot.order."""
        stored = set()
        for key, wanted in lists.items():
            order = self.order(wanted)
            cpio.data(f'modules/{key}.order',
                      ''.join(f'/modules/{n}.ko\n' for n in order))
            stored |= set(order)
        for name in sorted(stored | set(self.order(names))):
            cpio.data(f'modules/{name}.ko', self.load(name))


class NoModules(Modules):
    """Of a kernel that has everything built in."""

    def __init__(self):
        self.paths, self.builtin = {}, set()

    def order(self, names):
        return []


def vmlinuz(package):
    """The kernel image of an unpacked linux-image package."""
    found = glob.glob(package + '/boot/vmlinu[xz]-*')
    if len(found) != 1:
        raise debs.Unavailable(f'no single kernel image in {package}/boot')
    return found[0]


def basics(cpio, busybox):
    """What any init needs: busybox, the console, mount points."""
    found = glob.glob(busybox + '/bin/busybox') + \
        glob.glob(busybox + '/usr/bin/busybox')
    cpio.file('bin/busybox', found[0], 0o755)
    cpio.link('bin/sh', 'busybox')
    for d in ('dev', 'proc', 'sys', 'tmp', 'mnt', 'etc', 'root'):
        cpio.dir(d)
    cpio.node('dev/console', 5, 1)
    cpio.node('dev/null', 1, 3)
    cpio.data('etc/passwd', 'root::0:0:root:/root:/bin/sh\n')


def find_library(folders, name):
    """Where a shared library is among unpacked packages: (file, its place)."""
    for folder in folders:
        found = glob.glob(f'{folder}/lib*/**/{name}', recursive=True) + \
            glob.glob(f'{folder}/usr/lib/**/{name}', recursive=True)
        if found:
            return found[0], found[0][len(folder):]
    raise debs.Unavailable(f'no package has the library {name}')


def needs(path):
    """The names of shared libraries that a program asks for, and the place of its
    loader, which for a library is None."""
    r = subprocess.run(['readelf', '-dlW', path], capture_output=True, text=True)
    loader = re.search(r'interpreter: (\S+)\]', r.stdout)
    return set(re.findall(r'\(NEEDED\).*\[(\S+)\]', r.stdout)), \
        loader and loader[1]


def with_libraries(cpio, folders, program):
    """Stores a program out of unpacked packages, in /usr/bin, with the shared
    libraries that it is linked with, each where its package has it."""
    for folder in folders:
        path = f'{folder}/usr/bin/{program}'
        if os.path.exists(path):
            break
    else:
        raise debs.Unavailable(f'no package has {program}')
    cpio.file('usr/bin/' + program, path, 0o755)
    todo, done = [path], set()
    while todo:
        names, loader = needs(todo.pop())
        for name in names | ({os.path.basename(loader)} if loader else set()):
            if name not in done:
                done.add(name)
                lib, place = find_library(folders, name)
                cpio.file(place, lib, 0o755)
                todo.append(lib)
                # newer packages have it below /usr alone, where nobody looks
                if loader and os.path.basename(loader) == name and \
                   place != loader:
                    cpio.link(loader, place)
