"""Always checked: that AWS would have allowed every call that functions and state machines made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.acceptance import Acceptance
from harness.expect.model import Mismatch
from harness.expect.wording import counted
from harness.notes import Note
from harness.observe.model import Observation
from harness.permissions.accepted import in_use, not_accepted
from harness.permissions.check import check
from harness.permissions.model import BOUNDARY, ORGANIZATION, RESOURCE, Denial
from harness.scenario.model import Scenario
from harness.scenario.position import Position
from harness.stack.lines import TemplateLines

NAMED = 3
"""Number of callers that a mismatch names."""


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """A mismatch for each permission that a role of the template lacks; none if no roles are known."""
    lines = template_lines(observation.access.template)
    for denial in not_accepted(check(observation), observation):
        role = _logical_id(denial.role, observation)
        where = _place(denial, role, observation, lines)
        remedy = _remedy(denial, role, where, observation, lines)
        yield Mismatch("permissions", where or scenario.position("stack"), _summary(denial), remedy=remedy)


def accepted(observation: Observation) -> Iterator[Note]:
    """A note for each entry of the settings that accepts a permission that is lacking."""
    if any(entry.action for entry in observation.access.accepted):
        yield from (noted(entry) for entry in in_use(check(observation), observation))


def noted(entry: Acceptance) -> Note:
    """The note about an entry that accepts something."""
    return Note("accepted", shown(entry.file), entry.subject, entry.reason)


def shown(path: Path) -> str:
    """A path relative to the working directory, if it is below that."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def template_lines(template: Path | None) -> TemplateLines | None:
    """The lines of a template; None if it is not known, or cannot be read as YAML."""
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  (start-up)

    try:
        return None if template is None else TemplateLines(template)
    except (OSError, UnicodeDecodeError, YAMLError):
        return None


def _logical_id(name: str, observation: Observation) -> str:
    """The logical id of the role of this name; the name itself if the template declares no such role."""
    roles = observation.access.roles.values()
    return next((role.logical_id for role in roles if role.arn.rpartition("/")[2] == name), name)


def _place(
    denial: Denial, role: str, observation: Observation, lines: TemplateLines | None
) -> Position | None:
    """The place to change: the Deny statement that refuses, else where a statement is to be added."""
    if denial.kind == ORGANIZATION:
        files = [Path(policy.name) for policy in observation.access.organization]
        return Position(next((f for f in files if denial.place and str(f) == denial.place[0]), files[0]))
    if lines is None or (added := lines.role(role)) is None:
        return None
    properties = ("Resources", role, "Properties")
    if denial.trust:
        return lines.position(*properties, "AssumeRolePolicyDocument")
    if denial.kind == BOUNDARY:
        return lines.position(*properties, "PermissionsBoundary")
    if denial.kind == RESOURCE:
        return lines.position(*_declared(denial, observation) or added)
    if denial.place is not None:
        return lines.position(*lines.statement(role, *denial.place))
    return lines.position(*added)


def _declared(denial: Denial, observation: Observation) -> tuple[str, ...]:
    """The keys that lead to the resource that is refused; none if the template does not declare it."""
    named = observation.access.declared.get(denial.resources[0], "") if denial.resources else ""
    return ("Resources", named.partition(" ")[2].partition(".")[0]) if named else ()


def _remedy(
    denial: Denial,
    role: str,
    where: Position | None,
    observation: Observation,
    lines: TemplateLines | None,
) -> str:
    if not denial.statement:
        return ""
    maker = lines.maker(role) if lines else None
    policies = f"a Statement in the Policies of {maker}" if maker else f"the policies of role {role}"
    declared = _declared(denial, observation)
    target = {
        ORGANIZATION: "the service control policy",
        BOUNDARY: f"the permissions boundary of role {role} in the template",
        RESOURCE: f"the policy of {declared[-1]} in the template"
        if declared
        else "the policy of the resource",
    }.get(denial.kind, f"{policies} in the template")
    if denial.trust:
        target = f"the AssumeRolePolicyDocument of role {role} in the template"
    place = f"{shown(where.path)}:{where.line}: " if where is not None else ""
    return f"# {place}add to {target}:\n{denial.statement}"


def _summary(denial: Denial) -> str:
    on = ""
    if denial.resources:
        others = len(denial.resources) - 1
        on = f" on {denial.resources[0]}" + (f" and {counted(others, 'other')}" if others else "")
    by = ", ".join(denial.callers[:NAMED])
    if more := len(denial.callers[NAMED:]):
        by += f" and {counted(more, 'other')}"
    if denial.trust:
        return f"AWS would refuse this: role {denial.role} for {by}: {denial.reason}"
    who = f"role {denial.role}" if denial.role_arn.startswith("arn:") else denial.role
    return f"AWS would refuse this: {who} may not {denial.action}{on} (called by {by}): {denial.reason}"
