"""A CloudFormation template: read and checked, with the place of everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

from ruamel.yaml.error import YAMLError

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import Fault, TemplateRefused, yaml_problem
from harness.cloudformation.prepare import Surroundings, check_template, prepare
from harness.cloudformation.reading import read
from harness.files import read_text
from harness.json_types import Json, JsonObject
from harness.scenario.position import Position, Problem
from harness.stack.lines import TemplateLines
from harness.stack.model import STATE_MACHINE
from harness.yaml_nodes import TooMuch

# Pseudo parameters that are the same wherever a template is deployed; the others are left to the engine.
_PSEUDO: Mapping[str, Json] = {
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


class TemplateError(Exception):
    """The template cannot be used; the message names the file and the remedy."""


def read_template(path: Path) -> JsonObject:
    """The template with its short forms written out. Raises TemplateError."""
    return deepcopy(look_at(path))


def state_machines(path: Path) -> tuple[str, ...] | None:
    """The logical ids of the state machines that are deployed from a template.

    None if that is only known afterwards: the template has a Transform, or a machine has a Condition.
    Raises TemplateError.
    """
    template = look_at(path)
    resources = template["Resources"]
    assert isinstance(resources, dict), "look_at has looked"
    found = {
        name: resource
        for name, resource in resources.items()
        if isinstance(resource, dict) and resource.get("Type") == STATE_MACHINE
    }
    if "Transform" in template or any("Condition" in resource for resource in found.values()):
        return None
    return tuple(found)


def check(path: Path, parameters: Mapping[str, str] | None = None) -> None:
    """Check a template as CloudFormation does before it makes anything; without parameters, what needs none.

    Parameters that come from the Parameter Store are left to the engine.

    Raises:
        TemplateError: with everything that is wrong, each with its place.
    """
    template = look_at(path)
    try:
        if parameters is None:
            check_template(template)
        else:
            surroundings = Surroundings(_PSEUDO, None, _zones)
            with suppress(Open):  # the engine knows what is open here
                prepare(template, parameters, surroundings)
    except TemplateRefused as refused:
        raise error_of(path, refused.faults) from refused


def _zones(region: str) -> list[str]:
    if not region:
        raise Open
    return [f"{region}{letter}" for letter in "abcdef"]


def error_of(path: Path, faults: Iterable[Fault]) -> TemplateError:
    """The exception for faults of a template, with their places in the file."""
    return TemplateError("\n".join(str(_problem(path, fault)) for fault in faults))


def _problem(path: Path, fault: Fault) -> Problem:
    message, remedy = fault.message, fault.remedy
    if message.startswith("Parameters: [") and not remedy:
        remedy = "give parameters under `stack: {parameters: ...}` of the scenario or in [tool.harness]"
    return Problem(Position(path, *(fault.place or _place(path, fault))), message, remedy)


def _place(path: Path, fault: Fault) -> tuple[int, int]:
    try:
        place = TemplateLines(path).position(*fault.keys)
    except (YAMLError, TooMuch):  # JSON that is no YAML, with tabs for example
        return 1, 1
    return place.line, place.column


def look_at(path: Path) -> JsonObject:
    """The template, for looking at only. Raises TemplateError."""
    try:
        template = _parsed(read_text(path))
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}; name a CloudFormation template") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}: not UTF-8: {error}") from error
    except TemplateRefused as error:
        (fault,) = error.faults
        where = str(Position(path, *fault.place)) if fault.place else str(path)
        raise TemplateError(f"{where}: {yaml_problem(fault)}") from error
    if not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{path}: not a CloudFormation template: it has no Resources")
    return template


@lru_cache(maxsize=64)
def _parsed(text: str) -> JsonObject:
    """The template, for looking at only: a session deploys the same text again and again."""
    return read(text)
