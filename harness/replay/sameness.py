"""Compares the details of a recorded event with those of a replayed event.

JSON strings are compared by value. Values that differ in each run are compared by format: times, UUIDs, task
tokens. However, a time or an ID from the execution's input or from a task result must be equal, because the
replay received the same value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, Self

from harness.json_types import Json, is_number
from harness.replay.open_values import MARK, filled, has_mark, mark, matched

_UUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_MOMENT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
_DRAWN: Final = re.compile(f"({_UUID}|{_MOMENT})")
_UUIDS: Final = re.compile(_UUID)
_CLOCK: Final = (10**12, 10**13)
"""Milliseconds since 1970 for the years from 2001 to 2286, as returned by `$millis()`."""

SameText = Callable[[str, str], bool]
Skips = Callable[[str, str], bool]


class Differs(NamedTuple):
    """A difference: its path in the details, the recorded value, and the replayed value."""

    way: str
    expected: Json
    seen: Json


ABSENT: Final = "(nothing)"


class Sameness:
    """Compares values. If it finds the value for a mark, it uses this value in all later comparisons.

    Args:
        given: the strings that the replay received: the input, and the task results.
        tokens: the task tokens that the replay created.
        also: returns whether two different strings are to be considered equal.
    """

    def __init__(
        self,
        given: Iterable[str] = (),
        tokens: Iterable[str] = (),
        also: SameText = lambda _expected, _seen: False,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self._texts = tuple(given)
        self._given: frozenset[str] | None = None
        self._tokens = frozenset(tokens)
        self._also = also
        self._values = dict(values or {})
        self._skips: Skips | None = None
        self._state = ""

    def skipping(self, skips: Skips | None) -> Self:
        """Exclude values. `skips` receives the path to a value and its state."""
        self._skips = skips
        return self

    def of_state(self, state: str) -> None:
        """Set the state whose events are compared from now on."""
        self._state = state

    def _left_out(self, way: str, expected: Json, seen: Json) -> bool:
        """Return whether two differing values are excluded. The path is inside an event's details."""
        return self._skips is not None and expected != seen and self._skips(way, self._state)

    def difference(self, expected: Json, seen: Json, way: str = "") -> Differs | None:
        """Return the first difference between two values, or None if they are equal."""
        if self._left_out(way, expected, seen):
            return None
        if isinstance(expected, str) and isinstance(seen, str):
            return self._of_texts(expected, seen, way)
        if isinstance(expected, dict) and isinstance(seen, dict):
            return self._of_objects(expected, seen, way)
        if isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
            pairs = enumerate(zip(expected, seen, strict=True))
            found = (self.difference(one, other, f"{way}[{n}]") for n, (one, other) in pairs)
            return next((each for each in found if each), None)
        if is_number(expected) and is_number(seen):
            if expected == seen or self._same_clock(expected, seen):
                return None
        elif type(expected) is type(seen) and expected == seen:
            return None
        return Differs(way, expected, seen)

    def _same_clock(self, expected: float, seen: float) -> bool:
        return self._are_moments(expected, seen, _CLOCK)

    def _are_moments(self, expected: float, seen: float, span: tuple[int, int]) -> bool:
        """Return whether both numbers are generated times in this range, which depends on the unit."""
        begin, end = span
        return begin <= expected < end and begin <= seen < end and not self._was_given(expected)

    def _was_given(self, number: float) -> bool:
        return any(str(number) in text for text in self._texts)

    def _of_objects(self, expected: dict[str, Json], seen: dict[str, Json], way: str) -> Differs | None:
        for name in (*expected, *(each for each in seen if each not in expected)):
            inner = f"{way}.{name}" if way else name
            if (name in seen) != (name in expected) and self._left_out(
                inner, expected.get(name, ABSENT), seen.get(name, ABSENT)
            ):
                continue
            if name not in seen:
                return Differs(inner, expected[name], ABSENT)
            if name not in expected:
                return Differs(inner, ABSENT, seen[name])
            if found := self.difference(expected[name], seen[name], inner):
                return found
        return None

    def _of_texts(self, expected: str, seen: str, way: str) -> Differs | None:
        if expected == seen:
            return None
        if seen[:1] in "{[" and expected[:1] in "{[" and seen and expected:
            one, other = _parsed(expected), _parsed(seen)
            if one is not None and other is not None:
                return self.difference(one, other, way)
        if self._same_text(expected, seen):
            return None
        return Differs(way, expected, seen)

    def _same_text(self, expected: str, seen: str) -> bool:
        seen = str(filled(seen, self._values))
        if has_mark(seen) or not self._tokens.isdisjoint(_UUIDS.findall(seen)):
            return self._fits(self._with_marks(seen), expected)
        return expected == seen or self._same_form(expected, seen) or self._also(expected, seen)

    def _with_marks(self, seen: str) -> str:
        """Return a replayed string in which values that were created in the replay are also replaced by
        marks.
        """
        texts, names = MARK.split(seen)[::2], MARK.split(seen)[1::2]
        drawn = [_DRAWN.sub(self._mark_of, text) for text in texts]
        return "".join(f"{text}{mark(name)}" for text, name in zip(drawn, names, strict=False)) + drawn[-1]

    def _mark_of(self, match: re.Match[str]) -> str:
        return match[0] if match[0] in self._drawn_before else mark(match[0])

    @property
    def _drawn_before(self) -> frozenset[str]:
        """Return the times and IDs that the replay received."""
        if self._given is None:
            self._given = frozenset(each for text in self._texts for each in _DRAWN.findall(text))
        return self._given

    def _fits(self, pattern: str, text: str) -> bool:
        values = matched(pattern, text)
        if values is None or any(self._values.get(name, value) != value for name, value in values.items()):
            return False
        self._values.update(values)
        return True

    def _same_form(self, expected: str, seen: str) -> bool:
        """Return whether two strings differ only in generated values."""
        one, other = _DRAWN.split(expected), _DRAWN.split(seen)
        if len(one) == 1 or one[::2] != other[::2]:
            return False
        for theirs, ours in zip(one[1::2], other[1::2], strict=True):
            is_id = _UUIDS.fullmatch(theirs) is not None
            if theirs != ours and (
                is_id != (_UUIDS.fullmatch(ours) is not None) or {theirs, ours} & self._drawn_before
            ):
                return False
        return True


def _parsed(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
