"""Updates of functions in two parts: their code, and their settings.

CloudFormation makes two calls, UpdateFunctionCode and UpdateFunctionConfiguration, and invocations may come
between them. So one part can be held back here, until it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal

Part = Literal["", "code", "settings"]


class Halves:
    """The part of functions' updates that is held back, and what is held back of it."""

    def __init__(self) -> None:
        self._held: Part = ""
        self._later: list[Callable[[], object]] = []

    def update(
        self, function: Any, code: Callable[[], object], settings: Callable[[], object], *, both: bool
    ) -> None:
        """Make both parts of a function's update; one of them later, where both change something."""
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
        """Hold this part back from now on, after what was held back is done; gives the number of that."""
        self._held = part
        later, self._later = self._later, []
        for change in later:
            change()
        return len(later)

    def clear(self) -> None:
        """Forget all of it."""
        self._held, self._later = "", []


def _put_off(function: Any, code: Callable[[], object]) -> Callable[[], object]:
    """Read the code now, as the place where it is goes away; gives what puts it into the function."""
    before = dict(vars(function))
    code()
    after = {name: value for name, value in vars(function).items() if value is not before.get(name)}
    for name in after:
        setattr(function, name, before.get(name))
    return partial(vars(function).update, after)


HALVES: Final = Halves()
"""Those of this process."""
