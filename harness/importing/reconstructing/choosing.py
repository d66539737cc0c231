"""Choice rules, derived from the differences between the inputs of its branches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.importing.reconstructing.flowing import assign_fields, passing_fields
from harness.importing.reconstructing.notes import Notes
from harness.importing.reconstructing.values import places
from harness.importing.reconstructing.visits import Visit
from harness.json_types import Json, JsonObject, as_dict, is_number

_Scalar = str | int | float | bool


def choice_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the Choices and the Default of a Choice, and the fields for its output."""
    going = [each for each in visits if each.then]
    fields = passing_fields([each for each in visits if each.exited], state, notes) if going else {}
    ways = Counter(each.then for each in going)
    if not ways:
        notes.add(state, "its rules are unknown: it took no branch")
        return {"Choices": [_never(after(state), jsonata=False)]}
    assigned = assign_fields(going, state, notes)
    if len(ways) == 1:
        (then,) = ways
        notes.add(
            state, f"its rules are unknown: it went only to {then!r}, so the definition always goes there"
        )
        more = {key: each for key, each in fields.items() if key == "Output"}
        rules: list[Json] = [_always(then, jsonata="QueryLanguage" in fields) | more | assigned]
        return {**fields, "Choices": rules, "Default": then, **assigned}
    default = ways.most_common(1)[0][0]
    path, values = _distinguishing(going, state, notes)
    if not path or "QueryLanguage" in fields:
        rules = [_never(then, jsonata="QueryLanguage" in fields) for then in ways if then != default]
        return {**fields, "Choices": rules, "Default": default, **assigned}
    notes.add(state, f"its rules are unknown: only {path} distinguishes the inputs")
    rules = [_rule(path, value, then) for then in ways if then != default for value in values[then]]
    return {**fields, "Choices": rules, "Default": default, **assigned}


def after(state: str) -> str:
    """Return the name of the placeholder state for a Choice that no observed state followed."""
    return f"NotSeenAfter{state}"[:80]


def lead_to_an_end(states: JsonObject, notes: Notes) -> None:
    """Add the unseen states that make a workflow valid: every path must have an end."""
    for name in [name for name, each in states.items() if as_dict(each).get("Type") == "Choice"]:
        choice = as_dict(states[name])
        rules = choice["Choices"]
        assert isinstance(rules, list)
        goes_nowhere = any(as_dict(each).get("Next") == after(name) for each in rules)
        if not goes_nowhere and not any(map(_is_end, states.values())):
            notes.add(name, "it was never seen to leave a loop that has no end")
            rules.append(_never(after(name), jsonata=choice.get("QueryLanguage") == "JSONata"))
            goes_nowhere = True
        if goes_nowhere:
            states[after(name)] = {"Type": "Succeed"}


def _is_end(state: Json) -> bool:
    fields = as_dict(state)
    return fields.get("Type") in ("Fail", "Succeed") or fields.get("End") is True


def _never(then: str, *, jsonata: bool) -> JsonObject:
    if jsonata:
        return {"Condition": "{% false %}", "Next": then}
    return {"Variable": "$", "IsPresent": False, "Next": then}


def _always(then: str, *, jsonata: bool) -> JsonObject:
    if jsonata:
        return {"Condition": "{% true %}", "Next": then}
    return {"Variable": "$", "IsPresent": True, "Next": then}


def _rule(path: str, value: _Scalar, then: str) -> Json:
    if isinstance(value, bool):
        return {"Variable": path, "BooleanEquals": value, "Next": then}
    if is_number(value):
        return {"Variable": path, "NumericEquals": value, "Next": then}
    return {"Variable": path, "StringEquals": value, "Next": then}


def _distinguishing(
    visits: Sequence[Visit], state: str, notes: Notes
) -> tuple[str, dict[str, list[_Scalar]]]:
    """Return the unique path in the input whose value determines the next state, with the values by next
    state.

    A path with one value for each next state takes precedence over a path with several values, such as a
    time.
    """
    inputs = [dict(_scalars(each.input)) for each in visits]
    common = set(inputs[0]).intersection(*inputs[1:])
    found: dict[str, dict[str, list[_Scalar]]] = {}
    for path in sorted(common):
        groups: dict[str, list[_Scalar]] = {}
        for visit, scalars in zip(visits, inputs, strict=True):
            group = groups.setdefault(visit.then, [])
            if scalars[path] not in group:
                group.append(scalars[path])
        every = [repr(value) for group in groups.values() for value in group]
        if len(every) == len(set(every)) and len({isinstance(scalars[path], str) for scalars in inputs}) == 1:
            found[path] = groups
    few = {path: groups for path, groups in found.items() if all(len(each) == 1 for each in groups.values())}
    best = few or found
    if len(best) == 1:
        return next(iter(best.items()))
    seen = (
        f"{len(best)} paths in the input distinguish them"
        if best
        else "nothing in the input distinguishes them"
    )
    notes.add(
        state,
        f"its rules are unknown: it took several branches, and {seen}; the definition takes the Default",
    )
    return "", {}


def _scalars(value: Json) -> list[tuple[str, _Scalar]]:
    return [(path, each) for path, each in places(value) if isinstance(each, _Scalar)]
