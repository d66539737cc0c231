"""Bucket names that are already taken in another account. They are replaced before a run and restored after
it.

The mapping `renamed` maps a bucket's name in the scenario to its name on the engine:
`{"photos": "photos-5e3f1a"}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

T = TypeVar("T")


def restored(value: T, renamed: Mapping[str, str]) -> T:
    """Return a copy of `value` in which every string uses the scenario's names, including within longer
    strings.
    """
    if not renamed:
        return value
    own = {other: name for name, other in renamed.items()}
    pattern = re.compile("|".join(re.escape(other) for other in sorted(own, key=len, reverse=True)))
    return _mapped(value, lambda text: pattern.sub(lambda found: own[found[0]], text))


def used(value: T, renamed: Mapping[str, str]) -> T:
    """Return a copy of `value`, plain JSON, in which each string that equals a renamed bucket's name is
    replaced.
    """
    return _mapped(value, lambda text: renamed.get(text, text))


def _mapped(value: T, of_text: Callable[[str], str]) -> T:
    mapped = _each(value, of_text)
    assert isinstance(mapped, type(value))
    return mapped


def _each(value: object, of_text: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, Mapping):
        return {_each(key, of_text): _each(item, of_text) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_each(item, of_text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        given = (f.name for f in fields(value) if f.init)
        return replace(value, **{name: _each(getattr(value, name), of_text) for name in given})
    return value
