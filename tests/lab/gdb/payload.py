# SPDX-License-Identifier: MIT
"""tests/guest/TARGET/guests/debugged.c under a client of our own: what hardware
does, in user and in kernel mode, on one CPU and on two."""
import os
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'gdbstub'))
import client  # noqa: E402
import soak  # noqa: E402

TARGET = os.environ['TARGET']
ELF = os.path.join(TOP, 'build', TARGET, 'guest', 'debugged.elf')
PORT = int(os.environ['GDB_REMOTE'].rpartition(':')[2])
LIMIT = 120             # seconds until the guest is there
OPERATIONS = 10000
SOAK = 6                # seconds that they may take, but for operations.py
# Registers as gdb numbers them; of POWER, r2 to r9 and the PC are the same.
X0, X2, X3, X6, X8, X9, PC, CPSR = 0, 2, 3, 6, 8, 9, 32, 33
MSR, CTR = 33, 36       # POWER's
PR = 1 << 14            # of its MSR: user mode
USER, KERNEL = 1, 2     # threads; of POWER's hash guests both are the kernel's
# The breakpoints that every target has: hardware, or on POWER software.
SURE = 0 if TARGET == 'ppc64le' else 1
BEGAN = time.monotonic()
NAME = {USER: 'user', KERNEL: 'kernel'}
CELL = 64


def point(good, what, why=''):
    print(f'# {time.monotonic() - BEGAN:.1f} s')
    if not good:
        print(f'# {why}')
    print(('ok - ' if good else 'not ok - ') + what, flush=True)


def skip(what, why):
    print(f'ok - {what} # SKIP {why}', flush=True)


def same(got, wanted, what):
    point(got == wanted, what, f'got {got!r}, wanted {wanted!r}')


class Guest:
    """The machine, by the names of its program."""

    def __init__(self):
        self.names = client.symbols(ELF)
        self.base = 0
        self.r = client.connect_tcp(PORT, limit=LIMIT)
        self.find()
        at = self['debug_top']
        self.loop = list(range(at, self['debug_end'] + 4, 4))

    def __getitem__(self, name):
        return self.base + self.names[name]

    def find(self):
        """Where it moved itself to: its loop has the address of finish in x6."""
        first, last = self.names['debug_top'], self.names['debug_end']
        for _ in range(200):
            self.r.ask('Hg1')
            self.base = self.r.reg(X6) - self.names['finish']
            there = self.base & 0xfff == 0 and \
                first <= self.r.reg(PC) - self.base <= last
            self.r.ask('Hg2')
            if there and first <= self.r.reg(PC) - self.base <= last:
                return
            self.r.send('vCont;c')
            time.sleep(0.2)
            self.r.interrupt()
        raise client.Ended('the guest does not come to its loop')

    # ---- breakpoints by names

    def plant(self, kind, name, what='Z', size=4):
        at = self[name] if isinstance(name, str) else name
        return self.r.ask(f'{what}{kind},{at:x},{size:x}')

    def unplant(self, kind, name, size=4):
        self.plant(kind, name, 'z', size)

    def go(self, thread, how='c'):
        """Lets that thread run, and no other."""
        words = self.r.go(f'vCont;{how}:{thread}')
        words['pc'] = self.r.reg(PC)
        return words

    def to_loop(self, thread):
        """From wherever it is to the top of its loop, and a sum that begins."""
        self.r.ask(f'Hg{thread}')
        self.r.set_reg(PC, self['debug_top'])
        self.r.write(self['cells'] + CELL * (thread - 1), bytes(16))

    def send(self, thread, name, **regs):
        """Lets that thread run a piece of code, to its end or a stop before."""
        self.r.ask(f'Hg{thread}')
        for reg, value in regs.items():
            self.r.set_reg({'x2': X2, 'x8': X8, 'x9': X9}[reg], value)
        self.r.set_reg(PC, self[name])
        self.plant(SURE, 'debug_spin')
        words = self.go(thread)
        self.unplant(SURE, 'debug_spin')
        return words

    def word(self, name, size=4):
        return int.from_bytes(self.r.read(self[name], size), 'little')


# ---- one CPU, in either mode

def breakpoints(g, thread, kinds):
    mode = NAME[thread]
    for kind, name in kinds:
        word = ('swbreak', 'hwbreak')[kind]
        g.to_loop(thread)
        good = True
        for at in g.loop[2], g.loop[5]:
            code = g.r.read(g.loop[0], 32)
            good = good and g.plant(kind, at) == 'OK'
            words = g.go(thread)
            good = good and words['pc'] == at and word in words and \
                g.r.read(g.loop[0], 32) == code
            g.unplant(kind, at)
        point(good, f'{name} breakpoints in {mode} mode', words)


def steps(g, thread):
    """The timer is due all the time, and not taken."""
    g.to_loop(thread)
    bad, at = [], 0
    for _ in range(100):
        at = (at + 1) % len(g.loop)
        words = g.go(thread, 's')
        if words['pc'] != g.loop[at]:
            bad.append(f'at {words["pc"]:x}, not {g.loop[at]:x}')
    point(not bad, f'100 steps in {NAME[thread]} mode, none into a handler',
          bad[:3])
    words = g.go(thread, f'r{g.loop[1]:x},{g.loop[6]:x}')
    same(words['pc'] in g.loop, True,
         f'steps through a range in {NAME[thread]} mode')


def interrupted_step(g):
    """Asked for, a step enters the handler that is due."""
    ticks = g.word('ticks')
    g.to_loop(USER)
    g.r.ask('Qqemu.sstep=1')
    pcs = []
    for _ in range(300):
        pcs.append(g.go(USER, 's')['pc'])
        if pcs[-1] not in g.loop:
            break
    g.r.ask('Qqemu.sstep=7')
    point(pcs[-1] not in g.loop, 'a step may enter a handler when it is asked to')
    g.plant(1, 'debug_top')
    back = g.go(USER)
    g.unplant(1, 'debug_top')
    for _ in range(50):
        if g.word('ticks') > ticks:
            break
        g.r.send('vCont;c')
        time.sleep(0.05)
        g.r.interrupt()
    point(back['pc'] == g.loop[0] and g.word('ticks') > ticks,
          'and the guest has its timer after', [back])


def special_steps(g):
    """Over what is no plain instruction."""
    for name, after, x2 in (('debug_mmio', 'debug_mmio_done', g.word('mmio', 8)),
                            ('debug_own_hw', None, 0)):
        if not after:
            continue
        g.r.ask(f'Hg{USER}')
        g.r.set_reg(X2, x2)
        g.r.set_reg(PC, g[name])
        same(g.go(USER, 's')['pc'], g[after],
             'a step over an access to a device')
    # A call of the kernel: the handler's first instruction, and back.
    g.r.ask(f'Hg{USER}')
    g.r.set_reg(X8, g['debug_nothing'])
    g.r.set_reg(PC, g['debug_svc'])
    mask = g.r.reg(CPSR) & 0xc0
    pc = g.go(USER, 's')['pc']
    g.plant(1, 'debug_called')
    back = g.go(USER)
    g.unplant(1, 'debug_called')
    same((pc & 0x7ff, back['pc'], g.r.reg(CPSR) & 0xc0),
         (0x400, g['debug_called'], mask), 'a step into the kernel, and back')
    # A fault, stepped: the guest resumes with interrupts as they were.
    before = g.word('caught_count')
    g.r.set_reg(X2, 0x7fff00000000)
    g.r.set_reg(PC, g['debug_fault'])
    pc = g.go(USER, 's')['pc']
    g.plant(1, 'debug_faulted')
    back = g.go(USER)
    g.unplant(1, 'debug_faulted')
    same((pc & 0x7ff, back['pc'], g.r.reg(CPSR) & 0xc0,
          g.word('caught_count') - before),
         (0x400, g['debug_faulted'], mask, 1), 'a step onto a fault, and on')
    # wfi ends when the timer is due, whatever the mask.
    g.r.ask(f'Hg{USER}')
    g.r.set_reg(PC, g['debug_wfi'])
    same(g.go(USER, 's')['pc'], g['debug_waited'], 'a step over wfi')
    words = g.send(USER, 'debug_pair', x2=g['watched'])
    point(words['pc'] == g['debug_spin'], 'exclusive pairs work', words)


def watched(g, thread, kind, at, size, code, access):
    """How a run of that piece of code stops first, with a watchpoint."""
    assert g.plant(kind, at, size=size) == 'OK'
    words = g.send(thread, code, x2=access, x9=0x55)
    g.unplant(kind, at, size)
    return words


def watchpoints(g, thread, sizes):
    base = g['watched'] + 64
    bad = []
    for size in sizes:
        for at in range(base, base + 8, size):
            for kind, word, hits, misses in (
                    (2, 'watch', 'debug_stores', 'debug_loads'),
                    (3, 'rwatch', 'debug_loads', 'debug_stores'),
                    (4, 'awatch', 'debug_loads', None)):
                got = watched(g, thread, kind, at, size, hits, at)
                if got.get(word) != f'{at:x}':
                    bad.append(f'{word} {size} at {at - base}: {got}')
                if at == base and misses and word in watched(
                        g, thread, kind, at, size, misses, at):
                    bad.append(f'{word} {size}: {misses}')
            if at == base and 'watch' in watched(
                    g, thread, 2, at, size, 'debug_stores', at + 8):
                bad.append(f'{size}: what is beside it')
    point(not bad, f'watchpoints of {sizes} bytes in {NAME[thread]} mode, '
          'each kind and alignment', bad[:5])


def odd_watchpoints(g):
    base = g['watched'] + 64
    good = [watched(g, USER, 2, base + 1, 3, 'debug_stores', base + 3)
            .get('watch') == f'{base + 3:x}',
            # Wider than the access, and a range of many.
            watched(g, USER, 2, base + 64, 64, 'debug_stores', base + 96)
            .get('watch') == f'{base + 96:x}',
            # It begins before what is watched: the watched address is told.
            watched(g, USER, 2, base + 6, 1, 'debug_stores', base)
            .get('watch') == f'{base + 6:x}']
    point(all(good), 'odd lengths, ranges and wide accesses', good)
    said = [g.plant(2, base + at, size=n) for at, n in
            ((4, 8), (0, 12), (8, 16), (0, 0))]
    point(all(s.startswith('E.') for s in said),
          'what no register can watch is refused', said)
    n = 0
    while n < 20 and g.plant(1, base + 4 * n) == 'OK':
        n += 1
    said = g.plant(1, base + 4 * n)
    for i in range(n):
        g.unplant(1, base + 4 * i)
    point(2 <= n <= 16 and 'debug register' in said,
          f'{n} hardware breakpoints, and words about one more', said)


def patched(g):
    """Code that was executed, and is another now: x3 = 42."""
    insn = {'arm64': 0xd2800543, 'ppc64le': 0x3860002a}[TARGET].to_bytes(4, 'little')
    at, seen = g['debug_spin'], []
    was = g.r.read(at, 4)
    g.r.ask(f'Hg{USER}')
    for code in was, insn, was:
        g.r.write(at, code)
        g.r.set_reg(X3, 7)
        g.r.set_reg(PC, at)
        g.go(USER, 's')
        seen.append(g.r.reg(X3))
    same(seen, [7, 42, 7], 'what is written into code is what is executed')


def clock(g):
    """The guest's counter stands while it is stopped."""
    times = []
    for wait in (5, 0):
        assert 'signal' in g.send(USER, 'debug_clock')
        times.append(g.r.reg(X3))
        time.sleep(wait)
    hz = {'arm64': 62.5e6, 'ppc64le': 512e6}[TARGET]    # as QEMU has it
    passed = (times[1] - times[0]) / hz
    point(0 < passed < 4, 'no time passes for the guest while it is stopped',
          f'{passed} s of 5 s')


# ---- the guest debugs itself meanwhile

def own(g):
    count = g.word('caught_count')
    words = g.send(USER, 'debug_own_brk')
    same((words['pc'], g.word('caught_count')), (g['debug_spin'], count + 1),
         "the guest's own brk is the guest's")
    for beside in (False, True):
        when = 'beside ours' if beside else 'without ours'
        if beside:
            g.plant(2, g['watched'], size=8)
        words = g.send(USER, 'debug_own_hw')
        seen = g.word('caught_esr', 8) >> 26
        same((words['pc'], g.word('caught_count'), seen),
             (g['debug_spin'], count + 2, 0x30),
             f"the guest's own breakpoint register is the guest's, {when}")
        words = g.send(USER, 'debug_own_watch', x2=g['own_data'])
        seen = g.word('caught_esr', 8) >> 26
        same((words['pc'], g.word('caught_count'), seen),
             (g['debug_spin'], count + 3, 0x34),
             f"the guest's own watchpoint is the guest's, {when}")
        count += 2
    g.unplant(2, g['watched'], size=8)
    g.plant(0, 'debug_end')
    words = g.send(USER, 'debug_own_hw')
    same(g.word('caught_count'), count + 2, 'and beside a software breakpoint')
    g.unplant(0, 'debug_end')


# ---- vectors

def vectors(g):
    """By the description: SVE where the host has it."""
    xml, at = '', 0
    while True:
        part = g.r.ask(f'qXfer:features:read:target.xml:{at:x},4000')
        xml, at = xml + part[1:], at + len(part) - 1
        if part[0] == 'l':
            break
    names = [x.split('"')[0] for x in xml.split('<reg name="')[1:]]
    wide = 'z3' if 'z3' in names else 'v3'
    number = names.index(wide)
    size = len(g.r.ask(f'p{number:x}')) // 2
    data = bytes((7 * i + 1) & 0xff for i in range(size))
    g.r.ask(f'Hg{USER}')
    point(g.r.ask(f'P{number:x}={data.hex()}') == 'OK' and
          g.r.ask(f'p{number:x}') == data.hex(),
          f'{wide} of {8 * size} bits is written and read')
    if 'pauth_cmask' in names:
        # 48 bits of address, no tags: tests/guest/arm64/start.S.
        same(g.r.reg(names.index('pauth_cmask')), 0xff7f000000000000,
             'the mask of signed addresses follows the translation tables')


# ---- two CPUs

def together(g, kinds):
    """Both meet each breakpoint; each hit is told once.  On a host of one CPU it may be
    the same one each time that is there first: the other goes alone then."""
    for kind, name in kinds:
        for thread in (USER, KERNEL):
            g.to_loop(thread)
        first = [g.r.read64(g['cells'] + CELL * i) for i in (0, 1)]
        hits = {'1': 0, '2': 0}
        g.plant(kind, 'debug_end')
        while sum(hits.values()) < 40 or min(hits.values()) < 3:
            late = sum(hits.values()) >= 40 and min(hits, key=hits.get)
            words = g.r.go(f'vCont;c:{late}') if late else g.r.go()
            if words.get('signal') != 5 or sum(hits.values()) > 1000:
                break
            hits[words['thread']] += 1
            g.unplant(kind, 'debug_end')
            g.r.go(f'vCont;s:{words["thread"]}')
            g.plant(kind, 'debug_end')
        g.unplant(kind, 'debug_end')
        turns = [g.r.read64(g['cells'] + CELL * i) - first[i] for i in (0, 1)]
        off = [turns[0] - hits['1'], turns[1] - hits['2']]
        # A turn is counted before it is told of.
        point(min(hits.values()) > 2 and all(x in (0, 1) for x in off),
              f'two vCPUs at one {name} breakpoint', f'{hits} {turns}')


def shake(g, kinds):
    def again():
        return client.connect_tcp(PORT, limit=LIMIT)
    code = [(at, g.r.read(at, 4)) for at in g.loop]
    for thread in (USER, KERNEL):
        g.to_loop(thread)
    s = soak.Soak(g.r, again, code, '4', g['watched'] + 128, (USER, KERNEL), kinds)
    good = s.work(OPERATIONS, SOAK)
    g.r = s.r
    point(good, f'{s.done} random operations, and nothing lost', s.wrong[:5])
    return s.done


def pieces(g):
    """POWER: what a step by breakpoints has to know."""
    def step(name, **regs):
        g.r.ask(f'Hg{USER}')
        for reg, value in regs.items():
            g.r.set_reg({'x9': X9, 'ctr': CTR}[reg], value)
        g.r.set_reg(PC, g[name])
        return g.go(USER, 's')['pc']
    g.r.write(g['watched'], bytes(8))
    same((step('debug_pair', x9=g['watched']), g.r.read64(g['watched'])),
         (g['debug_pair'] + 12, 1), 'a reservation and its store are one step')
    same((step('debug_call'), step('debug_leaf'), step('debug_ctr',
                                                        ctr=g['debug_spin'])),
         (g['debug_leaf'], g['debug_called'], g['debug_spin']),
         'steps into a call, out of it and through ctr')
    said = [g.plant(1, 'debug_top'), g.plant(2, 'watched', size=8)]
    point(all(x.startswith('E.') and 'KVM' in x for x in said),
          'what KVM has not is refused with the reason', said)


def own_illegal(g):
    count = g.word('caught_count')
    for name in 'debug_own_trap', 'debug_own_illegal':
        words = g.send(USER, name)
        count += 1
        same((words['pc'], g.word('caught_count'), g.word('caught_vector', 8)),
             (g['debug_spin'], count, 0x700), f"{name}: the guest's own")


def end(g):
    for thread in (USER, KERNEL):
        g.r.ask(f'Hg{thread}')
        if g.r.reg(PC) in (g['debug_spin'], g['debug_spin'] + 4):
            g.to_loop(thread)
    g.r.write(g['finish'], b'\1\0\0\0')
    # It goes through all of its turns once more: as many as it has worked.
    g.r.sock.settimeout(LIMIT + SOAK)
    words = g.r.go()
    same(words.get(''), 'W00', 'the guest ends as if nobody had looked')


def arm64(g):
    kinds = ((0, 'software'), (1, 'hardware'))
    for thread in (USER, KERNEL):
        breakpoints(g, thread, kinds)
        steps(g, thread)
    watchpoints(g, USER, (1, 2, 4, 8))
    watchpoints(g, KERNEL, (8,))
    odd_watchpoints(g)
    patched(g)
    interrupted_step(g)
    special_steps(g)
    clock(g)
    own(g)
    vectors(g)
    together(g, kinds)
    shake(g, KINDS)


def untrapped(g):
    """Where KVM stops at nothing."""
    for kind, what in enumerate(('software breakpoints', 'hardware breakpoints',
                                 'watchpoints')):
        said = g.plant(kind, 'watched' if kind == 2 else 'debug_top', size=8 if
                       kind == 2 else 4)
        point(said.startswith('E.') and 'KVM' in said, f'{what} are refused', said)
        skip(what, said)
    g.r.send(f'vCont;s:{USER}')
    said = g.r.recv()
    point(said.startswith('E.') and 'KVM' in said, 'and so are steps', said)
    skip('steps', said)
    counts = []
    for _ in range(3):
        g.r.send('vCont;c')
        time.sleep(0.2)
        g.r.interrupt()
        counts.append([g.r.read64(g['cells'] + CELL * i) for i in (0, 1)])
    point(all(a < b for x, y in zip(counts, counts[1:]) for a, b in zip(x, y)),
          'interrupted, both have worked on each time', counts)
    g.r.ask('D')
    g.r.close()
    g.r = client.connect_tcp(PORT, limit=LIMIT)
    while g.r.read64(g['cells']) == counts[-1][0]:
        g.r.send('vCont;c')
        time.sleep(0.2)
        g.r.interrupt()
    point(True, 'it works on after a debugger has left')


def ppc64le(g):
    kinds = ((0, 'software'),)
    g.r.ask(f'Hg{USER}')
    program = g.r.reg(MSR) & PR
    if not program:
        NAME[USER] = NAME[KERNEL]
    if g.plant(0, 'debug_end') != 'OK':
        untrapped(g)
        return
    g.unplant(0, 'debug_end')
    for thread in (USER, KERNEL) if program else (USER,):
        breakpoints(g, thread, kinds)
        steps(g, thread)
    pieces(g)
    patched(g)
    own_illegal(g)
    clock(g)
    together(g, kinds)
    shake(g, KINDS)


# The kinds of breakpoints that the soak plants.
KINDS = {'arm64': (0, 1), 'ppc64le': (0,)}[TARGET]


def soak_alone():
    """All of the operations."""
    global SOAK
    SOAK = 3600
    g = Guest()
    point(shake(g, KINDS) == OPERATIONS, f'all {OPERATIONS}')
    end(g)
    print('end of script', flush=True)


def main():
    g = Guest()
    caught = g.names['caught']  # struct caught: on, count, esr or vector
    g.names.update(caught_count=caught + 4, caught_esr=caught + 8,
                   caught_vector=caught + 8)
    {'arm64': arm64, 'ppc64le': ppc64le}[TARGET](g)
    end(g)
    print('end of script', flush=True)


if __name__ == '__main__':
    main()
