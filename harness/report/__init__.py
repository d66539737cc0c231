"""Reports: results in, text for people and files for machines out.

`explain` finds in an observation what went wrong, `failure` and `happened` lay one failure out as lines,
`causes` finds those that have the same cause, and the reporters show it: `terminal` on the screen, the others
each in a file. A new format is a file here with a subclass of `FileReport`, and a line below; its option of
the command line follows from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STDOUT = Path("-")
"""A report with this path is written to stdout."""


@dataclass(frozen=True)
class Format:
    """A report in a file: `name` is its option, `reporter` its class as `package.module.Class`.

    It is named and not imported: the command line knows its options before anything slow is imported.
    """

    name: str
    summary: str
    reporter: str


FORMATS: tuple[Format, ...] = (
    Format("json", "results as JSON", "harness.report.json_report.JsonReport"),
    Format("junit", "results as JUnit XML", "harness.report.junit.JUnitReport"),
    Format("html", "results as one page for a browser", "harness.html_report.HtmlReport"),
)
