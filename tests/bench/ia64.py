# SPDX-License-Identifier: MIT
"""The speed of the IA-64 engine: the programs of tests/ia64/bench on it and here."""
import glob
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + '/tests/ia64')
import differ			# noqa: E402

debs = differ.debs

sys.path.insert(0, TOP + '/tests/lab')
import kernels			# noqa: E402

GOALS = {'integers': 'to reach: 800', 'Linux boots': 'to reach: 300'}


def stderr_number(argv, unit):
    r = subprocess.run(argv, capture_output=True, text=True, check=True)
    return int(re.search(rf'(\d+) {unit}', r.stderr)[1])


def native_us(path):
    """Microseconds of processor time that the program takes here."""
    exe = differ.FOLDER + '/bench.exe'
    differ.compile_to(['gcc', '-O2', *differ.COMMON], differ.read(path), exe)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([exe], stdout=subprocess.DEVNULL, check=True)
    return (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime -
            before) * 1e6


def figures(runs):
    """(name, MIPS, IA-64 instructions by the microseconds they take natively)."""
    subprocess.run(['make', '-s', 'ia64-runner'], cwd=TOP, check=True)
    tools = differ.Tools(f'{TOP}/build/{debs.host_arch()}/tests/ia64/runner')
    for path in sorted(glob.glob(TOP + '/tests/ia64/bench/*.c')):
        program = tools.program(differ.read(path), 'O2')
        count = stderr_number([tools.runner, '-c', program], 'instructions')
        us = min(stderr_number([tools.runner, '-t', program], 'us')
                 for _ in range(runs))
        yield (os.path.basename(path)[:-2], count / us,
               count / max(1, native_us(path)))
    yield 'Linux boots', boot(runs, f' lpj={LPJ}'), None
    yield '  and calibrates', boot(runs, ''), None


# Linux measures how often it can loop within a tick, for a dozen of ticks, unless it
# is told: a third of a boot is then a loop that ends by the clock, not by its work,
# and an engine that counts what it executes goes round it a tenth as often.
LPJ = 1500000


def linux(work, more):
    """The command that boots Linux to its init and switches off."""
    kernel = kernels.get('ia64', 'smp', work)
    return [f'{TOP}/build/{debs.host_arch()}/vmm', 'run', '--arch', 'ia64',
            '-m', '512M', '-k', kernel.image, '-i',
            kernels.initrd('ia64', kernel, work), '-p',
            'console=ttyS0 job=hello' + more]


def crowded(runs):
    """Seconds that a boot of Linux takes on one CPU of this machine, with four
    vCPUs and with one; medians."""
    cpu = str(min(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory() as work:
        vmm = ['taskset', '-c', cpu, *linux(work, f' lpj={LPJ}')]

        def seconds(n):
            began = time.monotonic()
            subprocess.run([*vmm, '-c', str(n)], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, check=True, timeout=300)
            return time.monotonic() - began

        return [statistics.median(seconds(n) for _ in range(runs))
                for n in (4, 1)]


def boot(runs, more):
    """MIPS of a boot of Linux with one CPU, to its init and off, all of vmm's
    processor time counted.  The instructions are counted in a run of their own,
    which executes the same ones where the number of loops is given."""
    with tempfile.TemporaryDirectory() as work:
        vmm = linux(work, more)
        log = work + '/log'

        def seconds(*args):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([*vmm, *args], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return (after.ru_utime + after.ru_stime -
                    before.ru_utime - before.ru_stime)

        seconds('--log', f'guest-insn-counts,file={log}')
        with open(log) as f:
            count = int(re.search(r'(\d+) instructions', f.read())[1])
        return count / 1e6 / min(seconds() for _ in range(runs))


PV_ROUNDS = 100000		# of each, in tests/guest/ia64/pv.S


def paravirt(runs):
    """(name, ns by the architecture's own means, ns by the paravirtual interface),
    without what the call of a routine takes; the best of the runs."""
    subprocess.run(['make', '-s', 'guests-ia64'], cwd=TOP, check=True)
    vmm = [f'{TOP}/build/{debs.host_arch()}/vmm', 'run', '--arch', 'ia64', '-k',
           f'{TOP}/build/ia64/guest/pv.bin', '-p', 'bench']
    best = {}
    for _ in range(runs):
        out = subprocess.run(vmm, stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, check=True, timeout=120).stdout
        for name, *ns in re.findall(r'^time (.*): (\d+) (\d+)', out, re.M):
            now = [int(n) / PV_ROUNDS for n in ns]
            best[name] = [min(pair) for pair in zip(now, best.get(name, now))]
    call = best.pop('nothing')
    for name, ns in best.items():
        yield name, *(max(0.1, n - c) for n, c in zip(ns, call))
