"""Always checked: AWS would allow every call by functions and state machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from harness.acceptance import Acceptance
from harness.expect.model import Mismatch
from harness.expect.wording import counted, joined, shown
from harness.notes import Note
from harness.observe.access import Access
from harness.observe.model import Observation
from harness.observe.places import Places
from harness.permissions.accepted import in_use, not_accepted
from harness.permissions.callers import CallingState, calling_states
from harness.permissions.check import check
from harness.permissions.model import BOUNDARY, ORGANIZATION, RESOURCE, Denial
from harness.scenario.model import Scenario
from harness.scenario.position import Position
from harness.stack.lines import TemplateLines
from harness.stack.origin import Origin

LinesOf = Callable[[Path], TemplateLines | None]

NAMED = 3
"""The maximum number of callers listed in a mismatch."""


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each permission that a template role lacks; none if no roles are known."""
    lines = cache(template_lines)
    for denial in not_accepted(check(observation), observation):
        role = _origin(denial.role, observation)
        where = _place(denial, role, observation, lines)
        states = calling_states(denial, observation)
        remedy = _remedy(denial, role, where, observation, lines)
        remedy = "\n".join(filter(None, (*_calls(denial, states, observation), remedy)))
        summary = _summary(denial, role, observation.access, states)
        yield Mismatch("permissions", where or scenario.position("stack"), summary, remedy=remedy)


def accepted(observation: Observation) -> Iterator[Note]:
    """Yield a note for each settings entry that accepts a missing permission."""
    if any(entry.action for entry in observation.access.accepted):
        yield from (noted(entry) for entry in in_use(check(observation), observation))


def noted(entry: Acceptance) -> Note:
    """Return the note for an entry that accepts a finding."""
    return Note("accepted", shown(entry.file), entry.about, entry.reason)


def template_lines(template: Path) -> TemplateLines | None:
    """Return a template's lines, or None if the template cannot be parsed as YAML."""
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  (start-up)

    try:
        return TemplateLines(template)
    except (OSError, UnicodeDecodeError, YAMLError):
        return None


def _origin(name: str, observation: Observation) -> Origin | None:
    """Return the declaration of the role with this name; None if no template declares it."""
    access = observation.access
    called = next((r.logical_id for r in access.roles.values() if r.arn.rpartition("/")[2] == name), "")
    return access.origins.get(called)


def _place(
    denial: Denial, role: Origin | None, observation: Observation, lines_of: LinesOf
) -> Position | None:
    """Return the position to change: that of the Deny statement, or otherwise that of a new statement."""
    if denial.kind == ORGANIZATION:
        files = [Path(policy.name) for policy in observation.access.organization]
        return Position(next((f for f in files if denial.place and str(f) == denial.place[0]), files[0]))
    lines = lines_of(role.template) if role else None
    if role is None or lines is None or (added := lines.role(role.logical_id)) is None:
        return None
    properties = ("Resources", role.logical_id, "Properties")
    if denial.trust:
        return lines.position(*properties, "AssumeRolePolicyDocument")
    if denial.kind == BOUNDARY:
        return lines.position(*properties, "PermissionsBoundary")
    if denial.kind == RESOURCE:
        about = _declared(denial, observation)
        if about is not None and (of_other := lines_of(about.template)) is not None:
            return of_other.position("Resources", about.logical_id)
        return lines.position(*added)
    if denial.place is not None:
        return lines.position(*lines.statement(role.logical_id, *denial.place))
    return lines.position(*added)


def _declared(denial: Denial, observation: Observation) -> Origin | None:
    """Return the declaration of the resource in the denied call; None if no template declares it."""
    return observation.access.origin(denial.resources[0]) if denial.resources else None


def _remedy(
    denial: Denial,
    role: Origin | None,
    where: Position | None,
    observation: Observation,
    lines: Callable[[Path], TemplateLines | None],
) -> str:
    if not denial.statement:
        return ""
    declared = _declared(denial, observation)
    named = _in_template(role) if role else f"{_called(denial, observation)} in the template"
    of_role = lines(role.template) if role else None
    maker = of_role.maker(role.logical_id) if role and of_role else None
    policies = (
        f"a Statement in the Policies of {maker} in the template"
        if maker
        else f"the policies of role {named}"
    )
    target = {
        ORGANIZATION: "the service control policy",
        BOUNDARY: f"the permissions boundary of role {named}",
        RESOURCE: f"the policy of {_in_template(declared)}" if declared else "the policy of the resource",
    }.get(denial.kind, policies)
    if denial.trust:
        target = f"the AssumeRolePolicyDocument of role {named}"
    place = f"{shown(where.path)}:{where.line}: " if where is not None else ""
    return f"# {place}add to {target}:\n{denial.statement}"


def _called(denial: Denial, observation: Observation) -> str:
    """Return the role's name in the stack. If it is not in the stack, return the name itself."""
    roles = observation.access.roles
    return roles[denial.role_arn].logical_id if denial.role_arn in roles else denial.role


def _caller(caller: str, access: Access, states: Sequence[CallingState]) -> str:
    """Return a caller with its states, and with its construct path if CDK generated its name.

    `function Shop/Orders/Handler in state Store`, `state Tell of state machine shop`.
    """
    kind, _, name = caller.partition(" ")
    origin = access.origin(name)
    called = f"{kind} {origin.construct}" if origin and origin.construct else caller
    names = list(dict.fromkeys(each.state for each in states if each.caller == caller))
    if not names:
        return called
    more = len(names) - NAMED
    named = [*names[:NAMED], *([counted(more, "other")] if more > 0 else [])]
    within = f"state{'s' * (len(names) > 1)} {joined(named)}"
    return f"{called} in {within}" if kind == "function" else f"{within} of {called}"


def _calls(denial: Denial, states: Sequence[CallingState], observation: Observation) -> Iterator[str]:
    """Yield a comment for each of the first states that led to the call: its line and the caller."""
    places = Places(observation)
    for each in states[:NAMED]:
        where = places.of_state(each.execution, each.state)
        place = f"{shown(where.path)}:{where.line}: " if where is not None else ""
        by = f"invokes {each.function}, which calls" if each.function else "calls"
        yield f"# {place}state {each.state} {by} {denial.action}"


def _in_template(origin: Origin) -> str:
    """Return a resource and its declaration: a template, or a CDK construct."""
    return origin.shown() if origin.construct else f"{origin.logical_id} in the template"


def _summary(denial: Denial, role: Origin | None, access: Access, states: Sequence[CallingState]) -> str:
    on = ""
    if denial.resources:
        others = len(denial.resources) - 1
        origin = access.origin(denial.resources[0])
        construct = f" ({origin.construct})" if origin and origin.construct else ""
        on = f" on resource: {denial.resources[0]}{construct}" + (
            f" and {counted(others, 'other')}" if others else ""
        )
    by = ", ".join(_caller(each, access, states) for each in denial.callers[:NAMED])
    if more := len(denial.callers[NAMED:]):
        by += f" and {counted(more, 'other')}"
    named = role.shown() if role is not None and role.construct else denial.role
    if denial.trust:
        return f"AWS would refuse this: role {named} for {by}: {denial.reason}"
    who = f"role {named}" if denial.role_arn.startswith("arn:") else denial.role
    return (
        f"AWS would refuse this: {who} is not authorized to perform: {denial.action}{on} (called by "
        f"{by}) {denial.reason}"
    )
