"""Model types at and below a key path, for messages and for the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin, get_type_hints

from harness.scenario.base import Model
from harness.scenario.source import Key


def type_at(root: object, path: Iterable[Key]) -> object:
    """Return the type in `root` at `path`: a model, a NamedTuple, `Mapping`, `tuple` or a scalar type."""
    kind = bare(root)
    for key in path:
        kind = bare(_inside(kind, key))
    return kind


def bare(kind: object) -> object:
    """Return a type without `Annotated` and `| None`."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType):
            kind = next(arg for arg in get_args(kind) if arg is not NoneType)
        else:
            return kind


def keys(kind: object) -> tuple[str, ...]:
    """Return a model's keys as written in a file, or a row's element names; otherwise nothing."""
    if is_model(kind):
        return tuple(field.alias or name for name, field in kind.model_fields.items())
    return tuple(get_type_hints(kind)) if is_row(kind) else ()


def is_model(kind: object) -> TypeGuard[type[Model]]:
    """Return whether a type is one of the models."""
    return isinstance(kind, type) and issubclass(kind, Model)


def is_row(kind: object) -> bool:
    """Return whether a type is a NamedTuple, which is a list of fixed length in a file."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def parts(root: object) -> Iterator[type]:
    """Yield each model and each row within a type, including the type itself, in field order."""
    found: dict[type, None] = {}
    waiting = [root]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and (is_model(kind) or is_row(kind)):
            if kind in found:
                continue
            found[kind] = None
            yield kind
            inner = (
                [field.annotation for field in kind.model_fields.values()]
                if is_model(kind)
                else list(get_type_hints(kind, include_extras=True).values())
            )
        else:
            inner = list(get_args(kind))
        waiting += reversed(inner)


def is_list(kind: object) -> bool:
    """Return whether the values of a type are lists in a file."""
    return (get_origin(kind) or kind) in (tuple, list, set, frozenset, Sequence)


def is_mapping(kind: object) -> bool:
    """Return whether a type is not a model, and its values are mappings in a file."""
    return (get_origin(kind) or kind) in (Mapping, dict)


def _inside(kind: object, key: Key) -> object:
    if is_model(kind):
        by_key = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
        return by_key.get(str(key), Any)
    if is_row(kind):
        hints = get_type_hints(kind, include_extras=True)
        if isinstance(key, int):
            return list(hints.values())[key] if key < len(hints) else Any
        return hints.get(key, Any)
    if is_list(kind):
        return get_args(kind)[0] if get_args(kind) else Any
    if is_mapping(kind):
        return get_args(kind)[1] if get_args(kind) else Any
    return Any
