"""Finds the paths in a payload at which a value occurs, and creates payload templates from them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.json_types import Json, JsonObject, as_dict

Noted = Callable[[str, str], None]
"""Records a note about a guessed member of a template: its name, and a sentence."""
_PLAIN: Final = re.compile(r"[A-Za-z_]\w*")
_MANY: Final = 20_000
"""A payload with more values than this is not searched."""


def text_of(value: Json) -> str:
    """Return a string that is equal for equal values."""
    return json.dumps(value, sort_keys=True)


def is_telling(value: Json) -> bool:
    """Return whether it is significant that a value occurs twice: not for true, 0 or an empty value."""
    return not isinstance(value, bool) and value not in (None, 0, 1, "", [], {})


def places(value: Json, way: str = "$") -> Iterator[tuple[str, Json]]:
    """Yield the values in a payload with their paths, outer values first."""
    yield way, value
    if isinstance(value, dict):
        for name, each in value.items():
            if "'" not in name and "\\" not in name:
                yield from places(each, f"{way}.{name}" if _PLAIN.fullmatch(name) else f"{way}['{name}']")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from places(each, f"{way}[{number}]")


@dataclass
class Source:
    """The payloads that a value may come from, keyed by path prefix: `$`, `$$.Map.Item.Value`.

    Paths that begin with `but` are omitted.
    """

    payloads: Mapping[str, Json]
    but: str = ""
    _index: dict[str, list[str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        count = 0
        for way, payload in self.payloads.items():
            for path, value in places(payload, way):
                count += 1
                if count > _MANY:
                    return
                if not self.but or not path.startswith(self.but):
                    self._index.setdefault(text_of(value), []).append(path)

    def paths(self, value: Json) -> list[str]:
        """Return all paths that lead to a value."""
        return self._index.get(text_of(value), [])


def common_path(values: Sequence[Json], sources: Sequence[Source]) -> str:
    """Return the unique path to these values in their sources; "" if there is none."""
    found = _common_paths(values, sources)
    return next(iter(found)) if len(found) == 1 else ""


def _common_paths(values: Sequence[Json], sources: Sequence[Source]) -> set[str]:
    if not values or (len(set(map(text_of, values))) == 1 and not is_telling(values[0])):
        return set()
    found = set(sources[0].paths(values[0]))
    for value, source in zip(values[1:], sources[1:], strict=True):
        found &= set(source.paths(value))
    return found


def template(
    values: Sequence[Json], sources: Sequence[Source], noted: Noted, *, whole: bool = False, way: str = ""
) -> JsonObject:
    """Return a payload template for objects. Members with a unique path get this path.

    Args:
        whole: true if a whole object may have one path, which its member then gets.
        way: the path to the object.
    """
    made: JsonObject = {}
    objects = [as_dict(each) for each in values]
    for name in dict.fromkeys(name for each in objects for name in each):
        having = [(each[name], source) for each, source in zip(objects, sources, strict=True) if name in each]
        inner, theirs = [value for value, _ in having], [source for _, source in having]
        at = f"{way}.{name}" if way else name
        if len(having) < len(objects):
            noted(at, "it is not always present")
        if path := common_path(inner, theirs):
            made[f"{name}.$"] = path
            if len(set(map(text_of, inner))) == 1:
                noted(at, f"it equals {path}, but may be a constant")
        elif all(isinstance(each, dict) for each in inner):
            made[name] = template(inner, theirs, noted, way=at)
        else:
            made[name] = inner[0]
            if several := sorted(_common_paths(inner, theirs), key=len):
                noted(at, f"it equals {' and '.join(several[:3])}; the definition has a constant")
            elif len(set(map(text_of, inner))) > 1:
                noted(at, "it varies, and has no unique path in the input")
    return made


def has_path(value: Json) -> bool:
    """Return whether a template contains a path."""
    if isinstance(value, dict):
        return any(name.endswith(".$") or has_path(each) for name, each in value.items())
    return isinstance(value, list) and any(map(has_path, value))


def insertions(befores: Sequence[Json], afters: Sequence[Json]) -> dict[str, list[Json]]:
    """Return the paths of the single member whose replacement accounts for the change in objects, deepest
    first.

    The values are those of the member. A member that did not change may also have been replaced.
    """
    found: dict[str, list[Json]] | None = None
    for before, after in zip(befores, afters, strict=True):
        here = dict(_insertions(before, after, "$"))
        if found is None:
            found = {path: [value] for path, value in here.items()}
        else:
            found = {path: [*values, here[path]] for path, values in found.items() if path in here}
    return dict(reversed((found or {}).items()))


def _insertions(before: Json, after: Json, way: str) -> Iterator[tuple[str, Json]]:
    if not isinstance(after, dict) or not isinstance(before, dict):
        return
    changed = [name for name in after if name not in before or before[name] != after[name]]
    if len(changed) > 1 or any(name not in after for name in before):
        return
    for name in changed or after:
        if name in after and _PLAIN.fullmatch(name):
            yield f"{way}.{name}", after[name]
            if name in before:
                yield from _insertions(before[name], after[name], f"{way}.{name}")
