"""Parts of items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from .syntax import Part, Path
from .values import Item, Kept, Value

_Tree: TypeAlias = "dict[Part, _Tree]"


def at(item: Item, path: Path) -> Value | None:
    """Return the value at a path, or None if it does not exist."""
    first, *rest = path.parts
    value = item.get(str(first))
    for part in rest:
        if value is None:
            return None
        if isinstance(part, int):
            elements: list[Value] = value.get("L", [])
            value = elements[part] if part < len(elements) else None
        else:
            value = value.get("M", {}).get(part)
    return value


def projected(item: Item, paths: Iterable[Path]) -> Item:
    """Return the parts of an item at these paths, within the maps and lists that contain them."""
    tree: _Tree = {}
    for path in paths:
        branch = tree
        for part in path.parts:
            branch = branch.setdefault(part, {})
    return _members(item, tree)


def part_of(kept: Kept | None, paths: Sequence[Path] | None) -> Item | None:
    """Return the requested parts of an item, or the whole item if `paths` is None."""
    if kept is None or paths is None:
        return None if kept is None else kept.item
    return projected(kept.item, paths)


def _members(members: Item, tree: _Tree) -> Item:
    found = {}
    for name, branch in tree.items():
        if name in members and (part := _part(members[str(name)], branch)) is not None:
            found[str(name)] = part
    return found


def _part(value: Value, tree: _Tree) -> Value | None:
    if not tree:
        return value
    if "M" in value:
        members = _members(value["M"], tree)
        return {"M": members} if members else None
    if "L" in value:
        elements = value["L"]
        numbers = sorted(part for part in tree if isinstance(part, int) and part < len(elements))
        found = [_part(elements[number], tree[number]) for number in numbers]
        kept = [each for each in found if each is not None]
        return {"L": kept} if kept else None
    return None
