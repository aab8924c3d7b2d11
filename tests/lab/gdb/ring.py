# SPDX-License-Identifier: MIT
"""tests/guest/x86_64/guests/debugged.c under a client of our own: what debug registers
do where they trap, in user and in kernel mode, on one CPU and on two."""
import os
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'gdbstub'))
import client  # noqa: E402
import x86  # noqa: E402
from x86 import RDI, RIP  # noqa: E402

SYM = client.symbols(os.path.join(TOP, 'build', 'x86_64', 'guest', 'debugged.elf'))
PORT = int(os.environ['GDB_REMOTE'].rpartition(':')[2])
LIMIT = 120             # seconds until the guest is there
CELL = 64
HITS = 40


def point(good, what, why=''):
    if not good:
        print(f'# {why}')
    print(('ok - ' if good else 'not ok - ') + what, flush=True)


def come_to(r, name):
    assert x86.hbreak(r, SYM, name) == 'OK'
    words = r.go()
    x86.hbreak(r, SYM, name, 'z1')
    return words


def one(r, mode, ring, thread):
    """That vCPU alone."""
    alone = f'vCont;c:{thread}'
    cs = int.from_bytes(bytes.fromhex(r.ask('p12')), 'little')    # gdb's number
    point(cs & 3 == ring, f'it is in {mode} mode', f'cs {cs:x}')
    r.set_reg(RDI, SYM['cells'] + CELL * (int(thread) - 1))
    r.set_reg(RIP, SYM['debug_top'])
    for kind, what, word in (0, 'software', 'swbreak'), (1, 'hardware', 'hwbreak'):
        good = True
        for at in x86.loop(SYM)[1], x86.loop(SYM)[3]:
            good = good and r.ask(f'Z{kind},{at:x},1') == 'OK'
            words = r.go(alone)
            good = good and word in words and r.reg(RIP) == at
            r.ask(f'z{kind},{at:x},1')
        point(good, f'{what} breakpoints in {mode} mode', words)
    wrong = x86.steps(r, SYM, 50, thread)
    point(not wrong, f'steps in {mode} mode', wrong[:3])
    point(x86.patched(r, SYM, thread), 'what is written into code is what is executed')
    r.set_reg(RIP, SYM['debug_top'])
    wrong = x86.watchpoints(r, SYM, alone)
    point(not wrong, f'watchpoints of each kind, length and alignment in {mode} mode',
          wrong[:5])


def count(r, cpu):
    return r.read64(SYM['cells'] + CELL * cpu)


def two(r):
    """Both meet one breakpoint, and each hit is told once.  On a host of one CPU it may
    be the same one each time that is there first: the other goes alone then."""
    assert x86.hbreak(r, SYM, 'debug_end') == 'OK'
    first, hits = [count(r, 0), count(r, 1)], [0, 0]
    while sum(hits) < HITS or min(hits) < 3:
        late = sum(hits) >= HITS and hits.index(min(hits)) + 1
        words = r.go(f'vCont;c:{late}') if late else r.go()
        if words.get('signal') != 5 or sum(hits) > 20 * HITS:
            break
        cpu = int(words['thread']) - 1
        hits[cpu] += 1
        x86.hbreak(r, SYM, 'debug_end', 'z1')
        r.go(f'vCont;s:{cpu + 1}')
        x86.hbreak(r, SYM, 'debug_end')
    x86.hbreak(r, SYM, 'debug_end', 'z1')
    off = [count(r, i) - first[i] - hits[i] for i in (0, 1)]
    # A turn is counted before it is told of.
    point(min(hits) > 2 and all(x in (0, 1) for x in off),
          'two vCPUs at one breakpoint', f'{hits} {off}')


def send(r, name, alone):
    """That vCPU alone runs a piece of code, to where all of them end."""
    r.set_reg(RIP, SYM[name])
    assert x86.hbreak(r, SYM, 'debug_spin') == 'OK'
    r.go(alone)
    x86.hbreak(r, SYM, 'debug_spin', 'z1')
    return r.reg(RIP) == SYM['debug_spin']


def own(r, thread):
    """The guest debugs itself meanwhile, in ring 0."""
    alone = f'vCont;c:{thread}'
    before = r.read64(SYM['own_int3'])
    point(send(r, 'debug_own_int3', alone) and
          r.read64(SYM['own_int3']) == before + 1, "the guest's own int3 is the guest's")
    send(r, 'debug_own_set', alone)
    for beside in False, True:
        # A debug register of ours that stays, and is not met.
        if beside:
            assert r.ask(f"Z2,{SYM['pattern']:x},8") == 'OK'
        seen = []
        for name in 'debug_own_hw', 'debug_own_watch':
            before = r.read64(SYM['own_hits'])
            seen += [send(r, name, alone), r.read64(SYM['own_hits']) - before,
                     r.read64(SYM['own_dr6']) & 0xf]
        point(seen == [True, 1, 2, True, 1, 4],
              "the guest's own debug registers are the guest's, with " +
              ('two of ours' if beside else 'one of ours'), seen)
    r.ask(f"z2,{SYM['pattern']:x},8")


def untrapped(r, said):
    """Where KVM stops at nothing: in kernel mode, by steps."""
    while not all(in_loop(r, t) for t in (1, 2)):
        r.send('vCont;c')
        time.sleep(0.2)
        r.interrupt()
    for what in 'breakpoints', 'watchpoints':
        print(f'ok - {what} # SKIP {said}', flush=True)
    point('KVM' in said and 'KVM' in r.ask(f"Z2,{SYM['pattern']:x},8"),
          'breakpoints and watchpoints are refused', said)
    r.ask('Hg1')
    wrong = x86.steps(r, SYM, 100)
    point(not wrong, 'steps in kernel mode', wrong[:3])
    point(x86.patched(r, SYM), 'what is written into code is what is executed')
    wrong = x86.halts(r, SYM)
    point(not wrong, 'a step over hlt ends behind it, and in no handler', wrong)
    before = r.read64(SYM['own_irqs'])
    while r.read64(SYM['own_irqs']) == before:
        r.send('vCont;c')
        r.interrupt()
    point(True, 'and the interrupt that is due is taken when the guest goes on')


def in_loop(r, thread):
    r.ask(f'Hg{thread}')
    return r.reg(RIP) in x86.loop(SYM)


def halt(r, thread):
    wrong = x86.halts(r, SYM, thread)
    point(not wrong, 'a step over hlt ends behind it, and in no handler', wrong)
    taken = x86.wakes(r, SYM, thread)
    point(taken == 1, 'and the interrupt that is due is taken when the guest goes on',
          f'{taken} were')


def finish(r):
    r.send('k')
    print('end of script', flush=True)


def main():
    r = client.connect_tcp(PORT, limit=LIMIT)
    said = x86.hbreak(r, SYM, 'guest_main')
    if said != 'OK':
        untrapped(r, said)
        finish(r)
        return
    x86.hbreak(r, SYM, 'guest_main', 'z1')
    for mode, ring, where in ('user', 3, 'guest_main'), ('kernel', 0, 'debug_top'):
        thread = come_to(r, where)['thread']
        start = r.ask('g')
        one(r, mode, ring, thread)
        r.ask('G' + start)
        if mode == 'kernel':
            own(r, thread)
            halt(r, thread)
            r.ask('G' + start)
    two(r)
    finish(r)


main()
