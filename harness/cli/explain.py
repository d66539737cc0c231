"""`harness explain`: a page about an error, a rule, a limit, an expectation or an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from harness.exit_codes import MEANINGS, PASSED
from harness.explaining import Page, code_of, pages
from harness.printable import one_line, say
from harness.settings import SettingsError

if TYPE_CHECKING:
    from harness.expect.base import Expectation

_UNUSED: Final = frozenset({"answers", "durations", "hosts", "tasks"})
"""Scenario keys whose unused entries are mismatches."""
_GATE: Final = "docs/how-to/gate-findings.md, docs/reference/gate-rules.md"


def explain(arguments: argparse.Namespace) -> int:
    """Print the page for each code, or the list of all codes."""
    if not arguments.codes:
        say(*_listed())
        return PASSED
    found = [explanation(code) for code in arguments.codes]
    unknown = [code for code, lines in zip(arguments.codes, found, strict=True) if not lines]
    for number, lines in enumerate(filter(None, found)):
        say(*([""] * bool(number)), *lines)
    if unknown:
        raise SettingsError("\n".join(map(_unknown, unknown)))
    return PASSED


def explanation(code: str) -> list[str]:
    """Return the lines about a code or a message; [] if it is unknown."""
    for find in (_page, _exit_code, _limit, _rule, _expectation, _message, _projects_expectation):
        if lines := find(code):
            return lines
    return []


def _page(code: str) -> list[str]:
    by_lower = {each.lower(): page for each, page in pages().items()}
    page = by_lower.get("unused" if code in _UNUSED else code.lower())
    return [] if page is None else list(_lines(page))


def _lines(page: Page) -> Iterator[str]:
    yield f"{page.code}: {page.title}"
    if page.messages:
        yield ""
        yield from (f"    {message}" for message in page.messages)
    if page.text:
        yield ""
        yield page.text
    if page.read:
        yield ""
        yield f"Read: {', '.join(f'docs/{each}.md' for each in page.read)}"


def _expectation(code: str) -> list[str]:
    from harness.expect import BUILT_IN  # noqa: PLC0415  (start-up)

    return _among(BUILT_IN, code)


def _projects_expectation(code: str) -> list[str]:
    """Return the lines about an expectation in this folder's project. This runs the project's code."""
    from harness.expect.project import expectations_of  # noqa: PLC0415  (start-up)
    from harness.projects import Projects  # noqa: PLC0415

    return _among(expectations_of(Projects({}).here), code)


def _among(expectations: Iterable[Expectation[Any]], code: str) -> list[str]:
    for each in expectations:
        if each.key == code:
            return [f"{code}: an expectation. {each.description}", "", *_page("expectation")]
    return []


def _rule(code: str) -> list[str]:
    from harness.gate.parts import LAST, PARTS  # noqa: PLC0415  (start-up)

    for part in (*PARTS, LAST):
        for rule in part.rules:
            if rule.id == code:
                about = f"{code}: a gate rule in the part {part.name}, level {rule.level}."
                return [about, "", rule.title, "", f"Read: {_GATE}"]
    return []


def _limit(code: str) -> list[str]:
    from harness.limits.table import LIMITS  # noqa: PLC0415  (start-up)

    for limit in LIMITS:
        if limit.id == code:
            most = f"at most {limit.most:,} {limit.unit}" if limit.most else f"no {limit.unit}"
            about = f"{code}: an AWS limit: {limit.what}, {most}."
            return [about, "", f"Source: {limit.source}", "", *_page("limits")]
    return []


def _exit_code(code: str) -> list[str]:
    meaning = MEANINGS.get(int(code)) if code.isdecimal() else None
    return [f"exit code {code}: {meaning}", "", "Read: docs/reference/exit-codes.md"] if meaning else []


def _message(code: str) -> list[str]:
    return _page(code_of(code))


def _listed() -> Iterator[str]:
    width = max(map(len, pages()))
    yield from (f"{page.code:{width}}  {page.title}" for page in pages().values())
    yield ""
    yield "Also: expectations, gate rules, limit names, exit codes, and any message in quotes."


def _unknown(code: str) -> str:
    near = get_close_matches(code, pages(), 1)
    remedy = f"did you mean {near[0]}?" if near else "`harness explain` lists all codes"
    return f"no explanation of {one_line(code)!r}; {remedy}"
