"""Parameters whose values are in Parameter Store."""

from __future__ import annotations

from typing import Any

from harness.cloudformation.parameters import stored_values

TEMPLATE: Any = {
    "Parameters": {
        "Named": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/named"},
        "Given": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/named"},
        "Missing": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/missing"},
        "Plain": {"Type": "String", "Default": "/named"},
    }
}


def test_the_values_of_texts_are_looked_up_by_what_is_given_or_the_default() -> None:
    stored = {"/named": "one", "/given": "two"}
    assert stored_values(TEMPLATE, {"Given": "/given"}, stored.get) == {"Named": "one", "Given": "two"}


def test_where_nothing_can_be_looked_up_there_are_none() -> None:
    assert stored_values(TEMPLATE, {}, None) == {}
