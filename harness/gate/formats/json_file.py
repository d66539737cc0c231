"""The complete gate result as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from harness.gate.formats.sarif import fingerprints
from harness.gate.judged import Judged
from harness.gate.root import relative
from harness.gate.summary import Summary
from harness.printable import printable_json

VERSION: Final = 1


def as_json(summary: Summary, root: Path) -> str:
    """Return `{"version": 1, "verdict": "FAILED", "parts": [...], "findings": [...], ...}`.

    Times are in seconds.
    """
    prints = fingerprints(each.finding for each in summary.found)
    document = {
        "version": VERSION,
        "verdict": summary.verdict,
        "about": summary.about,
        "stopped": summary.stopped,
        "uncommitted": summary.uncommitted,
        "real_s": round(summary.real_s, 3),
        "parts": [
            {
                "part": report.part,
                "verdict": report.verdict,
                "real_s": round(report.real_s, 3),
                "findings": dict(report.count()),
                "not_done": [{"what": e.what, "why": e.why, "command": e.command} for e in report.left],
            }
            for report in summary.reports
        ],
        "findings": [_entry(each, print_, root) for each, print_ in zip(summary.found, prints, strict=True)],
    }
    return printable_json(json.dumps(document, indent=1)) + "\n"


def _entry(judged: Judged, print_: str, root: Path) -> dict[str, Any]:
    finding = judged.finding
    return {
        "part": judged.part,
        "rule": finding.rule.id,
        "since": finding.rule.since,
        "level": judged.level,
        "accepted": judged.accepted.reason if judged.accepted else None,
        "subject": finding.subject,
        "message": finding.message,
        "remedy": finding.remedy,
        "details": finding.details,
        "file": relative(finding.file, root) if finding.file else None,
        "line": finding.line or None,
        "column": finding.column or None,
        "fingerprint": print_,
    }
