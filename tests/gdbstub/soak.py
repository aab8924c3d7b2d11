# SPDX-License-Identifier: MIT
"""Random operations on a machine that works: whoever runs it sees at the end, by the
machine's own sums, that no instruction was lost or done twice."""
import random
import time


class Soak:
    """remote: a stopped machine's client; again(): a new one after a detach.
    code: (address, its bytes) of the loop's instructions, where breakpoints may be,
    with the kind that Z packets name; scratch: memory that nobody uses; kinds: of
    breakpoints."""

    def __init__(self, remote, again, code, kind, scratch, threads, kinds=(0, 1)):
        self.r, self.again = remote, again
        self.code, self.kind, self.scratch = code, kind, scratch
        self.threads, self.kinds = threads, kinds
        self.planted = set()
        self.random = random.Random(5)
        self.done = 0
        self.wrong = []

    def expect(self, good, what):
        if not good:
            self.wrong.append(what)

    # ---- each of these begins and ends with a stopped machine

    def go(self, how):
        """Runs until a breakpoint, or an interrupt a moment later."""
        self.r.send(how)
        words = self.r.interrupt()
        self.expect(words.get('signal') in (2, 5), f'{how}: {words}')

    def run(self):
        self.go('vCont;c')

    def run_one(self):
        self.go(f'vCont;c:{self.random.choice(self.threads)}')

    def step(self):
        thread = self.random.choice(self.threads)
        how = self.random.choice((f'vCont;s:{thread}',
                                  f'vCont;s:{thread};c'))
        words = self.r.go(how)
        self.expect(words.get('signal') == 5, f'{how}: {words}')

    def steps(self):
        thread = self.random.choice(self.threads)
        first, last = self.code[0][0], self.code[-1][0]
        words = self.r.go(f'vCont;r{first:x},{last:x}:{thread}')
        self.expect(words.get('signal') == 5, f'range of {thread}: {words}')

    def insert(self):
        what = (self.random.choice(self.kinds), self.random.choice(self.code)[0])
        if len(self.planted) < 3:
            answer = self.r.ask(f'Z{what[0]},{what[1]:x},{self.kind}')
            self.expect(answer == 'OK', f'Z{what}: {answer}')
            self.planted.add(what)

    def remove(self):
        if self.planted:
            what = self.random.choice(sorted(self.planted))
            answer = self.r.ask(f'z{what[0]},{what[1]:x},{self.kind}')
            self.expect(answer == 'OK', f'z{what}: {answer}')
            self.planted.remove(what)

    def read_code(self):
        at, want = self.random.choice(self.code)
        got = self.r.read(at, len(want))
        self.expect(got == want, f'code at {at:x}: {got.hex()}')

    def write(self):
        data = self.random.randbytes(self.random.randrange(1, 200))
        at = self.scratch + self.random.randrange(64)
        self.r.write(at, data)
        self.expect(self.r.read(at, len(data)) == data, f'memory at {at:x}')

    def registers(self):
        self.expect(self.r.ask(f'Hg{self.random.choice(self.threads)}') == 'OK',
                    'a thread')
        self.expect(len(self.r.ask('g')) > 500, 'registers')

    def leave(self):
        self.expect(self.r.ask('D') == 'OK', 'a detach')
        self.r.close()
        self.planted.clear()
        self.r = self.again()

    def clear(self):
        while self.planted:
            self.remove()

    def work(self, operations, seconds):
        """As many, or for that long; True when all went right."""
        often = [self.run, self.run_one, self.step, self.step, self.insert,
                 self.remove, self.remove, self.read_code, self.write,
                 self.registers, self.steps]
        deadline = time.monotonic() + seconds
        while self.done < operations and time.monotonic() < deadline:
            if self.done % 200 == 199:
                self.leave()
            else:
                self.random.choice(often)()
            self.done += 1
        self.clear()
        return not self.wrong
