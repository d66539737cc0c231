"""Readers of Choices: branches, and the rules that choose them."""

from __future__ import annotations

from typing import Final

from harness.json_types import Json

from ..asl import ChoiceBranch
from ..query.choice_rules import (
    COMPARISONS,
    LITERALS,
    OPERATORS,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Rule,
)
from ..query.expressions import Constant
from ..query.jsonpath_steps import InvalidPath
from ..query.paths import PathExpression, compile_path
from .allowed_fields import CHOICE, RULE
from .retry_catch import read_next
from .source import Source

_NEVER: Final = Condition(Constant(False))


def read_choices(source: Source) -> tuple[ChoiceBranch, ...]:
    """Read the Choices of a state."""
    if source.get("Choices") == []:
        source.refuse("Value cannot be empty", "Choices")
    entries = source.entries("Choices")
    for entry in entries:
        entry.allow(CHOICE)
        entry.refuse_foreign()
    return tuple(
        ChoiceBranch(
            _condition(entry) if entry.jsonata else _rule(entry),
            read_next(entry),
            entry.assignment(),
            entry.template("Output") if entry.jsonata else None,
        )
        for entry in entries
    )


def _condition(entry: Source) -> Rule:
    if "Condition" not in entry:
        entry.refuse("These fields are required: [Condition]")
        return _NEVER
    expression = entry.jsonata_template("Condition")
    return _NEVER if expression is None else Condition(expression)


def _rule(entry: Source) -> Rule:
    kinds = [kind for kind in ("And", "Or", "Not", "Variable") if kind in entry]
    if len(kinds) > 1:
        entry.refuse(
            "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]"
        )
        return _NEVER
    if "And" in entry:
        return AllOf(_rules(entry, "And"))
    if "Or" in entry:
        return AnyOf(_rules(entry, "Or"))
    if "Not" in entry:
        inner = entry.inner("Not")
        return _NEVER if inner is None else Not(_inner_rule(inner))
    return _comparison(entry)


def _rules(entry: Source, field: str) -> tuple[Rule, ...]:
    inner = entry.entries(field)
    if entry.get(field) == []:
        entry.refuse("Value cannot be empty", field)
    return tuple(_inner_rule(rule) for rule in inner)


def _inner_rule(entry: Source) -> Rule:
    entry.allow(RULE)
    return _rule(entry)


def _comparison(entry: Source) -> Rule:
    operators = [name for name in entry.fields if name in OPERATORS]
    if "Variable" not in entry or len(operators) != 1:
        missing = "Variable" if "Variable" not in entry else "comparison operator"
        entry.refuse(f"These fields are required: [{missing}]")
        return _NEVER
    name = operators[0]
    operand = entry.get(name)
    try:
        variable = _path(entry.get("Variable"))
        if name.endswith("Path") and name.removesuffix("Path") in COMPARISONS:
            return Comparison(variable, name, _path(operand))
    except InvalidPath:
        entry.refuse("Value is not a valid JSONPath", "Variable")
        return _NEVER
    _check_literal(entry, name)
    return Comparison(variable, name, Constant(operand))


def _path(text: Json) -> PathExpression:
    if not isinstance(text, str):
        raise InvalidPath("a path is a string")
    return compile_path(text)


def _check_literal(entry: Source, operator: str) -> None:
    value = entry.get(operator)
    kinds = next(kinds for word, kinds in LITERALS.items() if operator.startswith(word))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = {str: "STRING", bool: "BOOLEAN"}.get(kinds[0], "NUMBER")
        entry.refuse(f"Expected value of type [{wanted}]", operator)
