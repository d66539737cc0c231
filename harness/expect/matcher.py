"""Match strings and JSON with scenario file matchers: equals, contains, matches, not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness.expect.searching import TooCostly, is_found
from harness.expect.values import compact, pretty, same
from harness.expect.wording import CASE, case_of, quoted
from harness.scenario.matcher import JsonMatcher, Matcher


def unmet(matcher: Matcher, text: str | None) -> tuple[str, ...]:
    """Return predicates for each failed clause: `does not contain ".nef"`. Empty if all clauses match.

    None stands for a missing string. It satisfies only `not`.
    """
    if text is None:
        wants_text = matcher.equals is not None or matcher.contains is not None or matcher.matches is not None
        return ("is missing",) if wants_text else ()
    try:
        return tuple(_unmet(matcher, text))
    except TooCostly as error:
        return (str(error),)


def failed(matcher: Matcher, text: str | None) -> int:
    """Return the number of failed clauses, without describing them."""
    if text is None:
        return len(unmet(matcher, text))
    try:
        return _failed(matcher, text)
    except TooCostly:
        return 1


def unmet_json(matcher: JsonMatcher, text: str | None) -> tuple[str, ...]:
    """Return the same as `unmet`, but for JSON text.

    `equals` compares by value; the other clauses use the one-line form.
    """
    if text is None:
        return ("is missing",)
    value = json.loads(text)
    different = matcher.has_equals and not same(matcher.equals, value)
    others = matcher.model_copy(update={"equals": None})
    return (*(["has a different value"] if different else []), *unmet(others, compact(value)))


def described(matcher: Matcher) -> str:
    """Describe the matcher: the string for `equals`, otherwise one line per clause."""
    if isinstance(matcher, JsonMatcher) and matcher.has_equals:
        return pretty(matcher.equals)
    if matcher.equals is not None and clauses(matcher) == (f"is {quoted(matcher.equals)}",):
        return str(matcher.equals)
    return "\n".join(clauses(matcher))


def clauses(matcher: Matcher) -> tuple[str, ...]:
    """Return the matcher's clauses, each as a one-line predicate: `contains ".nef"`."""
    found = []
    if matcher.equals is not None:
        found.append(f"is {quoted(str(matcher.equals))}")
    found += [f"contains {quoted(part)}" for part in matcher.contains or ()]
    if matcher.matches is not None:
        found.append(f"matches /{matcher.matches}/")
    if matcher.not_ is not None:
        found.append(f"not: {', '.join(clauses(matcher.not_))}")
    return tuple(found)


def _unmet(matcher: Matcher, text: str) -> Iterator[str]:
    if matcher.equals is not None and matcher.equals != text:
        yield _difference(matcher.equals, text)
    for part in matcher.contains or ():
        if part not in text:
            yield f"does not contain {quoted(part)}{_in_other_case(part, text)}"
    if matcher.matches is not None and not is_found(matcher.matches, text):
        yield f"does not match /{matcher.matches}/"
    if matcher.not_ is not None and not tuple(_unmet(matcher.not_, text)):
        yield f"{' and '.join(clauses(matcher.not_))}, but must not"


def _in_other_case(part: str, text: str) -> str:
    """Return a note if the text contains the part in a different case: ` (it contains ".NEF": only letter
    case differs)`.
    """
    found = re.search(re.escape(part), text, re.IGNORECASE)
    return f" (it contains {quoted(found[0])}: {CASE})" if found else ""


def _failed(matcher: Matcher, text: str) -> int:
    number = int(matcher.equals is not None and matcher.equals != text)
    number += sum(part not in text for part in matcher.contains or ())
    number += matcher.matches is not None and not is_found(matcher.matches, text)
    return number + (matcher.not_ is not None and not _failed(matcher.not_, text))


def _difference(wanted: str, seen: str) -> str:
    if "\n" not in wanted + seen:
        return f"is {quoted(seen)}, not {quoted(wanted)}{case_of(wanted, seen)}"
    lines = zip(wanted.splitlines(), seen.splitlines(), strict=False)
    same_lines = next((n for n, (a, b) in enumerate(lines) if a != b), None)
    shorter = min(len(wanted.splitlines()), len(seen.splitlines()))
    return f"differs from line {(shorter if same_lines is None else same_lines) + 1} on"
