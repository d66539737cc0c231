"""Detects the Enter key at the terminal while files are watched."""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import suppress
from typing import Self


class Keys:
    """Listens to a file descriptor, if there is one. A terminal is read only while this process is in the
    foreground.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def of_terminal(cls) -> Self:
        """Return the command's terminal, or none if its input is not a terminal."""
        with suppress(AttributeError, OSError, ValueError):
            if sys.stdin.isatty():
                return cls(sys.stdin.fileno())
        return cls(None)

    @property
    def are_heard(self) -> bool:
        """Return whether the user can press a key."""
        return self._descriptor is not None

    def asked_within(self, seconds: float) -> bool:
        """Wait for a number of seconds or until Enter is pressed; return whether Enter was pressed."""
        descriptor = self._descriptor
        if descriptor is None or not _is_in_foreground(descriptor):
            time.sleep(seconds)
            return False
        if not select.select([descriptor], [], [], seconds)[0]:
            return False
        text = os.read(descriptor, 4096)
        if not text:
            self._descriptor = None  # Ctrl-D
        return b"\n" in text


def _is_in_foreground(descriptor: int) -> bool:
    """Return whether this process can read from the terminal. Background processes would be stopped."""
    return not os.isatty(descriptor) or os.tcgetpgrp(descriptor) == os.getpgrp()
