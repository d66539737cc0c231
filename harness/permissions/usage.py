"""Record which permissions in a template were used.

An unused permission is too broad, or no scenario covers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.acceptance import Acceptance
from harness.observe.access import PolicyDocument, Role
from harness.observe.model import Observation
from harness.permissions.accepted import in_use
from harness.permissions.check import ASSUME, check, decisions, trust_decisions
from harness.permissions.condition import listed
from harness.permissions.model import Decision, Statement
from harness.permissions.policy import statements
from harness.permissions.requests import LAMBDA, hidden_roles, place_of, unknown_calls
from harness.permissions.statement import portable

TRUST = "AssumeRolePolicyDocument"


@dataclass(frozen=True)
class StatementUse:
    """An Allow statement, and its use.

    `policy` is the policy's name, or AssumeRolePolicyDocument. `index` counts its statements from 0.
    `actions` maps an Action entry to the actions that it allowed in the runs. `resources` contains the
    Resource entries in template format. `needed` contains the numbers of the entries that were used.
    """

    role: str
    policy: str
    index: int
    sid: str
    actions: dict[str, set[str]]
    resources: tuple[str, ...]
    needed: set[int] = field(default_factory=set)

    @property
    def unused(self) -> Iterator[tuple[str, str]]:
        """Yield `(action, resource)` for unused entries.

        If no action was used, the resource stands for all entries.
        """
        for action, used in self.actions.items():
            if not used:
                yield action, ", ".join(self.resources) or "*"
        if any(self.actions.values()):
            actions = ", ".join(action for action, used in self.actions.items() if used)
            for number, resource in enumerate(self.resources):
                if number not in self.needed:
                    yield actions, resource

    @property
    def wildcards(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield used actions with wildcards, and the actions that they matched."""
        for action, used in self.actions.items():
            if used and ("*" in action or "?" in action):
                yield action, tuple(sorted(used))


class Usage:
    """Collects the permissions in one template that a run's scenarios used."""

    def __init__(self) -> None:
        self._statements: dict[tuple[str, str, int], StatementUse] = {}
        self._judged: set[str] = set()
        self._hidden: set[str] = set()
        self._unknown: dict[str, None] = {}
        self._accepts: dict[Acceptance, bool] = {}
        self.scenarios = 0

    def add(self, observation: Observation) -> None:
        """Add the permissions that one scenario used."""
        self.scenarios += 1
        recorded = _calls_are_recorded(observation)
        hidden = set(hidden_roles(observation))
        self._hidden |= {role.logical_id for arn, role in observation.access.roles.items() if arn in hidden}
        if entries := [entry for entry in observation.access.accepted if entry.action]:
            found = in_use(check(observation), observation)
            self._accepts.update({e: e in found or self._accepts.get(e, False) for e in entries})
        for role in observation.access.roles.values():
            for name, policy in _documents(role):
                self._declare(role, name, policy, observation)
            if not role.unread and (recorded or LAMBDA not in str(role.trust)):
                self._judged.add(role.logical_id)
        self._unknown.update(dict.fromkeys(unknown_calls(observation)))
        for request, decision in decisions(observation):
            self._use(observation.access.roles[request.role_arn], decision, request.need.action)
        for role, decision in trust_decisions(observation):
            self._use(role, decision, ASSUME)

    @property
    def statements(self) -> tuple[StatementUse, ...]:
        """All statements of roles whose calls were recorded, in template order."""
        return tuple(use for use in self._statements.values() if self._is_judged(use.role))

    @property
    def not_judged(self) -> tuple[str, ...]:
        """Roles with calls that the engine does not report, or with a policy that the engine lacks."""
        return tuple(dict.fromkeys(u.role for u in self._statements.values() if not self._is_judged(u.role)))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Calls whose required permissions are not known, such as `servicediscovery:DiscoverInstances`."""
        return tuple(self._unknown)

    @property
    def idle(self) -> tuple[Acceptance, ...]:
        """Settings entries that accept a permission that no scenario lacked."""
        return tuple(entry for entry, accepts in self._accepts.items() if not accepts)

    def _is_judged(self, role: str) -> bool:
        return role in self._judged and role not in self._hidden

    def _declare(self, role: Role, name: str, policy: PolicyDocument, observation: Observation) -> None:
        place = place_of(role.arn, observation)
        for index, statement in enumerate(statements(policy)):
            key = (role.logical_id, name, index)
            if statement["Effect"] == "Allow" and key not in self._statements:
                resources = listed(statement.get("Resource", ()))
                self._statements[key] = StatementUse(
                    *key,
                    sid=str(statement.get("Sid", "")),
                    actions={action: set() for action in _actions(statement)},
                    resources=tuple(portable(r, place, observation.access) for r in resources),
                )

    def _use(self, role: Role, decision: Decision, action: str) -> None:
        """Record the statements behind a decision. In other scenarios' accounts, ARNs may differ."""
        for grant in decision.grants if decision.allowed else ():
            name = grant.policy or TRUST
            use = self._statements[role.logical_id, name, grant.index]
            for pattern in grant.actions or use.actions:
                use.actions[pattern].add(action)
            statement = statements(dict(_documents(role))[name])[grant.index]
            own = listed(statement.get("Resource", ()))
            use.needed.update(own.index(resource) for resource in grant.resources if resource in own)


def _documents(role: Role) -> Iterator[tuple[str, PolicyDocument]]:
    yield from ((policy.name, policy.document) for policy in role.policies)
    yield TRUST, role.trust


def _actions(statement: Statement) -> tuple[str, ...]:
    if "Action" in statement:
        return listed(statement["Action"])
    return (f"all but {', '.join(listed(statement['NotAction']))}",)


def _calls_are_recorded(observation: Observation) -> bool:
    """Return whether calls are recorded. Engines with their own function containers report no invocations."""
    scheduled = any(
        event.type == "LambdaFunctionScheduled" or event.details.get("resourceType") == "lambda"
        for run in observation.runs
        for execution in run.executions
        for event in execution.events
    )
    return bool(observation.invocations) or not scheduled
