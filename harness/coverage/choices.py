"""Determines the rule by which a Choice state was left, and evaluates rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache

from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState, Shape
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import parsed
from harness.observe.tasks import Visit
from harness.states import InvalidDefinition, parse
from harness.states.asl import Choice
from harness.states.errors import QueryError
from harness.states.query.scope import Scope, Variables
from harness.states.randomness import Randomness
from harness.states.time.clock import DEFAULT_START


def chosen(shape: Shape, state: FlatState, visit: Visit, to: str) -> Edge | None:
    """Return the edge that led from a Choice state to the state `to`.

    If several edges lead to that state, evaluate the rules on the Choice state's input. Return None if that
    is not possible, for example because of variables.
    """
    rules = state.fields.get("Choices")
    found = [
        Edge(state.name, "choice", str(number))
        for number, rule in enumerate(rules if isinstance(rules, list) else [])
        if as_dict(rule).get("Next") == to
    ]
    if state.fields.get("Default") == to:
        found.append(Edge(state.name, "default"))
    if len(found) <= 1:
        return found[0] if found else None
    number = decided(shape, state, parsed(visit.entered.text("input")))
    edge = Edge(state.name, "default") if number == -1 else Edge(state.name, "choice", str(number))
    return edge if edge in found else None


def decided(shape: Shape, state: FlatState, value: Json, variables: JsonObject | None = None) -> int | None:
    """Return the number of the first rule that matches an input, or -1 for the default.

    Return None if no rule can be evaluated.
    """
    language = str(state.fields.get("QueryLanguage") or shape.definition.get("QueryLanguage") or "JSONPath")
    evaluate = _evaluator(json.dumps(state.fields, sort_keys=True), language)
    return None if evaluate is None else evaluate(value, variables or {})


@lru_cache(maxsize=256)
def _evaluator(text: str, language: str) -> Callable[[Json, JsonObject], int | None] | None:
    fields = as_dict(json.loads(text))
    rules = fields.get("Choices")
    entries: list[JsonObject] = [as_dict(each) for each in rules] if isinstance(rules, list) else []
    targets = {str(each.get("Next")) for each in entries} | {str(fields.get("Default", "Z"))}
    states: JsonObject = {name: {"Type": "Succeed"} for name in targets}
    name = "C" + "C" * max(map(len, targets))
    states[name] = {"Default": "Z", **fields}
    if "Default" not in fields:
        states["Z"] = {"Type": "Succeed"}
    machine: JsonObject = {"StartAt": name, "QueryLanguage": language, "States": states}
    try:
        state = parse(json.dumps(machine)).workflow.states[name]
    except InvalidDefinition:
        return None
    assert isinstance(state, Choice), "the caller passed a Choice state"

    def evaluate(value: Json, variables: JsonObject) -> int | None:
        known = Variables()
        known.assign(variables)
        scope = Scope(
            value, lambda _: {}, known, Randomness("choices"), lambda: DEFAULT_START, {"input": value}
        )
        try:
            if state.input_path is not None:
                scope = scope.on(state.input_path.evaluate(scope))
            for number, branch in enumerate(state.choices):
                if branch.rule.holds(scope):
                    return number
        except QueryError:
            return None
        return -1

    return evaluate
