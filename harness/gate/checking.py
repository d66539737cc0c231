"""Parts that do not start an engine: `validate` and `lint`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.exit_codes import WRONG
from harness.expect.project import load_scenarios
from harness.gate.finding import Finding, Rule
from harness.gate.part import Context, Part
from harness.lint.check import TemplateRefused, errors_and_warnings
from harness.lint.diagnostic import Diagnostic
from harness.lint.machines import check_machines_of
from harness.lint.scenarios import check_first
from harness.lint.templates import diagnostic, is_about_definition
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.regions import REGION
from harness.scenario.discover import discover
from harness.scenario.position import Problem, ScenarioError
from harness.settings import SettingsError
from harness.stack.environment import place_of
from harness.stack.nested import with_nested
from harness.stack.stack_choice import stacks_for, stacks_of

INVALID: Final = Rule("validate-scenario", "A scenario, or a file that it deploys, is invalid.", "0.1")
TEMPLATE: Final = Rule("lint-template", "AWS rejects a template.", "0.1")
TEMPLATE_WARNING: Final = Rule("lint-warning", "cfn-lint reports a warning for a template.", "0.1", "note")
DEFINITION: Final = Rule("lint-definition", "Step Functions rejects a definition.", "0.1")
_PLACED: Final = re.compile(r"(?P<file>[^\n:]+?):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<text>.+)", re.DOTALL)
_NOT_VALID: Final = "the scenarios are not valid"


def validate(context: Context) -> Iterator[Finding]:
    """Read the scenarios and check them like `harness validate`. Store them in the context."""
    try:
        files = discover(context.paths or map(_shown, context.settings.scenarios)).files
        context.scenarios = load_scenarios(files, context.settings_of)
        check_first(context.scenarios, context.settings_of, start=False, installing=False)
    except TemplateRefused:
        context.invalid = "AWS rejects the template"  # the lint part reports the reason
    except ScenarioError as error:
        context.invalid, context.code = _NOT_VALID, WRONG
        yield from (_of_problem(INVALID, problem) for problem in error.problems)
    except SettingsError as error:
        context.invalid, context.code = _NOT_VALID, WRONG
        yield from (_of_text(line, context.project) for line in str(error).splitlines())


def _shown(path: Path) -> Path:
    """Return a path for commands: a path below the working directory becomes relative to it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def lint(context: Context) -> Iterator[Finding]:
    """Check the definitions of all templates first, which is fast. Then run cfn-lint."""
    planned = _templates(context)
    region = place_of(planned, context.settings).region or REGION
    for template in dict.fromkeys(stack.template for stack in planned):
        if not isinstance(template, DefinitionPath):  # already checked with the scenarios
            yield from (_of_diagnostic(each) for each in check_machines_of(template))
    if context.settings.lint is False:
        return
    for number, stack in enumerate(planned):
        if context.budget.over:
            context.leave_out(f"{len(planned) - number} templates", "no time is left", "harness validate")
            return
        errors, warnings = errors_and_warnings(stack, context.settings, region)
        if errors and not context.invalid:
            context.invalid = "AWS rejects the template"
        for problem in errors:
            yield replace(_of_diagnostic(diagnostic(problem, "error")), rule=TEMPLATE)
        for problem in (each for each in warnings if not is_about_definition(each)):
            yield replace(_of_diagnostic(diagnostic(problem, "warning")), rule=TEMPLATE_WARNING)


def _templates(context: Context) -> list[Planned]:
    """Return the stacks in the scenarios and in the settings, each template with its parameters once."""
    stacks: list[Planned] = []
    for scenario in context.scenarios:
        stacks += stacks_of(scenario, context.settings_of(scenario.path))
    if not context.scenarios:
        stacks += stacks_for(context.settings)
    found = {(each.template, *sorted(each.parameters.items())): each for each in with_nested(stacks)}
    return list(found.values())


def _of_problem(rule: Rule, problem: Problem) -> Finding:
    place = problem.where
    subject = f"{place.path.name}: {problem.message}"
    return Finding(rule, subject, problem.message, problem.remedy, place.path, place.line, place.column)


def _of_diagnostic(found: Diagnostic) -> Finding:
    return Finding(
        DEFINITION,
        f"{found.subject}: {found.code}" if found.code.isupper() else found.subject,
        f"{found.code}: {found.message}",
        found.remedy,
        found.where.path,
        found.where.line,
        found.where.column,
    )


def _of_text(line: str, project: Path) -> Finding:
    """Convert an error message into a finding. The message may begin with its location."""
    if match := _PLACED.fullmatch(line):
        column = int(match["column"] or 0)
        text, _, remedy = match["text"].rpartition("; ")
        message = text or match["text"]
        file = Path(match["file"])
        subject = f"{file.name}: {message}"
        return Finding(INVALID, subject, message, remedy if text else "", file, int(match["line"]), column)
    return Finding(INVALID, line.replace(f"{project}/", ""), line, "")


VALIDATE: Final = Part("validate", validate, (INVALID,), command="harness validate")
LINT: Final = Part(
    "lint",
    lint,
    (TEMPLATE, TEMPLATE_WARNING, DEFINITION),
    command="harness validate --warnings",
)
