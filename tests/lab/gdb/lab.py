# SPDX-License-Identifier: MIT
"""What the scripts of this folder share; they run inside gdb."""
import os
import signal
import subprocess
import tempfile
import threading
import time

import gdb

TARGET = os.environ['TARGET']
REMOTE = os.environ['GDB_REMOTE']
VERSION = os.environ['GUEST_VERSION']   # as the guest has it in /proc/version
BEGAN = time.monotonic()
SYMBOLS = {n: int(a, 16) for n, a in
           (s.split('=') for s in os.environ['SYMBOLS'].split())}
# gdb's architecture, a prefix of binutils that knows it, its objects; and where
# functions have their arguments and their result.
ARCH, TOOLS, FORMAT, ARGS, RESULT = {
    'x86_64': ('i386:x86-64', 'x86_64-linux-gnu', 'elf64-x86-64',
               ('rdi', 'rsi', 'rdx'), 'rax'),
    'arm64': ('aarch64', 'aarch64-linux-gnu', 'elf64-littleaarch64',
              ('x0', 'x1', 'x2'), 'x0'),
    'arm32': ('arm', 'aarch64-linux-gnu', 'elf32-littlearm',
              ('r0', 'r1', 'r2'), 'r0'),
    'ppc64le': ('powerpc:common64', 'powerpc64le-linux-gnu', 'elf64-powerpcle',
                ('r3', 'r4', 'r5'), 'r3'),
    'ia64': ('ia64-elf64', 'ia64-linux-gnu', 'elf64-ia64-little',
             ('r32', 'r33', 'r34'), 'r8'),
}[TARGET]


class Last:
    """Why the guest stopped last: a signal's name, "watchpoint", "breakpoint", or
    "exited"."""
    why = ''


def stopped(event):
    if isinstance(event, gdb.SignalEvent):
        Last.why = event.stop_signal
    elif isinstance(event, gdb.BreakpointEvent):
        Last.why = 'breakpoint' if event.breakpoint.type in (
            gdb.BP_BREAKPOINT, gdb.BP_HARDWARE_BREAKPOINT) else 'watchpoint'


def exited(event):
    Last.why = f'exited {getattr(event, "exit_code", "?")}'


def run(command):
    print('+ ' + command, flush=True)
    text = gdb.execute(command, to_string=True)
    print(text, end='', flush=True)
    return text


def point(good, what):
    print(f'# {time.monotonic() - BEGAN:.1f} s')
    print(('ok - ' if good else 'not ok - ') + what, flush=True)
    return good


def skip(what, why):
    print(f'ok - {what} # SKIP {" ".join(str(why).split())}', flush=True)


def same(got, wanted, what):
    return point(got == wanted, what if got == wanted else
                 f'{what} ({got:#x}, wanted {wanted:#x})')


def reg(name):
    return int(gdb.parse_and_eval(f'(unsigned long)${name}')) & (1 << 64) - 1


def load_symbols():
    """An ELF file with nothing but symbols, for gdb to look them up."""
    path = tempfile.mkdtemp() + '/symbols'
    empty = path + '.bin'
    with open(empty, 'wb') as f:
        f.write(bytes(16))	# objcopy refuses an empty one
    subprocess.run([TOOLS + '-objcopy', '-I', 'binary', '-O', FORMAT, '--rename-section',
                    '.data=.text,alloc,code', *(x for n, a in SYMBOLS.items()
                    for x in ('--add-symbol', f'{n}={a:#x},global,function')),
                    empty, path], check=True)
    run('file ' + path)
    os.unlink(empty)
    os.unlink(path)
    os.rmdir(os.path.dirname(path))


def connect():
    """vmm may not listen yet."""
    for left in range(60, -1, -1):
        try:
            run('target remote ' + REMOTE)
            return
        except gdb.error as e:
            print(e, flush=True)
            if not left:
                raise
            time.sleep(2)


def interrupt_after(seconds):
    """As Ctrl-C, while gdb waits for the guest."""
    def hit():
        os.kill(os.getpid(), signal.SIGINT)
    t = threading.Timer(seconds, hit)
    t.daemon = True
    t.start()


def begin(load=load_symbols):
    gdb.events.stop.connect(stopped)
    gdb.events.exited.connect(exited)
    for command in ('set confirm off', 'set pagination off',
                    'set remotetimeout 60', 'set tcp connect-timeout 60',
                    'set architecture ' + ARCH):
        run(command)
    load()
    connect()


def end():
    print('end of script', flush=True)
