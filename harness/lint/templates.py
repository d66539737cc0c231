"""Check a file from the command line: a template or a definition."""

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
    """Return all errors in a template and its definitions, or in a definition, sorted.

    Raises:
        SettingsError: the file cannot be read.
    """
    if kind_of(path) == "definition":
        found = check_file(path)
    else:
        found = check_template(path, settings) + check_machines_of(path)
    return sorted(found, key=lambda each: each.order)


def kind_of(path: Path) -> Kind:
    """Return a file's kind. A file that is neither JSON nor YAML is classified by its name.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        read_text(path, "utf-8-sig")
    except OSError as error:
        remedy = "specify a file with a template or a definition"
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8: {error}; save it as UTF-8") from error
    try:
        value = as_dict(read_definition(path, filled)[1])
    except DefinitionRefused:
        return "definition" if ".asl." in path.name else "template"
    is_template = value.keys() & _TEMPLATE_KEYS and not value.keys() & {"States", "StartAt"}
    return "template" if is_template else "definition"


def check_template(path: Path, settings: Settings) -> list[Diagnostic]:
    """Return all cfn-lint findings in a template, except those that are turned off in the settings.

    Raises:
        SettingsError: cfn-lint crashed.
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
    """Return whether the finding is from cfn-lint's rule for definitions, which the harness checks itself."""
    return problem.message.startswith("E3601:")


def diagnostic(problem: Problem, severity: Severity) -> Diagnostic:
    """Convert a problem from cfn-lint, whose message begins with the rule."""
    code, _, message = problem.message.partition(": ")
    subject = f"{problem.where.path.name}: {message}"
    return Diagnostic(problem.where, severity, code, message, problem.remedy, subject)
