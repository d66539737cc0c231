"""Finds the values that a definition bases decisions on: the payload members that must keep their values.

A value that is only passed from one state to the next can be replaced. A value that a Choice compares, or
that an intrinsic function or a JSONata expression computes with, cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.json_types import Json, as_dict
from harness.stack.unserved_tasks import states_in

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_QUOTED: Final = re.compile(r"\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]")
_CARRIES: Final = ("CausePath", "InputPath", "ItemsPath", "OutputPath", "ResultPath")
_RENDERS: Final = frozenset(
    {"Array", "ArrayLength", "Base64Encode", "Format", "Hash", "JsonMerge", "JsonToString", "UUID"}
)
"""Intrinsic functions that accept any value of the same format."""
_DATA: Final = ("$$.Execution.Input", "$$.Map.Item.Value")


@dataclass
class Reads:
    """The values that stay.

    Attributes:
        members: names of members whose values affect a decision.
        literals: strings and numbers in the definition itself.
        computed: names of members that the definition computes, or that Step Functions provides.
        rendered: the computed members that contain replaced values.
        results: name of a state -> the last name in its ResultPath.
    """

    members: set[str] = field(default_factory=set)
    literals: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    rendered: set[str] = field(default_factory=set)
    results: dict[str, str] = field(default_factory=dict)
    _carried: list[tuple[str, str]] = field(default_factory=list)

    def note(self, key: str, text: str) -> None:
        """Process a string in the definition, given its key."""
        self.literals.add(text)
        if "{%" in text:
            self.members |= _names(text)
            self.members |= {key}
        elif key.endswith(".$"):
            self._note_template(key[:-2], text)
        elif (key.endswith("Path") and key not in _CARRIES) or key == "Variable":
            self.members |= _names(text) if "(" in text else {_last(text)}
        elif "?(" in text or text.startswith("States."):
            self.members |= _names(text)

    def _note_template(self, target: str, text: str) -> None:
        called = set(re.findall(r"States\.(\w+)\s*\(", text))
        if called and called <= _RENDERS and "?(" not in text:
            self.rendered.add(target)
            self._carried += [(target, name) for name in _names(text)]
        elif called or "?(" in text:
            self.members |= _names(text)
            self.computed.add(target)
        elif text.startswith("$$.") and not text.startswith(_DATA):
            self.computed.add(target)
        else:
            self._carried.append((target, _last(text)))

    def add(self, other: Reads) -> None:
        """Add the values that another definition bases decisions on."""
        for name in ("members", "literals", "computed", "rendered"):
            getattr(self, name).update(getattr(other, name))
        self.results |= other.results

    def close(self) -> None:
        """Add the members that are copied to a member that affects a decision."""
        before = -1
        while before != len(self.members):
            before = len(self.members)
            self.members |= {source for target, source in self._carried if target in self.members}
        self.members.discard("")


def reads_of(definition: Json) -> Reads:
    """Return the values that a definition bases decisions on."""
    reads = Reads()
    for key, value in _leaves(definition, ""):
        if isinstance(value, str):
            reads.note(key, value)
        elif value is not None and not isinstance(value, bool):
            reads.literals.add(repr(value))
    for name, state in states_in(definition):
        path = as_dict(state).get("ResultPath")
        if isinstance(path, str):
            reads.results[name] = _last(path)
    reads.close()
    return reads


def _leaves(value: Json, key: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, key)
    else:
        yield key, value


def _names(text: str) -> set[str]:
    """Yield the member names in an expression, including names in brackets but no other strings."""
    quoted = {one or other for one, other in _QUOTED.findall(text)}
    return set(_NAME.findall(_TEXT.sub("", _QUOTED.sub("", text)))) | quoted


def _last(path: str) -> str:
    """Return the last name in a path: `b` of `$.a.b[0]`."""
    found = re.findall(r"""\[\s*'([^']*)'\s*\]|\.?([^.\[\]$]+)(?:\[[^\]'"]*\])*""", path)
    return (found[-1][0] or found[-1][1]) if found else ""
