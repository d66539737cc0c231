"""Hears Enter at the terminal while files are watched."""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import suppress
from typing import Self


class Keys:
    """Hears a descriptor, if there is one; a terminal only while this process is in its foreground."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def of_terminal(cls) -> Self:
        """The terminal at which the command was typed; none where its input is no terminal."""
        with suppress(AttributeError, OSError, ValueError):
            if sys.stdin.isatty():
                return cls(sys.stdin.fileno())
        return cls(None)

    @property
    def are_heard(self) -> bool:
        """Say whether somebody may press a key."""
        return self._descriptor is not None

    def asked_within(self, seconds: float) -> bool:
        """Wait for so long, or until Enter; says whether it was pressed."""
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
    """Say whether reading does not stop this process, as it does in the background of a terminal."""
    return not os.isatty(descriptor) or os.tcgetpgrp(descriptor) == os.getpgrp()
