"""Names as the scenario has them, where a run had to use others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def restored(value: T, renamed: Mapping[str, str]) -> T:
    """`value` with every name in `renamed` as it was, in all texts in it; `{"photos": "photos-5e3f1a"}`."""
    if not renamed:
        return value
    own = {other: name for name, other in renamed.items()}
    pattern = re.compile("|".join(re.escape(other) for other in sorted(own, key=len, reverse=True)))
    result: T = _restored(value, lambda text: pattern.sub(lambda found: own[found[0]], text))
    return result


def used(value: Any, renamed: Mapping[str, str]) -> Any:
    """`value`, plain JSON, with every text that is a renamed bucket's name replaced by the name it has."""
    return _restored(value, lambda text: renamed.get(text, text))


def _restored(value: Any, text: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {_restored(key, text): _restored(item, text) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_restored(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _restored(getattr(value, f.name), text) for f in fields(value)})
    return value
