# SPDX-License-Identifier: MIT
"""Compares what a C program prints on the IA-64 engine with what it prints here.

A program is compiled by the cross compiler of tests/lab/tools.py, freestanding, with
the library of runtime/, once for each of VARIANTS; natively once.  Compiled programs
and native outputs are kept in the cache by what they were made from."""
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, 'tests', 'lab'))
import debs			# noqa: E402
import tools			# noqa: E402

CSMITH = '/usr/include/csmith'
# What both compilers are told: one meaning of char and of a * b + c.
COMMON = ['-std=gnu11', '-w', '-fsigned-char', '-ffp-contract=off',
          '-fno-strict-aliasing', '-fwrapv', '-I' + CSMITH]
CROSS = ['-ffreestanding', '-nostdlib', '-static', '-nostdinc',
         '-I' + HERE + '/runtime/include']
SPECULATE = ['-msched-control-spec', '-msched-br-data-spec',
             '-msched-ar-data-spec', '-msched-in-control-spec',
             '-msched-br-in-data-spec', '-msched-ar-in-data-spec',
             '-msched-count-spec-in-critical-path', '-mno-sched-spec-ldc']
VARIANTS = {
    'O0': ['-O0'],
    'O2': ['-O2'],
    'O3': ['-O3', '-fmodulo-sched', '-fmodulo-sched-allow-regmoves'],
    'O3-spec': ['-O3', '-funroll-loops', *SPECULATE],
    'O2-div': ['-O2', '-minline-int-divide-min-latency',
               '-minline-float-divide-max-throughput', '-mno-early-stop-bits'],
}
NATIVE_TIME = 10		# seconds; a program of csmith's may run for ever
ENGINE_TIME = 300
FOLDER = os.path.join(debs.CACHE, 'ia64-programs')


class Endless(Exception):
    """The program does not end by itself, natively."""


def kept(parts, suffix, make):
    """The path of a file made by make(path) from what the texts in parts say."""
    key = hashlib.sha256('\0'.join(parts).encode()).hexdigest()[:24]
    path = f'{FOLDER}/{key}{suffix}'
    if not os.path.exists(path):
        os.makedirs(FOLDER, exist_ok=True)
        tmp = f'{path}.{os.getpid()}.{threading.get_ident()}.tmp'
        try:
            make(tmp)
            os.rename(tmp, path)
        finally:
            if os.path.exists(tmp):
                os.unlink(tmp)
    return path


def read(path):
    with open(path) as f:
        return f.read()


def compile_to(argv, source, path, *libraries):
    r = subprocess.run([*argv, '-x', 'c', '-', '-x', 'none', '-o', path,
                        *libraries], input=source, capture_output=True,
                       text=True)
    if r.returncode:
        raise RuntimeError(r.stderr[-2000:])


def native(source):
    """What the program prints here, and its status in a last line."""
    def make(path):
        compile_to(['gcc', '-O1', *COMMON], source, path + '.exe', '-lm')
        try:
            r = subprocess.run([path + '.exe'], capture_output=True,
                               timeout=NATIVE_TIME)
        except subprocess.TimeoutExpired:
            raise Endless from None
        finally:
            os.unlink(path + '.exe')
        with open(path, 'w') as f:
            f.write(r.stdout.decode() + f'status {r.returncode}\n')
    return read(kept(['native', *COMMON, source], '.out', make))


class Tools:
    """The cross compiler, the runtime library and the runner."""

    def __init__(self, runner):
        prefix, self.env = tools.prefix('ia64')
        self.cc = shutil.which(prefix + 'gcc', path=self.env['PATH'])
        self.runner = runner
        self.runtime = [read(f) for f in
                        sorted(glob.glob(HERE + '/runtime/**/*.[chS]',
                                         recursive=True))]
        own = subprocess.run([self.cc, '-print-file-name=include'],
                             capture_output=True, text=True).stdout.strip()
        # gcc keeps limits.h apart from its other headers
        self.flags = [*COMMON, *CROSS, '-I' + own, f'-I{own}-fixed']

    def program(self, source, variant):
        """The path of the compiled program."""
        flags = self.flags + VARIANTS[variant]

        def make(path):
            obj = f'{path}.o'
            try:
                compile_to([self.cc, *flags, '-c'], source, obj)
                r = subprocess.run([self.cc, *flags, HERE + '/runtime/crt.S',
                                    HERE + '/runtime/libc.c', obj, '-lgcc',
                                    '-o', path], capture_output=True,
                                   text=True)
            finally:
                if os.path.exists(obj):
                    os.unlink(obj)
            if r.returncode:
                raise RuntimeError(r.stderr[-2000:])
        return kept(['ia64', self.cc, *flags, source, *self.runtime], '.elf',
                    make)

    def run(self, program):
        """As native(), by the engine; what it says of faults comes after."""
        try:
            r = subprocess.run([self.runner, program], capture_output=True,
                               timeout=ENGINE_TIME)
        except subprocess.TimeoutExpired:
            return f'(still running after {ENGINE_TIME} s)\n'
        return (r.stdout.decode(errors='replace') +
                f'status {r.returncode}\n' + r.stderr.decode())


def csmith(seed):
    """The source of one of csmith's programs, the same for everybody."""
    with tempfile.TemporaryDirectory() as folder:	# it writes platform.info
        r = subprocess.run(['csmith', '--seed', str(seed), '--no-argc',
                            '--concise', '--max-funcs', '6'], cwd=folder,
                           capture_output=True, text=True, timeout=60)
    if r.returncode:
        raise RuntimeError(r.stderr)
    return r.stdout


def difference(expected, got):
    """None, or the first line that differs."""
    if expected == got:
        return None
    a, b = expected.splitlines(), got.splitlines()
    for n, pair in enumerate(zip(a + ['(end)'], b + ['(end)'])):
        if pair[0] != pair[1]:
            return f'line {n + 1}: natively {pair[0]!r}, here {pair[1]!r}\n' + \
                '\n'.join(b[-3:])
    return 'it prints more, or less'
