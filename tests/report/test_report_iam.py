from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples

from harness.observe.access import Access, NamedPolicy, Role
from harness.report.iam import IamReport
from harness.report.model import Result
from harness.report.reporters import reporters
from harness.stack.origins import origins_in
from harness.testing import a_call, an_invocation, observed

ROLE = "arn:aws:iam::123456789012:role/usage-ReaderRole"
TEMPLATE = """\
Resources:
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Action: sts:AssumeRole}]}
      Policies:
        - PolicyName: read
          PolicyDocument:
            Statement:
              - Action:
                  - s3:List*
                  - s3:GetObject
                Resource: "*"
"""


def result(actions: list[str]) -> Result:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = Role(
        ROLE, "ReaderRole", {"Statement": [trust]}, (NamedPolicy("read", {"Statement": [statement]}),)
    )
    call = a_call("s3:ListObjectsV2", Bucket="photos")
    invocation = an_invocation("f", call, role_arn=ROLE)
    seen = observed(invocations=[invocation], access=Access({ROLE: role}))
    return replace(samples.failed(), outcome="passed", mismatches=(), observation=seen)


def deployed(template: Path, result: Result) -> Result:
    """The result with the role information that is known once the template is deployed."""
    seen = result.observation
    if seen is None:
        return result
    access = replace(seen.access, origins=origins_in(template))
    return replace(result, observation=replace(seen, access=access))


def reported(folder: Path, *results: Result) -> tuple[str, Any]:
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    results = tuple(deployed(template, each) for each in results)
    stream, file = io.StringIO(), folder / "r.json"
    listeners = reporters(stream, files={"json": file}, iam=True)
    for listener in listeners:
        listener.started([r.scenario for r in results], "moto 5")
    for listener in listeners:
        for each in results:
            listener.scenario_finished(each)
        listener.finished()
    return stream.getvalue().partition("on moto 5\n")[2], json.loads(file.read_text())["iam_report"]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_was_never_used_is_listed_by_role_with_its_line(tmp_path: Path) -> None:
    text, (found,) = reported(tmp_path, result(["s3:List*", "s3:GetObject"]))
    assert text.splitlines() == [
        "",
        "too broad: permissions in template.yaml that none of 1 scenario used",
        "  ReaderRole",
        "    template.yaml:12: s3:GetObject on *",
        "  template.yaml:11: ReaderRole: s3:List* was used only for s3:ListBucket",
    ]
    place = {"role": "ReaderRole", "policy": "read", "statement": 0, "sid": ""}
    assert found == {
        "template": "template.yaml",
        "scenarios": 1,
        "permissions": 3,
        "roles": 1,
        "not_judged": [],
        "unknown_calls": [],
        "idle_accepts": [],
        "unused": [{**place, "line": 12, "action": "s3:GetObject", "resource": "*"}],
        "wildcards": [{**place, "line": 11, "action": "s3:List*", "used": ["s3:ListBucket"]}],
    }


def test_each_template_of_several_stacks_is_told_of(tmp_path: Path) -> None:
    both = result(["s3:List*", "s3:GetObject"])
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "other.yaml").write_text(TEMPLATE.replace("ReaderRole", "OtherRole"))
    access = deployed(tmp_path / "template.yaml", both).observation.access  # type: ignore[union-attr]
    other = replace(access.roles[ROLE], arn=f"{ROLE}-2", logical_id="shop.OtherRole")
    origins = {**access.origins, "shop.OtherRole": origins_in(tmp_path / "other.yaml")["OtherRole"]}
    seen = replace(access, roles={**access.roles, other.arn: other}, origins=origins)
    observation = replace(both.observation, access=seen)  # type: ignore[type-var]
    report = reporters(io.StringIO(), files={}, iam=True)[1]
    assert isinstance(report, IamReport)
    report.scenario_finished(replace(both, observation=observation))
    assert [(found["template"], {use["role"] for use in found["unused"]}) for found in report.found()] == [
        ("template.yaml", {"ReaderRole"}),
        ("other.yaml", {"OtherRole"}),
    ]


def test_it_is_said_when_all_was_used(tmp_path: Path) -> None:
    both = result(["s3:List*"])
    text, (found,) = reported(tmp_path, both, both)
    first = "all 2 permissions of 1 role in template.yaml were used by 2 scenarios"
    assert text.splitlines()[1] == first
    assert found["unused"] == []


def test_nothing_is_known_without_observations(tmp_path: Path) -> None:
    text, found = reported(tmp_path, replace(result([]), outcome="skipped", observation=None))
    assert "no permissions to report" in text
    assert found == []


def test_without_the_option_there_is_no_such_key(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    for listener in reporters(io.StringIO(), files={"json": file}):
        listener.started([], "moto 5")
        listener.finished()
    assert "iam_report" not in json.loads(file.read_text())
