"""Compares results on AWS with results in the harness. IDs, times and resource names are compared by
format.

    arn:aws:sns:eu-west-1:111111111111:prod-orders   matches   arn:aws:sns:us-east-1:123456789012:shop-orders
    2025-11-03T01:02:03.456Z                         matches   2025-01-01T00:00:00.1Z

Equal names must correspond to equal names everywhere: two topics never correspond to one. Request
metadata and code locations in tracebacks are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from harness.json_types import Json
from harness.replay.open_values import filled, has_mark
from harness.replay.sameness import Differs, Sameness

LEFT_OUT: Final = frozenset(
    {"SdkHttpMetadata", "SdkResponseMetadata", "ResponseMetadata", "requestId", "stackTrace", "trace"}
)
"""Members in results and causes that differ in every run."""
_FREE: Final = frozenset({"ExecutedVersion", "SequenceNumber", "RequestId"})
"""Members whose values differ between accounts."""
_ROLE: Final = "roleArn"
"""The member of ExecutionStarted with the machine's role, which is not part of the behaviour."""
_SECONDS: Final = (10**9, 10**10)
_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_FORMS: Final = {
    "arn": r"arn:aws[\w-]*:[\w-]+:[\w-]*:(?:\d{12})?:[^\s\"'<>,;\\)\]}]+",
    "url": r"https?://[^\s\"'<>\\)\]}]+",
    "uuid": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "moment": r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z|[+-]\d\d:?\d\d)?)?",
    "date": rf"(?:\w{{3}}, )?\d{{1,2}} {_MONTH} \d{{4}} \d\d:\d\d:\d\d(?: GMT)?",
    "hash": r"\b(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\b",
    "request": r"(?<=Request ID: )[\w+/=-]+|(?<=RequestId: )[\w+/=-]+",
    "account": r"(?<!\d)\d{12}(?!\d)",
}
_FORM: Final = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()))
_NAMES: Final = frozenset({"arn", "url", "account"})
"""Name patterns: equal names correspond to equal names everywhere."""


class SameByForm(Sameness):
    """Compares values as `Sameness` does, and also compares their formats.

    Args:
        given: the inputs to both runs: the execution's input, and the answers from the history.
        tokens: the task tokens that the harness issued.
        values: the AWS values for the marks in our strings.
        own: the harness's values for the marks.
    """

    def __init__(
        self,
        given: Iterable[str],
        tokens: Iterable[str] = (),
        values: Mapping[str, str] | None = None,
        own: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(given, tokens, self._by_form, values)
        self._own = own or {}
        self._there: dict[str, str] = {}
        self._here: dict[str, str] = {}

    def difference(self, expected: Json, seen: Json, way: str = "") -> Differs | None:
        """Return the first difference between two values; None if they are the same."""
        if way == _ROLE:
            return None
        name = way.rpartition(".")[2]
        if name in _FREE and isinstance(expected, str) and isinstance(seen, str):
            return None
        if isinstance(expected, dict) and isinstance(seen, dict) and LEFT_OUT & {*expected, *seen}:
            expected, seen = _without(expected), _without(seen)
        return super().difference(expected, seen, way)

    def _same_clock(self, expected: float, seen: float) -> bool:
        return super()._same_clock(expected, seen) or self._are_moments(expected, seen, _SECONDS)

    def _same_text(self, expected: str, seen: str) -> bool:
        if super()._same_text(expected, seen):
            return True
        # a name that contains names: the ARN of a Map Run contains the machine's
        return has_mark(seen) and self._by_form(expected, str(filled(seen, self._own)))

    def _by_form(self, expected: str, seen: str) -> bool:
        one, other = list(_FORM.finditer(expected)), list(_FORM.finditer(seen))
        if not one or _between(expected, one) != _between(seen, other):
            return False
        pairs = list(zip(one, other, strict=True))
        if not all(self._alike(theirs, ours) for theirs, ours in pairs):
            return False
        for theirs, ours in pairs:
            if theirs.lastgroup in _NAMES:
                self._there[theirs[0]], self._here[ours[0]] = ours[0], theirs[0]
        return True

    def _alike(self, theirs: re.Match[str], ours: re.Match[str]) -> bool:
        if theirs.lastgroup != ours.lastgroup:
            return False
        if theirs[0] == ours[0]:
            return True
        if theirs.lastgroup in _NAMES:
            known = self._there.get(theirs[0], ours[0]), self._here.get(ours[0], theirs[0])
            return known == (ours[0], theirs[0]) and _kind(theirs[0]) == _kind(ours[0])
        return not any(theirs[0] in text or ours[0] in text for text in self._texts)


def _without(value: dict[str, Json]) -> dict[str, Json]:
    return {name: each for name, each in value.items() if name not in LEFT_OUT}


def _between(text: str, found: list[re.Match[str]]) -> list[str]:
    edges = [0, *(edge for match in found for edge in match.span()), len(text)]
    return [text[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def _kind(name: str) -> tuple[str, ...]:
    """Return the account-independent part of a name: an ARN's service and resource type."""
    if not name.startswith("arn:"):
        return (name.partition("://")[0], str(len(name.split("/"))))
    parts = name.split(":", 5)
    resource = re.split("[:/]", parts[5])
    return (parts[2], resource[0] if len(resource) > 1 else "", str(len(resource)))
