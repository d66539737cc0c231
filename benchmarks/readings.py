"""Finds the data that paths and expressions in a state machine's definition read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from values import TEXT, Need, Needs, at, below

Read = tuple[str, Need]
"""The root of a path, and its read: `$`, `$$`, `input`, `result`, or a variable's name."""
TIME = "2026-01-01T00:00:00Z"
_STEP = r"(?:\.\.?[A-Za-z_][\w-]*|\.\*|\.?\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])"
PATH = re.compile(rf"(\$\$|\$[A-Za-z_]\w*|\$)((?:{_STEP})*)")
_TOKEN = re.compile(r"\.\.?([A-Za-z_][\w-]*)|\.\*|\.?\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]")
_CALL = re.compile(r"States\.(\w+)\(([^()]*)\)")
_LISTS = ("ArrayLength", "ArrayPartition", "ArrayContains", "ArrayUnique", "ArrayGetItem")
_OF_FUNCTIONS = {"MathAdd": 1, "MathRandom": 1, "ArrayRange": 1, "Base64Decode": "YQ==", "JsonMerge": {}}
_COMPARED = re.compile(
    r"((?:\$states\.input|\$[A-Za-z_]\w*)(?:\.\w+|\[\d+\])*)\s*(=|!=|<=|>=|<|>)\s*"
    r"(\"[^\"]*\"|'[^']*'|-?\d+(?:\.\d+)?|true|false|null)"
)


def tokens_of(steps: str) -> tuple[str | int, ...]:
    """Return the keys and indexes of a path after its root."""
    found: list[str | int] = []
    for match in _TOKEN.finditer(steps):
        inner = match[2]
        if match[1]:
            found.append(match[1])
        elif inner is None or not inner.strip("'\"") or inner[0] not in "'\"":
            found.append(max(0, int(inner)) if inner and re.fullmatch(r"-?\d+", inner) else 0)
        else:
            found.append(inner.strip("'\""))
    return tuple(found)


def path_of(text: object, default: tuple[str | int, ...] = ()) -> tuple[str | int, ...]:
    """Return the keys and indexes of a reference path; the default if there is none."""
    match = PATH.fullmatch(text) if isinstance(text, str) else None
    return tokens_of(match[2]) if match else default


def _read(root: str, steps: str, needs: Iterable[Need], value: Any = None, rank: int = 3) -> Iterator[Read]:
    tokens = tokens_of(steps)
    yield root, Need(tokens, "" if value is None else json.dumps(value), rank if value is not None else 9)
    for need in at(needs, *tokens):
        yield root, need
    if inner := re.search(r"\?\(?\s*@\.(\w+)\s*==\s*['\"]?([^'\")\]]+)", steps):
        place = (*tokens_of(steps[: inner.start() - 1]), 0, inner[1])
        yield root, Need(place, json.dumps(inner[2].strip()), 2)


def of_text(text: str, needs: Iterable[Need]) -> Iterator[Read]:
    """Return the reads of a path or an intrinsic function, given the needs of its value."""
    whole = PATH.fullmatch(text.strip())
    if whole:
        yield from _read(whole[1], whole[2], needs)
        return
    rest, calls = text, True
    while calls:
        calls = False
        for call in _CALL.finditer(rest):
            calls = True
            yield from _of_call(call[1], call[2], needs)
        rest = _CALL.sub("0", rest)


def _of_call(function: str, arguments: str, needs: Iterable[Need]) -> Iterator[Read]:
    for n, match in enumerate(PATH.finditer(arguments)):
        if function == "StringToJson":
            yield from _read(match[1], match[2], at([*needs, Need(())], TEXT))
        elif function == "StringSplit" and n == 0:  # a string without the separator is its own first part
            yield from _read(match[1], match[2], [need for need in needs if not need.tokens])
        elif function in _LISTS and n == 0:
            yield from _read(match[1], match[2], (), [_item(needs)], 4)
        else:
            yield from _read(match[1], match[2], (), _OF_FUNCTIONS.get(function), 4)


def _item(needs: Iterable[Need]) -> Any:
    return {} if any(need.tokens for need in needs) else "1"


def of_template(value: Any, needs: Iterable[Need]) -> Iterator[Read]:
    """Return the reads of Parameters, or of a similar field, given the needs of the result."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith(".$") and isinstance(inner, str):
                yield from of_text(inner, below(needs, key[:-2]))
            else:
                yield from of_template(inner, below(needs, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from of_template(inner, below(needs, n))


def of_expressions(value: Any, needs: Iterable[Need]) -> Iterator[Read]:
    """Return the reads of the JSONata expressions in a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from of_expressions(inner, below(needs, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from of_expressions(inner, below(needs, n))
    elif isinstance(value, str) and value.startswith("{%"):
        text = value.removeprefix("{%").removesuffix("%}").strip()
        whole = PATH.fullmatch(text)
        for root, need in _compared(text):
            yield root_of(root, need)
        for match in PATH.finditer(text):
            if match[1] == "$" or text[match.end() : match.end() + 1] == "(":
                continue
            later = needs if whole else frozenset(each._replace(rank=each.rank + 30) for each in needs)
            for root, need in _read(match[1], match[2], later):
                yield root_of(root, need)


def _compared(text: str) -> Iterator[Read]:
    for match in _COMPARED.finditer(text):
        path = PATH.fullmatch(match[1])
        if path:
            literal = json.loads(match[3].replace("'", '"'))
            change = {"!=": 1, ">": 1, "<": -1}.get(match[2], 0)
            known = literal + change if isinstance(literal, int | float) and change else literal
            yield path[1], Need(tokens_of(path[2]), json.dumps(known), 2)


def root_of(root: str, need: Need) -> Read:
    """Return the root that `$states...` reads. Other roots are unchanged."""
    if root != "$states" or not need.tokens:
        return root, need
    first, *rest = need.tokens
    return {"input": "$", "context": "$$"}.get(str(first), str(first)), need._replace(tokens=tuple(rest))


def of_choice(rule: Any, rank: int) -> Iterator[Read]:
    """Return the reads of a Choice rule, with values that satisfy it."""
    if "And" in rule or "Or" in rule:
        for n, inner in enumerate(rule.get("And") or rule.get("Or")):
            yield from of_choice(inner, rank + (n if "Or" in rule else 0))
        return
    if "Not" in rule:
        yield from ((root, Need(need.tokens)) for root, need in of_choice(rule["Not"], rank))
        return
    path = PATH.fullmatch(str(rule.get("Variable", "")).strip())
    if path is None:
        return
    absent = rule.get("IsPresent") is False
    if rule.get("IsPresent"):
        yield from _read(path[1], path[2], (), {}, 45)
    for name, literal in () if absent else rule.items():
        if name not in ("Variable", "Next", "Comment", "Assign", "Output", "IsPresent"):
            for each in _fitting(name, literal):
                yield from _read(path[1], path[2], (), each, rank)


def of_no_choice(rule: Any) -> Iterator[Read]:
    """Return the reads of a Choice rule, with values that do not satisfy it; none for presence."""
    for inner in rule.get("And", rule.get("Or", ())):
        yield from of_no_choice(inner)
    path = PATH.fullmatch(str(rule.get("Variable", "")).strip())
    for name, literal in rule.items() if path else ():
        if isinstance(literal, bool) and name == "BooleanEquals":
            other: Any = not literal
        elif isinstance(literal, int | float) and not isinstance(literal, bool):
            other = literal + (1 if "Less" in name or name == "NumericEquals" else -1)
        elif name in ("StringEquals", "StringMatches"):
            other = f"not {literal}"
        else:
            continue
        yield from _read(path[1], path[2], (), other, 36)  # type: ignore[index]


def _fitting(name: str, literal: Any) -> Iterator[Any]:
    """Return a value that satisfies a comparison."""
    if name.endswith("Path"):
        yield 1 if "Numeric" in name else TIME if "Timestamp" in name else "1"
    elif name == "StringMatches":
        yield literal.replace("*", "a")
    elif name in ("IsString", "IsNumeric", "IsTimestamp", "IsBoolean"):
        yield {"IsString": "a", "IsNumeric": 1, "IsTimestamp": TIME, "IsBoolean": True}[name]
    elif name == "IsNull":
        yield "1"
    elif name == "NumericGreaterThan":
        yield literal + 1
    elif name == "NumericLessThan":
        yield literal - 1
    else:
        yield literal


def of_root(reads: Iterable[Read], root: str) -> Needs:
    """Return the needs at one root."""
    return frozenset(need for each, need in reads if each == root)
