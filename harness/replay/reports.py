"""Judged histories as JUnit XML and as JSON.

    {"version": 1,
     "summary": {"same": 2, "different": 1, "not read": 0},
     "histories": [
       {"file": "histories/late.json", "execution": "run-1" or "", "machine": "TakeOrder", "events": 31,
        "outcome": "different", "problem": "",
        "notes": ["3 of 7 tasks were answered from the history: Ship (3)"],
        "where": {"file": "order.asl.json", "line": 14, "column": 7, "state": "Enough"} or null,
        "differences": [
          {"event": 12 or 0, "replayed_event": 12 or 0, "state": "Ship", "what": "the event",
           "expected": "TaskStateEntered 'Ship'", "seen": "SucceedStateEntered 'Small'", "why": "",
           "function": {"name": "Charge", "input": "{}", "log": ["KeyError: 'a'"]} or null,
           "look_around": "harness replay histories/late.json --until 12" or ""}]}]}

`where` is the location of the first of `differences`. `event` is the ID of the recorded event, or 0 if none
was recorded. `function` is the function that ran and returned the result (`--real`). `look_around` is the
command that runs up to the event. `version` changes when a key is renamed, removed or changes meaning.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, get_args
from xml.etree import ElementTree as ET

from harness.hidden import without_secrets
from harness.printable import printable, printable_json
from harness.replay.comparing import Difference
from harness.replay.judging import Judged, Outcome
from harness.replay.show import details, headline, title
from harness.report.layout import shown_path

VERSION: Final = 1
# Characters that XML 1.0 does not allow in any form: https://www.w3.org/TR/xml/#charsets
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(judged: Sequence[Judged]) -> str:
    """Return the JSON document."""
    numbers = Counter(each.outcome for each in judged)
    document = {
        "version": VERSION,
        "summary": {outcome: numbers[outcome] for outcome in get_args(Outcome)},
        "histories": [_history(each) for each in judged],
    }
    return printable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _history(judged: Judged) -> dict[str, object]:
    where = judged.where
    return {
        "file": shown_path(judged.file),
        "execution": judged.name,
        "machine": judged.machine,
        "events": judged.events,
        "outcome": judged.outcome,
        "problem": judged.problem,
        "notes": list(judged.notes),
        "where": None
        if where is None
        else {
            "file": shown_path(where.path),
            "line": where.line,
            "column": where.column,
            "state": judged.about,
        },
        "differences": [_difference(each, judged) for each in judged.differences],
    }


def _difference(each: Difference, judged: Judged) -> dict[str, object]:
    return {
        "event": each.event,
        "replayed_event": each.ours,
        "state": each.state,
        "what": each.what,
        "expected": each.expected,
        "seen": each.seen,
        "why": each.why,
        "function": None
        if each.asked is None
        else {"name": each.asked.function, "input": each.asked.input, "log": list(each.asked.log)},
        "look_around": judged.look_around(each),
    }


def as_junit(judged: Sequence[Judged]) -> str:
    """Return the XML document: a test case for each history. An unreadable history is an error."""
    numbers = Counter(each.outcome for each in judged)
    suite = ET.Element(
        "testsuite",
        name="harness replay",
        tests=str(len(judged)),
        failures=str(numbers["different"]),
        errors=str(numbers["not read"]),
        skipped="0",
        time="0.000",
    )
    for each in judged:
        suite.append(_case(each))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(judged: Judged) -> ET.Element:
    path = _xml(shown_path(judged.file))
    name = _xml(judged.name or judged.file.stem)
    case = ET.Element("testcase", classname=path, file=path, name=name, time="0.000")
    if judged.outcome == "not read":
        ET.SubElement(case, "error", type="not read", message=_xml(headline(judged)))
    elif judged.differences:
        text = "\n".join([title(judged), *details(judged), *judged.notes])
        ET.SubElement(case, "failure", type="different", message=_xml(headline(judged))).text = _xml(text)
    return case


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", printable(without_secrets(text)))
