"""`--iam-report`: the permissions in the template that no scenario used.

In the JSON results, under the key `iam_report`:

    [{"template": "lambdas/template.yaml", "scenarios": 23, "permissions": 34, "roles": 8,
      "not_judged": [logical IDs of roles], "unknown_calls": ["service:Operation"],
      "idle_accepts": ["ReportRole: logs:CreateLogStream on *"],
      "unused": [{"role": logical ID, "policy": name, "statement": 0, "sid": "", "line": 343,
                  "action": "states:GetExecutionHistory", "resource": "arn:${AWS::Partition}:states:..."}],
      "wildcards": [{"role": ..., "policy": ..., "statement": 0, "sid": "", "line": 200,
                     "action": "states:*", "used": ["states:DescribeExecution"]}]}]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from rich.console import Console
from rich.text import Text

from harness.expect.wording import counted
from harness.observe.access import Role
from harness.observe.model import Observation
from harness.permissions.usage import StatementUse, Usage
from harness.report.layout import QUIET, STRONG, line, shown_path
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.stack.lines import TemplateLines
from harness.stack.origins import origins_in
from harness.stack.template import TemplateError


class Place(TypedDict):
    """The statement in the template that an entry refers to."""

    role: str
    policy: str
    statement: int
    sid: str
    line: int
    action: str


class Unused(Place):
    """A permission that was never used."""

    resource: str


class Wildcard(Place):
    """A wildcard action, and the actions that it was used for."""

    used: list[str]


class Found(TypedDict):
    """The report for one template. See the module's docstring for the format."""

    template: str
    scenarios: int
    permissions: int
    roles: int
    not_judged: list[str]
    unknown_calls: list[str]
    idle_accepts: list[str]
    unused: list[Unused]
    wildcards: list[Wildcard]


class IamReport:
    """A reporter that lists unused permissions for each template at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._usage: dict[Path, Usage] = {}
        self._engine = ""

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Store the engine."""
        self._engine = engine

    def scenario_started(self, scenario: Scenario) -> None:
        """Do nothing."""

    def scenario_finished(self, result: Result) -> None:
        """Store only the permissions that the scenario used."""
        if result.observation is not None:
            for template, observation in _by_template(result.observation):
                self._usage.setdefault(template, Usage()).add(observation)

    def finished(self) -> None:
        """Print the report."""
        for found in self.found():
            self._print()
            for text in _lines(found, self._engine):
                self._print(text)
        if not self._usage:
            self._print()
            self._print("no scenario ran with roles from a template: no permissions to report")

    def found(self) -> list[Found]:
        """Return the JSON form, one entry per template."""
        return [_found(template, usage) for template, usage in self._usage.items()]

    def _print(self, text: Text | str = "") -> None:
        self._console.print(text, soft_wrap=True)


def _by_template(observation: Observation) -> Iterator[tuple[Path, Observation]]:
    """Yield one observation for each template that declares roles, with only these roles, by logical ID."""
    access = observation.access
    found: dict[Path, dict[str, Role]] = {}
    for arn, role in access.roles.items():
        if (origin := access.origins.get(role.logical_id)) is not None:
            found.setdefault(origin.template, {})[arn] = replace(role, logical_id=origin.logical_id)
    for template, roles in found.items():
        yield template, replace(observation, access=replace(access, roles=roles))


def _found(template: Path, usage: Usage) -> Found:
    lines = TemplateLines(template)
    return {
        "template": shown_path(template),
        "scenarios": usage.scenarios,
        "permissions": sum(len(use.actions) for use in usage.statements),
        "roles": len({use.role for use in usage.statements}),
        "not_judged": list(usage.not_judged),
        "unknown_calls": list(usage.unknown),
        "idle_accepts": [entry.about for entry in usage.idle],
        "unused": list(_unused(usage, lines)),
        "wildcards": list(_wildcards(usage, lines)),
    }


def _unused(usage: Usage, lines: TemplateLines) -> Iterator[Unused]:
    for use in usage.statements:
        for action, resource in use.unused:
            yield {**_place(use, action, lines), "resource": resource}


def _wildcards(usage: Usage, lines: TemplateLines) -> Iterator[Wildcard]:
    for use in usage.statements:
        for action, used in use.wildcards:
            yield {**_place(use, action, lines), "used": list(used)}


def _place(use: StatementUse, action: str, lines: TemplateLines) -> Place:
    keys = lines.statement(use.role, use.policy, use.index)
    entries = list(use.actions)
    number = entries.index(action) if action in entries else 0
    where = lines.line(*keys, "Action", number)
    return {
        "role": use.role,
        "policy": use.policy,
        "statement": use.index,
        "sid": use.sid,
        "line": where,
        "action": action,
    }


def _lines(found: Found, engine: str) -> Iterator[Text]:
    template = found["template"]
    ran = counted(found["scenarios"], "scenario")
    if found["not_judged"]:
        yield line(
            "not judged: "
            + ", ".join(found["not_judged"])
            + f": {engine} does not report all calls by these roles, or lacks one of their managed policies",
            QUIET,
        )
    if found["unknown_calls"]:
        calls = ", ".join(found["unknown_calls"])
        yield line(f"not checked, because the permissions that they require are unknown: {calls}", QUIET)
    for accepted in found["idle_accepts"]:
        yield line(f"accepted in pyproject.toml, but not missing in any scenario: {accepted}", QUIET)
    unused = found["unused"]
    if not unused:
        yield line(
            f"all {counted(found['permissions'], 'permission')} of {counted(found['roles'], 'role')} "
            f"in {template} were used by {ran}",
            STRONG,
        )
    else:
        yield line(f"too broad: permissions in {template} that none of {ran} used", STRONG)
    role = ""
    for entry in unused:
        if entry["role"] != role:
            role = entry["role"]
            yield line(f"  {_readable(found, role)}")
        yield line(f"    {template}:{entry['line']}: {entry['action']} on {entry['resource']}")
    for wild in found["wildcards"]:
        used = ", ".join(wild["used"])
        role = _readable(found, wild["role"])
        yield line(f"  {template}:{wild['line']}: {role}: {wild['action']} was used only for {used}")


def _readable(found: Found, role: str) -> str:
    """Return a readable name for a role: its construct path, if it has one."""
    with suppress(TemplateError):
        return origins_in(Path(found["template"]))[role].readable
    return role
