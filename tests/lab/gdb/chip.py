# SPDX-License-Identifier: MIT
"""Stops a guest of tests/guest where it wants to be, and has the interrupt controller
saved, reset and restored."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lab  # noqa: E402

ENOUGH = 100		# registers, which every controller has


def main():
    where = lab.SYMBOLS['stop_here']
    lab.begin()
    lab.run(f'hbreak *{where:#x}')
    lab.run('continue')
    lab.same(lab.reg('pc'), where, 'the guest stops where it wants to')
    text = lab.run('monitor chip')
    m = re.search(r'^(\d+) registers were saved, reset and restored; 0 differ',
                  text, re.M)
    lab.point(m and int(m[1]) > ENOUGH, 'each register is restored')
    lab.run('delete')
    lab.run('continue')
    lab.point(lab.Last.why == 'exited 0', 'the guest goes on to its end')
    lab.end()


main()
