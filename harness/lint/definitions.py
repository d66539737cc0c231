"""Check state machine definitions like ValidateStateMachineDefinition, without an engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.json_types import Json
from harness.lint.diagnostic import Diagnostic
from harness.scenario.position import Position
from harness.scenario.wording import nearest
from harness.stack.definition_names import PLACEHOLDER, PSEUDO_SAMPLES
from harness.stack.definition_text import DefinitionRefused, position, read_definition
from harness.stack.nodes import Key
from harness.states import InvalidDefinition, parse
from harness.states.parse.problems import TOO_DEEPLY_NESTED

if TYPE_CHECKING:
    from harness.stepfunctions.integrations.catalog import Catalog

OPEN: Final = "918273645"
"""Stand-ins for values that are known only at deployment: inside a string, and as a number."""
OPEN_ARN: Final = f"arn:aws:lambda:us-east-1:123456789012:function:o{OPEN}"
"""The stand-in where an ARN is required."""
NOT_JSON: Final = "INVALID_JSON_DESCRIPTION"
_BRACKETED: Final = re.compile(r"\[(\d+)\]")

Place = Callable[[Sequence[Key]], Position]
"""A function that returns the location of a definition entry from its keys."""


def check_file(path: Path, subject: str = "", *, express: bool = False) -> list[Diagnostic]:
    """Return all errors in the definition in a JSON or YAML file.

    A substitution such as `${Name}` stands for any valid value. Its value is not checked.

    Args:
        subject: the logical ID of the state machine, if a template declares it.
        express: whether the machine type is EXPRESS.
    """
    try:
        text, definition = read_definition(path, filled)
    except DefinitionRefused as error:
        return [
            Diagnostic(each.where, "error", NOT_JSON, each.message, each.remedy, subject or path.name)
            for each in error.problems
        ]
    # Bare substitutions are not valid YAML. Digits of the same length preserve all locations.
    shown = PLACEHOLDER.sub(lambda match: "9" * len(match[0]), text)
    return check(definition, lambda keys: position(path, shown, keys), subject, express=express)


def check(definition: Json, place: Place, subject: str = "", *, express: bool = False) -> list[Diagnostic]:
    """Return all errors in a definition; see `check_file`."""
    try:
        return list(_checked(definition, place, subject, express=express))
    except RecursionError:
        message = "The states are too deeply nested"
        return [
            Diagnostic(place(()), "error", TOO_DEEPLY_NESTED, message, "reduce the nesting", subject or "/")
        ]


def _checked(definition: Json, place: Place, subject: str, *, express: bool) -> Iterator[Diagnostic]:
    shown = _sampled(definition)
    try:
        parse(json.dumps(shown, ensure_ascii=False), _catalog(), express=express)
    except InvalidDefinition as error:
        for problem in error.problems:
            keys = tuple(keys_in(shown, problem.location))
            if OPEN in _text_at(shown, keys):
                continue
            about = " ".join(filter(None, (subject, problem.location or "/")))
            # Jackson's message for a string that is not JSON has its location on a separate line.
            message = problem.message.partition("\n")[0]
            remedy = _remedy(shown, keys, message)
            yield Diagnostic(place(keys), "error", problem.code, message, remedy, about)


def _remedy(definition: Json, keys: Sequence[Key], message: str) -> str:
    """Return a hint about the intended state for a missing Next target, or "" for any other message."""
    wanted = message.removeprefix("Missing 'Next' target: ")
    if wanted == message:
        return ""
    value, states = definition, definition
    for key in keys:
        if isinstance(value, dict) and "States" in value:
            states = value["States"]
        try:
            value = value[key]  # type: ignore[index]
        except (IndexError, KeyError, TypeError):
            break
    return nearest(wanted, list(states), "states") if isinstance(states, dict) else ""


def filled(text: str) -> str:
    """Return a definition's text with a stand-in for each substitution."""
    return PLACEHOLDER.sub(lambda match: PSEUDO_SAMPLES.get(match[1], OPEN), text)


def keys_in(definition: Json, location: str | None) -> Iterator[Key]:
    """Yield the keys for a location in AWS's format. State names may contain slashes and brackets.

    >>> list(keys_in({"States": {"a/b": {"Branches": [{}]}}}, "/States/a/b/Branches[0]/StartAt"))
    ['States', 'a/b', 'Branches', 0, 'StartAt']
    """
    value, rest = definition, location or ""
    while rest:
        if isinstance(value, list) and (index := _BRACKETED.match(rest)):
            number, rest = int(index[1]), rest[index.end() :]
            yield number
            value = value[number] if number < len(value) else None
            continue
        rest = rest.removeprefix("/")
        names = value if isinstance(value, dict) else {}
        known = [name for name in names if rest.startswith(name) and rest[len(name) :][:1] in ("", "/", "[")]
        name = max(known, key=len) if known else re.split(r"[/\[]", rest)[0]
        if not name:
            return
        yield name
        rest = rest[len(name) :]
        value = names.get(name)


def _text_at(value: Json, keys: Sequence[Key]) -> str:
    """Return the text of the value at a key path, or "" if it is not a string or number."""
    for key in keys:
        try:
            value = value[key]  # type: ignore[index]
        except (IndexError, KeyError, TypeError):
            return ""
    return str(value) if isinstance(value, str | int) else ""


def _sampled(value: Json, key: str = "") -> Json:
    """Return a definition with a stand-in for each substitution."""
    if isinstance(value, list):
        return [_sampled(each) for each in value]
    if isinstance(value, dict):
        return {filled(name): _sampled(each, name) for name, each in value.items()}
    if isinstance(value, str):
        sample = filled(value)
        return OPEN_ARN if key == "Resource" and sample == OPEN else sample
    return OPEN_ARN if key == "Resource" and value == int(OPEN) else value


@lru_cache
def _catalog() -> Catalog:
    from harness.stepfunctions.integrations.catalog import Catalog  # noqa: PLC0415  (start-up)

    return Catalog()
