# SPDX-License-Identifier: MIT
"""What a debugger waits for: memory, steps and breakpoints over the stub of vmm
and that of QEMU, the same guest in ring 0 and the same client."""
import os
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'gdbstub'))
import client  # noqa: E402

READ = 1 << 20			# bytes a round
STEPS = 100			# a round
BREAKS = 50
ROUNDS = 4			# for each of bench's runs


def rate(n, what):
    start = time.monotonic()
    what()
    return n / (time.monotonic() - start)


def memory(r, sym):
    """MB/s, in pieces as large as the stub takes, which nobody decodes."""
    packet = int(r.features.partition('PacketSize=')[2].split(';')[0], 16)
    piece = min(packet // 2 - 16, 0x10000) & ~15
    ask = f"m{sym['pattern']:x},{piece:x}"
    n = READ // piece

    def reads():
        for _ in range(n):
            r.send(ask)
            r.raw()
    return rate(n * piece / 1e6, reads)


def steps(r):
    """Steps a second, each with the registers, as gdb wants them."""
    def run():
        for _ in range(STEPS):
            r.go('vCont;s:1')
            r.ask('g')
    return rate(STEPS, run)


def breaks(r, sym):
    """Hits a second of one hardware breakpoint, stepped off as gdb does."""
    at = f"1,{sym['debug_top']:x},1"

    def run():
        for _ in range(BREAKS):
            r.ask('z' + at)
            r.go('vCont;s:1')
            r.ask('Z' + at)
            r.go('vCont;c')
            r.ask('g')
    r.ask('Z' + at)
    r.go('vCont;c')
    got = rate(BREAKS, run)
    r.ask('z' + at)
    return got


class Stub:
    """A machine at the top of its loop, stopped, and its client."""

    def __init__(self, argv, path, sym):
        self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
        self.r = client.connect_unix(path, self.child)
        self.r.ask(f"Z1,{sym['debug_top']:x},1")
        self.r.go('vCont;c')
        self.r.ask(f"z1,{sym['debug_top']:x},1")

    def end(self):
        self.r.close()
        self.child.kill()
        self.child.wait()


def compare(vmm, qemu, guest, runs):
    """(what, unit, ours, theirs or None) for each figure.  Both machines live, and
    take short turns, so that both meet whatever else the host does; the best turn
    of each counts, for that was disturbed least."""
    sym = client.symbols(guest + '.elf')
    figures = (('memory read', 'MB/s', lambda r: memory(r, sym)),
               ('steps, with registers', '/s', steps),
               ('breakpoint, hit and stepped off', '/s',
                lambda r: breaks(r, sym)))
    stubs = []
    with tempfile.TemporaryDirectory(prefix='vmm-bench-') as d:
        try:
            stubs.append(Stub([vmm, 'run', '-m', '64M', '-k', guest + '.bin',
                               '--serial', 'null', '--gdb', f'unix:{d}/vmm',
                               '--wait-gdb'], d + '/vmm', sym))
            if qemu:
                stubs.append(Stub(
                    [qemu, '-M', 'microvm,accel=kvm', '-m', '64', '-nodefaults',
                     '-display', 'none', '-kernel', guest + '.bin', '-S', '-gdb',
                     f'unix:{d}/qemu,server=on,wait=off'], d + '/qemu', sym))
            for what, unit, measure in figures:
                turns = [[measure(s.r) for s in stubs]
                         for _ in range(runs * ROUNDS)]
                best = [max(t) for t in zip(*turns)]
                yield what, unit, best[0], best[1] if qemu else None
        finally:
            for s in stubs:
                s.end()
