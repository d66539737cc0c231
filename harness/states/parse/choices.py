"""Parsers for Choices: branches, and the rules that select them."""

from __future__ import annotations

from typing import Final

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
from ..query.jsonpath.steps import InvalidPath
from ..query.paths import PathExpression, compile_path
from .allowed_fields import CHOICE, RULE
from .retry_catch import read_next
from .source import Source

_KINDS: Final = ("And", "Or", "Not", "Variable", "Condition")
"""Each rule has exactly one of these fields."""
_NEVER: Final = Condition(Constant(False))


def read_choices(source: Source) -> tuple[ChoiceBranch, ...]:
    """Read a state's Choices."""
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
    expression = entry.jsonata_template("Condition") if entry.require("Condition") else None
    return _NEVER if expression is None else Condition(expression)


def _rule(entry: Source) -> Rule:
    if "Condition" in entry:  # reported as a field of the other language
        return _NEVER
    if sum(kind in entry for kind in _KINDS) != 1:
        entry.refuse(f"The object must have only one of the following fields, [{', '.join(_KINDS)}]")
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
    variable = _path(entry, "Variable")
    if not entry.exactly_one(*(operators or sorted(OPERATORS))):
        return _NEVER
    name = operators[0]
    if name.endswith("Path") and name.removesuffix("Path") in COMPARISONS:
        other = _path(entry, name)
        return _NEVER if variable is None or other is None else Comparison(variable, name, other)
    _check_literal(entry, name)
    return _NEVER if variable is None else Comparison(variable, name, Constant(entry.get(name)))


def _path(entry: Source, field: str) -> PathExpression | None:
    text = entry.text(field)
    try:
        return None if text is None else compile_path(text)
    except InvalidPath:
        entry.refuse("Value is not a Reference Path", field)
        return None


def _check_literal(entry: Source, operator: str) -> None:
    kinds = next(kinds for word, kinds in LITERALS.items() if operator.startswith(word))
    entry.fits(operator, {str: "STRING", bool: "BOOLEAN"}.get(kinds[0], "NUMBER"))
