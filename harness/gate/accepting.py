"""Accepted findings: the baseline, entries that have ended, and entries that fit nothing any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from harness.acceptance import Acceptance, like
from harness.acceptance_entries import acceptances, entry_problems
from harness.files import read_text
from harness.gate.finding import Finding, Rule
from harness.gate.judged import Judged
from harness.gate.part import Context, Part
from harness.settings import SettingsError
from harness.settings_reading import toml_of

ENDED: Final = Rule("accept-ended", "An accepted finding was accepted until a day that is past.", "0.1")
UNUSED: Final = Rule("accept-unused", "An accepted finding is found no more.", "0.1", "note")
UNREVIEWED: Final = Rule("accept-unreviewed", "An entry of the baseline has no reason yet.", "0.1", "note")
TO_DO: Final = "to be reviewed"
"""The reason that a baseline is written with."""
_HEADER: Final = re.compile(r"^\s*\[\[\s*(?:tool\.harness\.)?accept\s*\]\]", re.MULTILINE)
_INTRODUCTION: Final = """\
# Findings of `harness gate` that are accepted as they are. Review each: write the reason, and give it an end
# (until = 2027-01-31) where it is to be mended. [tool.harness.gate] baseline names this file.
"""


def read_baseline(path: Path) -> tuple[Acceptance, ...]:
    """The entries of a baseline.

    Raises:
        SettingsError: it is not there, or is wrong.
    """
    content = toml_of(path, about="accept")
    entries = content.get("accept", [])
    problems = [f"unknown key {key!r}; only [[accept]] is read" for key in content if key != "accept"]
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        problems.append("accept must be an array of tables; write [[accept]]")
        entries = []
    for number, entry in enumerate(entries):
        problems += entry_problems(f"accept[{number}]", entry)
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    return acceptances(entries, path)


def check_accepted(context: Context) -> Iterator[Finding]:
    """Find entries that have ended, and those of rules that fit nothing although all was looked at."""
    day = context.today()
    judge = context.judge
    for entry in (*context.settings.accept, *(e for e in judge.accepted if e not in context.settings.accept)):
        place = (entry.file, line_of(entry))
        if entry.until is not None and entry.until < day:
            message = f"{entry.about} was accepted until {entry.until}: {entry.reason}"
            yield Finding(ENDED, entry.about, message, "mend it, or give it another end", *place)
        elif entry.rule and entry not in judge.used and _was_looked_at(entry, context):
            message = f"{entry.about} is accepted, and found no more"
            yield Finding(UNUSED, entry.about, message, "remove the entry", *place)
        elif entry.reason == TO_DO:
            message = f"{entry.about} is accepted without a reason"
            yield Finding(UNREVIEWED, entry.about, message, "write why, or mend it", *place)


def _was_looked_at(entry: Acceptance, context: Context) -> bool:
    return any(like(entry.rule, rule) for rule in context.complete)


def line_of(entry: Acceptance) -> int:
    """The line at which an entry begins; 1 where it is written otherwise than as `[[accept]]`."""
    try:
        text = read_text(entry.file)
    except (OSError, UnicodeDecodeError):
        return 1
    headers = list(_HEADER.finditer(text))
    if entry.index >= len(headers):
        return 1
    header = headers[entry.index]
    return text.count("\n", 0, header.end()) + 1


def baseline(found: Iterable[Judged]) -> str:
    """The text of a baseline that accepts findings, sorted; entries that accept them already are kept."""
    entries: dict[tuple[str, str], str] = {}
    for judged in found:
        finding = judged.finding
        if judged.level == "note" or finding.rule in (ENDED, UNUSED, UNREVIEWED):
            continue
        kept = judged.accepted
        if kept is not None and kept.file.name == "pyproject.toml":
            continue  # the settings accept it
        lines = [
            f"# {finding.message}".replace("\n", " "),
            "[[accept]]",
            f"rule = {_toml(finding.rule.id)}",
            f"subject = {_toml(finding.subject)}",
            f"reason = {_toml(kept.reason if kept else TO_DO)}",
        ]
        lines += [f"until = {kept.until}"] if kept and kept.until else []
        entries[finding.rule.id, finding.subject] = "\n".join(lines)
    return "\n\n".join([_INTRODUCTION.rstrip(), *(entries[key] for key in sorted(entries))]) + "\n"


def _toml(text: str) -> str:
    """A basic string of TOML; `*` and `?` of a subject stay patterns, which fit themselves."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


ACCEPTED: Final = Part("accepted", check_accepted, (ENDED, UNUSED, UNREVIEWED), quick=True)
