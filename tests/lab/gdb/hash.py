# SPDX-License-Identifier: MIT
"""A pSeries guest whose page table is the hypervisor's: its memory by that."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kernel  # noqa: E402
import lab  # noqa: E402

lab.begin()
kernel.start_kernel()
kernel.banner()
kernel.end()
