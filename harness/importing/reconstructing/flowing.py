"""The fields that define a state's data flow from input to result to output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.importing.reconstructing.notes import Notes
from harness.importing.reconstructing.values import (
    Source,
    common_path,
    has_path,
    insertions,
    template,
    text_of,
)
from harness.importing.reconstructing.visits import Visit
from harness.json_types import Json, JsonObject

_JSONATA: Final = "{%"


def all_same(values: Sequence[Json]) -> bool:
    """Return whether all values are equal."""
    return len(set(map(text_of, values))) <= 1


def given_fields(
    given: Sequence[Json], sources: Sequence[Source], state: str, notes: Notes, *, needs_object: bool = False
) -> JsonObject:
    """Return the InputPath or Parameters that produce a state's effective input.

    Args:
        needs_object: true if Parameters are required.
    """
    inputs = [source.payloads["$"] for source in sources]
    if not needs_object:
        if all(map(_same, given, inputs)):
            return {}
        if path := common_path(given, sources):
            return {"InputPath": path}
    if all(isinstance(each, dict) for each in given):
        return {"Parameters": template(given, sources, notes.about(state, "Parameters"))}
    if needs_object:
        return {"Parameters": {}}
    notes.add(state, f"InputPath: its value ({text_of(given[0])[:40]}) has no unique path in the input")
    return {}


def _same(one: Json, other: Json) -> bool:
    return text_of(one) == text_of(other)


def result_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the fields that produce a state's output from its result and input, for successful
    visits.
    """
    triples = [(each.result, each.input, each.output) for each in visits]
    if all(_same(output, result) for result, _, output in triples):
        return {}
    if all(_same(output, input) for _, input, output in triples):
        return {"ResultPath": None}
    found = insertions([input for _, input, _ in triples], [output for _, _, output in triples])
    results = [Source({"$": result}) for result, _, _ in triples]
    outputs = [output for _, _, output in triples]
    for path, values in found.items():
        if all(_same(one, result) for one, (result, _, _) in zip(values, triples, strict=True)):
            return {"ResultPath": path}
    for path, values in found.items():
        if all(isinstance(each, dict) for each in values):
            selector = template(values, results, Notes().about(state, ""))
            if has_path(selector) or all_same(values):
                template(values, results, notes.about(state, "ResultSelector"))
                return {"ResultSelector": selector, "ResultPath": path}
    if path := common_path(outputs, results):
        return {"OutputPath": path}
    if all(isinstance(each, dict) for each in outputs):
        return {"ResultSelector": template(outputs, results, notes.about(state, "ResultSelector"))}
    notes.add(state, "how its output is derived from its result is unknown; the definition has a constant")
    return constant_output(outputs[0])


def constant_output(value: Json) -> JsonObject:
    """Return the fields of a state with a constant output of any type: only JSONata supports this."""
    return {"QueryLanguage": "JSONata", "Output": _literal(value)}


def _literal(value: Json) -> Json:
    """Return a JSONata constant. A string that looks like an expression is written as an expression."""
    if isinstance(value, str) and value.startswith(_JSONATA):
        return f"{{% {text_of(value)} %}}"
    if isinstance(value, list):
        return [_literal(each) for each in value]
    if isinstance(value, dict):
        made: JsonObject = {name: _literal(each) for name, each in value.items()}
        return made
    return value


def pass_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the fields of a Pass state."""
    inputs, outputs = [each.input for each in visits], [each.output for each in visits]
    sources = [Source({"$": each}) for each in inputs]
    if all(map(_same, inputs, outputs)):
        return {}
    if path := common_path(outputs, sources):
        return {"InputPath": path}
    for path, values in insertions(inputs, outputs).items():
        if taken := common_path(values, sources):
            return {"InputPath": taken, "ResultPath": path}
        return {**_made(values, sources, state, notes), "ResultPath": path}
    return _made(outputs, sources, state, notes)


def _made(values: Sequence[Json], sources: Sequence[Source], state: str, notes: Notes) -> JsonObject:
    if all(isinstance(each, dict) for each in values):
        made = template(values, sources, notes.about(state, "Parameters"))
        if has_path(made):
            return {"Parameters": made}
    if not all_same(values):
        notes.add(state, "Result: it varies, and has no unique path in the input")
    return {"Result": values[0]}


def passing_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the fields of a Choice, Succeed or Wait state, whose output is part of the input."""
    inputs, outputs = [each.input for each in visits], [each.output for each in visits]
    if all(map(_same, inputs, outputs)):
        return {}
    if path := common_path(outputs, [Source({"$": each}) for each in inputs]):
        return {"OutputPath": path}
    notes.add(state, "how its output is derived from its input is unknown; the definition has a constant")
    return constant_output(outputs[0])


def assign_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the variables that a state sets, as constants: histories do not show their expressions."""
    setting = [each.assigned for each in visits if each.assigned]
    if not setting:
        return {}
    notes.add(state, "Assign: histories show values, not expressions")
    return {"Assign": setting[0]}
