"""Definitions in templates, with markers for values that only AWS knows."""

from __future__ import annotations

import json
from pathlib import Path

from harness.planned import Planned
from harness.replay.declared import declared_in
from harness.replay.open_values import mark


def test_zones_are_those_of_a_region_or_of_the_stack(tmp_path: Path) -> None:
    def zone(region: str) -> dict[str, object]:
        return {"Fn::Select": [1, {"Fn::GetAZs": region}]}

    states = {"A": {"Type": "Pass", "Result": {"there": zone("eu-west-1"), "here": zone("")}, "End": True}}
    machine = {
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "Definition": {"StartAt": "A", "States": states},
    }
    template = tmp_path / "t.json"
    template.write_text(
        json.dumps({"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine}}})
    )
    (found,) = declared_in(Planned(template, "stack"))
    assert isinstance(found.definition, dict)
    assert found.definition["States"] == {
        "A": {**states["A"], "Result": {"there": "eu-west-1b", "here": f"{mark('AWS::Region')}b"}}
    }
