# SPDX-License-Identifier: MIT
"""Runs scenarios in an emulated host: boots it once for all of them, follows what
they say, and boots it again for those that are left when it dies or falls silent,
which is a fault of the emulator or of its kernel whatever the scenario did.

A scenario that fails is a failure when it fails in a host booted anew as well: an
emulated host stops for seconds when its own host is busy, and now and then loses
an interrupt (emulate.py).  The first failure is told all the same."""
import fnmatch
import glob
import os
import re
import time

import emulate
import gdb
import labs

BOOT = 240		# seconds the emulated host may take to its first scenario
SILENCE = 120		# seconds without a sign of life that mean that it hangs
RESTARTS = 3		# times it is booted again after it died
SECOND = 2		# scenarios that may fail before a failure is final at once


class Scenario:
    """A script of scenarios/ and what its line "# scenario:" says:
    timeout=SECONDS (of a quiet machine: a busy one is given three times as many)
    kernels=NAME,...  files=NAME,...  needs=qemu,guests,units,gdb
    hosts=PATTERN,...  optional (only by name), or optional=PATTERN,... of hosts.
    See labs.py for the names."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-3]
        with open(path) as f:
            m = re.search(r'^# scenario:(.*)$', f.read(), re.M)
        if not m:
            raise SystemExit(f'{path} has no line "# scenario:"')
        said = dict(w.partition('=')[::2] for w in m[1].split())
        self.timeout = int(said.get('timeout', 60))
        self.kernels = [k for k in said.get('kernels', 'cloud').split(',') if k]
        self.files = [k for k in said.get('files', '').split(',') if k]
        self.needs = [k for k in said.get('needs', '').split(',') if k]
        self.hosts = said.get('hosts', '*').split(',')
        self.optional = (said['optional'] or '*').split(',') \
            if 'optional' in said else []

    def runs_on(self, lab):
        return any(fnmatch.fnmatch(lab, p) for p in self.hosts)

    def by_name_only(self, lab):
        return any(fnmatch.fnmatch(lab, p) for p in self.optional)


def find(lab, wanted):
    """A lab's scenarios: those of its target's folder, those that every target has
    and those of ia64, whose engine runs on every host; all or those whose names contain one of the words."""
    found = []
    entry = labs.LABS[lab]
    for folder in [*entry.get('scenarios', ['.', entry['target']]), 'ia64']:
        for path in glob.glob(f'{emulate.HERE}/{folder}/scenarios/*.sh'):
            s = Scenario(path)
            if s.name not in entry.get('only', [s.name]):
                continue
            if s.runs_on(lab) and (any(w in s.name for w in wanted) or
                                   not (wanted or s.by_name_only(lab))):
                found.append(s)
    return sorted(found, key=lambda s: s.name)


def follow(host, left, again, sink):
    """Hands on the host's results until all scenarios ran (None) or the host died:
    returns the scenario, of those in left, in which it did.  again: Again."""
    now, deadline = None, time.monotonic() + BOOT
    limit = deadline
    while True:
        try:
            text = host.line(min(deadline, limit))
        except TimeoutError:
            text = None
        if text is None:
            return now or (left[0] if left else None)
        deadline = time.monotonic() + SILENCE
        word, _, rest = text.partition(' ')
        if word == 'begin':
            now = next(s for s in left if s.name == rest)
            limit = time.monotonic() + now.timeout * 3 + 60
            sink.begin(now, host)
        elif word == 'end' and now:
            left.remove(now)
            again.took(now, sink.end(now, rest.split()[1], host,
                                     again.final(now)))
            now, limit = None, time.monotonic() + BOOT
        elif word == 'done':
            return None
        elif now:
            sink.line(now, text)


class Again:
    """The scenarios that failed once and get a second host."""

    def __init__(self, most):
        self.most, self.seen, self.left = most, [], []

    def final(self, s):
        """Whether a failure of s, now, is one."""
        return s in self.seen or len(self.seen) == self.most

    def took(self, s, good):
        if not good and not self.final(s):
            self.seen.append(s)
            self.left.append(s)

    def next(self):
        left, self.left = self.left, []
        return left


def run(lab, scenarios, initrd, sink, second=0, deaths_each=1):
    """Runs scenarios to their end.  initrd(left) makes the initramfs for those
    that are left.  sink is told by begin(scenario, host), line(scenario, text),
    end(scenario, status, host, final), died(scenario, host) at each death, and
    lost(scenario, why) for one that is given up.  end() returns whether all was
    well; what was not is final, or the scenario runs once more in another host,
    which up to second of them may.  A scenario is given up when its host has died
    more than deaths_each times."""
    left, deaths, again, boots = list(scenarios), [], Again(second), 0
    while left:
        log = f'{emulate.TOP}/build/lab/{lab["name"]}.{boots}.log'
        port = gdb.free_port() if any('gdb' in s.needs for s in left) else 0
        host = emulate.Host(lab, initrd(left), log, port)
        boots += 1
        try:
            died_in = follow(host, left, again, sink)
        finally:
            host.stop()
        if not died_in:
            left = again.next()
            continue
        sink.died(died_in, host)
        if deaths.count(died_in) == deaths_each or len(deaths) == RESTARTS:
            sink.lost(died_in, 'the emulated host died again')
            left.remove(died_in)
        deaths.append(died_in)
        left = left or again.next()
        if len(deaths) > RESTARTS:
            break
    for s in left + again.next():
        sink.lost(s, 'not run')
