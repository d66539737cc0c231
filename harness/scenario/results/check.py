"""Validate handwritten results against AWS API models.

The modes and their checks are the same as in TestState (`mock.fieldValidationMode`). STRICT also rejects
unknown members. TestState expects a string for a timestamp. A number is accepted as well, because services
return numbers. https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

from harness.json_types import Json, is_number
from harness.scenario.aws_names import Shape
from harness.scenario.finding import Finding
from harness.scenario.results.models import METADATA, ResultModel
from harness.scenario.source import KeyPath
from harness.scenario.wording import found, nearest
from harness.service_names import capitalized, java_member

Mode = Literal["STRICT", "PRESENT", "NONE"]
_OTHERWISE: Final = "correct it, or write `validation: NONE` if AWS does return this"


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


_KINDS: Final[Mapping[str, tuple[str, Callable[[Json], bool]]]] = {
    "blob": ("text", _is_text),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "character": ("text", _is_text),
    "double": ("a number", is_number),
    "float": ("a number", is_number),
    "integer": ("a whole number", _is_whole),
    "list": ("a list", lambda value: isinstance(value, list)),
    "long": ("a whole number", _is_whole),
    "map": ("a mapping", lambda value: isinstance(value, dict)),
    "string": ("text", _is_text),
    "structure": ("a mapping", lambda value: isinstance(value, dict)),
    "timestamp": ("text or a number", lambda value: _is_text(value) or is_number(value)),
}


def names_of(shape: Shape, *, java: bool, api: bool = False) -> dict[str, str]:
    """Return a structure's members by their names in Step Functions, each with its API name.

    With `api`, the API names are also accepted.
    """
    if api:
        return {name: name for name in shape.members}
    names = {capitalized(name): name for name in shape.members}
    return {**{java_member(name): name for name in shape.members}, **names} if java else names


def findings(
    model: ResultModel | None, result: Json, at: KeyPath, mode: Mode = "STRICT"
) -> Iterator[Finding]:
    """Find the values that AWS would not return, in the result at the key path `at`. A result that may be any
    JSON has none.
    """
    if model is None or mode == "NONE":
        return
    if not isinstance(result, dict):
        message = f"the result of {model.resource} must be a mapping, found {found(result)}"
        yield Finding(at, message, _OTHERWISE, "value")
        return
    answer = {key: value for key, value in result.items() if key not in METADATA}
    yield from _Check(model, mode).structure(model.shape, answer, at, top=True)


class _Check:
    def __init__(self, model: ResultModel, mode: Mode) -> None:
        self._model = model
        self._strict = mode == "STRICT"

    def structure(
        self, shape: Shape | None, value: dict[str, Json], at: KeyPath, *, top: bool = False
    ) -> Iterator[Finding]:
        names = names_of(shape, java=self._model.java, api=self._model.api) if shape else {}
        for key in value:
            if key not in names and self._strict:
                message = f"the result of {self._model.resource} has no member {key!r}{self._within(at, top)}"
                yield Finding((*at, key), message, nearest(key, names, "members"))
        given = {names[key] for key in value if key in names}
        for name in shape.required if shape and self._strict else ():
            if name not in given:
                shown = name if self._model.api else capitalized(name)
                message = f"the result of {self._model.resource} lacks {shown}"
                remedy = f"add it{self._within(at, top)}, or write `validation: PRESENT`"
                yield Finding(at, message + self._within(at, top), remedy)
        if shape is not None and shape.described.get("union") and len(given) > 1:
            several = ", ".join(map(capitalized, sorted(given)))
            yield Finding(at, f"{at[-1]}: AWS returns only one of {several}", "remove the others")
        for key, inner in value.items():
            if shape is not None and key in names and not (top and key in self._model.json):
                yield from self._value(shape.members[names[key]], inner, (*at, key))

    def _within(self, at: KeyPath, top: bool) -> str:
        return "" if top else f" in {at[-1] if isinstance(at[-1], str) else at[-2]}"

    def _value(self, shape: Shape, value: Json, at: KeyPath) -> Iterator[Finding]:
        if shape.is_json or value is None or (self._model.api and shape.kind == "blob"):
            return
        words, fits = _KINDS[shape.kind]
        if not fits(value):
            message = (
                f"{_name(at)} must be {words} in the result of {self._model.resource}, found {found(value)}"
            )
            yield Finding(at, message, _OTHERWISE, "value")
            return
        yield from _beyond(shape, value, at)
        if isinstance(value, dict) and shape.kind == "structure":
            yield from self.structure(shape, value, at)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from self._value(shape.inner, inner, (*at, key))
        elif isinstance(value, list):
            for n, inner in enumerate(value):
                yield from self._value(shape.inner, inner, (*at, n))
        elif shape.words and value not in shape.words:
            remedy = nearest(str(value), shape.words)
            yield Finding(at, f"{_name(at)} is never {value!r}", remedy, "value")


def _beyond(shape: Shape, value: Any, at: KeyPath) -> Iterator[Finding]:
    """Find number or length bounds that a value violates."""
    if shape.kind in ("boolean", "structure", "timestamp") or shape.words:
        return
    size, what = (float(value), "value") if is_number(value) else (len(value), "length")
    least, most = shape.described.get("min"), shape.described.get("max")
    if least is not None and size < float(least):
        yield Finding(
            at, f"{_name(at)} has the {what} {size:g}, but AWS requires at least {least}", _OTHERWISE, "value"
        )
    if most is not None and size > float(most):
        yield Finding(
            at, f"{_name(at)} has the {what} {size:g}, but AWS allows at most {most}", _OTHERWISE, "value"
        )


def _name(at: KeyPath) -> str:
    return str(next((key for key in reversed(at) if isinstance(key, str)), ""))
