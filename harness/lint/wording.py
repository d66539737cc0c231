"""Findings in plain English: the error and a remedy."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from harness.lint.model import Finding
from harness.lint.rules import LIFECYCLES, MADE_WITH, is_unknown
from harness.scenario.wording import nearest

_NAMES: Final = frozenset({"E1010", "E1019", "E1020", "E3005", "E6101", "E8002", "E3015", "E6005"})
"""Rules for names that must refer to template entries."""


class Said(NamedTuple):
    """A finding as displayed."""

    message: str
    remedy: str


def said(finding: Finding, cfn_lint: str) -> Said:
    """Return a finding as text, with the rule's ID in front. `cfn_lint` is the version that found it."""
    for pattern, say in _SENTENCES:
        if match := pattern.fullmatch(finding.message):
            message, remedy = say(finding, match)
            break
    else:
        label = _label(finding)
        named = finding.message if label in finding.message else f"{label}: {finding.message}"
        message, remedy = (named if finding.path else finding.message), "correct it"
    if is_unknown(finding):
        remedy += f"; this is a warning because cfn-lint {cfn_lint} added the rule after {MADE_WITH}"
    return Said(f"{finding.rule}: {message}", remedy)


def distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings in template order, without duplicates at a location.

    If several findings concern the same value, keep the one with the lowest limit, or the first one. In a
    dependency cycle, keep the finding for the first resource.
    """
    values: set[tuple[object, ...]] = set()
    circles: set[frozenset[str]] = set()
    for finding in sorted(findings, key=lambda f: (f.line, f.column, _limit(f), f.rule, f.message)):
        circle = frozenset(re.findall(r"\b[A-Za-z0-9]+\b", finding.message.partition("for resource ")[2]))
        about = (finding.path, finding.keyword if finding.keyword in ("required", "") else "")
        if finding.rule == "E3004":
            if (circle := circle - {"Circular", "dependency", "with"}) in circles:
                continue
            circles.add(circle)
        elif finding.path and finding.keyword not in ("required", "") and about in values:
            continue
        values.add(about)
        yield finding


def _limit(finding: Finding) -> float:
    found = re.search(r"maximum of ([\d.]+)", finding.message)
    return float(found[1]) if found else 0.0


def lifecycle_dates(finding: Finding) -> tuple[date, ...]:
    """Return the dates from a runtime rule: when it is deprecated, and when creation and updates end."""
    if finding.rule not in LIFECYCLES and " was deprecated on '" not in finding.message:
        return ()
    return tuple(date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", finding.message))


def _lifecycle(finding: Finding, match: re.Match[str]) -> Said:
    runtime = match["runtime"].strip("'")
    message = (
        f"the runtime {runtime} has been deprecated since {match['deprecated']}; Lambda blocks creating "
        f"functions with it from {match['create']}, and updating them from {match['update']}"
    )
    return Said(message, f"move to {match['successor']}")


def _unexpected(finding: Finding, match: re.Match[str]) -> Said:
    name, hint = match["name"], match["hint"]
    where = _inside(finding.path[:-1])
    return Said(f"unknown key {name!r}{where}", f"did you mean {hint!r}?" if hint else "remove or rename it")


def _required(finding: Finding, match: re.Match[str]) -> Said:
    return Said(f"{match['name']!r} is missing{_inside(finding.path)}", "add it")


def _too_much(finding: Finding, match: re.Match[str]) -> Said:
    most = match["limit"]
    return Said(f"{_label(finding)}: {match['value']} is more than {most}", f"write {most} or less")


def _too_little(finding: Finding, match: re.Match[str]) -> Said:
    least = match["limit"]
    return Said(f"{_label(finding)}: {match['value']} is less than {least}", f"write {least} or more")


def _length(finding: Finding, match: re.Match[str]) -> Said:
    limit = match["limit"]
    remedy = (
        f"use {limit} characters at most" if match["how"] == "long" else f"use {limit} characters or more"
    )
    return Said(f"{_label(finding)}: {_cut(match['value'])} is too {match['how']}", remedy)


def _one_of(finding: Finding, match: re.Match[str]) -> Said:
    names = ", ".join(_listed(match["names"]))
    return Said(f"exactly one of {names} is required{_inside(finding.path)}", "set one of them")


def _too_few(finding: Finding, match: re.Match[str]) -> Said:
    least = match["least"]
    return Said(f"{_label(finding)}: it has {match['count']} keys", f"write {least} or more, or leave it out")


def _pattern(finding: Finding, match: re.Match[str]) -> Said:
    text = f"{_label(finding)}: {_cut(match['value'])} has a format that AWS rejects"
    return Said(text, f"use a value that matches {match['pattern']}")


def _variable(finding: Finding, match: re.Match[str]) -> Said:
    return Said(f"{match['name']} cannot be a key{_inside(finding.path[:-1])}", f"use {match['pattern']}")


def _not_one_of(finding: Finding, match: re.Match[str]) -> Said:
    value = match["value"].strip("'\"")
    if day := re.fullmatch(r"datetime\.date\((\d+), (\d+), (\d+)\)", value):
        value = f"{int(day[1])}-{int(day[2]):02}-{int(day[3]):02}"
    known = _listed(match["known"])
    if finding.rule in _NAMES:
        attribute = finding.path[-2:] == ("Fn::GetAtt", 1)
        text = f"attribute {value!r} not found" if attribute else f"name {value!r} not found"
        return Said(text + _inside(finding.path[:2]), nearest(value, known))
    return Said(f"{_label(finding)}: {value!r} is not one of AWS's values", nearest(value, known))


def _type(finding: Finding, match: re.Match[str]) -> Said:
    hint = f"did you mean {match['hint']!r}?" if match["hint"] else "correct it"
    newer = f'(newer than cfn-lint {MADE_WITH}? [tool.harness] lint = ["{finding.rule}"])'
    return Said(f"resource type {match['type']!r} does not exist in {match['region']}", f"{hint} {newer}")


def _circle(finding: Finding, match: re.Match[str]) -> Said:
    names = [match["name"], *match["others"].split(", ")]
    return Said(f"{' and '.join(names)} depend on each other", "remove one of their references or DependsOn")


def _reserved(finding: Finding, match: re.Match[str]) -> Said:
    return Said(f"{match['name']!r} is a variable that Lambda sets itself", "rename it")


def _wrong_kind(finding: Finding, match: re.Match[str]) -> Said:
    wanted = match["kind"].replace("'", "").replace(", ", " or ")
    return Said(f"{_label(finding)}: {_cut(match['value'])} is not of type {wanted}", f"write {wanted}")


Say = Callable[[Finding, "re.Match[str]"], Said]
_SENTENCES: Final[tuple[tuple[re.Pattern[str], Say], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), say)
    for pattern, say in (
        (
            r"Runtime (?P<runtime>.+) was deprecated on '(?P<deprecated>.+)'. Creation was disabled on "
            r"'(?P<create>.+)' and update on '(?P<update>.+)'. Please consider updating to "
            r"'(?P<successor>.+?)'(?: when .*)?",
            _lifecycle,
        ),
        (
            r"Additional properties are not allowed \('(?P<name>.+?)' was unexpected"
            r"(?:\. Did you mean '(?P<hint>.+)'\?)?\)",
            _unexpected,
        ),
        (r"'(?P<name>[^']+)' is a required property", _required),
        (r"Only one of \[(?P<names>[^\]]*)\] is a required property", _one_of),
        (r"(?P<value>\S+) is greater than the maximum of (?P<limit>\S+).*", _too_much),
        (r"(?P<value>\S+) is less than the minimum of (?P<limit>\S+).*", _too_little),
        (r"(?P<value>.+) is (?P<how>long|short)er than (?P<limit>\d+)", _length),
        (r"expected minimum property count: (?P<least>\d+), found: (?P<count>\d+)", _too_few),
        (r"(?P<name>'.+') does not match any of the regexes: (?P<pattern>.+)", _variable),
        (r"(?P<value>.+) does not match (?P<pattern>'.+').*", _pattern),
        (r"(?P<value>'.*?'|datetime\.date\(.*?\)) is not one of \[(?P<known>[^\]]*)\].*", _not_one_of),
        (
            r"Resource type '(?P<type>.+?)' does not exist in '(?P<region>.+?)'"
            r"(?:\. Did you mean '(?P<hint>.+)'\?)?",
            _type,
        ),
        (r"Circular Dependencies for resource (?P<name>\w+)\. .* with \[(?P<others>.+)\]", _circle),
        (r"'(?P<name>.+?)' is a reserved variable name, .*", _reserved),
        (r"(?P<value>.+) is not of type (?P<kind>.+)", _wrong_kind),
    )
)


def _label(finding: Finding) -> str:
    """Return the innermost key that is a name in the template language."""
    keys = [
        key
        for key in finding.path
        if isinstance(key, str)
        and not key.startswith(("Fn::", "Ref"))
        and key not in ("Resources", "Properties")
    ]
    return keys[-1] if keys else "the template"


def _inside(path: tuple[object, ...]) -> str:
    words = [str(key) for key in path if key not in ("Resources", "Properties")]
    return f" in {'.'.join(words)}" if words else ""


def _listed(text: str) -> list[str]:
    try:
        return [str(entry) for entry in ast.literal_eval(f"[{text}]")]
    except (SyntaxError, ValueError):
        return [text]


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}...{text[-1]}"
