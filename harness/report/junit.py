"""JUnit XML: https://github.com/testmoapp/junitxml describes the format that CI systems read."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from harness.hidden import without_secrets
from harness.printable import one_line, printable
from harness.report.base import FileReport
from harness.report.failure import failure_text, headline
from harness.report.layout import shown_path
from harness.report.model import Result
from harness.report.notes import note_lines, notes_of
from harness.report.printed import printed_text
from harness.scenario.model import Scenario

NOT_RUN = "not run"
"""The error type for a scenario that was not run, and the prefix of its message."""

# Characters that XML 1.0 does not allow: https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport(FileReport):
    """A test suite with one test case per scenario. The class name is the file, and the name is the title.

    `system-out` of a test case contains the output of its functions and the messages of the run. `system-out`
    of the suite contains the notes. If the run stopped early, each scenario that did not run is an error,
    because it proves nothing.
    """

    def text(self) -> str:
        """The XML document."""
        outcomes, left = [result.outcome for result in self.results], self.not_run
        suite = ET.Element(
            "testsuite",
            name="harness",
            tests=str(len(outcomes) + len(left)),
            failures=str(outcomes.count("failed")),
            errors=str(outcomes.count("error") + len(left)),
            skipped=str(outcomes.count("skipped")),
            time=f"{sum(result.duration_s for result in self.results):.3f}",
        )
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", name="engine", value=self.engine)
        for result in self.results:
            suite.append(_case(result))
        for scenario in left:
            case = ET.SubElement(suite, "testcase", _called(scenario), time="0.000")
            why = f"{NOT_RUN}: {self.cut_short}" if self.cut_short else NOT_RUN
            ET.SubElement(case, "error", type=NOT_RUN, message=_xml(without_secrets(why)))
        if notes := notes_of(result.notes for result in self.results):
            ET.SubElement(suite, "system-out").text = _xml("\n".join(t.plain for t in note_lines(notes)))
        root = ET.Element("testsuites")
        root.append(suite)
        ET.indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(result: Result) -> ET.Element:
    case = ET.Element("testcase", _called(result.scenario), time=f"{result.duration_s:.3f}")
    properties = ET.SubElement(case, "properties")
    for tag in result.scenario.tags:
        ET.SubElement(properties, "property", name="tag", value=tag)
    for stage, seconds in result.timings_s.items():
        ET.SubElement(properties, "property", name=f"{stage}_s", value=f"{seconds:.3f}")
    if result.outcome == "skipped":
        ET.SubElement(case, "skipped", message=_xml(result.reason))
    elif result.outcome == "error":
        ET.SubElement(case, "error", message=_xml(result.reason)).text = _xml(failure_text(result))
    elif result.outcome == "failed":
        message = "\n".join(headline(mismatch) for mismatch in result.mismatches)
        ET.SubElement(case, "failure", message=_xml(message)).text = _xml(failure_text(result))
    if result.observation is not None and (text := printed_text(result.observation)):
        ET.SubElement(case, "system-out").text = _xml(text)
    return case


def _called(scenario: Scenario) -> dict[str, str]:
    path = _xml(shown_path(scenario.path))
    return {"classname": path, "file": path, "name": _xml(one_line(scenario.title))}


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", printable(text))
