# SPDX-License-Identifier: MIT
"""What a debugger waits for: memory, steps and breakpoints over the stub of vmm
and that of QEMU, the same guest in ring 0 and the same client."""
import os
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'gdbstub'))
import client  # noqa: E402

READ = 8 << 20			# bytes
STEPS = 2000
BREAKS = 500


def rate(n, what):
    start = time.monotonic()
    what()
    return n / (time.monotonic() - start)


def memory(r, sym):
    """MB/s, in pieces as large as the stub takes."""
    packet = int(r.features.partition('PacketSize=')[2].split(';')[0], 16)
    piece = min(packet // 2 - 16, 0x10000) & ~15
    ask = f"m{sym['pattern']:x},{piece:x}"
    n = READ // piece

    def reads():
        for _ in range(n):
            r.ask(ask)
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


def measure(argv, path, sym):
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        r = client.connect_unix(path, child)
        r.ask(f"Z1,{sym['debug_top']:x},1")
        r.go('vCont;c')
        r.ask(f"z1,{sym['debug_top']:x},1")
        got = memory(r, sym), steps(r), breaks(r, sym)
        r.close()
        return got
    finally:
        child.kill()
        child.wait()


def compare(vmm, qemu, guest, runs):
    """(what, unit, ours, theirs or None) for each figure, medians."""
    sym = client.symbols(guest + '.elf')
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix='vmm-bench-') as d:
        path = d + '/gdb'
        for _ in range(runs):
            ours.append(measure([vmm, 'run', '-m', '64M', '-k', guest + '.bin',
                                 '--serial', 'null', '--gdb', 'unix:' + path,
                                 '--wait-gdb'], path, sym))
            if not qemu:
                continue
            theirs.append(measure([qemu, '-M', 'microvm,accel=kvm', '-m', '64',
                                   '-nodefaults', '-display', 'none', '-kernel',
                                   guest + '.bin', '-S', '-gdb',
                                   f'unix:{path},server=on,wait=off'],
                                  path, sym))
    figures = (('memory read', 'MB/s'), ('steps, with registers', '/s'),
               ('breakpoint, hit and stepped off', '/s'))
    for i, (what, unit) in enumerate(figures):
        yield (what, unit, statistics.median(o[i] for o in ours),
               statistics.median(t[i] for t in theirs) if theirs else None)
