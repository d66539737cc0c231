"""The table of properties that have no effect on the embedded engine."""

from __future__ import annotations

from typing import Any

import pytest

from harness.engine.moto.resources import aws_types
from harness.engine.moto.resources.effects import NO_EFFECT, without_effect


@pytest.mark.parametrize("kind", [kind for kind in NO_EFFECT if not kind.startswith("Custom::")])
def test_its_properties_are_those_of_the_type(kind: str) -> None:
    properties = aws_types.schema(kind)["properties"]
    assert isinstance(properties, dict)
    assert {entry.path.partition(".")[0] for entry in NO_EFFECT[kind]} <= properties.keys()


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, []),
        ({"EphemeralStorage": {"Size": 1024}, "SnapStart": {"ApplyOn": "None"}}, []),
        ({"TracingConfig": {"Mode": "PassThrough"}, "Architectures": ["x86_64"]}, []),
        ({"Architectures": ["arm64"], "DeadLetterConfig": {}}, ["Architectures", "DeadLetterConfig"]),
        ({"ReservedConcurrentExecutions": 0}, []),
    ],
)
def test_only_values_that_would_matter_are_said(properties: Any, said: list[str]) -> None:
    assert [path for path, _ in without_effect("AWS::Lambda::Function", properties)] == said


def test_a_path_leads_through_lists() -> None:
    targets = [
        {"Arn": "arn:aws:lambda:r:a:function:f"},
        {"Arn": "arn:aws:sqs:r:a:q", "RetryPolicy": {"x": 1}},
    ]
    found = list(without_effect("AWS::Events::Rule", {"Targets": targets}))  # type: ignore[dict-item]
    assert found == [("Targets.RetryPolicy", "an event is delivered only once")]


def test_types_are_known_by_their_names() -> None:
    assert aws_types.is_known("AWS::Lambda::Function")
    assert aws_types.is_known("Alexa::ASK::Skill")
    assert not aws_types.is_known("AWS::Lambda::Fucntion")
    assert not aws_types.is_known("AWS::Serverless::Function")
    assert aws_types.identifiers("AWS::StepFunctions::Activity") == ("Arn",)
    assert "Arn" in aws_types.attributes("AWS::CodeBuild::Project")
