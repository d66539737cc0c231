"""Always checked: that AWS would have allowed every call that functions and state machines made."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.model import Mismatch
from harness.expect.wording import counted
from harness.observe.model import Observation
from harness.permissions.check import check
from harness.permissions.model import Denial
from harness.scenario.model import Scenario

NAMED = 3
"""Number of callers that a mismatch names."""


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """A mismatch for each permission that a role of the template lacks; none if no roles are known."""
    for denial in check(observation):
        where = scenario.position("stack")
        remedy = _remedy(denial, _logical_id(denial.role, observation))
        yield Mismatch("permissions", where, _summary(denial), remedy=remedy)


def _logical_id(name: str, observation: Observation) -> str:
    """The logical id of the role of this name; the name itself if the template declares no such role."""
    roles = observation.access.roles.values()
    return next((role.logical_id for role in roles if role.arn.rpartition("/")[2] == name), name)


def _remedy(denial: Denial, role: str) -> str:
    if not denial.statement:
        return ""
    where = "AssumeRolePolicyDocument" if denial.trust else "policies"
    return f"# add to the {where} of role {role} in the template:\n{denial.statement}"


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
    return (
        f"AWS would refuse this: role {denial.role} may not {denial.action}{on} "
        f"(called by {by}): {denial.reason}"
    )
