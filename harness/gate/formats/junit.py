"""JUnit XML: a suite for each part, and a case for each finding. A part without findings has one passed case.

The output uses only elements from the Jenkins schema. The class name of a finding is its file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from harness.gate.judged import Judged
from harness.gate.root import relative
from harness.gate.running import Report
from harness.gate.summary import Summary
from harness.printable import printable

# Characters that XML 1.0 does not allow in any form: https://www.w3.org/TR/xml/#charsets
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(summary: Summary, root: Path) -> str:
    """Return the document. Errors are failures. Other findings are passed cases with a message."""
    suites = ET.Element("testsuites", name="harness gate")
    for report in summary.reports:
        suites.append(_suite(report, root))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(report: Report, root: Path) -> ET.Element:
    cases = [_case(judged, report.part, root) for judged in report.found]
    if not cases or report.left:
        case = ET.Element("testcase", classname=report.part, name=report.part, time=f"{report.real_s:.3f}")
        why = "\n".join(map(str, report.left))
        if report.code:
            ET.SubElement(case, "error", type="not done", message=_xml(why))
        elif not report.begun:
            ET.SubElement(case, "skipped").text = _xml(why)
        elif why:
            ET.SubElement(case, "system-out").text = _xml(f"not done: {why}")
        cases.insert(0, case)
    suite = ET.Element(
        "testsuite",
        name=report.part,
        tests=str(len(cases)),
        failures=str(sum(each.fails for each in report.found)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time=f"{report.real_s:.3f}",
    )
    suite.extend(cases)
    return suite


def _case(judged: Judged, part: str, root: Path) -> ET.Element:
    finding = judged.finding
    name = f"{finding.rule.id}: {finding.subject}"
    file = relative(finding.file, root) if finding.file is not None else ""
    case = ET.Element("testcase", classname=_xml(file or part), name=_xml(name), time="0.000")
    place = f"{file}:{finding.line}" if file and finding.line else file
    text = "\n".join(filter(None, [place, judged.text, *finding.details]))
    if judged.fails:
        ET.SubElement(case, "failure", type=finding.rule.id, message=_xml(judged.text)).text = _xml(text)
    else:
        said = f"accepted: {judged.accepted.reason}" if judged.accepted else judged.level
        ET.SubElement(case, "system-out").text = _xml(f"{said}\n{text}")
    return case


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", printable(text))
