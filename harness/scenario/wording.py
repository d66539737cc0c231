"""Convert problems in a file into messages for scenario authors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import ValidationError

from harness.json_types import Json
from harness.scenario import shape
from harness.scenario.base import Model
from harness.scenario.position import Problem, RefusedError
from harness.scenario.source import Key, KeyPath, Source

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MANY = 30
_TYPES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def problems(error: ValidationError, root: type[Model], data: Json, source: Source) -> Iterator[Problem]:
    """Yield pydantic errors as problems with positions. `data` was validated against `root`."""
    details = error.errors(include_url=False)
    misspelt = {
        (*detail["loc"][:-1], close)
        for detail in details
        if detail["type"] == "extra_forbidden"
        for close in _close(str(detail["loc"][-1]), shape.keys(shape.type_at(root, detail["loc"][:-1])))
    }
    for detail in details:
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue  # reported as an unknown key
        if detail["type"] == "too_short" and any(_is_within(other, detail) for other in details):
            continue  # pydantic counts only valid entries; the invalid ones are reported separately
        yield _problem(detail, root, data, source)


def nearest(word: str, known: Iterable[str], label: str = "known") -> str:
    """Return a remedy for an unknown word: `did you mean 'seed'? known: title, seed`.

    If there are many known words, suggest only the most similar one.
    """
    names = list(dict.fromkeys(known))
    hint = like(word, names)
    if hint and len(names) > _MANY:
        return hint
    return f"{hint} {label}: {shortened(names)}".lstrip()


def like(word: str, known: Sequence[str]) -> str:
    """Return the question `did you mean 'seed'?`; "" if no known word is similar."""
    return "".join(f"did you mean {name!r}?" for name in _close(word, known))


def shortened(names: Iterable[str], most: int = 20) -> str:
    """Return up to `most` names separated by commas, or `none`."""
    listed = list(names)
    more = [f"and {len(listed) - most} more"] if len(listed) > most else []
    return ", ".join([*listed[:most], *more]) or "none"


def found(value: Json) -> str:
    """Return a value formatted for use in a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "{}"
    if isinstance(value, list):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 40 else "a list"
    return repr(value) if isinstance(value, str) else json.dumps(value)


def _is_within(detail: ErrorDetails, other: ErrorDetails) -> bool:
    """Return whether an error is located inside the location of another error."""
    return len(detail["loc"]) > len(other["loc"]) and detail["loc"][: len(other["loc"])] == other["loc"]


def _close(word: str, known: Sequence[str]) -> list[str]:
    """Return the known word most similar to `word`: as a whole, or with different letter order or case."""
    close = get_close_matches(word, known, n=1, cutoff=0.7)
    return close or [each for each in known if sorted(each.lower()) == sorted(word.lower())][:1]


def _problem(detail: ErrorDetails, root: type[Model], data: Json, source: Source) -> Problem:
    kind, loc = _of_row(detail)
    if kind == "missing" and isinstance(loc[-1], str):
        return _missing(loc, loc[-1], root, source)
    if kind == "extra_forbidden":
        return _unknown_key(loc, root, data, source)
    at = source.known(*loc)
    value = _value_at(data, at)
    where = source.position(*loc, of="key" if loc[-1:] == ("[key]",) else "value")
    if kind == "value_error" and isinstance(refusal := detail["ctx"]["error"], RefusedError):
        return Problem(where, refusal.message, refusal.remedy)
    if kind in ("value_error", "assertion_error"):
        return Problem(where, f"{_label(at)}: {detail['ctx']['error']}", "correct it")
    if kind == "literal_error":
        words = [word.strip("'") for word in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        label, seen = _label(loc), found(value)
        verb = label.endswith("s") and not label.endswith("status")  # `ends: timeout`
        message = f"{label} cannot be {seen}" if verb else f"unknown {label} {seen}"
        return Problem(where, message, nearest(str(value), words))
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = (
            f"{detail['ctx']['ge']:,} or more"
            if "ge" in detail["ctx"]
            else f"at most {detail['ctx']['le']:,}"
        )
        return Problem(where, f"{_label(at)}: invalid value {found(value)}", f"write {limit}")
    if kind == "string_too_short":
        return Problem(where, f"{_label(at)} is empty", "add text")
    if kind == "too_short":
        least = "one" if detail["ctx"]["min_length"] == 1 else str(detail["ctx"]["min_length"])
        return Problem(
            where, f"{_label(at)} {'has too few' if value else 'is empty'}", f"add at least {least}"
        )
    wanted = _wanted(root, loc[:-1] if kind == "missing" else loc)
    if wanted is None:
        return Problem(where, f"{_label(at)}: {_lowered(detail['msg'])}, found {found(value)}", "correct it")
    return Problem(where, f"{_label(at)}: expected {wanted}, found {found(value)}", _remedy(wanted, value))


def _of_row(detail: ErrorDetails) -> tuple[str, KeyPath]:
    """Return an error's type and location. Versions of pydantic before 2.14 treat rows as class calls."""
    kind, loc = detail["type"], detail["loc"]
    if kind == "unexpected_positional_argument":
        return "row", loc[:-1]
    if kind == "missing_argument":
        return ("row", loc[:-1]) if isinstance(detail["input"], list) else ("missing", loc)
    return ("extra_forbidden" if kind == "unexpected_keyword_argument" else kind), loc


def _unknown_key(loc: KeyPath, root: type[Model], data: Json, source: Source) -> Problem:
    model = shape.type_at(root, loc[:-1])
    place, key = source.position(*loc), str(loc[-1])
    if not (shape.is_model(model) and (new := model.renamed_keys.get(key))):
        return Problem(
            place, f"unknown key {key!r}{_inside(loc[:-1], source)}", nearest(key, shape.keys(model))
        )
    beside = _value_at(data, loc[:-1])
    both = isinstance(beside, dict) and new in beside
    remedy = f"remove {key}" if both else f"write {new}: {_value_at(data, loc)}"
    return Problem(place, f"{key} is now called {new}", remedy)


def _missing(loc: KeyPath, key: str, root: type[Model], source: Source) -> Problem:
    kind = shape.type_at(root, loc[:-1])
    where, message = source.position(*loc[:-1]), f"{key!r} is missing{_inside(loc[:-1], source)}"
    if not shape.is_model(kind):  # a row written with its element names
        return Problem(where, message, f"write [{', '.join(shape.keys(kind))}]")
    field = next(field for name, field in kind.model_fields.items() if (field.alias or name) == key)
    return Problem(where, message, f"add it: {_lowered(field.description or '')}")


def _wanted(root: type[Model], loc: KeyPath) -> str | None:
    """Return a description of the values that the type at `loc` accepts; None for a type known only to
    pydantic.
    """
    kind = shape.type_at(root, loc)
    if shape.is_model(kind):
        return str(kind.wants)
    if shape.is_row(kind):
        return f"[{', '.join(shape.keys(kind))}]"
    if kind in _TYPES:
        return _TYPES[kind]
    return "a list" if shape.is_list(kind) else "a mapping" if shape.is_mapping(kind) else None


def _remedy(wanted: str, value: Json) -> str:
    if wanted == "text" and isinstance(value, int | float):
        return f"write it in quotes: {json.dumps(found(value))}"
    if value is None:
        return (
            "write {} or remove the key"
            if wanted.startswith("a mapping")
            else "add a value or remove the key"
        )
    if wanted == "a list":
        return "put it in [ ] or begin each entry with a hyphen"
    if wanted == "a whole number" and isinstance(value, str):
        return "write it without quotes or unit" if value.strip().isdigit() else "write digits only"
    if wanted.startswith("a mapping"):
        return "write key: value pairs"
    return ""


def _value_at(data: Json, path: KeyPath) -> Json:
    for key in path:
        if isinstance(key, str):
            data = data.get(key) if isinstance(data, dict) else None
        else:
            data = data[key] if isinstance(data, list) else None
    return data


def _label(path: KeyPath) -> str:
    """Return the innermost key in a path that is a word."""
    return next((key for key in reversed(path) if isinstance(key, str)), "the file")


def _inside(path: KeyPath, source: Source) -> str:
    """Return the keys around an entry. Omit the index of a single entry that is written without a list."""
    if path[1:2] == (0,) and path[:2] not in source.marks:
        path = (path[0], *path[2:])
    return f" in {_dotted(path)}" if path else ""


def _dotted(path: Iterable[Key]) -> str:
    """Return a key path as text: `expect.messages[0].subject`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
