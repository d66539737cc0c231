"""Reports on results: text for people, files for machines.

`explain` finds the failures in an observation. `failure` and `happened` lay out one failure as lines.
`causes` groups failures with the same cause. The reporters show all of this: `terminal` on the screen,
each of the others in a file. To add a format, add a file with a subclass of `FileReport` and a line in
the table below. The command-line option is derived from that line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STDOUT = Path("-")
"""A report with this path is written to stdout."""


@dataclass(frozen=True)
class Format:
    """A report file: `name` is its option, and `reporter` is its class as `package.module.Class`.

    The class is a name and not an import, so that the command line can list its options without slow imports.
    """

    name: str
    summary: str
    reporter: str


FORMATS: tuple[Format, ...] = (
    Format("json", "results as JSON", "harness.report.json_report.JsonReport"),
    Format("junit", "results as JUnit XML", "harness.report.junit.JUnitReport"),
    Format("html", "results as an HTML page", "harness.html_report.HtmlReport"),
)
