"""Patterns for strings that may be JSON: object and message bodies, event details, stored values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import Field

from harness.expect.matcher import clauses, described, unmet, unmet_json
from harness.expect.values import compact, pretty, pretty_text, same
from harness.expect.wording import quoted
from harness.scenario.base import Model
from harness.scenario.matcher import JsonMatcher, Matcher

Members = Mapping[str, object]
"""Members that a JSON object must contain. Others are allowed."""


class Unmet(NamedTuple):
    """A part that is not as expected: its key, predicates, and both values formatted for printing."""

    part: str
    reasons: tuple[str, ...]
    expected: str
    seen: str


class Content(Model):
    """A pattern for a string. Omitted keys match anything."""

    body: Matcher | None = Field(default=None, description="Matches its text.")
    json_value: JsonMatcher | None = Field(
        default=None, alias="json", description="Its text is JSON and matches this."
    )
    members: Members | None = Field(
        default=None,
        description="Its text is JSON and contains these members. Others are allowed, including in nested "
        "mappings.",
    )

    @property
    def asks_content(self) -> bool:
        """Return whether the string has an expectation."""
        return self.body is not None or self.json_value is not None or self.members is not None


def unmet_content(wanted: Content, text: str | None) -> Iterator[Unmet]:
    """Yield the parts of a string that are not as expected. None stands for a missing string."""
    if wanted.body is not None and (reasons := unmet(wanted.body, text)):
        yield Unmet("body", reasons, described(wanted.body), text or "")
    yield from unmet_value("json", wanted.json_value, text)
    yield from unmet_members("members", wanted.members, text)


def unmet_value(part: str, wanted: JsonMatcher | None, text: str | None) -> Iterator[Unmet]:
    """Yield a string's JSON if it is not as expected. A string that is not JSON never matches."""
    if wanted is None:
        return
    is_other = text is not None and not is_json(text)
    reasons = (f"cannot be read: {quoted(text or '')}",) if is_other else _unmet_json(wanted, text)
    if reasons:
        yield Unmet(part, reasons, described(wanted), pretty_text(text or ""))


def unmet_members(part: str, wanted: Members | None, text: str | None) -> Iterator[Unmet]:
    """Yield the members of a JSON object if required members are missing or different."""
    if wanted is None:
        return
    if text is None or not is_json(text):
        reason = "is missing" if text is None else f"cannot be read: {quoted(text)}"
        yield Unmet(part, (reason,), pretty(wanted), text or "")
    elif reasons := tuple(differing(wanted, json.loads(text))):
        yield Unmet(part, reasons, pretty(wanted), pretty(_same_members(wanted, json.loads(text))))


def _unmet_json(wanted: JsonMatcher, text: str | None) -> tuple[str, ...]:
    """Return the same reasons as `unmet_json`, but list the different members if both values are objects."""
    reasons = unmet_json(wanted, text)
    value = json.loads(text) if text is not None else None
    if not reasons or not isinstance(wanted.equals, Mapping) or not isinstance(value, Mapping):
        return reasons
    further = (f"also has {name}" for name in value if name not in wanted.equals)
    return (*differing(wanted.equals, value), *further) or reasons


def differing(wanted: object, seen: object, path: str = "") -> Iterator[str]:
    """Yield the difference for each required member: `has a.b 3, not 4`.

    Mappings in lists of the same length are compared in the same way. All other lists must be equal.
    """
    if isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for place, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from differing(one, other, f"{path}[{place}]")
        return
    if not isinstance(wanted, Mapping) or not isinstance(seen, Mapping):
        if not same(wanted, seen):
            named = f"has {path} {_short(seen)}" if path else f"is {_short(seen)}"
            yield f"{named}, not {_short(wanted)}"
        return
    for name, value in wanted.items():
        inner = f"{path}.{name}" if path else str(name)
        if name not in seen:
            yield f"has no {inner}"
        else:
            yield from differing(value, seen[name], inner)


def asked_content(wanted: Content) -> Iterator[str]:
    """Yield a one-line description of each part of a pattern: `body contains ".nef"`."""
    if wanted.body is not None:
        yield f"body {' and '.join(clauses(wanted.body))}"
    if wanted.json_value is not None:
        yield f"json {asked_json(wanted.json_value)}"
    if wanted.members is not None:
        yield f"members are {_short(wanted.members)}"


def asked_json(wanted: JsonMatcher) -> str:
    """Return a one-line description of a JSON pattern."""
    if wanted.has_equals:
        return f"is {_short(wanted.equals)}"
    return " and ".join(clauses(wanted))


def is_json(text: str) -> bool:
    """Return whether a string is valid JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _same_members(wanted: object, seen: object) -> Any:
    """Return the part of a value that contains the expected members, for a comparison."""
    if isinstance(wanted, Mapping) and isinstance(seen, Mapping):
        return {name: _same_members(value, seen[name]) for name, value in wanted.items() if name in seen}
    if isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        return [_same_members(one, other) for one, other in zip(wanted, seen, strict=True)]
    return seen


def _short(value: object) -> str:
    text = compact(value)
    return text if len(text) <= 80 else f"{text[:60]}…{text[-19:]}"
