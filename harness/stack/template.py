"""Reads and checks a CloudFormation template. Problems include their location in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ruamel.yaml.error import YAMLError

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import Fault, TemplateRefused, yaml_problem
from harness.cloudformation.prepare import check_template, prepare
from harness.cloudformation.reading import read
from harness.cloudformation.sam import SAM
from harness.cloudformation.transforms import transforms_of
from harness.errors import HarnessError
from harness.files import read_text
from harness.json_types import JsonObject
from harness.plain import DefinitionPath
from harness.regions import REGION
from harness.scenario.position import Position, Problem
from harness.stack.lines import TemplateLines
from harness.stack.model import STATE_MACHINE
from harness.stack.transformed import NO_PARAMETERS, host, transformed
from harness.yaml_nodes import TooMuch


class TemplateError(HarnessError):
    """The template cannot be used. The message names the file and says how to solve the problem."""

    code = "template"


def read_template(
    path: Path, parameters: Mapping[str, str] = NO_PARAMETERS, region: str = REGION
) -> JsonObject:
    """Return the template in a file after its transforms; see `look_at`. Raises TemplateError."""
    return deepcopy(look_at(path, parameters, region))


def state_machines(path: Path) -> tuple[str, ...] | None:
    """Return the logical IDs of the state machines that are deployed from a template.

    Return None if they are known only after the deployment, because the template has a Transform or a machine
    has a Condition. Raises TemplateError.
    """
    template = look_at(path)
    resources = template["Resources"]
    assert isinstance(resources, dict), "look_at has checked Resources"
    found = {
        name: resource
        for name, resource in resources.items()
        if isinstance(resource, dict) and resource.get("Type") == STATE_MACHINE
    }
    if "Transform" in template or any("Condition" in resource for resource in found.values()):
        return None
    return tuple(found)


def read_well_formed(path: Path, parameters: Mapping[str, str], region: str) -> JsonObject:
    """Return the template from `read_template` after the checks that do not need parameters.

    Raises:
        TemplateError: the template is invalid; the message lists all problems with their locations.
    """
    template = look_at(path, parameters, region)
    try:
        _well_formed(_Told(repr(template), template))
    except TemplateRefused as refused:
        raise error_of(path, refused.faults) from refused
    return deepcopy(template)


def check(path: Path, parameters: Mapping[str, str], region: str = REGION) -> None:
    """Check a template as CloudFormation does before it creates anything.

    The engine checks parameters from the Parameter Store, and values that depend on the account or the
    Region. `region` determines the partition.

    Raises:
        TemplateError: the template is invalid; the message lists all problems with their locations.
    """
    template = look_at(path, parameters, region)
    try:
        _accepted(_Told(repr(template), template), tuple(parameters.items()), region)
    except TemplateRefused as refused:
        raise error_of(path, refused.faults) from refused


@dataclass(frozen=True)
class _Told:
    """A template as a cache key. Templates with the same text are equal, because a session deploys the same
    template repeatedly.
    """

    text: str
    template: JsonObject = field(compare=False)


@lru_cache(maxsize=64)
def _well_formed(told: _Told) -> None:
    """Raise TemplateRefused if the template is invalid. A valid template is cached."""
    check_template(told.template)


@lru_cache(maxsize=64)
def _accepted(told: _Told, parameters: tuple[tuple[str, str], ...], region: str) -> None:
    """Raise TemplateRefused if the template is invalid. A valid template is cached."""
    with suppress(Open):  # the engine checks values that are not known yet
        prepare(told.template, dict(parameters), host(region))


def error_of(path: Path, faults: Iterable[Fault]) -> TemplateError:
    """Return the exception for faults in a template, with their locations in the file."""
    return TemplateError("\n".join(str(_problem(path, fault)) for fault in faults))


def _problem(path: Path, fault: Fault) -> Problem:
    message, remedy = fault.message, fault.remedy
    if message.startswith("Parameters: [") and not remedy:
        remedy = "set parameters under `stack: {parameters: ...}` in the scenario or in [tool.harness]"
    return Problem(Position(path, *(fault.place or _place(path, fault))), message, remedy)


def _place(path: Path, fault: Fault) -> tuple[int, int]:
    try:
        place = TemplateLines(path).position(*fault.keys)
    except (YAMLError, TooMuch):  # JSON that is not YAML, for example because of tabs
        return 1, 1
    return place.line, place.column


def written(path: Path) -> JsonObject:
    """Return the template as it is written, with short forms expanded. Do not modify it. Raises
    TemplateError.
    """
    return _of_definition(path) if isinstance(path, DefinitionPath) else _read(path)[1]


def is_sam(path: Path) -> bool:
    """Return whether a template file is a SAM template. Raises TemplateError."""
    return SAM in transforms_of(written(path))


def _read(path: Path) -> tuple[str, JsonObject]:
    """Return a template's text and its parsed value."""
    try:
        text = read_text(path)
        return text, _parsed(text)
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}; use a CloudFormation template") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}: not UTF-8: {error}") from error
    except TemplateRefused as error:
        (fault,) = error.faults
        where = str(Position(path, *fault.place)) if fault.place else str(path)
        raise TemplateError(f"{where}: {yaml_problem(fault)}") from error


def look_at(path: Path, parameters: Mapping[str, str] = NO_PARAMETERS, region: str = REGION) -> JsonObject:
    """Return the template in a file after its transforms. Do not modify it.

    Short forms are expanded, and local includes are inserted. SAM is translated for these parameters or their
    defaults, and for the Region's partition. Local paths remain unchanged.

    Raises:
        TemplateError: the template is invalid; the message contains the location of the problem.
    """
    if isinstance(path, DefinitionPath):
        return _of_definition(path)
    text, template = _read(path)
    try:
        template = transformed(path, text, template, parameters, region)
    except TemplateRefused as error:
        raise error_of(path, error.faults) from error
    except Open as error:
        raise TemplateError(f"{path}: {error}") from error
    if not isinstance(template.get("Resources"), dict):
        remedy = (
            "; for a definition without a template, use the key `definition`" if "States" in template else ""
        )
        raise TemplateError(f"{path}: not a CloudFormation template: it has no Resources{remedy}")
    return template


def _of_definition(path: DefinitionPath) -> JsonObject:
    """Return the generated template for a definition. Raises TemplateError."""
    from harness.stack.definition_only import DefinitionRefused, made  # noqa: PLC0415  (start-up)

    try:
        return made(path).template
    except DefinitionRefused as refused:
        raise TemplateError(str(refused)) from refused


@lru_cache(maxsize=64)
def _parsed(text: str) -> JsonObject:
    """Return the template. Do not modify it: it is cached, because a session deploys the same text
    repeatedly.
    """
    return read(text)
