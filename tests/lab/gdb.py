# SPDX-License-Identifier: MIT
"""Debuggers of the labs' guests: a stock gdb here, vmm's stub in the emulated host.

A scenario with needs=gdb says on its results port which symbols its guest has
("symbol ADDRESS NAME"), which kernel ("version TEXT"), and when to begin ("gdb SCRIPT
LAB"); gdb then runs
gdb/SCRIPT.py, whose points are the scenario's.  "client SCRIPT LAB": it is a client
of its own and needs no gdb."""
import atexit
import os
import shutil
import socket
import subprocess
import sys

import emulate
import labs

GDB = 'gdb-multiarch'
LIMIT = 20		# seconds that gdb may go on after its scenario


def free_port():
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Client:
    """The gdb of one scenario, once that asks for it."""

    def __init__(self, scenario, host):
        self.name, self.port = scenario.name, host.gdb_port
        self.log = f'{host.log}.{scenario.name}.gdb'
        open(self.log, 'w').close()
        self.symbols, self.child, self.missing = {}, None, False
        self.version, self.points = '', []

    def line(self, text):
        word, _, rest = text.partition(' ')
        if word == 'symbol':
            address, name = rest.split()
            self.symbols[name] = int(address, 16)
        elif word == 'version':
            self.version = rest
        elif word == 'gdb' and not shutil.which(GDB):
            self.missing = True
        elif word == 'gdb':
            self.start([GDB, '-nx', '-q', '-batch', '-x'], *rest.split())
        elif word == 'client':
            self.start([sys.executable, '-u'], *rest.split())

    def start(self, command, script, lab):
        """Starts it with the symbols that were told so far.  One at a time: of
        the guest before, it has seen the end.  lab: one of LABS, or a target
        that needs none."""
        self.points += self.ended() if self.child else []
        target = labs.LABS.get(lab, {}).get('target', lab)
        env = {**os.environ, 'LAB': lab, 'TARGET': target,
               'GDB_REMOTE': f'127.0.0.1:{self.port}',
               'GUEST_VERSION': self.version,
               'SYMBOLS': ' '.join(f'{n}={a:#x}'
                                   for n, a in self.symbols.items())}
        with open(self.log, 'a') as out:
            self.began = out.tell()
            self.child = subprocess.Popen(
                [*command, f'{emulate.HERE}/gdb/{script}.py'], env=env,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True)
        atexit.register(self.child.kill)    # if we are ended meanwhile

    def ended(self):
        """Waits for it; its points."""
        points = []
        try:
            self.child.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            points.append('not ok - gdb had to be killed')
        with open(self.log, errors='replace') as f:
            f.seek(self.began)
            lines = f.read().splitlines()
        points += [x for x in lines if x.startswith(('ok - ', 'not ok - '))]
        if not lines or lines[-1] != 'end of script':
            points.append('not ok - the script ran to its end')
        if any(p.startswith('not') for p in points):
            print('\n'.join('# gdb: ' + x for x in lines[-60:]))
        self.child = None
        return points

    def finish(self):
        """Ends it; the points of all there were."""
        if self.missing:
            return [f'ok - gdb # SKIP {GDB} is missing']
        if not self.child:
            return ['not ok - no debugger was asked for']
        return self.points + self.ended()
