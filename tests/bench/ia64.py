# SPDX-License-Identifier: MIT
"""The speed of the IA-64 engine: the programs of tests/ia64/bench on it and here."""
import glob
import os
import re
import resource
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + '/tests/ia64')
import differ			# noqa: E402

debs = differ.debs

GOALS = {'integers': 'to reach: 800'}


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
