"""Remove each permission from the template: the shipped scenarios fail, and the message shows what to add."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.expect.project import expectations_of
from harness.permissions.usage import TRUST, Usage
from harness.pytest_plugin import harness_session, harness_settings
from harness.scenario.load import load
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.settings_reading import load_settings
from harness.stack.template import read_template

pytestmark = pytest.mark.thorough
ROOT = Path(__file__).parents[2]
TEMPLATE = read_template(ROOT / "lambdas" / "template.yaml")
# Other scenarios would only take longer. One of these requests the buckets in a failed report; one keeps a
# listing.
NEEDED = {
    "A report that exceeds its time limit is reported by mail, and its machine is kept",
    "A bucket that takes longer than the function's timeout is listed by several invocations",
}
SCENARIOS = [
    s
    for s in load(sorted((ROOT / "scenarios").glob("*.yaml")), expectations_of(load_settings(ROOT, {})))
    if not {"scale", "time"} & set(s.tags) or s.title in NEEDED
]


@dataclass(frozen=True)
class Permission:
    """Entry `number` in Action or Resource (`key`) of a statement."""

    role: str
    policy: str
    index: int
    key: str
    number: int

    @property
    def statement(self) -> dict[str, Any]:
        found: dict[str, Any] = statements(TEMPLATE, self.role, self.policy)[self.index]
        return found

    @property
    def actions(self) -> list[str]:
        """The actions that are no longer allowed, or no longer on all resources."""
        actions = entries(self.statement["Action"])
        return [actions[self.number]] if self.key == "Action" else actions

    def __str__(self) -> str:
        entry = entries(self.statement[self.key])[self.number]
        resource = f"-on-{next(iter(entry.values()))[0]}" if isinstance(entry, dict) else ""
        return f"{self.role}-{self.actions[0]}{resource}"


def entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(template: dict[str, Any], role: str, policy: str) -> list[Any]:
    properties = template["Resources"][role]["Properties"]
    if policy == TRUST:
        found: list[Any] = properties[TRUST]["Statement"]
        return found
    (document,) = (p["PolicyDocument"] for p in properties["Policies"] if p["PolicyName"] == policy)
    own: list[Any] = document["Statement"]
    return own


def permissions() -> Iterator[Permission]:
    for role, resource in TEMPLATE["Resources"].items():
        # EventBridge uses ScheduleRole; its calls are not observed.
        if resource["Type"] != "AWS::IAM::Role" or role == "ScheduleRole":
            continue
        for policy in (*(p["PolicyName"] for p in resource["Properties"]["Policies"]), TRUST):
            for index, statement in enumerate(statements(TEMPLATE, role, policy)):
                assert statement["Effect"] == "Allow"
                for number in range(len(entries(statement["Action"]))):
                    yield Permission(role, policy, index, "Action", number)
                for number in range(len(resources := entries(statement.get("Resource", [])))):
                    if len(resources) > 1:
                        yield Permission(role, policy, index, "Resource", number)


def without(permission: Permission) -> dict[str, Any]:
    """The template without that permission."""
    template = copy.deepcopy(TEMPLATE)
    found = statements(template, permission.role, permission.policy)
    left = entries(found[permission.index][permission.key])
    del left[permission.number]
    if left:
        found[permission.index][permission.key] = left
    elif permission.policy == TRUST:
        found[permission.index]["Action"] = "sts:TagSession"  # a role must have a trust policy
    else:
        found[permission.index]["Action"] = "logs:DescribeLogGroups"  # and a policy a statement
    return template


class Bench:
    """Runs scenarios on templates that are written to the same folder, in the same session."""

    def __init__(self, folder: Path, session: Session, settings: Settings) -> None:
        shutil.copytree(ROOT / "lambdas", folder / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
        self.template = folder / "lambdas" / "template.yaml"
        self.settings = replace(settings, template=self.template, lint=False)
        self.session = session

    def run(self, scenario: Scenario, template: dict[str, Any]) -> Any:
        self.template.write_text(json.dumps(template))  # JSON is YAML
        return self.session.run(scenario, self.settings)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Bench:
    settings = harness_settings(request.config, request.path)
    return Bench(tmp_path_factory.mktemp("bench"), harness_session(request.config), settings)


@pytest.fixture(scope="module")
def users(bench: Bench) -> dict[Permission, Scenario]:
    """A scenario that uses each permission. Further scenarios run only until all permissions are used."""
    found: dict[Permission, Scenario] = {}
    wanted = set(permissions())
    for scenario in SCENARIOS:
        result = bench.run(scenario, TEMPLATE)
        assert result.outcome == "passed", result.reason or result.mismatches
        usage = Usage()
        usage.add(result.observation)
        uses = {(u.role, u.policy, u.index): u for u in usage.statements}
        for permission in wanted - found.keys():
            use = uses[permission.role, permission.policy, permission.index]
            actions = [bool(used) for used in use.actions.values()]
            used = (
                actions
                if permission.key == "Action"
                else [n in use.needed for n in range(len(use.resources))]
            )
            if used[permission.number]:
                found[permission] = scenario
        if wanted == found.keys():
            break
    return found


@pytest.mark.parametrize("permission", list(permissions()), ids=str)
def test_a_permission_that_is_taken_away_is_missed(
    permission: Permission, bench: Bench, users: dict[Permission, Scenario]
) -> None:
    assert permission in users, "no scenario uses it: it is too broad, or lacks a scenario"
    result = bench.run(users[permission], without(permission))
    assert result.outcome == "failed"
    missing = [m for m in result.mismatches if m.expectation == "permissions"]
    proposed = {
        action for m in missing for action in re.findall(r"^  Action: (\S+)$", m.remedy, re.MULTILINE)
    }
    assert proposed == set(permission.actions)
    for mismatch in missing:
        assert mismatch.summary.startswith(f"AWS would refuse this: role usage-{permission.role}-")
        assert f" of role {permission.role} in the template:" in mismatch.remedy
