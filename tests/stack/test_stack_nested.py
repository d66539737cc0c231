"""Nested stacks on the embedded engine: all their resources are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import minimal_project
import pytest

from harness.expect import BUILT_IN
from harness.lint.check import TemplateRefused, begin_all, refuse_all
from harness.lint.scenarios import check_first
from harness.planned import Planned
from harness.pytest_plugin import harness_session
from harness.regions import Place
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings
from harness.stack.nested import with_nested
from harness.stack.packaging import Code, package
from harness.stack.runtimes import runtime_problems

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
    assert "is not authorized to perform: sns:Publish on resource: arn:aws:sns:" in denied.summary
    assert (denied.where.path.name, denied.where.line) == ("inner.yaml", 8)
    assert denied.remedy.endswith("Resource: !Ref Told")


def test_a_name_that_is_in_both_is_refused(request: pytest.FixtureRequest, project: Settings) -> None:
    with pytest.raises(
        ScenarioError, match=r"'Told' matches 2 topics; choose one: shop\.Told, shop\.Inner\.Told"
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


PARAMETERS = """\
Parameters: {Stage: {Type: String}, Days: {Type: Number, Default: 7}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  Told: {Type: AWS::SNS::Topic}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./inner.yaml
      Parameters:
        Stage: !Ref Stage
        Name: !Sub "${AWS::StackName}-${Stage}"
        Days: !Ref Days
        Kind: !If [Prod, large, small]
        Region: !Join ["/", [!Ref AWS::Region, x]]
        Layer: !Sub "arn:aws:lambda:us-east-1:111122223333:layer:${Stage}:1"
        Topic: !Ref Told
"""
INNER = """\
Parameters:
  Kind: {Type: String}
  Layer: {Type: String}
  Topic: {Type: String}
  Stage: {Type: String}
  Name: {Type: String}
  Days: {Type: Number}
  Region: {Type: CommaDelimitedList}
Resources:
  Deeper:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./deeper.yaml, Parameters: {Size: !Ref Kind, Topic: !Ref Topic}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::123456789012:role/r
      Layers: [!Ref Layer]
"""


def test_what_the_outer_stack_gives_is_known_in_the_inner_ones(project: Settings) -> None:
    Path("outer.yaml").write_text(PARAMETERS)
    Path("inner.yaml").write_text(INNER)
    Path("deeper.yaml").write_text("Resources: {Told: {Type: AWS::SNS::Topic}}\n")
    planned = [Planned(Path("outer.yaml"), "shop", {"Stage": "prod"})]
    _, inner, deeper = with_nested(planned, Place("eu-west-1", "111122223333"))
    assert inner.parameters == {
        "Stage": "prod",
        "Name": "shop-prod",
        "Days": "7",
        "Kind": "large",
        "Region": "eu-west-1/x",
        "Layer": "arn:aws:lambda:us-east-1:111122223333:layer:prod:1",
    }
    assert (deeper.name, deeper.parameters) == ("shop.Inner.Deeper", {"Size": "large"})
    (problem,) = runtime_problems(inner.template, inner.parameters, "moto")
    assert "layer arn:aws:lambda:us-east-1:111122223333:layer:prod:1" in str(problem)


def test_layers_are_put_into_the_inner_ones_by_the_arns_that_the_outer_gives(project: Settings) -> None:
    Path("outer.yaml").write_text(PARAMETERS)
    Path("inner.yaml").write_text(INNER)
    Path("deeper.yaml").write_text("Resources: {Told: {Type: AWS::SNS::Topic}}\n")
    minimal_project.write(Path(), {"layer/python/tools.py": "x = 1\n"})
    code = Code(layers={"*:layer:prod:1": Path("layer")})
    for stage, there in (("prod", True), ("dev", False)):
        packaged = package(Path("outer.yaml"), "bucket", {"Stage": stage}, code=code)
        made = any(b"AWS::Lambda::LayerVersion" in content for content in packaged.files.values())
        assert made is there


def test_cfn_lint_looks_at_the_inner_ones_in_the_region_of_the_run(
    project: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("inner.yaml").write_text("Resources: {Told: {Type: AWS::SNS::Topik}}\n")
    settings = replace(project, region="eu-west-1", template=Path("outer.yaml"))
    planned = [Planned(Path("outer.yaml"), "shop")]
    with pytest.raises(TemplateRefused) as refused:
        refuse_all(begin_all(planned, settings), settings)
    (problem,) = refused.value.problems
    assert str(problem).startswith(
        "inner.yaml:1:20: E3006: resource type 'AWS::SNS::Topik' does not exist in eu"
    )
