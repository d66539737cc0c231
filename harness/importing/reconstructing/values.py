"""Finds in a payload the places where a value stands, and makes templates of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.json_types import Json, JsonObject, as_dict

Noted = Callable[[str, str], None]
"""Notes of a member of a template what about it is guessed: its name, and a sentence."""
_PLAIN: Final = re.compile(r"[A-Za-z_]\w*")
_MANY: Final = 20_000
"""A payload with more values than these is not searched."""


def text_of(value: Json) -> str:
    """A text that is the same for the same values."""
    return json.dumps(value, sort_keys=True)


def is_telling(value: Json) -> bool:
    """Tell whether a value says something by standing in two places: true, 0 and nothing do not."""
    return not isinstance(value, bool) and value not in (None, 0, 1, "", [], {})


def places(value: Json, way: str = "$") -> Iterator[tuple[str, Json]]:
    """The values in a payload with their paths, the outer ones first."""
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
    """The payloads that a value may come from, by the beginnings of their paths: `$`, `$$.Map.Item.Value`.

    Paths that begin with `but` are left out.
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
        """All paths that lead to a value."""
        return self._index.get(text_of(value), [])


def common_path(values: Sequence[Json], sources: Sequence[Source]) -> str:
    """The one path that leads to these values in their sources; "" where none does, or several do."""
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
    """A payload template for objects: members that come from one place have its path.

    Args:
        whole: true where all of an object may come from one place, which is then in its member.
        way: the members that lead to it.
    """
    made: JsonObject = {}
    objects = [as_dict(each) for each in values]
    for name in dict.fromkeys(name for each in objects for name in each):
        having = [(each[name], source) for each, source in zip(objects, sources, strict=True) if name in each]
        inner, theirs = [value for value, _ in having], [source for _, source in having]
        at = f"{way}.{name}" if way else name
        if len(having) < len(objects):
            noted(at, "it is not always there")
        if path := common_path(inner, theirs):
            made[f"{name}.$"] = path
            if len(set(map(text_of, inner))) == 1:
                noted(at, f"it is as {path}, and may be a constant")
        elif all(isinstance(each, dict) for each in inner):
            made[name] = template(inner, theirs, noted, way=at)
        else:
            made[name] = inner[0]
            if several := sorted(_common_paths(inner, theirs), key=len):
                noted(at, f"it is as {' and '.join(several[:3])}, and is a constant here")
            elif len(set(map(text_of, inner))) > 1:
                noted(at, "it differs from time to time, and stands in no one place of the input")
    return made


def has_path(value: Json) -> bool:
    """Tell whether a template takes something from somewhere."""
    if isinstance(value, dict):
        return any(name.endswith(".$") or has_path(each) for name, each in value.items())
    return isinstance(value, list) and any(map(has_path, value))


def insertions(befores: Sequence[Json], afters: Sequence[Json]) -> dict[str, list[Json]]:
    """The paths of the one member by which objects became others, with its values; the deepest first.

    A member that stayed as it was may have been put there anew, too.
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
