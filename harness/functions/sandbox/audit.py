"""The single audit hook for all restrictions on a function. It calls the listeners for each event.

The function's code cannot remove it. Events: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Check = Callable[[str, tuple[Any, ...]], None]

_checks: dict[str, list[Check]] = {}
_hooked = False


def on(event: str, check: Check) -> None:
    """Call `check` with each event of this name. If it raises an exception, the event does not happen."""
    global _hooked  # noqa: PLW0603 - a hook cannot be removed
    _checks.setdefault(event, []).append(check)
    if not _hooked:
        _hooked = True
        get = _checks.get

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if (checks := get(event)) is not None:
                for each in checks:
                    each(event, arguments)

        sys.addaudithook(hook)
