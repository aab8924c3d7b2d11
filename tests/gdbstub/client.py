# SPDX-License-Identifier: MIT
"""A small client of gdb's remote protocol, for the suites and the bench."""
import re
import socket
import subprocess
import time

RUN = re.compile(rb'(.)\*(.)', re.S)
LIMIT = 30                      # seconds that an answer may take


class Ended(Exception):
    """The other side closed the connection."""


def wrap(content):
    """A packet of these bytes."""
    out = bytearray()
    for c in content:
        out += bytes((0x7d, c ^ 0x20)) if c in b'#$}*' else bytes((c,))
    return b'$%s#%02x' % (bytes(out), sum(out) & 0xff)


def unwrap(raw):
    """What a packet's bytes mean: runs and escapes undone."""
    if b'}' not in raw and b'*' not in raw:
        return raw
    if b'}' not in raw:
        return RUN.sub(lambda m: m[1] * (m[2][0] - 28), raw)
    out, i = bytearray(), 0
    while i < len(raw):
        c = raw[i]
        if c == 0x7d:
            i += 1
            out.append(raw[i] ^ 0x20)
        elif c == 0x2a:
            i += 1
            out += out[-1:] * (raw[i] - 29)
        else:
            out.append(c)
        i += 1
    return bytes(out)


class Remote:
    """One connection; the machine behind it is stopped."""

    def __init__(self, sock):
        self.sock, self.buf = sock, b''
        self.sock.settimeout(LIMIT)
        self.acks = True        # until the stub takes the offer below
        self.features = self.ask('qSupported:swbreak+;hwbreak+;error-message+;'
                                 'vContSupported+')
        self.acks = self.ask('QStartNoAckMode') != 'OK'

    # ---- bytes and packets

    def send(self, content):
        if isinstance(content, str):
            content = content.encode()
        self.sock.sendall(wrap(content))

    def raw(self):
        """The next packet as it came."""
        while True:
            at = self.buf.find(b'$')
            end = self.buf.find(b'#', at)
            if 0 <= at < end and len(self.buf) >= end + 3:
                raw, self.buf = self.buf[at + 1:end], self.buf[end + 3:]
                if self.acks:
                    self.sock.sendall(b'+')
                return raw
            more = self.sock.recv(1 << 20)
            if not more:
                raise Ended
            self.buf += more

    def recv(self):
        """The next packet's content."""
        return unwrap(self.raw()).decode('latin-1')

    def ask(self, content):
        self.send(content)
        return self.recv()

    # ---- registers and memory

    def reg(self, n):
        return int.from_bytes(bytes.fromhex(self.ask(f'p{n:x}')), 'little')

    def set_reg(self, n, value, size=8):
        assert self.ask(f'P{n:x}=' + value.to_bytes(size, 'little').hex()) \
            == 'OK'

    def read(self, addr, size):
        return bytes.fromhex(self.ask(f'm{addr:x},{size:x}'))

    def read64(self, addr):
        return int.from_bytes(self.read(addr, 8), 'little')

    def write(self, addr, data):
        assert self.ask(b'X%x,%x:' % (addr, len(data)) + data) == 'OK'

    def monitor(self, line):
        return bytes.fromhex(self.ask('qRcmd,' + line.encode().hex())).decode()

    # ---- going on

    def go(self, how='vCont;c'):
        """Lets it run; how it stopped, as a dictionary."""
        self.send(how)
        return self.stop()

    def stop(self):
        text = self.recv()
        if not text.startswith('T'):
            return {'': text}
        words = dict(w.partition(':')[::2] for w in text[3:].split(';') if w)
        words['signal'] = int(text[1:3], 16)
        return words

    def interrupt(self):
        self.sock.sendall(b'\x03')
        return self.stop()

    def close(self):
        self.sock.close()


def connect_unix(path, child=None):
    """To a socket that may not be there yet."""
    limit = time.monotonic() + LIMIT
    while True:
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path)
            return Remote(s)
        except OSError:
            s.close()
            if time.monotonic() > limit or (child and child.poll() is not None):
                raise
            time.sleep(0.01)


def connect_tcp(port, child=None, limit=LIMIT):
    """To a port of this host that may not be open yet, or only its way there."""
    deadline = time.monotonic() + limit
    while True:
        try:
            s = socket.create_connection(('127.0.0.1', port))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Remote(s)
        except (OSError, Ended):
            if time.monotonic() > deadline or (child and child.poll() is not None):
                raise
            time.sleep(0.1)


def symbols(elf):
    """Names to addresses."""
    out = subprocess.run(['nm', elf], capture_output=True, text=True,
                         check=True, timeout=60).stdout
    return {line.split()[2]: int(line.split()[0], 16)
            for line in out.splitlines() if len(line.split()) == 3}


def instructions(elf, first, last):
    """The instructions from one name to another, as (address, bytes)."""
    names = symbols(elf)
    out = subprocess.run(['objdump', '-d', f'--start-address={names[first]}',
                          '--insn-width=16', f'--stop-address={names[last] + 1}', elf],
                         capture_output=True, text=True, check=True,
                         timeout=60).stdout
    found = re.findall(r'^ +([0-9a-f]+):\t((?:[0-9a-f]{2} )+)', out, re.M)
    return [(int(at, 16), bytes.fromhex(code)) for at, code in found
            if names[first] <= int(at, 16) <= names[last]]
