# SPDX-License-Identifier: MIT
"""A session with a stock kernel: early boot, breakpoints, steps, watchpoints,
memory, interrupts, leaving and coming back."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gdb  # noqa: E402
import lab  # noqa: E402

STEPS = 1000
# Instructions after which the next one may be anywhere.
JUMPS = {'x86_64': r'j\w+|call\w*|ret\w*|loop\w*|iret\w*|sys\w+|int\w*|ud2'
                   r'|rep\w* .*|repz .*|hlt',
         'arm64': r'b|b\..*|bl|blr\w*|br\w*|ret\w*|cbn?z|tbn?z|eret\w*|svc|hvc|wfi'
         }[lab.TARGET]


def threads():
    return [t.num for t in gdb.selected_inferior().threads()]


def first_instruction():
    lab.point(len(threads()) == 4, 'each vCPU is a thread')
    lab.run('x/4i $pc')
    lab.point(all(lab.reg('pc') == lab.reg('pc') for _ in threads()),
              'the machine waits before the first instruction')


def start_kernel():
    lab.run(f'hbreak *{lab.SYMBOLS["start_kernel"]:#x}')
    lab.run('continue')
    lab.same(lab.reg('pc'), lab.SYMBOLS['start_kernel'],
             'a hardware breakpoint stops at start_kernel')
    lab.run('delete')


def banner():
    """In the kernel's image, which ends well within 64 MiB of start_kernel."""
    memory, wanted = gdb.selected_inferior(), b'Linux version '
    base = lab.SYMBOLS['start_kernel'] & ~((1 << 21) - 1)
    good = False
    for at in range(base - (48 << 20), base + (16 << 20), 1 << 20):
        try:
            found = memory.search_memory(at, 1 << 20, wanted)
            # gdb gives a random address where memory is not mapped.
            good = good or found and bytes(memory.read_memory(
                found, len(wanted))) == wanted
        except gdb.error:
            pass
    lab.point(good, "the kernel's banner is found in its memory")


def hot_function():
    """In every process, on any CPU."""
    where = lab.SYMBOLS['ksys_read']
    seen, good = set(), True
    lab.run(f'break *{where:#x}')
    for _ in range(12):
        lab.run('continue')
        good = good and lab.reg('pc') == where
        seen.add(gdb.selected_thread().num)
    lab.point(good, 'a breakpoint in a hot function stops each time')
    print(f'# on vCPUs {sorted(seen)}')
    lab.run('delete')


def steps():
    """Each step is one instruction on, or where a branch may lead."""
    arch, bad, pc = gdb.selected_frame().architecture(), [], lab.reg('pc')
    for _ in range(STEPS):
        insn = arch.disassemble(pc)[0]
        gdb.execute('stepi', to_string=True)
        now = lab.reg('pc')
        name = insn['asm'].split('\t')[0].strip()
        if now != pc + insn['length'] and not re.fullmatch(
                JUMPS, name) and not re.match(JUMPS, insn['asm']):
            bad.append(f'{pc:#x}: {insn["asm"]} -> {now:#x}')
        pc = now
    for x in bad[:10]:
        print('# ' + x)
    lab.point(not bad, f'{STEPS} steps go where the instructions say')


def saved_at():
    """Where the function that begins at the PC will save its first register."""
    code = gdb.selected_frame().architecture().disassemble(
        lab.reg('pc'), count=16)
    sp = lab.reg('sp')
    for insn in code:
        print('# ' + insn['asm'])
        name, _, args = insn['asm'].partition('\t')
        if name.strip() == 'push':
            return sp - 8
        grown = re.match(r'sp, sp, #(\w+)', args)
        if name == 'sub' and grown:
            sp -= int(grown[1], 0)
        to = re.search(r'\[sp(?:, #(-?\d+))?\]', args)
        if name in ('stp', 'str') and to:
            return sp + int(to[1] or 0)
    return None


def watch():
    """A function is caught as it writes to its stack."""
    where = lab.SYMBOLS['ksys_read']
    lab.run(f'break *{where:#x}')
    lab.run('continue')
    lab.run('delete')
    at = saved_at()
    if not at:
        lab.point(False, 'a function that saves a register')
        return
    try:
        lab.run(f'awatch *(unsigned long *){at:#x}')
        lab.run('continue')
    except gdb.error as e:
        lab.skip('a watchpoint sees a write', e)
        gdb.execute('delete')
        return
    # The function itself, or an interrupt that took the stack before.
    lab.point(lab.Last.why == 'watchpoint', 'a watchpoint sees a write')
    lab.run('delete')


def interrupt():
    lab.interrupt_after(2)
    lab.run('continue')
    lab.point(lab.Last.why == 'SIGINT', 'a running guest is interrupted')
    lab.point(len(threads()) == 4, 'the vCPUs are all there')
    lab.run('info threads')


def come_back():
    lab.run('detach')
    lab.connect()
    lab.point(len(threads()) == 4, 'a debugger leaves and comes back')
    banner()


def main():
    lab.begin()
    first_instruction()
    start_kernel()
    banner()
    steps()
    hot_function()
    watch()
    interrupt()
    come_back()
    lab.point('switched off' in lab.run('monitor quit'), 'and ends the machine')
    try:
        lab.run('disconnect')
    except gdb.error as e:
        print(e)        # it may be gone already
    lab.end()


main()
