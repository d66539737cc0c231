"""Replacements for standard library functions while a function's time is virtual."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable

Replaced = tuple[object, str, object]
"""A module or class, a name in it, and the replacement."""


class Replacement:
    """Replaces a `time` function. It is an object, because built-in functions do not become methods in
    classes.

    Once `active`, it calls `on_call`, if set, and then `virtual`.
    """

    active = False
    on_call: Callable[[], None] | None = None

    def __init__(self, real: Callable[..., object], virtual: Callable[..., object]) -> None:
        functools.update_wrapper(self, real)
        self.real = real
        self._virtual = virtual

    def __call__(self, *args: object, **named: object) -> object:
        """Call the function on the active clock."""
        if not self.active:
            return self.real(*args, **named)
        if self.on_call:
            self.on_call()
        return self._virtual(*args, **named)

    def __reduce__(self) -> str:
        return self.real.__name__  # pickled and copied by its name in `time`, like the original

    def __repr__(self) -> str:
        return repr(self.real)


class Replacements:
    """Installs replacements, and restores the originals."""

    def __init__(self) -> None:
        self._undo: list[tuple[object, str, object]] = []

    def install(self, wanted: Iterable[Replaced]) -> None:
        """Replace the functions, including names imported into other modules, but not in our own modules."""
        ours = __name__.partition(".")[0]
        others = [
            module
            for name, module in sys.modules.items()
            if module is not None and name.partition(".")[0] not in (ours, "__main__")
        ]
        stand_ins: dict[int, object] = {}
        for place, name, stand_in in wanted:
            real = vars(place).get(name, getattr(place, name, None))
            stand_ins[id(real)] = stand_in
            self._put(place, name, stand_in)
        for module in others:
            for name, value in list(vars(module).items()):
                if id(value) in stand_ins and value is not stand_ins[id(value)]:
                    self._put(module, name, stand_ins[id(value)])

    def uninstall(self) -> None:
        """Undo `install`."""
        for place, name, real in reversed(self._undo):
            if real is _ABSENT:
                delattr(place, name)
            else:
                setattr(place, name, real)
        self._undo.clear()

    def _put(self, place: object, name: str, stand_in: object) -> None:
        self._undo.append((place, name, vars(place).get(name, _ABSENT)))
        setattr(place, name, stand_in)


_ABSENT = object()
