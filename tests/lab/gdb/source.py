# SPDX-License-Identifier: MIT
"""A kernel made with types and lines (labs.KERNELS' "debug"), by its source: early boot,
a module (guest/module), in which it hangs, and a panic.  What gdb says of it is what
docs/debugging.md shows."""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gdb  # noqa: E402
import lab  # noqa: E402

CACHE = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
TREE = max(glob.glob(f'{CACHE}/vmm/kernel/{lab.TARGET}-debug-*[0-9a-f]'),
           key=os.path.getmtime)
LOOKS = 20		# times that a guest is looked at, whether it hangs by now


def load_vmlinux():
    # vmlinux-gdb.py would look beside this file, for it is loaded while this runs.
    sys.path.insert(0, TREE + '/scripts/gdb')
    lab.run('add-auto-load-safe-path ' + TREE)
    lab.run('cd ' + TREE)         # where it finds sources, and lx-symbols modules
    lab.run('file vmlinux')


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


def data():
    """The module's variable.  Of ia64's modules gdb takes variables for unlinked: by
    the address that /sys/module/sample/sections/.bss tells in the guest."""
    if lab.TARGET != 'ia64':
        return 'sample'
    from linux import modules     # the kernel's own script
    for m in modules.module_list():
        sections = m['sect_attrs'].dereference()
        for i in range(int(sections['nsections'])):
            s = sections['attrs'][i]
            if s['battr']['attr']['name'].string() == '.bss':
                return f'(*(struct sample *){int(s["address"]):#x})'
    raise gdb.error('the module has no data')


def module():
    """From its first function on; the debugger hears of it when it is loaded."""
    lab.run('lx-symbols')
    lab.run('set breakpoint pending on')
    lab.run('break sample_count')
    stop_at('sample_count', 'sample.c', 'a module')
    lab.run('lx-lsmod')
    lab.run('backtrace 4')
    lab.run('print by')
    lab.run('continue')
    lab.run('finish')
    text = lab.run('print ' + data())
    lab.point('turns = 2, sum = 42' in text, "a module's data")
    lab.run('delete')


def to_thread(function):
    """Whether one executes that function; it is the current one then."""
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        if gdb.newest_frame().name() == function:
            return True
    return False


def hang():
    """A CPU that takes no interrupts; its data let it go on."""
    hangs = False
    for _ in range(LOOKS):
        lab.interrupt_after(5)
        lab.run('continue')
        hangs = to_thread('sample_hang')
        if hangs:
            break
    lab.point(hangs, 'a hang: where a CPU is')
    lab.run('info threads')
    lab.run('thread apply all backtrace 4')
    lab.run('list')
    lab.run('print ' + data())
    lab.run('monitor info cpus')
    lab.run(f'set variable {data()}.stuck = 0')


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
    lab.point('sample: goes on' in text, 'a hang: the guest went on when it was told to')
    lab.point('sysrq: Trigger a crash' in text, 'a panic: the log until then')


def main():
    lab.begin(load_vmlinux)
    early()
    module()
    hang()
    panic()
    lab.run('kill')
    lab.end()


main()
