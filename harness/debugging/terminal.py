"""The terminal of this process, if it can show prompts."""

from __future__ import annotations

import os

TERMINAL = "/dev/tty"


def has_terminal() -> bool:
    """Return whether this process has a terminal and is in its foreground."""
    try:
        descriptor = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(descriptor)
