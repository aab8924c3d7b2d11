# SPDX-License-Identifier: MIT
"""What Debian has no packages of, made from its sources and kept in the cache: the
cross compiler of ia64, and klibc for it with its shell and small programs.

Each is a folder of CACHE/tools that appears whole or not at all; its name has a hash
of what it was made from.  A step that takes minutes says so before it starts."""
import contextlib
import glob
import hashlib
import os
import re
import shutil
import subprocess
import time

import debs

HERE = os.path.dirname(os.path.abspath(__file__))
SLOWEST = 1500			# seconds that making one thing may take
SLOWEST_LIBC = 3600		# the same of glibc, which nobody needs unasked
TRIPLET = debs.TRIPLET['ia64']
SUITE = 'bookworm'
GCC, LINUX, KLIBC = 'gcc-12-source', 'linux-source-6.1', 'klibc'
GLIBC, BUSYBOX = 'glibc-source', 'busybox'
UNWIND = 'ia64/unwind.c'	# what libgcc would bring
# Static alone: dynamic programs would need a shared libgcc.  --disable-shared leaves
# headers of 2.36 unmade, so make is told which objects to make.
GLIBC_OPTIONS = '''--prefix=/usr --disable-werror --disable-profile
  --disable-nscd --disable-build-nscd --disable-timezone-tools
  --without-selinux --enable-kernel=3.2.0 --disable-nls'''.split()
GLIBC_PARTS = '''csu iconv locale assert ctype intl catgets setjmp signal stdlib
  stdio-common libio dlfcn nptl rt malloc string wcsmbs time dirent grp pwd posix io
  termios resource misc socket sysvipc gmon gnulib wctype shadow gshadow argp debug
  support inet resolv nss login math crypt'''.split()
# C alone, without a libc: libgcc only.  What the host's configure finds by itself
# (isl, plugins) is named, so that the compiler does not depend on the machine.
GCC_OPTIONS = '''--enable-languages=c --without-headers --with-newlib
  --disable-shared --disable-threads --disable-libssp --disable-bootstrap
  --disable-nls --disable-multilib --disable-libquadmath --disable-libgomp
  --disable-libatomic --disable-libvtv --disable-libsanitizer --disable-lto
  --disable-plugin --disable-decimal-float --without-isl --disable-libcc1
  --disable-gcov --disable-analyzer --with-system-zlib'''.split()


class Build:
    """The making of one thing: commands with a log, in a folder of their own."""

    def __init__(self, folder, limit):
        self.folder, self.env = folder, dict(os.environ, LC_ALL='C')
        self.env.pop('MAKEFLAGS', None)
        self.limit, self.deadline = limit, time.monotonic() + limit

    def run(self, *argv, cwd=None, **env):
        """Runs a command; raises debs.Unavailable with the end of its log."""
        start = time.monotonic()
        with open(self.folder + '/log', 'a+b') as log:
            child = subprocess.Popen(['nice', '-n', '10', *argv], stdout=log,
                                     stderr=log, stdin=subprocess.DEVNULL,
                                     cwd=cwd or self.folder,
                                     env={**self.env, **env})
            try:
                child.wait(self.deadline - start)
            except subprocess.TimeoutExpired:
                raise debs.Unavailable(f'making {self.folder} took longer than '
                                       f'{self.limit} s') from None
            finally:
                if child.poll() is None:
                    child.terminate()	# make ends what it started
                    child.wait()
            if child.returncode:
                log.seek(max(0, log.tell() - 600))
                said = log.read().decode(errors='replace').strip()
                raise debs.Unavailable(f'{" ".join(argv[:2])} failed: {said}')
        if time.monotonic() - start > 5:
            debs.note(f'  {os.path.basename(argv[0])} {argv[-1]}: '
                      f'{time.monotonic() - start:.0f} s')

    def unpack(self, archive, name):
        """Unpacks a source archive (one was found, or none) as folder/name."""
        if len(archive) != 1:
            raise debs.Unavailable(f'no single source archive for {name}')
        os.makedirs(f'{self.folder}/{name}')
        self.run('tar', '-xf', archive[0], '-C', name, '--strip-components=1')
        return f'{self.folder}/{name}'

    def make(self, folder, *targets, **env):
        self.run('make', '-s', '-C', folder, f'-j{os.cpu_count() or 1}',
                 *targets, **env)


def made(name, how, *inputs, limit=SLOWEST):
    """The folder of a thing; how(build, out) makes it where it is missing, in limit
    seconds, from what inputs, texts, say: another text, another folder."""
    key = hashlib.sha256('\n'.join(inputs).encode()).hexdigest()[:12]
    folder = os.path.join(debs.CACHE, 'tools', f'{name}-{key}')
    with debs.locked(name):
        if not os.path.isdir(folder):
            debs.note(f'making {name}: minutes, once')
            work = folder + '.tmp'
            shutil.rmtree(work, ignore_errors=True)
            os.makedirs(work + '/out')
            with contextlib.ExitStack() as stack:
                stack.callback(shutil.rmtree, work, ignore_errors=True)
                how(Build(work, limit), work + '/out')
                os.rename(work + '/out', folder)
    return folder


def package(name):
    """A package with sources: its folder, whose name has its version."""
    return debs.Repo(SUITE, 'amd64').get(name)[0]


def contents(path):
    """The text of a file of this folder."""
    with open(os.path.join(HERE, path)) as f:
        return f.read()


def prefix(target):
    """What stands before the names of a target's tools, and the environment in
    which they are found."""
    if target == debs.host_arch():
        return '', dict(os.environ)
    env = dict(os.environ)
    if target == 'ia64':
        env['PATH'] = gcc() + '/bin:' + env['PATH']
    return debs.TRIPLET[target] + '-', env


# ---- the compiler
def gcc():
    """The folder with bin/ia64-linux-gnu-gcc; assembler and linker are Debian's."""
    source = package(GCC)
    for tool in ('as', 'ld'):
        if not shutil.which(f'{TRIPLET}-{tool}'):
            raise debs.Unavailable(f'{TRIPLET}-{tool} is missing (package '
                                   f'binutils-{TRIPLET})')
    return made('ia64-gcc', lambda build, out: make_gcc(build, out, source),
                os.path.basename(source), *GCC_OPTIONS)


def make_gcc(build, out, source):
    tree = build.unpack(glob.glob(source + '/usr/src/gcc-*/gcc-*.tar.xz'), 'src')
    patch, = glob.glob(source + '/usr/src/gcc-*/patches/gcc-gfdl-build.diff')
    build.run('patch', '-s', '-p2', '-i', patch, cwd=tree)
    os.makedirs(build.folder + '/build')
    flags = {'CFLAGS': '-O1', 'CXXFLAGS': '-O1', 'MAKEINFO': 'true'}
    # the prefix is where the compiler looks for its own parts relative to itself,
    # so the folder may be renamed afterwards
    build.run(tree + '/configure', '--prefix=' + out, '--target=' + TRIPLET,
              *(f'--with-{t}={shutil.which(f"{TRIPLET}-{t}")}'
                for t in ('as', 'ld')),
              *GCC_OPTIONS, cwd=build.folder + '/build', **flags)
    for target in ('all-gcc', 'install-strip-gcc', 'all-target-libgcc',
                   'install-target-libgcc'):
        build.make('build', *(f'{k}={v}' for k, v in flags.items()), target)
    for unwanted in ('share', 'include', f'lib/gcc/{TRIPLET}/*/install-tools',
                     f'libexec/gcc/{TRIPLET}/*/install-tools'):
        for path in glob.glob(f'{out}/{unwanted}'):
            shutil.rmtree(path)


# ---- the userland: busybox would need a libc that is larger (glibc)
def klibc():
    """A folder with bin/: klibc's sh and utilities, all static."""
    linux, compiler = package(LINUX), gcc()
    source = debs.Repo(SUITE, 'source').source(KLIBC)[0]
    return made('ia64-klibc',
                lambda build, out: make_klibc(build, out, source, linux),
                os.path.basename(source), os.path.basename(linux), compiler)


# What of a kernel's source its headers are made from: the whole takes minutes.
HEADERS = 'Makefile Kbuild Kconfig include/* arch/ia64/* scripts/* usr/*'.split()


def headers(build, linux):
    """A folder with what the kernel offers to programs."""
    archive, = glob.glob(linux + '/usr/src/linux-source-*.tar.xz')
    name = os.path.basename(archive)[:-len('.tar.xz')]
    tree, folder = build.folder + '/linux', build.folder + '/headers'
    os.makedirs(tree)
    build.run('tar', '-xf', archive, '-C', tree, '--strip-components=1',
              '--wildcards', *(f'{name}/{part}' for part in HEADERS))
    build.make(tree, 'ARCH=ia64', 'INSTALL_HDR_PATH=' + folder,
               'headers_install')
    shutil.rmtree(tree)
    return folder


def glibc():
    """A root folder with glibc's libc.a, start files and headers, the kernel's among
    them.  Ten minutes of a core."""
    source, linux, compiler = package(GLIBC), package(LINUX), gcc()
    return made('ia64-glibc',
                lambda build, out: make_glibc(build, out, source, linux),
                os.path.basename(source), os.path.basename(linux), compiler,
                *GLIBC_OPTIONS, *GLIBC_PARTS, contents(UNWIND),
                limit=SLOWEST_LIBC)


def make_glibc(build, out, source, linux):
    _, build.env = prefix('ia64')
    kernel = headers(build, linux)
    tree = build.unpack(glob.glob(source + '/usr/src/glibc/glibc-*.tar.xz'),
                        'src')
    folder = build.folder + '/build'
    os.makedirs(folder)
    build.run(tree + '/configure', '--host=' + TRIPLET,
              '--build=' + debs.TRIPLET[debs.host_arch()],
              '--with-headers=' + kernel + '/include', *GLIBC_OPTIONS,
              'CFLAGS=-O2', cwd=folder)
    for part in GLIBC_PARTS:
        build.make(folder, 'object-suffixes=.o', part + '/subdir_lib')
    # of the dynamic linker only what is in libc.a: the rest needs a shared libc
    build.make(tree + '/elf', 'subdir=elf', '..=../', 'objdir=' + folder,
               'object-suffixes=.o', folder + '/elf/stamp.o')
    # without what the parts that were left out would add
    build.make(folder, 'install-headers', 'install-bootstrap-headers=yes',
               'install_root=' + out, 'object-suffixes=.o')
    with open(out + '/usr/include/gnu/stubs.h', 'w'):
        pass
    shutil.copytree(kernel + '/include', out + '/usr/include',
                    dirs_exist_ok=True)
    put_libraries(build, folder, out + '/usr/lib')


def put_libraries(build, folder, lib):
    """libc.a of what the parts list, the start files, and an empty libm.a: busybox
    names that always, and what is made here uses nothing of it."""
    os.makedirs(lib, exist_ok=True)
    objects = ' '.join(contents(path) for path in
                       glob.glob(folder + '/*/stamp.o')).split()
    build.run(TRIPLET + '-gcc', '-O1', '-c', '-o', 'unwind.o', f'{HERE}/{UNWIND}',
              cwd=folder)
    build.run(TRIPLET + '-ar', 'cqs', lib + '/libc.a', *objects, 'unwind.o',
              cwd=folder)
    build.run(TRIPLET + '-ar', 'cqs', lib + '/libm.a', cwd=folder)
    for path in glob.glob(folder + '/csu/crt[1in].o'):
        shutil.copy(path, lib)


def busybox():
    """A folder with bin/busybox: static, of the applets of ia64/busybox.config."""
    libc, compiler = glibc(), gcc()
    source = debs.Repo(SUITE, 'source').source(BUSYBOX)[0]
    config = contents('ia64/busybox.config')
    return made('ia64-busybox',
                lambda build, out: make_busybox(build, out, source, libc, config),
                os.path.basename(source), libc, compiler, config)


def make_busybox(build, out, source, libc, config):
    _, build.env = prefix('ia64')
    tree, usr = build.folder + '/src', libc + '/usr'
    shutil.copytree(source, tree, symlinks=True)
    cross = f'CROSS_COMPILE={TRIPLET}-'
    build.make(tree, cross, 'allnoconfig')
    choose(tree + '/.config', config)
    build.run('sh', '-c', f'yes "" | make -s {cross} oldconfig', cwd=tree)
    build.make(tree, cross, f'CONFIG_EXTRA_CFLAGS=-isystem {usr}/include',
               f'CONFIG_EXTRA_LDFLAGS=-B{usr}/lib -L{usr}/lib', 'busybox')
    os.makedirs(out + '/bin')
    shutil.copy(tree + '/busybox', out + '/bin/busybox')


def choose(path, config):
    """Gives a busybox configuration the lines of another."""
    text = contents(path)
    for line in re.findall(r'^CONFIG_.*', config, re.M):
        name = line.split('=')[0]
        text = re.sub(rf'^(# {name} is not set|{name}=.*)$', line, text, flags=re.M)
    with open(path, 'w') as f:
        f.write(text)


def reach():
    """A program for the guest, of the target's reach.c: it reaches the host by the
    user network."""
    sources = [f'{HERE}/ia64/reach.{ext}' for ext in 'Sc']
    texts = [contents(path) for path in sources]

    def make(build, out):
        cross, build.env = prefix('ia64')
        build.run(cross + 'gcc', '-O1', '-static', '-nostdlib', '-ffreestanding',
                  '-o', out + '/reach', *sources, '-lgcc')
    return made('ia64-reach', make, gcc(), *texts) + '/reach'


def make_klibc(build, out, source, linux):
    _, build.env = prefix('ia64')
    kernel = headers(build, linux)
    tree = build.folder + '/src'
    shutil.copytree(source, tree, symlinks=True)
    build.make(tree, 'ARCH=ia64', f'CROSS_COMPILE={TRIPLET}-',
               'KLIBCKERNELSRC=' + kernel)
    os.makedirs(out + '/bin')
    for path in [tree + '/usr/dash/static/sh',
                 *glob.glob(tree + '/usr/utils/static/*')]:
        if not path.endswith('.g'):	# the same with symbols
            shutil.copy(path, out + '/bin')
