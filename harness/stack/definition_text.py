"""Text of a definition, in JSON or YAML, with the location of each entry in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from ruamel.yaml.error import YAMLError

from harness.cloudformation.faults import TemplateRefused, yaml_problem
from harness.files import read_text
from harness.json_types import Json
from harness.scenario.position import Position, Problem
from harness.stack.nodes import Key, place_in
from harness.states import InvalidDefinition, parse
from harness.stepfunctions.integrations.catalog import Catalog
from harness.yaml_nodes import TooMuch


class DefinitionRefused(Exception):
    """A definition, or a part next to it, cannot be used. `problems` lists everything that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def read_definition(path: Path, fill: Callable[[str], str] = lambda text: text) -> tuple[str, Json]:
    """Return the text and the value of a definition file.

    `fill` replaces placeholders in text that is not valid JSON without their values: `{"MaxConcurrency":
    ${Many}}`.

    Raises:
        DefinitionRefused: the file cannot be read, or is neither JSON nor YAML.
    """
    try:
        text = read_text(path, "utf-8-sig")
    except OSError as error:
        remedy = "correct the path of the definition"
        raise DefinitionRefused([Problem(Position(path), str(error.strerror), remedy)]) from error
    except UnicodeDecodeError as error:
        raise DefinitionRefused(
            [Problem(Position(path), f"not UTF-8: {error}", "save it as UTF-8")]
        ) from error
    for each in dict.fromkeys((text, fill(text))):
        try:
            return text, _value(path, each)
        except _Wrong as error:
            problem = error.problem
    raise DefinitionRefused([problem])


class _Wrong(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@lru_cache(maxsize=16)
def _value(path: Path, text: str) -> Json:
    """Parse text. Do not modify the result."""
    if path.suffix not in (".yaml", ".yml") or text.lstrip().startswith("{"):
        try:
            found: Json = json.loads(text)
        except RecursionError:
            raise _Wrong(Problem(Position(path), "it is nested too deeply", "use fewer levels")) from None
        except json.JSONDecodeError as error:
            if text.lstrip().startswith("{"):
                where = Position(path, error.lineno, error.colno)
                raise _Wrong(Problem(where, f"not JSON: {error.msg}", "correct it")) from None
        else:
            return found
    from harness.cloudformation.yaml_reading import read_yaml  # noqa: PLC0415  (start-up)

    try:
        return read_yaml(text)
    except TemplateRefused as error:
        (fault,) = error.faults
        raise _Wrong(Problem(Position(path, *(fault.place or (1, 1))), yaml_problem(fault))) from None


def position(path: Path, text: str, keys: Iterable[Key]) -> Position:
    """Return the location of an entry in a definition, or of its nearest existing parent."""
    from harness.cloudformation.yaml_reading import compose  # noqa: PLC0415  (start-up)

    try:
        root = compose(text.replace("\t", " "))  # a tab is white space in JSON, but not in YAML
    except (YAMLError, TooMuch):
        return Position(path)
    return Position(path) if root is None else Position(path, *place_in(root, keys))


def keys_of(location: str | None) -> tuple[Key, ...]:
    """Parse a location in Step Functions' error messages into keys.

    >>> keys_of("/States/P/Branches[0]/StartAt")
    ('States', 'P', 'Branches', 0, 'StartAt')
    """
    keys: list[Key] = []
    for part in (location or "").split("/")[1:] if (location or "").startswith("/") else ():
        name, *indexes = re.split(r"\[(\d+)\]", part)
        keys += [name, *(int(each) for each in indexes if each)]
    return tuple(keys)


@lru_cache(maxsize=16)
def refusals(definition: str) -> tuple[tuple[str, tuple[Key, ...]], ...]:
    """Return the reasons why Step Functions rejects a definition, each with the keys of its location."""
    try:
        parse(definition, _catalog())
    except InvalidDefinition as error:
        return tuple((f"{each.code}: {each.message}", keys_of(each.location)) for each in error.problems)
    return ()


@lru_cache
def _catalog() -> Catalog:
    return Catalog()
