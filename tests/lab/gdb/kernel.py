# SPDX-License-Identifier: MIT
"""A session with a stock kernel: early boot, breakpoints, steps, watchpoints, what the
guest itself knows of its memory and calls, interrupts, leaving and coming back."""
import os
import re
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gdb  # noqa: E402
import lab  # noqa: E402

STEPS = 1000
BY_GDB = 100            # of them, by stepi
# The PC's number, of those whose $pc it is.
PC = {'x86_64': 16, 'arm64': 32, 'arm32': 15, 'ppc64le': 32}
USER_STEPS = 50
PR = 1 << 14            # of POWER's MSR: user mode
HITS = 12
KNOWN = b'read by the guest\n' * 131    # tests/lab/guest/jobs/debugged
COUNT = 2345
HZ = {'ia64': 100}.get(lab.TARGET, 250)     # of the kernels
PAUSE = 8               # seconds
LONG_PAUSE = 25         # after which a watchdog of the guest's barks, if it knows
# Instructions after which the next one may be anywhere; and the first of a sequence,
# from a reservation to its store, that is one step.
COND = '(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?'
JUMPS = {'x86_64': r'j\w+|call\w*|ret\w*|loop\w*|iret\w*|sys\w+|sti|int\w*|ud2|rep\w*|hlt',
         'arm64': r'b|b\.\w+|bl|blr\w*|br\w*|ret\w*|cbn?z|tbn?z|eret\w*|svc|hvc|wfi'
                  r'|lda?xr.*',
         'ia64': r'br.*|rfi.*|chk.*',
         'arm32': rf'b(?:l|x|lx)?{COND}|svc|wfi|ldrex.*|\S+\s.*\bpc\b.*',
         'ppc64le': r'b[a-z]*[+-]?|scv?|rfid|rfscv|l[bhwdq]arx'}[lab.TARGET]
# Targets that nobody waits for: their sessions run by name only.
BY_NAME = 'arm32', 'ppc64le'
# Where the return address is, and what is the same again after a return.
LINK = {'arm64': ('x30', 'sp'), 'ia64': ('b0', 'r12'), 'ppc64le': ('lr', 'r1')}
# Before it: prefixes, a template and a predicate.
JUMP = re.compile(r'(?:(?:bnd|notrack|[cdefgs]s|lock|\[\w+\]|\(p\d+\))\s+)*'
                  rf'(?:{JUMPS})(?:\s.*)?')
# One that says where it goes, or else to the next instruction; comments begin so.
TOLD = re.compile(r'.*[\s,=](0x[0-9a-f]+)(?:\s*<.*>)?')
COMMENT = {'x86_64': '#', 'arm32': '@', 'arm64': '//'}.get(lab.TARGET, ';;')


def threads():
    return [t.num for t in gdb.selected_inferior().threads()]


def memory(at, size):
    return bytes(gdb.selected_inferior().read_memory(at, size))


def user_memory(at, size):
    """A program's, from the kernel: a 32-bit Arm kernel keeps itself from that by TTBCR
    (EPD0, T0SZ, A1), and lifts it as this does."""
    if lab.TARGET != 'arm32':
        return memory(at, size)
    ttbcr = lab.reg('tcr_el1')
    lab.run(f'set $tcr_el1 = {ttbcr & ~0x400087:#x}')
    try:
        return memory(at, size)
    finally:
        lab.run(f'set $tcr_el1 = {ttbcr:#x}')


def function(name):
    """Where a function of the kernel's is entered from its neighbours: on POWER
    behind the two instructions that find its data (ELFv2 ABI, 2.3.2.1)."""
    at = lab.SYMBOLS[name]
    if lab.TARGET == 'ppc64le' and memory(at + 2, 2) == b'\x4c\x3c':
        return at + 8
    return at


def first_instruction(cpus):
    lab.point(len(threads()) == cpus, 'each vCPU is a thread')
    lab.run('x/4i $pc')
    pc = lab.reg('pc')
    lab.point(pc == lab.reg('pc') and pc < 1 << 40,
              'the machine waits before the first instruction, with no paging')


def start_kernel():
    """By a breakpoint that is planted before paging is on."""
    where = function('start_kernel')
    try:
        lab.run(f'hbreak *{where:#x}')
        lab.run('continue')
    except gdb.error as e:
        lab.skip('a hardware breakpoint at start_kernel', e)
        lab.run('delete')
        lab.run(f'break *{where:#x}')
        lab.run('continue')
    lab.same(lab.reg('pc'), where, 'a breakpoint stops at start_kernel')
    lab.run('delete')


def find_banner():
    """Within the kernel's image, which ends well within 64 MiB of start_kernel."""
    base, wanted = lab.SYMBOLS['start_kernel'] & -1 << 21, lab.VERSION.encode()
    for at in range(base - (48 << 20), base + (16 << 20), 1 << 20):
        try:
            found = gdb.selected_inferior().search_memory(at, 1 << 20, wanted)
            # gdb gives a random address where memory is not mapped.
            if found and memory(found, len(wanted)) == wanted:
                return found
        except gdb.error:
            pass
    return 0


def find_ticks():
    """What do_timer() adds to, by its first load."""
    arch, page = gdb.selected_frame().architecture(), {}
    for insn in arch.disassemble(lab.SYMBOLS['do_timer'], count=16):
        asm = ' '.join(insn['asm'].split())
        m = re.match(r'adrp (\w+), (0x\w+)', asm)
        if m:
            page[m[1]] = int(m[2], 0)
        m = re.match(r'mov([wt]) (\w+), #(\d+)', asm)     # AArch32
        if m:
            page[m[2]] = page.get(m[2], 0) | int(m[3]) << (16 if m[1] == 't' else 0)
        m = re.match(r'ldrd \w+, \w+, \[(\w+)(?:, #(\w+))?', asm)
        if m and m[1] in page:
            return page[m[1]] + int(m[2] or '0', 0)
        m = re.match(r'(add|ldr) (\w+), \[?(\w+)(?:, #(\w+))?', asm)
        if m and m[3] in page:
            at = page[m[3]] + int(m[4] or '0', 0)
            if m[1] == 'ldr':
                return at
            page[m[2]] = at
    return 0


def find_data():
    """Debian's kernels tell of functions only on Arm (no KALLSYMS_ALL)."""
    for name, find in ('linux_banner', find_banner), ('jiffies_64', find_ticks):
        if name not in lab.SYMBOLS:
            lab.SYMBOLS[name] = find()
            print(f'# {name} found at {lab.SYMBOLS[name]:#x}')


def banner():
    """The kernel's, by its virtual address, as a program reads it from /proc."""
    at, wanted = lab.SYMBOLS['linux_banner'], lab.VERSION.encode()
    got = memory(at, len(wanted))
    lab.point(wanted and got == wanted, "memory is what the guest says it is")
    if got != wanted:
        print(f'# {got} is not {wanted}')


def by_packets():
    """A step as stepi asks for it, without all that gdb wants to know after each:
    returns the PC.  gdb does not hear of it."""
    send = gdb.selected_inferior().connection.send_packet
    if not send(f'vCont;s:{gdb.selected_thread().ptid[1]:x}').startswith(b'T05'):
        raise gdb.error('a step did not end as one')
    return int.from_bytes(bytes.fromhex(send(f'p{PC[lab.TARGET]:x}').decode()),
                          'little')


def by_gdb():
    gdb.execute('stepi', to_string=True)
    return lab.reg('pc')


def leads(asm, after, now):
    """Whether an instruction may end there, which has another one after it."""
    asm = asm.partition(COMMENT)[0].strip()
    told = TOLD.fullmatch(asm)
    return now == after or bool(JUMP.fullmatch(asm)) and (
        not told or now == int(told[1], 0))


def steps(n):
    """Each step is one instruction on, or where a branch may lead.  All but the
    first hundred are asked for by packets."""
    arch, bad, pc = gdb.selected_frame().architecture(), [], lab.reg('pc')
    # Where any access to memory may lead: software serves the TLB, or a page is not
    # there, and a step ends in the handler.
    handlers = range(lab.SYMBOLS.get('ia64_ivt', 0),
                     lab.SYMBOLS.get('ia64_ivt', -0x8000) + 0x8000)
    if lab.TARGET == 'ppc64le':
        handlers = range(0xc000000000004300, 0xc000000000005000, 0x20)
    lab.run('set scheduler-locking on')
    for i in range(n):
        insn = arch.disassemble(pc)[0]
        now = by_packets() if lab.TARGET in PC and i >= BY_GDB else by_gdb()
        if now not in handlers and \
                not leads(insn['asm'], pc + insn['length'], now):
            bad.append(f'{pc:#x}: {insn["asm"]} -> {now:#x}')
        pc = now
    lab.run('maintenance flush register-cache')
    lab.run('set scheduler-locking replay')
    for x in bad[:10]:
        print('# ' + x)
    lab.point(not bad and lab.reg('pc') == pc,
              f'{n} steps go where the instructions say')


def hot_function():
    """In every process, on any CPU."""
    where, seen, good = function('ksys_read'), set(), True
    lab.run(f'break *{where:#x}')
    for _ in range(HITS):
        lab.run('continue')
        good = good and lab.reg('pc') == where
        seen.add(gdb.selected_thread().num)
    lab.point(good, 'a breakpoint in a hot function stops each time')
    print(f'# on vCPUs {sorted(seen)}')
    lab.run('delete')


def returns():
    """To the end of the function that begins at the PC.  Without a kernel's tables
    gdb's unwinder does not know some frames again, and its finish runs on."""
    if lab.TARGET not in LINK:
        lab.run('finish')
        return
    names = LINK[lab.TARGET]
    link, sp = map(lab.reg, names)
    lab.run(f'break *{link:#x} if ${names[1]} == {sp:#x}')
    lab.run('continue')
    lab.run('delete')


def known_call():
    """One that a program of ours makes: read(), to its end."""
    _, buffer, count = lab.ARGS
    lab.run(f'break *{function("ksys_read"):#x} if ${count} == {COUNT}')
    lab.run('continue')
    lab.same(lab.reg(count), COUNT, 'registers have what the program asked for')
    at = lab.reg(buffer)
    lab.run('delete')
    returns()
    got = user_memory(at, COUNT) if lab.reg(lab.RESULT) == COUNT else b''
    lab.point(got == KNOWN[:COUNT], 'finish: it has returned, and the program has '
              'its text')


def system_call():
    """x86_64: where hardware masks the trap flag.  The program's registers are at
    the end of its kernel stack, of 16K: struct pt_regs."""
    where = function('ksys_read')
    lab.run(f'break *{where:#x}')
    lab.run('continue')
    top = (lab.reg('rsp') & -0x4000) + 0x4000
    after = int.from_bytes(memory(top - 168 + 128, 8), 'little')
    lab.run('delete')
    lab.run(f'hbreak *{after - 2:#x}')
    lab.run('continue')
    lab.run('delete')
    lab.run('stepi')
    lab.same(lab.reg('pc'), lab.reg('lstar'),
             'a step over syscall ends at the first instruction of the kernel')


def in_program():
    """ppc64le: a program in user mode, where a system call returns to it, and one that
    is stepped over.  Its registers are at the end of its kernel stack, of 16K: NIP and
    MSR, with PR set, of struct pt_regs (scv leaves MSR in CTR, behind the first
    argument)."""
    where = function('ksys_read')
    lab.run(f'break *{where:#x}')
    lab.run('continue')
    top = (lab.reg('r1') & -0x4000) + 0x4000
    words = struct.unpack('<128Q', memory(top - 1024, 1024))
    after = [nip for nip, msr in zip(words, words[1:])
             if msr >> 63 and msr & PR and 0 < nip >> 16 < 1 << 31 and not nip & 3][-1]
    lab.run('delete')
    lab.run(f'break *{after:#x}')
    lab.run('continue')
    lab.point(lab.reg('pc') == after and lab.reg('msr') & PR,
              'a breakpoint stops a program in user mode')
    lab.run('delete')
    steps(USER_STEPS)
    lab.run(f'break *{after - 4:#x}')
    lab.run('continue')
    lab.run('delete')
    insn = int.from_bytes(memory(lab.reg('pc'), 4), 'little')
    lab.run('stepi')
    lab.same(lab.reg('pc'), {0x44000001: 0xc000000000003000}.get(
        insn, 0xc000000000004c00),
             'a step over a system call ends at the first instruction of the kernel')


def watch():
    """The kernel counts its ticks."""
    before = clocks()['jiffies'][0]
    try:
        lab.run(f'watch *(unsigned int *){lab.SYMBOLS["jiffies_64"]:#x}')
        lab.run('continue')
    except gdb.error as e:
        lab.skip('a watchpoint sees a variable change', e)
        lab.run('delete')
        return
    lab.point(lab.Last.why == 'watchpoint' and
              0 < clocks()['jiffies'][0] - before < 1 << 16,
              'a watchpoint sees a variable change')
    lab.run('delete')


def interrupt():
    lab.interrupt_after(1)
    lab.run('continue')
    lab.point(lab.Last.why == 'SIGINT', 'a running guest is interrupted')


def clocks():
    """In ticks, each with how many of them are a second, as far as it is known."""
    now = {'jiffies': (int.from_bytes(memory(lab.SYMBOLS['jiffies_64'], 4),
                                      'little'), HZ)}
    if lab.TARGET == 'x86_64':
        now['tsc'] = lab.reg('tsc'), None
    return now


def stand_still(cpus, longest=PAUSE):
    """No guest time passes while the machine is stopped."""
    interrupt()
    seen, ran = [clocks()], []
    for pause in longest, 0:
        time.sleep(pause)
        began = time.monotonic()
        interrupt()
        ran.append(time.monotonic() - began)
        seen.append(clocks())
    for name in seen[0]:
        passed = [b[name][0] - a[name][0] for a, b in zip(seen, seen[1:])]
        hz = seen[0][name][1] or passed[1] / ran[1]
        print(f'# {name}: {passed[0] / hz:.1f} s in {ran[0]:.1f} s')
        lab.point(0 <= passed[0] / hz < ran[0] + PAUSE / 2,
                  f'{name}: no time passes while the guest is stopped')
    lab.point(len(threads()) == cpus, 'the vCPUs are all there')
    lab.run('info threads')


def come_back(cpus):
    lab.run('detach')
    lab.connect()
    lab.point(len(threads()) == cpus, 'a debugger leaves and comes back')
    banner()


def start_over(cpus):
    """The same machine from its first instruction on."""
    lab.run('monitor reset')
    lab.run('maintenance flush register-cache')
    lab.run('maintenance flush dcache')
    first_instruction(cpus)
    start_kernel()


def refused():
    """What this KVM does not trap.  vmm has said so when it began; a gdb that takes
    error messages (15 and later) shows the reason, too."""
    at = lab.SYMBOLS['start_kernel']
    for command, what in (f'hbreak *{at:#x}', 'a hardware breakpoint'), \
            (f'break *{at:#x}', 'a software breakpoint'), \
            (f'watch *(int *){at:#x}', 'a watchpoint'):
        lab.run(command)
        try:
            lab.run('continue')
            planted = True
        except gdb.error:
            planted = False
        lab.skip(what, "this host's KVM stops at none")
        lab.point(not planted, f'{what} is refused')
        lab.run('delete')


def booting():
    """Until the kernel is where its symbols say, and its clock ticks."""
    ticks = set()
    while len(ticks) < 3:
        interrupt()
        try:
            ticks.add(clocks()['jiffies'][0])
        except gdb.MemoryError:
            pass


def steps_if_any(count):
    """A gdb that is told that there are none shows a stop where it was."""
    pc = lab.reg('pc')
    try:
        lab.run('stepi')
    except gdb.error as e:
        print(e)
    if lab.reg('pc') == pc:
        lab.skip('a step', "this host's KVM cannot step")
        return
    steps(count)


def end():
    lab.run('kill')
    lab.point(not gdb.selected_inferior().pid, 'and kills the machine')
    lab.end()


def booted():
    """Until the job has begun, by what it alone calls, with taskset: a shell that reads
    its script byte by byte would stop for each."""
    if 'sched_setaffinity' in lab.SYMBOLS:
        lab.run(f'hbreak *{lab.SYMBOLS["sched_setaffinity"]:#x}')
        lab.run('continue')
        lab.run('delete')


def at_work(cpus):
    """With a kernel that runs programs."""
    hot_function()
    known_call()
    if lab.TARGET == 'x86_64':
        system_call()
    if lab.TARGET == 'ppc64le':
        in_program()
    watch()
    stand_still(cpus, LONG_PAUSE if lab.TARGET in BY_NAME else PAUSE)
    come_back(cpus)


def main(cpus=4, count=STEPS):
    """From the first instruction on."""
    lab.begin()
    first_instruction(cpus)
    start_kernel()
    find_data()
    banner()
    steps(count)
    booted()
    at_work(cpus)
    end()


def without_traps(cpus=2, count=200):
    """Where KVM stops at no breakpoint: what a debugger can do all the same."""
    lab.begin()
    first_instruction(cpus)
    refused()
    booting()
    banner()
    steps_if_any(count)
    stand_still(cpus, LONG_PAUSE)
    come_back(cpus)
    end()


def from_within(cpus=4):
    """A guest that has booted, and then once more from its first instruction on."""
    lab.begin()
    banner()
    at_work(cpus)
    start_over(cpus)
    steps(STEPS)
    end()


if __name__ == '__main__':
    main()
