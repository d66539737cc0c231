"""Function updates in two parts: the code and the settings.

CloudFormation makes two calls, UpdateFunctionCode and UpdateFunctionConfiguration. Invocations can
happen between the two calls. To reproduce that, the engine can delay one part until requested.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal

Part = Literal["", "code", "settings"]


class Halves:
    """Function updates: the part that is delayed, and the delayed changes."""

    def __init__(self) -> None:
        self._held: Part = ""
        self._later: list[Callable[[], object]] = []

    def update(
        self, function: Any, code: Callable[[], object], settings: Callable[[], object], *, both: bool
    ) -> None:
        """Apply both parts of a function update. If both parts change something, the selected part is
        delayed.
        """
        held = self._held if both else ""
        if held == "settings":
            self._later.append(settings)
        else:
            settings()
        if held == "code":
            self._later.append(_put_off(function, code))
        else:
            code()

    def hold_back(self, part: Part) -> int:
        """Apply the delayed changes, and set the part to delay in later updates.

        Returns the number of applied changes.
        """
        self._held = part
        later, self._later = self._later, []
        for change in later:
            change()
        return len(later)

    def clear(self) -> None:
        """Discard the delayed changes."""
        self._held, self._later = "", []


def _put_off(function: Any, code: Callable[[], object]) -> Callable[[], object]:
    """Read the code now, because its source may be deleted later. Return a function that installs it."""
    before = dict(vars(function))
    code()
    after = {name: value for name, value in vars(function).items() if value is not before.get(name)}
    for name in after:
        setattr(function, name, before.get(name))
    return partial(vars(function).update, after)


HALVES: Final = Halves()
"""The delayed updates of this process."""
