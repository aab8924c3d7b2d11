# SPDX-License-Identifier: MIT
"""The same with a kernel that has booted, and is then started over."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kernel  # noqa: E402

kernel.from_within()
