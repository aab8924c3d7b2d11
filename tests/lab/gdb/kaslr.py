# SPDX-License-Identifier: MIT
"""An x86_64 kernel that vmm moved: a stock gdb finds out, and its symbols are right."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import gdb  # noqa: E402
import kernel  # noqa: E402
import lab  # noqa: E402

PARTS = ('.text', '_text'), ('.rodata', 'linux_banner'), ('.init.text', 'start_kernel')


def load_vmlinux():
    """A file of segments as a vmlinux has them, each of one symbol."""
    with tempfile.TemporaryDirectory() as d:
        with open(d + '/s', 'w') as f:
            f.write(''.join(f'.section {part}, "a"\n.quad 0\n' for part, _ in PARTS))
        with open(d + '/lds', 'w') as f:
            f.write('PHDRS {' + ''.join(f' p{n} PT_LOAD;' for n in range(len(PARTS))) +
                    '}\nSECTIONS {\n' +
                    ''.join(f'{part} {lab.SYMBOLS[name]:#x} : {{ {name} = .; '
                            f'*({part}) }} :p{n}\n'
                            for n, (part, name) in enumerate(PARTS)) + '}\n')
        for tool, *args in (('as', '-o', d + '/o', d + '/s'),
                            ('ld', '-T', d + '/lds', '-o', d + '/vmlinux', d + '/o')):
            subprocess.run([f'{lab.TOOLS}-{tool}', *args], check=True)
        lab.run(f'file {d}/vmlinux')


def main():
    linked = dict(lab.SYMBOLS)
    lab.begin(load_vmlinux)
    for _, name in PARTS:
        lab.SYMBOLS[name] = int(gdb.parse_and_eval(f'(unsigned long)&{name}'))
    by = {lab.SYMBOLS[name] - linked[name] for _, name in PARTS}
    print(f'# moved by {by}')
    lab.point(len(by) == 1 and not by.pop() & 0x1fffff,
              'gdb moves all of the kernel by whole 2 MiB')
    kernel.start_kernel()
    kernel.banner()
    kernel.end()


main()
