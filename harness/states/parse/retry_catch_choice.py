"""Readers of Retry, Catch and Choices."""

from __future__ import annotations

from typing import Any, Final

from ..asl import Catcher, ChoiceBranch, Retrier
from ..errors import ALL
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
from ..query.jsonpath_steps import InvalidPath
from ..query.template import Constant, Expression, compile_path
from .readers import (
    Object,
    Problems,
    compile_or_note,
    optional_whole_number,
    read_reference_path,
    read_template,
)

_NEVER: Final = Condition(Constant(False))


def _entries(source: Object, field: str, location: str, problems: Problems) -> list[tuple[Object, str]]:
    entries = source.get(field, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.schema("The value must be an array of objects", f"{location}/{field}")
        return []
    return [(entry, f"{location}/{field}[{index}]") for index, entry in enumerate(entries)]


def _error_equals(entry: Object, place: str, problems: Problems, *, last: bool) -> tuple[str, ...]:
    names = entry.get("ErrorEquals")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        problems.schema("These fields are required: [ErrorEquals]", place)
        return ()
    if ALL in names and (len(names) > 1 or not last):
        problems.schema(f"'{ALL}' must appear alone, and in the last entry", f"{place}/ErrorEquals")
    return tuple(names)


def read_retriers(source: Object, location: str, problems: Problems) -> tuple[Retrier, ...]:
    """The Retry of a state."""
    retriers = []
    entries = _entries(source, "Retry", location, problems)
    for entry, place in entries:
        interval = optional_whole_number(entry, "IntervalSeconds", place, problems, minimum=1)
        attempts = optional_whole_number(entry, "MaxAttempts", place, problems, minimum=0)
        rate = entry.get("BackoffRate", 2.0)
        if not isinstance(rate, int | float) or rate < 1:
            problems.schema("The value must be a number of at least 1.0", f"{place}/BackoffRate")
            rate = 1.0
        jitter = entry.get("JitterStrategy", "NONE")
        if jitter not in ("NONE", "FULL"):
            problems.schema("The value must be 'FULL' or 'NONE'", f"{place}/JitterStrategy")
        retriers.append(
            Retrier(
                _error_equals(entry, place, problems, last=entry is entries[-1][0]),
                1 if interval is None else interval,
                3 if attempts is None else attempts,
                float(rate),
                optional_whole_number(
                    entry, "MaxDelaySeconds", place, problems, minimum=1, maximum=31_622_399
                ),
                full_jitter=jitter == "FULL",
            )
        )
    return tuple(retriers)


def _next(entry: Object, place: str, problems: Problems) -> str:
    if isinstance(entry.get("Next"), str):
        return str(entry["Next"])
    problems.schema("These fields are required: [Next]", place)
    return ""


def read_catchers(source: Object, location: str, problems: Problems, *, jsonata: bool) -> tuple[Catcher, ...]:
    """The Catch of a state."""
    entries = _entries(source, "Catch", location, problems)
    return tuple(
        Catcher(
            _error_equals(entry, place, problems, last=entry is entries[-1][0]),
            _next(entry, place, problems),
            read_reference_path(entry, "ResultPath", place, problems),
            _entry_field(entry, "Assign", place, problems, jsonata=jsonata),
            _entry_field(entry, "Output", place, problems, jsonata=jsonata) if jsonata else None,
        )
        for entry, place in entries
    )


def read_choices(
    source: Object, location: str, problems: Problems, *, jsonata: bool
) -> tuple[ChoiceBranch, ...]:
    """The Choices of a state."""
    entries = _entries(source, "Choices", location, problems)
    if not entries and isinstance(source.get("Choices"), list):
        problems.schema("The value must be an array with at least one rule", f"{location}/Choices")
    return tuple(
        ChoiceBranch(
            _condition(entry, place, problems) if jsonata else _rule(entry, place, problems),
            _next(entry, place, problems),
            _entry_field(entry, "Assign", place, problems, jsonata=jsonata),
            _entry_field(entry, "Output", place, problems, jsonata=jsonata) if jsonata else None,
        )
        for entry, place in entries
    )


def _entry_field(
    entry: Object, field: str, place: str, problems: Problems, *, jsonata: bool
) -> Expression | None:
    """A template of an entry; JSONata's errors name the entry too, e.g. `Catch[1]/Output`."""
    if not jsonata:
        return read_template(entry, field, place, problems)
    if field not in entry:
        return None
    name = f"{place.rpartition('/')[2]}/{field}"
    return compile_or_note(entry[field], name, f"{place}/{field}", problems)


def _condition(entry: Object, place: str, problems: Problems) -> Rule:
    if "Condition" not in entry:
        problems.schema("These fields are required: [Condition]", place)
        return _NEVER
    expression = _entry_field(entry, "Condition", place, problems, jsonata=True)
    return _NEVER if expression is None else Condition(expression)


def _rule(entry: Any, place: str, problems: Problems) -> Rule:
    if not isinstance(entry, dict):
        problems.schema("The value must be an object", place)
        return _NEVER
    for name, combination in (("And", AllOf), ("Or", AnyOf)):
        if name in entry:
            inner = _entries(entry, name, place, problems)
            return combination(tuple(_rule(rule, at, problems) for rule, at in inner))
    if "Not" in entry:
        return Not(_rule(entry["Not"], f"{place}/Not", problems))
    return _comparison(entry, place, problems)


def _comparison(entry: Object, place: str, problems: Problems) -> Rule:
    operators = [name for name in entry if name in OPERATORS]
    if "Variable" not in entry or len(operators) != 1:
        missing = "Variable" if "Variable" not in entry else "comparison operator"
        problems.schema(f"These fields are required: [{missing}]", place)
        return _NEVER
    name = operators[0]
    try:
        variable = compile_path(entry["Variable"])
        if name.endswith("Path") and name.removesuffix("Path") in COMPARISONS:
            return Comparison(variable, name, compile_path(entry[name]))
    except (InvalidPath, AttributeError, TypeError):
        problems.schema("Value is not a valid JSONPath", f"{place}/Variable")
        return _NEVER
    _check_literal(name, entry[name], place, problems)
    return Comparison(variable, name, Constant(entry[name]))


def _check_literal(operator: str, value: object, place: str, problems: Problems) -> None:
    kinds = next(kinds for word, kinds in LITERALS.items() if operator.startswith(word))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = {str: "STRING", bool: "BOOLEAN"}.get(kinds[0], "NUMBER")
        problems.schema(f"Expected value of type [{wanted}]", f"{place}/{operator}")
