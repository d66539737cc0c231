"""Ref and Fn::GetAtt for every type: stand-ins have values in the same format as on AWS."""

from __future__ import annotations

import pytest

from harness.engine.moto import deferred

deferred.install()

from harness.cloudformation.types import shapes_of  # noqa: E402
from harness.engine.moto.resources import aws_types  # noqa: E402
from harness.engine.moto.resources.model import Wanted  # noqa: E402
from harness.engine.moto.resources.not_served import stand_in_of  # noqa: E402
from harness.engine.moto.resources.types import class_of, has_attribute  # noqa: E402
from harness.json_types import JsonObject  # noqa: E402

ANSWERED = ("AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack")
"""Types whose attributes come from a response."""
KINDS = sorted(kind for kind in aws_types.kinds(aws_types.MAIN_REGION) if kind not in ANSWERED)
FORMS: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def wanted(kind: str) -> Wanted:
    return Wanted("stack-It-ABCDEF123456", kind, {}, "It", "arn", "123456789012", "us-east-1")


def forms(kind: str, attribute: str) -> set[str]:
    """JSON Schema type names for an attribute's values. Empty if the schema specifies none."""
    root: JsonObject = aws_types.schema(kind)
    found: list[JsonObject] = [root]
    for name in attribute.split("."):
        found = [
            inner
            for schema in found
            for each in shapes_of(root, schema)
            if isinstance(properties := each.get("properties"), dict)
            and isinstance(inner := properties.get(name), dict)
        ]
    kinds = [each.get("type") for schema in found for each in shapes_of(root, schema)]
    return {str(name) for each in kinds if each for name in (each if isinstance(each, list) else [each])}


def test_there_are_all_types() -> None:
    assert len(KINDS) > 1400


def test_every_type_has_a_class_and_a_ref() -> None:
    for kind in KINDS:
        assert kind == class_of(kind).TYPE, kind
        ref = stand_in_of(kind).make(wanted(kind)).physical_resource_id
        assert ref, kind
        assert isinstance(ref, str), kind


def test_every_attribute_has_a_value_of_its_form() -> None:
    wrong = []
    for kind in KINDS:
        made = stand_in_of(kind).make(wanted(kind))
        for attribute in aws_types.read_only(kind):
            assert has_attribute(kind, attribute), (kind, attribute)
            value, expected = made.get_cfn_attribute(attribute), forms(kind, attribute)
            fits = any(isinstance(value, FORMS[form]) for form in expected if form in FORMS)
            if expected and not fits:
                wrong.append((kind, attribute, expected, value))
            if attribute.endswith("Arn") and isinstance(value, str) and not value.startswith("arn:"):
                wrong.append((kind, attribute, {"ARN"}, value))
    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "properties", "ref"),
    [
        ("AWS::ApiGateway::Stage", {"RestApiId": "abc", "StageName": "Prod"}, "Prod"),
        ("AWS::Cognito::UserPoolDomain", {"UserPoolId": "pool", "Domain": "d"}, "pool|d"),
        ("AWS::CloudWatch::Alarm", {"AlarmName": "low"}, "low"),
    ],
)
def test_ref_is_made_of_what_identifies_a_resource(kind: str, properties: JsonObject, ref: str) -> None:
    asked = Wanted("n", kind, properties, "It", "arn", "123456789012", "us-east-1")
    found = stand_in_of(kind).make(asked).physical_resource_id
    assert set(found.split("|")) == set(ref.split("|"))
