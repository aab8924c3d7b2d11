# SPDX-License-Identifier: MIT
"""tests/guest/x86_64/guests/debugged.c: its loop, and what hardware watches in it."""
RAX, RCX, RSI, RDI, RIP, EFLAGS = 0, 2, 4, 5, 16, 17
NOP, STC, CF = b'\x90', b'\xf9', 1


def loop(sym):
    """The addresses of its instructions."""
    return [sym['debug_top'], sym['debug_store'], sym['debug_end'] - 1,
            sym['debug_end']]


def hbreak(r, sym, name, how='Z1'):
    return r.ask(f'{how},{sym[name]:x},1')


def steps(r, sym, n, thread=1):
    """Steps around the loop, in which it is stopped; what went wrong."""
    at, wrong, where = loop(sym).index(r.reg(RIP)), [], loop(sym)
    for _ in range(n):
        at = (at + 1) % len(where)
        words = r.go(f'vCont;s:{thread}')
        if words['signal'] != 5 or r.reg(RIP) != where[at]:
            wrong.append(f'at {r.reg(RIP):x}, not {where[at]:x}: {words}')
    return wrong


def patched(r, sym, thread=1):
    """Whether code that was executed, and is another now, is executed as that."""
    at, seen = sym['debug_spin'], []
    for code in NOP, STC, NOP:
        r.write(at, code)
        r.set_reg(EFLAGS, r.reg(EFLAGS) & ~CF, 4)
        r.set_reg(RIP, at)
        r.go(f'vCont;s:{thread}')
        seen.append(r.reg(EFLAGS) & CF)
    return seen == [0, 1, 0]


def halts(r, sym, thread=1):
    """Steps through hlt with an interrupt pending, to behind it; what went wrong."""
    before, seen = r.read64(sym['own_irqs']), []
    r.set_reg(RIP, sym['debug_irq'])
    while len(seen) < 6 and sym['debug_awake'] not in seen:
        r.go(f'vCont;s:{thread}')
        seen.append(r.reg(RIP))
    # QEMU 7.2 steps over sti and what follows it at once.
    good = seen[-2] in (sym['debug_sti'], sym['debug_hlt']) and \
        seen[-1] == sym['debug_awake'] and r.read64(sym['own_irqs']) == before
    return [] if good else [f'{x:x}' for x in seen]


def wakes(r, sym, thread=1):
    """Lets it go on from there; how many interrupts it takes."""
    before = r.read64(sym['own_irqs'])
    hbreak(r, sym, 'debug_spin')
    r.go(f'vCont;c:{thread}')
    hbreak(r, sym, 'debug_spin', 'z1')
    return r.read64(sym['own_irqs']) - before


def watched(r, sym, how, kind, code, at, size, store):
    """Where a run of that code stops first, with a watchpoint there."""
    assert r.ask(f'Z{kind},{at:x},{size:x}') == 'OK'
    assert hbreak(r, sym, 'debug_spin') == 'OK'
    r.set_reg(RSI, store)
    r.set_reg(RIP, sym[code])
    words = r.go(how)
    hbreak(r, sym, 'debug_spin', 'z1')
    r.ask(f'z{kind},{at:x},{size:x}')
    return words


def watchpoints(r, sym, how='vCont;c'):
    """Each kind, length and alignment; what went wrong.  how: it is let go on."""
    base, wrong = sym['cells'] + 16, []
    for size in (1, 2, 4, 8):
        for at in range(base, base + 16, size):
            hit = watched(r, sym, how, 2, 'debug_stores', at, size, at)
            past = watched(r, sym, how, 2, 'debug_stores', at, size, at + 8)
            read = watched(r, sym, how, 2, 'debug_loads', at, size, at)
            both = watched(r, sym, how, 4, 'debug_loads', at, size, at)
            if hit.get('watch') != f'{at:x}' or 'watch' in past or \
               both.get('awatch') != f'{at:x}' or 'watch' in read:
                wrong.append(f'{size} at {at - base}: {hit} {past} {read} {both}')
    for size, at in ((2, 1), (4, 2), (8, 4), (3, 0), (16, 0)):
        answer = r.ask(f'Z2,{base + at:x},{size:x}')
        if not answer.startswith('E.'):
            wrong.append(f'{size} at {at} is not refused: {answer}')
    return wrong
