"""Finds the workflows in a checkout: templates with state machines, CDK apps, definitions, and other
formats.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.parameters import required_in
from harness.cloudformation.reading import read
from harness.cloudformation.sam import SAM
from harness.cloudformation.transforms import transforms_of
from harness.files import read_text
from harness.given import Given
from harness.json_types import Json, JsonObject, as_dict
from harness.planned import Planned
from harness.regions import Place
from harness.stack.build import FUNCTION, Builder
from harness.stack.installing import Notice
from harness.stack.missing_values import missing_in, named
from harness.stack.model import STATE_MACHINE
from harness.stack.packaging import Code, package
from harness.stack.runtimes import runtime_problems
from harness.stack.sam_project import ConfigurationError, configured_parameters
from harness.stack.template import TemplateError, check, read_template

Form = Literal["sam", "cdk", "cloudformation", "definition", "cdk app", "terraform", "serverless framework"]
SAM_MACHINE: Final = "AWS::Serverless::StateMachine"
_PASSED_OVER: Final = frozenset(
    {
        ".aws-sam",
        ".git",
        ".terraform",
        ".tox",
        ".venv",
        "__pycache__",
        "build",
        "dist",
        "node_modules",
        "venv",
    }
)
_ENDINGS: Final = (".yaml", ".yml", ".json", ".template")
_DEFINITIONS: Final = (".asl.json", ".asl.yaml", ".asl.yml")
_LARGEST: Final = 1_000_000
"""Maximum size of a template for TemplateURL, in bytes. Larger files are not templates."""


@dataclass(frozen=True)
class Found:
    """A workflow in a checkout.

    `machines` and `functions` contain logical IDs; functions map to their runtimes. `parameters` have neither
    a default nor a value in a samconfig.toml. `values` are the external values that the workflow requires.
    `problems` are sentences that explain why it cannot be run as it is. `definitions` are the definition
    files that it refers to. `installs` has a line for each function whose requirements a run would install
    first.
    """

    path: Path
    form: Form
    machines: tuple[str, ...] = ()
    functions: Mapping[str, str] | None = None
    parameters: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    definitions: tuple[Path, ...] = ()
    installs: tuple[str, ...] = ()

    @property
    def is_workflow(self) -> bool:
        """True if it has a state machine, or might have one but cannot be read."""
        return bool(self.machines or self.problems) or self.form == "definition"


def found_in(folder: Path, engine: str = "moto") -> Iterator[Found]:
    """Find the workflows in a folder, sorted by path. Nothing is started or written.

    A definition that a template refers to belongs to the template.
    """
    found = [each for path in _files(folder) for each in _of_file(path, engine)]
    named = {path for each in found for path in each.definitions}
    yield from (each for each in found if each.path.resolve() not in named)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        yield from (Path(place, name) for name in sorted(files))


def _of_file(path: Path, engine: str) -> Iterator[Found]:
    if path.name == "cdk.json" and not (path.parent / "cdk.out").is_dir():
        yield Found(path, "cdk app", problems=(f"{path}: cdk.out not found next to it; run `cdk synth`",))
    elif path.name in ("serverless.yml", "serverless.yaml"):
        yield Found(path, "serverless framework", problems=(_refused(path, "`serverless package`"),))
    elif path.suffix == ".tf" and "aws_sfn_state_machine" in _text(path):
        yield Found(path, "terraform", problems=(_refused(path, "the definition alone"),))
    elif path.name.endswith(_DEFINITIONS):
        yield Found(path, "definition")
    elif path.suffix in _ENDINGS:
        text = _text(path)
        if STATE_MACHINE in text or SAM_MACHINE in text:
            yield from _of_template(path, text, engine)


def _refused(path: Path, way: str) -> str:
    return f"{path}: this format is not supported; use the template that it generates, or {way}"


def _text(path: Path) -> str:
    """Return the text in a file. Empty if it is not a text file, or is too large for a template."""
    try:
        return read_text(path, most=_LARGEST)
    except (OSError, UnicodeDecodeError):
        return ""


def _of_template(path: Path, text: str, engine: str) -> Iterator[Found]:
    try:
        written = read(text)
    except TemplateRefused:
        written = {"Resources": {}}
    resources = written.get("Resources")
    if not isinstance(resources, dict):
        return  # the file mentions the type, but is not a template
    form: Form = "sam" if SAM in transforms_of(written) else "cloudformation"
    if path.name.endswith(".template.json") and (path.parent / "manifest.json").is_file():
        form = "cdk"
    parameters = tuple(name for name in required_in(written) if name not in _configured(path))
    try:
        template = read_template(path)
    except TemplateError as error:
        yield Found(
            path, form, _of_types(resources, SAM_MACHINE), parameters=parameters, problems=(str(error),)
        )
        return
    made = as_dict(template["Resources"])
    functions = {
        name: str(as_dict(as_dict(made[name]).get("Properties")).get("Runtime", "image"))
        for name in _of_types(made, FUNCTION)
    }
    values = tuple(_values(path, _configured(path), parameters, engine))
    installs: list[str] = []
    problems = tuple(_problems(path, _configured(path), parameters, engine, installs.append))
    machines = _of_types(made, STATE_MACHINE)
    definitions = tuple(_definitions(path, [as_dict(made[name]) for name in machines]))
    yield Found(path, form, machines, functions, parameters, values, problems, definitions, tuple(installs))


def _values(
    path: Path, configured: Mapping[str, str], missing: tuple[str, ...], engine: str
) -> Iterator[str]:
    """Return the external values that a template requires, each with its kind. Empty for an invalid
    template.
    """
    parameters = {**configured, **dict.fromkeys(missing, "1")}
    found = missing_in([Planned(path, "stack", parameters)], Given(), Place(), engine)
    with suppress(TemplateError):
        yield from dict.fromkeys(named(each.want) for each in found)


def _definitions(path: Path, machines: Iterable[JsonObject]) -> Iterator[Path]:
    for machine in machines:
        place = as_dict(machine.get("Properties")).get("DefinitionS3Location")
        if isinstance(place, str):
            yield (path.parent / place).resolve()


def _configured(path: Path) -> Mapping[str, str]:
    try:
        return configured_parameters(path)
    except ConfigurationError:
        return {}


def _of_types(resources: Json, kind: str) -> tuple[str, ...]:
    return tuple(name for name, entry in as_dict(resources).items() if as_dict(entry).get("Type") == kind)


def _problems(
    path: Path, configured: Mapping[str, str], missing: tuple[str, ...], engine: str, not_installed: Notice
) -> Iterator[str]:
    code = Code(Builder(not_installed, on_own=engine == "moto", installing=False))
    parameters = {**configured, **dict.fromkeys(missing, "1")}
    try:
        package(path, "unused", parameters, code=code)
        if not missing:
            check(path, parameters)
        yield from (str(problem) for problem in runtime_problems(path, parameters, engine))
    except TemplateError as error:
        yield str(error)
