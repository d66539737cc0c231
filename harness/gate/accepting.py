"""Accepted findings: the baseline, expired entries, and entries that no longer match a finding."""

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

ENDED: Final = Rule("accept-ended", "The acceptance of a finding has expired.", "0.1")
UNUSED: Final = Rule("accept-unused", "An accepted finding no longer occurs.", "0.1", "note")
UNREVIEWED: Final = Rule("accept-unreviewed", "A baseline entry has no reason yet.", "0.1", "note")
TO_DO: Final = "to be reviewed"
"""Placeholder reason in a new baseline."""
_HEADER: Final = re.compile(r"^\s*\[\[\s*(?:tool\.harness\.)?accept\s*\]\]", re.MULTILINE)
_INTRODUCTION: Final = """\
# Findings from `harness gate` that this project accepts. Review each entry: write the reason, and set an end
# date (until = 2027-01-31) if the finding is to be fixed. [tool.harness.gate] baseline names this file.
"""


def read_baseline(path: Path) -> tuple[Acceptance, ...]:
    """Read the entries in a baseline.

    Raises:
        SettingsError: the file does not exist, or is invalid.
    """
    content = toml_of(path, about="accept")
    entries = content.get("accept", [])
    problems = [f"unknown key {key!r}: only [[accept]] is allowed" for key in content if key != "accept"]
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        problems.append("accept must be an array of tables: write [[accept]]")
        entries = []
    for number, entry in enumerate(entries):
        problems += entry_problems(f"accept[{number}]", entry)
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    return acceptances(entries, path)


def check_accepted(context: Context) -> Iterator[Finding]:
    """Find expired entries, unused entries, and entries without a reason.

    An entry is unused if it matches no finding although the parts with its rules checked everything.
    """
    day = context.today()
    judge = context.judge
    for entry in (*context.settings.accept, *(e for e in judge.accepted if e not in context.settings.accept)):
        place = (entry.file, line_of(entry))
        if entry.until is not None and entry.until < day:
            message = f"the acceptance of {entry.about} expired on {entry.until}: {entry.reason}"
            yield Finding(
                ENDED, entry.about, message, "fix the finding, or set a later date in until", *place
            )
        elif entry.rule and entry not in judge.used and _was_looked_at(entry, context):
            message = f"{entry.about} is accepted but no longer occurs"
            yield Finding(UNUSED, entry.about, message, "remove the entry", *place)
        elif entry.reason == TO_DO:
            message = f"{entry.about} is accepted without a reason"
            yield Finding(UNREVIEWED, entry.about, message, "write a reason, or fix the finding", *place)


def _was_looked_at(entry: Acceptance, context: Context) -> bool:
    return any(like(entry.rule, rule) for rule in context.complete)


def line_of(entry: Acceptance) -> int:
    """Return the line where an entry begins. Return 1 if the entry does not use the form `[[accept]]`."""
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
    """Return the text for a sorted baseline that accepts the findings. Existing entries keep their
    reasons.
    """
    entries: dict[tuple[str, str], str] = {}
    for judged in found:
        finding = judged.finding
        if judged.level == "note" or finding.rule in (ENDED, UNUSED, UNREVIEWED):
            continue
        kept = judged.accepted
        if kept is not None and kept.file.name == "pyproject.toml":
            continue  # the settings already accept it
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
    """Return a TOML basic string. `*` and `?` in a subject stay wildcards, which also match themselves."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


ACCEPTED: Final = Part("accepted", check_accepted, (ENDED, UNUSED, UNREVIEWED), quick=True)
