# SPDX-License-Identifier: MIT
"""What the suites of payload guests share: runs guests under vmm, collects TAP.

Without a usable /dev/kvm a suite is one skipped point."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))
VMM = os.environ.get('VMM', os.path.join(TOP, 'vmm'))
ARCH = {'aarch64': 'arm64'}.get(os.uname().machine, os.uname().machine)
GUESTS = os.path.join(TOP, 'build', ARCH, 'guest')
POINT = re.compile(r'(not )?ok (\d+) - (.*)')


class Tap:
    """Numbers points and prints them."""

    def __init__(self):
        self.n = 0

    def point(self, good, what, why=()):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {what}", flush=True)
        if not good:
            for line in why:
                print('# ' + line, flush=True)

    def skip(self, what, why):
        self.n += 1
        print(f'ok {self.n} - {what} # SKIP {why}', flush=True)

    def end(self):
        print(f'1..{self.n}')


tap = Tap()


def need_kvm():
    """Ends the suite as skipped where vmm cannot run guests here."""
    check = subprocess.run([VMM, 'check'], capture_output=True, text=True,
                           timeout=30)
    if check.returncode:
        why = (check.stderr.splitlines() or ['no KVM'])[0]
        print('1..0 # SKIP ' + why.removeprefix('vmm: '))
        sys.exit(0)
    if not os.path.exists(guest('demo')):
        print(f'1..0 # SKIP there are no payload guests for {ARCH} yet')
        sys.exit(0)


def most_cpus():
    """How many CPUs this host's KVM gives a guest."""
    check = subprocess.run([VMM, 'check', '--json'], capture_output=True,
                           timeout=30)
    return json.loads(check.stdout)['kvm']['max_vcpus']


@contextlib.contextmanager
def scratch():
    """A folder of its own, removed at the end."""
    folder = tempfile.mkdtemp(prefix='vmm-guest-')
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def guest(name):
    return os.path.join(GUESTS, name + '.bin')


def run(name, *args, append='', timeout=180, stdin=subprocess.DEVNULL):
    """Runs a guest (None: the one inside vmm); status, output, complaints."""
    argv = [VMM, 'run', '--timeout', str(timeout)]
    if name:
        argv += ['-k', guest(name), '-p', append]
    done = subprocess.run([*argv, *args], stdin=stdin, timeout=timeout + 30,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors='replace')
    return done.returncode, done.stdout, done.stderr


def tail(*texts):
    return [line for text in texts for line in text.splitlines()[-12:]]


def points(title, name, *args, status=0, **how):
    """Runs a guest that prints TAP and passes its points on."""
    got, out, errors = run(name, *args, **how)
    seen = POINT.findall(out)
    bad = [what for no, _, what in seen if no]
    plan = re.findall(r'^1\.\.(\d+)', out, re.M)
    for what in bad:
        tap.point(False, f'{title}: {what}')
    whole = plan == [str(len(seen))] and seen
    tap.point(got == status and whole and not bad,
              f'{title}: {len(seen) - len(bad)} points',
              [f'status {got}, wanted {status}; plan {plan}, '
               f'{len(seen)} points'] + tail(out, errors))


def ends(what, status, name, *args, **how):
    """Runs a guest and looks at its status only; returns its output."""
    got, out, errors = run(name, *args, **how)
    tap.point(got == status, what,
              [f'status {got}, wanted {status}'] + tail(out, errors))
    return out + errors
