"""Checks a file that is named on the command line: a template or a definition."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from harness.files import read_text
from harness.json_types import as_dict
from harness.lint.check import errors_and_warnings
from harness.lint.definitions import check_file, filled
from harness.lint.diagnostic import Diagnostic, Severity
from harness.lint.machines import check_machines_of
from harness.planned import Planned
from harness.regions import REGION
from harness.scenario.position import Problem
from harness.settings import Settings, SettingsError
from harness.stack.definition_text import DefinitionRefused, read_definition
from harness.stack.environment import place_of

Kind = Literal["template", "definition"]
_TEMPLATE_KEYS: Final = frozenset({"Resources", "AWSTemplateFormatVersion", "Transform"})


def check_path(path: Path, settings: Settings) -> list[Diagnostic]:
    """All that is wrong with a template and the definitions in it, or with a definition; in order.

    Raises:
        SettingsError: the file cannot be read.
    """
    if kind_of(path) == "definition":
        found = check_file(path)
    else:
        found = check_template(path, settings) + check_machines_of(path)
    return sorted(found, key=lambda each: each.order)


def kind_of(path: Path) -> Kind:
    """Tell what a file is; one that is neither JSON nor YAML is what its name says.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        read_text(path, "utf-8-sig")
    except OSError as error:
        remedy = "name a file with a template or a definition"
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8: {error}; save it so") from error
    try:
        value = as_dict(read_definition(path, filled)[1])
    except DefinitionRefused:
        return "definition" if ".asl." in path.name else "template"
    is_template = value.keys() & _TEMPLATE_KEYS and not value.keys() & {"States", "StartAt"}
    return "template" if is_template else "definition"


def check_template(path: Path, settings: Settings) -> list[Diagnostic]:
    """All that cfn-lint finds in a template, with what the settings turn off left out.

    Raises:
        SettingsError: cfn-lint broke down.
    """
    if settings.lint is False:
        return []
    parameters = settings.parameters if settings.template == path.resolve() else {}
    planned = Planned(path, settings.stack_name, parameters)
    region = place_of([planned], settings).region or REGION
    errors, warnings = errors_and_warnings(planned, settings, region)
    return [
        *(diagnostic(problem, "error") for problem in errors),
        *(diagnostic(problem, "warning") for problem in warnings if not is_about_definition(problem)),
    ]


def is_about_definition(problem: Problem) -> bool:
    """Tell whether it is of the rule by which cfn-lint looks at definitions, which are checked here, too."""
    return problem.message.startswith("E3601:")


def diagnostic(problem: Problem, severity: Severity) -> Diagnostic:
    """A problem that cfn-lint finds, whose message begins with the rule."""
    code, _, message = problem.message.partition(": ")
    subject = f"{problem.where.path.name}: {message}"
    return Diagnostic(problem.where, severity, code, message, problem.remedy, subject)
