"""Stacks in stacks, on the embedded engine: all that is in them is found."""

from __future__ import annotations

from pathlib import Path

import minimal_project
import pytest

from harness.expect import BUILT_IN
from harness.lint.scenarios import check_first
from harness.planned import Planned
from harness.pytest_plugin import harness_session
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings
from harness.stack.nested import with_nested

OUTER = """\
Resources:
  Told: {Type: AWS::SNS::Topic}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./inner.yaml}}
  Elsewhere: {Type: AWS::SNS::Topic}
"""
SCENARIO = """\
title: A machine in a stack in a stack publishes
run: {state_machine: %s}
expect:
  execution: {status: SUCCEEDED}
  messages: [{topic: %s, body: hello}]
  machines: {left: []}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    inner = minimal_project.FORBIDDEN.replace("Topic:", "Told:").replace("${Topic}", "${Told}")
    minimal_project.write(tmp_path, {"outer.yaml": OUTER, "inner.yaml": inner})
    return Settings(root=tmp_path, template=tmp_path / "outer.yaml", stack_name="shop")


def played(request: pytest.FixtureRequest, settings: Settings, *names: str) -> Result:
    scenario = parse(SCENARIO % names, BUILT_IN, Path("x.yaml"))
    check_first([scenario], lambda _: settings, start=False)
    return harness_session(request.config).run(scenario, settings)


def test_resources_and_permissions_in_them_are_found(
    request: pytest.FixtureRequest, project: Settings
) -> None:
    result = played(request, project, "Publish", "shop.Inner.Told")
    (denied,) = result.mismatches  # no state machine is left, and the message was received
    assert denied.summary.startswith("AWS would refuse this: role ")
    assert "may not sns:Publish on arn:aws:sns:" in denied.summary
    assert (denied.where.path.name, denied.where.line) == ("inner.yaml", 8)
    assert denied.remedy.endswith("Resource: !Ref Told")


def test_a_name_that_is_in_both_is_refused(request: pytest.FixtureRequest, project: Settings) -> None:
    with pytest.raises(
        ScenarioError, match=r"'Told' may be 2 topics; say which one: shop\.Told, shop\.Inner\.Told"
    ):
        played(request, project, "Publish", "Told")


def test_a_template_that_is_nested_in_itself_has_an_end(project: Settings) -> None:
    Path("inner.yaml").write_text(OUTER.replace("inner", "outer"))
    names = [each.name for each in with_nested([Planned(Path("outer.yaml"), "shop")])]
    assert names == ["shop", "shop.Inner"]


def test_a_template_that_is_elsewhere_is_not_looked_for(project: Settings) -> None:
    for place in ("https://s3.amazonaws.com/b/k", "./gone.yaml"):
        Path("outer.yaml").write_text(OUTER.replace("./inner.yaml", place))
        assert [each.name for each in with_nested([Planned(Path("outer.yaml"), "shop")])] == ["shop"]
