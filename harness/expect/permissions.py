"""Always checked: that AWS would have allowed every call that functions and state machines made."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.model import Mismatch
from harness.expect.wording import counted
from harness.observe.model import Observation
from harness.permissions.check import check
from harness.permissions.integrations import integration_calls
from harness.permissions.model import Denial, RoleCall
from harness.scenario.model import Scenario


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """A mismatch for each permission that a role of the template lacks; none if no policies are known."""
    policies = observation.role_policies
    for denial in check(_calls(observation), policies, observation.account_id, observation.region):
        where = scenario.position("stack")
        yield Mismatch("permissions", where, _summary(denial), remedy=_remedy(denial))


def _calls(observation: Observation) -> Iterator[RoleCall]:
    for invocation in observation.invocations:
        for call in invocation.calls:
            yield RoleCall(invocation.role_arn, f"function {invocation.function}", call)
    for run in observation.runs:
        for execution in run.executions:
            yield from integration_calls(execution)


def _remedy(denial: Denial) -> str:
    if not denial.statement:
        return ""
    return f"# add to the policies of role {denial.role} in the template:\n{denial.statement}"


def _summary(denial: Denial) -> str:
    on = ""
    if denial.resources:
        others = len(denial.resources) - 1
        on = f" on {denial.resources[0]}" + (f" and {counted(others, 'other')}" if others else "")
    return (
        f"AWS would refuse this: role {denial.role} may not {denial.action}{on} "
        f"(called by {', '.join(denial.callers)}): {denial.reason}"
    )
