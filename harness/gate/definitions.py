"""Differences between two state machine definitions that change the machine's behaviour.

States are matched by name. The comparison ignores comments, key order, AWS's default values, and `Iterator`
in place of `ItemProcessor`. A state with a different name and identical content counts as renamed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from harness.json_types import Json, JsonObject, as_dict

Key = str | int
Kind = Literal["handling", "flow", "task"]

_LONGEST: Final = 60
"""Maximum number of characters to show from a value in a message."""
_WITHOUT_MEANING: Final = frozenset({"Comment", "Type"})
_INNER: Final = ("Branches", "Iterator", "ItemProcessor")
_FLOW: Final = frozenset({"Next", "End", "Choices", "Default", "StartAt"})
_HANDLING: Final = frozenset({"Retry", "Catch", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds"})
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_RETRIER: Final[Mapping[str, Json]] = {
    "BackoffRate": 2,
    "IntervalSeconds": 1,
    "JitterStrategy": "NONE",
    "MaxAttempts": 3,
}
# https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
_DEFAULTS: Final[Mapping[str, Json]] = {
    "End": False,
    "InputPath": "$",
    "MaxConcurrency": 0,
    "OutputPath": "$",
    "ResultPath": "$",
    "TimeoutSeconds": 99_999_999,
    "ToleratedFailureCount": 0,
    "ToleratedFailurePercentage": 0,
}


@dataclass(frozen=True)
class Change:
    """A difference. `keys` are its location in the later definition, or the location of a removed value.

    `state` is the state's name, "" for the machine itself. `what` describes the change. `kind` is `handling`
    for retries, catches and timeouts, `flow` for transitions, `task` for anything else.
    """

    keys: tuple[Key, ...]
    state: str
    what: str
    kind: Kind


def changes(before: JsonObject, after: JsonObject) -> Iterator[Change]:
    """Yield the differences between two definitions, in the order of the later one."""
    yield from _workflow(before, after, (), "")


def _workflow(before: JsonObject, after: JsonObject, keys: tuple[Key, ...], inside: str) -> Iterator[Change]:
    earlier, later = as_dict(before.get("States")), as_dict(after.get("States"))
    renamed = _renamed(earlier, later)
    if renamed.get(str(before.get("StartAt")), before.get("StartAt")) != after.get("StartAt"):
        what = f"starts at {after.get('StartAt')}, previously at {before.get('StartAt')}"
        yield Change((*keys, "StartAt"), inside, what, "flow")
    yield from _fields(before, after, keys, inside, renamed, frozenset({"StartAt", "States"}))
    names = {new: old for old, new in renamed.items()}
    for name, state in later.items():
        place = (*keys, "States", name)
        if name in earlier or name in names:
            old = as_dict(earlier[names.get(name, name)])
            yield from _state(old, as_dict(state), place, name, renamed)
        else:
            yield Change(place, name, "is new", "flow")
    for name in earlier:
        if name not in later and name not in renamed:
            yield Change((*keys, "States"), name, "was removed", "flow")


def _renamed(earlier: JsonObject, later: JsonObject) -> Mapping[str, str]:
    """Map the old names of states to their new names, for states with identical content."""
    gone = [name for name in earlier if name not in later]
    new = [name for name in later if name not in earlier]
    found: dict[str, str] = {}
    for name in gone:
        alike = [other for other in new if _body(earlier[name]) == _body(later[other])]
        if len(alike) == 1 and alike[0] not in found.values():
            found[name] = alike[0]
    return found


def _body(state: Json) -> str:
    """Return the text of a state without the names of other states."""
    fields = {
        key: value for key, value in as_dict(state).items() if key not in {"Next", "Default", "Comment"}
    }
    for key in ("Choices", "Catch"):
        if isinstance(entries := fields.get(key), list):
            fields[key] = [{k: v for k, v in as_dict(entry).items() if k != "Next"} for entry in entries]
    return json.dumps(fields, sort_keys=True)


def _state(
    before: JsonObject, after: JsonObject, keys: tuple[Key, ...], name: str, renamed: Mapping[str, str]
) -> Iterator[Change]:
    if before.get("Type") != after.get("Type"):
        what = f"is a {after.get('Type')} state, previously {before.get('Type')}"
        yield Change((*keys, "Type"), name, what, "task")
    yield from _fields(before, after, keys, name, renamed, frozenset(_INNER))
    earlier, later = _inner(before), _inner(after)
    if len(earlier) != len(later):
        what = f"has {len(later)} branches, previously {len(earlier)}"
        yield Change((*keys, "Branches"), name, what, "flow")
        return
    for old, (place, new) in zip(earlier, later, strict=True):
        yield from _workflow(old[1], new, (*keys, *place), name)


def _inner(state: JsonObject) -> list[tuple[tuple[Key, ...], JsonObject]]:
    """Return the workflows in a state, with the keys of each."""
    found: list[tuple[tuple[Key, ...], JsonObject]] = []
    branches = state.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        found.append((("Branches", index), as_dict(branch)))
    for key in ("Iterator", "ItemProcessor"):
        if isinstance(processor := state.get(key), dict):
            found.append(((key,), processor))
    return found


def _fields(
    before: JsonObject,
    after: JsonObject,
    keys: tuple[Key, ...],
    name: str,
    renamed: Mapping[str, str],
    besides: frozenset[str],
) -> Iterator[Change]:
    for key in (*after, *(key for key in before if key not in after)):
        if key in _WITHOUT_MEANING or key in besides:
            continue
        place = (*keys, key) if key in after else keys
        old, new = _plain(key, before.get(key), renamed), _plain(key, after.get(key), {})
        if key == "Retry":
            yield from _entries(old, new, place, name, "retried")
        elif key == "Catch":
            yield from _entries(old, new, place, name, "caught")
        elif old != new and not (key == "End" and "Next" in {*before, *after}):
            kind: Kind = "flow" if key in _FLOW else "handling" if key in _HANDLING else "task"
            yield Change(place, name, _said(key, old, new), kind)


def _plain(key: str, value: Json, renamed: Mapping[str, str]) -> Json:
    """Return a value with defaults filled in, without comments, and with the new names of states."""
    if value is None and key in _DEFAULTS:
        return _DEFAULTS[key]
    if key in {"Next", "Default"}:
        return renamed.get(str(value), value)
    if key in {"Retry", "Catch", "Choices"} and isinstance(value, list):
        return [_entry(key, as_dict(entry), renamed) for entry in value]
    if key == "ProcessorConfig" and isinstance(value, dict):
        return {"Mode": "INLINE", **value}
    return value


def _entry(key: str, entry: JsonObject, renamed: Mapping[str, str]) -> Json:
    found = {name: value for name, value in entry.items() if name != "Comment"}
    if "Next" in found:
        found["Next"] = renamed.get(str(found["Next"]), found["Next"])
    return {**_RETRIER, **found} if key == "Retry" else found


def _entries(old: Json, new: Json, keys: tuple[Key, ...], name: str, verb: str) -> Iterator[Change]:
    """Yield the differences between two lists of retriers or catchers, matched by their errors."""
    earlier, later = _by_errors(old), _by_errors(new)
    for errors, (_, entry) in earlier.items():
        if errors not in later:
            yield Change(keys, name, f"{errors} is no longer {verb}{_attempts(entry)}", "handling")
    for errors, (index, entry) in later.items():
        if errors not in earlier:
            yield Change((*keys, index), name, f"{errors} is {verb}{_attempts(entry)}", "handling")
            continue
        before = earlier[errors][1]
        for key in sorted({*entry, *before} - {"ErrorEquals"}):
            if before.get(key) != entry.get(key):
                what = f"{errors} is {verb} with {_said(key, before.get(key), entry.get(key))}"
                yield Change((*keys, index), name, what, "handling")
    order = [errors for errors in earlier if errors in later]
    if order != [errors for errors in later if errors in earlier]:
        yield Change(keys, name, f"errors are {verb} in a different order", "handling")


def _by_errors(entries: Json) -> Mapping[str, tuple[int, JsonObject]]:
    found: dict[str, tuple[int, JsonObject]] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        errors = as_dict(entry).get("ErrorEquals")
        shown = ", ".join(sorted(map(str, errors))) if isinstance(errors, list) else "?"
        found.setdefault(shown, (index, as_dict(entry)))
    return found


def _attempts(entry: JsonObject) -> str:
    return f" ({entry['MaxAttempts']} times)" if "MaxAttempts" in entry else ""


def _said(key: str, old: Json, new: Json) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        if len(differing) == 1:
            return _said(f"{key}.{differing[0]}", old.get(differing[0]), new.get(differing[0]))
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        places = [place for place, values in enumerate(zip(old, new, strict=True)) if values[0] != values[1]]
        if len(places) == 1:
            return _said(f"{key}[{places[0]}]", old[places[0]], new[places[0]])
    if old is None:
        return f"{key} {_shown(new)}, previously none"
    if new is None:
        return f"no {key}, previously {_shown(old)}"
    return f"{key} {_shown(new)}, previously {_shown(old)}"


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
