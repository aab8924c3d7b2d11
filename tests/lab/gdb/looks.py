# SPDX-License-Identifier: MIT
"""The same where KVM stops at no breakpoint."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kernel  # noqa: E402

kernel.without_traps()
