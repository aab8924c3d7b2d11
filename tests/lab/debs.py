# SPDX-License-Identifier: MIT
"""Debian packages of any suite and architecture, unpacked in a cache.

Nothing is installed: apt-get is used with a state of its own, and each package is
unpacked into CACHE/pkg/NAME_VERSION_ARCH.  That folder appears whole or not at all.
What a name resolved to is remembered, so that a warm cache needs no network; the
package lists are asked again after a week, and if the mirror does not answer then
what is there is used.
"""
import contextlib
import fcntl
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or
                     os.path.expanduser('~/.cache'), 'vmm')
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
LISTS_AGE = 7 * 86400		# seconds after which the lists are asked again
SLOWEST = 1800			# seconds that one download may take


class Unavailable(Exception):
    """What was asked for cannot be had; the text says why, for a skip."""


def note(text):
    print('lab: ' + text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(name):
    """Holds the cache's lock of that name, against other processes."""
    folder = os.path.join(CACHE, 'lock')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'w') as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f'waiting for another process that uses {name}')
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


def mirror():
    """The mirror this machine uses for Debian, else Debian's own."""
    for path in ['/etc/apt/sources.list',
                 *sorted(glob.glob('/etc/apt/sources.list.d/*'))]:
        try:
            with open(path) as f:
                text = f.read()
        except (OSError, UnicodeDecodeError):
            continue
        for url in re.findall(r'^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+)', text,
                              re.M):
            if re.search(r'/debian/?$', url):
                return url
    return 'http://deb.debian.org/debian'


class Repo:
    """One suite and architecture, in Debian's spelling; or arch 'source'."""

    def __init__(self, suite, arch):
        self.suite, self.arch = suite, arch
        self.id = f'{suite}-{arch}'
        self.state = os.path.join(CACHE, 'apt', self.id)
        self.index = os.path.join(self.state, 'resolved.json')
        self.fresh = False		# lists were looked at in this process

    # ---- apt-get with a state of its own
    def options(self):
        s = self.state
        arch = 'amd64' if self.arch == 'source' else self.arch
        return ['-q', '-o', 'Debug::NoLocking=1',
                '-o', f'Dir::Etc::sourcelist={s}/sources.list',
                '-o', 'Dir::Etc::sourceparts=-',
                '-o', f'Dir::State={s}', '-o', f'Dir::State::lists={s}/lists',
                '-o', f'Dir::State::status={s}/status',
                '-o', f'Dir::Cache={s}/cache',
                '-o', f'APT::Architecture={arch}',
                '-o', f'APT::Architectures::={arch}',
                '-o', 'APT::Sandbox::User=', '-o', 'Acquire::Languages=none',
                '-o', 'Acquire::Retries=3', '-o', 'Acquire::http::Timeout=30']

    def apt(self, tool, *args, cwd=None, show=False):
        try:
            r = subprocess.run([tool, *self.options(), *args], cwd=cwd,
                               stdin=subprocess.DEVNULL,
                               stdout=sys.stderr if show else subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True,
                               timeout=SLOWEST)
        except FileNotFoundError:
            raise Unavailable(f'{tool} is missing: packages are fetched on '
                              'Debian and Ubuntu only') from None
        except subprocess.TimeoutExpired:
            raise Unavailable(f'{tool} {args[0]} took longer than '
                              f'{SLOWEST} s') from None
        if r.returncode:
            last = [x for x in r.stderr.splitlines() if x.startswith('E:')]
            raise Unavailable(f'{tool} {args[0]} failed for {self.id}: ' +
                              (last or [r.stderr.strip()[-300:]])[0])
        return r.stdout

    def renew(self, force=False):
        """Sees to it that the package lists are there and not too old."""
        stamp = os.path.join(self.state, 'renewed')
        try:
            age = time.time() - os.stat(stamp).st_mtime
        except FileNotFoundError:
            age = None
        if self.fresh or (age is not None and age < LISTS_AGE and not force):
            return
        self.fresh = True
        if not os.path.exists(KEYRING):
            raise Unavailable(f'{KEYRING} is missing (package '
                              'debian-archive-keyring)')
        for d in ('lists/partial', 'cache/archives/partial', 'debs'):
            os.makedirs(os.path.join(self.state, d), exist_ok=True)
        open(os.path.join(self.state, 'status'), 'a').close()
        with open(os.path.join(self.state, 'sources.list'), 'w') as f:
            kind = 'deb-src' if self.arch == 'source' else 'deb'
            f.write(f'{kind} [signed-by={KEYRING}] {mirror()} {self.suite} '
                    'main\n')
        note(f'asking {mirror()} for the package lists of {self.id}')
        try:
            self.apt('apt-get', 'update', '-o', 'APT::Update::Error-Mode=any')
        except Unavailable:
            if age is None:
                raise
            note('the mirror does not answer; using the lists of '
                 f'{age / 86400:.0f} days ago')
            return
        with open(stamp, 'w'):
            pass

    def remembered(self):
        try:
            with open(self.index) as f:
                return json.load(f)
        except (OSError, ValueError):
            return {}

    def remember(self, index):
        tmp = f'{self.index}.{os.getpid()}'
        with open(tmp, 'w') as f:
            json.dump(index, f, indent=1, sort_keys=True)
        os.rename(tmp, self.index)

    def show(self, name):
        """The fields of a package; a kernel metapackage gives its kernel."""
        text = self.apt('apt-cache', 'show', '--no-all-versions', name)
        fields = dict(re.findall(r'^([A-Za-z0-9-]+): *(.*)$', text, re.M))
        kernel = re.search(r'\b(linux-image-\d\S*)', fields.get('Depends', ''))
        if kernel and not re.match(r'linux-image-\d', name):
            return self.show(kernel[1])
        return fields

    # ---- what callers use
    def get(self, *names):
        """The folders of these packages, fetched where missing."""
        with locked(self.id):
            index = self.remembered()
            out = []
            for name in names:
                have = index.get(name)
                if not (have and self.settled() and
                        os.path.isdir(os.path.join(CACHE, 'pkg', have))):
                    have = self.fetch(name, have)
                    index[name] = have
                    self.remember(index)
                out.append(os.path.join(CACHE, 'pkg', have))
        return out

    def closure(self, name):
        """The folders of a package and of all it depends on."""
        with locked(self.id):
            self.renew()
            key = 'closure:' + name
            names = self.remembered().get(key)
            if not names or not self.settled():
                text = self.apt('apt-get', '--simulate', 'install',
                                '--no-install-recommends', name)
                names = re.findall(r'^Inst (\S+)', text, re.M)
                self.remember({**self.remembered(), key: names})
        return self.get(*names)

    def settled(self):
        """Whether the lists are young enough to trust what is remembered."""
        try:
            stamp = os.stat(os.path.join(self.state, 'renewed')).st_mtime
        except FileNotFoundError:
            return False
        return self.fresh or time.time() - stamp < LISTS_AGE

    def fetch(self, name, have):
        old = have and os.path.isdir(os.path.join(CACHE, 'pkg', have))
        try:
            self.renew()
            f = self.show(name)
        except Unavailable:
            if old:
                return have
            raise
        key = '{}_{}_{}'.format(f['Package'], f['Version'].replace(':', '%3a'),
                                f['Architecture'])
        dest = os.path.join(CACHE, 'pkg', key)
        if os.path.isdir(dest):
            return key
        try:
            deb = self.download(f)
            self.unpack(deb, dest)
        except Unavailable:
            if old:
                note(f'{key} is out of reach; using {have}')
                return have
            raise
        return key

    def download(self, f):
        folder = os.path.join(self.state, 'debs')
        size = int(f.get('Size', 0)) / 1e6
        note(f'fetching {f["Package"]} {f["Version"]} ({self.arch}, '
             f'{size:.1f} MB)')
        want = f'{f["Package"]}={f["Version"]}'
        try:
            self.apt('apt-get', 'download', want, cwd=folder)
        except Unavailable:
            # the lists may be older than the mirror's pool
            self.fresh = False
            self.renew(force=True)
            self.apt('apt-get', 'download', want, cwd=folder)
        name = '{}_{}_{}.deb'.format(f['Package'],
                                     f['Version'].replace(':', '%3a'),
                                     f['Architecture'])
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            raise Unavailable(f'apt-get did not leave {name}')
        return path

    def unpack(self, deb, dest):
        tmp = f'{dest}.{os.getpid()}.tmp'
        os.makedirs(os.path.dirname(dest), exist_ok=True)
        shutil.rmtree(tmp, ignore_errors=True)
        r = subprocess.run(['dpkg-deb', '-x', deb, tmp], capture_output=True,
                           text=True)
        if r.returncode:
            shutil.rmtree(tmp, ignore_errors=True)
            os.unlink(deb)
            raise Unavailable(f'dpkg-deb: {r.stderr.strip()}')
        os.rename(tmp, dest)
        os.unlink(deb)

    def source(self, name):
        """The unpacked source of a package: (folder, version)."""
        with locked(self.id):
            index = self.remembered()
            key = index.get('source:' + name)
            if key and os.path.isdir(os.path.join(CACHE, 'src', key)):
                return os.path.join(CACHE, 'src', key), key.split('_', 1)[1]
            self.renew()
            text = self.apt('apt-cache', 'showsrc', name)
            version = re.findall(r'^Version: *(\S+)', text, re.M)[-1]
            key = f'{name}_{version.replace(":", "%3a")}'
            dest = os.path.join(CACHE, 'src', key)
            if not os.path.isdir(dest):
                work = f'{dest}.{os.getpid()}.tmp'
                shutil.rmtree(work, ignore_errors=True)
                os.makedirs(work)
                note(f'fetching the source of {name} {version}')
                try:
                    self.apt('apt-get', 'source', '--download-only',
                             f'{name}={version}', cwd=work)
                    unpack_source(work)
                    os.rename(work, dest)
                finally:
                    shutil.rmtree(work, ignore_errors=True)
            index['source:' + name] = key
            self.remember(index)
            return dest, version


def unpack_source(work):
    """Unpacks the upstream archive that apt-get left in a folder, in place."""
    tars = glob.glob(os.path.join(work, '*.orig.tar.*'))
    tars = [t for t in tars if not t.endswith('.asc')]
    if len(tars) != 1:
        raise Unavailable(f'no single upstream archive in {work}')
    r = subprocess.run(['tar', '-xf', tars[0], '-C', work,
                        '--strip-components=1'], capture_output=True, text=True)
    if r.returncode:
        raise Unavailable(f'tar: {r.stderr.strip()}')
    for f in glob.glob(os.path.join(work, '*.tar.*')):
        os.unlink(f)


DEBIAN_ARCH = {'x86_64': 'amd64', 'arm64': 'arm64', 'ppc64le': 'ppc64el'}
TRIPLET = {'x86_64': 'x86_64-linux-gnu', 'arm64': 'aarch64-linux-gnu',
           'ppc64le': 'powerpc64le-linux-gnu', 'ia64': 'ia64-linux-gnu'}


def host_arch():
    return os.uname().machine.replace('aarch64', 'arm64')
