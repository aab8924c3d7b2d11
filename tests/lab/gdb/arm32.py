# SPDX-License-Identifier: MIT
"""The same with a 32-bit kernel, on an arm64 host, whose vCPUs begin in AArch32."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ['TARGET'] = 'arm32'

import kernel  # noqa: E402

kernel.main(cpus=2, count=100)
