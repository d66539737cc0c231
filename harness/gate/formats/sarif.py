"""SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from harness.gate.finding import Finding, Rule
from harness.gate.judged import Judged
from harness.gate.root import uri
from harness.hidden import without_secrets
from harness.printable import printable_json

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT: Final = "ruleAndSubject/v1"
_GITHUB: Final = "primaryLocationLineHash"
"""The fingerprint that GitHub uses to recognise a finding. GitHub reads no other fingerprint:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support
"""


def sarif(found: Sequence[Judged], root: Path, fallback: Path) -> str:
    """Return the log for one run.

    Args:
        root: the folder that paths are relative to.
        fallback: the file for findings without a location, because readers require a file.
    """
    rules = list({each.finding.rule.id: each.finding.rule for each in found}.values())
    driver = {
        "name": "stepfunctions-harness",
        "semanticVersion": version("stepfunctions-harness"),
        "rules": [_rule(rule) for rule in rules],
    }
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    prints = fingerprints(each.finding for each in found)
    results = [
        _result(each, numbers[each.finding.rule.id], root, fallback, print_)
        for each, print_ in zip(found, prints, strict=True)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return printable_json(without_secrets(json.dumps(log, indent=1))) + "\n"


def fingerprints(found: Iterable[Finding]) -> list[str]:
    """Return a name for each finding that stays the same when lines move.

    It consists of rule and subject, and a number for duplicates.
    """
    seen: Counter[str] = Counter()
    names = []
    for finding in found:
        text = f"{finding.rule.id}\0{finding.subject}"
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        names.append(f"{digest}:{seen[digest]}")
    return names


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": rule.level},
        "properties": {"since": rule.since},
    }


def _result(judged: Judged, number: int, root: Path, fallback: Path, print_: str) -> dict[str, Any]:
    finding = judged.finding
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(finding.file or fallback, root)}}
    if finding.file and finding.line:
        place["region"] = {"startLine": finding.line}
        if finding.column:
            place["region"]["startColumn"] = finding.column
    text = "\n".join([_sentences(finding), *finding.details])
    result = {
        "ruleId": finding.rule.id,
        "ruleIndex": number,
        "level": judged.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: print_, _GITHUB: print_},
        "properties": {"subject": finding.subject},
    }
    if judged.accepted is not None:
        result["suppressions"] = [{"kind": "external", "justification": judged.accepted.reason}]
    return result


def _sentences(finding: Finding) -> str:
    return f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message
