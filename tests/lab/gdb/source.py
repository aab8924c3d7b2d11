# SPDX-License-Identifier: MIT
"""A kernel made with types and lines (labs.KERNELS' "debug"), by its source: early boot,
and a panic.  What gdb says of it is what docs/debugging.md shows."""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gdb  # noqa: E402
import lab  # noqa: E402

CACHE = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
TREE = max(glob.glob(f'{CACHE}/vmm/kernel/{lab.TARGET}-debug-*[0-9a-f]'),
           key=os.path.getmtime)


def load_vmlinux():
    # vmlinux-gdb.py would look beside this file, for it is loaded while this runs.
    sys.path.insert(0, TREE + '/scripts/gdb')
    lab.run('add-auto-load-safe-path ' + TREE)
    lab.run(f'set substitute-path {TREE}.tmp/tree {TREE}')
    lab.run(f'file {TREE}/vmlinux')


def frames():
    """The functions from the innermost on."""
    frame, names = gdb.newest_frame(), []
    while frame and len(names) < 20:
        names.append(frame.name())
        frame = frame.older()
    return names


def where():
    """File and line."""
    sal = gdb.selected_frame().find_sal()
    return (sal.symtab.filename if sal.symtab else '?'), sal.line


def stop_at(function, file, what):
    lab.run('continue')
    lab.point(gdb.selected_frame().name() == function and
              where()[0].endswith(file), f'{what}: {function} in {file}')


def break_early(function):
    """Before the kernel is where its symbols say, by a debug register."""
    try:
        lab.run('hbreak ' + function)
        stop_at(function, 'init/main.c', 'early boot')
    except gdb.error as e:
        print(e)
        lab.run('delete')
        lab.run('break ' + function)
        stop_at(function, 'init/main.c', 'early boot')
    lab.run('delete')


def early():
    lab.run('x/3i $pc')
    lab.run('stepi')
    lab.run('x/i $pc')
    break_early('start_kernel')
    lab.run('list')
    before = where()[1]
    lab.run('next')
    lab.run('next')
    lab.point(where()[0].endswith('init/main.c') and where()[1] > before,
              'next goes from line to line')
    lab.run('print init_task.comm')
    lab.run('info threads')


def panic():
    """Which the guest's own init asks for."""
    lab.run('break panic')
    stop_at('panic', 'kernel/panic.c', 'a panic')
    lab.run('backtrace 8')
    lab.point('sysrq_handle_crash' in frames(), 'a panic: who called it')
    lab.run('up')
    lab.run('list')
    lab.run('info threads')
    text = lab.run('lx-dmesg')
    lab.point('sysrq: Trigger a crash' in text, 'a panic: the log until then')


def main():
    lab.begin(load_vmlinux)
    early()
    panic()
    lab.run('kill')
    lab.end()


main()
