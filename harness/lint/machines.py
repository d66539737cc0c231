"""Check a template's state machine definitions, either inline or in files that it references."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ruamel.yaml.error import YAMLError

from harness.files import is_file, read_text
from harness.json_types import Json, JsonObject, as_dict
from harness.lint.definitions import NOT_JSON, OPEN, OPEN_ARN, check, check_file, filled
from harness.lint.diagnostic import Diagnostic
from harness.plain import DefinitionPath
from harness.scenario.position import Position
from harness.stack.definition_text import DefinitionRefused, read_definition
from harness.stack.lines import TemplateLines
from harness.stack.model import STATE_MACHINE
from harness.stack.nodes import Key
from harness.stack.template import TemplateError, written
from harness.yaml_nodes import TooMuch

SAM_MACHINE: Final = "AWS::Serverless::StateMachine"
_FILES: Final = ("DefinitionUri", "DefinitionS3Location")
_INLINE: Final = ("Definition", "DefinitionString")


def check_machines_of(template: Path) -> list[Diagnostic]:
    """Return all errors in a template's definitions. Return an empty list if the template cannot be read.

    Definitions in other locations, such as a bucket, are skipped.
    """
    return [each for machine in machines_in(template) for each in machine.check()]


def definitions_of(template: Path) -> dict[str, Json]:
    """Map the logical IDs of a template's state machines to their readable definitions."""
    if isinstance(template, DefinitionPath):
        with suppress(DefinitionRefused):
            return {template.name: read_definition(Path(template), filled)[1]}
        return {}
    found: dict[str, Json] = {}
    for machine in machines_in(template):
        with suppress(DefinitionRefused, ValueError, RecursionError):
            if (definition := machine.definition()) is not None:
                found[machine.name] = definition
    return found


def machines_in(template: Path) -> Iterator[DeclaredMachine]:
    """Yield a template's state machines. Yield nothing if it cannot be read: its own check reports that."""
    try:
        resources = as_dict(written(template).get("Resources"))
        lines = TemplateLines(template)
    except (TemplateError, YAMLError, TooMuch, OSError, UnicodeDecodeError):
        return
    for name, resource in resources.items():
        if as_dict(resource).get("Type") in (STATE_MACHINE, SAM_MACHINE):
            yield DeclaredMachine(template, lines, name, as_dict(as_dict(resource).get("Properties")))


class DeclaredMachine:
    """A state machine in a template. `name` is its logical ID."""

    def __init__(self, template: Path, lines: TemplateLines, name: str, properties: JsonObject) -> None:
        self._template = template
        self._lines = lines
        self.name = name
        self._properties = properties
        kind = properties.get("StateMachineType", properties.get("Type"))
        self._express = kind == "EXPRESS"

    def check(self) -> list[Diagnostic]:
        """Return all errors in its definition. Empty if it is stored elsewhere, such as in a bucket."""
        if (path := self._file()) is not None:
            # A missing file is an error in the template.
            return check_file(path, self.name, express=self._express) if is_file(path) else []
        for key in _INLINE:
            if (definition := self._properties.get(key)) is not None:
                return self._inline(key, definition)
        return []

    def definition(self) -> Json:
        """Return the definition as far as it is known.

        Raises ValueError or DefinitionRefused if it is invalid.
        """
        if (path := self._file()) is not None:
            return read_definition(path, filled)[1]
        given = next((each for key in _INLINE if (each := self._properties.get(key)) is not None), None)
        if _is_object(given):
            return _without_functions(given)
        text = _text(given)
        value: Json = None if text is None else json.loads(text)
        return value

    def place(self, keys: Sequence[Key]) -> Position:
        """Return the location of a key path in its definition, or of its last existing key."""
        if (path := self._file()) is not None:
            from harness.stack.definition_text import position  # noqa: PLC0415  (start-up)

            return position(path, filled(read_text(path, "utf-8-sig")), keys)
        for key in _INLINE:
            if (definition := self._properties.get(key)) is not None:
                where: tuple[Key, ...] = ("Resources", self.name, "Properties", key)
                if _is_object(definition):
                    return self._at(*where, *keys)
                text = _text(definition)
                return self._at(*where) if text is None else self._within(where, text)(keys)
        return self._at("Resources", self.name)

    def _file(self) -> Path | None:
        """Return the local file that contains the definition."""
        for key in _FILES:
            location = self._properties.get(key)
            if isinstance(location, str) and "://" not in location:
                return self._template.parent / location
        return None

    def _inline(self, key: str, definition: Json) -> list[Diagnostic]:
        where: tuple[Key, ...] = ("Resources", self.name, "Properties", key)
        if _is_object(definition):
            return self._checked(_without_functions(definition), lambda keys: self._at(*where, *keys))
        text = _text(definition)
        if text is None:
            return []  # a function's value is known only at deployment
        try:
            value: Json = json.loads(text)
        except (ValueError, RecursionError) as error:
            if OPEN in text:
                return []  # the inserted value may make it valid JSON
            message = f"the definition is not JSON: {error}"
            return [Diagnostic(self._at(*where), "error", NOT_JSON, message, "correct it", self.name)]
        return self._checked(value, self._within(where, text))

    def _checked(self, definition: Json, place: Callable[[Sequence[Key]], Position]) -> list[Diagnostic]:
        return check(definition, place, self.name, express=self._express)

    def _at(self, *keys: Key) -> Position:
        return self._lines.position(*keys)

    def _within(self, where: tuple[Key, ...], text: str) -> Callable[[Sequence[Key]], Position]:
        """Return a function for locations inside a string: its own lines if it is a block, otherwise its
        start.
        """
        begin = self._at(*where)
        offset = _block(self._template, begin, text)

        def place(keys: Sequence[Key]) -> Position:
            if offset is None:
                return begin
            from harness.stack.definition_text import position  # noqa: PLC0415  (start-up)

            inner = position(self._template, text, keys)
            return Position(begin.path, offset[0] + inner.line, offset[1] + inner.column)

        return place


def _block(template: Path, begin: Position, text: str) -> tuple[int, int] | None:
    """Return the number of lines above a string in a YAML block, and the columns before it.

    Return None for any other string: quoted, folded or joined.
    """
    wanted = [line.strip() for line in text.splitlines()]
    lines = read_text(template).splitlines()
    for number in range(begin.line, min(begin.line + 3, len(lines))):
        seen = lines[number : number + len(wanted)]
        if [_sampled(line.strip()) for line in seen] == wanted and len(wanted) > 1:
            first = lines[number]
            return number, len(first) - len(first.lstrip()) - _indent(text)
    return None


def _is_object(definition: Json) -> bool:
    """Return whether a definition is written as an object rather than as the value of a function."""
    return isinstance(definition, dict) and bool(definition.keys() & {"StartAt", "States"})


def _indent(text: str) -> int:
    first = text.splitlines()[0]
    return len(first) - len(first.lstrip())


def _text(value: Json) -> str | None:
    """Return a definition's text, with OPEN for unknown parts. Return None if no part is known."""
    if isinstance(value, str):
        return filled(value)
    function, argument = next(iter(as_dict(value).items()), ("", None))
    if function == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        return _sampled(text) if isinstance(text, str) else None
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        separator, parts = argument
        if isinstance(separator, str) and isinstance(parts, list):
            return separator.join(each if isinstance(each, str) else _sample(each) for each in parts)
    return None


def _sampled(text: str) -> str:
    return filled(text.replace("${!", "${"))


def _sample(value: Json) -> str:
    """Return the text that stands for a function's value inside a string."""
    function, argument = next(iter(as_dict(value).items()), ("", None))
    if function == "Ref":
        return filled(f"${{{argument}}}")
    name = argument[-1] if isinstance(argument, list) and argument else argument
    return OPEN_ARN if function == "Fn::GetAtt" and str(name).endswith("Arn") else OPEN


def _without_functions(value: Json) -> Json:
    """Return a definition as an object in which OPEN stands for the values of functions."""
    if isinstance(value, list):
        return [_without_functions(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (next(iter(value)).startswith("Fn::") or "Ref" in value):
        text = _text(value)
        return _sample(value) if text is None else text
    return {key: _without_functions(each) for key, each in value.items()}
