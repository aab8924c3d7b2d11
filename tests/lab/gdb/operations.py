# SPDX-License-Identifier: MIT
"""Ten thousand random operations on tests/guest/TARGET/guests/debugged.c."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import payload  # noqa: E402

payload.soak_alone()
