"""Rules in a template: assertions about its parameters. They are checked before anything is created."""

from __future__ import annotations

from collections.abc import Mapping

from harness.cloudformation.evaluate import Evaluator
from harness.cloudformation.faults import refuse
from harness.cloudformation.functions import function_of
from harness.cloudformation.parameters import Parameters
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject


def check_rules(
    template: JsonObject, declared: Mapping[str, JsonObject], evaluator: Evaluator, parameters: Parameters
) -> None:
    """Check every rule. Raises TemplateRefused with the description of the failed assertion."""
    section = template.get("Rules", {})
    for name, rule in section.items() if isinstance(section, dict) else ():
        keys = ("Rules", name)
        if not isinstance(rule, dict) or not isinstance(rule.get("Assertions"), list):
            raise refuse(f"Template format error: Rule {name} requires a list of Assertions", *keys)
        rules = _Rules(name, declared, evaluator, parameters)
        if "RuleCondition" in rule and not rules.holds(rule["RuleCondition"]):
            continue
        assertions = rule["Assertions"]
        for assertion in assertions if isinstance(assertions, list) else ():
            if not isinstance(assertion, dict) or "Assert" not in assertion:
                raise refuse(f"Template format error: Rule {name} has an assertion without Assert", *keys)
            if not rules.holds(assertion["Assert"]):
                why = assertion.get("AssertDescription", f"an assertion of rule {name} is false")
                raise refuse(f"Template validation error: Rule {name}: {why}", *keys)


class _Rules:
    """Evaluates the functions of one rule.

    See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
    """

    def __init__(
        self, name: str, declared: Mapping[str, JsonObject], evaluator: Evaluator, parameters: Parameters
    ) -> None:
        self._name = name
        self._declared = declared
        self._evaluator = evaluator
        self._parameters = parameters

    def holds(self, value: Json) -> bool:
        """Return the value of a condition."""
        called = function_of(value)
        if called is None:
            return self._evaluator.condition(value)
        function, argument = called
        parts = argument if isinstance(argument, list) else [argument]
        if function in ("Fn::And", "Fn::Or", "Fn::Not"):
            held = [self.holds(part) for part in parts]
            return not held[0] if function == "Fn::Not" else all(held) if function == "Fn::And" else any(held)
        if function in ("Fn::Contains", "Fn::EachMemberIn", "Fn::EachMemberEquals") and len(parts) == 2:
            first, second = (self._texts(part) for part in parts)
            if function == "Fn::Contains":
                return all(text in first for text in second)
            if function == "Fn::EachMemberIn":
                return all(text in second for text in first)
            return all([text] == second for text in first)
        if function == "Fn::Equals" and len(parts) == 2:
            first, second = (self._texts(part) for part in parts)
            return first == second
        return self._evaluator.condition(value)

    def _texts(self, value: Json) -> list[str]:
        called = function_of(value)
        if called is not None and called[0] == "Fn::RefAll":
            kind = f"List<{called[1]}>"
            return [
                text
                for name, entry in self._declared.items()
                if entry.get("Type") in (called[1], kind)
                for text in self._texts(self._parameters.values.get(name))
            ]
        if called is not None and called[0] in ("Fn::ValueOf", "Fn::ValueOfAll"):
            raise refuse(
                f"rule {self._name} uses {called[0]}, which is not served here",
                *("Rules", self._name),
                remedy="remove the rule from the tested template",
            )
        known = self._evaluator.value(value)
        return [text_of(part) for part in (known if isinstance(known, list) else [known]) if is_scalar(part)]
